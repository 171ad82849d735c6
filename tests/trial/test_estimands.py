"""Refusals and early stops, by the strategies of ICH E9 (R1), in made-up and in simulated patients."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.errors import StudyError
from trialeukin.core.random import Stream
from trialeukin.engine.problem import Fate
from trialeukin.population.cohort import Cohort
from trialeukin.survival.design.enrolment import even
from trialeukin.trial.accrual import Conduct
from trialeukin.trial.arm_summary import SimulatedArm
from trialeukin.trial.comparison import Question, compare
from trialeukin.trial.endpoint import DAYS_A_MONTH, Endpoint
from trialeukin.trial.estimands import Fares, estimand_results, fares_of, persevering
from trialeukin.trial.estimate import interval
from trialeukin.trial.fates import GIVEN_UP, discontinued
from trialeukin.trial.outcomes import Outcomes, outcomes_of
from trialeukin.trial.pair import Pair
from trialeukin.trial.result import EstimandResult
from trialeukin.trial.run import run_study
from trialeukin.trial.simulate import Setting, cohort_of, setting_of, simulate
from trialeukin.trial.simulation.estimand import Strategy
from trialeukin.trial.study_file import study_from_text

PATIENTS, NEVER = 2_000, np.full(2_000, np.inf)
QUESTION = Question(
    control="observation",
    treatment="rIL-2",
    conduct=Conduct(
        control=80,
        treatments=(80,),
        enrolment=even(1.0, 12.0),
        after_last_entry=36.0,
        horizon=48.0,
        loss_rate=0.01,
        block=4,
    ),
    endpoints=(Endpoint.OS,),
    milestones=(36.0,),
    alpha=0.05,
    replicates=400,
)
EVERY = tuple(Strategy)
REFUSED_OR_STOPPED = "; never started 20 %; stop at capillary_leak grade 1"
TEXT = """
[study]
name = "small"
title = "A small trial"
question = "Does it help?"
source = "made up"

[population]
cohort = "aml-cr1-adults"
start_after_days = 7

[[arms]]
name = "rIL-2"
n = 40
regimen = "aldesleukin 9 MIU/m2/day sc days 1-14; never started 20 %; stop at capillary_leak grade 1"

[[arms]]
name = "observation"
n = 40
control = true

[accrual]
months = 6

[follow_up]
after_last_entry_months = 18
horizon_months = 24
drop_out_per_year = 0.0
examinations = [{ every_months = 3, until_months = 24 }]

