r"""Cox's partial likelihood, its score and information, with tied deaths after Efron or Breslow.

With :math:`r_i = e^{x_i \beta}` and sums over the patients at risk at t, a death l = 0 ... d-1 at t adds

.. math:: x \beta - \log\left(\sum_{at\ risk} r - f_l \sum_{dying} r\right),
   \qquad f_l = l / d \text{ (Efron)}, \quad f_l = 0 \text{ (Breslow)}

A case weight w multiplies r; a death's term counts the mean weight of those dying then, so that whole weights
are replicates under Breslow.

Cox, J R Stat Soc B 1972;34:187; Efron, J Am Stat Assoc 1977;72:557; Breslow, Biometrics 1974;30:89.
The second moments over risk sets are summed patient by patient (each weighs :math:`r_i` times what the
hazard adds up to while the patient is at risk), so that no array is larger than n by p; one compiled pass
back in time gives the sums at risk.
"""

from enum import Enum
from typing import NamedTuple

import numpy as np
from numba import njit

from trialeukin.core.arrays import Floats, Integers
from trialeukin.survival.observations import Observations


class Ties(Enum):
    """What deaths at one time mean.

    EFRON and BRESLOW approximate an unknown order in continuous time; EXACT takes time as discrete
    (conditional logistic likelihood), and its score test of two groups is the log-rank test.
    """

    EFRON = "efron"
    BRESLOW = "breslow"
    EXACT = "exact"


class Likelihood(NamedTuple):
    """Value, slope and curvature of a log partial likelihood at one place.

    Attributes
    ----------
    value : float, 1
        The log partial likelihood.
    score : (p,)
        Its derivatives.
    information : (p, p)
        Minus its second derivatives.
    """

    value: float
    score: Floats
    information: Floats

    def plus(self, other: "Likelihood") -> "Likelihood":
        """Return the likelihood of two independent strata."""
        return Likelihood(self.value + other.value, self.score + other.score, self.information + other.information)


