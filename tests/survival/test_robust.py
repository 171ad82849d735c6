"""Weighted and clustered Cox models: residuals solved by hand (case 07), against lifelines, and their laws."""

from dataclasses import replace

import lifelines
import numpy as np
import pandas as pd
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import cox, fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.observations import observations
from trialeukin.survival.partial_likelihood import ApproximateLikelihood, Ties
from trialeukin.survival.robust import dfbeta, robust_covariance

BY_HAND = 1e-12
LAW = 1e-9


def likelihood(rows, ties) -> ApproximateLikelihood:
    columns = {key: np.array([row[key] for row in rows], dtype=float) for key in rows[0]}
    times = columns.get("time", columns.get("stop"))
    return ApproximateLikelihood(
        observations(times, columns["status"], columns.get("start")), columns["x"][:, None], ties
    )


@pytest.mark.parametrize("ties", [Ties.BRESLOW, Ties.EFRON])
def test_residuals_of_six_patients_are_those_solved_by_hand(reference, ties) -> None:
    case = reference("cox_by_hand")["test_data_1"]

    part = likelihood(case["data"], ties)

    np.testing.assert_allclose(
        part.martingale_residuals(np.zeros(1)), case[ties.value]["martingale_at_0"], atol=BY_HAND
    )
    np.testing.assert_allclose(
        part.score_residuals(np.zeros(1))[:, 0], case[ties.value]["score_resid_at_0"], atol=BY_HAND
    )


def test_residuals_under_late_entry_are_those_solved_by_hand(reference) -> None:
    case = reference("cox_by_hand")["test_data_2"]
    expected = case["breslow"]

    part = likelihood(case["data"], Ties.BRESLOW)
    residuals = part.score_residuals(np.log([2.0]))[:, 0]

    np.testing.assert_allclose(part.martingale_residuals(np.zeros(1)), expected["martingale_at_0"], atol=BY_HAND)
    np.testing.assert_allclose(residuals, expected["score_resid_at_log2"], atol=BY_HAND)
    assert residuals.sum() == pytest.approx(expected["score_sum_at_log2"], abs=BY_HAND)


def test_the_sandwich_of_weighted_rows_equals_that_of_lifelines(table) -> None:
    data, rng = table("veteran"), np.random.default_rng(8)
    times = data["time"] + np.arange(data["time"].size) * 1e-7  # lifelines' sandwich knows no ties
    weights = rng.uniform(0.5, 2.0, times.size)
    frame = pd.DataFrame(
        {"time": times, "status": data["status"], "karno": data["karno"], "age": data["age"], "w": weights}
    )

    sample = cox_sample(times, data["status"], np.column_stack((data["karno"], data["age"])), weights=weights)
    fit = fit_cox(sample)
    other = lifelines.CoxPHFitter().fit(frame, "time", "status", weights_col="w", robust=True)

    np.testing.assert_allclose(fit.coefficients, other.params_, atol=1e-6)  # where lifelines stops
    errors = np.sqrt(np.diag(robust_covariance(sample, fit)))
    np.testing.assert_allclose(errors, other.standard_errors_, rtol=1e-4)


def test_dfbeta_is_what_leaving_a_patient_out_does_to_first_order(table) -> None:
    data = table("lung")
    sample = cox_sample(data["time"], data["status"], data["trt"])
    fit = fit_cox(sample)
    moved = np.array(
        [
            fit.coefficients[0]
            - cox(*(np.delete(data[key], place) for key in ("time", "status", "trt"))).coefficients[0]
            for place in range(0, 228, 19)
        ]
    )

    rows = dfbeta(sample, fit)[::19, 0]

    np.testing.assert_allclose(rows, moved, atol=5e-4)  # the second order, with 90 patients in the smaller arm
    assert np.corrcoef(rows, moved)[0, 1] > 0.999


@pytest.mark.parametrize("ties", [Ties.BRESLOW])
def test_whole_weights_are_replicates_and_a_replicated_patient_is_one_cluster(table, ties) -> None:
    data, times = table("freireich"), np.random.default_rng(5).integers(1, 4, 42)
    rows = np.repeat(np.arange(42), times)
    weighted = cox_sample(data["time"], data["status"], data["trt"], weights=times)
    repeated = cox_sample(data["time"][rows], data["status"][rows], data["trt"][rows])

    one, other = fit_cox(weighted, ties=ties), fit_cox(repeated, ties=ties)

    np.testing.assert_allclose(one.coefficients, other.coefficients, rtol=LAW)
    np.testing.assert_allclose(one.information, other.information, rtol=LAW)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=LAW)
    np.testing.assert_allclose(
        robust_covariance(weighted, one, ties=ties),
        robust_covariance(repeated, other, ties=ties, patients=rows),
        rtol=LAW,
    )


