"""A field of a form that shows one key of a TOML text, and what the key becomes when the field is filled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Path = tuple[str | int, ...]
Content = dict[str, Any]
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d*)?([eE][+-]?\d{1,3})?")
BETWEEN = re.compile(r"[,;\s]+")


class Kind(Enum):
    """How a field is typed, and what it holds."""

    LINE = "line"
    AREA = "area"
    NUMBER = "number"
    CHOICE = "choice"
    NUMBERS = "numbers"
    WORDS = "words"
    CHOSEN_WORDS = "chosen words"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A choice: what the text says for it, and its words."""

    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key.

    Attributes
    ----------
    path : tuple of str or int
        Where the key is.
    label, hint : str
        What stands above the field, and below.
    kind : Kind
        What it holds.
    value : str
        What it shows.
    options : tuple of Option
        What may be chosen.
    width : str
        Class of its width.
    """

    path: Path
    label: str
    kind: Kind
    value: str
    hint: str = ""
    options: tuple[Option, ...] = ()
    width: str = ""

    @property
    def name(self) -> str:
        """Its name in a request."""
        return name_of(self.path)

    @property
    def id(self) -> str:
        """Its name in the page."""
        return id_of(self.path)

    @property
    def is_choice(self) -> bool:
        """Whether it is chosen, not typed."""
        return self.kind in {Kind.CHOICE, Kind.CHOSEN_WORDS, Kind.FLAG}


def name_of(path: Path) -> str:
    """Return the name of a key in a request, such as ``arms.0.n``."""
    return ".".join(map(str, path))


def id_of(path: Path) -> str:
    """Return the name of a key in a page, such as ``arms-0-n``."""
    return "-".join(map(str, path))


def shown(value: Any) -> str:
    """Return what a field shows of a value; nothing of what it cannot show."""
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return str(value)


def filled(table: Content, field: Field, typed: str) -> None:
    """Put what was typed into a field into the table that its key is in.

    A field that shows what it showed leaves its key as it is; an empty one takes the key away. What is no number
    where one belongs stays a text, so that whoever reads the study says what is allowed.
    """
    key, plain = str(field.path[-1]), typed.replace("\r\n", "\n").strip()
    if plain == field.value.strip():
        return
    if plain:
        table[key] = _meant(field.kind, plain)
    else:
        table.pop(key, None)


def _meant(kind: Kind, typed: str) -> Any:
    match kind:
        case Kind.NUMBER:
            return number(typed)
        case Kind.NUMBERS:
            return [number(part) for part in BETWEEN.split(typed) if part]
        case Kind.WORDS | Kind.CHOSEN_WORDS:
            return [part.strip() for part in typed.split(",") if part.strip()]
        case Kind.FLAG:
            return {"true": True, "false": False}.get(typed, typed)
        case _:
            return typed


def number(typed: str) -> int | float | str:
    """Return the number that a text is; the text itself where it is none."""
    plain = typed.strip()
    if NUMBER.fullmatch(plain) is None:
        return plain
    return int(plain) if plain.lstrip("+-").isdecimal() else float(plain)
