"""Grades of toxicity over time, and how the doses went while they lasted."""

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.engine.problem import Doses, Fate
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.regimen.rules import DoseRule
from trialeukin.trial.arm_result import DosePeriod, GradeCourse
from trialeukin.trial.fans import meaning_of
from trialeukin.trial.fates import dose_reasons
from trialeukin.trial.grades import LOW_PLATELETS, platelet_grades
from trialeukin.trial.shown import PLATELETS

MODERATE, SEVERE = 2.0, 3.0
PERIOD, MOST_PERIODS = 28.0, 12


def grade_courses_of(trajectories: Trajectories, system: System) -> tuple[GradeCourse, ...]:
    """Return the course of every graded toxicity that was saved, low platelets by the limits of their grades."""
    valid = ~trajectories.failed
    found = []
    for name in trajectories.save:
        values = trajectories.value(name)[valid]
        low = name == PLATELETS
        grades = platelet_grades(values) if low else values
        words = LOW_PLATELETS if low else meaning_of(system, name)
        days, worst = worst_of_days(grades, trajectories.times)
        found.append(grade_course(worst, days, item=name, meaning=words))
    return tuple(found)


def worst_of_days(grades: Floats, times: Floats) -> tuple[Floats, Floats]:
    """Return the days of the readings, and the worst grade of each patient on each of them.

    Parameters
    ----------
    grades : (n, k), 1
        Of n patients at k times; NaN after death.
    times : (k,), day from randomisation
        When, increasing.

    Returns
    -------
    (m,), day from randomisation
        The days.
    (n, m), 1
        Worst grades; NaN where all of a day's readings are after death.
    """
    days, first = np.unique(np.floor(times), return_index=True)
    return days, np.fmax.reduceat(grades, first, axis=1)


def grade_course(grades: Floats, times: Floats, *, item: str, meaning: str) -> GradeCourse:
    """Return how many patients are at a grade on each day, and have been.

    Parameters
    ----------
    grades : (n, k), 1
        The worst of n patients on k days; NaN after death.
    times : (k,), day from randomisation
        The days.
    item, meaning : str
        The toxicity's name and words.
    """
    alive = ~np.isnan(grades)
    living = alive.sum(axis=0)
    shares = [
        np.divide((alive & (grades >= limit)).sum(axis=0), living, out=np.full(times.size, np.nan), where=living > 0)
        for limit in (MODERATE, SEVERE)
    ]
    severe = alive & (grades >= SEVERE)
    return GradeCourse(
        item=item,
        meaning=meaning,
        times=times,
        moderate=shares[0],
        severe=shares[1],
        ever_severe=np.maximum.accumulate(severe, axis=1).mean(axis=0),
        median_days_to_severe=_median_first(severe, times),
        patients=int(grades.shape[0]),
    )


def dose_periods_of(
    doses: Doses, trajectories: Trajectories, rules: tuple[DoseRule, ...], studied: Booleans
) -> tuple[DosePeriod, ...]:
    """Return what became of the studied drug's doses in each period of the regimen, over the valid patients.

    Periods are of `PERIOD` days from the first dose on, or of the least multiple of it that makes no more than
    `MOST_PERIODS`; periods in which no dose is planned are left out.
    """
    if not studied.any():
        return ()
    valid = ~trajectories.failed
    times, fates = doses.times[studied], trajectories.fates[valid][:, studied]
    planned, given = doses.amounts[valid][:, studied], trajectories.given[valid][:, studied]
    reasons = dose_reasons(trajectories.events, rules)
    start = float(times.min())
    width = PERIOD * np.ceil((float(times.max()) - start + 1.0) / (PERIOD * MOST_PERIODS))
    places = np.floor((times - start) / width).astype(np.int64)
    found = []
    for place in np.unique(places):
        inside = places == place
        here = fates[:, inside]
        codes, counts = np.unique(here[here != Fate.GIVEN], return_counts=True)
        order = np.argsort(-counts, kind="stable")
        found.append(
            DosePeriod(
                start=start + float(place) * float(width),
                end=start + float(place + 1) * float(width),
                doses=int(inside.sum()),
                intensity=float(given[:, inside].sum() / planned[:, inside].sum()),
                reasons=tuple((reasons[int(codes[index])], float(counts[index] / here.size)) for index in order),
            )
        )
    return tuple(found)


def _median_first(severe: Booleans, times: Floats) -> float:
    """Return the median day of the first severe grade of the patients who have one; NaN if nobody has."""
    ever = severe.any(axis=1)
    return float(np.median(times[severe[ever].argmax(axis=1)])) if ever.any() else float("nan")
