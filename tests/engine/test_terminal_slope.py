"""Which points the terminal line goes through, and how steep it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.engine.terminal_slope import AS_GOOD, FEWEST, TerminalSlope, terminal_slope

ROUNDING = 1e-11  # of a regression through a dozen points whose logarithms are a few units apart
TIMES = np.array([[0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0]])
EVERY = np.ones_like(TIMES, dtype=bool)


def plainly(times: np.ndarray, values: np.ndarray) -> tuple[float, float, int]:
    """Return rate, adjusted R2 and number of points by one regression after the other; zero points for none."""
    found = []
    for m in range(FEWEST, times.size + 1):
        t, y = times[-m:], np.log(values[-m:])
        slope, level = np.polyfit(t, y, 1)
        left, whole = ((y - level - slope * t) ** 2).sum(), ((y - y.mean()) ** 2).sum()
        if slope < 0.0 and whole > 0.0:
            found.append((-slope, 1.0 - left / whole * (m - 1) / (m - 2), m))
    if not found:
        return np.nan, np.nan, 0
    best = max(adjusted for _, adjusted, _ in found)
    return [each for each in found if each[1] >= best - AS_GOOD][-1]


def slope_of(values: np.ndarray) -> TerminalSlope:
    return terminal_slope(TIMES, values, EVERY)


def test_an_exponential_is_measured_through_all_its_points() -> None:
    found = slope_of(7.0 * np.exp(-0.3 * TIMES))

    assert found.rate == pytest.approx(0.3, rel=ROUNDING)
    assert found.half_life == pytest.approx(np.log(2.0) / 0.3, rel=ROUNDING)
    assert found.points == TIMES.size
    assert (found.first, found.last) == (0.5, 12.0)
    assert found.fit == pytest.approx(1.0, rel=ROUNDING)
    assert found.predicted == pytest.approx(7.0 * np.exp(-3.6), rel=ROUNDING)


def test_a_faster_first_phase_is_left_out() -> None:
    values = np.exp(-0.1 * TIMES) + 20.0 * np.exp(-3.0 * TIMES)

    found = slope_of(values)

    assert 3 <= found.points[0] <= 5
    assert found.rate == pytest.approx(0.1, rel=0.01)  # what is left of the first phase at three hours: 20 e**-9


@given(st.lists(st.floats(0.01, 100.0), min_size=8, max_size=8))
def test_the_line_is_the_one_that_single_regressions_choose(values: list[float]) -> None:
    row = np.array([values])

    found = slope_of(row)

    rate, adjusted, points = plainly(TIMES[0], row[0])
    others = {plainly(TIMES[0], row[0] * (1.0 + tiny * np.arange(8)))[2] for tiny in (-1e-9, 1e-9)}
    assert found.points[0] in {points, *others}  # a tie may fall either way by a rounding
    if found.points[0] == points and points:
        assert found.rate[0] == pytest.approx(rate, rel=1e-6, abs=1e-9)
        assert found.adjusted_fit[0] == pytest.approx(adjusted, abs=1e-6)


@given(st.lists(st.booleans(), min_size=8, max_size=8))
def test_points_that_may_not_be_used_might_as_well_not_be_there(usable: list[bool]) -> None:
    values = np.exp(-0.2 * TIMES) * (1.0 + 0.1 * np.sin(TIMES))
    kept = np.array([usable])

    found = terminal_slope(TIMES, np.where(kept, values, -1.0), kept)

    rate, _, points = plainly(TIMES[kept], values[kept]) if kept.sum() >= FEWEST else (np.nan, np.nan, 0)
    assert found.candidates == kept.sum()
    assert found.points == points
    assert found.rate[0] == pytest.approx(rate, rel=ROUNDING, nan_ok=True)


@pytest.mark.parametrize("values", [np.exp(0.1 * TIMES), np.full_like(TIMES, 3.0)])
def test_what_does_not_fall_has_no_terminal_slope(values: np.ndarray) -> None:
    found = slope_of(values)

    assert found.points == 0
    for number in (found.rate, found.half_life, found.first, found.last, found.fit, found.predicted):
        assert np.isnan(number).all()
