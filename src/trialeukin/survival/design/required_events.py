r"""How many events a log-rank test needs, by the two formulas that tools differ in.

With hazard ratio h, margin m of non-inferiority (1: superiority), r patients in the treated arm for one in control, and
normal quantiles z:

.. math:: d_{Schoenfeld} = \frac{(1 + r)^2}{r} \left(\frac{z_{1-\alpha} + z_{1-\beta}}{\log h - \log m}\right)^2,
   \qquad
   d_{Freedman} = \frac{(1 + r h)^2}{r} \left(\frac{z_{1-\alpha} + z_{1-\beta}}{1 - h}\right)^2

Schoenfeld, Biometrika 1981;68:316; Freedman, Stat Med 1982;1:121. The level is that of one side, here and in all of
trial design; a two-sided test at 0.05 is ``alpha=0.025``.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.special import ndtr, ndtri

from trialeukin.core.errors import AnalysisError


class EventsFormula(Enum):
    """Which normal approximation of the log-rank statistic: its mean in an event's square root."""

    SCHOENFELD = "Schoenfeld"
    FREEDMAN = "Freedman"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """What a trial with proportional hazards compares.

    Attributes
    ----------
    hazard_ratio : float, 1
        Treated over control, as the trial is powered for.
    allocation : float, 1
        Patients in the treated arm for one in control.
    margin : float, 1
        Hazard ratio of the null hypothesis; above one for non-inferiority.
    """

    hazard_ratio: float
    allocation: float = 1.0
    margin: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("hazard ratio", self.hazard_ratio), ("margin", self.margin)):
            if not 0.0 < value < np.inf:
                raise AnalysisError(f"{name} {value!r}: give one above zero (0.75, say)")
        if self.hazard_ratio == self.margin:
            raise AnalysisError(
                f"hazard ratio {self.hazard_ratio!r}: it is that of the null hypothesis, so that no number of events "
                "has power; give one that is not 1, or a margin of non-inferiority"
            )
        if not 0.0 < self.allocation < np.inf:
            raise AnalysisError(f"allocation {self.allocation!r}: give treated patients for one control, above zero")

    @property
    def treated_share(self) -> float:
        """Share of the patients in the treated arm."""
        return self.allocation / (1.0 + self.allocation)

    def drift(self, formula: EventsFormula = EventsFormula.SCHOENFELD) -> float:
        """Return the expected |Z| of a trial with one event; that of d events is sqrt(d) times it."""
        ratio, allocation = self.hazard_ratio, self.allocation
        match formula:
            case EventsFormula.SCHOENFELD:
                return float(np.sqrt(allocation) / (1.0 + allocation) * abs(np.log(ratio / self.margin)))
            case EventsFormula.FREEDMAN:
                if self.margin != 1.0:
                    raise AnalysisError(
                        f"margin {self.margin:g} with Freedman's formula: it is of superiority; take Schoenfeld's"
                    )
                return float(np.sqrt(allocation) * abs(1.0 - ratio) / (1.0 + allocation * ratio))


def events_needed(
    contrast: Contrast, *, power: float, alpha: float = 0.025, formula: EventsFormula = EventsFormula.SCHOENFELD
) -> float:
    """Return the events at which a log-rank test has a power; not rounded up.

    Parameters
    ----------
    contrast : Contrast
        Hazard ratio, allocation, margin.
    power : (), 1
        Between alpha and one.
    alpha : (), 1
        One-sided level of the test.
    formula : EventsFormula
        SCHOENFELD or FREEDMAN.
    """
    refuse_errors(alpha, power)
    return float(((-ndtri(alpha) + ndtri(power)) / contrast.drift(formula)) ** 2)


def power_of_events(
    contrast: Contrast, *, events: float, alpha: float = 0.025, formula: EventsFormula = EventsFormula.SCHOENFELD
) -> float:
    """Return the power of a log-rank test in the direction of the effect; see `events_needed`."""
    refuse_errors(alpha)
    if not 0.0 < events < np.inf:
        raise AnalysisError(f"events {events!r}: give more than zero")
    return float(ndtr(np.sqrt(events) * contrast.drift(formula) + ndtri(alpha)))


def refuse_errors(alpha: float, power: float | None = None) -> None:
    """Refuse levels and powers between which there is no design.

    Raises
    ------
    AnalysisError
        Unless 0 < alpha < 1/2 and alpha < power < 1.
    """
    if not 0.0 < alpha < 0.5:
        raise AnalysisError(f"alpha {alpha!r}, one-sided: give a fraction between 0 and 0.5; 0.025 is usual")
    if power is not None and not alpha < power < 1.0:
        raise AnalysisError(f"power {power!r}: give a fraction above alpha ({alpha:g}) and below 1; 0.9 is usual")


def refuse_any_size(reach: float, least: float, power: float) -> None:
    """Refuse a power that trials of every size exceed, since their variance is smaller with the effect than without.

    Parameters
    ----------
    reach : float
        How many standard errors the effect has to be away, in those of one patient.
    least : float, 1
        The power that remains as patients become few.
    """
    if reach <= 0.0:
        raise AnalysisError(
            f"power {power:g}: at this effect a trial of any size has more than {least:.3g}; ask for more"
        )
