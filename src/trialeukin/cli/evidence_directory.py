"""Where studies and assessments that a user adds are kept."""

from pathlib import Path
from typing import Annotated

import typer

Directory = Annotated[
    Path | None, typer.Option("--directory", metavar="DIR", help="Your own studies; see 'add'.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def own_directory() -> Path:
    """Return where studies that a user adds are kept."""
    return Path(typer.get_app_dir("trialeukin")) / "evidence"
