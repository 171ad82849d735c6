"""Looks over a virtual population: against the exact boundaries, the trial without looks, and their own words."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.errors import RunError, StudyError
from trialeukin.core.random import Stream
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.group_sequential import Boundaries
from trialeukin.survival.design.hazard import constant
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.monitoring import Monitored, monitored
from trialeukin.trial.outcomes import Outcomes
from trialeukin.trial.pair import Pair
from trialeukin.trial.simulation.conduct import draw_courses
from trialeukin.trial.simulation.plan import SequentialPlan
from trialeukin.trial.simulation.source import FromPopulation
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import study_from_text

FOUR_ERRORS = 4.0
PATIENTS, TRIALS = 20_000, 2_000
HAZARD = 0.04  # a month, of the event under control
STUDY = """\
[study]
name = "looked-at"
title = "A trial with looks"
question = "Does it help?"
source = "made up"

[population]
cohort = "aml-cr1-under-60"
start_after_days = 0

[[arms]]
name = "rIL-2"
n = 150
regimen = "aldesleukin 1 MIU/m2/day sc days 1-14"

[[arms]]
name = "observation"
n = 150
control = true

[accrual]
months = 24

[follow_up]
after_last_entry_months = 36
horizon_months = 60
drop_out_per_year = 0.0
examinations = [{ every_months = 3, until_months = 60 }]

