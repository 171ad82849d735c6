r"""Surrogacy within patients: whether a patient whose marker rises more gains more.

Two questions that papers take for one. What a correlative study can see is whether treated patients with a larger
rise do better,

.. math:: R^2_h = 1 - \exp(-G^2 / e)

with G2 the likelihood ratio of Cox's model with the logarithm of the rise over that without, and e the events
(O'Quigley, Xu and Stare 2005; Alonso and Molenberghs 2007); its limits invert the noncentral chi-square of G2. What
surrogacy asks is whether those whose marker rises more are those who are helped more: the correlation of both
individual causal effects (Alonso and others 2015), which only virtual patients show, since each is followed under
both arms. Patients are taken who are free of leukaemia at a landmark under both arms.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtr, chndtrinc

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxStatus, cox

RESAMPLES = 500
TAIL = 0.025
FEWEST_EVENTS = 10
SAME = 1e-3  # rises that differ by less are the same: courses are solved to about a hundredth of it
LOG_TWO = float(np.log(2.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What a marker tells of survival in treated patients.

    Attributes
    ----------
    patients, events : int
        From the landmark on.
    value, lower, upper : float, 1
        R2 of Cox's model, with 95 % limits.
    per_doubling : float, 1
        Hazard ratio of a rise twice as large.
    p_value : float, 1
        Of the likelihood ratio.
    """

    patients: int
    events: int
    value: float
    lower: float
    upper: float
    per_doubling: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """A correlation over patients with its 95 % limits by resampling patients."""

    value: float
    lower: float
    upper: float

    @property
    def squared(self) -> float:
        """R2."""
        return self.value**2


def explained_in_treated(rises: Floats, times: Floats, events: Booleans) -> Explained:
    """Return what the rise of a marker tells of the time that follows.

    Parameters
    ----------
    rises : (n,), 1
        Of the marker, over its baseline; above zero.
    times : (n,), any unit of time
        From the landmark on.
    events : (n,), 1
        Whether the event was seen.

    Raises
    ------
    AnalysisError
        When there are too few events, or the rise is the same in all.
    """
    count = int(events.sum())
    if count < FEWEST_EVENTS:
        raise AnalysisError(f"{count} events after the landmark: give {FEWEST_EVENTS} or more, by more patients")
    if np.ptp(np.log(rises)) < SAME:
        raise AnalysisError("the rise is the same in all patients: it tells nothing of what follows")
    fit = cox(times, events, np.log(rises))
    if fit.status is not CoxStatus.CONVERGED:
        raise AnalysisError(f"Cox's model of the rise did not converge: {fit.status.name.lower().replace('_', ' ')}")
    test = fit.likelihood_ratio_test
    limits = [_explained(_noncentrality(test.statistic, level), count) for level in (1.0 - TAIL, TAIL)]
    return Explained(
        patients=times.size,
        events=count,
        value=_explained(test.statistic, count),
        lower=limits[0],
        upper=limits[1],
        per_doubling=float(np.exp(fit.coefficients[0] * LOG_TWO)),
        p_value=test.p_value,
    )


def _explained(likelihood_ratio: float, events: int) -> float:
    return float(-np.expm1(-likelihood_ratio / events))


def _noncentrality(statistic: float, level: float) -> float:
    """Return the noncentrality at which a chi-square with one degree of freedom is below a statistic at a level."""
    return float(chndtrinc(statistic, 1.0, level)) if chdtr(1.0, statistic) > level else 0.0


def causal_association(rises: Floats, gains: Floats, rng: np.random.Generator) -> Correlation:
    """Return how far those whose marker rises more gain more.

    Parameters
    ----------
    rises : (n,), 1
        Of the marker by treatment, over the same patient's without; above zero.
    gains : (n,), any unit of time
        By treatment, in the same patient.
    rng : numpy.random.Generator
        For resampling patients.

    Raises
    ------
    AnalysisError
        When either is the same in all.
    """
    x = np.log(rises)
    if x.size < 3 or np.ptp(x) < SAME or np.ptp(gains) <= 1e-12:
        raise AnalysisError("the rise or the gain is the same in all patients: they cannot go together or apart")
    chosen = rng.integers(x.size, size=(RESAMPLES, x.size))
    again = _correlations(x[chosen], gains[chosen])
    low, high = np.nanquantile(again, [TAIL, 1.0 - TAIL])
    return Correlation(value=float(_correlations(x[None], gains[None])[0]), lower=float(low), upper=float(high))


def _correlations(x: Floats, y: Floats) -> Floats:
    """Return correlations row by row; NaN where either is the same throughout."""
    x = x - x.mean(axis=1, keepdims=True)
    y = y - y.mean(axis=1, keepdims=True)
    spreads = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    return np.asarray(np.divide((x * y).sum(axis=1), spreads, out=np.full(len(x), np.nan), where=spreads > 0.0))
