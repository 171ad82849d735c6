"""What a command on hazard ratios pools: a pool with a name, or all studies that meet criteria."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any

import typer

from trialeukin.cli.evidence_directory import POOLS, OfDisease, OfLineage, OfSetting
from trialeukin.cli.terminal import results
from trialeukin.cli.usage import choices_of
from trialeukin.core.errors import InputError
from trialeukin.evidence.catalogue import added_to
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria
from trialeukin.evidence.vocabulary import Design, Role
from trialeukin.report.wording import listed

USUAL, WIDEST = "aml-cr1", "aml-cr1-all"
PLACE = "choice"
CRITERIA: Mapping[str, Any] = {
    "role": Annotated[
        Role | None,
        typer.Option(
            case_sensitive=False, metavar="ROLE", help=f"Role of the treated arm: {', '.join(choices_of(Role))}."
        ),
    ],
    "lineage": OfLineage,
    "setting": OfSetting,
    "disease": OfDisease,
    "comparator": Annotated[
        Role | None,
        typer.Option(
            case_sensitive=False,
            metavar="ROLE",
            help="Role of the arm it is compared with, from the same; control where left out.",
        ),
    ],
    "design": Annotated[
        Design | None,
        typer.Option(
            case_sensitive=False,
            metavar="DESIGN",
            help=f"How studies were made: {', '.join(choices_of(Design))}; randomised where left out.",
        ),
    ],
}
Exclude = Annotated[list[str] | None, typer.Option(metavar="STUDY", help="Leave a study out; repeatable.")]


def with_choice(usual: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command, in the place of its parameter ``choice``, the options that say what it pools.

    Parameters
    ----------
    usual : str
        The pool where nothing is chosen.
    """
    named = typer.Option("--pool", metavar="NAME", help=f"{POOLS[:-1]}; {usual} where nothing is chosen.")
    options = {"pool": Annotated[str | None, named], **CRITERIA, "exclude": Exclude}
    asked = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=option) for name, option in options.items()
    ]

    def given(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def called(**words: Any) -> None:
            chosen = {name: words.pop(name) for name in options}
            command(**{PLACE: _choice(usual, **chosen)}, **words)

        own = signature(command).parameters.values()
        every = [one for each in own for one in (asked if each.name == PLACE else [each])]
        vars(called)["__signature__"] = Signature(every)
        return called

    return given


def say_outside_of(choice: Choice, studies: Mapping[str, PublishedStudy]) -> None:
    """Say which of the user's own studies a choice of a pool with a name does not have."""
    own = added_to(studies)
    if own and choice.criteria is None:
        results().print(
            f"not in this pool, whose members are fixed: {listed(own)}, of your own; to have it, pool by criteria such "
            "as --role il2 --lineage myeloid --setting cr1",
            markup=False,
        )


def _choice(usual: str, *, pool: str | None, exclude: list[str] | None, **criteria: Any) -> Choice:
    """Return what a call asks for; the usual pool where it names none and gives no criteria.

    Raises
    ------
    InputError
        When criteria stand beside a pool with a name.
    """
    given = {key: value for key, value in criteria.items() if value is not None}
    if pool is not None and given:
        raise InputError(f"--pool {pool} has members of its own: leave out {', '.join(f'--{key}' for key in given)}")
    return Choice(
        pool=pool or usual,
        criteria=Criteria(**given) if given else None,
        exclude=tuple(name.upper() for name in exclude or ()),
    )
