"""Mixture cure models and the plateau they rest on: by hand, by simulation, and what has no estimate."""

import numpy as np
import pytest
from scipy.special import expit

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.accelerated_failure import Law, accelerated_failure
from trialeukin.survival.mixture_cure import CureStatus, mixture_cure
from trialeukin.survival.plateau import plateau

TRUE = {"incidence": [0.5, -1.0], "latency": [1.0, 0.3], "scale": 0.6}


def trial(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    uncured = rng.random(n) < expit(0.5 - arm)
    times = np.where(uncured, np.exp(1.0 + 0.3 * arm + 0.6 * np.log(rng.exponential(1.0, n))), np.inf)
    ends = rng.uniform(15.0, 30.0, n)
    return np.minimum(times, ends), times <= ends, arm


def test_a_plateau_far_past_the_last_event_gives_the_share_of_patients_without_one() -> None:
    times = np.concatenate((np.linspace(0.5, 2.0, 30), np.full(20, 1e4)))
    events = np.arange(50) < 30

    fit = mixture_cure(times, events, law=Law.WEIBULL)
    uncured = accelerated_failure(times[:30], events[:30], law=Law.WEIBULL)

    assert fit.cured() == pytest.approx(20 / 50, abs=1e-6)  # long-lived: cured beyond doubt
    np.testing.assert_allclose([fit.latency[0], fit.scale], [uncured.coefficients[0], uncured.scale], rtol=1e-5)
    assert fit.standard_errors[0] == pytest.approx((50 * 0.6 * 0.4) ** -0.5, rel=1e-4)  # of a binomial logit


def test_true_shares_and_times_come_back_within_their_errors() -> None:
    times, events, arm = trial(3, 4000)

    fit = mixture_cure(times, events, incidence=arm, latency=arm)

    assert fit.status is CureStatus.CONVERGED
    z = (np.append(fit.incidence, fit.latency) - [*TRUE["incidence"], *TRUE["latency"]]) / fit.standard_errors[:4]
    assert (np.abs(z) < 3.3).all()  # one in a thousand each
    assert abs(np.log(fit.scale / TRUE["scale"])) < 3.3 * fit.standard_errors[-1]


def test_intervals_of_the_cured_share_cover_it_as_often_as_they_say() -> None:
    truth, covered = TRUE["incidence"][0], 0
    for seed in range(100):
        times, events, arm = trial(seed, 300)
        fit = mixture_cure(times[arm == 0], events[arm == 0])
        covered += abs(fit.incidence[0] - truth) < 1.96 * fit.standard_errors[0]

    assert 0.95 - 3.3 * (0.95 * 0.05 / 100) ** 0.5 < covered / 100 <= 1.0


def test_a_restricted_model_is_tested_against_the_unrestricted() -> None:
    times, events, arm = trial(5, 1500)
    full = mixture_cure(times, events, incidence=arm, latency=arm)

    same_times, same_shares = mixture_cure(times, events, incidence=arm), mixture_cure(times, events, latency=arm)

    assert full.against(same_shares).p_value < 1e-6  # the arms differ in both
    assert full.against(same_times).p_value < 1e-3
    assert full.against(same_times).degrees_of_freedom == 1
    with pytest.raises(AnalysisError, match="compare a converged model with a converged smaller one"):
        same_times.against(full)


def test_covariates_in_other_units_change_their_coefficients_by_the_unit_alone() -> None:
    times, events, arm = trial(9, 600)
    age = 60.0 + 8.0 * np.random.default_rng(1).normal(size=600)

    years, months = (mixture_cure(times, events, incidence=np.column_stack((arm, unit * age))) for unit in (1.0, 12.0))

    assert years.status is CureStatus.CONVERGED
    assert months.incidence[2] * 12.0 == pytest.approx(years.incidence[2], rel=1e-3, abs=1e-6)
    assert months.standard_errors[2] * 12.0 == pytest.approx(years.standard_errors[2], rel=1e-3)


def test_without_a_plateau_there_is_no_estimate_of_a_cure() -> None:
    rng = np.random.default_rng(1)
    times = rng.weibull(1.3, 500)

    fit = mixture_cure(times, np.ones(500))

    assert fit.status is CureStatus.EDGE
    assert np.isnan(fit.incidence).all()
    assert np.isnan(fit.cured())


@pytest.mark.parametrize("law", [Law.WEIBULL, Law.LOG_NORMAL])
def test_events_at_one_time_have_a_likelihood_without_bound_and_no_estimate(law) -> None:
    together = mixture_cure([3.0, 3.0, 3.0, 5.0], [1, 1, 1, 0], law=law)
    arm = [0.0, 1.0, 0.0, 1.0]
    one_a_coefficient = mixture_cure([3.0, 4.0, 5.0, 6.0], [1, 1, 0, 0], latency=arm, law=law)

    assert together.status is one_a_coefficient.status is CureStatus.UNBOUNDED
    assert np.isnan(together.cured())
    assert mixture_cure([3.0, 3.0, 3.0, 5.0], [1, 1, 1, 0], law=Law.EXPONENTIAL).status is not CureStatus.UNBOUNDED


def test_the_level_end_of_a_curve_by_hand() -> None:
    found = plateau([1.0, 2.0, 5.0, 8.0, 9.0], [1, 1, 1, 0, 0])

    assert found.height == pytest.approx(0.4)
    assert (found.last_event, found.last_follow_up, found.at_risk) == (5.0, 9.0, 2)
    assert found.p_too_short == pytest.approx((1 - 2 / 5) ** 5)  # two events in (2 x 5 - 9, 5]


def test_a_curve_that_ends_in_an_event_has_no_level_end() -> None:
    assert plateau([1.0, 2.0, 3.0], [1, 0, 1]).p_too_short == 1.0


def test_all_censored_is_no_cure() -> None:
    with pytest.raises(AnalysisError, match="all 3 patients are censored"):
        mixture_cure([1.0, 2.0, 3.0], [0, 0, 0])
