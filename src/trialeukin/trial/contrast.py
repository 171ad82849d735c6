"""What regimens do in the same virtual patients, against the first of them.

Patient 17 is the same person under every regimen, so that a difference is that person's own. How much it differs
from person to person, and how little is known of its mean, are told apart: the first from many patients at the
typical parameters, the second from draws of the parameters (`trialeukin.population.cohort.draw_typical`) in fewer of
the same patients, freed of those patients' chance as `trialeukin.trial.chance` does.
"""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError, RunError
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.quantities import names
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.population.cohort import Cohort, draw_cohort, draw_cohorts, draw_typical
from trialeukin.population.fates import draw_fates
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.render import render
from trialeukin.trial.background import Background, check_takes
from trialeukin.trial.chance import BLOCKS, over_draws
from trialeukin.trial.contrast_result import Contrast, Contrasts, Difference, Level, Survival
from trialeukin.trial.patient_measures import (
    LEUKAEMIA,
    PatientMeasure,
    Topic,
    deaths,
    exposures_measured,
    free_of_relapse,
    patient_measures,
)
from trialeukin.trial.response import PATIENTS, SEED, WHILE_WAITED_FOR, days_followed

DRAWS, PATIENTS_OF_DRAW = 32, 20
FEWEST_DRAWS = 4
TWO_YEARS = 730.5
EXAMINED_EVERY = 30.0
CURVE_STEP = 5.0
FAILURES_AT_MOST = 0.1
MIDDLE = (0.05, 0.95)
CENTRAL = (0.025, 0.975)


Kept = Callable[[Hashable, Callable[[], Trajectories]], Trajectories]


def _not_kept(_key: Hashable, compute: Callable[[], Trajectories]) -> Trajectories:
    return compute()


