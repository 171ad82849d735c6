"""Landmark analysis: who is still free of the event at a time, and what happens from then on.

A group that forms during follow-up (responders, transplanted) may only be compared from a time fixed
beforehand, among those still at risk then, by what was known then: otherwise patients must survive to get into the
better group (immortal time). Anderson, Cain, Gelber, J Clin Oncol 1983;1:710.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.observations import numbers, observations


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Landmark:
    """Patients at risk at a landmark, with time counted from it.

    Attributes
    ----------
    kept : (n,), 1
        Who of all patients is still under observation and free of the event after the landmark.
    times, events : (k,), unit of the follow-up and 1
        Of those, from the landmark on.
    reached : (k,), 1
        Whether each had the intermediate event by the landmark.
    had_event, lost : int
        Patients left out since they had the event, or were censored, by then.
    """

    kept: Booleans
    times: Floats
    events: Booleans
    reached: Booleans
    had_event: int
    lost: int


def landmark(times: ArrayLike, events: ArrayLike, intermediate: ArrayLike, *, time: float) -> Landmark:
    """Return what a landmark analysis compares; give it to `cox`, `log_rank` or `kaplan_meier`.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen.
    intermediate : (n,), unit of ``times``
        When the intermediate event came (response, transplant); infinity where it never did.
    time : (), unit of ``times``
        The landmark, fixed beforehand. An event at that very time is one before it.
    """
    observed = observations(times, events)
    when = numbers(intermediate, "intermediate")
    if when.shape != observed.times.shape or np.isnan(when).any():
        raise AnalysisError("intermediate: give a time a patient, infinity (inf) where it never came")
    if not 0.0 <= time < np.inf:
        raise AnalysisError(f"landmark {time!r}: give a time from zero on")
    kept = observed.times > time
    if not kept.any():
        raise AnalysisError(
            f"nobody is at risk after {time:g}: follow-up ends at {observed.times.max():g}; give an earlier one"
        )
    return Landmark(
        kept=kept,
        times=observed.times[kept] - time,
        events=observed.events[kept],
        reached=when[kept] <= time,
        had_event=int((~kept & observed.events).sum()),
        lost=int((~kept & ~observed.events).sum()),
    )
