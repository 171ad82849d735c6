"""Where studies and assessments that a user adds are kept."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.usage import choices_of, path_given
from trialeukin.core.errors import InputError
from trialeukin.evidence.disease import NamedDisease
from trialeukin.evidence.selection import named_pools
from trialeukin.evidence.vocabulary import Lineage, Setting
from trialeukin.trial.endpoint import Endpoint

POOLS = f"A pool with a name: {', '.join(named_pools())}."
NewDirectory = Annotated[
    Path | None,
    typer.Option("--directory", parser=path_given, metavar="DIR", help="Where to keep it; your own place if left out."),
]
OfLineage = Annotated[
    Lineage | None,
    typer.Option(
        case_sensitive=False, metavar="LINEAGE", help=f"Lineage of the disease: {', '.join(choices_of(Lineage))}."
    ),
]
OfSetting = Annotated[
    Setting | None,
    typer.Option(
        case_sensitive=False, metavar="SETTING", help=f"When IL-2 was given: {', '.join(choices_of(Setting))}."
    ),
]
OfDisease = Annotated[
    NamedDisease | None,
    typer.Option(
        case_sensitive=False, metavar="DISEASE", help=f"The patients' disease: {', '.join(choices_of(NamedDisease))}."
    ),
]
Outcome = Annotated[
    Endpoint,
    typer.Option(case_sensitive=False, metavar="OUTCOME", help="lfs or os: leukaemia-free or overall survival."),
]


def own_directory() -> Path:
    """Return where studies that a user adds are kept."""
    return Path(typer.get_app_dir("trialeukin")) / "evidence"


def _there(given: Path | None) -> Path | None:
    """Refuse a directory that is not there: without it studies that were meant to be in would be missed in silence."""
    if given is not None and not given.is_dir():
        raise InputError(f"--directory {given}: there is no such directory: 'trialeukin evidence add' makes it")
    return given


Directory = Annotated[
    Path | None,
    typer.Option(
        "--directory",
        parser=path_given,
        metavar="DIR",
        help="Your own studies; see 'evidence add'.",
        show_default=False,
        callback=_there,
    ),
]
