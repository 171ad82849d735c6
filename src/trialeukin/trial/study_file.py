"""Reads a study file; what is wrong with it is said with its place, its value and the way out."""

import difflib
import hashlib
import re
import tomllib
import types
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from trialeukin.core.errors import StudyError
from trialeukin.trial.arm_plan import plan_arms
from trialeukin.trial.section import KeyPathError
from trialeukin.trial.study import Study
from trialeukin.trial.toml_place import line_of

Place = tuple[str | int, ...]


def load_study(path: Path | str) -> Study:
    """Return the study that a file describes, with every arm's regimen and the cohort looked at.

    Raises
    ------
    StudyError
        When the file cannot be read or does not describe a study that can be run.
    """
    text, digest = _text(Path(path))
    study = study_from_text(text, name=str(path))
    return study.with_digest(digest)


def study_from_text(text: str, *, name: str = "study") -> Study:
    """Return the study that a TOML text describes; ``name`` is what errors call the text."""
    if not text.strip():
        raise StudyError(f"{name}: the file is empty: it needs the tables [study], [population], [[arms]] ...")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise StudyError(_malformed(text, name, fault)) from None
    try:
        study = Study.model_validate(content)
    except ValidationError as fault:
        faults = [_explain(text, name, error) for error in _innermost(fault.errors())]
        raise StudyError("\n".join(faults)) from None
    try:
        plan_arms(study)
    except KeyPathError as fault:
        raise StudyError(_pointed(text, name, fault.path, str(fault))) from None
    return study


def _text(path: Path) -> tuple[str, str]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StudyError(f"{path}: there is no such file: give the path of a study's TOML file") from None
    except OSError as fault:
        raise StudyError(f"{path}: the file cannot be read ({fault.strerror}): give a readable TOML file") from None
    try:
        return data.decode("utf-8"), hashlib.sha256(data).hexdigest()
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        byte = data[fault.start]
        raise StudyError(f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8: save the file as UTF-8") from None


def _malformed(text: str, name: str, fault: tomllib.TOMLDecodeError) -> str:
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(fault))
    reason = str(fault).split(" (at")[0]
    message = f"not TOML: {reason[0].lower()}{reason[1:]}; text needs quotes, a table's name [brackets]"
    if place is None:
        return f"{name}: {message}"
    line, column = int(place.group(1)), int(place.group(2))
    shown = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    return f"{name}, line {line}: {message}\n  | {shown}\n  | {' ' * (column - 1)}^"


def _innermost(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what is said of a table only because something in it is at fault."""
    places = [tuple(error["loc"]) for error in errors]
    return [
        error
        for error, place in zip(errors, places, strict=True)
        if not any(len(other) > len(place) and other[: len(place)] == place for other in places)
    ]


def _explain(text: str, name: str, error: ErrorDetails) -> str:
    place: Place = tuple(error["loc"])
    kind = error["type"]
    inner = error.get("ctx", {}).get("error")
    if isinstance(inner, KeyPathError):
        place = (*place, *inner.path)
        return _pointed(text, name, place, str(inner))
    if kind == "extra_forbidden":
        return _pointed(text, name, place, _unknown(place))
    wanted = _description(place)
    if kind == "missing":
        return _pointed(text, name, place, f"missing: give {wanted}")
    return _pointed(text, name, place, f"{_shown(error['input'])} is not understood here: give {wanted}")


def _unknown(place: Place) -> str:
    known = list(_model_at(place[:-1]).model_fields)
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown key: known here are {', '.join(known)}{hint}"


def _pointed(text: str, name: str, place: Place, message: str) -> str:
    line = line_of(text, place)
    where = f"{name}, line {line}" if line else name
    shown = f"\n  | {text.splitlines()[line - 1].strip()}" if line else ""
    first, *more = message.splitlines()
    rest = "".join(f"\n{part}" for part in more)
    return f"{where}: {_dotted(place)}: {first}{rest if more else shown}"


def _dotted(place: Place) -> str:
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place]
    return "".join(words).lstrip(".")


def _shown(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        return f"{len(value)} table{'s' if len(value) > 1 else ''}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _description(place: Place) -> str:
    names = [index for index, part in enumerate(place) if isinstance(part, str)]
    for last in reversed(names):
        field = _model_at(place[:last]).model_fields.get(str(place[last]))
        if field is not None and field.description:
            return field.description
    return "a value of another kind"


def _model_at(place: Place) -> type[BaseModel]:
    model: type[BaseModel] = Study
    for part in place:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        inner = _inner(field.annotation) if field else None
        if inner is None:
            return model
        model = inner
    return model


def _inner(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {tuple, Union, types.UnionType}:
        return next((found for part in get_args(annotation) if (found := _inner(part))), None)
    return None
