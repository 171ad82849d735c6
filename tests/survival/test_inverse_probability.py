"""Inverse-probability weights: they balance, undo confounding that was measured, and refuse what cannot be balanced."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from statsmodels.api import GLM, add_constant, families

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.analysis import analyse
from trialeukin.survival.columns import Roles, patients_of
from trialeukin.survival.inverse_probability import treatment_weights, weighted_effect
from trialeukin.survival.log_rank import log_rank

TRIALS, PATIENTS = 600, 400


def confounded(rng, effect: float):
    """Patients whose risk decides treatment; under no effect on the hazard the crude comparison is wrong."""
    risk = rng.standard_normal((PATIENTS, 2))
    treated = rng.random(PATIENTS) < expit(0.8 * risk[:, 0] - 0.5 * risk[:, 1])
    times = rng.exponential(1.0, PATIENTS) * np.exp(-0.7 * risk[:, 0] - effect * treated)
    ends = rng.uniform(0.5, 4.0, PATIENTS)
    return np.minimum(times, ends), times <= ends, treated, risk


def test_probabilities_are_those_of_statsmodels_logistic_regression() -> None:
    _, _, treated, risk = confounded(np.random.default_rng(1), 0.0)

    found = treatment_weights(treated, risk)

    theirs = GLM(treated.astype(float), add_constant(risk), family=families.Binomial()).fit(tol=1e-12).fittedvalues
    np.testing.assert_allclose(found.probability, theirs, rtol=1e-8)


def test_weighted_groups_are_alike_and_cost_patients() -> None:
    _, _, treated, risk = confounded(np.random.default_rng(2), 0.0)

    found = treatment_weights(treated, risk)

    assert abs(found.imbalance[0, 0]) > 0.5
    assert np.abs(found.imbalance[1]).max() < 0.15
    assert found.weights.values.mean() == pytest.approx(1.0, abs=0.05)
    assert (found.effective < [(~treated).sum(), treated.sum()]).all()


def test_the_weighted_effect_is_right_under_no_effect_where_the_crude_one_is_not() -> None:
    rng, rejected, covered, crude = np.random.default_rng(3), 0, 0, 0
    for _ in range(TRIALS):
        times, events, treated, risk = confounded(rng, 0.0)
        found = weighted_effect(times, events, treated, treatment_weights(treated, risk))
        low, high = found.interval()
        covered += low < 1.0 < high
        rejected += found.log_rank.p_value < 0.05
        crude += log_rank(times, events, treated).p_value < 0.05

    error = 3.3 * (0.05 * 0.95 / TRIALS) ** 0.5
    assert 0.95 - error < covered / TRIALS  # weights taken as known: too wide, never too narrow
    assert rejected / TRIALS < 0.05 + error
    assert crude / TRIALS > 0.5


def test_an_analysis_of_a_table_with_these_weights_finds_the_same_effect_where_times_are_tied() -> None:
    times, events, treated, risk = confounded(np.random.default_rng(5), -0.6)
    months = np.ceil(4.0 * times)
    treatment = treatment_weights(treated, risk)
    table = {"time": months, "event": events, "arm": treated.astype(int), "weight": treatment.weights.values}

    found = weighted_effect(months, events, treated, treatment)
    analysed = analyse(patients_of(pd.DataFrame(table), Roles(weights="weight"))).comparison

    assert analysed is not None
    theirs = analysed.hazards.coefficients[0], analysed.hazards.standard_errors[0], analysed.log_rank.p_value
    ours = found.log_hazard_ratio, found.standard_error, found.log_rank.p_value
    assert ours == pytest.approx(theirs, rel=1e-9)


def test_the_difference_in_survival_is_that_of_everybody_under_each_treatment() -> None:
    rng = np.random.default_rng(4)
    everybody = rng.standard_normal(200_000)
    truth = [np.exp(-np.exp(0.7 * everybody + effect)).mean() for effect in (0.0, -0.6)]
    found = []
    for _ in range(200):
        times, events, treated, risk = confounded(rng, -0.6)
        found.append(weighted_effect(times, events, treated, treatment_weights(treated, risk)).survival_difference(1.0))

    values, errors = np.array(found).T
    assert values.mean() == pytest.approx(truth[1] - truth[0], abs=3.3 * values.std() / 200**0.5 + 0.002)
    assert errors.mean() >= 0.9 * values.std()


def test_a_stratum_with_one_group_is_refused_by_name() -> None:
    groups, strata = ["a", "b", "a", "b", "a", "a"], ["x", "x", "y", "y", "z", "z"]

    with pytest.raises(AnalysisError, match="stratum z has 2 patients, all of group a: nobody there stands for"):
        treatment_weights(groups, np.arange(6.0), strata=strata)


def test_extreme_weights_are_shown_and_refused_above_the_largest_allowed() -> None:
    rng = np.random.default_rng(6)
    risk = rng.standard_normal(500)
    treated = rng.random(500) < expit(3.0 * risk)

    found = treatment_weights(treated, risk)

    heavy = found.weights.values / found.weights.values.mean()
    assert found.extreme.size == (heavy > 10.0).sum() > 0
    assert heavy[found.extreme[0]] == heavy.max()
    with pytest.raises(AnalysisError, match=rf"patient {found.extreme[0]} of group (True|False) weighs [\d.e+]+ times"):
        treatment_weights(treated, risk, largest=10.0)


@pytest.mark.parametrize(
    ("groups", "covariates", "message"),
    [
        ([0, 0, 1, 1], [1.0, 2.0, 3.0, 4.0], "the covariates tell the groups apart"),
        ([0, 1, 2, 0], [1.0, 2.0, 3.0, 4.0], "3 groups: the weights are of two"),
        ([0, 1, 0, 1], [1.0, 1.0, 1.0, 1.0], "covariate 0 is 1 for every patient"),
        ([0, 1, 0, 1, 1], [[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [1.5, 3.0], [1.2, 2.4]], "collinear"),
    ],
)
def test_groups_that_cannot_be_balanced_are_refused(groups, covariates, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        treatment_weights(groups, covariates)
