"""Simulated trials of several treatments: they do what was integrated, and depend on number and seed alone."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.expected_events import ArmPlan
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.hazard import constant
from trialeukin.survival.design.looks import Rules, Trial
from trialeukin.survival.design.multi_arm_trial import MultiArmTrial, multi_arm_trial
from trialeukin.survival.design.spending import HwangShihDeCani, OBrienFlemingSpending
from trialeukin.trial.simulation.multi_arm import simulated_multi_arm

RATE, RATIO, LOSS = 0.06, 0.65, 0.004
TRIALS = 4_000
NORMAL_LIMIT = 0.012  # of a chance: what the limit of a log-rank statistic and its events of a comparison leave out


@pytest.fixture(scope="module")
def planned() -> MultiArmTrial:
    arms = (ArmPlan(share=0.5, hazard=constant(rate), drop_out=constant(LOSS)) for rate in (RATE, RATE * RATIO))
    trial = Trial(**dict(zip(("control", "treated"), arms, strict=True)), enrolment=even(1.0, 24.0), follow_up=18.0)
    rules = Rules(
        fractions=np.array([0.5, 1.0]),
        efficacy=AlphaSpending(OBrienFlemingSpending()),
        futility=FutilityRule(function=HwangShihDeCani(-2.0)),
    )
    return multi_arm_trial(trial, rules, 2)


def near(seen, exact: float) -> bool:
    return abs(seen.value - exact) < 4.0 * max(seen.error, TRIALS**-0.5 * 0.05) + NORMAL_LIMIT


def test_trials_without_an_effect_claim_and_stop_as_often_as_integrated(planned) -> None:
    found = simulated_multi_arm(planned, (constant(RATE),) * 3, seed=3, trials=TRIALS, threads=2)

    assert found.any_claim.value == pytest.approx(planned.null.any_claim, abs=4.0 * (0.025 / TRIALS) ** 0.5)
    assert near(found.futility[0], float(planned.null.futile[0]))
    assert found.right.value + found.wrong.value == pytest.approx(found.any_claim.value)
    assert found.futility[-1].value == 0.0


def test_trials_in_which_one_works_claim_the_right_one_with_the_power(planned) -> None:
    hazards = (constant(RATE), constant(RATE * RATIO), constant(RATE))

    found = simulated_multi_arm(planned, hazards, seed=5, trials=TRIALS, threads=2)

    assert near(found.right, planned.power)
    assert near(found.futility[0], float(planned.effect.futile[0]))
    assert near(found.wrong, float(planned.effect.claims[1:].sum()))
    assert found.months.value < planned.comparison.trial.end
    assert planned.entered[0] - 4.0 < found.patients.value < planned.patients + 4.0  # rounded up, an arm each


def test_the_second_treatment_is_as_good_as_the_first_where_it_is_the_one_that_works(planned) -> None:
    hazards = (constant(RATE), constant(RATE), constant(RATE * RATIO))

    found = simulated_multi_arm(planned, hazards, seed=7, trials=1_000)

    assert near(found.wrong, planned.power)
    assert found.right.value < 0.02


def test_a_trial_depends_on_its_number_and_the_seed_alone(planned) -> None:
    hazards = (constant(RATE),) * 3

    once, again, other = (
        simulated_multi_arm(planned, hazards, seed=seed, trials=500, threads=threads)
        for seed, threads in ((1, 1), (1, 3), (2, 1))
    )

    assert once == again
    assert once.months.value != other.months.value


def test_without_limits_all_trials_go_on_to_their_last_events(planned) -> None:
    shut = replace(planned, boundaries=replace(planned.boundaries, upper=np.full(2, np.inf), lower=np.full(2, -np.inf)))

    found = simulated_multi_arm(shut, (constant(RATE),) * 3, seed=1, trials=500)

    assert found.any_claim.value == 0.0
    assert [each.value for each in (*found.futility, *found.benefit)] == [0.0] * 4
    # without an effect the events come sooner than at the planned end
    assert planned.comparison.effects[0].calendar < found.months.value < planned.comparison.trial.end
