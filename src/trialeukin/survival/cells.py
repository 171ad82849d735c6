"""The cells of one column of a user's table, or a refusal that names the column, the row and the way out."""

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError


def number_cells(table: nw.DataFrame[Any], name: str) -> Floats:
    """Return a column of numbers, (n,)."""
    column = _filled(table, name)
    if not column.dtype.is_numeric():
        cells = column.to_list()
        place = next((place for place, cell in enumerate(cells) if not is_number(cell)), 0)
        raise AnalysisError(
            f"column {name!r} holds {cells[place]!r} in {row(place)}: give numbers, all in one unit (dates: subtract "
            "them first)"
        )
    values = np.asarray(column.to_numpy(), dtype=np.float64)
    refuse_cells(name, values, ~np.isfinite(values), "give finite numbers, or leave the row out")
    return values


def event_cells(table: nw.DataFrame[Any], name: str) -> NDArray[Any]:
    """Return a column of 0 (censored) and 1 (event), (n,)."""
    values = _indicators(table, name, "allowed are 0 (censored) and 1 (event); recode the words")
    way_out = "allowed are 0 (censored) and 1 (event); recode 1/2 as 0/1, and several kinds of event as one at a time"
    refuse_cells(name, values, ~np.isin(values, (0, 1)), way_out)
    return values


def censoring_cells(table: nw.DataFrame[Any], name: str) -> NDArray[Any]:
    """Return the events, (n,), of a column of 0 (event) and 1 or more (censored, for a reason with a number)."""
    allowed = "allowed are 0 (event) and 1, 2, ... (censored)"
    values = _indicators(table, name, f"{allowed}; recode the words")
    refuse_cells(name, values, (values < 0) | (values % 1 != 0), allowed)
    return np.asarray(values == 0)


def label_cells(table: nw.DataFrame[Any], name: str) -> NDArray[Any]:
    """Return a column as words, (n,); refuse words that differ only in blanks or case."""
    column = _filled(table, name)
    labels = np.array([str(value) for value in column.to_list()])
    _refuse_alike(name, [str(label) for label in np.unique(labels)])
    return labels


def refuse_cells(name: str, values: NDArray[Any], wrong: Booleans, allowed: str) -> None:
    """Refuse a column of which some cells are not allowed: show the first and its row."""
    if wrong.any():
        place = int(wrong.argmax())
        shown = values[place].item()
        said = f"{shown:g}" if isinstance(shown, float) else f"{shown}"
        raise AnalysisError(f"column {name!r} is {said} in {row(place)}: {allowed}")


def is_number(cell: object) -> bool:
    """Return whether a cell is a number, or reads as one."""
    try:
        float(str(cell))
    except ValueError:
        return False
    return True


def row(place: int) -> str:
    """Return where a patient, counted from zero, stands in a table and in a file of it."""
    return f"row {place + 1} (line {place + 2} of a file with a header)"


def _filled(table: nw.DataFrame[Any], name: str) -> nw.Series[Any]:
    column = table.get_column(name)
    missing = column.is_null()
    if column.dtype.is_float():
        missing = missing | column.is_nan().fill_null(value=False)
    if column.dtype == nw.String:
        missing = missing | (column.str.strip_chars() == "").fill_null(value=False)
    count = int(missing.sum())
    if count:
        first = row(int(np.flatnonzero(missing.to_numpy())[0]))
        raise AnalysisError(
            f"column {name!r} lacks {count} of {len(column)} values (first in {first}): "
            "leave those rows out, or the column"
        )
    return column


def _indicators(table: nw.DataFrame[Any], name: str, allowed: str) -> NDArray[Any]:
    column = _filled(table, name)
    if not (column.dtype.is_numeric() or column.dtype == nw.Boolean):
        raise AnalysisError(f"column {name!r} holds {column.to_list()[0]!r}: {allowed}")
    return column.to_numpy()


def _refuse_alike(name: str, labels: list[str]) -> None:
    seen: dict[str, str] = {}
    for label in labels:
        earlier = seen.setdefault(" ".join(label.split()).casefold(), label)
        if earlier != label:
            raise AnalysisError(
                f"column {name!r} has {earlier!r} and {label!r}, which differ only in blanks or in capitals: "
                "write them alike if they are one, or rename one of them"
            )