class ApproximateLikelihood:
    """The partial likelihood of one stratum, Efron or Breslow, prepared for many evaluations.

    Parameters
    ----------
    observed : Observations
        Follow-up of the stratum's n patients.
    covariates : (n, p)
        Finite numbers, of order one.
    ties : Ties
        EFRON or BRESLOW.
    weights : (n,), 1, or None
        Case weights, above zero; None: one each.
    """

    def __init__(self, observed: Observations, covariates: Floats, ties: Ties, weights: Floats | None = None) -> None:
        order = np.argsort(observed.times, kind="stable")
        self._order = order
        times, entry = observed.times[order], observed.entry if observed.entry is None else observed.entry[order]
        self._rows = np.ascontiguousarray(covariates[order])
        self._dying = np.flatnonzero(observed.events[order])
        self._dying_rows = self._rows[self._dying]
        self._nothing = np.empty((0, 0))
        when, group_of_dying, deaths = np.unique(times[self._dying], return_inverse=True, return_counts=True)
        self._group = group_of_dying
        self._first_of_group = np.cumsum(deaths) - deaths
        place = np.arange(self._dying.size) - self._first_of_group[group_of_dying]
        self._fraction = place / deaths[group_of_dying] if ties is Ties.EFRON else np.zeros(self._dying.size)
        self._is_tied = bool(self._fraction.any())
        self._weights = np.ones(order.size) if weights is None else weights[order]
        dying_weights = self._weights[self._dying]
        self._seen = dying_weights @ self._dying_rows
        self._counted = (np.add.reduceat(dying_weights, self._first_of_group) / deaths)[group_of_dying]
        self._when = when
        self._leaving = np.searchsorted(times, when, side="left")
        self._until = np.searchsorted(when, times, side="right")
        self._since = None if entry is None else np.searchsorted(when, entry, side="right")
        late = np.empty(0, dtype=np.int64) if entry is None else np.argsort(entry, kind="stable")
        coming = np.empty(0) if entry is None else entry[late]
        self._coming = late, np.searchsorted(coming, when, side="left") if late.size else np.zeros(when.size, np.int64)

    @property
    def death_times(self) -> Floats:
        """(d,) Time of each death, in the order in which deaths are counted."""
        return np.asarray(self._when[self._group])

    @property
    def members(self) -> Integers:
        """(d,) Row, of those given, of each death."""
        return np.asarray(self._order[self._dying], dtype=np.int64)

    def __call__(self, coefficients: Floats) -> Likelihood:
        """Return value, score and information at coefficients, (p,)."""
        return self.weighted(coefficients, None)

    def weighted(self, coefficients: Floats, factor: Floats | None) -> Likelihood:
        """Return the likelihood with each death's term multiplied by a factor, (d,); None: one each."""
        counts = self._counted if factor is None else self._counted * factor
        own = self._weights[self._dying] if factor is None else self._weights[self._dying] * factor
        seen = self._seen if factor is None else own @ self._dying_rows
        risk, highest = self._risk(coefficients)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            totals, score, information = self._pass(risk, counts, self._nothing)
            exposure = risk * self._exposure(counts / totals)
            value = float(seen @ coefficients - own.sum() * highest - (counts * np.log(totals)).sum())
            information = _square(self._rows, exposure) - information
        return Likelihood(value, seen - score, information)

    def score_residuals(self, coefficients: Floats) -> Floats:
        """Return what each row adds to the score, its own weight left out, (n, p) in the order given.

        The covariates minus their mean at risk, integrated over the martingale of the row; tied deaths share
        their mean.
        """
        risk, _ = self._risk(coefficients)
        total, mean = self._total_and_mean(risk)
        rates = (self._counted / total)[:, None]
        drift = self._rows * self._exposure(rates) - self._exposure(rates * mean)
        rows = -(risk / self._weights)[:, None] * drift
        rows[self._dying] += self._dying_rows - self._mean_of_tied(mean)
        return self._as_given(rows)

    def martingale_residuals(self, coefficients: Floats) -> Floats:
        """Return events seen minus expected of each row, (n,) in the order given."""
        risk, _ = self._risk(coefficients)
        total, _ = self._total_and_mean(risk)
        rows = -(risk / self._weights) * self._exposure(self._counted / total)
        rows[self._dying] += 1.0
        return self._as_given(rows)

    def schoenfeld_residuals(self, coefficients: Floats) -> Floats:
        """Return each death's covariates minus their mean among those at risk, (d, p)."""
        _, mean = self._total_and_mean(self._risk(coefficients)[0])
        return np.asarray(self._dying_rows - self._mean_of_tied(mean))

    def _as_given(self, rows: Floats) -> Floats:
        back = np.empty_like(rows)
        back[self._order] = rows
        return back

    def _risk(self, coefficients: Floats) -> tuple[Floats, float]:
        """Weight times relative hazard of each row over the highest, and the highest predictor."""
        return _relative_hazards(self._rows, self._weights, np.ascontiguousarray(coefficients))

    def _total_and_mean(self, risk: Floats) -> tuple[Floats, Floats]:
        """Sum of relative hazards at risk at each death, (d,), and the mean covariates there, (d, p)."""
        means = np.empty((self._dying.size, self._rows.shape[1]))
        return self._pass(risk, self._counted, means)[0], means

    def _pass(self, risk: Floats, counts: Floats, means: Floats) -> tuple[Floats, Floats, Floats]:
        groups = np.append(self._first_of_group, self._dying.size)
        late, coming = self._coming
        return _sums_at_risk(
            (risk, counts, self._fraction), self._rows, (self._leaving, late, coming), (self._dying, groups), means
        )

    def _mean_of_tied(self, mean: Floats) -> Floats:
        sums = np.add.reduceat(mean, self._first_of_group, axis=0)
        return np.asarray((sums / np.bincount(self._group)[:, None])[self._group])

    def _exposure(self, rates: Floats) -> Floats:
        """Add up the deaths' rates, (d, ...), while each patient is at risk, (n, ...)."""
        steps = np.add.reduceat(rates, self._first_of_group, axis=0)
        hazard = np.concatenate((np.zeros_like(steps[:1]), np.cumsum(steps, axis=0)))
        exposure = hazard[self._until]
        if self._since is not None:
            exposure = exposure - hazard[self._since]
        if self._is_tied:
            fraction = self._fraction.reshape(-1, *(1,) * (rates.ndim - 1))
            exposure[self._dying] -= np.add.reduceat(fraction * rates, self._first_of_group, axis=0)[self._group]
        return np.asarray(exposure, dtype=np.float64)


