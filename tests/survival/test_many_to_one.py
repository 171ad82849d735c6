"""Tests of several treatments against one control, beside graphical procedures and multivariate normal integrals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.graphical import bonferroni, fixed_sequence, holm, reject_graphically
from trialeukin.survival.many_to_one import Procedure, dunnett_limit, rejected

INTEGRAL = 2e-6  # error of SciPy's randomised integral at the number of points asked for
statistics = st.lists(st.floats(-6.0, 6.0), min_size=1, max_size=6)
levels = st.floats(1e-4, 0.5)


def correlation(shares: tuple[float, ...]) -> np.ndarray:
    roots = np.sqrt(np.array(shares))
    matrix = np.outer(roots, roots)
    np.fill_diagonal(matrix, 1.0)
    return matrix


@pytest.mark.parametrize("alpha", [0.2, 0.05, 0.001])
@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.5, 0.5, 0.5, 0.5), (0.3, 0.6), (0.2, 0.5, 0.7, 0.45, 0.9)])
def test_dunnetts_limit_leaves_alpha_outside_of_it(shares: tuple[float, ...], alpha: float) -> None:
    limit = np.full(len(shares), dunnett_limit(shares, alpha))

    inside = multivariate_normal(cov=correlation(shares), maxpts=2_000_000, abseps=1e-7, releps=1e-7, seed=1).cdf(
        limit, lower_limit=-limit
    )

    assert 1.0 - inside == pytest.approx(alpha, abs=INTEGRAL)


def test_dunnetts_limit_of_one_treatment_is_that_of_one_test() -> None:
    assert dunnett_limit([0.4], 0.05) == pytest.approx(norm.isf(0.025), rel=1e-12)


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=11), levels)
def test_dunnett_lies_between_independence_and_one_test(shares: list[float], alpha: float) -> None:
    limit = dunnett_limit(shares, alpha)

    independent = norm.isf(0.5 * (1.0 - (1.0 - alpha) ** (1.0 / len(shares))))  # Sidak 1967: no correlation is worse
    assert norm.isf(0.5 * alpha) < limit <= independent + 1e-9


@pytest.mark.parametrize(
    ("procedure", "graph"),
    [
        (Procedure.HOLM, lambda count: holm([1.0 / count] * count)),
        (Procedure.BONFERRONI, lambda count: bonferroni([1.0 / count] * count)),
        (Procedure.FIXED_SEQUENCE, fixed_sequence),
    ],
)
@given(z=statistics, alpha=levels)
def test_what_is_rejected_is_what_the_graph_rejects(procedure, graph, z: list[float], alpha: float) -> None:
    p_values = 2.0 * norm.sf(np.abs(z))
    by_graph = reject_graphically(p_values, graph(len(z)), alpha=alpha)

    found = rejected(np.array(z), procedure, alpha=alpha, shares=[0.5] * len(z))

    clear = np.abs(by_graph.adjusted - alpha) > 1e-9
    assert (found == by_graph.rejected)[clear].all()


@given(statistics, levels)
def test_procedures_stand_in_their_order(z: list[float], alpha: float) -> None:
    by = {procedure: rejected(np.array(z), procedure, alpha=alpha, shares=[0.5] * len(z)) for procedure in Procedure}

    for less, more in (
        (Procedure.BONFERRONI, Procedure.HOLM),
        (Procedure.BONFERRONI, Procedure.DUNNETT),
        (Procedure.HOLM, Procedure.NONE),
        (Procedure.DUNNETT, Procedure.NONE),
        (Procedure.FIXED_SEQUENCE, Procedure.NONE),
    ):
        assert not (by[less] & ~by[more]).any()


@pytest.mark.parametrize("procedure", list(Procedure))
def test_many_trials_at_once_are_each_as_alone(procedure: Procedure) -> None:
    z = np.random.default_rng(3).normal(scale=2.5, size=(7, 5, 3))
    z[2, 1] = np.nan

    found = rejected(z, procedure, alpha=0.05, shares=(0.5, 0.4, 0.6))

    alone = [rejected(row, procedure, alpha=0.05, shares=(0.5, 0.4, 0.6)) for row in z.reshape(-1, 3)]
    assert (found.reshape(-1, 3) == alone).all()
    assert not found[2, 1].any()


def test_an_unknown_statistic_holds_up_no_other_but_in_a_sequence() -> None:
    z = np.array([np.nan, -4.0])

    found = {each: rejected(z, each, alpha=0.05, shares=(0.5, 0.5)).tolist() for each in Procedure}

    assert found.pop(Procedure.FIXED_SEQUENCE) == [False, False]
    assert all(each == [False, True] for each in found.values())


@pytest.mark.parametrize("shares", [[], [0.0], [0.5, 1.0], [-0.1], [np.nan]])
def test_shares_without_meaning_are_refused(shares: list[float]) -> None:
    with pytest.raises(AnalysisError, match="above 0 and below 1"):
        dunnett_limit(shares, 0.05)


def test_a_share_for_each_treatment_is_asked_for() -> None:
    with pytest.raises(AnalysisError, match="one share a treatment"):
        rejected(np.zeros(3), Procedure.HOLM, alpha=0.05, shares=(0.5, 0.5))
    with pytest.raises(AnalysisError, match=r"alpha 1\.5"):
        rejected(np.zeros(2), Procedure.HOLM, alpha=1.5, shares=(0.5, 0.5))
