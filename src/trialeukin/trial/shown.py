"""Which quantities of a model a run keeps for its figures, and when."""

from collections.abc import Iterable

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.engine.problem import Exposure
from trialeukin.engine.quantities import names
from trialeukin.model.system import System
from trialeukin.regimen.administration import Administration, Route
from trialeukin.regimen.course import HOURS

PLATELETS = "platelets"
INTRAVENOUS = {Route.IV_BOLUS, Route.IV_INFUSION, Route.CIV}
COURSES = ("nk_count", "treg_count", "cd8_count", PLATELETS, "leukaemia_burden")
EXPOSURE = ("il2_concentration",)
GRADE = "_grade"
DAYS_AFTER_TREATMENT = 60.0
FINE_STEP, COARSE_STEP = 3.0, 30.0
EXPOSURE_DAYS, EXPOSURE_STEP = 21.0, 2.0 / HOURS
GRADE_STEP = 0.25  # days: what a dose does within hours is not over before it is read
BOLUS_IN = 1.0 / 1440.0  # days until a bolus is in blood and its concentration highest


def courses_shown(system: System) -> tuple[str, ...]:
    """Return the quantities followed over the whole trial, those of `COURSES` that the model has."""
    known = names(system)
    return tuple(name for name in COURSES if name in known)


def exposure_shown(system: System) -> tuple[str, ...]:
    """Return the concentrations of drug that the model has."""
    known = names(system)
    return tuple(name for name in EXPOSURE if name in known)


def grades_shown(system: System) -> tuple[Exposure, ...]:
    """Return the toxicities that the model grades, and platelets, whose lowest count has a grade."""
    return tuple(Exposure(quantity=name, area=False) for name in graded(system))


def graded(system: System) -> tuple[str, ...]:
    """Return the names of the toxicities that the model grades, and platelets."""
    return tuple(name for name in names(system) if name.endswith(GRADE) or name == PLATELETS)


def course_times(*, last_dose: float, horizon: float) -> Floats:
    """Return days from randomisation: every third until two months after the last dose, then every thirtieth."""
    slow_from = min(last_dose + DAYS_AFTER_TREATMENT, horizon)
    return np.concatenate((np.arange(0.0, slow_from, FINE_STEP), np.arange(slow_from, horizon, COARSE_STEP), [horizon]))


def exposure_times(doses: Iterable[Administration], *, start: float, horizon: float) -> Floats:
    """Return days at which exposure is looked at, increasing.

    Every two hours for three weeks from the day of the first dose, and the instants between at which intravenous doses
    are highest in blood: the end of an infusion, and a minute after a bolus.

    Parameters
    ----------
    doses : iterable of Administration
        The planned ones.
    start, horizon : float, day
        The regimen's first day, and the last day that is followed.
    """
    given = [dose for dose in doses if start + dose.start / HOURS < horizon]
    first = start + np.floor(min((dose.start for dose in given), default=0.0) / HOURS)
    end = min(first + EXPOSURE_DAYS, horizon)
    steps = np.arange(first, end + 1e-9, EXPOSURE_STEP)
    peaks = [
        start + (dose.start + dose.duration) / HOURS + (0.0 if dose.duration else BOLUS_IN)
        for dose in given
        if dose.route in INTRAVENOUS
    ]
    apart = [peak for peak in peaks if peak < end and np.abs(steps - peak).min() > BOLUS_IN / 2.0]
    return np.union1d(steps, apart)


def grade_times(*, last_dose: float, horizon: float) -> Floats:
    """Return days from randomisation: every quarter of one until two months after the last dose."""
    end = np.floor(min(last_dose + DAYS_AFTER_TREATMENT, horizon))
    return np.arange(0.0, end + GRADE_STEP, GRADE_STEP)
