"""The tables of a built page: what heads their columns, and where each of their rows leads."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path


@dataclass
class Row:
    """One row: the words of its cells, and the links in it."""

    cells: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@dataclass
class Table:
    """A head and rows."""

    head: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.figures: list[str] = []
        self.cell = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell, and note links and figures."""
        named = dict(attrs)
        if tag == "table":
            self.tables.append(Table())
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append(Row())
        elif tag in {"td", "th"}:
            self.cell = tag
            (self.tables[-1].head if tag == "th" else self.tables[-1].rows[-1].cells).append("")
        elif tag == "a" and self.cell == "td":
            self.tables[-1].rows[-1].links.append(named.get("href") or "")
        elif tag == "img" and (named.get("src") or "").endswith(".svg"):
            self.figures.append(named["src"] or "")

    def handle_endtag(self, tag: str) -> None:
        """End a cell; a row without cells was the head."""
        if tag in {"td", "th"}:
            self.cell = ""
        elif tag == "table":
            self.tables[-1].rows = [row for row in self.tables[-1].rows if row.cells]

    def handle_data(self, data: str) -> None:
        """Add to the words of the cell."""
        if self.cell:
            words = self.tables[-1].head if self.cell == "th" else self.tables[-1].rows[-1].cells
            words[-1] += data


def tables_and_figures(page: Path) -> tuple[list[Table], list[str]]:
    """Return the tables of a page of the site, and the files of its figures."""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader.tables, reader.figures
