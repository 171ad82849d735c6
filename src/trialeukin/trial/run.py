"""Runs a study: patients under every arm, replicate trials, and everything its report shows."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError, RunError
from trialeukin.core.parameter import Scale
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.population.cohort import Cohort, draw_typical
from trialeukin.trial.arm_summary import PATIENT_UNITS, SimulatedArm, arm_result, dose_table
from trialeukin.trial.comparison import compare
from trialeukin.trial.divisions import divisions
from trialeukin.trial.estimands import estimand_results, fares_of
from trialeukin.trial.fans import chosen_patients
from trialeukin.trial.in_whom import in_whom
from trialeukin.trial.laboratory.collect import LaboratoryTable, Whose, collected
from trialeukin.trial.laboratory.sampling import STEP, visits_of
from trialeukin.trial.monitoring import monitored
from trialeukin.trial.outcomes import Outcomes, outcomes_of
from trialeukin.trial.pair import Pair
from trialeukin.trial.result import EstimandResult, Provenance, StudyResult
from trialeukin.trial.shown import (
    course_times,
    courses_shown,
    exposure_shown,
    exposure_times,
    grade_times,
    graded,
    grades_shown,
)
from trialeukin.trial.simulate import Kept, Setting, Simulated, cohort_of, cohorts_of, setting_of, simulate
from trialeukin.trial.study import Study
from trialeukin.trial.tables import PatientTable
from trialeukin.trial.treatments import family_of, pairs_of, questions_of

Progress = Callable[[str, float], None]
"""Called with the stage in words and the fraction of the whole run that is done."""

PATIENTS, REPLICATES, DRAWS, PATIENTS_A_DRAW, SEED = 2_000, 1_000, 60, 200, 2_961
PATIENTS_OF_EXPOSURE = 200
PATIENTS_OF_GRADES = 1_000
MOST, MOST_DRAWS = 50_000, 10_000
TRAJECTORIES_AT_ONCE = 3_000
SHARE_OF_COMPARISON = 0.08
PACKAGES = ("trialeukin", "numpy", "scipy", "sympy", "numba", "llvmlite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is computed.

    Attributes
    ----------
    patients : int
        Virtual patients, each under every arm, at the typical parameters.
    replicates : int
        Trials drawn from them.
    draws : int
        Draws of the parameters from what is not known of them; zero for none, else three or more.
    patients_a_draw : int
        Patients at each of those draws: the first ones again.
    """

    patients: int = PATIENTS
    replicates: int = REPLICATES
    draws: int = DRAWS
    patients_a_draw: int = PATIENTS_A_DRAW

    def __post_init__(self) -> None:
        for name, least in (("patients", 100), ("replicates", 10), ("patients_a_draw", 100)):
            words = name.replace("_", " ")
            if getattr(self, name) < least:
                raise InputError(f"{words} {getattr(self, name)}: give {least} or more, fewer show nothing but noise")
            if getattr(self, name) > MOST:
                raise InputError(f"{words} {getattr(self, name):,}: give at most {MOST:,}, memory holds no more")
        if self.draws > MOST_DRAWS:
            raise InputError(f"draws {self.draws:,}: give at most {MOST_DRAWS:,}, memory holds no more")
        if self.draws != 0 and self.draws < 3:
            raise InputError(f"draws {self.draws}: give 0 for none, or 3 or more for a variance")


@dataclass(slots=True)
class _Watch:
    """Tells the progress and times the stages of one run."""

    total: int
    progress: Progress | None
    clock: Callable[[], float]
    done: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    since: float = 0.0

    def stage(self, words: str) -> Callable[[int], None]:
        """Start a stage; return what the engine calls with the number of trajectories done in it."""
        self.since = self.clock()
        start = self.done
        self.tell(words)

        def advance(count: int) -> None:
            self.done = start + count
            self.tell(words)

        return advance

    def finish(self, name: str) -> None:
        self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - self.since

    def tell(self, words: str) -> None:
        if self.progress is not None:
            self.progress(words, (1.0 - SHARE_OF_COMPARISON) * min(1.0, self.done / self.total))


