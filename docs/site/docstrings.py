"""Docstrings as the site shows them: numpy's sections as definition lists, names as links."""

import inspect
import re
from collections.abc import Callable

HEADING = re.compile(r"^(\S.*)\n-{3,}$", flags=re.MULTILINE)
PIECE = re.compile(
    r"(?P<kept>``.+?``|:[a-z:]+:`[^`]+`|^\.\. math::.*(?:\n(?: .*)?$)*)|`(?P<name>[^`]+)`|(?P<sign>[|*])", re.M | re.S
)
"""What is left as it is, a name, and signs that would begin a substitution or emphasis."""

LISTED = {"Parameters", "Attributes", "Returns", "Raises", "Yields"}


def shown(docstring: str, resolve: Callable[[str], str | None]) -> str:
    """Return a docstring as reStructuredText.

    Parameters
    ----------
    docstring : str
        As it stands in the source.
    resolve : callable
        Gives the full name of a public thing that a word between backticks means here, or None.
    """

    def linked(match: re.Match[str]) -> str:
        if match["kept"]:
            return match["kept"]
        if match["sign"]:
            return f"\\{match['sign']}"
        full = resolve(match["name"])
        return f"``{match['name']}``" if full is None else f":py:obj:`{match['name']} <{full}>`"

    told = PIECE.sub(linked, inspect.cleandoc(docstring))
    head, *rest = HEADING.split(told)
    sections = zip(rest[::2], rest[1::2], strict=True)
    return "\n\n".join([head.strip(), *(_section(name, body) for name, body in sections)])


def _section(name: str, body: str) -> str:
    text = "\n".join(_term(line) for line in body.splitlines()) if name in LISTED else body
    return f".. rubric:: {name}\n   :class: part\n\n{text.strip()}"


def _term(line: str) -> str:
    """Return a line of a list; the name of what is explained stands out, and nothing in it is markup."""
    if not line.strip() or line.startswith(" "):
        return line
    name, colon, kind = line.partition(" : ")
    return f"**{name}**{colon}{kind}"