[analysis]
milestones_months = [24]
estimands = ["while on treatment", "hypothetical"]
"""


def events(ratio: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    chance = Stream(5, "population").exponential(np.arange(PATIENTS), 2)
    return chance[:, 0] / 0.04, chance[:, 1] / (0.04 * ratio)


def fares(stopped: np.ndarray = NEVER) -> Fares:
    return Fares(patients=np.arange(PATIENTS), event=events(), stopped=(NEVER, stopped), undisturbed=events(ratio=0.5))


def found(how: Fares, *strategies: Strategy) -> list[EstimandResult]:
    return list(estimand_results(QUESTION, how, strategies, seed=3))


def test_the_treatment_policy_is_the_comparison_itself() -> None:
    def outcomes(death: np.ndarray) -> Outcomes:
        valid = np.ones(PATIENTS, dtype=np.bool_)
        return Outcomes(crossing=NEVER, relapse=NEVER, death=death, valid=valid, horizon=48.0)

    control, treated = events()

    policy = found(fares(), Strategy.TREATMENT_POLICY)[0]
    comparison = compare(QUESTION, Pair(control=outcomes(control), treated=outcomes(treated)), (), seed=3)[0]

    assert policy.hazard_ratio == interval(comparison.ratios_at_typical)
    assert policy.power.value == comparison.power.value
    assert policy.significant.value == comparison.significant.value
    assert policy.events == comparison.events


def test_where_nobody_stops_all_strategies_say_the_same() -> None:
    how = replace(fares(), undisturbed=events())

    policy, *others = found(how, Strategy.TREATMENT_POLICY, *EVERY)

    assert all(replace(each, strategy=policy.strategy) == policy for each in others)


def test_each_strategy_counts_a_stop_in_its_own_way() -> None:
    """Half of the treated stop after 6 months, whatever they then have; hazards of 0.04 and 0.032 a month."""
    stopped = np.where(np.arange(PATIENTS) % 2 == 0, 6.0, np.inf)

    by = {each.strategy: each for each in found(fares(stopped), *EVERY)}
    policy, composite = by[Strategy.TREATMENT_POLICY], by[Strategy.COMPOSITE]

    assert composite.hazard_ratio.median > policy.hazard_ratio.median + 0.5
    assert composite.events.median > policy.events.median
    assert by[Strategy.WHILE_ON_TREATMENT].events.median < policy.events.median
    error = 2.0 / np.sqrt(by[Strategy.WHILE_ON_TREATMENT].events.median)  # of one trial's log ratio
    slack = 4.0 * error / np.sqrt(QUESTION.replicates / 2) + 4.0 * 2.0 / np.sqrt(PATIENTS)
    assert np.log(by[Strategy.WHILE_ON_TREATMENT].hazard_ratio.median) == pytest.approx(np.log(0.8), abs=slack)
    assert np.log(by[Strategy.HYPOTHETICAL].hazard_ratio.median) == pytest.approx(np.log(0.5), abs=slack)


def test_patients_who_all_refuse_leave_nothing_on_treatment() -> None:
    on_treatment = found(fares(np.zeros(PATIENTS)), Strategy.WHILE_ON_TREATMENT)[0]

    assert on_treatment.not_estimable == QUESTION.replicates
    assert on_treatment.power.value == 0.0


def followed(setting: Setting) -> tuple[tuple[SimulatedArm, SimulatedArm], Cohort]:
    cohort = cohort_of(setting, 150)
    arms = []
    for planned in sorted(setting.arms, key=lambda each: not each.arm.control):
        main = simulate(setting, planned, (cohort,))
        outcomes = outcomes_of(main.trajectories, deaths=setting.deaths, horizon_days=setting.horizon)
        arms.append(SimulatedArm(planned=planned, main=main, exposure=None, grades=None, outcomes=outcomes))
    return (arms[0], arms[1]), cohort


def test_the_hypothetical_patients_are_those_of_a_regimen_that_nobody_refuses_or_stops() -> None:
    as_planned = setting_of(study_from_text(TEXT), seed=2)
    freed = setting_of(study_from_text(TEXT.replace(REFUSED_OR_STOPPED, "")), seed=2)

    arms, cohort = followed(as_planned)
    how = fares_of(as_planned, arms, cohort)
    (_, treated), _ = followed(freed)

    gone_on = np.isinf(discontinued(treated.main.doses, treated.main.trajectories, ()))[how.patients]
    refused = (arms[1].main.trajectories.fates[:, 0] == Fate.NEVER_STARTED)[how.patients]
    by_rule = np.isfinite(how.stopped[1]) & ~refused
    assert 0.5 < gone_on.mean() < 1.0  # others give the drug up, which the hypothetical ones never do
    assert how.undisturbed[1][gone_on] == pytest.approx(treated.outcomes.times(Endpoint.LFS)[how.patients][gone_on])
    assert np.array_equal(how.stopped[1] == 0.0, refused)
    assert 0.1 < refused.mean() < 0.3
    assert how.stopped[1][by_rule].min() * DAYS_A_MONTH > 7.0
    assert how.stopped[1][by_rule].max() * DAYS_A_MONTH < 7.0 + 14.0
    assert not np.isfinite(how.stopped[0]).any()
    assert np.array_equal(how.event[0], how.undisturbed[0])


def test_persevering_patients_get_every_dose_until_relapse_or_death() -> None:
    setting = setting_of(study_from_text(TEXT.replace(REFUSED_OR_STOPPED, "")), seed=2)
    planned = next(each for each in setting.arms if not each.arm.control)

    kept = simulate(setting, planned, (persevering(cohort_of(setting, 150), setting.system),)).trajectories

    assert np.isnan(kept.event_time(GIVEN_UP)).all()
    last = setting.last_dose
    alive = ~(kept.event_time("relapse") < last) & (kept.end_times > last)
    assert (kept.fates[alive] == Fate.GIVEN).all()


def test_a_run_has_the_estimands_that_its_study_names() -> None:
    result = run_study(study_from_text(TEXT), patients=100, replicates=20, draws=0, seed=4)

    assert [each.strategy for each in result.estimands] == [Strategy.WHILE_ON_TREATMENT, Strategy.HYPOTHETICAL]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ('["treatment policy"]', "analysis.estimands[1]: 'treatment policy' is the comparison itself: leave it out"),
        ('["composite", "composite"]', "analysis.estimands[2]: 'composite' is said twice"),
        ('["per protocol"]', "analysis.estimands[1]: 'per protocol' is not understood here"),
    ],
)
def test_estimands_without_a_meaning_are_refused(named: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        study_from_text(TEXT.replace('["while on treatment", "hypothetical"]', named))

    assert said in str(caught.value)
