r"""The chance that the largest of several correlated normal variables exceeds a level.

.. math:: P(\max_i Z_i > m) = \sum_i P(Z_i > m) \, P(Z_j \le m \text{ for all } j < i \mid Z_i > m)

Each term starts with its own exact tail, so that small probabilities keep their relative precision; the
rest is integrated by Genz's separation of variables (J Comput Graph Stat 1992;1:141) on a lattice whose
points are fixed: the same input gives the same bits.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError

POINTS = 16_381  # a prime
MOST_VARIABLES = 12
DETERMINED = 1e-10  # variance left by the variables before: below it only rounding is
SMALLEST, LARGEST_GAP = 1e-300, 1e-16  # keep probabilities away from 0 and 1, where their quantile is infinite


def exceedance(level: float, correlation: Floats, *, two_sided: bool) -> float:
    """Return the probability that any of the variables exceeds a level.

    Parameters
    ----------
    level : (), 1
        The level m; zero or more if two-sided.
    correlation : (w, w), 1
        Of standard normal variables; may be singular.
    two_sided : bool
        Whether values below minus the level count too.

    Returns
    -------
    (), 1
        The probability; its relative error is about 1e-5 for four variables.
    """
    variables = correlation.shape[0]
    if variables > MOST_VARIABLES:
        raise AnalysisError(f"{variables} correlated statistics: at most {MOST_VARIABLES} can be integrated together")
    sides = 2.0 if two_sided else 1.0
    terms = [_first_to_exceed(level, correlation, place, two_sided=two_sided) for place in range(variables)]
    return min(1.0, sides * sum(terms))


def _first_to_exceed(level: float, correlation: Floats, place: int, *, two_sided: bool) -> float:
    """Return the chance that one variable is above the level and none before it is outside.

    Variables are sums of independent ones, drawn in turn; a variable that those drawn so far determine
    bounds the last of them, so that the integrand has no jump where the correlation is singular.
    """
    order = [place, *range(place)]
    factor = _root(correlation[np.ix_(order, order)])
    last = np.array([np.flatnonzero(row)[-1] for row in factor])
    points = _lattice(factor.shape[1])
    drawn = np.zeros_like(points)
    inside = np.ones(POINTS)
    for turn in range(factor.shape[1]):
        low, high = np.full(POINTS, -np.inf), np.full(POINTS, np.inf)
        for row in np.flatnonzero(last == turn):
            bounds = (level, np.inf) if row == 0 else (-level if two_sided else -np.inf, level)
            mean = factor[row, :turn] @ drawn[:turn]
            ends = [(bound - mean) / factor[row, turn] for bound in bounds]
            low, high = np.maximum(low, np.minimum(*ends)), np.minimum(high, np.maximum(*ends))
        chance, drawn[turn] = _between(low, high, points[turn])
        inside *= chance
    return float(inside.mean())


def _between(low: Floats, high: Floats, share: Floats) -> tuple[Floats, Floats]:
    """Return the chance of a normal variable between two ends, and its value at a share of that chance."""
    flipped = low > 0.0  # far to the right one minus a tail would lose the tail
    left, right = np.where(flipped, -high, low), np.where(flipped, -low, high)
    chance = np.maximum(ndtr(right) - ndtr(left), 0.0)
    value = ndtri(np.clip(ndtr(left) + share * chance, SMALLEST, 1.0 - LARGEST_GAP))
    return chance, np.where(flipped, -value, value)


def _root(correlation: Floats) -> Floats:
    """Return a factor with its own transpose's product equal to the matrix, a column for each independent variable."""
    size = correlation.shape[0]
    columns: list[Floats] = []
    left = correlation.copy()
    for place in range(size):
        if left[place, place] <= DETERMINED:
            continue
        column = left[:, place] / np.sqrt(left[place, place])
        column[:place] = 0.0
        column[np.abs(column) < DETERMINED] = 0.0
        columns.append(column)
        left = left - np.outer(column, column)
    return np.column_stack(columns)


def _lattice(dimensions: int) -> Floats:
    """Richtmyer's points, multiples of square roots of primes, folded so that the integrand is periodic."""
    primes = np.array([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37])[:dimensions]
    places = np.arange(1, POINTS + 1) * np.sqrt(primes)[:, None] % 1.0
    return np.asarray(np.clip(np.abs(2.0 * places - 1.0), 1e-15, 1.0 - 1e-15))
