"""A table of texts that fits its reader: no word is cut and no number broken, however narrow the terminal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

GAP = 2  # blanks between columns
INDENT = 2
NUMBER = re.compile(r"[<+\u2212-]?\d[\d.,]*( %)?( \(|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table as wide as it is; on a narrow terminal wrapped between words, else turned, else a record a row.

    Attributes
    ----------
    title : str
        What stands above it; nothing where empty.
    head : tuple of str
        Names of the columns.
    rows : tuple of tuple of str
        Cells.
    numeric : tuple of int
        The columns that stand right, counted from zero.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it; no line ends in blanks."""
        if self.title:
            yield Text(self.title, style="bold")
        for drawn in self._drawn(options.max_width):
            for line in console.render_lines(drawn, options, pad=False):
                yield from _without_end(line)
                yield Segment.line()

    def _drawn(self, room: int) -> Iterator[Table]:
        for each in (self, self._turned()):
            if (widths := each._widths(room)) is not None:
                yield each._table(widths)
                return
        for row in self.rows:
            yield from self._record(row, room)

    def _turned(self) -> "Sheet":
        """Return the table with its columns as rows."""
        first, *others = zip(self.head, *self.rows, strict=True)
        return replace(
            self, head=first, rows=tuple(others), numeric=tuple(range(1, len(first))) if self.numeric else ()
        )

    def _widths(self, room: int) -> tuple[int, ...] | None:
        """Return columns as wide as they may be, none below what it keeps whole; None where these have no room."""
        columns = tuple(zip(self.head, *self.rows, strict=True))
        whole = [max(map(cell_len, cells)) for cells in columns]
        least = [max(cell_len(part) for cell in cells for part in _kept_whole(cell)) for cells in columns]
        left = room - GAP * (len(columns) - 1)
        for most in range(max(whole), -1, -1):
            widths = tuple(max(low, min(most, high)) for low, high in zip(least, whole, strict=True))
            if sum(widths) <= left:
                return widths
        return None

    def _table(self, widths: Sequence[int]) -> Table:
        drawn = _columns()
        for column, (name, width) in enumerate(zip(self.head, widths, strict=True)):
            drawn.add_column(Text(name), justify="right" if column in self.numeric else "left", width=width)
        for row in self.rows:
            drawn.add_row(*map(Text, row))
        return drawn

    def _record(self, row: Sequence[str], room: int) -> Iterator[Table]:
        """Return a row as its first cell and, below it, a line for each other cell that holds something."""
        above = _columns()
        above.add_column(Text(row[0] or "\u2013"), width=room)
        yield above
        width = INDENT + max(map(cell_len, self.head[1:]))
        below = _columns(head=False)
        below.add_column(width=width)
        below.add_column(width=max(room - width - GAP, 1))
        for name, cell in zip(self.head[1:], row[1:], strict=True):
            if cell:
                below.add_row(Text(" " * INDENT + name), Text(cell))
        yield below


def _kept_whole(cell: str) -> Sequence[str]:
    """Return what of a cell stands in one line: a number with its limits, else each word."""
    return (cell,) if NUMBER.match(cell) else cell.split() or ("",)


def _columns(*, head: bool = True) -> Table:
    return Table(box=None, pad_edge=False, padding=(0, GAP // 2), show_header=head)


def _without_end(line: Sequence[Segment]) -> list[Segment]:
    """Return a line without the blanks at its end."""
    kept = list(line)
    while kept and not kept[-1].text.rstrip():
        kept.pop()
    return [*kept[:-1], Segment(kept[-1].text.rstrip(), kept[-1].style)] if kept else []
