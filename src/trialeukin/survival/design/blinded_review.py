"""Sample size anew from what may be known without opening the blind: the events of both arms together.

The hazard ratio stays as planned; the level of the hazard is a nuisance. It is moved until as many events are
expected by the date of the review as came, and the size is computed anew. Nothing about the arms' difference is used,
so that the type I error is not touched (Friede, Pohlmann and Schmidli, Pharm Stat 2019;18:351).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.expected_events import date_of_events, total_events
from trialeukin.survival.design.hazard import constant
from trialeukin.survival.design.required_events import events_needed
from trialeukin.survival.design.sample_size import SampleSize, SampleSizeFormula, Setting, sample_size

FACTORS = (1e-6, 1e6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a blinded review changes.

    Attributes
    ----------
    factor : float, 1
        The level of the hazard over the planned one.
    size : SampleSize
        Anew, for the planned date.
    date : float or None, month
        When the planned accrual, unchanged, is expected to have the events; None: never.
    """

    factor: float
    size: SampleSize
    date: float | None


def blinded_review(
    setting: Setting, *, calendar: float, events: int, alpha: float = 0.025, power: float = 0.9
) -> Review:
    """Return the design anew after so many events in both arms together.

    Parameters
    ----------
    setting : Setting
        As planned, with the patients that came and come.
    calendar : (), month
        Date of the review, before that of the analysis.
    events : int
        Observed by then, above zero and fewer than the patients.
    alpha, power : (), 1
        One-sided level; power.
    """
    if not 0.0 < calendar < setting.calendar:
        raise AnalysisError(
            f"review at month {calendar!r}: give a date before the analysis, month {setting.calendar:g}"
        )
    entered = float(setting.enrolment.entered(np.array([calendar]))[0])
    if not 0 < events < entered:
        raise AnalysisError(
            f"{events} events among the {entered:.4g} patients entered by then: give 1 or more, but fewer"
        )

    def excess(log_factor: float) -> float:
        moved = _moved(setting, float(np.exp(log_factor)))
        return float(total_events(moved.arms(), moved.enrolment, calendar).sum()) - events

    low, high = (float(np.log(each)) for each in FACTORS)
    if excess(high) < 0.0:
        raise AnalysisError(f"{events} events by month {calendar:g} are more than any hazard gives: look at the dates")
    factor = float(np.exp(brentq(excess, low, high, xtol=1e-12)))
    moved = _moved(setting, factor)
    size = sample_size(moved, SampleSizeFormula.SCHOENFELD, alpha=alpha, power=power)
    try:
        date: float | None = date_of_events(
            moved.arms(), moved.enrolment, events_needed(setting.contrast, alpha=alpha, power=power)
        )
    except AnalysisError:
        date = None
    return Review(factor=factor, size=size, date=date)


def _moved(setting: Setting, factor: float) -> Setting:
    return replace(setting, control=setting.control.times(constant(factor)))
