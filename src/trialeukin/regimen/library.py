"""Regimens of published studies, each a text file with its title, its sources and what is assumed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from trialeukin.core.errors import RegimenError
from trialeukin.core.sources import Source
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.parse import parse
from trialeukin.regimen.render import render
from trialeukin.regimen.suggest import did_you_mean

SUFFIX = ".regimen"
LIBRARY = "library:"
"""What stands before the name of a regimen of the library where a text could stand."""
HEADER = re.compile(r"#\s*(?P<field>title|source|assumed|missing):\s*(?P<text>.*)")
GOES_ON = re.compile(r"#\s{3,}(?P<text>\S.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A regimen of the library with what its file says about it.

    Attributes
    ----------
    name : str
        What it is called on the command line.
    title : str
        The study and the treatment.
    sources : tuple of Source
        Where the doses and days come from.
    assumed : tuple of str
        What the sources do not state and the file settles.
    missing : tuple of str
        What the sources do not state and the file leaves open.
    text : str
        The file as it is.
    """

    name: str
    title: str
    sources: tuple[Source, ...]
    assumed: tuple[str, ...]
    missing: tuple[str, ...]
    text: str


@cache
def names() -> tuple[str, ...]:
    """Return the names of all regimens of the library, sorted."""
    files = resources.files("trialeukin.regimen").joinpath("library").iterdir()
    return tuple(sorted(file.name.removesuffix(SUFFIX) for file in files if file.name.endswith(SUFFIX)))


@cache
def entry(name: str) -> Entry:
    """Return a regimen of the library with what its file says about it.

    Raises
    ------
    RegimenError
        When the library has no regimen of that name.
    """
    if name not in names():
        suggestion = did_you_mean(name, names())
        raise RegimenError(f"no regimen {name!r} in the library: it has {', '.join(names())}{suggestion}")
    file = resources.files("trialeukin.regimen").joinpath("library", name + SUFFIX)
    text = file.read_text(encoding="utf-8")
    said = _header(text)
    sources = tuple(Source(*(part.strip() for part in each.split(",", 1))) for each in said["source"])
    return Entry(
        name=name,
        title=" ".join(said["title"]),
        sources=sources,
        assumed=tuple(said["assumed"]),
        missing=tuple(said["missing"]),
        text=text,
    )


@cache
def load(name: str) -> Regimen:
    """Return a regimen of the library.

    Raises
    ------
    RegimenError
        When the library has no regimen of that name.
    """
    return parse(entry(name).text, name=name + SUFFIX)


def regimen_of(text: str, *, name: str = "regimen", check: Callable[[Regimen], None] | None = None) -> Regimen:
    """Return the regimen that a text prescribes; ``library:NAME`` may be followed by more clauses."""
    bare = text.partition(";")[0].strip()
    if bare.lower() in names():
        raise RegimenError(f"{name}: {bare!r} is a name of the library: write '{LIBRARY}{bare.lower()}'")
    if not text.strip().startswith(LIBRARY):
        return parse(text, name=name, check=check)
    key, _, more = text.strip().removeprefix(LIBRARY).partition(";")
    published = load(key.strip())
    return parse(f"{render(published)}; {more.strip()}", name=name, check=check) if more.strip() else published


def _header(text: str) -> dict[str, list[str]]:
    """Return what the comments of a file say by field; a line indented by three blanks goes on."""
    said: dict[str, list[str]] = {"title": [], "source": [], "assumed": [], "missing": []}
    current: list[str] = []
    for line in text.splitlines():
        if found := HEADER.fullmatch(line.strip()):
            current = said[found["field"]]
            current.append(found["text"].strip())
        elif current and (more := GOES_ON.fullmatch(line.strip())):
            current[-1] = f"{current[-1]} {more['text'].strip()}"
    return said
