"""Where studies and assessments that a user adds are kept."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin.core.errors import InputError

Directory = Annotated[
    Path | None,
    typer.Option("--directory", metavar="DIR", help="Your own studies; see 'evidence add'.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def own_directory() -> Path:
    """Return where studies that a user adds are kept."""
    return Path(typer.get_app_dir("trialeukin")) / "evidence"


def write_file(path: Path, data: bytes) -> None:
    """Write a figure where the user asked for it.

    Raises
    ------
    InputError
        When it cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as fault:
        raise InputError(f"{path} cannot be written ({fault.strerror}): name another file with -o") from None
