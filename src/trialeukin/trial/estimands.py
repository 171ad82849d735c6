"""Other estimands beside the treatment policy: what trials would find if refusals and early stops counted otherwise.

The intercurrent event is that a regimen is refused, given up for its toxicity, or stopped early by one of its rules;
relapse and death are what the trial counts, and the end of a planned regimen is no event at all. For the hypothetical
strategy the arms are simulated again with nobody refusing or giving up and no rule that stops. ICH E9 (R1), section
A.3.2.
"""

from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.random import Stream
from trialeukin.model.system import System
from trialeukin.population.cohort import Cohort
from trialeukin.regimen.rules import Action
from trialeukin.trial.arm_summary import SimulatedArm
from trialeukin.trial.comparison import TRIALS_OF_TYPICAL, Question
from trialeukin.trial.estimate import interval
from trialeukin.trial.fates import discontinued
from trialeukin.trial.outcomes import Outcomes, outcomes_of
from trialeukin.trial.power import LogRankTests
from trialeukin.trial.replicate import Replicates, analyse_trials, joined
from trialeukin.trial.result import EstimandResult
from trialeukin.trial.simulate import Setting, simulate
from trialeukin.trial.simulation.estimand import Seen, Strategy, seen_under

THRESHOLD = "discontinuation_threshold"
BEYOND_REACH = 1e6  # of a cumulative hazard: a chance of exp(-1e6) to get there


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arm:
    """Times of n patients under one arm, (n,), month; see `trialeukin.trial.simulation.estimand.Followed`."""

    event: Floats
    undisturbed: Floats
    intercurrent: Floats
    lost: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fares:
    """How n patients fare under control and under treatment; months from randomisation, infinity for never.

    Attributes
    ----------
    patients : (n,), 1
        Their places in the population.
    event : two of (n,)
        The event, as it comes.
    stopped : two of (n,)
        When the regimen is refused or stopped early.
    undisturbed : two of (n,)
        The event had nobody refused or stopped.
    strata : (n,), 1
        Stratum of each; None: all are of one.
    """

    patients: Integers
    event: tuple[Floats, Floats]
    stopped: tuple[Floats, Floats]
    undisturbed: tuple[Floats, Floats]
    strata: Integers | None = None

    def under(self, strategy: Strategy) -> tuple[Seen, Seen]:
        """Return what is seen of a strategy's event under control and under treatment, were nobody lost."""
        control, treated = (
            seen_under(
                _Arm(event=event, undisturbed=undisturbed, intercurrent=stopped, lost=np.full(event.size, np.inf)),
                strategy,
            )
            for event, undisturbed, stopped in zip(self.event, self.undisturbed, self.stopped, strict=True)
        )
        return control, treated


def fares_of(
    setting: Setting, arms: tuple[SimulatedArm, SimulatedArm], cohort: Cohort, strata: Integers | None = None
) -> Fares:
    """Return how those fare of a cohort whose trajectories were computed, control and treatment, primary endpoint.

    Parameters
    ----------
    setting : Setting
        What is run.
    arms : two of SimulatedArm
        Control and treatment.
    cohort : Cohort
        The patients.
    strata : (cohort,), 1
        Stratum of each patient of the cohort; None: all are of one.
    """
    freed = [_undisturbed(setting, arm, cohort) for arm in arms]
    valid = np.logical_and.reduce([each.valid for each in (*freed, *(arm.outcomes for arm in arms))])
    endpoint = setting.study.analysis.endpoints[0]
    event = [arm.outcomes.times(endpoint)[valid] for arm in arms]
    undisturbed = [each.times(endpoint)[valid] for each in freed]
    stopped = [discontinued(arm.main.doses, arm.main.trajectories, arm.planned.regimen.rules)[valid] for arm in arms]
    return Fares(
        patients=np.flatnonzero(valid),
        event=(event[0], event[1]),
        stopped=(stopped[0], stopped[1]),
        undisturbed=(undisturbed[0], undisturbed[1]),
        strata=None if strata is None else strata[valid],
    )


def estimand_results(
    question: Question, fares: Fares, strategies: tuple[Strategy, ...], *, seed: int
) -> tuple[EstimandResult, ...]:
    """Return what the trials of the comparison find under each strategy; see `trialeukin.trial.comparison.compare`.

    Parameters
    ----------
    question : Question
        What is compared.
    fares : Fares
        How the patients fare.
    strategies : tuple of Strategy
        Which.
    seed : int
        The run's seed; the trials are those of the comparison at the typical parameters.
    """
    seen = {strategy: fares.under(strategy) for strategy in strategies}
    parts: dict[Strategy, list[Replicates]] = {strategy: [] for strategy in strategies}
    sets, stream = np.arange(question.sets), Stream(seed, TRIALS_OF_TYPICAL)
    for trials in question.batches(sets, stream, population=fares.patients.size, strata=fares.strata):
        for strategy, found in parts.items():
            control, treated = seen[strategy]
            until = (control.until, treated.until)
            found.append(
                analyse_trials(trials, control.event, treated.event, np.empty(0), treatment=question.place, until=until)
            )
    return tuple(_result(question, strategy, joined(found)) for strategy, found in parts.items())


def _result(question: Question, strategy: Strategy, found: Replicates) -> EstimandResult:
    sets = np.arange(question.sets)
    tests = LogRankTests(trials=found, moves=np.zeros(sets.size), owners=sets, alpha=question.alpha, doubt=0.0)
    ratios = np.exp(found.log_ratio).ravel()
    return EstimandResult(
        strategy=strategy,
        hazard_ratio=interval(ratios),
        power=tests.power(),
        significant=tests.significant(),
        events=interval(found.events.sum(axis=2).ravel().astype(np.float64)),
        not_estimable=int(np.isnan(ratios).sum()),
    )


def persevering(cohort: Cohort, system: System) -> Cohort:
    """Return patients who give the drug up at no toxicity, where the model lets them."""
    if THRESHOLD not in system.parameters:
        return cohort
    parameters = cohort.parameters.copy()
    parameters[:, list(system.parameters).index(THRESHOLD)] = BEYOND_REACH
    return replace(cohort, parameters=parameters)


def _undisturbed(setting: Setting, arm: SimulatedArm, cohort: Cohort) -> Outcomes:
    """Return what becomes of the patients of an arm where nobody refuses or gives up and no rule stops."""
    planned = arm.planned
    if not planned.administrations:
        return arm.outcomes
    rules = tuple(replace(rule, limit=None) for rule in planned.regimen.rules if rule.action is not Action.STOP)
    adherence = replace(planned.regimen.adherence, never_started=0.0)
    freed = replace(planned, regimen=replace(planned.regimen, rules=rules, adherence=adherence))
    trajectories = simulate(setting, freed, (persevering(cohort, setting.system),)).trajectories
    return outcomes_of(trajectories, deaths=setting.deaths, horizon_days=setting.horizon)
