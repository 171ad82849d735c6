"""Simulated trials do what exact integration says they do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import StudyError
from trialeukin.core.random import Stream
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.group_sequential import Boundaries, group_sequential
from trialeukin.survival.design.hazard import PiecewiseHazard, constant, mixture_cure, of_median
from trialeukin.survival.design.spending import HwangShihDeCani, OBrienFlemingSpending
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.restricted_mean import restricted_mean_contrast
from trialeukin.trial.simulation.conduct import Ending, conducted, draw_courses
from trialeukin.trial.simulation.estimand import Strategy, seen_under
from trialeukin.trial.simulation.operating import Precision, run_trials, simulated
from trialeukin.trial.simulation.plan import SequentialPlan
from trialeukin.trial.simulation.source import FromHazards, FromPopulation, inverse

LOOKS = np.array([0.5, 0.75, 1.0])
MANY = 4_000
FOUR_ERRORS = 4.0  # standard errors; one check in 16,000 fails by chance
FIRST_ORDER = 0.015  # what the normal limit of a log-rank statistic with some hundred events leaves out of a power
CONTROL = of_median(12.0)


def plan(**changes: object) -> SequentialPlan:
    """Return three looks at 120, 180 and 240 events of 360 patients."""
    design = group_sequential(LOOKS, efficacy=AlphaSpending(function=OBrienFlemingSpending()), power=0.9)
    base = SequentialPlan(
        control=180,
        treated=180,
        block=4,
        enrolment=even(360.0, 24.0),
        drop_out=constant(0.002),
        events=240.0,
        boundaries=design.boundaries,
        follow_up=60.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def once(**changes: object) -> tuple[SequentialPlan, object]:
    return plan(**changes), FromHazards(control=CONTROL, treated=of_median(16.0))


def test_without_an_effect_trials_stop_for_benefit_as_often_as_the_boundaries_say() -> None:
    exact = plan().boundaries.stopping(0.0).upper

    found = run_trials(plan(), FromHazards(control=CONTROL, treated=CONTROL), seed=1, most=MANY)

    for look, probability in enumerate(exact):
        share = ((found.look == look) & (found.ending == Ending.EFFICACY)).mean()
        assert share == pytest.approx(probability, abs=FOUR_ERRORS * np.sqrt(probability / MANY))
    assert exact.sum() == pytest.approx(0.025)


def test_with_an_effect_trials_stop_as_often_as_the_boundaries_say_at_its_drift() -> None:
    ratio = 0.7
    drift = -np.log(ratio) * np.sqrt(240.0) / 2.0  # Schoenfeld, equal arms
    exact = plan().boundaries.stopping(drift).upper

    found = run_trials(plan(), FromHazards(control=CONTROL, treated=of_median(12.0 / ratio)), seed=2, most=MANY)

    for look, probability in enumerate(exact):
        share = ((found.look == look) & (found.ending == Ending.EFFICACY)).mean()
        error = np.sqrt(probability * (1.0 - probability) / MANY)
        assert share == pytest.approx(probability, abs=FOUR_ERRORS * error + FIRST_ORDER)


def test_futility_stops_as_often_as_the_boundaries_say() -> None:
    rule = FutilityRule(function=HwangShihDeCani(gamma=-2.0))
    design = group_sequential(LOOKS, efficacy=AlphaSpending(function=OBrienFlemingSpending()), power=0.9, futility=rule)
    exact = design.boundaries.stopping(0.0)

    found = run_trials(
        plan(boundaries=design.boundaries), FromHazards(control=CONTROL, treated=CONTROL), seed=3, most=MANY
    )

    for look in (0, 1):
        share = ((found.look == look) & (found.ending == Ending.FUTILITY)).mean()
        error = np.sqrt(exact.lower[look] / MANY)
        assert share == pytest.approx(exact.lower[look], abs=FOUR_ERRORS * error + FIRST_ORDER)


def test_a_look_comes_when_its_events_are_known_and_the_decision_after_the_delay() -> None:
    trial, source = once(delay=3.0)
    courses = draw_courses(trial, source, trials=np.arange(50), stream=Stream(4, "test"))

    ended = conducted(trial, courses)

    assert set(ended.events) <= {120, 180, 240}
    known = np.sort(np.where(courses.event <= courses.lost, courses.entry + courses.event, np.inf), axis=1)
    cut = np.take_along_axis(known, ended.events[:, None] - 1, axis=1)[:, 0]
    np.testing.assert_array_equal(ended.months, cut + 3.0)
    np.testing.assert_array_equal(ended.patients, (courses.entry <= ended.months[:, None]).sum(axis=1))


def test_a_trial_whose_events_do_not_come_is_analysed_at_its_end() -> None:
    cured = mixture_cure(0.6, 12.0)

    ended = run_trials(plan(), FromHazards(control=cured, treated=cured), seed=5, most=50)

    assert (ended.events < 240).all()
    late = ended.look == 2
    assert late.all()  # at most 40 % of 360 patients, 144, have the event: the second look never comes
    np.testing.assert_array_equal(ended.months, plan().end)


def test_the_statistic_at_the_stop_is_that_of_the_data_then() -> None:
    trial, source = once(horizon=12.0)
    courses = draw_courses(trial, source, trials=np.arange(3), stream=Stream(6, "test"))

    ended = conducted(trial, courses)

    for row in range(3):
        event, entry, lost = courses.event[row], courses.entry[row], courses.lost[row]
        entered = entry < ended.months[row]
        known = (event <= lost) & (entry + event <= ended.months[row])
        times = np.where(known, event, np.minimum(lost, ended.months[row] - entry))[entered]
        events, arms = known[entered], courses.treated[row][entered]
        assert ended.z[row] == pytest.approx(-log_rank(times, events, arms).z, abs=1e-10)
        means = restricted_mean_contrast(times, events, arms, horizon=12.0)
        assert ended.restricted[row] == pytest.approx(means.difference, abs=1e-10)
        assert ended.restricted_error[row] == pytest.approx(means.difference_error, abs=1e-10)


def test_a_hazard_that_changes_is_inverted_exactly() -> None:
    hazard = PiecewiseHazard(starts=np.array([0.0, 3.0, 10.0]), rates=np.array([0.1, 0.0, 0.05]))

    whole = hazard.cumulative(np.array([3.0]))[0]

    found = inverse(hazard, np.array([0.0, 0.2, whole, whole + 0.1, whole + 0.7]))

    np.testing.assert_allclose(found, [0.0, 2.0, 10.0, 12.0, 24.0])
    assert np.isinf(inverse(constant(0.0), np.array([0.1]))).all()


@settings(max_examples=30)
@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=5), st.floats(0.001, 4.0))
def test_a_cumulative_hazard_and_its_inverse_undo_each_other(rates: list[float], reached: float) -> None:
    hazard = PiecewiseHazard(starts=2.0 * np.arange(len(rates)), rates=np.array(rates))

    assert hazard.cumulative(inverse(hazard, np.array([reached])))[0] == pytest.approx(reached)


def test_who_gives_the_treatment_up_has_the_hazard_of_the_control_from_then_on() -> None:
    source = FromHazards(control=of_median(6.0), treated=of_median(24.0), stopping=constant(0.1))
    treated = np.ones((1, 200_000), dtype=np.bool_)

    times = source.times(np.array([0]), treated, Stream(7, "test"))

    gone = np.isfinite(times.intercurrent[0])
    after = (times.event - times.intercurrent)[0, gone]
    assert after.mean() == pytest.approx(6.0 / np.log(2.0), rel=FOUR_ERRORS / np.sqrt(gone.sum()))
    assert (times.event == times.undisturbed)[0, ~gone].all()
    assert (times.event[0, gone] < times.undisturbed[0, gone]).all()


def test_strategies_order_the_time_to_the_event_and_the_time_that_is_watched() -> None:
    source = FromHazards(control=CONTROL, treated=of_median(24.0), stopping=constant(0.05), switching=constant(0.02))
    courses = draw_courses(plan(), source, trials=np.arange(20), stream=Stream(8, "test"))

    seen = {strategy: seen_under(courses, strategy) for strategy in Strategy}

    policy, composite = seen[Strategy.TREATMENT_POLICY], seen[Strategy.COMPOSITE]
    on_treatment, hypothetical = seen[Strategy.WHILE_ON_TREATMENT], seen[Strategy.HYPOTHETICAL]
    assert (composite.event <= policy.event).all()
    assert (on_treatment.until <= policy.until).all()
    arms = courses.treated
    assert (hypothetical.event[arms] >= policy.event[arms]).all()  # the treatment helps: without stopping, later
    assert (hypothetical.event[~arms] <= policy.event[~arms]).all()  # and without switching, earlier


def test_crossing_over_hides_an_effect_on_the_policy_and_not_on_the_hypothetical() -> None:
    source = FromHazards(control=CONTROL, treated=of_median(20.0), switching=constant(0.15))

    power = {
        strategy: simulated(plan(strategy=strategy), source, seed=9, precision=Precision(error=0.02, most=1_000))
        for strategy in (Strategy.TREATMENT_POLICY, Strategy.HYPOTHETICAL)
    }

    hidden, bare = (power[each].rejected.value for each in (Strategy.TREATMENT_POLICY, Strategy.HYPOTHETICAL))
    assert bare - hidden > 0.2


def test_a_population_drawn_from_hazards_gives_the_power_of_the_hazards() -> None:
    chance = Stream(10, "population").exponential(np.arange(100_000), 2)
    population = FromPopulation(control=inverse(CONTROL, chance[:, 0]), treated=inverse(of_median(16.0), chance[:, 1]))
    hazards = FromHazards(control=CONTROL, treated=of_median(16.0))

    both = [run_trials(plan(), source, seed=11, most=3_000) for source in (population, hazards)]

    shares = [(ended.ending == Ending.EFFICACY).mean() for ended in both]
    assert shares[0] == pytest.approx(shares[1], abs=FOUR_ERRORS * np.sqrt(2.0 * 0.25 / 3_000))


def test_simulation_stops_when_it_is_precise_and_says_when_it_never_was() -> None:
    source = FromHazards(control=CONTROL, treated=of_median(16.0))

    loose = simulated(plan(), source, seed=12, precision=Precision(error=0.015, most=20_000))
    short = simulated(plan(), source, seed=12, precision=Precision(error=1e-4, most=1_000))

    assert loose.precise
    assert loose.rejected.error <= 0.015
    assert loose.trials < 2_000
    assert not short.precise
    assert short.trials == 1_000


@pytest.mark.parametrize("threads", [2, 3])
def test_the_same_seed_gives_the_same_trials_for_any_number_of_threads(threads: int) -> None:
    source = FromHazards(control=CONTROL, treated=of_median(16.0))
    precision = Precision(error=0.02, most=2_000)

    one, several = (simulated(plan(), source, seed=13, precision=precision, threads=n) for n in (1, threads))

    assert one == several


def test_a_trial_depends_on_its_number_alone() -> None:
    trial, source = once()

    alone = draw_courses(trial, source, trials=np.array([17]), stream=Stream(14, "test"))
    among = draw_courses(trial, source, trials=np.arange(15, 20), stream=Stream(14, "test"))

    np.testing.assert_array_equal(alone.event[0], among.event[2])
    np.testing.assert_array_equal(alone.entry[0], among.entry[2])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"events": 400.0}, "400 events of 360 patients"),
        ({"events": 0.0}, "0 events of 360 patients"),
        ({"delay": -1.0}, "delay -1.0 and follow-up 60.0 months"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        plan(**changes)


def test_a_population_without_both_arms_and_a_precision_of_nothing_are_refused() -> None:
    with pytest.raises(StudyError, match="a population of 2 under control and 3 under treatment"):
        FromPopulation(control=np.ones(2), treated=np.ones(3))
    with pytest.raises(StudyError, match=r"error 0\.0, at most 5000 trials"):
        Precision(error=0.0, most=5_000)


def test_one_look_without_limits_never_stops_early() -> None:
    alone = Boundaries(fractions=np.ones(1), upper=np.array([1.96]), lower=np.array([-np.inf]))

    ended = run_trials(plan(boundaries=alone), FromHazards(control=CONTROL, treated=CONTROL), seed=15, most=500)

    assert (ended.look == 0).all()
    assert (ended.events == 240).all()
