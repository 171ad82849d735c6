"""Parametric survival: against R's survreg (reference cases 07 and 23), by hand, against lifelines, and its laws."""

import lifelines
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.accelerated_failure import Law, accelerated_failure
from trialeukin.survival.cox import CoxStatus

COEFFICIENT, LIKELIHOOD = 1e-6, 1e-8  # of case 07-survival-core
NAMES = {
    Law.EXPONENTIAL: "exponential",
    Law.WEIBULL: "weibull",
    Law.LOG_NORMAL: "lognormal",
    Law.LOG_LOGISTIC: "loglogistic",
}


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize("name", ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"])
def test_the_estimates_equal_those_of_survreg(table, reference, name, law) -> None:
    data, expected = table(name), reference("core")[name][f"aft_{NAMES[law]}"]

    fit = accelerated_failure(data["time"], data["status"], data["trt"], law=law)

    np.testing.assert_allclose(fit.coefficients, list(expected["coef"].values()), rtol=COEFFICIENT)
    assert fit.scale == pytest.approx(expected["scale"], rel=COEFFICIENT)
    assert fit.log_likelihood == pytest.approx(expected["loglik"], abs=LIKELIHOOD)


def test_petersons_data_on_which_survreg_once_failed_converge(table, reference) -> None:
    data, expected = table("peterson"), reference("robustness")["peterson_survreg_weibull"]

    fit = accelerated_failure(data["time"], data["status"], data["grp"][:, None] == np.arange(2, 7))

    assert fit.status is CoxStatus.CONVERGED
    np.testing.assert_allclose(fit.coefficients, list(expected["coef"].values()), rtol=COEFFICIENT)
    assert fit.scale == pytest.approx(expected["scale"], rel=COEFFICIENT)
    assert fit.log_likelihood == pytest.approx(expected["loglik"][1], abs=LIKELIHOOD)


def test_an_exponential_rate_is_events_over_follow_up() -> None:
    times, events = np.array([1.0, 4.0, 2.0, 5.0]), np.array([1, 1, 0, 1])

    fit = accelerated_failure(times, events, law=Law.EXPONENTIAL)

    assert np.exp(-fit.coefficients[0]) == pytest.approx(3 / 12, rel=1e-12)
    assert fit.standard_errors[0] == pytest.approx(3**-0.5, rel=1e-12)  # information of a log rate: events
    assert fit.quantile(0.5, []) == pytest.approx(4.0 * np.log(2.0), rel=1e-12)


@pytest.mark.parametrize(
    ("law", "fitter"),
    [
        (Law.WEIBULL, lifelines.WeibullAFTFitter),
        (Law.LOG_NORMAL, lifelines.LogNormalAFTFitter),
        (Law.LOG_LOGISTIC, lifelines.LogLogisticAFTFitter),
    ],
)
def test_errors_and_survival_equal_those_of_lifelines(table, law, fitter) -> None:
    data = table("veteran")
    frame = pd.DataFrame({key: data[key] for key in ("time", "status", "karno")})

    fit = accelerated_failure(data["time"], data["status"], data["karno"], law=law)
    other = fitter().fit(frame, "time", "status")

    slope = other.summary.xs("karno", level="covariate")
    assert fit.coefficients[1] == pytest.approx(slope["coef"].iloc[0], rel=1e-4)  # lifelines' own stopping rule
    assert fit.standard_errors[1] == pytest.approx(slope["se(coef)"].iloc[0], rel=1e-3)
    theirs = other.predict_survival_function(frame.iloc[:1], times=[30.0, 100.0]).to_numpy().ravel()
    np.testing.assert_allclose(fit.survival([30.0, 100.0], data["karno"][:1]), theirs, rtol=1e-3)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 9.0), st.booleans(), st.floats(-2, 2)), min_size=12, max_size=40),
    st.floats(0.1, 9.0),
)
def test_another_unit_of_time_shifts_the_intercept_alone(rows, factor) -> None:
    times, events, x = (np.array(column) for column in zip(*rows, strict=True))
    if events.sum() < 4 or x[events].std() < 0.1 or np.log(times[events]).std() < 0.1:
        return
    one, other = accelerated_failure(times, events, x), accelerated_failure(times * factor, events, x)
    if one.status is not CoxStatus.CONVERGED:
        return

    assert other.coefficients == pytest.approx(one.coefficients + np.array([np.log(factor), 0.0]), abs=1e-6)
    assert other.scale == pytest.approx(one.scale, rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.0, 1.0], [1, 1]), r"times\[0\] is 0: .*count the first day as 1"),
        (([1.0, 2.0], [0, 0]), "all 2 patients are censored"),
        (([1.0, np.nan], [1, 1]), r"times\[1\] is nan"),
        (([1.0, 2.0], [1, 1], [3.0, 3.0]), "covariate 0 is 3 for every patient"),
    ],
)
def test_data_without_a_fit_are_refused_with_the_way_out(arguments, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        accelerated_failure(*arguments)


def test_a_time_ratio_without_a_bound_is_reported() -> None:
    fit = accelerated_failure([1.0, 2.0, 3.0, 9.0, 9.0, 9.0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1])

    assert fit.status is not CoxStatus.CONVERGED
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(fit.scale)
