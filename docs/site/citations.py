"""Citations in tables of pages that lead to the work on the page of sources."""

import os
import re
from functools import cache
from pathlib import Path

from trialeukin.core.sources import bibliography, citation

SOURCES = Path("reference") / "sources"
SHORTEST = 12
"""Letters of a citation without a year that no sentence can hold by chance."""


def cited(text: str, page: Path, root: Path) -> str:
    """Return a page's text with each citation in a row of a table led to its work.

    Parameters
    ----------
    text : str
        Markdown.
    page, root : Path
        Its file, and the folder of all pages.
    """
    if page.with_suffix("") == root / SOURCES:
        return text
    sources = Path(os.path.relpath(root / SOURCES, page.parent)).as_posix() + ".html"

    def link(match: re.Match[str]) -> str:
        return f'<a href="{sources}#{keys()[match[0]]}">{match[0]}</a>'

    lines = text.split("\n")
    return "\n".join(pattern().sub(link, line) if line.startswith("|") else line for line in lines)


@cache
def keys() -> dict[str, str]:
    """Return the key of each citation that can be told from other words."""
    found = {citation(key): key for key in bibliography().entries}
    return {words: key for words, key in found.items() if re.search(r"\d", words) or len(words) >= SHORTEST}


@cache
def pattern() -> re.Pattern[str]:
    """Return what finds citations, the longest first."""
    words = "|".join(re.escape(each) for each in sorted(keys(), key=len, reverse=True))
    return re.compile(rf"(?<![\w\[])(?:{words})(?!\w)")
