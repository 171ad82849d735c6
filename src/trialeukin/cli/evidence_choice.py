"""What a command on hazard ratios pools: a pool with a name, or all studies that meet criteria."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from trialeukin.cli.evidence_directory import POOLS
from trialeukin.cli.terminal import results
from trialeukin.cli.usage import choices_of
from trialeukin.core.errors import InputError
from trialeukin.evidence.catalogue import added_to
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Criteria
from trialeukin.evidence.vocabulary import Design, Role
from trialeukin.report.wording import listed

OfRole = Annotated[
    Role | None,
    typer.Option(case_sensitive=False, metavar="ROLE", help=f"Role of the treated arm: {', '.join(choices_of(Role))}."),
]
OfComparator = Annotated[
    Role | None,
    typer.Option(
        case_sensitive=False,
        metavar="ROLE",
        help="Role of the arm it is compared with, from the same; control where left out.",
    ),
]
OfDesign = Annotated[
    Design | None,
    typer.Option(
        case_sensitive=False,
        metavar="DESIGN",
        help=f"How studies were made: {', '.join(choices_of(Design))}; randomised where left out.",
    ),
]
Exclude = Annotated[list[str] | None, typer.Option(metavar="STUDY", help="Leave a study out; repeatable.")]
USUAL, WIDEST = "aml-cr1", "aml-cr1-all"


def _pool_option(usual: str) -> Any:
    return typer.Option("--pool", metavar="NAME", help=f"{POOLS[:-1]}; {usual} where nothing is chosen.")


OfPool = Annotated[str | None, _pool_option(USUAL)]
OfWidestPool = Annotated[str | None, _pool_option(WIDEST)]


def say_outside(studies: Mapping[str, PublishedStudy], way_out: str) -> None:
    """Say which of the user's own studies a pool with fixed members does not have."""
    if own := added_to(studies):
        results().print(
            f"not in this pool, whose members are fixed: {listed(own)}, of your own; to have it, {way_out}",
            markup=False,
        )


def say_outside_of(choice: Choice, studies: Mapping[str, PublishedStudy]) -> None:
    """Say which of the user's own studies a choice of a pool with a name does not have."""
    if choice.criteria is None:
        say_outside(studies, "pool by criteria such as --role il2 --lineage myeloid --setting cr1")


def choice_of(pool: str | None, exclude: list[str] | None, *, usual: str, **criteria: Any) -> Choice:
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
