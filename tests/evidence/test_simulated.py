"""Simulated trials beside a real pool: which go with it, and what they add at a discount."""

import math

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.selection import named_pool
from trialeukin.evidence.simulated import NAMED, SimulatedEvidence, discounted, simulated_beside
from trialeukin.evidence.synthesis import Method, Synthesis, synthesis_of_pool
from trialeukin.report.evidence_figures import forest_of
from trialeukin.report.forest_figure import RowKind
from trialeukin.trial.endpoint import Endpoint


def real(name: str) -> Synthesis:
    return synthesis_of_pool(own_studies(), named_pool(name), Endpoint.LFS, Method())


def beside(name: str, discount: float | None = None) -> SimulatedEvidence:
    found = real(name)
    return simulated_beside(found.selection, found.pooled, frozen_predictions(), pool=name, discount=discount)


def test_predictions_go_to_their_own_trials_and_every_trial_of_the_pool_has_one() -> None:
    found = beside("aml-cr1-all")

    assert {each.of for each in found.trials} == set(named_pool("aml-cr1-all").members)
    assert found.missing == ()
    assert {(each.structure, each.endpoint) for each in found.trials} == {(NAMED, Endpoint.LFS)}
    assert found.pool is None


def test_trials_without_a_prediction_are_named() -> None:
    found = real("aml-cr1-all")
    known = [each for each in frozen_predictions() if each.of not in {"AML12_06991", "PETIT2018"}]

    missing = simulated_beside(found.selection, found.pooled, known).missing

    assert set(missing) == {"AML12_06991", "PETIT2018"}


@pytest.mark.parametrize("discount", [0.1, 1.0])
def test_at_a_discount_a_prediction_with_equal_limits_counts_by_its_precision(discount: float) -> None:
    pooled, frozen = real("aml-cr1-ipd").pooled, beside("aml-cr1-ipd").pool
    assert frozen is not None
    spread, expected = 0.15, (frozen.value * math.exp(-0.15 * NORMAL_975), frozen.value * math.exp(0.15 * NORMAL_975))

    found = discounted(pooled, frozen.model_copy(update={"expected": expected}), discount)

    weights = np.array([pooled.standard_error**-2, discount * spread**-2])
    middle = np.average([pooled.estimate, math.log(frozen.value)], weights=weights)
    reach = NORMAL_975 / math.sqrt(weights.sum())
    assert (found.lower, found.estimate, found.upper) == pytest.approx((middle - reach, middle, middle + reach))
    assert found.real_share == pytest.approx(weights[0] / weights.sum(), rel=1e-9)


@pytest.mark.parametrize("discount", [0.1, 0.5, 1.0])
def test_at_a_discount_a_skewed_prediction_counts_as_it_is_skewed(discount: float) -> None:
    pooled, found = real("aml-cr1-ipd").pooled, beside("aml-cr1-ipd", discount)
    assert found.pool is not None
    assert found.pool.expected is not None
    assert found.discounted is not None
    low, high = np.log(found.pool.expected)
    median = math.log(found.pool.value)
    at = np.linspace(-3.0, 3.0, 600_001)
    width = np.where(at < median, median - low, high - median) / NORMAL_975

    height = np.exp(-0.5 * ((at - pooled.estimate) / pooled.standard_error) ** 2)
    height *= (np.exp(-0.5 * ((at - median) / width) ** 2) / width) ** discount
    below = np.cumsum(height) / height.sum()

    expected = np.interp([0.025, 0.5, 0.975], below, at)
    assert median - low > 2.0 * (high - median)
    assert (found.discounted.lower, found.discounted.estimate, found.discounted.upper) == pytest.approx(
        tuple(expected),
        abs=2e-5,  # two steps of the grid
    )


def test_a_discount_of_nearly_nothing_leaves_the_real_pool() -> None:
    pooled, found = real("aml-cr1-ipd").pooled, beside("aml-cr1-ipd", 1e-9).discounted

    assert found is not None
    assert (found.estimate, found.lower, found.upper) == pytest.approx(
        (pooled.estimate, pooled.lower, pooled.upper), abs=1e-6
    )


@pytest.mark.parametrize(
    ("name", "discount", "words"),
    [
        ("aml-cr1-ipd", 0.0, "above 0 and up to 1"),
        ("aml-cr1-ipd", 1.5, "above 0 and up to 1"),
        ("aml-cr1", 0.5, "no prediction of this pool is frozen"),
    ],
)
def test_what_cannot_be_added_at_a_discount_is_refused(name: str, discount: float, words: str) -> None:
    with pytest.raises(AnalysisError, match=words):
        beside(name, discount)


def test_simulated_rows_stand_below_with_their_own_glyph_and_change_no_real_row() -> None:
    found = real("aml-cr1-ipd")

    alone = forest_of(found)
    both = forest_of(found, (), beside("aml-cr1-ipd"))

    assert both.rows[: len(alone.rows)] == alone.rows
    kinds = [row.kind for row in both.rows[len(alone.rows) :]]
    assert kinds == [RowKind.HEADING, *[RowKind.SIMULATED] * 6]
    assert all(row.weight is None for row in both.rows if row.kind is RowKind.SIMULATED)
    by_trial = {each.of: each for each in beside("aml-cr1-ipd").trials}
    for row in both.rows[len(alone.rows) + 1 : -1]:
        assert row.value == by_trial[row.label.split(",")[0]].value
