"""Weights of patients: replicates are patients written out, weights of sampling carry their own variance."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.case_weights import replicates, sampling
from trialeukin.survival.cox import fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.log_rank_weights import FlemingHarrington
from trialeukin.survival.nelson_aalen import nelson_aalen
from trialeukin.survival.partial_likelihood import Ties
from trialeukin.survival.weighted_log_rank import weighted_log_rank

EXACT = 1e-12
STEP = 1e-6  # of a derivative by differences
REPLICATES = 1500


@pytest.fixture
def patients():
    rng = np.random.default_rng(5)
    times = np.ceil(rng.exponential(6.0, 60))  # ties
    return times, rng.random(60) < 0.7, rng.integers(0, 3, 60), rng.integers(1, 5, 60).astype(float)


def test_replicates_are_patients_written_out(patients) -> None:
    times, events, groups, weights = patients
    rows = np.repeat(np.arange(60), weights.astype(int))

    curve, hazard = (f(times, events, weights=replicates(weights)) for f in (kaplan_meier, nelson_aalen))
    test = weighted_log_rank(times, events, groups, replicates(weights))

    written, cumulative = (f(times[rows], events[rows]) for f in (kaplan_meier, nelson_aalen))
    np.testing.assert_allclose(curve.survival, written.survival, rtol=EXACT)
    np.testing.assert_allclose(curve.standard_error, written.standard_error, rtol=EXACT)
    np.testing.assert_allclose(hazard.hazard, cumulative.hazard, rtol=EXACT)
    np.testing.assert_allclose(hazard.standard_error, cumulative.standard_error, rtol=EXACT)
    assert test.test.statistic == pytest.approx(log_rank(times[rows], events[rows], groups[rows]).test.statistic)


def test_the_robust_variance_of_a_curve_without_weights_is_greenwoods(patients) -> None:
    times, events, _, _ = patients

    plain, robust = kaplan_meier(times, events), kaplan_meier(times, events, weights=sampling(np.ones(60)))
    heavier = kaplan_meier(times, events, weights=sampling(7.0 * np.ones(60)))

    np.testing.assert_allclose(robust.survival, plain.survival, rtol=EXACT)
    np.testing.assert_allclose(robust.standard_error, plain.standard_error, rtol=1e-10)
    np.testing.assert_allclose(heavier.standard_error, plain.standard_error, rtol=1e-10)  # no unit of weight


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("estimate", [kaplan_meier, nelson_aalen])
def test_the_robust_variance_is_that_of_derivatives_by_each_weight(patients, estimate, late) -> None:
    times, events, _, weights = patients
    weights = weights / 3.0
    entry = np.where(np.arange(60) % 3 == 0, np.maximum(times - 3.0, -1.0), -1.0) if late else None

    def height(given):
        made = estimate(times, events, entry=entry, weights=sampling(given))
        return made.survival if estimate is kaplan_meier else made.hazard

    moves = np.array([(height(weights + h) - height(weights - h)) / (2.0 * STEP) for h in STEP * np.eye(60)])
    expected = np.sqrt(((weights[:, None] * moves) ** 2).sum(axis=0))

    found = estimate(times, events, entry=entry, weights=sampling(weights)).standard_error

    known = np.isfinite(found)
    assert known.sum() >= found.size - 1  # all but the end at zero
    np.testing.assert_allclose(found[known], expected[known], rtol=1e-6, atol=STEP**2)


def test_the_weighted_log_rank_test_is_the_robust_score_test_of_a_weighted_cox_model(patients) -> None:
    times, events, groups, weights = patients
    second = groups > 0
    sample = cox_sample(times, events, second, weights=weights)
    at_zero = fit_cox(sample, ties=Ties.BRESLOW).at_zero

    found = weighted_log_rank(times, events, second, sampling(weights))

    assert found.observed[1] - found.expected[1] == pytest.approx(at_zero.score[0], rel=1e-9)
    assert found.covariance.sum(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert found.p_value != pytest.approx(weighted_log_rank(times, events, second, replicates(weights)).p_value)


@pytest.mark.parametrize(("weight", "size"), [(FlemingHarrington(), 240), (FlemingHarrington(gamma=1.0), 1200)])
def test_the_weighted_test_keeps_its_level_where_weights_belong_to_patients(weight, size) -> None:
    # a sandwich of few late events is too small: with 240 patients the late weight rejects 6.9 %
    rng, rejected = np.random.default_rng(8), 0
    arm, strata = np.arange(size) % 2, np.arange(size) % 3
    for _ in range(REPLICATES):
        times, ends = rng.exponential(1.0 + 0.2 * strata), rng.uniform(0.5, 3.0, size)
        weights = sampling(rng.uniform(0.3, 3.0, size))
        found = weighted_log_rank(np.minimum(times, ends), times <= ends, arm, weights, strata=strata, weight=weight)
        rejected += found.p_value < 0.05

    assert rejected / REPLICATES == pytest.approx(0.05, abs=3.3 * (0.05 * 0.95 / REPLICATES) ** 0.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sampling([1.0, 0.0]), r"weights\[1\] is 0: weights are finite and above zero"),
        (lambda: sampling([1.0, np.nan]), r"weights\[1\] is nan: weights are finite"),
        (lambda: replicates([1.0, 1.5]), r"weights\[1\] is 1.5: replicates are whole numbers"),
        (lambda: kaplan_meier([1.0, 2.0], [1, 1], weights=sampling([1.0])), "1 weights for 2 patients"),
        (lambda: weighted_log_rank([1.0, 2.0], [1, 1], [0, 0], sampling([1.0, 2.0])), "a comparison takes two"),
        (lambda: weighted_log_rank([1.0, 2.0], [0, 0], [0, 1], sampling([1.0, 2.0])), "all 2 patients are censored"),
    ],
)
def test_a_wrong_weight_is_refused_with_the_way_out(make, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        make()
