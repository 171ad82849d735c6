"""The links of the built site: which lead nowhere, and which lead away from it."""

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}
"""What a browser gets by itself when it shows a page."""


class _Reader(HTMLParser):
    """Collects the ids of a page, its links, and what a browser fetches for it."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names and where it leads."""
        for name, value in attrs:
            if value is None:
                continue
            if name == "id":
                self.ids.add(value)
            elif (tag, name) in FETCHED:
                self.fetched.append(value)
            elif (tag, name) == ("a", "href"):
                self.links.append(value)


@cache
def pages_of(site: Path) -> dict[Path, _Reader]:
    """Return every page of a site as it was read."""
    read = {}
    for path in sorted(site.rglob("*.html")):
        read[path.resolve()] = reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
    return read


def broken(site: Path) -> Iterator[str]:
    """Give each link within a site that leads to no file, or to no place in its page."""
    pages = pages_of(site)
    for path, reader in pages.items():
        for link in (*reader.links, *reader.fetched):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            ids = pages[target].ids if target in pages else set()
            if not target.exists() or (parts.fragment and target in pages and unquote(parts.fragment) not in ids):
                yield f"{path.relative_to(site.resolve())}: {link}"


def fetched_from_elsewhere(site: Path) -> Iterator[str]:
    """Give each thing that a browser would fetch from another machine."""
    for path, reader in pages_of(site).items():
        for link in reader.fetched:
            parts = urlsplit(link)
            if parts.netloc or (parts.scheme and parts.scheme != "data"):
                yield f"{path.relative_to(site.resolve())}: {link}"
    for path in sorted(site.rglob("*.css")):
        if any(word in path.read_text(encoding="utf-8") for word in ("url(http", "url(//", "@import")):
            yield f"{path.relative_to(site)}: a style sheet that fetches"
