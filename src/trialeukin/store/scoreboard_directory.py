"""Writes the scoreboard's page and document into a directory, each whole or not at all."""

import json
from pathlib import Path
from typing import Any

from trialeukin.core.errors import InputError, RunError

PAGE, DOCUMENT = "validation.html", "validation.json"


def check_scoreboard_directory(directory: Path) -> None:
    """Refuse a place that cannot be written to; ask before the work.

    Raises
    ------
    InputError
        When it is a file, or cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputError(
            f"{directory} cannot be made a directory ({fault.strerror}): name another one with -o"
        ) from None


def write_scoreboard(directory: Path, *, page: str, document: dict[str, Any]) -> None:
    """Write both files; those of an earlier scoreboard are replaced, nothing else is touched.

    Raises
    ------
    RunError
        When writing fails; a file is then the earlier one or missing, never a part.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    try:
        for name, content in ((PAGE, page), (DOCUMENT, f"{text}\n")):
            partial = directory / f".{name}.partial"
            partial.write_text(content, encoding="utf-8")
            partial.replace(directory / name)
    except OSError as fault:
        raise RunError(f"writing {directory} failed ({fault.strerror}): name another directory with -o") from fault