def contrasts_of(
    regimens: tuple[Regimen, ...],
    place: Background,
    *,
    patients: int = PATIENTS,
    draws: int = DRAWS,
    seed: int = SEED,
    kept: Kept = _not_kept,
) -> Contrasts:
    """Return what regimens do in the same virtual patients of a background, against the first.

    Parameters
    ----------
    regimens : tuple of Regimen
        The first is what the others are compared with; one without doses is observation.
    place : Background
        In whom.
    patients : int
        How many at the typical parameters, `PATIENTS_OF_DRAW` or more.
    draws : int
        Of the parameters: none, or `FEWEST_DRAWS` or more.
    seed : int
        Of all random numbers.
    kept : callable
        Given a key and what computes the courses under one regimen, returns them, perhaps from before.

    Raises
    ------
    InputError
        When the background's model cannot follow a regimen, or patients or draws are too few.
    RunError
        When more than a tenth of the patients fail.
    """
    if patients < PATIENTS_OF_DRAW:
        raise InputError(f"patients {patients}: give {PATIENTS_OF_DRAW} or more")
    if draws != 0 and draws < FEWEST_DRAWS:
        raise InputError(f"draws {draws}: give 0 for none, or {FEWEST_DRAWS} or more")
    for regimen in regimens:
        check_takes(place, regimen)
    system = place.system()
    cohort = _cohorts(place, system, patients=patients, draws=draws, seed=seed)
    treated = days_followed(regimens)
    followed = max(treated, TWO_YEARS)
    whose = (place, patients, draws, seed, treated, followed)
    problems = [_problem(system, each, cohort, (treated, followed), seed=seed) for each in regimens]
    found = [
        kept((render(each), *whose), partial(solve, problem)) for each, problem in zip(regimens, problems, strict=True)
    ]
    valid = ~np.any([each.failed for each in found], axis=0)
    if (~valid).mean() > FAILURES_AT_MOST:
        raise RunError(f"{int((~valid).sum())} of {valid.size} courses could not be followed: try another background")
    measured = [patient_measures(problem, each) for problem, each in zip(problems, found, strict=True)]
    split = _Split(patients=patients, draws=draws, valid=valid)
    return Contrasts(
        background=place,
        patients=patients,
        failed=int((~valid[:patients]).sum()),
        draws=draws,
        patients_of_draw=PATIENTS_OF_DRAW if draws else 0,
        treated=treated,
        followed=followed,
        measures=tuple(
            _contrast(same, split) for same in zip(*_matching(measured), strict=True) if _has_meaning(same, split)
        ),
        survivals=_survivals(found, system, split, followed),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    """Which rows are whose: the patients at the typical parameters first, then those of each draw."""

    patients: int
    draws: int
    valid: Booleans

    def typical(self, values: Floats) -> Floats:
        """(n,) Return the values of the patients; NaN of those who failed."""
        return np.where(self.valid, values, np.nan)[: self.patients]

    def drawn(self, values: Floats) -> Floats:
        """(k, m) Return the values of the patients of each draw."""
        return np.where(self.valid, values, np.nan)[self.patients :].reshape(self.draws, PATIENTS_OF_DRAW)


def _cohorts(place: Background, system: System, *, patients: int, draws: int, seed: int) -> Cohort:
    """Return the patients at the typical parameters, then the first of them again at each draw."""
    description = place.description()
    whole = draw_cohort(description, system, seed=seed, patients=np.arange(patients))
    few, rows = np.arange(PATIENTS_OF_DRAW), draw_typical(system, seed=seed, draws=np.arange(draws))
    parts = [whole, *draw_cohorts(description, system, seed=seed, patients=few, typical=rows)]
    return Cohort(
        name=whole.name,
        patients=np.concatenate([part.patients for part in parts]),
        covariates={name: np.concatenate([part.covariates[name] for part in parts]) for name in whole.covariates},
        parameters=np.vstack([part.parameters for part in parts]),
    )


def _problem(system: System, regimen: Regimen, cohort: Cohort, days: tuple[float, float], *, seed: int) -> Problem:
    treated, followed = days
    planned = tuple(dose for dose in expand(regimen) if dose.start / HOURS <= treated)
    return Problem(
        system=system,
        parameters=cohort.parameters,
        doses=planned_doses(
            system,
            planned,
            bsa=cohort.bsa,
            weight=cohort.weight,
            fates=_fates(regimen, len(planned), cohort.patients, seed),
        ),
        rules=regimen.rules,
        horizon=followed,
        save_times=np.array([treated]),
        save=(LEUKAEMIA,) if LEUKAEMIA in names(system) else (),
        examinations=np.arange(EXAMINED_EVERY, followed, EXAMINED_EVERY),
        exposures=exposures_measured(system),
        windows=((0.0, treated),),
        tolerance=WHILE_WAITED_FOR,
    )


def _fates(regimen: Regimen, doses: int, patients: Integers, seed: int) -> Integers:
    """(n, d) A patient misses the same doses at every draw of the parameters."""
    return draw_fates(regimen.adherence, doses, seed=seed, patients=patients)


def _matching(measured: list[tuple[PatientMeasure, ...]]) -> list[list[PatientMeasure]]:
    return [sorted(each, key=lambda one: list(Topic).index(one.topic)) for each in measured]


def _has_meaning(same: tuple[PatientMeasure, ...], split: _Split) -> bool:
    """Say whether a measure tells anything: a drug that nobody gets does not."""
    values = np.array([split.typical(each.values) for each in same])
    return bool(np.isfinite(values).any()) and (same[0].topic is not Topic.EXPOSURE or bool(np.nanmax(values) > 0.0))


def _contrast(same: tuple[PatientMeasure, ...], split: _Split) -> Contrast:
    first = same[0]
    factor = 100.0 if first.is_share else 1.0
    values = [factor * each.values for each in same]
    return Contrast(
        topic=first.topic,
        name=first.name,
        unit=first.unit,
        is_share=first.is_share,
        levels=tuple(_level(split.typical(each), is_share=first.is_share) for each in values),
        differences=tuple(_difference(each - values[0], split, is_share=first.is_share) for each in values[1:]),
    )


def _level(values: Floats, *, is_share: bool) -> Level:
    low, high = (math.nan, math.nan) if is_share else _limits(values, MIDDLE)
    return Level(mean=_mean(values), low=low, high=high)


def _difference(own: Floats, split: _Split, *, is_share: bool) -> Difference:
    """Return the mean of patients' own differences, their spread and the interval of what is not known."""
    values = split.typical(own)
    low, high = _limits(values, MIDDLE)
    if is_share:
        known = values[np.isfinite(values)]
        low, high = (100.0 * _mean((side * known > 0.0).astype(np.float64)) for side in (-1.0, 1.0))
    mean = _mean(values)
    lower, upper, resolved = _uncertainty(mean, _mean(values[:PATIENTS_OF_DRAW]), split.drawn(own))
    if np.isfinite(lower):  # a mean lies between the least and the greatest of what it is of
        least, most = np.nanmin(own), np.nanmax(own)
        lower, upper = (float(np.clip(limit, least, most)) for limit in (lower, upper))
    return Difference(mean=mean, low=low, high=high, lower=lower, upper=upper, resolved=resolved)


def _uncertainty(mean: float, same: float, drawn: Floats) -> tuple[float, float, bool]:
    """Return the central 95 % of a mean over draws of the parameters, and whether it is free of the patients' chance.

    Parameters
    ----------
    mean, same : float
        Of all patients, and of the patients of the draws, at the typical parameters; the draws are moved by
        their difference, so that one at the typical parameters would be ``mean``.
    drawn : (k, m)
        Of each patient at each draw.
    """
    blocks = drawn.reshape(len(drawn), BLOCKS, PATIENTS_OF_DRAW // BLOCKS)
    if not len(drawn) or not np.isfinite(blocks).any(axis=2).all():
        return math.nan, math.nan, False
    settled, resolved = over_draws(mean, same, np.nanmean(drawn, axis=1), np.nanmean(blocks, axis=2))
    return *_limits(settled, CENTRAL), resolved


def _survivals(found: list[Trajectories], system: System, split: _Split, followed: float) -> tuple[Survival, ...]:
    days = np.append(np.arange(0.0, followed, CURVE_STEP), followed)
    curves = []
    free = [free_of_relapse(each, system) for each in found]
    ends = {"alive without relapse": [each for each in free if each is not None]}
    if any(event.ends for event in system.events):
        ends["alive"] = [deaths(each, system) for each in found]
    for name, times in ends.items():
        if times:
            shares = np.array([_share_after(split.typical(each), days) for each in times])
            curves.append(Survival(name=name, days=days, shares=shares))
    return tuple(curves)


def _share_after(times: Floats, days: Floats) -> Floats:
    known = times[~np.isnan(times)]
    return np.asarray((known[:, None] > days).mean(axis=0))


def _mean(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else math.nan


def _limits(values: Floats, levels: tuple[float, float]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return math.nan, math.nan
    low, high = np.quantile(finite, levels)
    return float(low), float(high)