def test_a_patient_cut_into_stretches_keeps_the_robust_error(table) -> None:
    data = table("freireich")
    cut = data["time"] > 5
    times = np.concatenate((np.where(cut, 5.0, data["time"]), data["time"][cut]))
    events = np.concatenate((np.where(cut, 0, data["status"]), data["status"][cut]))
    entry = np.concatenate((np.zeros(42), np.full(int(cut.sum()), 5.0)))
    arms, owners = np.concatenate((data["trt"], data["trt"][cut])), np.concatenate((np.arange(42), np.flatnonzero(cut)))
    whole, parts = cox_sample(data["time"], data["status"], data["trt"]), cox_sample(times, events, arms, entry=entry)

    one = robust_covariance(whole, fit_cox(whole))
    other = robust_covariance(parts, fit_cox(parts), patients=owners)

    np.testing.assert_allclose(other, one, rtol=LAW)


def test_strata_without_an_event_add_nothing(table) -> None:
    data = table("aml")
    more = [np.append(data[key], value) for key, value in (("time", [3.0, 4.0]), ("status", [0, 0]), ("trt", [0, 1]))]
    strata = np.append(np.zeros(23), [1, 1])
    sample = cox_sample(*more, strata=strata)

    fit = fit_cox(sample)

    assert fit.coefficients[0] == pytest.approx(cox(data["time"], data["status"], data["trt"]).coefficients[0], rel=LAW)
    assert (dfbeta(sample, fit)[-2:] == 0.0).all()


@pytest.mark.parametrize("weight", [0.0, -1.0, np.nan, np.inf])
def test_weights_that_weigh_nothing_are_refused(weight) -> None:
    with pytest.raises(AnalysisError, match=r"weights\[1\] is .*above zero"):
        cox_sample([1, 2, 3], [1, 1, 1], [0, 1, 0], weights=[1.0, weight, 1.0])


def test_exact_ties_know_no_weights_and_no_sandwich(table) -> None:
    data = table("aml")
    weighted = cox_sample(data["time"], data["status"], data["trt"], weights=np.full(23, 2.0))
    with pytest.raises(AnalysisError, match="exact ties with case weights"):
        fit_cox(weighted, ties=Ties.EXACT)
    plain = cox_sample(data["time"], data["status"], data["trt"])
    with pytest.raises(AnalysisError, match="exact ties have no score residuals"):
        robust_covariance(plain, fit_cox(plain, ties=Ties.EXACT), ties=Ties.EXACT)


def test_a_fit_without_an_estimate_has_no_sandwich() -> None:
    sample = cox_sample([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0])

    with pytest.raises(AnalysisError, match="INFINITE_ESTIMATE: it has no estimate"):
        robust_covariance(sample, fit_cox(sample))


def test_the_wald_test_of_a_robust_fit_is_by_its_robust_covariance(table) -> None:
    data = table("veteran")
    weights = np.random.default_rng(8).uniform(0.5, 2.0, data["time"].size)
    both = np.column_stack((data["karno"], data["age"]))
    samples = [cox_sample(data["time"], data["status"], columns, weights=weights) for columns in (both, data["karno"])]
    plain = [fit_cox(sample) for sample in samples]

    two, one = (
        replace(fit, covariance=robust_covariance(sample, fit)) for sample, fit in zip(samples, plain, strict=True)
    )

    by_hand = float(two.coefficients @ np.linalg.inv(two.covariance) @ two.coefficients)
    assert two.wald_test.statistic == pytest.approx(by_hand, rel=LAW)
    assert two.wald_test.degrees_of_freedom == 2
    assert one.wald_test.p_value == pytest.approx(float(one.p_values[0]), rel=LAW)
    by_information = float(plain[0].coefficients @ plain[0].information @ plain[0].coefficients)
    assert plain[0].wald_test.statistic == pytest.approx(by_information, rel=LAW)
    assert two.wald_test.statistic != pytest.approx(by_information, rel=0.01)
