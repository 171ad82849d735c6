"""The two rules for areas: exact on lines, exact on exponentials."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.core.arrays import Floats
from trialeukin.engine.trapezoids import AreaRule, areas, between

ROUNDING = 1e-14  # a few dozen roundings of 2**-53
TIMES = np.array([[0.0, 0.25, 1.0, 1.5, 4.0, 9.0]])
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)  # exact to rounding for the exponentials below
WIDTHS = st.floats(0.01, 10.0)
STARTS = st.floats(0.0, 100.0)


def integral(start: float, width: float, concentration: Floats, power: int) -> float:
    times = start + width * (NODES + 1.0) / 2.0
    return float(width / 2.0 * (WEIGHTS * times**power * concentration).sum())


@pytest.mark.parametrize("rule", AreaRule)
def test_the_area_under_a_rising_line_is_exact_unless_the_rule_is_logarithmic(rule: AreaRule) -> None:
    line = 2.0 + 3.0 * TIMES

    area, _ = areas(TIMES, line, rule)

    exact = 2.0 * np.diff(TIMES) + 1.5 * np.diff(TIMES**2)
    if rule is AreaRule.LOG:
        assert (area < exact).all()  # an exponential sags below its chord
    else:
        assert area == pytest.approx(exact, rel=ROUNDING)


@pytest.mark.parametrize("rule", [AreaRule.LINEAR_UP_LOG_DOWN, AreaRule.LOG])
def test_area_and_moment_under_a_falling_exponential_are_exact(rule: AreaRule) -> None:
    rate = 0.7
    fall = 5.0 * np.exp(-rate * TIMES)

    area, moment = areas(TIMES, fall, rule)

    assert area == pytest.approx(-np.diff(fall) / rate, rel=ROUNDING)
    assert moment == pytest.approx(-np.diff(fall * (TIMES / rate + 1.0 / rate**2)), rel=10 * ROUNDING)


@given(STARTS, WIDTHS, st.floats(-20.0, 20.0) | st.floats(-1e-3, 1e-3) | st.floats(-0.11, 0.11))
def test_the_logarithmic_rule_is_the_integral_of_an_exponential_however_flat(
    start: float, width: float, fall: float
) -> None:
    first = 3.0
    times = np.array([[start, start + width]])
    width = times[0, 1] - times[0, 0]  # as rounded
    inside = first * np.exp(-fall * (NODES + 1.0) / 2.0)

    area, moment = areas(times, np.array([[first, first * np.exp(-fall)]]), AreaRule.LOG)

    # the fall is known from the two concentrations to a rounding of either: 2**-52, absolutely
    assert area[0, 0] == pytest.approx(integral(start, width, inside, 0), rel=20 * ROUNDING)
    assert moment[0, 0] == pytest.approx(integral(start, width, inside, 1), rel=20 * ROUNDING)


@pytest.mark.parametrize("rule", AreaRule)
@pytest.mark.parametrize("ends", [(2.0, 0.0), (0.0, 2.0), (0.0, 0.0), (2.0, 2.0)])
def test_where_no_logarithm_is_defined_the_rule_is_linear(rule: AreaRule, ends: tuple[float, float]) -> None:
    times, values = np.array([[1.0, 3.0]]), np.array([ends])

    area, moment = areas(times, values, rule)

    assert area[0, 0] == ends[0] + ends[1]
    assert moment[0, 0] == ends[0] + 3.0 * ends[1]
    assert between(2.0, times, values, rule)[0] == (ends[0] + ends[1]) / 2.0


@given(st.floats(0.1, 10.0), st.floats(0.1, 10.0), st.floats(0.0, 1.0), st.sampled_from(list(AreaRule)))
def test_a_point_put_in_by_the_rule_parts_the_area_and_changes_nothing(
    first: float, second: float, share: float, rule: AreaRule
) -> None:
    times, values = np.array([[1.0, 5.0]]), np.array([[first, second]])
    when = 1.0 + 4.0 * share

    middle = between(when, times, values, rule)

    parted, _ = areas(np.array([[1.0, when, 5.0]]), np.array([[first, middle[0], second]]), rule)
    assert min(first, second) * (1 - ROUNDING) <= middle[0] <= max(first, second) * (1 + ROUNDING)
    assert parted.sum() == pytest.approx(areas(times, values, rule)[0][0, 0], rel=10 * ROUNDING)
