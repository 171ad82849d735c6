"""The options that say in whom regimens are followed, and with which parameters at other values."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from trialeukin.regimen.course import Regimen
from trialeukin.trial.background import BACKGROUNDS, Background, background, background_for
from trialeukin.trial.changed_background import changed

InPlace = Annotated[
    str | None,
    typer.Option(
        "--in",
        metavar="PLACE",
        help=f"In whom: {', '.join(each.name for each in BACKGROUNDS)}; the first that takes all drugs.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="A parameter of the model at another value, such as 'il2_linear_clearance=x2' or "
        "'il2_linear_clearance=9 L/h/m^2'; repeatable.",
    ),
]


def place_of(regimens: Iterable[Regimen], where: str | None, settings: Sequence[str] | None) -> Background:
    """Return in whom regimens are followed: as was asked, or the first place whose model takes their drugs."""
    return changed(background(where) if where else background_for(regimens), settings or ())
