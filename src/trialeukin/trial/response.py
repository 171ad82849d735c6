"""What a regimen does outside a trial: exposure and cells of a typical patient and of virtual ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError, RegimenError, RunError
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.quantities import names, unit_of
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.population.cohort import Cohort, draw_cohort, typical_values
from trialeukin.population.fates import draw_fates
from trialeukin.regimen.body import BSA_LIMITS, REFERENCE_BSA, REFERENCE_WEIGHT, WEIGHT_LIMITS
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.trial.arm_result import Course, Fan
from trialeukin.trial.background import Background, check_takes
from trialeukin.trial.endpoint import DAYS_A_YEAR
from trialeukin.trial.fans import alive_quantiles, meaning_of
from trialeukin.trial.patient_measures import (
    LEUKAEMIA,
    concentrations,
    exposures_measured,
    treatment_measures,
)
from trialeukin.trial.shown import GRADE, exposure_times

PATIENTS, SEED = 200, 2_961
AFTER, LONGEST = 60.0, 3 * DAYS_A_YEAR
POINTS_OF_CELLS = 400
CELLS = (
    "nk_count",
    "nk_bright_count",
    "treg_count",
    "cd8_count",
    "eosinophil_count",
    "neutrophils",
    "platelets",
    "donor_effector",
    LEUKAEMIA,
)
LIMITS = (0.05, 0.5, 0.95)
COHORTS_KEPT = 8  # of hundreds of patients; the next regimen is followed in the same ones
WHILE_WAITED_FOR = Tolerance(relative=5e-5)  # quantiles within 0.1 %, in two thirds of the time


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The typical patient's body.

    Attributes
    ----------
    bsa : float, m2
        Body surface, within `trialeukin.regimen.body.BSA_LIMITS`.
    weight : float, kg
        Body weight, within `trialeukin.regimen.body.WEIGHT_LIMITS`.
    """

    bsa: float = REFERENCE_BSA.value
    weight: float = REFERENCE_WEIGHT.value

    def __post_init__(self) -> None:
        for name, size, (low, high), unit in (
            ("bsa", self.bsa, BSA_LIMITS, "m2"),
            ("weight", self.weight, WEIGHT_LIMITS, "kg"),
        ):
            if not low <= size <= high:
                raise InputError(f"{name} {size:g}: give a number of {unit} from {low:g} to {high:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of every patient over the whole course, in the typical patient and over the virtual ones.

    Attributes
    ----------
    name, unit : str
        What it is, in words, and its unit.
    typical : float, ``unit``
        Of the typical patient.
    low, median, high : float, ``unit``
        The 5th, 50th and 95th percentile of the virtual patients.
    """

    name: str
    unit: str
    typical: float
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimenResponse:
    """What a regimen does; days count from its first day.

    Attributes
    ----------
    background : Background
        In whom.
    patients, failed : int
        Virtual patients followed, and those among them who could not be followed to the end.
    exposure : tuple of Fan
        Concentrations of the drugs that are given, in the first weeks, in fine steps.
    cells : tuple of Fan
        Cells and leukaemia until some time after the last dose.
    typical : tuple of Course
        The same quantities at the typical value of every parameter; patient -1.
    measures : tuple of Measure
        Peak and area of each drug, days above what half-signals each kind of cell, extremes of cells.
    """

    background: Background
    patients: int
    failed: int
    exposure: tuple[Fan, ...]
    cells: tuple[Fan, ...]
    typical: tuple[Course, ...]
    measures: tuple[Measure, ...]

    def course(self, quantity: str) -> Course:
        """Return the typical course of a quantity."""
        return next(each for each in self.typical if each.quantity == quantity)


def response_of(
    regimen: Regimen,
    place: Background,
    *,
    body: Body | None = None,
    patients: int = PATIENTS,
    seed: int = SEED,
    days: float | None = None,
) -> RegimenResponse:
    """Return what a regimen does in one typical patient and in virtual ones of a background.

    Parameters
    ----------
    regimen : Regimen
        What is planned; one without doses shows patients who get nothing.
    place : Background
        In whom.
    body : Body
        The typical patient's; virtual patients have their own.
    patients : int
        How many; patient 17 is the same person under every regimen of one seed.
    seed : int
        Of all random numbers.
    days : float, day
        How long they are followed; until `AFTER` days past the last dose if left out.

    Raises
    ------
    InputError
        When the background's model cannot follow the regimen.
    RunError
        When more than a tenth of the patients fail.
    """
    check_takes(place, regimen)
    system = place.system()
    cohort = _cohort(place, patients, seed)
    end = days_followed([regimen]) if days is None else days
    fine = exposure_times(expand(regimen), start=0.0, horizon=end)
    coarse = np.linspace(0.0, end, POINTS_OF_CELLS + 1)
    problem = _problem(system, regimen, cohort, body or Body(), np.union1d(fine, coarse), seed=seed)
    found = solve(problem)
    failed = int(found.failed[1:].sum())
    if failed > 0.1 * patients:
        raise RunError(f"{failed} of {patients} virtual patients could not be followed: try another background")
    drugs = tuple(name for name in concentrations(system) if np.nanmax(found.value(name)) > 0.0)
    cells = _cells(system)
    return RegimenResponse(
        background=place,
        patients=patients,
        failed=failed,
        exposure=tuple(_fan(found, system, name, fine) for name in drugs),
        cells=tuple(_fan(found, system, name, coarse) for name in cells),
        typical=tuple(
            _typical(found, system, name, times) for group, times in ((drugs, fine), (cells, coarse)) for name in group
        ),
        measures=_measures(problem, found, drugs),
    )


@lru_cache(maxsize=COHORTS_KEPT)
def _cohort(place: Background, patients: int, seed: int) -> Cohort:
    return draw_cohort(place.description(), place.system(), seed=seed, patients=np.arange(patients))


def days_followed(regimens: Iterable[Regimen]) -> float:
    """Return how long regimens are followed, day from the first: until `AFTER` days past the last dose of any.

    Raises
    ------
    RegimenError
        When there are doses after `LONGEST` days.
    """
    ends = (dose.start + dose.duration for regimen in regimens for dose in expand(regimen))
    last = max(ends, default=0.0) / HOURS
    if last > LONGEST:
        raise RegimenError(
            f"the last dose ends after {last:,.0f} days: {LONGEST:,.0f} days are followed here; give fewer cycles, or "
            "run it as a trial"
        )
    return last + AFTER


def _cells(system: System) -> tuple[str, ...]:
    known = names(system)
    return tuple(name for name in CELLS if name in known)


def _problem(system: System, regimen: Regimen, cohort: Cohort, body: Body, times: Floats, *, seed: int) -> Problem:
    """Return the typical patient, who is the first row, and the virtual ones, as they are followed."""
    planned = tuple(dose for dose in expand(regimen) if dose.start / HOURS <= times[-1])
    drawn = draw_fates(regimen.adherence, len(planned), seed=seed, patients=cohort.patients)
    return Problem(
        system=system,
        parameters=np.vstack([typical_row(system, body), cohort.parameters]),
        doses=planned_doses(
            system,
            planned,
            bsa=np.append(body.bsa, cohort.bsa),
            weight=np.append(body.weight, cohort.weight),
            fates=np.vstack([np.zeros_like(drawn[:1]), drawn]),
        ),
        rules=regimen.rules,
        horizon=float(times[-1]),
        save_times=times,
        save=(*concentrations(system), *_cells(system)),
        examinations=np.arange(30.0, times[-1], 30.0),
        exposures=tuple(each for each in exposures_measured(system) if not each.quantity.endswith(GRADE)),
        tolerance=WHILE_WAITED_FOR,
    )


def _measures(problem: Problem, found: Trajectories, drugs: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return what is a number of each patient and known of some; nothing of a drug that nobody gets.

    Grades are of use for shares of patients alone, so that nobody has followed them.
    """
    measures = []
    for each in treatment_measures(problem, found):
        known = each.values[1:][np.isfinite(each.values[1:]) & ~found.failed[1:]]
        if known.size and not each.is_share and each.drug in {"", *drugs}:
            low, median, high = (float(limit) for limit in np.quantile(known, LIMITS))
            typical = float(each.values[0])
            measures.append(Measure(name=each.name, unit=each.unit, typical=typical, low=low, median=median, high=high))
    return tuple(measures)


def typical_row(system: System, body: Body) -> Floats:
    """Return the typical patient's parameters, (p,), with the size of a body."""
    values = typical_values(system)
    for name, size in (("body_surface_area", body.bsa), ("body_weight", body.weight)):
        if name in system.parameters:
            values[list(system.parameters).index(name)] = size
    return values


def _fan(found: Trajectories, system: System, name: str, times: Floats) -> Fan:
    values = found.value(name)[1:][~found.failed[1:]]
    at = np.searchsorted(found.times, times)
    return Fan(
        quantity=name,
        unit=unit_of(system, name),
        meaning=meaning_of(system, name),
        times=times,
        quantiles=alive_quantiles(values[:, at]),
        patients=len(values),
    )


def _typical(found: Trajectories, system: System, name: str, times: Floats) -> Course:
    return Course(
        patient=-1,
        label="typical patient",
        quantity=name,
        unit=unit_of(system, name),
        times=times,
        values=found.value(name)[0, np.searchsorted(found.times, times)],
    )
