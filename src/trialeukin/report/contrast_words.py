"""How what regimens do in the same patients is said: numbers, differences with their intervals, tables."""

from collections.abc import Iterable, Sequence

import numpy as np

from trialeukin.report.table import Table
from trialeukin.report.wording import rounded, shortly, signed, with_unit
from trialeukin.trial.contrast_result import Contrast, Contrasts, Difference

NOTHING = "–"
FEWEST_OF_TAILS = 20  # draws of which a fortieth at either end is half a draw


def number(measure: Contrast, value: float) -> str:
    """Return a mean; of a share with one decimal."""
    if not np.isfinite(value):
        return NOTHING
    return rounded(value, 1) if measure.is_share else shortly(value)


def difference(measure: Contrast, value: float) -> str:
    """Return a difference with its sign; of a share in points with one decimal."""
    if not np.isfinite(value):
        return NOTHING
    return signed(value, 1) if measure.is_share else signed(value)


def interval(measure: Contrast, found: Difference) -> str:
    """Return the interval of what is not known, or narrower where draws cannot be told from their few patients."""
    if not np.isfinite(found.lower):
        return NOTHING
    limits = f"{difference(measure, found.lower)} to {difference(measure, found.upper)}"
    return limits if found.resolved else f"{limits} or narrower"


def mean_table(found: Contrasts, labels: Sequence[str]) -> Table:
    """Return a row a measure and a column a regimen: means at the typical parameters."""
    rows = (
        (with_unit(each.name, each.unit), *(number(each, level.mean) for level in each.levels))
        for each in found.measures
    )
    caption = f"Means of {found.patients:,} virtual patients, or per cent of them: {found.background.title}"
    return _table(caption, labels, rows)


def difference_table(found: Contrasts, labels: Sequence[str]) -> Table:
    """Return a row a measure and a column a regimen from the second on: what differs from the first."""
    told = (each for each in found.measures if any(np.isfinite(one.mean) for one in each.differences))
    rows = ((with_unit(each.name, each.unit), *(_difference(each, one) for one in each.differences)) for each in told)
    over = f", with {over_draws(found.draws)}" if found.draws else ""
    return _table(f"Differences from {labels[0]} in the same patients{over}", labels[1:], rows)


def over_draws(draws: int) -> str:
    """Return what an interval over draws of what is not known is: of few of them no more than their range."""
    part = "the central 95 %" if draws >= FEWEST_OF_TAILS else "no more than the range"
    return f"{part} over {draws} draws of what is not known"


def _difference(measure: Contrast, found: Difference) -> str:
    mean, limits = difference(measure, found.mean), interval(measure, found)
    return mean if NOTHING in {mean, limits} else f"{mean} ({limits})"


def _table(caption: str, labels: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Table:
    return Table(caption=caption, head=("", *labels), rows=tuple(rows))
