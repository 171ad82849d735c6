r"""The Kaplan-Meier estimate of survival.

.. math:: S(t) = \prod_{u \le t} \left(1 - \frac{d(u)}{n(u)}\right), \qquad
   \operatorname{var} S(t) = S(t)^2 \sum_{u \le t} \frac{d(u)}{n(u) (n(u) - d(u))}

Kaplan and Meier, J Am Stat Assoc 1958;53:457; the variance is Greenwood's. With weights, d and n are sums of them, and
under weights of sampling the variance is that of the infinitesimal jackknife (Greenwood's where all weigh one).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Floats, Integers
from trialeukin.survival.case_weights import CaseWeights, WeightMeaning, weighted_table
from trialeukin.survival.observations import Observations, numbers, observations, refuse_fraction, two_sided
from trialeukin.survival.risk_table import risk_table
from trialeukin.survival.transforms import Transform

SAME_PROBABILITY = 1e-9  # products of fractions that are equal on paper differ by rounding alone


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KaplanMeier:
    """A survival curve: a step function that is one before the first event.

    Attributes
    ----------
    times : (k,), unit of the follow-up
        Distinct times of events and censorings, increasing.
    at_risk, events, censored : (k,), 1
        Patients at risk at each time, and those who end there (patients, not weights).
    survival : (k,), 1
        Probability of no event up to and including each time.
    standard_error : (k,), 1
        Greenwood's (or robust, of weights of sampling); NaN where survival is zero.
    """

    times: Floats
    at_risk: Integers
    events: Integers
    censored: Integers
    survival: Floats
    standard_error: Floats

    def at(self, times: ArrayLike) -> Floats:
        """Return survival at given times, (m,); NaN after the last follow-up, unless the curve ended at zero."""
        return self._step(self.survival, times, before=1.0)

    def standard_error_at(self, times: ArrayLike) -> Floats:
        """Return Greenwood's standard error at given times, (m,); NaN where it is not defined."""
        return self._step(self.standard_error, times, before=0.0)

    def interval(self, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG) -> tuple[Floats, Floats]:
        """Return pointwise lower and upper limits, (k,) each, at the curve's own times."""
        return transform.limits(self.survival, self.standard_error, two_sided(level))

    def interval_at(
        self, times: ArrayLike, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG
    ) -> tuple[Floats, Floats]:
        """Return pointwise lower and upper limits, (m,) each, at given times."""
        return transform.limits(self.at(times), self.standard_error_at(times), two_sided(level))

    def quantile(self, fraction: float) -> float:
        """Return when a fraction of patients has had the event; NaN if the curve stays above.

        Where the curve is level at exactly that height, it is the middle of that stretch.
        """
        refuse_fraction(fraction)
        return _crossing(self.times, self.survival, 1.0 - fraction)

    def quantile_interval(
        self, fraction: float, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG
    ) -> tuple[float, float]:
        """Return when the pointwise limits cross the height of a quantile; NaN for a limit that never does.

        Brookmeyer and Crowley, Biometrics 1982;38:29.
        """
        refuse_fraction(fraction)
        lower, upper = self.interval(level=level, transform=transform)
        return _crossing(self.times, lower, 1.0 - fraction), _crossing(self.times, upper, 1.0 - fraction)

    @property
    def median(self) -> float:
        """When half of the patients have had the event; NaN if fewer ever do."""
        return self.quantile(0.5)

    def median_interval(self, *, level: float = 0.95, transform: Transform = Transform.LOG_LOG) -> tuple[float, float]:
        """Return the lower and upper limits of the median; NaN for a limit that is never reached."""
        return self.quantile_interval(0.5, level=level, transform=transform)

    def _step(self, heights: Floats, times: ArrayLike, *, before: float) -> Floats:
        when = numbers(times, "times")
        places = np.searchsorted(self.times, when, side="right")
        values = np.concatenate(([before], heights))[places]
        unknown = (when > self.times[-1]) & (self.survival[-1] > 0.0)
        return np.where(unknown, np.nan, values)


def kaplan_meier(
    times: ArrayLike, events: ArrayLike, *, entry: ArrayLike | None = None, weights: CaseWeights | None = None
) -> KaplanMeier:
    """Estimate survival from follow-up that may be censored.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen, 0 or False where the patient was censored. All censored is
        allowed: the curve stays at one, without a standard error to speak of.
    entry : (n,), unit of ``times``
        When each patient came under observation (left truncation); none given: all from the start.
    weights : CaseWeights
        A weight a patient; none given: one each.

    Returns
    -------
    KaplanMeier
        The curve at every distinct time of follow-up.
    """
    observed = observations(times, events, entry)
    if weights is not None:
        return _weighted(observed, weights)
    table = risk_table(observed)
    staying = table.at_risk - table.events
    survival = np.asarray(np.cumprod(staying / table.at_risk), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(table.events / (table.at_risk * staying.astype(np.float64)))
        error = np.asarray(survival * np.sqrt(greenwood), dtype=np.float64)
    return KaplanMeier(
        times=table.times,
        at_risk=table.at_risk,
        events=table.events,
        censored=table.censored,
        survival=survival,
        standard_error=error,
    )


def _weighted(observed: Observations, weights: CaseWeights) -> KaplanMeier:
    table = weighted_table(observed, weights)
    survival = np.asarray(np.cumprod(table.staying / table.at_risk), dtype=np.float64)
    known = table.staying > 0.0
    each = np.divide(1.0, table.staying, out=np.zeros_like(table.staying), where=known)
    if weights.meaning is WeightMeaning.SAMPLING:
        of_log = table.robust_variance(each - np.where(known, 1.0 / table.at_risk, 0.0), -each)
    else:
        of_log = np.cumsum(table.events * each / table.at_risk)
    return KaplanMeier(
        times=table.counts.times,
        at_risk=table.counts.at_risk,
        events=table.counts.events,
        censored=table.counts.censored,
        survival=survival,
        standard_error=np.where(survival > 0.0, survival * np.sqrt(of_log), np.nan),
    )


def _crossing(times: Floats, curve: Floats, height: float) -> float:
    """Return when a falling curve reaches a height; the middle of the stretch if it is level there."""
    reached = np.flatnonzero(curve <= height + SAME_PROBABILITY)
    if reached.size == 0:
        return np.nan
    first = reached[0]
    below = np.flatnonzero(curve < curve[first] - SAME_PROBABILITY)
    if abs(curve[first] - height) <= SAME_PROBABILITY and below.size > 0:
        return float(0.5 * (times[first] + times[below[0]]))
    return float(times[first])
