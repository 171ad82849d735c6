"""The test of proportional hazards: against R's cox.zph of survival 3 (reference case 07), and its laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.proportionality import TimeScale, proportionality

PRINTED = 1e-6  # of case 07-survival-core
COVARIATES = {
    "veteran": lambda d: [
        *(d[key] for key in ("trt", "karno", "diagtime", "age", "prior")),
        *(d["celltype"] == kind for kind in ("adeno", "smallcell", "squamous")),
    ],
    "lung": lambda d: [d["age"], d["trt"], d["ph.karno"], d["wt.loss"]],
    "kmbmt": lambda d: [d["group"] == 2, d["group"] == 3, d["z1"], d["z2"]],
    "pbc": lambda d: [d["age"], d["edema"], np.log(d["bili"]), np.log(d["albumin"]), np.log(d["protime"])],
}


def fitted(table, name):
    data = table(name)
    covariates = np.column_stack([np.asarray(column, dtype=float) for column in COVARIATES[name](data)])
    known = np.isfinite(covariates).all(axis=1)
    sample = cox_sample(data["time"][known], data["status"][known], covariates[known])
    return sample, fit_cox(sample)


@pytest.mark.parametrize("name", COVARIATES)
def test_the_overall_test_equals_that_of_r(table, reference, name) -> None:
    expected = reference("core")[name]["zph_km_efron"]

    overall = proportionality(*fitted(table, name)).overall

    assert overall.statistic == pytest.approx(expected["chisq"], rel=PRINTED)
    assert overall.degrees_of_freedom == expected["df"]
    assert overall.p_value == pytest.approx(expected["p"], rel=1e-5)


def test_one_covariate_alone_is_the_whole(table) -> None:
    data = table("veteran")
    sample = cox_sample(data["time"], data["status"], data["karno"])

    found = proportionality(sample, fit_cox(sample), scale=TimeScale.LOG)

    assert found.covariates[0].statistic == pytest.approx(found.overall.statistic, rel=1e-12)


def test_schoenfeld_residuals_sum_to_zero_at_the_estimate(table) -> None:
    sample, fit = fitted(table, "lung")

    found = proportionality(sample, fit)

    np.testing.assert_allclose((found.scaled_residuals - fit.coefficients).sum(axis=0), 0.0, atol=1e-8)


def test_an_effect_that_fades_is_found_and_a_steady_one_is_not() -> None:
    rng = np.random.default_rng(1)
    arm = np.repeat([0.0, 1.0], 1000)
    steady = rng.exponential(1.0, 2000) * np.exp(0.7 * arm)
    fading = np.where((arm == 1) & (steady > 1.0), 1.0 + rng.exponential(0.3, 2000), steady)

    tests = []
    for times in (steady, fading):
        sample = cox_sample(times, np.ones(2000), arm)
        tests.append(proportionality(sample, fit_cox(sample)).overall.p_value)

    assert tests[0] > 0.01
    assert tests[1] < 1e-6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 20.0))
def test_ranks_and_kaplan_meier_do_not_know_the_unit_of_time(seed, factor) -> None:
    rng = np.random.default_rng(seed)
    times, events, x = rng.integers(1, 15, 60).astype(float), rng.random(60) < 0.8, rng.normal(size=60)
    one, other = cox_sample(times, events, x), cox_sample(times * factor, events, x)

    for scale in (TimeScale.RANK, TimeScale.KAPLAN_MEIER):
        first, second = (proportionality(each, fit_cox(each), scale=scale).overall.statistic for each in (one, other))
        assert second == pytest.approx(first, rel=1e-6, abs=1e-9)


def test_events_at_one_time_cannot_show_a_change() -> None:
    sample = cox_sample([2.0, 2.0, 2.0, 3.0], [1, 1, 1, 0], [0.0, 1.0, 2.0, 1.5])

    with pytest.raises(AnalysisError, match="all events are at one time"):
        proportionality(sample, fit_cox(sample))