@njit(cache=True)
def _relative_hazards(rows: Floats, weights: Floats, coefficients: Floats) -> tuple[Floats, float]:
    """Return weight times relative hazard of each row over the highest, (n,), and the highest predictor."""
    risk, highest = np.empty(rows.shape[0]), -np.inf
    for row in range(rows.shape[0]):
        predictor = 0.0
        for place in range(coefficients.size):
            predictor += rows[row, place] * coefficients[place]
        risk[row] = predictor
        highest = max(highest, predictor)
    for row in range(rows.shape[0]):
        risk[row] = weights[row] * np.exp(risk[row] - highest)
    return risk, highest


@njit(cache=True)
def _square(rows: Floats, weights: Floats) -> Floats:
    """Weighted sum of the squares (outer products) of (n, p) rows, (p, p)."""
    size = rows.shape[1]
    total = np.zeros((size, size))
    for row in range(rows.shape[0]):
        for first in range(size):
            part = weights[row] * rows[row, first]
            for second in range(first + 1):
                total[first, second] += part * rows[row, second]
    total += np.tril(total, -1).T
    return total


@njit(cache=True, error_model="numpy")
def _sums_at_risk(
    values: tuple[Floats, Floats, Floats],
    rows: Floats,
    moves: tuple[Integers, Integers, Integers],
    deaths: tuple[Integers, Integers],
    means: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Go back in time and keep the sums over those at risk, the dying counted as ties want it.

    Parameters
    ----------
    values : (n,), (d,), (d,)
        Relative hazard of each row; what each death counts; the fraction of its ties that it is without.
    rows : (n, p)
        Covariates.
    moves : (g,), (n or 0,), (g,)
        First row still at risk at each of g death times; rows by entry; first of these not yet in.
    deaths : (d,), (g + 1,)
        Row of each death; first death of each death time.
    means : (d, p) or (0, 0)
        Filled with the mean covariates at risk, if it has rows.

    Returns
    -------
    (d,), (p,), (p, p)
        Sum of relative hazards at each death; over deaths, the mean and its square.
    """
    risk, counts, fraction = values
    leaving, late, coming = moves
    dying, groups = deaths
    size = rows.shape[1]
    totals, score, square = np.empty(dying.size), np.zeros(size), np.zeros((size, size))
    behind, tied, mean = np.zeros(1 + size), np.zeros(1 + size), np.zeros(size)
    last, newest = rows.shape[0], late.size
    for group in range(leaving.size - 1, -1, -1):
        while last > leaving[group]:
            last -= 1
            _add(behind, float(risk[last]), rows, last)
        while newest > coming[group]:
            newest -= 1
            _add(behind, -float(risk[late[newest]]), rows, late[newest])
        first, end = groups[group], groups[group + 1]
        tied[:] = 0.0
        if end - first > 1:
            for death in range(first, end):
                _add(tied, risk[dying[death]], rows, dying[death])
        for death in range(first, end):
            totals[death] = behind[0] - fraction[death] * tied[0]
            _take_in(behind - fraction[death] * tied, float(counts[death]), mean, score, square)
            if means.shape[0] > 0:
                means[death] = mean
    square += np.tril(square, -1).T
    return totals, score, square


@njit(cache=True)
def _add(total: Floats, risk: float, rows: Floats, row: int) -> None:
    total[0] += risk
    for place in range(rows.shape[1]):
        total[1 + place] += risk * rows[row, place]


@njit(cache=True, error_model="numpy")
def _take_in(sums: Floats, count: float, mean: Floats, score: Floats, square: Floats) -> None:
    """Add one death's mean, and the lower half of its square, to those of the others."""
    for place in range(mean.size):
        mean[place] = sums[1 + place] / sums[0]
        score[place] += count * mean[place]
        for other in range(place + 1):
            square[place, other] += count * mean[place] * mean[other]
