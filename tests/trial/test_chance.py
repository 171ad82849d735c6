"""The variance of a log hazard ratio falls into parts whose size is known beforehand."""

import numpy as np
import pytest

from trialeukin.trial.chance import parameter_part, patient_part, shrunk, trial_part

DRAWS, SETS_A_DRAW, BLOCKS = 400, 25, 4
PARAMETERS, PATIENTS, TRIAL, FINITE = 0.10, 0.05, 0.20, 0.15  # standard deviations


def made_up(parameters: float, patients: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log ratios of sets randomised twice, their draws, and expectations of noisy finite blocks."""
    rng = np.random.default_rng(5)
    typical = parameters * rng.standard_normal(DRAWS)
    draws = np.repeat(np.arange(DRAWS), SETS_A_DRAW)
    of_set = typical[draws] + patients * rng.standard_normal(draws.size)
    log_ratios = of_set[:, None] + TRIAL * rng.standard_normal((draws.size, 2))
    expected = typical[:, None] + FINITE * rng.standard_normal((DRAWS, BLOCKS))
    return log_ratios, draws, expected


def test_each_part_is_found_within_its_stated_error() -> None:
    log_ratios, draws, expected = made_up(PARAMETERS, PATIENTS)

    parts = trial_part(log_ratios), patient_part(log_ratios, draws), parameter_part(expected)

    for part, deviation in zip(parts, (TRIAL, PATIENTS, PARAMETERS), strict=True):
        assert part.value == pytest.approx(deviation**2, abs=3.5 * part.error)
        assert part.error < 0.25 * deviation**2


def test_noise_of_finite_populations_is_not_taken_for_uncertainty() -> None:
    log_ratios, draws, expected = made_up(0.0, 0.0)

    assert parameter_part(expected).value == pytest.approx(0.0, abs=3.5 * parameter_part(expected).error)
    assert patient_part(log_ratios, draws).value == pytest.approx(0.0, abs=3.5 * patient_part(log_ratios, draws).error)


def test_a_part_of_nothing_may_come_out_negative_and_is_shown() -> None:
    expected = np.array([[0.1, -0.1, 0.0], [-0.1, 0.1, 0.0], [0.05, -0.05, 0.0]])

    assert parameter_part(expected).value < 0.0


def test_trials_without_an_estimate_are_left_out() -> None:
    log_ratios = np.array([[0.1, 0.3], [np.nan, 0.2], [0.2, 0.2]])

    part = trial_part(log_ratios)

    assert part.value == pytest.approx(0.01)  # the mean of 0.02 and 0


def test_shrunk_values_keep_their_mean_and_take_the_variance() -> None:
    values = np.array([1.0, 2.0, 4.0, 9.0])

    moved = shrunk(values, 3.0)

    assert moved.mean() == pytest.approx(4.0)
    assert moved.var(ddof=1) == pytest.approx(3.0)
    assert (shrunk(values, -0.1) == 4.0).all()
    assert shrunk(values, 100.0) == pytest.approx(values)
