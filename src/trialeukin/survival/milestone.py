r"""Survival of two groups compared at one time fixed beforehand.

.. math:: Z_{naive} = \frac{S_2 - S_1}{\sqrt{\operatorname{var} S_1 + \operatorname{var} S_2}}, \qquad
   Z_{cloglog} = \frac{\log(-\log S_2) - \log(-\log S_1)}{\sqrt{v_1 + v_2}}, \quad
   v = \frac{\operatorname{var} S}{(S \log S)^2}

Klein, Logan, Harhoff, Andersen, Stat Med 2007;26:4505: the naive test is anti-conservative in small
samples, the other is not. The signs differ: more survival is a positive difference and a negative log hazard.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.case_weights import CaseWeights
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.observations import group_numbers, observations, refuse_other_than_two


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Kaplan-Meier of a second group against a first at one time.

    Attributes
    ----------
    time : float, unit of the follow-up
        The time.
    survival, standard_error : (float, float), 1
        Of both groups, in sorted order of their labels.
    """

    time: float
    survival: tuple[float, float]
    standard_error: tuple[float, float]

    @property
    def difference(self) -> float:
        """Survival of the second group minus that of the first."""
        return self.survival[1] - self.survival[0]

    @property
    def z_naive(self) -> float:
        """Difference over its standard error; positive when the second group survives more."""
        return self.difference / float(np.hypot(*self.standard_error))

    @property
    def p_naive(self) -> float:
        """Two-sided probability if survival is equal."""
        return float(2.0 * ndtr(-abs(self.z_naive)))

    @property
    def z_log_log(self) -> float:
        """Difference in log cumulative hazard over its error; negative when the second group survives more."""
        survival, error = np.array(self.survival), np.array(self.standard_error)
        heights, errors = np.log(-np.log(survival)), error / (survival * np.log(survival))
        return float((heights[1] - heights[0]) / np.hypot(*errors))

    @property
    def p_log_log(self) -> float:
        """Two-sided probability if survival is equal."""
        return float(2.0 * ndtr(-abs(self.z_log_log)))


def milestone(
    times: ArrayLike, events: ArrayLike, groups: ArrayLike, *, time: float, weights: CaseWeights | None = None
) -> Milestone:
    """Compare the survival of two groups at one time.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen.
    groups : (n,)
        A label a patient, of two kinds.
    time : (), unit of ``times``
        When to compare. Both groups must have had an event by then, and have patients left: survival of one or
        zero has no error to compare by.
    weights : CaseWeights
        A weight a patient; none given: one each.
    """
    observed = observations(times, events)
    labels, places = group_numbers(groups, observed.times, "groups")
    if weights is not None:
        weights.matched(observed.times.size)
    refuse_other_than_two(labels, "a milestone compares two; leave the others out")
    curves = [
        kaplan_meier(
            observed.times[members],
            observed.events[members],
            weights=None if weights is None else weights.where(members),
        )
        for members in (places == 0, places == 1)
    ]
    survival = tuple(float(curve.at([time])[0]) for curve in curves)
    for label, height in zip(labels, survival, strict=True):
        if not 0.0 < height < 1.0:
            raise AnalysisError(
                f"survival of group {label} at {time:g} is {height:g}: the test takes one between 0 and 1 in both "
                "groups; give a time after the first event and within the follow-up of both"
            )
    error = tuple(float(curve.standard_error_at([time])[0]) for curve in curves)
    return Milestone(time=time, survival=(survival[0], survival[1]), standard_error=(error[0], error[1]))
