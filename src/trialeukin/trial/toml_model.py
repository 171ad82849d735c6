"""Reads a TOML text into a pydantic model; what is wrong is said with its place, its value and the way out."""

import difflib
import re
import tomllib
import types
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from trialeukin.core.errors import Fault, StudyError
from trialeukin.core.text_file import read_text
from trialeukin.trial.section import KeyPathError
from trialeukin.trial.toml_place import line_of

Place = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
MOST_FAULTS = 40


def text_of(path: Path) -> tuple[str, bytes]:
    """Return the text of a TOML file and its bytes.

    Raises
    ------
    StudyError
        When there is no such file, it cannot be read, or it is not UTF-8.
    """
    return read_text(path, kind="TOML file", wanted="a study's TOML file", error=StudyError)


def model_from_text(model: type[Model], text: str, *, name: str) -> Model:
    """Return the value of a model that a TOML text writes; ``name`` is what errors call the text.

    Raises
    ------
    StudyError
        Every fault on a line of its own, with the line of the key, or of the table it is missing from.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise _malformed(text, name, fault) from None
    except (ValueError, RecursionError) as fault:
        raise StudyError(f"{name}: not TOML that can be read: {str(fault).split(';')[0]}") from None
    try:
        return model.model_validate(content)
    except ValidationError as fault:
        errors = _innermost(fault.errors())
        found = [pointed(text, name, *_explain(model, error)) for error in errors[:MOST_FAULTS]]
        lines = [str(error) for error in found]
        lines += [f"{name}: and {len(errors) - MOST_FAULTS:,} more like these"] if len(errors) > MOST_FAULTS else []
        raise StudyError("\n".join(lines), [one for error in found for one in error.faults]) from None


def pointed(text: str, name: str, place: Place, message: str) -> StudyError:
    """Return the error with the line of the key at a place in front of its message and the line itself below."""
    line = line_of(text, place)
    where = f"{name}, line {line}" if line else name
    shown = f"\n  | {text.splitlines()[line - 1].strip()}" if line else ""
    first, *more = message.splitlines()
    rest = "".join(f"\n{part}" for part in more)
    said = f"{_dotted(place)}: {first}{rest}"
    return StudyError(f"{where}: {said}{'' if more else shown}", [Fault(message=said, line=line, path=place)])


def _malformed(text: str, name: str, fault: tomllib.TOMLDecodeError) -> StudyError:
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(fault))
    reason = str(fault).split(" (at")[0]
    message = f"not TOML: {reason[0].lower()}{reason[1:]}; text needs quotes, a table's name [brackets]"
    if place is None:
        return StudyError(f"{name}: {message}", [Fault(message=message)])
    line, column = int(place.group(1)), int(place.group(2))
    shown = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    spot = Fault(message=message, line=line, column=column, width=1)
    return StudyError(f"{name}, line {line}: {message}\n  | {shown}\n  | {' ' * (column - 1)}^", [spot])


def _innermost(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what is said of a table only because something in it is at fault."""
    places = [tuple(error["loc"]) for error in errors]
    above = {place[:length] for place in places for length in range(len(place))}
    return [error for error, place in zip(errors, places, strict=True) if place not in above]


def _explain(model: type[BaseModel], error: ErrorDetails) -> tuple[Place, str]:
    """Return the place of the key at fault and what is wrong with it."""
    place: Place = tuple(error["loc"])
    kind = error["type"]
    inner = error.get("ctx", {}).get("error")
    if isinstance(inner, KeyPathError):
        return (*place, *inner.path), str(inner)
    if kind == "extra_forbidden":
        return place, _unknown(model, place)
    wanted = _description(model, place)
    if kind == "missing":
        return place, f"missing: give {wanted}"
    return place, f"{_shown(error['input'])} is not understood here: give {wanted}"


def _unknown(model: type[BaseModel], place: Place) -> str:
    known = list(_model_at(model, place[:-1]).model_fields)
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown key: known here are {', '.join(known)}{hint}"


def _dotted(place: Place) -> str:
    words = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place]
    return "".join(words).lstrip(".")


def _shown(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        return f"{len(value)} table{'s' if len(value) > 1 else ''}"
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _description(model: type[BaseModel], place: Place) -> str:
    names = [index for index, part in enumerate(place) if isinstance(part, str)]
    for last in reversed(names):
        field = _model_at(model, place[:last]).model_fields.get(str(place[last]))
        if field is not None and field.description:
            return field.description
    return "a value of another kind"


def _model_at(model: type[BaseModel], place: Place) -> type[BaseModel]:
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
    if get_origin(annotation) in {tuple, dict, Union, types.UnionType}:
        return next((found for part in get_args(annotation) if (found := _inner(part))), None)
    return None
