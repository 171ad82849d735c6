r"""Restricted mean survival time: the area under Kaplan-Meier up to a horizon.

.. math:: \mu(\tau) = \int_0^\tau S(t) dt, \qquad
   \operatorname{var} \mu = \sum_{u \le \tau} \left(\int_u^\tau S(t) dt\right)^2 \frac{d(u)}{n(u) (n(u) - d(u))}

Royston and Parmar, BMC Med Res Methodol 2013;13:152; Uno et al., J Clin Oncol 2014;32:2380.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.observations import (
    group_numbers,
    observations,
    refuse_all_censored,
    refuse_other_than_two,
    two_sided,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedMean:
    """The mean time free of the event, out of a horizon.

    Attributes
    ----------
    mean, standard_error : float, unit of the follow-up
        Area under the curve and its error (Greenwood's, without a small-sample factor).
    horizon : float, unit of the follow-up
        Where the area ends.
    """

    mean: float
    standard_error: float
    horizon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedMeanContrast:
    """A second group against a first, by difference and by ratio.

    Attributes
    ----------
    first, second : RestrictedMean
        Of the two groups, in sorted order of their labels.
    """

    first: RestrictedMean
    second: RestrictedMean

    @property
    def difference(self) -> float:
        """Second minus first, unit of the follow-up."""
        return self.second.mean - self.first.mean

    @property
    def difference_error(self) -> float:
        """Standard error of the difference."""
        return float(np.hypot(self.first.standard_error, self.second.standard_error))

    @property
    def difference_p_value(self) -> float:
        """Two-sided probability of a difference at least as large if there is none."""
        return float(2.0 * ndtr(-abs(self.difference) / self.difference_error))

    def difference_interval(self, *, level: float = 0.95) -> tuple[float, float]:
        """Return lower and upper limits of the difference."""
        width = two_sided(level) * self.difference_error
        return self.difference - width, self.difference + width

    @property
    def ratio(self) -> float:
        """Second over first."""
        return self.second.mean / self.first.mean

    @property
    def log_ratio_error(self) -> float:
        """Standard error of the log of the ratio (delta method)."""
        first, second = (group.standard_error / group.mean for group in (self.first, self.second))
        return float(np.hypot(first, second))

    @property
    def ratio_p_value(self) -> float:
        """Two-sided probability of a log ratio at least as large if the ratio is one."""
        return float(2.0 * ndtr(-abs(np.log(self.ratio)) / self.log_ratio_error))

    def ratio_interval(self, *, level: float = 0.95) -> tuple[float, float]:
        """Return lower and upper limits of the ratio, symmetric in its log."""
        width = np.exp(two_sided(level) * self.log_ratio_error)
        return self.ratio / float(width), self.ratio * float(width)


def restricted_mean(times: ArrayLike, events: ArrayLike, horizon: float) -> RestrictedMean:
    """Estimate the mean time free of the event up to a horizon.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen. Without an event before the horizon the mean is the horizon,
        and its error zero.
    horizon : (), unit of ``times``
        Above zero, and not after the last follow-up unless that is an event of the last patients.
    """
    curve = kaplan_meier(times, events)
    if not 0.0 < horizon < np.inf:
        raise AnalysisError(f"horizon {horizon!r}: give a time above zero")
    last = float(curve.times[-1])
    if horizon > last and curve.survival[-1] > 0.0:
        raise AnalysisError(
            f"horizon {horizon:g} is after the last follow-up at {last:g}, where survival is "
            f"{curve.survival[-1]:.3g}: the curve is not known there; give {last:g} or less"
        )
    inside = curve.times < horizon
    edges = np.concatenate(([0.0], curve.times[inside], [horizon]))
    areas = np.concatenate(([1.0], curve.survival[inside])) * np.diff(edges)
    later = areas[::-1].cumsum()[::-1][1:]
    deaths, patients = curve.events[inside].astype(np.float64), curve.at_risk[inside]
    # the last patients' death leaves no area behind it, and no variance
    spread = np.divide(deaths, patients * (patients - deaths), out=np.zeros(deaths.size), where=patients > deaths)
    return RestrictedMean(mean=float(areas.sum()), standard_error=float(np.sqrt(later**2 @ spread)), horizon=horizon)


def restricted_mean_contrast(
    times: ArrayLike, events: ArrayLike, groups: ArrayLike, *, horizon: float
) -> RestrictedMeanContrast:
    """Compare the restricted means of two groups.

    Parameters
    ----------
    times, events : (n,)
        As for `restricted_mean`.
    groups : (n,)
        A label a patient, of two kinds; the second in sorted order is compared with the first.
    horizon : (), unit of ``times``
        Within the follow-up of both groups.
    """
    observed = observations(times, events)
    labels, places = group_numbers(groups, observed.times, "groups")
    refuse_other_than_two(labels, "a contrast takes two; leave the others out")
    refuse_all_censored(observed.events)
    first, second = (
        restricted_mean(observed.times[places == place], observed.events[places == place], horizon)
        for place in range(2)
    )
    if first.standard_error == 0.0 and second.standard_error == 0.0:
        raise AnalysisError(f"no event before the horizon {horizon:g} leaves others at risk: give a later horizon")
    for label, group in zip(labels, (first, second), strict=True):
        if group.mean == 0.0:
            raise AnalysisError(f"group {str(label)!r}: every event is at time 0, so that there is no mean to compare")
    return RestrictedMeanContrast(first=first, second=second)
