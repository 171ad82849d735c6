r"""Cox's partial likelihood, its score and information, with tied deaths after Efron or Breslow.

With :math:`r_i = e^{x_i \beta}` and sums over the patients at risk at t, a death l = 0 ... d-1 at t adds

.. math:: x \beta - \log\left(\sum_{at\ risk} r - f_l \sum_{dying} r\right),
   \qquad f_l = l / d \text{ (Efron)}, \quad f_l = 0 \text{ (Breslow)}

Cox, J R Stat Soc B 1972;34:187; Efron, J Am Stat Assoc 1977;72:557; Breslow, Biometrics 1974;30:89.
The second moments over risk sets are summed patient by patient (each weighs :math:`r_i` times what the
hazard adds up to while the patient is at risk), so that no array is larger than n by p.
"""

from enum import Enum
from typing import NamedTuple

import numpy as np

from trialeukin.core.arrays import Floats
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
    """

    def __init__(self, observed: Observations, covariates: Floats, ties: Ties) -> None:
        order = np.argsort(observed.times, kind="stable")
        times, entry = observed.times[order], observed.entry if observed.entry is None else observed.entry[order]
        self._columns = np.ascontiguousarray(covariates[order].T)
        self._dying = np.flatnonzero(observed.events[order])
        when, group_of_dying, deaths = np.unique(times[self._dying], return_inverse=True, return_counts=True)
        self._group = group_of_dying
        self._first_of_group = np.cumsum(deaths) - deaths
        place = np.arange(self._dying.size) - self._first_of_group[group_of_dying]
        self._fraction = place / deaths[group_of_dying] if ties is Ties.EFRON else np.zeros(self._dying.size)
        self._is_tied = bool(self._fraction.any())
        self._leaving = _Tail(times, when)
        self._until = np.searchsorted(when, times, side="right")
        self._coming = None if entry is None else _Tail(entry, when)
        self._since = None if entry is None else np.searchsorted(when, entry, side="right")

    def __call__(self, coefficients: Floats) -> Likelihood:
        """Return value, score and information at coefficients, (p,)."""
        predictor = coefficients @ self._columns
        highest = predictor.max()
        risk = np.exp(predictor - highest)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            total = self._at_risk(risk)
            mean = self._at_risk(self._columns * risk) / total
            exposure = self._exposure(1.0 / total)
            value = float((predictor[self._dying] - highest).sum() - np.log(total).sum())
            score = self._columns[:, self._dying].sum(axis=1) - mean.sum(axis=1)
            information = (self._columns * (risk * exposure)) @ self._columns.T - mean @ mean.T
        return Likelihood(value, score, information)

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
        """Add up the deaths' rates (each one over its sum at risk) while each patient is at risk, (n,)."""
        hazard = np.concatenate(([0.0], np.cumsum(np.add.reduceat(rates, self._first_of_group))))
        exposure = hazard[self._until] if self._since is None else hazard[self._until] - hazard[self._since]
        if self._is_tied:
            exposure[self._dying] -= np.add.reduceat(self._fraction * rates, self._first_of_group)[self._group]
        return exposure
