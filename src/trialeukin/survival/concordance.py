r"""Harrell's concordance: how often the patient at higher predicted risk has the event first.

Of pairs in which it is known who came first (an event before, or at the time of, the other's censoring, or
before the other's event), the share in which the risk agrees; equal risks count half. Two events at one
time are no pair. The error is the infinitesimal jackknife, :math:`\sqrt{\sum_i ((a_i - C n_i) / n)^2}`
with a patient's own pairs :math:`n_i` and their score :math:`a_i`, out of n pairs.

Harrell et al., JAMA 1982;247:2543; Therneau and Watson, Mayo Clinic technical report 85, 2015.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.observations import numbers, observations, refuse_all_censored


@dataclass(frozen=True, slots=True, kw_only=True)
class Concordance:
    """Agreement of predicted risk with the order of events.

    Attributes
    ----------
    value : float, 1
        One if higher risk always comes first, a half by chance.
    standard_error : float, 1
        Infinitesimal jackknife.
    pairs : int
        Pairs in which it is known who came first.
    """

    value: float
    standard_error: float
    pairs: int


def concordance(times: ArrayLike, events: ArrayLike, risk: ArrayLike) -> Concordance:
    """Compare predicted risks with what happened; work grows with events times patients.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen.
    risk : (n,), 1
        Any number that is higher for a patient expected to have the event earlier.
    """
    observed = observations(times, events)
    refuse_all_censored(observed.events)
    predicted = numbers(risk, "risk")
    if predicted.shape != observed.times.shape or not np.isfinite(predicted).all():
        raise AnalysisError(f"risk has shape {predicted.shape}: give one finite number for each of the patients")
    scores, pairs = np.zeros(predicted.size), np.zeros(predicted.size)
    for patient in np.flatnonzero(observed.events):
        later = _known_later(observed.times, observed.events, patient)
        agreed = _agreement(predicted[patient], predicted[later])
        scores[patient] += agreed.sum()
        scores[later] += agreed
        pairs[patient] += later.sum()
        pairs[later] += 1.0
    total = 0.5 * pairs.sum()
    if total == 0.0:
        raise AnalysisError("in no pair of patients is it known who came first: follow more patients for longer")
    value = 0.5 * scores.sum() / total
    influence = (scores - value * pairs) / total
    return Concordance(value=float(value), standard_error=float(np.sqrt(influence @ influence)), pairs=int(total))


def _known_later(times: Floats, events: Booleans, patient: np.int64) -> Booleans:
    return np.asarray((times > times[patient]) | ((times == times[patient]) & ~events))


def _agreement(risk: np.float64, later: Floats) -> Floats:
    return np.where(later < risk, 1.0, np.where(later == risk, 0.5, 0.0))
