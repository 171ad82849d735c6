"""Fine and Gray: against R's cmprsk and survival (reference case 08), and its laws."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxStatus, cox
from trialeukin.survival.fine_gray import CensoringTies, fine_gray
from trialeukin.survival.partial_likelihood import Ties

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
