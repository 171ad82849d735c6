"""Means and standard deviations that no order of addition can change."""

from fractions import Fraction
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import InputError
from trialeukin.engine.moments import MOST, Moments, moments_of, no_moments

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 5e-324, -1e308, 1.0])
ROUNDING = 2.0**-51  # a square root of 64 bits, then one rounding to 53


def exact_mean(numbers: list[float]) -> Fraction:
    return sum((Fraction(each) for each in numbers), start=Fraction(0)) / len(numbers)


@given(st.lists(NUMBERS, min_size=1, max_size=50))
def test_the_mean_is_the_exact_one_rounded_once(numbers: list[float]) -> None:
    found = moments_of(np.array(numbers)[:, None])

    assert found.mean().tolist() == [float(exact_mean(numbers))]
    assert found.counted.tolist() == [len(numbers)]


@given(st.lists(st.floats(-1e150, 1e150, allow_subnormal=False), min_size=2, max_size=50))
def test_the_standard_deviation_is_the_root_of_the_exact_variance(numbers: list[float]) -> None:
    mean = exact_mean(numbers)
    variance = sum((Fraction(each) - mean) ** 2 for each in numbers) / (len(numbers) - 1)

    found = Fraction(float(moments_of(np.array(numbers)[:, None]).standard_deviation()[0]))

    # a root is off by half as much as its square, relatively; subnormal roots are absolute
    assert abs(found**2 - variance) <= 2 * Fraction(ROUNDING) * variance + Fraction(5e-324) * found


def test_a_spread_far_below_the_mean_is_not_lost() -> None:
    numbers = 1e15 + np.array([0.0, 1.0, 2.0])

    found = moments_of(numbers[:, None])

    assert found.standard_deviation().tolist() == [1.0]


def test_the_largest_numbers_do_not_overflow() -> None:
    largest = float(np.finfo(np.float64).max)

    found = moments_of(np.array([[largest, largest / 2.0], [largest, largest / 2.0], [-largest, -largest / 2.0]]))

    assert found.mean() == pytest.approx([largest / 3.0, largest / 6.0], rel=1e-15)
    # the variance is 4/3 of the square of the numbers' magnitude
    assert found.standard_deviation() == pytest.approx([np.inf, largest / np.sqrt(3.0)], rel=1e-15)


@settings(max_examples=50)
@given(st.lists(st.lists(NUMBERS | st.just(np.nan) | st.just(-np.inf), min_size=2, max_size=2), min_size=1), st.data())
def test_any_split_in_any_order_gives_the_same_bits(rows: list[list[float]], data: st.DataObject) -> None:
    values = np.array(rows)
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))

    whole = moments_of(values)
    parts = no_moments((2,))
    for part in np.split(values[order], cuts):
        parts = moments_of(part) + parts

    assert parts.mean().tobytes() == whole.mean().tobytes()
    assert parts == whole


def test_many_numbers_in_one_batch_add_up_as_in_several() -> None:
    values = np.random.default_rng(3).lognormal(size=(40_000, 2)) * np.array([1.0, -1e-3])

    found = moments_of(values)

    assert found == moments_of(values[:777]) + moments_of(values[777:])
    assert found.mean().tolist() == pytest.approx([fmean(column) for column in values.T], rel=1e-15)
    assert found.standard_deviation() == pytest.approx(values.std(axis=0, ddof=1), rel=1e-10)


def test_nan_is_left_out_and_infinities_are_told() -> None:
    rows = np.array([[np.nan, np.inf, -np.inf, np.inf, 1.0], [2.0, 1.0, 1.0, -np.inf, 1.0]])

    found = moments_of(rows)

    np.testing.assert_array_equal(found.mean(), [2.0, np.inf, -np.inf, np.nan, 1.0])
    np.testing.assert_array_equal(found.standard_deviation(), [np.nan, np.nan, np.nan, np.nan, 0.0])


def test_more_numbers_than_the_sums_hold_are_refused() -> None:
    full = Moments(
        shape=(1,),
        tallies=no_moments((1,)).tallies,
        counted=np.array([MOST]),
        infinite=np.zeros((2, 1), dtype=np.int64),
    )

    with pytest.raises(InputError, match="split the run"):
        full + moments_of(np.ones((1, 1)))
    with pytest.raises(InputError, match="do not add up"):
        no_moments((1,)) + no_moments((2,))


def test_the_largest_mantissas_of_as_many_numbers_as_allowed_stay_within_whole_numbers() -> None:
    largest_part = 2**18 - 1

    widest = 2 * largest_part * largest_part + largest_part**2

    assert widest * MOST < 2**63