[analysis]
endpoints = ["os"]
"""
LOOKS = """
[monitoring]
looks = [0.5, 0.75, 1.0]
events = 200
futility = "hsd:-2"
"""


def study(looks: str = LOOKS) -> Study:
    return study_from_text(STUDY + looks)


def outcomes(death: np.ndarray) -> Outcomes:
    return Outcomes(crossing=death, relapse=death, death=death, valid=np.ones(death.size, dtype=np.bool_), horizon=1e9)


def population(ratio: float) -> Pair:
    """Return independent exponential times under both arms, with hazards in a proportion."""
    chance = Stream(3, "population").exponential(np.arange(PATIENTS), 2)
    return Pair(control=outcomes(chance[:, 0] / HAZARD), treated=outcomes(chance[:, 1] / (HAZARD * ratio)))


def found(looks: str = LOOKS, *, ratio: float = 0.7, expected: float = 250.0) -> Monitored:
    seen = monitored(study(looks), population(ratio), expected_events=expected, trials=TRIALS, seed=8)
    assert seen is not None
    return seen


def test_a_study_without_looks_is_looked_at_once() -> None:
    assert monitored(study(""), population(0.7), expected_events=250.0, trials=10, seed=8) is None


def test_stops_happen_as_often_as_the_boundaries_are_crossed() -> None:
    seen = found()

    exact_null = seen.boundaries.stopping(0.0)
    drift = -np.log(0.7) * np.sqrt(0.25 * 200)
    exact = seen.boundaries.stopping(drift)
    of_population = 2.0 / np.sqrt(PATIENTS)  # error of its own log ratio, which moves the drift
    slack = 0.4 * of_population * np.sqrt(0.25 * 200)
    assert seen.events == (100, 150, 200)
    assert seen.planned
    for stops, truth, more in ((exact_null, seen.null, 0.0), (exact, seen.effect, slack)):
        assert truth.rejected.value == pytest.approx(stops.reject, abs=FOUR_ERRORS * truth.rejected.error + more)
        for look, shares in enumerate(truth.looks[:-1]):
            error = FOUR_ERRORS * np.sqrt(0.25 / TRIALS) + more
            assert shares.efficacy.value == pytest.approx(stops.upper[look], abs=error)
            assert shares.futility.value == pytest.approx(stops.lower[look], abs=error)
    assert seen.null.rejected.value == pytest.approx(0.025, abs=FOUR_ERRORS * np.sqrt(0.025 * 0.975 / TRIALS))


def test_a_limit_of_z_is_about_a_hazard_ratio_at_its_events() -> None:
    seen = found()

    assert seen.efficacy_ratios == pytest.approx(np.exp(-seen.boundaries.upper * 2.0 / np.sqrt([100, 150, 200])))
    assert seen.efficacy_ratios[-1] == pytest.approx(seen.futility_ratios[-1])
    assert found("[monitoring]\nlooks = [0.5, 1.0]\nevents = 200\n").futility_ratios == (np.inf, np.inf)


def test_one_look_at_the_events_expected_is_the_trial_without_looks() -> None:
    once = found("[monitoring]\nlooks = [1.0]\n", expected=250.4)

    assert once.events == (250,)
    assert not once.planned
    assert once.boundaries.upper == pytest.approx([1.959964], abs=1e-6)
    assert once.effect.months.value <= 60.0


def test_decisions_come_as_much_later_as_they_take() -> None:
    without, with_it = (found(LOOKS + f"delay_months = {delay:.1f}\n") for delay in (0.0, 3.0))

    assert with_it.effect.rejected == without.effect.rejected
    assert with_it.effect.months.value == pytest.approx(without.effect.months.value + 3.0)
    assert with_it.effect.patients.value >= without.effect.patients.value


def test_looks_are_stratified_as_the_analysis_is() -> None:
    patients = population(0.6)
    strata = (np.arange(PATIENTS) % 2).astype(np.int64)
    faster = np.where(strata, 20.0, 1.0)
    mixed = Pair(
        control=outcomes(patients.control.times(Endpoint.OS) / faster),
        treated=outcomes(patients.treated.times(Endpoint.OS) / faster),
    )

    across, within = (
        monitored(study(LOOKS), each, expected_events=200.0, trials=200, seed=3)
        for each in (mixed, replace(mixed, strata=strata))
    )

    assert across is not None
    assert within is not None
    assert within.effect.rejected.value > across.effect.rejected.value


def test_arms_are_balanced_within_strata() -> None:
    strata = np.arange(PATIENTS) % 3
    times = np.full(PATIENTS, np.inf)
    source = FromPopulation(control=times, treated=times, strata_of=strata)
    plan = SequentialPlan(
        control=150,
        treated=150,
        block=4,
        enrolment=even(300.0, 24.0),
        drop_out=constant(0.0),
        events=200.0,
        boundaries=Boundaries(fractions=np.ones(1), upper=np.array([1.96]), lower=np.array([-np.inf])),
        follow_up=36.0,
    )
    trials, stream = np.arange(20), Stream(4, "trials")

    treated = draw_courses(plan, source, trials=trials, stream=stream).treated
    of_patients = source.strata(trials, plan.patients, stream)

    assert of_patients is not None
    assert treated.sum(axis=1) == pytest.approx(150.0)
    for stratum in range(3):
        inside = of_patients == stratum
        lean = np.where(inside, np.where(treated, 1, -1), 0).sum(axis=1)
        assert np.abs(lean).max() <= plan.block  # each end of a stratum may cut one block of four


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ("looks = [0.5, 0.4, 1.0]", "monitoring.looks[2]: 0.4 is not above 0.5: let looks increase"),
        ("looks = [0.5, 0.75]", "monitoring.looks[2]: 0.75: let the last look be 1"),
        ("looks = []", "monitoring.looks"),
        ("looks = [0.0, 1.0]", "monitoring.looks[1]: 0.0 is not understood here"),
        ("looks = [0.5, 1.0]\nspending = 'obrien'", "monitoring.spending: 'obrien': choose obf, pocock"),
        ("looks = [0.5, 1.0]\nfutility = 'hsd:x'", "'hsd:x': 'x' is not a number"),
        ("looks = [0.5, 1.0]\nfutility = 'hsd:99'", "monitoring.futility: Hwang-Shih-DeCani gamma 99: give -40 to 40"),
        ("looks = [0.5, 1.0]\nbinding = true", "monitoring.binding: true, but nothing stops for futility"),
        ("looks = [0.5, 1.0]\nspending = 'wang-tsiatis:0'\nfutility = 'obf'", "'wang-tsiatis:0' beside futility"),
        ("looks = [0.5, 1.0]\nevents = 301", "monitoring.events: 301 events of 300 patients: give fewer"),
        ("looks = [0.5, 1.0]\npower = 0.02", "monitoring.power: 0.02 is not above half of alpha, 0.025"),
        ("looks = [0.5, 1.0]\ndelay_months = -1.0", "monitoring.delay_months"),
    ],
)
def test_looks_without_a_meaning_are_refused_with_their_place(looks: str, said: str) -> None:
    with pytest.raises(StudyError) as caught:
        study(f"[monitoring]\n{looks}\n")

    assert said in str(caught.value)


def test_looks_need_patients_who_come_one_after_the_other() -> None:
    with pytest.raises(StudyError, match=r"accrual\.months is 0: looks need patients who come over some time"):
        study_from_text((STUDY + LOOKS).replace("months = 24", "months = 0", 1))


def test_a_trial_without_events_has_no_looks() -> None:
    with pytest.raises(RunError, match="no trial sees an event by its end"):
        monitored(study("[monitoring]\nlooks = [1.0]\n"), population(0.7), expected_events=0.2, trials=10, seed=8)
