"""MaxCombo: its statistics against the reference, its integral against exact answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.exceedance import exceedance
from trialeukin.survival.log_rank_weights import EVEN, ZeroBefore
from trialeukin.survival.max_combo import max_combo

PRINTED = 1e-9
STATED = 1e-4  # what the reference is honest to in a p-value
LATTICE = 2e-5  # relative error of the integral
ROUNDING = 1e-12


@pytest.mark.parametrize("name", ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"])
def test_statistics_correlations_and_p_equal_the_reference(table, reference, name) -> None:
    data, expected = table(name), reference("weighted_and_restricted")[name]["maxcombo_lower"]

    test = max_combo(data["time"], data["status"], data["trt"])

    np.testing.assert_allclose(test.z, expected["Z"], rtol=PRINTED)
    np.testing.assert_allclose(test.correlation, expected["corr"], atol=PRINTED)
    assert test.p_fewer == pytest.approx(expected["p_one_sided"], abs=STATED)


def test_a_small_p_keeps_its_relative_precision(table) -> None:
    data = table("freireich")
    # importance sampling of the same normal distribution, four million points a term (the reference has 5.1e-5)
    sampled = 5.4931e-5

    test = max_combo(data["time"], data["status"], data["trt"])

    assert test.p_fewer == pytest.approx(sampled, rel=1e-3)  # the sampling's own error


@pytest.mark.parametrize("level", [0.0, 1.0, 2.5, 5.0])
@pytest.mark.parametrize(("two_sided", "sides"), [(False, 1), (True, 2)])
def test_independent_variables_multiply_and_equal_ones_count_once(level, two_sided, sides) -> None:
    tail = sides * ndtr(-level)

    independent = exceedance(level, np.eye(4), two_sided=two_sided)
    equal = exceedance(level, np.ones((4, 4)), two_sided=two_sided)

    assert independent == pytest.approx(1.0 - (1.0 - tail) ** 4, rel=1e-9)  # the subtraction loses what is below
    assert equal == pytest.approx(tail, rel=ROUNDING)


@pytest.mark.parametrize("correlation", [0.5, 0.9])
@pytest.mark.parametrize("level", [1.0, 3.0, 4.5])
def test_equal_correlations_give_the_integral_over_their_common_part(correlation, level) -> None:
    def given_common(part: float) -> float:
        tail = ndtr((np.sqrt(correlation) * part - level) / np.sqrt(1.0 - correlation))
        density = np.exp(-0.5 * part**2) / np.sqrt(2.0 * np.pi)
        return float(density * (1.0 - (1.0 - tail) ** 4))

    integral, _ = quad(given_common, -10.0, 10.0, epsabs=1e-14, epsrel=1e-9, limit=500)

    matrix = np.full((4, 4), correlation) + (1.0 - correlation) * np.eye(4)
    assert exceedance(level, matrix, two_sided=False) == pytest.approx(integral, rel=LATTICE)


@given(st.floats(0.0, 5.0), st.floats(-0.99, 0.99))
def test_more_statistics_never_make_a_level_rarer_and_never_more_than_their_sum(level, correlation) -> None:
    matrix = np.array([[1.0, correlation], [correlation, 1.0]])

    either = exceedance(level, matrix, two_sided=False)

    assert ndtr(-level) * (1.0 - LATTICE) <= either <= 2.0 * ndtr(-level) * (1.0 + LATTICE)


def test_one_weight_is_the_log_rank_test(table, reference) -> None:
    data, expected = table("lung"), reference("core")["lung"]["logrank"]

    test = max_combo(data["time"], data["status"], data["trt"], weights=[EVEN])

    assert test.p_value == pytest.approx(expected["p"], rel=PRINTED)
    assert test.p_fewer + test.p_more == pytest.approx(1.0, abs=1e-9)


def test_comparisons_without_a_meaning_are_refused() -> None:
    with pytest.raises(AnalysisError, match="3 groups: MaxCombo compares two"):
        max_combo([1, 2, 3], [1, 1, 1], [0, 1, 2])
    with pytest.raises(AnalysisError, match="no weights: give at least one"):
        max_combo([1, 2], [1, 1], [0, 1], weights=[])
    with pytest.raises(AnalysisError, match="weight 1 leaves nothing to compare"):
        max_combo([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1], weights=[EVEN, ZeroBefore(start=9.0)])
    with pytest.raises(AnalysisError, match="13 correlated statistics: at most 12"):
        exceedance(1.0, np.eye(13), two_sided=True)
