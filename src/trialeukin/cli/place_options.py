"""The options that say in whom regimens are followed, and with which parameters at other values."""

from typing import Annotated

import typer

from trialeukin.trial.background import BACKGROUNDS

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
