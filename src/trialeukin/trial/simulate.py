"""Follows a cohort through one arm of a study: the one place where trials ask the engine."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Doses, Exposure, Problem
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import Cohort, adapted, draw_cohorts, typical_values
from trialeukin.population.description import Description
from trialeukin.population.fates import draw_fates
from trialeukin.regimen.course import HOURS
from trialeukin.trial.arm_plan import PlannedArm, described, plan_arms
from trialeukin.trial.divisions import Subgroup, subgroups_of
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.laboratory.plan import LaboratoryPlan, laboratory_plan
from trialeukin.trial.mechanistic_null import without_effect
from trialeukin.trial.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A study made ready for the engine.

    Attributes
    ----------
    study : Study
        As its file has it.
    arms : tuple of PlannedArm
        With their regimens read.
    system : System
        The model, with the parameters that the cohort or the study overrides.
    description : Description
        Whom to draw.
    laboratory : LaboratoryPlan or None
        Which tests are done when; None where the study names none.
    subgroups : tuple of Subgroup
        By what the study splits its patients; empty where it leaves that open.
    seed : int
        The run's seed.
    effect : bool
        Whether the drug does to leukaemia what the model says; if not, the null hypothesis is simulated.
    """

    study: Study
    arms: tuple[PlannedArm, ...]
    system: System
    description: Description
    laboratory: LaboratoryPlan | None
    subgroups: tuple[Subgroup, ...]
    seed: int
    effect: bool = True

    @property
    def horizon(self) -> float:
        """How long everyone is followed, day."""
        return self.study.follow_up.horizon_months * DAYS_A_MONTH

    @property
    def last_dose(self) -> float:
        """When the last dose of any arm is planned, day from randomisation; zero if there is none."""
        return max(map(self.last_dose_of, self.arms))

    def last_dose_of(self, planned: PlannedArm) -> float:
        """Return when the last dose of an arm is planned, day from randomisation; zero if there is none."""
        starts = [dose.start for dose in planned.administrations]
        return self.study.population.start_after_days + max(starts) / HOURS if starts else 0.0

    @property
    def deaths(self) -> tuple[str, ...]:
        """Names of the events that end a patient's course."""
        return tuple(event.name for event in self.system.events if event.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What to keep of trajectories beside their events.

    Attributes
    ----------
    times : (k,), day
        When.
    names : tuple of str
        Quantities to keep at those times.
    exposures : tuple of Exposure
        What is summarised over the whole course.
    """

    times: Floats
    names: tuple[str, ...]
    exposures: tuple[Exposure, ...]


NOTHING = Kept(times=np.empty(0), names=(), exposures=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """One arm's planned doses and the patients' trajectories under them."""

    doses: Doses
    trajectories: Trajectories


def setting_of(study: Study, *, seed: int, effect: bool = True) -> Setting:
    """Return a study made ready for the engine.

    Raises
    ------
    InputError
        When its model, cohort or regimens do not exist or do not go together.
    """
    arms = plan_arms(study)
    description = described(study)
    system = adapted(model(study.population.model), description)
    return Setting(
        study=study,
        arms=arms,
        system=system,
        description=description,
        laboratory=laboratory_plan(study, system),
        subgroups=subgroups_of(study, description),
        seed=seed,
        effect=effect,
    )


def cohort_of(setting: Setting, patients: int) -> Cohort:
    """Return the study's first patients."""
    return cohorts_of(setting, patients, typical_values(setting.system)[None, :])[0]


def cohorts_of(setting: Setting, patients: int, typical: Floats) -> tuple[Cohort, ...]:
    """Return the study's first patients at each row of typical parameters, (k, p)."""
    cohorts = draw_cohorts(
        setting.description, setting.system, seed=setting.seed, patients=np.arange(patients), typical=typical
    )
    return cohorts if setting.effect else tuple(without_effect(cohort, setting.system) for cohort in cohorts)


def simulate(
    setting: Setting,
    arm: PlannedArm,
    cohorts: tuple[Cohort, ...],
    *,
    kept: Kept = NOTHING,
    horizon: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Simulated:
    """Follow cohorts, one after the other in one batch, through one arm.

    Parameters
    ----------
    setting : Setting
        The study.
    arm : PlannedArm
        The arm.
    cohorts : tuple of Cohort
        The patients, such as the same ones at several draws of the parameters.
    kept : Kept
        What to keep.
    horizon : float, day
        Where to end; by default the study's.
    progress : callable
        Called with the number of trajectories that are done.
    """
    end = setting.horizon if horizon is None else horizon
    doses = _within(_doses(setting, arm, cohorts), end)
    problem = Problem(
        system=setting.system,
        parameters=np.concatenate([cohort.parameters for cohort in cohorts]),
        doses=doses,
        rules=arm.regimen.rules,
        horizon=end,
        save_times=kept.times,
        save=kept.names,
        exposures=kept.exposures,
        examinations=np.array([day for day in setting.study.follow_up.examination_days() if day <= end]),
    )
    return Simulated(doses=doses, trajectories=solve(problem, progress=progress))


def _doses(setting: Setting, arm: PlannedArm, cohorts: tuple[Cohort, ...]) -> Doses:
    fates = [
        draw_fates(arm.regimen.adherence, len(arm.administrations), seed=setting.seed, patients=cohort.patients)
        for cohort in cohorts
    ]
    settled: Integers = np.concatenate(fates)
    return planned_doses(
        setting.system,
        arm.administrations,
        bsa=np.concatenate([cohort.bsa for cohort in cohorts]),
        weight=np.concatenate([cohort.weight for cohort in cohorts]),
        start_day=setting.study.population.start_after_days,
        fates=settled,
    )


def _within(doses: Doses, end: float) -> Doses:
    inside = doses.times <= end
    return replace(
        doses,
        times=doses.times[inside],
        durations=doses.durations[inside],
        inputs=doses.inputs[inside],
        manners=doses.manners[inside],
        amounts=doses.amounts[:, inside],
        fates=doses.fates[:, inside],
        begins_cycle=doses.cycle_starts()[inside],
    )
