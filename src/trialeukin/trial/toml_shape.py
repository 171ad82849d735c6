"""Refuses texts whose shape alone makes a TOML reader slow or fail: nested too deeply, keys of too many parts.

The reader of the standard library recurses once a bracket, and takes time in proportion to the square of the
parts of a dotted key: 60 kB of either is a crash, or half a minute.
"""

import re

from trialeukin.core.errors import Fault, StudyError

DEEPEST, LONGEST_KEY = 16, 16
QUOTED = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"{3,5}|\\?\Z)|'
    r"'{3}.*?(?:'{3,5}|\Z)|"
    r'"(?:\\.|[^"\\\n])*+"?|'
    r"'[^'\n]*+'?|"
    r"#[^\n]*",
    re.DOTALL,
)
"""A string of each of the four kinds, closed or not, or a comment; none is looked at twice."""
RUN = re.compile(r"[\w \t.-]+")
OPENING, CLOSING = frozenset("[{"), frozenset("]}")


def check_shape(text: str, *, name: str) -> None:
    """Refuse a text with brackets within brackets or keys with dots beyond what any study needs.

    Raises
    ------
    StudyError
        With the line where it is too much.
    """
    bare = QUOTED.sub(lambda quoted: f"a{_line_breaks(quoted.group())}", text)
    for run in RUN.finditer(bare):
        if run.group().count(".") >= LONGEST_KEY:
            raise _fault(bare, run.start(), name, f"a key of more than {LONGEST_KEY} parts: no table goes so deep")
    depth = 0
    for place, character in enumerate(bare):
        depth += (character in OPENING) - (character in CLOSING)
        if depth > DEEPEST:
            raise _fault(bare, place, name, f"more than {DEEPEST} brackets within each other: no table goes so deep")


def _line_breaks(text: str) -> str:
    return "\n" * text.count("\n")


def _fault(text: str, place: int, name: str, message: str) -> StudyError:
    line = text.count("\n", 0, place) + 1
    return StudyError(f"{name}, line {line}: {message}", [Fault(message=message, line=line)])
