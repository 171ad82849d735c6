r"""Hazards that are constant in pieces: what proportional, delayed, crossing and cured survival are designed with.

.. math:: S(t) = e^{-\Lambda(t)}, \qquad \Lambda(t) = \int_0^t \lambda(s) \, ds, \qquad
   \mathrm{RMST}(\tau) = \int_0^\tau S(t) \, dt
"""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats, listed
from trialeukin.core.errors import AnalysisError

CURE_STEP = 1.0 / 20.0
"""Length of a piece over the median of the uncured: short enough for a hazard to be flat within it."""
CURE_MEDIANS = 12.0
"""Medians of the uncured after which all but 0.02 % of them had the event and the hazard is that of the cured: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecewiseHazard:
    """A hazard with a value for each stretch of time since randomisation.

    Attributes
    ----------
    starts : (m,), month
        Where each piece starts; the first at zero, the last goes on for ever.
    rates : (m,), 1/month
        Events a patient and month; zero or more.
    """

    starts: Floats
    rates: Floats

    def __post_init__(self) -> None:
        if self.starts.ndim != 1 or self.starts.size == 0 or self.starts.shape != self.rates.shape:
            raise AnalysisError(f"{self.starts.size} starts and {self.rates.size} hazards: give one of each a piece")
        if self.starts[0] != 0.0 or not (np.all(np.diff(self.starts) > 0.0) and np.all(np.isfinite(self.starts))):
            raise AnalysisError(f"hazard pieces start at {listed(self.starts)}: begin at 0 and let them increase")
        if not (np.all(self.rates >= 0.0) and np.all(np.isfinite(self.rates))):
            raise AnalysisError(f"hazards {listed(self.rates)}: give zero or more a month")

    def at(self, times: Floats) -> Floats:
        """Return the hazard just after some times, 1/month."""
        return self.rates[np.searchsorted(self.starts, times, side="right") - 1]

    def cumulative(self, times: Floats) -> Floats:
        """Return the cumulative hazard at some times, zero or more, 1."""
        sums = np.append(0.0, np.cumsum(self.rates[:-1] * np.diff(self.starts)))
        piece = np.searchsorted(self.starts, times, side="right") - 1
        return np.asarray(sums[piece] + self.rates[piece] * (times - self.starts[piece]))

    def survival(self, times: Floats) -> Floats:
        """Return the probability of having had no event by some times, 1."""
        return np.exp(-self.cumulative(np.asarray(times, dtype=np.float64)))

    def restricted_mean(self, horizon: float) -> float:
        """Return the mean time without event up to a horizon, month."""
        if not 0.0 < horizon < np.inf:
            raise AnalysisError(f"horizon {horizon!r} months: give a time above zero")
        starts = self.starts[self.starts < horizon]
        lengths = np.diff(starts, append=horizon)
        exponents = self.rates[: starts.size] * lengths
        return float(self.survival(starts) @ (lengths * _mean_decay(exponents)))

    def times(self, ratio: "PiecewiseHazard") -> "PiecewiseHazard":
        """Return this hazard times another function that is constant in pieces, such as a hazard ratio."""
        starts = np.union1d(self.starts, ratio.starts)
        return PiecewiseHazard(starts=starts, rates=self.at(starts) * ratio.at(starts))


def constant(rate: float) -> PiecewiseHazard:
    """Return one value for all times."""
    return PiecewiseHazard(starts=np.zeros(1), rates=np.array([rate], dtype=np.float64))


def of_median(median: float) -> PiecewiseHazard:
    """Return the constant hazard of a median in months."""
    if not 0.0 < median < np.inf:
        raise AnalysisError(f"median {median!r} months: give a time above zero")
    return constant(float(np.log(2.0) / median))


def mixture_cure(cured: float, median: float) -> PiecewiseHazard:
    r"""Return the hazard of a population of which a fraction never has the event.

    .. math:: S(t) = \pi + (1 - \pi) e^{-t \log 2 / m}

    The pieces meet the curve exactly where they join; within one, survival is off by less than 2e-4.

    Parameters
    ----------
    cured : (), 1
        The fraction :math:`\pi`, 0 or more and below 1.
    median : (), month
        Median time m of the others.
    """
    if not 0.0 <= cured < 1.0:
        raise AnalysisError(f"cured fraction {cured!r}: give 0 or more and below 1")
    alone = of_median(median)
    if cured == 0.0:
        return alone
    starts = median * np.arange(0.0, CURE_MEDIANS + 0.5 * CURE_STEP, CURE_STEP)
    survival = cured + (1.0 - cured) * alone.survival(starts)
    rates = -np.diff(np.log(survival)) / np.diff(starts)
    return PiecewiseHazard(starts=starts, rates=np.append(rates, 0.0))


def through(months: Floats, survival: Floats) -> PiecewiseHazard:
    """Return the hazard that is constant between points of a curve, and goes on as in the last stretch.

    Parameters
    ----------
    months : (m,), month
        Increasing, above zero.
    survival : (m,), 1
        The curve there: above 0, below 1, not increasing.
    """
    starts, curve = np.append(0.0, months), np.append(1.0, survival)
    if not (np.all(np.diff(starts) > 0.0) and np.all(np.diff(curve) <= 0.0) and curve[-1] > 0.0 and months.size):
        raise AnalysisError(
            f"survival {listed(survival)} at {listed(months)} months: let months increase and survival fall from 1, "
            "staying above 0"
        )
    return PiecewiseHazard(starts=starts[:-1], rates=-np.diff(np.log(curve)) / np.diff(starts))


def _mean_decay(exponents: Floats) -> Floats:
    """(1 - exp(-x)) / x, which is one at zero."""
    safe = np.where(exponents > 0.0, exponents, 1.0)
    return np.where(exponents > 0.0, -np.expm1(-safe) / safe, 1.0)
