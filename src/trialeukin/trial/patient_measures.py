"""What is measured of each virtual patient whom a regimen was given: exposure, cells, tolerability, relapse."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.engine.problem import Exposure, Fate, Problem
from trialeukin.engine.quantities import names, unit_of
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.trial.endpoint import DAYS_A_YEAR
from trialeukin.trial.fans import meaning_of
from trialeukin.trial.fates import GIVEN_UP, dispositions
from trialeukin.trial.grade_course import SEVERE
from trialeukin.trial.grades import LOW_PLATELETS, platelet_grades
from trialeukin.trial.outcomes import DETECTION, REMISSION
from trialeukin.trial.shown import GRADE, PLATELETS

CONCENTRATION, IL2 = "_concentration", "il2_concentration"
THRESHOLDS = {
    "treg_half_signal": "Treg",
    "nk_bright_half_signal": "CD56bright NK",
    "nk_activation_half_signal": "NK",
}
LEUKAEMIA, FEWEST_CELLS = "leukaemia_burden", 1.0
HIGHEST_CELLS = ("nk_count", "nk_bright_count", "treg_count", "cd8_count", "eosinophil_count", "donor_effector")
LOWEST_CELLS = ("nk_count", "cd8_count", "neutrophils", PLATELETS)
MILESTONES = (1.0, 2.0)  # years
COMPLETED, GIVEN = "course completed, whatever was held or missed", "planned doses given, reduced ones in part"


class Topic(Enum):
    """What a measure tells of, in the words of a heading and in their order."""

    EXPOSURE = "exposure"
    CELLS = "cells"
    TOLERABILITY = "tolerability"
    LEUKAEMIA = "leukaemia and survival"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientMeasure:
    """One number of each of n patients.

    Attributes
    ----------
    topic : Topic
        What it tells of.
    name, unit : str
        What it is, in words, and its unit; of a share the unit is ``%`` of patients.
    drug : str
        The concentration that an exposure is of; empty of anything else.
    is_share : bool
        Whether it is one or zero: happened or not.
    values : (n,), ``unit``, or 1 where it is a share
        NaN where it has no meaning, as of a patient who died before.
    """

    topic: Topic
    name: str
    unit: str
    values: Floats
    drug: str = ""
    is_share: bool = False


def concentrations(system: System) -> tuple[str, ...]:
    """Return the concentrations of drug that a model has."""
    return tuple(each.name for each in system.definitions if each.name.endswith(CONCENTRATION))


def exposures_measured(system: System) -> tuple[Exposure, ...]:
    """Return what the engine has to summarise, in one window, for `treatment_measures`.

    A drug's peak and area come with its thresholds, where it has some.
    """
    known, thresholds = names(system), _thresholds(system)
    lows_and_highs = dict.fromkeys((*HIGHEST_CELLS, *LOWEST_CELLS, *_grades(system)))
    return (
        *(Exposure(quantity=name) for name in concentrations(system) if name != IL2 or not thresholds),
        *(Exposure(quantity=IL2, threshold=system.parameters[name].value) for name in thresholds),
        *(Exposure(quantity=name, area=False) for name in lows_and_highs if name in known),
    )


def treatment_measures(problem: Problem, found: Trajectories) -> tuple[PatientMeasure, ...]:
    """Return exposure, cells and tolerability of each patient of a trajectory.

    Parameters
    ----------
    problem : Problem
        What was solved, with `exposures_measured` as its exposures and one window.
    found : Trajectories
        Its solution, of n patients.

    Returns
    -------
    tuple of PatientMeasure
        By topic; which there are depends on the model alone, so that those of two regimens match.
    """
    system = problem.system
    return (
        *_exposure(found, system),
        *_cells(found, system),
        *_tolerability(found, system),
        *_doses_given(problem, found),
    )


def patient_measures(problem: Problem, found: Trajectories) -> tuple[PatientMeasure, ...]:
    """Return every measure of each patient of a trajectory that kept leukaemia at one time.

    Parameters
    ----------
    problem : Problem
        As for `treatment_measures`; ``save`` holds `LEUKAEMIA` where the model has it, at one time.
    found : Trajectories
        Its solution, of n patients.

    Returns
    -------
    tuple of PatientMeasure
        Those of treatment, then leukaemia and survival.
    """
    return (*treatment_measures(problem, found), *_leukaemia(found), *_events(found, problem.system))


def free_of_relapse(found: Trajectories, system: System) -> Floats | None:
    """Return when leukaemia-free survival ends, (n,), day, infinity beyond; None where patients are not in remission.

    It ends at the relapse found or at death; a model whose patients have to reach remission first has none.
    """
    to_reach = any(name.endswith("remission") and not name.startswith("death") for name in found.events)
    if DETECTION not in found.events or to_reach or not _deaths(system):
        return None
    return np.minimum(_time(found, DETECTION), deaths(found, system))


def deaths(found: Trajectories, system: System) -> Floats:
    """Return when patients die, (n,), day; infinity beyond the end, or where the model has no death."""
    times = np.full(found.status.size, np.inf)
    for name in _deaths(system):
        times = np.minimum(times, _time(found, name))
    return times


def _exposure(found: Trajectories, system: System) -> list[PatientMeasure]:
    measures = []
    quantities = [each.quantity for each in found.exposures]

    def add(drug: str, words: str, unit: str, values: Floats) -> None:
        measures.append(PatientMeasure(topic=Topic.EXPOSURE, name=words, unit=unit, values=values, drug=drug))

    for name in concentrations(system):
        place = quantities.index(name)
        words, unit = meaning_of(system, name).removeprefix("concentration of "), unit_of(system, name)
        add(name, f"peak (Cmax) of {words}", unit, found.highest[:, 0, place])
        add(name, f"area under the curve (AUC) of {words}", f"{unit} day", found.area[:, 0, place])
    for following, name in enumerate(_thresholds(system)):
        place = quantities.index(IL2) + following
        add(IL2, f"time with IL-2 above the {THRESHOLDS[name]} EC50", "day", found.above[:, 0, place])
    return measures


def _cells(found: Trajectories, system: System) -> list[PatientMeasure]:
    measures = []
    for word, chosen, extremes in (("highest", HIGHEST_CELLS, found.highest), ("lowest", LOWEST_CELLS, found.lowest)):
        for name in chosen:
            place = _place(found, name)
            if place is not None:
                words = meaning_of(system, name) or name.replace("_", " ")
                topic = Topic.TOLERABILITY if name == PLATELETS else Topic.CELLS
                unit, values = unit_of(system, name), extremes[:, 0, place]
                measures.append(PatientMeasure(topic=topic, name=f"{word} {words}", unit=unit, values=values))
    return sorted(measures, key=lambda each: each.topic is Topic.TOLERABILITY)


def _tolerability(found: Trajectories, system: System) -> list[PatientMeasure]:
    measures = []
    for name in _grades(system):
        place = _place(found, name)
        if place is not None:
            words = name.removesuffix(GRADE).replace("_", " ")
            words = words if words in {"fever", "hypotension", "capillary leak"} else f"{words} toxicity"
            worst = _known(found.highest[:, 0, place] >= SEVERE, found.highest[:, 0, place])
            measures.append(_share(Topic.TOLERABILITY, f"{words} of grade {SEVERE:g} or more", worst))
    low = _place(found, PLATELETS)
    if low is not None:
        counts = found.lowest[:, 0, low]
        severe = _known(platelet_grades(counts) >= SEVERE, counts)
        measures.append(_share(Topic.TOLERABILITY, f"{LOW_PLATELETS} of grade {SEVERE:g} or more", severe))
    if GIVEN_UP in found.events:
        measures.append(_share(Topic.TOLERABILITY, "drug given up for toxicity", _stopped(found, GIVEN_UP)))
    return measures


def _doses_given(problem: Problem, found: Trajectories) -> list[PatientMeasure]:
    """Return who completed the course, whatever was held, reduced or missed, and how much of each dose was given."""
    if found.fates.shape[1]:
        never, stopped = dispositions(found, problem.rules)
        complete = (~never & ~stopped).astype(np.float64)
        planned = problem.doses.amounts
        share = 100.0 * np.divide(found.given, planned, out=np.ones(planned.shape), where=planned > 0.0).mean(axis=1)
    else:
        complete = share = np.full(found.status.size, np.nan)
    return [
        _share(Topic.TOLERABILITY, COMPLETED, complete),
        PatientMeasure(topic=Topic.TOLERABILITY, name=GIVEN, unit="%", values=share),
    ]


def _leukaemia(found: Trajectories) -> list[PatientMeasure]:
    if LEUKAEMIA not in found.save:
        return []
    cells = found.value(LEUKAEMIA)[:, 0]
    logarithm = np.log10(np.maximum(cells, FEWEST_CELLS))
    words = f"residual leukaemia on day {found.times[0]:.0f}, of those alive"
    return [PatientMeasure(topic=Topic.LEUKAEMIA, name=words, unit="log10 cells", values=logarithm)]


def _events(found: Trajectories, system: System) -> list[PatientMeasure]:
    measures = []
    free = free_of_relapse(found, system)
    for years in (each for each in MILESTONES if each * DAYS_A_YEAR <= _end(found)):
        day, words = years * DAYS_A_YEAR, f"{12 * years:g} months"
        if free is not None:
            relapsed = _time(found, DETECTION) <= day
            measures.append(_share(Topic.LEUKAEMIA, f"relapse within {words}", relapsed))
            measures.append(_share(Topic.LEUKAEMIA, f"alive without relapse at {words}", free > day))
        if _deaths(system):
            measures.append(_share(Topic.LEUKAEMIA, f"alive at {words}", deaths(found, system) > day))
    if REMISSION in found.events:
        reached = np.isfinite(_time(found, REMISSION))
        measures.append(_share(Topic.LEUKAEMIA, "complete remission", reached))
    return measures


def _end(found: Trajectories) -> float:
    """Return when those were left who lived longest, day; half a day is forgiven."""
    return float(found.end_times.max()) + 0.5


def _share(topic: Topic, name: str, values: Floats | Booleans) -> PatientMeasure:
    return PatientMeasure(topic=topic, name=name, unit="%", values=np.asarray(values, dtype=np.float64), is_share=True)


def _stopped(found: Trajectories, event: str) -> Booleans:
    """(n,) Whether an event took a dose."""
    code = Fate.EVENT + found.events.index(event)
    return np.asarray((found.fates == code).any(axis=1))


def _known(happened: Booleans, values: Floats) -> Floats:
    return np.where(np.isnan(values), np.nan, happened)


def _place(found: Trajectories, quantity: str) -> int | None:
    """Return where a quantity stands among the extremes that were kept."""
    places = [place for place, each in enumerate(found.exposures) if each.quantity == quantity and not each.area]
    return places[0] if places else None


def _grades(system: System) -> tuple[str, ...]:
    return tuple(name for name in names(system) if name.endswith(GRADE))


def _thresholds(system: System) -> tuple[str, ...]:
    return tuple(name for name in THRESHOLDS if name in system.parameters and IL2 in names(system))


def _deaths(system: System) -> tuple[str, ...]:
    return tuple(event.name for event in system.events if event.ends)


def _time(found: Trajectories, event: str) -> Floats:
    days = found.event_time(event)
    return np.where(np.isnan(days), np.inf, days)
