r"""Cox's partial likelihood, its score and information, with tied deaths after Efron or Breslow.

With :math:`r_i = e^{x_i \beta}` and sums over the patients at risk at t, a death l = 0 ... d-1 at t adds

.. math:: x \beta - \log\left(\sum_{at\ risk} r - f_l \sum_{dying} r\right),
   \qquad f_l = l / d \text{ (Efron)}, \quad f_l = 0 \text{ (Breslow)}

A case weight w multiplies r; a death's term counts the mean weight of those dying then, so that whole weights
are replicates under Breslow.

Cox, J R Stat Soc B 1972;34:187; Efron, J Am Stat Assoc 1977;72:557; Breslow, Biometrics 1974;30:89.
The second moments over risk sets are summed patient by patient (each weighs :math:`r_i` times what the
hazard adds up to while the patient is at risk), so that no array is larger than n by p.
"""

from enum import Enum
from typing import NamedTuple

import numpy as np

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


class _Tail:
    """Sums over the patients whose key (time or entry) is at or after each event time."""

    def __init__(self, keys: Floats, event_times: Floats) -> None:
        self._order = np.argsort(keys, kind="stable")
        self._is_sorted = bool((np.diff(self._order) > 0).all())
        self._places = keys.size - np.searchsorted(keys[self._order], event_times, side="left")

    def sums(self, values: Floats) -> Floats:
        """Return sums of (..., n) values, (..., k)."""
        ordered = values if self._is_sorted else values[..., self._order]
        behind = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
        np.cumsum(ordered[..., ::-1], axis=-1, out=behind[..., 1:])
        return behind[..., self._places]


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
        self._columns = np.ascontiguousarray(covariates[order].T)
        self._dying = np.flatnonzero(observed.events[order])
        when, group_of_dying, deaths = np.unique(times[self._dying], return_inverse=True, return_counts=True)
        self._group = group_of_dying
        self._first_of_group = np.cumsum(deaths) - deaths
        place = np.arange(self._dying.size) - self._first_of_group[group_of_dying]
        self._fraction = place / deaths[group_of_dying] if ties is Ties.EFRON else np.zeros(self._dying.size)
        self._is_tied = bool(self._fraction.any())
        self._weights = np.ones(order.size) if weights is None else weights[order]
        dying_weights = self._weights[self._dying]
        self._counted = (np.add.reduceat(dying_weights, self._first_of_group) / deaths)[group_of_dying]
        self._when = when
        self._leaving = _Tail(times, when)
        self._until = np.searchsorted(when, times, side="right")
        self._coming = None if entry is None else _Tail(entry, when)
        self._since = None if entry is None else np.searchsorted(when, entry, side="right")

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
        risk, highest = self._risk(coefficients)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            total, mean = self._total_and_mean(risk)
            exposure = self._exposure(counts / total)
            predictor = coefficients @ self._columns[:, self._dying]
            value = float(own @ (predictor - highest) - counts @ np.log(total))
            score = self._columns[:, self._dying] @ own - mean @ counts
            information = (self._columns * (risk * exposure)) @ self._columns.T - (mean * counts) @ mean.T
        return Likelihood(value, score, information)

    def score_residuals(self, coefficients: Floats) -> Floats:
        """Return what each row adds to the score, its own weight left out, (n, p) in the order given.

        The covariates minus their mean at risk, integrated over the martingale of the row; tied deaths share
        their mean.
        """
        risk, _ = self._risk(coefficients)
        total, mean = self._total_and_mean(risk)
        rates = self._counted / total
        own = risk / self._weights
        drift = self._columns * self._exposure(rates) - self._exposure(rates * mean)
        rows = -own * drift
        rows[:, self._dying] += self._columns[:, self._dying] - self._mean_of_tied(mean)
        back = np.empty_like(rows)
        back[:, self._order] = rows
        return back.T

    def martingale_residuals(self, coefficients: Floats) -> Floats:
        """Return events seen minus expected of each row, (n,) in the order given."""
        risk, _ = self._risk(coefficients)
        total, _ = self._total_and_mean(risk)
        rows = -(risk / self._weights) * self._exposure(self._counted / total)
        rows[self._dying] += 1.0
        back = np.empty_like(rows)
        back[self._order] = rows
        return back

    def schoenfeld_residuals(self, coefficients: Floats) -> Floats:
        """Return each death's covariates minus their mean among those at risk, (d, p)."""
        _, mean = self._total_and_mean(self._risk(coefficients)[0])
        return np.asarray((self._columns[:, self._dying] - self._mean_of_tied(mean)).T)

    def _risk(self, coefficients: Floats) -> tuple[Floats, float]:
        """Weight times relative hazard of each row over the highest, and the highest predictor."""
        predictor = coefficients @ self._columns
        highest = float(predictor.max())
        return self._weights * np.exp(predictor - highest), highest

    def _total_and_mean(self, risk: Floats) -> tuple[Floats, Floats]:
        total = self._at_risk(risk)
        return total, self._at_risk(self._columns * risk) / total

    def _mean_of_tied(self, mean: Floats) -> Floats:
        sums = np.add.reduceat(mean, self._first_of_group, axis=-1)
        return np.asarray((sums / np.bincount(self._group))[:, self._group])

    def _at_risk(self, values: Floats) -> Floats:
        """Sum (..., n) values over those at risk at each death, the dying counted as ties want it, (..., deaths)."""
        sums = self._leaving.sums(values)
        if self._coming is not None:
            sums -= self._coming.sums(values)
        sums = sums[..., self._group]
        if self._is_tied:
            dying = np.add.reduceat(values[..., self._dying], self._first_of_group, axis=-1)
            sums -= self._fraction * dying[..., self._group]
        return sums

    def _exposure(self, rates: Floats) -> Floats:
        """Add up the deaths' rates, (..., d), while each patient is at risk, (..., n)."""
        steps = np.add.reduceat(rates, self._first_of_group, axis=-1)
        hazard = np.concatenate((np.zeros((*rates.shape[:-1], 1)), np.cumsum(steps, axis=-1)), axis=-1)
        exposure = hazard[..., self._until]
        if self._since is not None:
            exposure = exposure - hazard[..., self._since]
        if self._is_tied:
            tied = np.add.reduceat(self._fraction * rates, self._first_of_group, axis=-1)
            exposure[..., self._dying] -= tied[..., self._group]
        return np.asarray(exposure, dtype=np.float64)
