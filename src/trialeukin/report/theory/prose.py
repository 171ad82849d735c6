"""What a component's docstring says, from the markup of Python's documentation to Markdown."""

import inspect
import re
from textwrap import dedent

from trialeukin.model.component import Component
from trialeukin.report.wording import words

INLINE = re.compile(r":math:`([^`]+)`")
MODULE = re.compile(r"`trialeukin\.model\.components\.(\w+)`")
SECTION = re.compile(r"^\w+\n-{3,}", re.MULTILINE)  # from here on a docstring speaks to programmers
DISPLAY = re.compile(r"^\.\. math::[ ]*(.*)$")


def title_of(component: Component) -> str:
    """Return the name of a component in words: ``Il2Disposition`` is "IL-2 disposition"."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", type(component).__name__)
    return words(apart[:1] + apart[1:].lower())


def prose_of(component: Component) -> str:
    """Return what the docstring of a component says of biology as Markdown, its displays between ``$$``."""
    lines = SECTION.split(inspect.getdoc(type(component)) or "", maxsplit=1)[0].splitlines()
    text: list[str] = []
    while lines:
        line = lines.pop(0)
        display = DISPLAY.match(line)
        text += _display(display.group(1), lines) if display else [_inline(line)]
    return "\n".join(text).strip()


def _display(first: str, lines: list[str]) -> list[str]:
    """Take the indented lines of a display off the lines and return it."""
    block: list[str] = []
    while lines and (not lines[0].strip() or lines[0].startswith(" ")):
        block.append(lines.pop(0))
    body = dedent("\n".join([first, *block] if first else block)).strip()
    if "&" in body or r"\\" in body:
        body = f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
    return ["", f"$$\n{body}\n$$", ""]


def _inline(line: str) -> str:
    return MODULE.sub(lambda found: found.group(1).replace("_", " "), INLINE.sub(r"$\1$", line)).replace("``", "`")
