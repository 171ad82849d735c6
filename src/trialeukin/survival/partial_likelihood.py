r"""Cox's partial likelihood, its score and information, with tied deaths after Efron or Breslow.

With :math:`r_i = e^{x_i \beta}` and sums over the patients at risk at t, a death l = 0 ... d-1 at t adds

.. math:: x \beta - \log\left(\sum_{at\ risk} r - f_l \sum_{dying} r\right),
   \qquad f_l = l / d \text{ (Efron)}, \quad f_l = 0 \text{ (Breslow)}

Cox, J R Stat Soc B 1972;34:187; Efron, J Am Stat Assoc 1977;72:557; Breslow, Biometrics 1974;30:89.
The second moments over risk sets are summed patient by patient (each weighs :math:`r_i` times what the
hazard adds up to while the patient is at risk), so that no array is larger than n by p.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, eq=False)
class _Tail:
    """Sums over the patients whose key (time or entry) is at or after each event time."""

    order: Integers
    starts: Integers

    def sums(self, values: Floats) -> Floats:
        """Return sums of (n,) or (n, p) values, a row an event time."""
        ordered = values[self.order]
        behind = np.zeros((values.shape[0] + 1, *values.shape[1:]))
        behind[:-1] = np.cumsum(ordered[::-1], axis=0)[::-1]
        return behind[self.starts]


def _tail(keys: Floats, event_times: Floats) -> _Tail:
    order = np.argsort(keys, kind="stable")
    return _Tail(order, np.searchsorted(keys[order], event_times, side="left"))


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
        self._covariates = covariates
        dying = np.flatnonzero(observed.events)
        self._dying = dying[np.argsort(observed.times[dying], kind="stable")]
        when, self._group_of_dying, deaths = np.unique(
            observed.times[self._dying], return_inverse=True, return_counts=True
        )
        self._groups = when.size
        self._first_of_group = np.cumsum(deaths) - deaths
        self._group_of_term = np.repeat(np.arange(when.size), deaths)
        place = np.arange(self._dying.size) - np.repeat(self._first_of_group, deaths)
        self._fraction = place / deaths[self._group_of_term] if ties is Ties.EFRON else np.zeros(self._dying.size)
        self._leaving = _tail(observed.times, when)
        self._until = np.searchsorted(when, observed.times, side="right")
        self._coming = None if observed.entry is None else _tail(observed.entry, when)
        self._since = None if observed.entry is None else np.searchsorted(when, observed.entry, side="right")

    def __call__(self, coefficients: Floats) -> Likelihood:
        """Return value, score and information at coefficients, (p,)."""
        predictor = self._covariates @ coefficients
        highest = predictor.max()
        risk = np.exp(predictor - highest)
        moment = risk[:, None] * self._covariates
        total = self._at_risk(risk)[self._group_of_term] - self._fraction * self._dead(risk)[self._group_of_term]
        first = self._at_risk(moment)[self._group_of_term]
        first -= self._fraction[:, None] * self._dead(moment)[self._group_of_term]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            mean = first / total[:, None]
            value = float((predictor[self._dying] - highest).sum() - np.log(total).sum())
            score = self._covariates[self._dying].sum(axis=0) - mean.sum(axis=0)
            second = (risk * self._exposure(1.0 / total))[:, None] * self._covariates
            information = second.T @ self._covariates - mean.T @ mean
        return Likelihood(value, score, information)

    def _at_risk(self, values: Floats) -> Floats:
        sums = self._leaving.sums(values)
        return sums if self._coming is None else sums - self._coming.sums(values)

    def _dead(self, values: Floats) -> Floats:
        return np.add.reduceat(values[self._dying], self._first_of_group, axis=0)

    def _exposure(self, rates: Floats) -> Floats:
        """Add up the terms' rates (each one over its sum at risk) while each patient is at risk, (n,)."""
        by_group = np.bincount(self._group_of_term, weights=rates, minlength=self._groups)
        hazard = np.concatenate(([0.0], np.cumsum(by_group)))
        exposure = hazard[self._until] if self._since is None else hazard[self._until] - hazard[self._since]
        spared = np.bincount(self._group_of_term, weights=self._fraction * rates, minlength=self._groups)
        exposure[self._dying] -= spared[self._group_of_dying]
        return np.asarray(exposure, dtype=np.float64)
