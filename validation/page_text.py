"""Pieces of Markdown that pages of validation are made of."""

from collections.abc import Mapping, Sequence
from typing import Any

from trialeukin.report.table import Table


def table(head: Sequence[str], rows: Sequence[Sequence[str]], numeric: int = 0) -> list[str]:
    """Return the lines of a table whose columns from ``numeric`` on are numbers."""
    rule = "|".join("---" if place < numeric else "--:" for place in range(len(head)))
    return ["", f"| {' | '.join(head)} |", f"|{rule}|", *(f"| {' | '.join(row)} |" for row in rows), ""]


def written(shown: Table) -> list[str]:
    """Return the lines of a table with its caption above."""
    rule = "|".join("--:" if shown.is_numeric(place) else "---" for place in range(len(shown.head)))
    rows = [f"| {' | '.join(row)} |" for row in shown.rows]
    return ["", f"{shown.caption}:", "", f"| {' | '.join(shown.head)} |", f"|{rule}|", *rows, ""]


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
