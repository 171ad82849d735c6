"""Graphical procedures: Holm, fixed sequence and fallback by their own definitions, and familywise error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.graphical import bonferroni, fallback, fixed_sequence, graph, holm, reject_graphically

p_values = st.lists(st.floats(1e-6, 1.0), min_size=2, max_size=6)


@given(p_values)
def test_equal_weights_give_the_adjusted_values_of_holm_and_bonferroni(values) -> None:
    even = [1.0 / len(values)] * len(values)

    order = np.argsort(values)
    steps = np.maximum.accumulate(np.sort(values) * np.arange(len(values), 0, -1))

    np.testing.assert_allclose(
        reject_graphically(values, holm(even)).adjusted[order], np.minimum(steps, 1.0), rtol=1e-9
    )
    np.testing.assert_allclose(
        reject_graphically(values, bonferroni(even)).adjusted,
        np.minimum(np.array(values) * len(values), 1.0),
        rtol=1e-9,
    )


@given(p_values)
def test_a_fixed_sequence_stops_at_the_first_that_fails(values) -> None:
    found = reject_graphically(values, fixed_sequence(len(values)))

    np.testing.assert_allclose(found.adjusted, np.maximum.accumulate(values), rtol=1e-9)


def test_fallback_passes_alpha_down_the_line() -> None:
    found = reject_graphically([0.01, 0.04, 0.03], fallback([0.5, 0.3, 0.2]), alpha=0.05)

    # 0.01 <= 0.025; then 0.04 <= 0.3 x 0.05 + 0.025 = 0.04; then 0.03 <= 0.05
    assert found.rejected.tolist() == [True, True, True]
    assert reject_graphically([0.03, 0.04, 0.009], fallback([0.5, 0.3, 0.2])).rejected.tolist() == [False, False, True]


def test_two_primary_and_two_secondary_endpoints_by_hand() -> None:
    # each primary passes all to its secondary, each secondary to the other primary (parallel gatekeeping)
    procedure = graph([0.5, 0.5, 0.0, 0.0], [[0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 0]])

    found = reject_graphically([0.02, 0.055, 0.012, 0.001], procedure, alpha=0.05)

    assert found.order == (0, 2)  # 0.02 <= 0.025, then 0.012 <= 0.025; then 0.055 > 0.05 keeps the last closed
    assert found.adjusted == pytest.approx([0.04, 0.055, 0.04, 0.055])


def test_the_familywise_error_is_kept_when_all_are_true() -> None:
    rng = np.random.default_rng(3)
    procedure = graph([0.5, 0.5, 0.0], [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])

    wrong = sum(bool(reject_graphically(rng.random(3), procedure).rejected.any()) for _ in range(4000))

    assert wrong / 4000 <= 0.05 + 3.3 * (0.05 * 0.95 / 4000) ** 0.5


@pytest.mark.parametrize(
    ("weights", "arrows", "message"),
    [
        ([0.7, 0.7], np.zeros((2, 2)), "at most 1 in sum"),
        ([0.5, 0.5], [[0.5, 0.5], [0, 0]], "none to itself"),
        ([0.5, 0.5], [[0, 1.5], [0, 0]], "at most 1 in sum"),
        ([0.5, 0.5], [[0, np.nan], [0, 0]], "at most 1 in sum"),
        ([0.5, np.nan], np.zeros((2, 2)), "finite|at most 1 in sum"),
    ],
)
def test_graphs_that_spend_too_much_are_refused(weights, arrows, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        graph(weights, arrows)


def test_p_values_and_alpha_out_of_range_are_refused() -> None:
    with pytest.raises(AnalysisError, match="give 2 between 0 and 1"):
        reject_graphically([0.1, 1.1], bonferroni([0.5, 0.5]))
    with pytest.raises(AnalysisError, match="alpha 1"):
        reject_graphically([0.1, 0.2], bonferroni([0.5, 0.5]), alpha=1)
