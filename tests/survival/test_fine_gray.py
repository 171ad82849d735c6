"""Fine and Gray: against R's cmprsk and survival (reference case 08), and its laws."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxStatus, cox, fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.fine_gray import CensoringTies, fine_gray
from trialeukin.survival.partial_likelihood import Ties
from trialeukin.survival.robust import robust_covariance

COEFFICIENT = 1e-6  # of case 08-survival-competing-risks
DATA = {
    "kmbmt": ("kmbmt_competing", lambda d: [d["group"] == 2, d["group"] == 3, d["fab"]]),
    "pbc": ("pbc_competing", lambda d: [d["group"] == 2, d["age"], d["lbili"]]),
    "fdata": ("finegray_hand", lambda d: [d["x"]]),
}
CASES = [("kmbmt", 1), ("kmbmt", 2), ("pbc", 1), ("pbc", 2), ("fdata", 1)]


def sample(table, name):
    file, columns = DATA[name]
    data = table(file)
    return data["time"], data["cause"], np.column_stack(columns(data)).astype(float)


@pytest.mark.parametrize(("name", "cause"), CASES)
def test_estimates_errors_and_likelihoods_equal_those_of_crr(table, reference, name, cause) -> None:
    expected = reference("competing_risks")[name][f"crr_cause{cause}"]

    fit = fine_gray(*sample(table, name), cause=cause)

    assert fit.status is CoxStatus.CONVERGED
    np.testing.assert_allclose(fit.coefficients, np.atleast_1d(expected["coef"]), atol=COEFFICIENT)
    np.testing.assert_allclose(fit.standard_errors, np.atleast_1d(expected["se"]), atol=COEFFICIENT)
    assert fit.log_likelihood == pytest.approx(expected["loglik"], abs=1e-8)
    assert fit.log_likelihood_at_zero == pytest.approx(expected["loglik_null"], abs=1e-8)


@pytest.mark.parametrize(("name", "cause"), CASES)
def test_with_censoring_after_events_they_equal_those_of_finegray_and_coxph(table, reference, name, cause) -> None:
    expected = reference("competing_risks")[name][f"finegray_coxph_breslow_cause{cause}"]

    fit = fine_gray(*sample(table, name), cause=cause, censoring=CensoringTies.AFTER_EVENTS)

    np.testing.assert_allclose(fit.coefficients, np.atleast_1d(expected["coef"]), atol=COEFFICIENT)
    errors = np.sqrt(np.diag(fit.covariance_known_weights))
    np.testing.assert_allclose(errors, np.atleast_1d(expected["robust_se"]), atol=COEFFICIENT)


def test_without_a_competing_event_it_is_the_cox_model_with_breslow_ties(table) -> None:
    data = table("veteran")
    columns = np.column_stack((data["trt"], data["karno"]))

    fit, plain = (
        fine_gray(data["time"], data["status"], columns),
        cox(data["time"], data["status"], columns, ties=Ties.BRESLOW),
    )

    np.testing.assert_allclose(fit.coefficients, plain.coefficients, rtol=1e-9)
    assert fit.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-9)


def test_without_censoring_who_had_the_other_event_stays_at_risk_for_ever() -> None:
    rng = np.random.default_rng(4)
    times, causes, x = rng.exponential(1.0, 60), rng.integers(1, 3, 60), rng.normal(size=60)
    never = np.where(causes == 1, times, times.max() + 1.0)  # G is one: weights stay one

    fit = fine_gray(times, causes, x)

    assert fit.coefficients[0] == pytest.approx(cox(never, causes == 1, x).coefficients[0], rel=1e-9)


def test_intervals_cover_a_true_effect_of_none_as_often_as_they_say() -> None:
    rng, covered = np.random.default_rng(12), 0
    for _ in range(400):
        times, ends, x = rng.exponential(1.0, 120), rng.uniform(0.5, 3.0, 120), rng.normal(size=120)
        low, high = fine_gray(np.minimum(times, ends), np.where(times < ends, rng.integers(1, 3, 120), 0), x).interval()
        covered += bool(low[0] < 1.0 < high[0])

    # a sandwich of some 40 events is a little short of its nominal level: two points are allowed for that
    assert 0.93 - 3.3 * (0.95 * 0.05 / 400) ** 0.5 < covered / 400 <= 1.0


def test_an_infinite_estimate_is_reported_and_not_returned() -> None:
    fit = fine_gray([1, 2, 3, 4, 5, 6], [1, 1, 2, 0, 0, 2], [1, 1, 0, 0, 0, 0])

    assert fit.status is CoxStatus.INFINITE_ESTIMATE
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(fit.standard_errors).all()


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([1.0, 1.0, 1.0, 1.0], "covariate 0 is 1 for every patient"),
        ([[0, 0], [1, 2], [2, 4], [3, 6]], "determine each other"),
        ([0.0, np.nan, 1.0, 2.0], "covariate 0 of patient 1 is nan"),
    ],
)
def test_covariates_without_an_effect_are_refused(x, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        fine_gray([1, 2, 3, 4], [1, 2, 1, 0], x)


def test_one_stratum_is_no_stratum_and_strata_without_the_cause_say_nothing(table) -> None:
    times, causes, columns = sample(table, "pbc")
    mute = np.concatenate((np.zeros(times.size), np.ones(40)))
    longer = np.concatenate((times, times[:40])), np.concatenate((causes, np.where(causes[:40] == 1, 2, causes[:40])))

    plain, one = fine_gray(times, causes, columns), fine_gray(times, causes, columns, strata=np.ones(times.size))
    beside = fine_gray(*longer, np.vstack((columns, columns[:40])), strata=mute)

    np.testing.assert_array_equal(one.coefficients, plain.coefficients)
    np.testing.assert_array_equal(one.covariance, plain.covariance)
    np.testing.assert_allclose(beside.coefficients, plain.coefficients, rtol=1e-9)
    np.testing.assert_allclose(beside.covariance, plain.covariance, rtol=1e-8)


def test_strata_without_a_competing_event_are_those_of_the_cox_model(table) -> None:
    data = table("veteran")
    columns = np.column_stack((data["trt"], data["karno"]))

    fit = fine_gray(data["time"], data["status"], columns, strata=data["celltype"])
    sampled = cox_sample(data["time"], data["status"], columns, strata=data["celltype"])
    plain = fit_cox(sampled, ties=Ties.BRESLOW)

    np.testing.assert_allclose(fit.coefficients, plain.coefficients, rtol=1e-9)
    np.testing.assert_allclose(
        fit.covariance_known_weights, robust_covariance(sampled, plain, ties=Ties.BRESLOW), rtol=1e-8
    )


def test_two_copies_as_strata_have_the_estimate_of_one_and_half_its_variance(table) -> None:
    times, causes, columns = sample(table, "kmbmt")
    twice = np.repeat([0, 1], times.size)

    once = fine_gray(times, causes, columns)
    both = fine_gray(np.tile(times, 2), np.tile(causes, 2), np.tile(columns, (2, 1)), strata=twice)

    np.testing.assert_allclose(both.coefficients, once.coefficients, rtol=1e-8)
    np.testing.assert_allclose(both.covariance, 0.5 * once.covariance, rtol=1e-7)


def test_strata_of_unlike_baselines_hide_no_effect_and_make_none() -> None:
    rng = np.random.default_rng(8)
    n, effect = 4_000, np.log(0.6)
    strata, arm = rng.integers(0, 2, n), rng.integers(0, 2, n)
    share, latest = np.where(strata == 1, 0.8, 0.3), np.where(strata == 1, 0.6, 3.0)
    power = np.exp(effect * arm)
    ever = 1.0 - (1.0 - share) ** power  # a subdistribution of 1 - (1 - share (1 - e^-t))^power
    is_cause = rng.random(n) < ever
    inside = 1.0 - (1.0 - rng.random(n) * ever) ** (1.0 / power)
    times = np.where(is_cause, -np.log1p(-np.minimum(inside / share, 1.0 - 1e-12)), rng.exponential(1.0, n))
    ends = rng.uniform(0.1, 1.0, n) * latest
    causes = np.where(times <= ends, np.where(is_cause, 1, 2), 0)

    fit = fine_gray(np.minimum(times, ends), causes, arm, strata=strata)

    assert abs(fit.coefficients[0] - effect) < 3.3 * fit.standard_errors[0]
    assert fit.standard_errors[0] < 0.1 * abs(effect) * 2.0  # the trial is large enough to tell
