"""Pieces of Markdown that pages of validation are made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from trialeukin.report.table import Table


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numeric: int = 0) -> list[str]:
    """Return the lines of a table whose columns from ``numeric`` on are numbers."""
    return _ruled(head, rows, [place >= numeric for place in range(len(head))])


def written(shown: Table) -> list[str]:
    """Return the lines of a table with its caption above."""
    lines = _ruled(shown.head, shown.rows, [shown.is_numeric(place) for place in range(len(shown.head))])
    return ["", f"{shown.caption}:", *lines]


def _ruled(head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> list[str]:
    rule = "|".join("--:" if right else "---" for right in numeric)
    return ["", f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows), ""]


def filled(text: str, parts: Mapping[str, str]) -> str:
    """Return a page's text with every ``<!-- name -->`` replaced by the part of that name.

    Raises
    ------
    ValueError
        When the text has no place for a part.
    """
    for name, part in parts.items():
        if (place := f"<!-- {name} -->") not in text:
            raise ValueError(f"the page has no {place}")
        text = text.replace(place, part)
    return text


def shortened(value: Any, *, digits: int) -> Any:
    """Return a document with its numbers to so many significant digits, so that no processor's last bits show."""
    if isinstance(value, dict):
        return {key: shortened(each, digits=digits) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [shortened(each, digits=digits) for each in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value
