"""Citations and names of studies on pages that lead to the work, or to the study with the place of each number."""

import os
import re
from functools import cache
from pathlib import Path

from trialeukin.core.sources import bibliography, citation
from trialeukin.evidence.catalogue import own_studies

REFERENCE = Path("reference")
SOURCES, STUDIES = "sources.html", "studies.html"
SHORTEST = 12
"""Letters of a citation without a year that no sentence can hold by chance."""
LISTED = re.compile(r"\||\s*- ")
"""How a row of a table, or an item of a list, begins."""
CODE = re.compile(r"(`[^`]*`)")


def cited(text: str, page: Path, root: Path) -> str:
    """Return a page's text with each citation or name of a study in a row or an item of a list led to it.

    Parameters
    ----------
    text : str
        Markdown.
    page, root : Path
        Its file, and the folder of all pages.
    """
    if page.parent == root / REFERENCE:
        return text
    reference = Path(os.path.relpath(root / REFERENCE, page.parent)).as_posix()

    def link(match: re.Match[str]) -> str:
        return f'<a href="{reference}/{places()[match[0]]}">{match[0]}</a>'

    def linked(line: str) -> str:
        return "".join(part if part.startswith("`") else pattern().sub(link, part) for part in CODE.split(line))

    return "\n".join(linked(line) if LISTED.match(line) else line for line in text.split("\n"))


@cache
def places() -> dict[str, str]:
    """Return where each citation that can be told from other words, and each name of a study, leads."""
    found = {citation(key): key for key in bibliography().entries}
    works = {
        words: f"{SOURCES}#{key}" for words, key in found.items() if re.search(r"\d", words) or len(words) >= SHORTEST
    }
    return {name: f"{STUDIES}#{name}" for name in own_studies()} | works


@cache
def pattern() -> re.Pattern[str]:
    """Return what finds citations and names of studies, the longest first."""
    words = "|".join(re.escape(each) for each in sorted(places(), key=len, reverse=True))
    return re.compile(rf"(?<![\w\[])(?:{words})(?!\w)")
