r"""Whether a survival curve ends on a plateau that follow-up can vouch for.

The share cured is read off the end of Kaplan-Meier, which is right only if nobody would have an event later.
Maller and Zhou (Biometrika 1992;79:731; Survival Analysis with Long-Term Survivors, 1996) ask how long the
curve has been level: with the last event at :math:`t^*` and the last follow-up at t, and N the events in
:math:`(2 t^* - t, t^*]` out of n patients,

.. math:: \alpha = (1 - N / n)^n

is about the chance of so long a level end if follow-up were too short. A small one speaks for a plateau;
a large one says that it is too early to call one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.observations import observations, refuse_all_censored


@dataclass(frozen=True, slots=True, kw_only=True)
class Plateau:
    """The end of a survival curve.

    Attributes
    ----------
    height : float, 1
        Kaplan-Meier at the last follow-up: the share cured, if follow-up is long enough.
    lower, upper : float, 1
        Its log-log 95 % limits; NaN where the curve ends at zero.
    last_event, last_follow_up : float, unit of the follow-up
        Between them the curve is level.
    at_risk : int
        Patients followed beyond the last event.
    p_too_short : float, 1
        Maller and Zhou's alpha; one where the last follow-up is an event.
    """

    height: float
    lower: float
    upper: float
    last_event: float
    last_follow_up: float
    at_risk: int
    p_too_short: float


def plateau(times: ArrayLike, events: ArrayLike) -> Plateau:
    """Describe the end of the survival curve of patients; see `Plateau`.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen.
    """
    observed = observations(times, events)
    refuse_all_censored(observed.events)
    curve = kaplan_meier(observed.times, observed.events)
    last_event, last = float(observed.times[observed.events].max()), float(observed.times.max())
    lower, upper = curve.interval()
    recent = observed.events & (observed.times > 2.0 * last_event - last)
    n = observed.times.size
    return Plateau(
        height=float(curve.survival[-1]),
        lower=float(lower[-1]),
        upper=float(upper[-1]),
        last_event=last_event,
        last_follow_up=last,
        at_risk=int(np.sum(observed.times > last_event)),
        p_too_short=1.0 if last == last_event else float((1.0 - recent.sum() / n) ** n),
    )
