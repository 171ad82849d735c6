"""Writes the files that were asked for into a directory, each whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path

from trialeukin.core.errors import InputError, RunError


def json_text(document: object) -> str:
    """Return a document as people and programs read it."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def check_output(directory: Path) -> None:
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


def write_whole(directory: Path, contents: Mapping[str, str | bytes]) -> tuple[Path, ...]:
    """Write files by name and return where they are; those of an earlier call are replaced, nothing else is touched.

    Raises
    ------
    InputError
        When the place cannot be written to, or a directory has the name of a file.
    RunError
        When writing fails; files are then the earlier ones or missing, never a part.
    """
    check_output(directory)
    for name in contents:
        if (directory / name).is_dir():
            raise InputError(f"{directory / name} is a directory: name a file with -o")
    parts = {directory / name: directory / f".{name}.partial" for name in contents}
    try:
        for part, content in zip(parts.values(), contents.values(), strict=True):
            part.write_bytes(content.encode() if isinstance(content, str) else content)
        for path, part in parts.items():
            part.replace(path)
    except OSError as fault:
        raise RunError(f"writing {directory} failed ({fault.strerror}): name another directory with -o") from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return tuple(parts)
