"""Pieces of Markdown that pages of validation are made of."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numeric: int = 0) -> list[str]:
    """Return the lines of a table whose columns from ``numeric`` on are numbers."""
    rule = "|".join("---" if place < numeric else "--:" for place in range(len(head)))
    return ["", f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows), ""]
