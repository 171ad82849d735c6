"""Summaries of many numbers and the errors of their computation."""

import numpy as np
import pytest

from trialeukin.trial.estimate import median_error

NORMAL = np.sqrt(np.pi / 2.0)  # of the median of normal numbers, in standard errors of their mean


def test_the_error_of_a_median_of_independent_numbers_is_the_known_one() -> None:
    values = np.random.default_rng(1).normal(size=(2_000, 1))

    found = median_error(values, np.arange(2_000))

    assert found == pytest.approx(NORMAL / np.sqrt(2_000), rel=0.2)  # 200 resamples err by 5 %, the density by 10 %


def test_numbers_of_one_owner_count_as_the_owner_does() -> None:
    chance = np.random.default_rng(2)
    values = chance.normal(size=(100, 1)) + 1e-3 * chance.normal(size=(100, 40))

    found = median_error(values.reshape(400, 10), np.repeat(np.arange(100), 4))

    assert found == pytest.approx(NORMAL / np.sqrt(100), rel=0.4)  # the density at the median is known from 100 numbers


def test_numbers_that_are_not_known_are_left_out() -> None:
    values = np.random.default_rng(3).normal(size=(50, 2))
    holed = np.vstack([values, np.full((10, 2), np.nan)])

    assert median_error(holed, np.arange(60)) == pytest.approx(median_error(values, np.arange(50)))


@pytest.mark.parametrize("values", [np.ones((3, 2)), np.full((3, 2), np.nan)])
def test_one_owner_or_none_has_no_error(values: np.ndarray) -> None:
    assert np.isnan(median_error(values, np.zeros(3)))
