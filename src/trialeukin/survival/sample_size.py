r"""How many events a log-rank test needs, by the two formulas that tools differ in.

With hazard ratio h, r patients in the treated arm for one in control, and normal quantiles z:

.. math:: d_{Schoenfeld} = \frac{(1 + r)^2}{r} \left(\frac{z_{1-\alpha/2} + z_{1-\beta}}{\log h}\right)^2,
   \qquad
   d_{Freedman} = \frac{(1 + r h)^2}{r} \left(\frac{z_{1-\alpha/2} + z_{1-\beta}}{1 - h}\right)^2

Schoenfeld, Biometrika 1981;68:316; Freedman, Stat Med 1982;1:121.
"""

from enum import Enum

import numpy as np
from scipy.special import ndtr, ndtri

from trialeukin.core.errors import AnalysisError


class EventsFormula(Enum):
    """Which normal approximation of the log-rank statistic: its mean in an event's square root."""

    SCHOENFELD = "Schoenfeld"
    FREEDMAN = "Freedman"

    def drift(self, hazard_ratio: float, allocation: float) -> float:
        """Return the expected |Z| of a trial with one event; that of d events is sqrt(d) times it."""
        match self:
            case EventsFormula.SCHOENFELD:
                return float(np.sqrt(allocation) / (1.0 + allocation) * abs(np.log(hazard_ratio)))
            case EventsFormula.FREEDMAN:
                return float(np.sqrt(allocation) * abs(1.0 - hazard_ratio) / (1.0 + allocation * hazard_ratio))


def events_needed(
    hazard_ratio: float,
    *,
    power: float,
    alpha: float = 0.05,
    allocation: float = 1.0,
    formula: EventsFormula = EventsFormula.SCHOENFELD,
) -> float:
    """Return the events at which a two-sided log-rank test has a power; not rounded up.

    Parameters
    ----------
    hazard_ratio : (), 1
        Treated over control; above zero and not one.
    power : (), 1
        Between alpha and one.
    alpha : (), 1
        Two-sided level of the test.
    allocation : (), 1
        Patients in the treated arm for one in control.
    formula : EventsFormula
        SCHOENFELD or FREEDMAN.
    """
    _refuse_design(hazard_ratio, alpha, allocation)
    if not alpha < power < 1.0:
        raise AnalysisError(f"power {power!r}: give a fraction above alpha ({alpha:g}) and below 1")
    reach = ndtri(1.0 - 0.5 * alpha) + ndtri(power)
    return float((reach / formula.drift(hazard_ratio, allocation)) ** 2)


def power_of_events(
    hazard_ratio: float,
    *,
    events: float,
    alpha: float = 0.05,
    allocation: float = 1.0,
    formula: EventsFormula = EventsFormula.SCHOENFELD,
) -> float:
    """Return the power of a two-sided log-rank test in the direction of the effect.

    The chance of a significant result in the wrong direction is left out; see `events_needed` for the
    other arguments.

    Parameters
    ----------
    hazard_ratio : (), 1
        Treated over control.
    events : (), 1
        Events in both arms together; above zero.
    """
    _refuse_design(hazard_ratio, alpha, allocation)
    if not 0.0 < events < np.inf:
        raise AnalysisError(f"events {events!r}: give more than zero")
    return float(ndtr(np.sqrt(events) * formula.drift(hazard_ratio, allocation) - ndtri(1.0 - 0.5 * alpha)))


def _refuse_design(hazard_ratio: float, alpha: float, allocation: float) -> None:
    if not 0.0 < hazard_ratio < np.inf or hazard_ratio == 1.0:
        raise AnalysisError(f"hazard ratio {hazard_ratio!r}: give one above zero that is not 1 (0.75, say)")
    if not 0.0 < alpha < 1.0:
        raise AnalysisError(f"alpha {alpha!r}: give a fraction between 0 and 1; 0.05 two-sided is usual")
    if not 0.0 < allocation < np.inf:
        raise AnalysisError(f"allocation {allocation!r}: give treated patients for one control, above zero")
