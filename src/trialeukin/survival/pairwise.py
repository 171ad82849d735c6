"""Three arms or more, two at a time: effects of each pair, and p-values that count how many pairs were tried.

Each pair is analysed from its own two arms alone, so that a third arm changes no effect. Holm's procedure (Scand J Stat
1979;6:65) adjusts the log-rank tests of all pairs, and those of the restricted means as a family of their own; the
chance of any false claim in a family stays below the level. Intervals are of one pair each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.arm_comparison import Comparison, compare_arms
from trialeukin.survival.columns import Patients
from trialeukin.survival.graphical import holm, reject_graphically


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """One arm over another.

    Attributes
    ----------
    label : str
        "B over A".
    comparison : Comparison or None
        Of these two arms; None where they cannot be compared.
    refused : str
        Why they cannot; empty where they can.
    log_rank_adjusted, mean_adjusted : float, 1
        Holm's p-values of the log-rank test and of the difference in restricted means; NaN where there is none, which
        counts as a test that found nothing.
    """

    label: str
    comparison: Comparison | None
    refused: str
    log_rank_adjusted: float
    mean_adjusted: float


def pairwise(
    data: Patients, labels: tuple[str, ...], when: tuple[float, float], *, against_first: bool
) -> tuple[Pair, ...]:
    """Compare arms two at a time.

    Parameters
    ----------
    data : Patients
        The columns of a table, with arms.
    labels : tuple of str
        Of the arms, the control first.
    when : (horizon, milestone), unit of the table
        Where restricted means end, and where survival is compared.
    against_first : bool
        Each arm against the first alone; else each against each.
    """
    pairs = [(first, second) for first, second in combinations(labels, 2) if first == labels[0] or not against_first]
    compared = [_compared(data, pair, when) for pair in pairs]
    made = [each if isinstance(each, Comparison) else None for each in compared]
    ranked = [None if each is None else each.log_rank for each in made]
    tests = _adjusted([np.nan if each is None else each.p_value for each in ranked])
    means = [None if each is None else each.restricted_means for each in made]
    of_means = _adjusted([np.nan if each is None else each.difference_p_value for each in means])
    return tuple(
        Pair(
            label=f"{second} over {first}",
            comparison=each if isinstance(each, Comparison) else None,
            refused=each if isinstance(each, str) else "",
            log_rank_adjusted=test,
            mean_adjusted=mean,
        )
        for (first, second), each, test, mean in zip(pairs, compared, tests, of_means, strict=True)
    )


def _compared(data: Patients, pair: tuple[str, str], when: tuple[float, float]) -> Comparison | str:
    """Return the comparison, or why there is none."""
    chosen = np.isin(np.asarray(data.arms), pair)
    own = data.where(chosen)
    places = (np.asarray(own.arms) == pair[1]).astype(np.int64)
    try:
        made = compare_arms(own, places, pair, when)
    except AnalysisError as fault:
        return str(fault)
    return made.undefined or made


def _adjusted(p_values: Sequence[float]) -> list[float]:
    given = np.asarray(p_values, dtype=np.float64)
    found = reject_graphically(np.where(np.isnan(given), 1.0, given), holm([1.0 / given.size] * given.size))
    return [float(value) for value in np.where(np.isnan(given), np.nan, found.adjusted)]
