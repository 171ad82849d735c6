"""A small table of the page: what stands in its head, its rows and its caption."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text under a head.

    Attributes
    ----------
    caption : str
        What the table holds, with the units that its head does not name.
    head : tuple of str
        One a column; the first column names the row.
    rows : tuple of tuples of str
        As many cells a row as the head has.
    numeric : tuple of bool
        Whether each column holds numbers, which stand right; empty for all but the first.
    folded : bool
        Whether the page shows only the caption until it is opened.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...] = ()
    folded: bool = False

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(f"row {row!r} has {len(row)} cells under {len(self.head)} heads")

    def is_numeric(self, column: int) -> bool:
        """Say whether a column, counted from zero, holds numbers."""
        return column > 0 if not self.numeric else self.numeric[column]
