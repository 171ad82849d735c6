"""Writes the files that were asked for into a directory, each whole or not at all."""

import json
from collections.abc import Iterable, Mapping
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


def check_csv_output(output: Path, read: Iterable[Path], *, rows: str, given: str) -> None:
    """Refuse a name for rows that is not of a CSV file, or is of a file that is read.

    Parameters
    ----------
    output : Path
        The name.
    read : iterable of Path
        Files that are read.
    rows, given : str
        What messages call the rows, and those files with their verb, such as ``this file is``.

    Raises
    ------
    InputError
        When it is.
    """
    if output.suffix.lower() != ".csv":
        raise InputError(f"-o {output}: {rows} are written as .csv: end the name with it")
    if output.resolve() in {path.resolve() for path in read}:
        raise InputError(f"-o {output}: {given} read: give the {rows} another name")


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
