r"""The Nelson-Aalen estimate of the cumulative hazard.

.. math:: H(t) = \sum_{u \le t} \frac{d(u)}{n(u)}, \qquad \operatorname{var} H(t) = \sum_{u \le t} \frac{d(u)}{n(u)^2}

The variance is that of Poisson counts. Ties are taken as they are. Nelson, Technometrics 1972;14:945;
Aalen, Ann Stat 1978;6:701. With weights, d and n are sums of them, and under weights of sampling the variance
is that of the infinitesimal jackknife.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Floats
from trialeukin.survival.case_weights import CaseWeights, WeightMeaning, weighted_table
from trialeukin.survival.observations import Observations, numbers, observations
from trialeukin.survival.risk_table import risk_table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NelsonAalen:
    """A cumulative hazard: a step function from zero.

    Attributes
    ----------
    times : (k,), unit of the follow-up
        Distinct times of events and censorings, increasing.
    hazard, standard_error : (k,), 1
        Cumulative hazard up to and including each time, and its error.
    """

    times: Floats
    hazard: Floats
    standard_error: Floats

    def at(self, times: ArrayLike) -> Floats:
        """Return the cumulative hazard at given times, (m,); NaN after the last follow-up."""
        when = numbers(times, "times")
        values = np.concatenate(([0.0], self.hazard))[np.searchsorted(self.times, when, side="right")]
        return np.where(when > self.times[-1], np.nan, values)


def nelson_aalen(
    times: ArrayLike, events: ArrayLike, *, entry: ArrayLike | None = None, weights: CaseWeights | None = None
) -> NelsonAalen:
    """Estimate the cumulative hazard from follow-up that may be censored.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen.
    entry : (n,), unit of ``times``
        When each patient came under observation (left truncation); none given: all from the start.
    weights : CaseWeights
        A weight a patient; none given: one each.
    """
    observed = observations(times, events, entry)
    if weights is not None:
        return _weighted(observed, weights)
    table = risk_table(observed)
    patients = table.at_risk.astype(np.float64)
    return NelsonAalen(
        times=table.times,
        hazard=np.cumsum(table.events / patients),
        standard_error=np.sqrt(np.cumsum(table.events / patients**2)),
    )


def _weighted(observed: Observations, weights: CaseWeights) -> NelsonAalen:
    table = weighted_table(observed, weights)
    rates = table.events / table.at_risk
    if weights.meaning is WeightMeaning.SAMPLING:
        variance = table.robust_variance(-rates / table.at_risk, 1.0 / table.at_risk)
    else:
        variance = np.cumsum(rates / table.at_risk)
    return NelsonAalen(times=table.counts.times, hazard=np.cumsum(rates), standard_error=np.sqrt(variance))
