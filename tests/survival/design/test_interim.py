"""Looking ahead, looking back, changing the plan: conditional power, assurance, stage-wise results, re-estimation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.blinded_review import blinded_review
from trialeukin.survival.design.conditional_power import assurance, conditional_power, current_trend, predictive_power
from trialeukin.survival.design.efficacy import AlphaSpending
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.expected_events import total_events
from trialeukin.survival.design.group_sequential import group_sequential
from trialeukin.survival.design.hazard import constant, of_median
from trialeukin.survival.design.prior import NormalMixture, normal
from trialeukin.survival.design.promising_zone import PromisingZone, Zone
from trialeukin.survival.design.required_events import Contrast
from trialeukin.survival.design.sample_size import SampleSizeFormula, Setting, sample_size
from trialeukin.survival.design.spending import OBrienFlemingSpending
from trialeukin.survival.design.stagewise import Found, repeated_interval, stagewise_drift, stagewise_probability

INTEGRATION = 1e-8
RULE = AlphaSpending(OBrienFlemingSpending())
TWO = group_sequential(np.array([0.5, 1.0]), efficacy=RULE)
THREE = group_sequential(np.array([0.4, 0.7, 1.0]), efficacy=RULE)
ONE = group_sequential(np.ones(1), efficacy=RULE)


def test_conditional_power_with_one_look_left_is_its_formula() -> None:
    z, drift, limit = 1.3, 3.0, TWO.boundaries.upper[1]

    found = conditional_power(TWO.boundaries, look=1, z=z, drift=drift)

    expected = ndtr((z * np.sqrt(0.5) + drift * 0.5 - limit) / np.sqrt(0.5))
    assert found == pytest.approx(expected, abs=INTEGRATION)


def test_conditional_power_averages_to_power() -> None:
    # Over Z at the first look, what is crossed there and the conditional power of the rest make up the whole
    limit, mean = THREE.boundaries.upper[0], THREE.drift * np.sqrt(0.4)

    def rest(z: float) -> float:
        return conditional_power(THREE.boundaries, look=1, z=z, drift=THREE.drift) * np.exp(-0.5 * (z - mean) ** 2)

    later = quad(rest, mean - 9.0, limit, epsabs=1e-10)[0] / np.sqrt(2.0 * np.pi)
    assert later + ndtr(mean - limit) == pytest.approx(0.9, abs=INTEGRATION)


def test_predictive_power_of_a_flat_prior_is_its_formula() -> None:
    z, limit = 1.4, TWO.boundaries.upper[1]

    found = predictive_power(TWO.boundaries, look=1, z=z, information=80.0, prior=normal(0.0, 50.0))

    # B(1) given B(t) = z sqrt(t): mean z / sqrt(t), variance (1 - t) / t (Spiegelhalter et al. 1986)
    expected = ndtr((z / np.sqrt(0.5) - limit) / np.sqrt(0.5 / 0.5))
    assert found == pytest.approx(expected, abs=1e-4)  # the prior is wide, not flat


def test_assurance_of_one_look_is_a_normal_probability() -> None:
    found = assurance(ONE.boundaries, information=100.0, prior=normal(-0.3, 0.2))

    # Z ~ N(3, 1 + (0.2 * 10)^2)
    assert found == pytest.approx(ndtr((3.0 - ndtri(0.975)) / np.sqrt(5.0)), abs=INTEGRATION)


def test_a_mixture_averages_its_parts_and_a_point_is_power() -> None:
    parts = [assurance(THREE.boundaries, information=90.0, prior=normal(m, s)) for m, s in ((-0.3, 0.1), (0.0, 0.0))]
    mixture = NormalMixture(weights=(0.7, 0.3), means=(-0.3, 0.0), deviations=(0.1, 0.0))

    found = assurance(THREE.boundaries, information=90.0, prior=mixture)

    assert found == pytest.approx(0.7 * parts[0] + 0.3 * parts[1], abs=INTEGRATION)
    assert parts[1] == pytest.approx(0.025, abs=INTEGRATION)


def test_an_estimate_moves_a_mixture_to_the_part_that_foretold_it() -> None:
    prior = NormalMixture(weights=(0.5, 0.5), means=(-0.4, 0.0), deviations=(0.1, 0.05))

    after = prior.updated(-0.45, 0.15)

    assert after.weights[0] > 0.9
    assert after.means[0] == pytest.approx((0.01 * -0.45 + 0.0225 * -0.4) / 0.0325)
    assert after.deviations[0] == pytest.approx(np.sqrt(0.01 * 0.0225 / 0.0325))


@settings(max_examples=25, deadline=None)
@given(st.floats(-2.0, 3.0), st.floats(0.05, 1.0), st.floats(-1.0, 4.0))
def test_conditional_power_rises_with_the_interim_result(z, more, drift) -> None:
    low, high = (conditional_power(THREE.boundaries, look=1, z=each, drift=drift) for each in (z, z + more))

    assert low <= high + 1e-12


def test_the_current_trend_goes_on() -> None:
    assert current_trend(THREE.boundaries, look=1, z=1.2) == pytest.approx(1.2 / np.sqrt(0.4))


def test_the_stagewise_p_value_on_the_boundary_is_the_alpha_spent() -> None:
    spent = np.cumsum(THREE.null.upper)

    for look in (1, 2, 3):
        found = stagewise_probability(THREE.boundaries, Found(look=look, z=THREE.boundaries.upper[look - 1]))
        assert found == pytest.approx(spent[look - 1], abs=INTEGRATION)


def test_stagewise_inference_of_one_look_is_the_usual_one() -> None:
    found = Found(look=1, z=2.4)

    limits = [stagewise_drift(ONE.boundaries, found, probability=each) for each in (0.025, 0.5, 0.975)]

    assert limits == pytest.approx([2.4 - ndtri(0.975), 2.4, 2.4 + ndtri(0.975)], abs=1e-7)


def test_stagewise_intervals_cover_and_repeated_ones_more_so() -> None:
    rng, trials, drift = np.random.default_rng(41), 600, 2.0
    fractions, covered, repeated = THREE.boundaries.fractions, 0, 0
    steps = np.diff(fractions, prepend=0.0)
    z = np.cumsum(rng.normal(drift * steps, np.sqrt(steps), (trials, 3)), axis=1) / np.sqrt(fractions)
    crossed = z >= THREE.boundaries.upper
    stops = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 2)
    for trial, stop in enumerate(stops):
        found = Found(look=int(stop) + 1, z=float(z[trial, stop]))
        # the interval holds the drift where a result so extreme has a chance between its two tails
        covered += 0.025 <= stagewise_probability(THREE.boundaries, found, drift=drift) <= 0.975
        low, high = repeated_interval(THREE.boundaries, found)
        repeated += low <= drift <= high

    error = np.sqrt(0.95 * 0.05 / trials)
    assert covered / trials == pytest.approx(0.95, abs=4.0 * error)
    assert repeated / trials > 0.95 - 3.0 * error


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("most", [1.5, 2.0, 3.0])
def test_a_promising_zone_keeps_the_level_of_the_usual_test(share, most) -> None:
    plan = PromisingZone(interim=300 * share, planned=300, most=300 * most)

    assert plan.type_one_error() <= 0.025
    assert plan.type_one_error() > 0.02


def test_the_promising_zone_enlarges_to_its_target_and_no_more() -> None:
    plan = PromisingZone(interim=150, planned=300, most=1e6)
    z = plan.promising_from + 0.02

    ends = plan.events(z)

    assert plan.zone(z) is Zone.PROMISING
    # conditional power with the first stage's weight kept, at the current trend
    reach = z * np.sqrt((ends - 150) / 150) - (ndtri(0.975) * np.sqrt(300) - z * np.sqrt(150)) / np.sqrt(150)
    assert ndtr(reach) == pytest.approx(0.8, abs=1e-9)
    assert plan.zone(0.3) is Zone.UNFAVOURABLE
    assert plan.zone(3.0) is Zone.FAVOURABLE
    assert plan.events(0.3) == plan.events(3.0) == 300


def test_simulated_promising_trials_reject_as_often_as_integrated() -> None:
    rng, trials = np.random.default_rng(51), 100_000
    plan = PromisingZone(interim=150, planned=300, most=600)
    first = rng.normal(size=trials)
    grid = np.linspace(plan.promising_from, plan.favourable_from - 1e-9, 200)
    enlarged = np.interp(first, grid, [plan.events(float(z)) for z in grid])
    ends = np.where((first >= grid[0]) & (first <= grid[-1]), enlarged, 300.0)
    last = (first * np.sqrt(150) + rng.normal(size=trials) * np.sqrt(ends - 150)) / np.sqrt(ends)

    assert np.mean(last > ndtri(0.975)) == pytest.approx(plan.type_one_error(), abs=4.0 * np.sqrt(0.025 / trials))


def _setting(patients: float = 400.0) -> Setting:
    return Setting(
        contrast=Contrast(hazard_ratio=0.7),
        control=of_median(12.0),
        drop_out=constant(0.004),
        enrolment=even(patients, 24.0),
        calendar=42.0,
    )


def test_a_blinded_review_of_what_was_expected_changes_nothing() -> None:
    planned = _setting()
    events = round(float(total_events(planned.arms(), planned.enrolment, 20.0).sum()))

    found = blinded_review(planned, calendar=20.0, events=events)

    size = sample_size(planned, SampleSizeFormula.SCHOENFELD, power=0.9)
    assert found.factor == pytest.approx(1.0, abs=1.0 / events)  # events are rounded to a whole number
    assert found.size.patients == pytest.approx(size.patients, rel=1.0 / events)


@settings(max_examples=20, deadline=None)
@given(st.integers(10, 250))
def test_fewer_events_than_expected_ask_for_more_patients(events) -> None:
    few, more = (blinded_review(_setting(), calendar=22.0, events=each) for each in (events, events + 5))

    assert few.factor < more.factor
    assert few.size.patients > more.size.patients
    assert few.size.events == pytest.approx(more.size.events)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conditional_power(TWO.boundaries, look=2, z=1.0, drift=1.0), "look 2 of 2: give one from 1"),
        (lambda: assurance(TWO.boundaries, information=0.0, prior=normal(0, 1)), "information 0.0"),
        (lambda: normal(0.0, -1.0), "give finite log hazard ratios"),
        (lambda: NormalMixture(weights=(0.5,), means=(0.0,), deviations=(1.0,)), "add up to 1"),
        (lambda: normal(0.0, 1.0).updated(0.0, 0.0), "standard error 0.0"),
        (lambda: stagewise_probability(TWO.boundaries, Found(look=3, z=1.0)), "there are looks 1 to 2"),
        (lambda: stagewise_drift(TWO.boundaries, Found(look=1, z=1.0), probability=1.0), "probability 1.0"),
        (lambda: repeated_interval(TWO.boundaries, Found(look=1, z=np.nan)), "give a finite statistic"),
        (lambda: PromisingZone(interim=300, planned=200, most=400), "let the look, the plan and the most increase"),
        (lambda: PromisingZone(interim=100, planned=200, most=400, target=0.4), "above 0.5; 0.8 is usual"),
        (lambda: blinded_review(_setting(), calendar=50.0, events=20), "give a date before the analysis, month 42"),
        (lambda: blinded_review(_setting(), calendar=12.0, events=300), "300 events among the 200 patients entered"),
    ],
)
def test_what_has_no_answer_is_refused(call, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        call()


MIXED = NormalMixture(weights=(0.3, 0.7), means=(-0.4, 0.05), deviations=(0.1, 0.2))


@given(probability=st.floats(1e-6, 1.0 - 1e-6))
def test_a_quantile_of_a_mixture_has_that_much_below_it(probability: float) -> None:
    assert MIXED.below(MIXED.quantile(probability)) == pytest.approx(probability, abs=1e-9)


def test_below_counts_points_whole_and_an_error_widens_every_part() -> None:
    points = NormalMixture(weights=(0.25, 0.75), means=(-0.1, 0.2), deviations=(0.0, 0.0))
    assert (points.below(-0.2), points.below(-0.1), points.below(0.2)) == (0.0, 0.25, 1.0)
    wider = MIXED.predictive(0.3)
    assert wider.deviations == pytest.approx((np.hypot(0.1, 0.3), np.hypot(0.2, 0.3)))
    assert normal(0.0, 0.1).predictive(0.2).below(0.1) == pytest.approx(ndtr(0.1 / np.hypot(0.1, 0.2)))


def test_a_quantile_is_of_a_probability_between_none_and_all() -> None:
    with pytest.raises(AnalysisError, match=r"probability 1\.0: give one between 0 and 1"):
        MIXED.quantile(1.0)
