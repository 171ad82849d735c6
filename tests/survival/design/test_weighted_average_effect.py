"""Designs for weighted log-rank tests: gsDesign2's, the unweighted ones, and simulated trials."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.average_hazard_ratio import AverageEffect, accrual_factor, average_effect
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.weighted_average_effect import weighted_average_effect
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.log_rank_weights import FlemingHarrington, NumberAtRisk

RATE, LOSS, DELAY, RATIO, ACCRUAL, END = np.log(2.0) / 12.0, 0.001, 4.0, 0.6, 18.0, 36.0
EXACT = 1e-12
COARSE = float(np.finfo(float).eps) ** 0.25  # what R's integrate asks of QUADPACK unless told otherwise
COARSE_EFFECT = 1e-5  # what gsDesign2 asks of it for delta


def by_quadpack(tolerances: tuple[float, float]) -> tuple[float, float, float]:
    """Patients, events and average hazard ratio of reference 12, from the integrals of the module as R takes them."""

    def integral(function: Callable[[float], float], tolerance: float) -> float:
        return float(quad(function, 0.0, END, epsabs=tolerance, epsrel=tolerance, limit=100)[0])

    def hazard(time: float, ratio: float) -> float:
        return RATE if time <= DELAY else RATE * ratio

    def risk(time: float, ratio: float) -> float:
        cumulative = RATE * (min(time, DELAY) + ratio * max(time - DELAY, 0.0))
        return float(np.exp(-cumulative - LOSS * time)) * min(1.0, (END - time) / ACCRUAL)

    def shared(time: float) -> float:
        both = risk(time, 1.0) + risk(time, RATIO)
        return 0.5 * risk(time, 1.0) * risk(time, RATIO) / both if both > 0.0 else 0.0

    def dying(time: float) -> float:
        both = risk(time, 1.0) + risk(time, RATIO)
        deaths = risk(time, 1.0) * hazard(time, 1.0) + risk(time, RATIO) * hazard(time, RATIO)
        return deaths / both if both > 0.0 else 0.0

    mean = 0.5 * (1.0 + RATIO)
    of_effect, of_variance = tolerances
    effect = integral(lambda time: shared(time) * (hazard(time, RATIO) - hazard(time, 1.0)), of_effect)
    variance = integral(lambda time: shared(time) * dying(time), of_variance)
    without = integral(lambda time: 0.25 * risk(time, mean) * hazard(time, mean), of_variance)
    events = sum(0.5 * integral(lambda time, r=r: risk(time, r) * hazard(time, r), of_variance) for r in (1.0, RATIO))
    found = AverageEffect(
        calendar=END, control_events=0.0, treated_events=events, log_ratio=effect / variance,
        null_information=without, information=variance,
    )  # fmt: skip
    patients = accrual_factor(found, alpha=0.025, power=0.9)
    return patients, patients * events, float(np.exp(found.log_ratio))


def test_reference_12_the_weighted_design_of_gsdesign2(reference, two_arms) -> None:
    said = reference("piecewise_published")["fixed_design"][0]["FH00_YungLiu"]
    control, treated = two_arms([0.0, DELAY], [RATE, RATE], [1.0, RATIO], LOSS)

    found = weighted_average_effect(control, treated, even(1.0, ACCRUAL), END)
    factor = accrual_factor(found, alpha=0.025, power=0.9)

    # gsDesign2 stops its integrals early: with its tolerances they give its digits, with none they give ours
    printed = by_quadpack((COARSE_EFFECT, COARSE))
    assert [round(each, digits) for each, digits in zip(printed, (4, 4, 7), strict=True)] == [
        said["N"], said["events"], said["AHR"],
    ]  # fmt: skip
    assert (factor, factor * found.events, found.hazard_ratio) == pytest.approx(by_quadpack((EXACT, EXACT)), rel=1e-9)
    assert factor == pytest.approx(said["N"], rel=COARSE)


def test_a_small_effect_has_the_average_and_the_information_of_its_events(two_arms) -> None:
    near = 1e-5  # of the log hazard ratio: the two methods part in proportion to it
    control, treated = two_arms([0.0, DELAY], [0.06, 0.05], [1.0, 1.0 - near], 0.004, allocation=1.5)

    weighted = weighted_average_effect(control, treated, even(300.0, 24.0), 40.0)

    plain = average_effect(control, treated, even(300.0, 24.0), 40.0)
    assert weighted.events == plain.events
    assert weighted.log_ratio == pytest.approx(plain.log_ratio, rel=near)
    for information in (weighted.information, weighted.null_information):
        assert information == pytest.approx(plain.null_information, rel=near)


def test_a_late_weight_sees_more_of_a_late_effect_and_an_early_one_less(two_arms) -> None:
    control, treated = two_arms([0.0, DELAY], [RATE, RATE], [1.0, RATIO], LOSS)
    weights = FlemingHarrington(gamma=1.0), FlemingHarrington(), NumberAtRisk(power=0.5), NumberAtRisk()

    found = [weighted_average_effect(control, treated, even(300.0, 18.0), END, weight=weight) for weight in weights]

    ratios = [each.hazard_ratio for each in found]
    assert ratios == sorted(ratios)
    assert RATIO < ratios[0] < ratios[-1] < 1.0
    factors = [accrual_factor(each, alpha=0.025, power=0.9) for each in found]
    assert factors == sorted(factors)


@pytest.mark.parametrize("weight", [FlemingHarrington(gamma=1.0), NumberAtRisk()])
def test_simulated_trials_of_the_size_have_the_power(weight, two_arms) -> None:
    rng, trials = np.random.default_rng(41), 1_500
    control, treated = two_arms([0.0, DELAY], [RATE, RATE], [1.0, 0.5], 0.0)
    found = weighted_average_effect(control, treated, even(1.0, ACCRUAL), END, weight=weight)
    patients = round(accrual_factor(found, alpha=0.025, power=0.8))
    arms = np.arange(patients) % 2
    z = np.empty(trials)
    for trial in range(trials):
        needed = rng.exponential(1.0 / RATE, patients)
        times = np.where((arms == 1) & (needed > DELAY), DELAY + (needed - DELAY) / 0.5, needed)
        watched = END - rng.uniform(0.0, ACCRUAL, patients)
        tested = log_rank(np.minimum(times, watched), times <= watched, arms, weight=weight)
        z[trial] = np.sqrt(tested.test.statistic) * np.sign(tested.expected[1] - tested.observed[1])

    error = np.sqrt(0.16 / trials)
    # the normal limit and the approximation are a hundredth of power off, besides the Monte Carlo error
    assert (z > 1.959964).mean() == pytest.approx(0.8, abs=0.012 + 3.0 * error)


def test_dates_without_an_event_that_counts_are_refused(two_arms) -> None:
    control, treated = two_arms([0.0], [0.0], [1.0])
    with pytest.raises(AnalysisError, match="no event that counts is expected by month 36"):
        weighted_average_effect(control, treated, even(1.0, 18.0), 36.0)
    with pytest.raises(AnalysisError, match=r"date 0\.0: give months since the first entry, above 0"):
        weighted_average_effect(control, treated, even(1.0, 18.0), 0.0)
