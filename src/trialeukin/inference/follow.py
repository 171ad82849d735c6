"""Follows the patients of one scenario: the one place where cases ask the engine."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.inference.case import Case, Scenario
from trialeukin.inference.cases import regimen_of
from trialeukin.inference.reading import Courses, kept_for
from trialeukin.model.components.covariates import BODY_SURFACE
from trialeukin.model.system import System
from trialeukin.population.cohort import Cohort
from trialeukin.population.fates import draw_fates
from trialeukin.regimen.body import REFERENCE_WEIGHT
from trialeukin.regimen.expand import expand
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.outcomes import REMISSION

BSA, WEIGHT = BODY_SURFACE.value, REFERENCE_WEIGHT.value
INDUCTION = np.arange(14.0, 71.0, 7.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Those who are followed.

    Attributes
    ----------
    parameters : (n, p), in each parameter's unit
        One row a patient.
    bsa, weight : (n,) or (), m2 and kg
        Their bodies; those of the typical adult by default.
    patients : (n,) or None, 1
        Indices of patients whose adherence is drawn; None gives every dose.
    seed : int
        Of that draw.
    """

    parameters: Floats
    bsa: Floats | float = BSA
    weight: Floats | float = WEIGHT
    patients: Integers | None = None
    seed: int = 0

    @classmethod
    def of(cls, cohorts: Sequence[Cohort], *, seed: int) -> "Rows":
        """Return the patients of cohorts, one cohort after the other."""
        return cls(
            parameters=np.concatenate([cohort.parameters for cohort in cohorts]),
            bsa=np.concatenate([cohort.bsa for cohort in cohorts]),
            weight=np.concatenate([cohort.weight for cohort in cohorts]),
            patients=np.concatenate([cohort.patients for cohort in cohorts]),
            seed=seed,
        )


def examination_days(system: System, horizon: float) -> Floats:
    """Return when marrows are looked at, (e,), day: monthly, and before remission weekly from day 14 to 70.

    Assumed; no observation states it.
    """
    monthly = np.arange(DAYS_A_MONTH, horizon, DAYS_A_MONTH)
    before_remission = any(event.name == REMISSION for event in system.events)
    days = np.union1d(monthly, INDUCTION) if before_remission else monthly
    return np.asarray(days[days <= horizon], dtype=np.float64)


def follow(scenario: Scenario, cases: Sequence[Case], system: System, rows: Rows) -> Courses:
    """Return the courses of patients under a scenario, with what its cases read kept."""
    count = rows.parameters.shape[0]
    regimen, kept = regimen_of(scenario.regimen), kept_for(cases)
    administrations = expand(regimen)
    fates = (
        None
        if rows.patients is None
        else draw_fates(regimen.adherence, len(administrations), seed=rows.seed, patients=rows.patients)
    )
    doses = planned_doses(
        system,
        administrations,
        bsa=np.broadcast_to(rows.bsa, count),
        weight=np.broadcast_to(rows.weight, count),
        start_day=scenario.start_day,
        fates=fates,
    )
    parameters = rows.parameters.copy()
    for name, factor in scenario.population.factors:
        parameters[:, list(system.parameters).index(name)] *= factor
    horizon = float(np.nextafter(kept.horizon, np.inf))
    problem = Problem(
        system=system,
        parameters=parameters,
        doses=doses,
        rules=regimen.rules,
        horizon=horizon,
        save_times=kept.instants,
        save=kept.quantities,
        exposures=kept.exposures,
        windows=kept.windows,
        examinations=examination_days(system, horizon),
    )
    return Courses(system=system, doses=doses, trajectories=solve(problem))