def run_study(  # noqa: PLR0913
    study: Study,
    *,
    patients: int = PATIENTS,
    replicates: int = REPLICATES,
    seed: int = SEED,
    draws: int = DRAWS,
    patients_a_draw: int | None = None,
    effect: bool = True,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> StudyResult:
    """Run a study from its regimens to the hazard ratio that its trial would find.

    Parameters
    ----------
    study : Study
        What `load_study` read.
    patients, replicates, draws, patients_a_draw : int
        See `Effort`; by default no draw has more than `PATIENTS_A_DRAW` patients.
    seed : int
        Of all random numbers; the same seed gives the same result, bit for bit.
    effect : bool
        False for the null hypothesis: the drug is given and does nothing to leukaemia, so that the fraction of
        significant trials is the error of the first kind of the whole chain.
    progress : callable
        Called with the stage and the fraction done.
    clock : callable
        Seconds, for the times of the stages.

    Raises
    ------
    InputError
        When the study or the effort has no meaning; nothing has been run.
    RunError
        When too many trajectories fail, or the run is interrupted; nothing is kept.
    """
    limit = min(patients, PATIENTS_A_DRAW if patients_a_draw is None else patients_a_draw)
    effort = Effort(patients=patients, replicates=replicates, draws=draws, patients_a_draw=limit)
    setting = setting_of(study, seed=seed, effect=effect)
    watch = _Watch(
        total=len(setting.arms) * (effort.patients + effort.draws * effort.patients_a_draw),
        progress=progress,
        clock=clock,
    )
    try:
        return _run(setting, effort, watch)
    except KeyboardInterrupt:
        raise RunError("interrupted: nothing is kept; run it again with the same seed for the same result") from None


def _run(setting: Setting, effort: Effort, watch: _Watch) -> StudyResult:
    cohort = cohort_of(setting, effort.patients)
    strata, divided = _strata(setting.study, cohort), divisions(setting.subgroups, cohort)
    arms = tuple(_simulated_arm(setting, place, cohort, watch) for place in range(len(setting.arms)))
    populations = pairs_of(setting.study, [arm.outcomes for arm in arms], strata)
    by_draw = _draws(setting, effort, strata, watch)
    watch.stage("replicate trials")
    questions = questions_of(setting.study, effort.replicates)
    comparisons = {
        name: compare(question, populations[name], tuple(pairs[name] for pairs in by_draw), seed=setting.seed)
        for name, question in questions.items()
    }
    main = setting.study.treatment.name
    question, population = questions[main], populations[main]
    looked_at = monitored(
        setting.study,
        population,
        expected_events=comparisons[main][0].events.median,
        trials=effort.replicates,
        seed=setting.seed,
    )
    found = in_whom(
        question,
        population,
        tuple(pairs[main] for pairs in by_draw),
        divided=divided,
        own=_own_parameters(setting, cohort),
        seed=setting.seed,
    )
    watch.finish("replicate trials")
    chosen = chosen_patients(population)
    result = StudyResult(
        study=setting.study,
        arms=tuple(arm_result(setting, arm, chosen) for arm in arms),
        comparisons=comparisons,
        family=family_of(setting.study, comparisons),
        estimands=_estimands(setting, effort, arms, cohort, strata),
        monitored=looked_at,
        in_whom=found,
        patients=_patient_table(cohort, arms),
        doses=tuple(dose_table(setting, arm) for arm in arms if arm.planned.administrations),
        laboratory=_laboratory(setting, cohort),
        parameters=dict(setting.system.parameters),
        provenance=_provenance(setting, effort, arms, watch),
    )
    if watch.progress is not None:
        watch.progress("done", 1.0)
    return result


def _estimands(
    setting: Setting, effort: Effort, arms: tuple[SimulatedArm, ...], cohort: Cohort, strata: Integers | None
) -> tuple[EstimandResult, ...]:
    study = setting.study
    if not study.analysis.estimands:
        return ()
    by_name = {arm.planned.arm.name: arm for arm in arms}
    fares = fares_of(setting, (by_name[study.control.name], by_name[study.treatment.name]), cohort, strata)
    question = questions_of(study, effort.replicates)[study.treatment.name]
    return estimand_results(question, fares, study.analysis.estimands, seed=setting.seed)


def _simulated_arm(setting: Setting, place: int, cohort: Cohort, watch: _Watch) -> SimulatedArm:
    planned, system = setting.arms[place], setting.system
    advance = watch.stage(f"patients on {planned.arm.name}")
    times = course_times(last_dose=setting.last_dose, horizon=setting.horizon)
    kept = Kept(times=times, names=courses_shown(system), exposures=grades_shown(system))
    main = simulate(setting, planned, (cohort,), kept=kept, progress=advance)
    watch.finish("patients")
    return SimulatedArm(
        planned=planned,
        main=main,
        exposure=_exposure(setting, place, cohort) if planned.administrations else None,
        grades=_grades(setting, place, cohort) if planned.administrations else None,
        outcomes=outcomes_of(main.trajectories, deaths=setting.deaths, horizon_days=setting.horizon),
    )


def _exposure(setting: Setting, place: int, cohort: Cohort) -> Simulated:
    first_day = setting.study.population.start_after_days
    times = exposure_times(setting.arms[place].administrations, start=first_day, horizon=setting.horizon)
    kept = Kept(times=times, names=exposure_shown(setting.system), exposures=())
    first = cohort_of(setting, min(cohort.patients.size, PATIENTS_OF_EXPOSURE))
    return simulate(setting, setting.arms[place], (first,), kept=kept, horizon=float(times[-1]))


def _grades(setting: Setting, place: int, cohort: Cohort) -> Simulated:
    times = grade_times(last_dose=setting.last_dose_of(setting.arms[place]), horizon=setting.horizon)
    kept = Kept(times=times, names=graded(setting.system), exposures=())
    first = cohort_of(setting, min(cohort.patients.size, PATIENTS_OF_GRADES))
    return simulate(setting, setting.arms[place], (first,), kept=kept, horizon=float(times[-1]))


def _laboratory(setting: Setting, cohort: Cohort) -> tuple[LaboratoryTable, ...]:
    """Return what the laboratory reports of every arm."""
    plan = setting.laboratory
    if plan is None:
        return ()
    visits = visits_of(plan, seed=setting.seed, patients=cohort.patients)
    kept = Kept(times=visits.grid, names=plan.quantities, exposures=())
    end = max(float(visits.grid[-1]), STEP)  # where all samples are drawn at randomisation
    return tuple(
        collected(
            simulate(setting, planned, (cohort,), kept=kept, horizon=end).trajectories,
            visits,
            plan.tests,
            whose=Whose(arm=planned.arm.name, seed=setting.seed, patients=cohort.patients),
        )
        for planned in setting.arms
    )


def _draws(setting: Setting, effort: Effort, strata: Integers | None, watch: _Watch) -> tuple[dict[str, Pair], ...]:
    """Return the pairs at each draw of the parameters, by treatment."""
    if effort.draws == 0:
        return ()
    inside = None if strata is None else strata[: effort.patients_a_draw]
    typical = draw_typical(setting.system, seed=setting.seed, draws=np.arange(effort.draws))
    at_once = max(1, TRAJECTORIES_AT_ONCE // effort.patients_a_draw)
    pairs: list[dict[str, Pair]] = []
    for start in range(0, effort.draws, at_once):
        rows = typical[start : start + at_once]
        cohorts = cohorts_of(setting, effort.patients_a_draw, rows)
        arms = []
        for planned in setting.arms:
            advance = watch.stage("what is not known of the parameters")
            trajectories = simulate(setting, planned, cohorts, progress=advance).trajectories
            watch.finish("parameter draws")
            arms.append(_outcomes_of_draws(setting, trajectories, effort))
        pairs.extend(pairs_of(setting.study, outcomes, inside) for outcomes in zip(*arms, strict=True))
    return tuple(pairs)


def _outcomes_of_draws(setting: Setting, trajectories: Trajectories, effort: Effort) -> tuple[Outcomes, ...]:
    outcomes = outcomes_of(trajectories, deaths=setting.deaths, horizon_days=setting.horizon)
    return outcomes.parts(effort.patients_a_draw)


def _own_parameters(setting: Setting, cohort: Cohort) -> dict[str, Floats]:
    """Return the parameters by which patients differ beside their covariates and the chance of events, (n,) each."""
    return {
        name: cohort.parameters[:, place]
        for place, (name, parameter) in enumerate(setting.system.parameters.items())
        if parameter.between_patients > 0.0
        and parameter.scale is not Scale.EXPONENTIAL
        and name not in cohort.covariates
    }


def _strata(study: Study, cohort: Cohort) -> Integers | None:
    """Return the stratum of each patient: covariates of zeros and ones as binary digits; None without any."""
    if not study.analysis.stratify_by:
        return None
    digits = [cohort.covariates[name].astype(np.int64) for name in study.analysis.stratify_by]
    return np.asarray(sum(digit << place for place, digit in enumerate(digits)), dtype=np.int64)


def _patient_table(cohort: Cohort, arms: tuple[SimulatedArm, ...]) -> PatientTable:
    return PatientTable(
        indices=cohort.patients,
        covariates=dict(cohort.covariates),
        covariate_units={name: PATIENT_UNITS.get(name, "1") for name in cohort.covariates},
        relapse_crossing=np.stack([arm.outcomes.crossing for arm in arms]),
        relapse=np.stack([arm.outcomes.relapse for arm in arms]),
        death=np.stack([arm.outcomes.death for arm in arms]),
        death_in_remission=np.stack([arm.outcomes.died_in_remission for arm in arms]),
        intensity=np.stack([arm.intensity for arm in arms]),
        status=np.stack([arm.main.trajectories.status for arm in arms]),
    )


def _provenance(setting: Setting, effort: Effort, arms: tuple[SimulatedArm, ...], watch: _Watch) -> Provenance:
    codes, counts = np.unique(np.concatenate([arm.main.trajectories.status for arm in arms]), return_counts=True)
    return Provenance(
        seed=setting.seed,
        effect=setting.effect,
        patients=effort.patients,
        replicates=effort.replicates,
        draws=effort.draws,
        patients_a_draw=effort.patients_a_draw,
        versions={"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        method=arms[0].main.trajectories.method,
        model=setting.system.name,
        cohort=setting.study.population.cohort,
        statuses={Status(int(code)).name.lower(): int(count) for code, count in zip(codes, counts, strict=True)},
        seconds={name: round(seconds, 3) for name, seconds in watch.seconds.items()},
        study_digest=setting.study.digest,
        assumptions=setting.study.assumptions(""),
    )
