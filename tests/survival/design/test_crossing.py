"""Crossing probabilities: exact cases, published ones, the multivariate normal, simulation, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import multivariate_normal

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.crossing import Process, Stopping, proportional, stopping

EXACT = 1e-13
INTEGRATION = 1e-9  # what the reference keeps of its own grid
GENZ = 2e-6  # error that scipy's quasi-Monte Carlo is asked for


def equal(looks: int) -> np.ndarray:
    return np.arange(1, looks + 1) / looks


def test_one_look_is_the_normal_tail() -> None:
    found = stopping(proportional(np.ones(1), 3.0), upper=np.array([1.96]), lower=np.array([-0.5]))

    assert found.upper[0] == pytest.approx(ndtr(3.0 - 1.96), abs=EXACT)
    assert found.lower[0] == pytest.approx(ndtr(-0.5 - 3.0), abs=EXACT)


def test_reference_10_repeated_testing_inflates_the_error_as_published(reference) -> None:
    [said] = [each for key, each in reference("repeated_testing").items() if key.startswith("repeated")]
    limit = float(ndtri(0.975))

    for looks, probability, rounded in zip(said["K"], said["prob"], said["published_rounded"], strict=True):
        upper = np.full(looks, limit)
        found = stopping(proportional(equal(looks), 0.0), upper=upper, lower=-upper)
        assert found.reject == pytest.approx(probability, abs=INTEGRATION)
        assert round(found.reject, 3) == rounded


def test_two_looks_agree_with_the_multivariate_normal() -> None:
    fractions, upper, lower, drift = np.array([0.4, 1.0]), np.array([2.5, 2.0]), np.array([-0.3, 1.1]), 2.2
    correlation = np.array([[1.0, np.sqrt(0.4)], [np.sqrt(0.4), 1.0]])
    law = multivariate_normal(mean=drift * np.sqrt(fractions), cov=correlation, abseps=GENZ, releps=0.0)

    found = stopping(proportional(fractions, drift), upper=upper, lower=lower)

    def box(low: list[float], high: list[float]) -> float:
        return float(law.cdf(high, lower_limit=low))

    assert found.upper[1] == pytest.approx(box([-0.3, 2.0], [2.5, np.inf]), abs=2 * GENZ)
    assert found.lower[1] == pytest.approx(box([-0.3, -np.inf], [2.5, 1.1]), abs=2 * GENZ)


@pytest.mark.parametrize("looks", [3, 4, 5])
def test_more_looks_agree_with_the_multivariate_normal(looks) -> None:
    fractions = np.sort(np.random.default_rng(looks).uniform(0.15, 0.95, looks - 1))
    fractions = np.append(fractions, 1.0)
    upper, lower, drift = 2.1 / np.sqrt(fractions), np.linspace(-1.0, 1.0, looks), 1.7
    correlation = np.sqrt(np.minimum.outer(fractions, fractions) / np.maximum.outer(fractions, fractions))
    law = multivariate_normal(mean=drift * np.sqrt(fractions), cov=correlation, abseps=GENZ, releps=0.0, maxpts=10**6)
    law.random_state = np.random.default_rng(1)

    found = stopping(proportional(fractions, drift), upper=upper, lower=lower)

    through = float(law.cdf(upper, lower_limit=lower))
    assert 1.0 - found.upper.sum() - found.lower.sum() == pytest.approx(through, abs=5 * GENZ)


def test_simulated_score_processes_stop_as_often() -> None:
    rng, trials = np.random.default_rng(3), 200_000
    fractions, upper, lower, drift = (
        np.array([0.3, 0.6, 1.0]),
        np.array([2.9, 2.3, 2.0]),
        np.array([-0.2, 0.8, 2.0]),
        2.5,
    )
    steps = np.diff(fractions, prepend=0.0)
    scores = np.cumsum(rng.normal(drift * steps, np.sqrt(steps), (trials, 3)), axis=1)
    z = scores / np.sqrt(fractions)
    out = (z >= upper) | (z <= lower)
    first = np.where(out.any(axis=1), out.argmax(axis=1), 3)

    found = stopping(proportional(fractions, drift), upper=upper, lower=lower)

    for look in range(3):
        above = np.mean((first == look) & (z[:, look] >= upper[look]))
        below = np.mean((first == look) & (z[:, look] <= lower[look]))
        assert above == pytest.approx(found.upper[look], abs=4.0 * np.sqrt(found.upper[look] / trials))
        assert below == pytest.approx(found.lower[look], abs=4.0 * np.sqrt(found.lower[look] / trials))


def test_a_statistic_with_another_deviation_is_the_standard_one_between_scaled_limits() -> None:
    information, mean = np.array([4.0, 7.0, 9.0]), np.array([0.8, 1.4, 2.1])
    deviations, upper = np.array([1.02, 1.05, 0.97]), np.array([2.8, 2.3, 2.0])

    scaled = stopping(Process(information=information, expected_z=mean, deviations=deviations), upper=upper)

    plain = stopping(Process(information=information, expected_z=mean / deviations), upper=upper / deviations)
    assert scaled.upper == pytest.approx(plain.upper, abs=EXACT)


increasing = st.lists(st.floats(0.05, 1.0), min_size=1, max_size=5).map(lambda steps: np.cumsum(steps) / np.sum(steps))


@settings(max_examples=40, deadline=None)
@given(increasing, st.floats(-3.0, 5.0), st.floats(0.5, 4.0))
def test_turning_the_trial_round_swaps_the_boundaries(fractions, drift, limit) -> None:
    upper = np.full(fractions.size, limit)

    there = stopping(proportional(fractions, drift), upper=upper, lower=-upper)
    back = stopping(proportional(fractions, -drift), upper=upper, lower=-upper)

    assert there.upper == pytest.approx(back.lower, abs=1e-12)
    assert there.upper.sum() + there.lower.sum() <= 1.0 + 1e-12


@settings(max_examples=40, deadline=None)
@given(increasing, st.floats(0.0, 3.0), st.floats(0.01, 1.0))
def test_a_larger_effect_crosses_more_often(fractions, drift, more) -> None:
    upper = 2.0 / np.sqrt(fractions)

    smaller, larger = (stopping(proportional(fractions, each), upper=upper).reject for each in (drift, drift + more))

    assert larger > smaller


@settings(max_examples=40, deadline=None)
@given(increasing, st.floats(-1.0, 4.0))
def test_limits_that_meet_at_the_end_leave_nobody(fractions, drift) -> None:
    upper = 2.0 / np.sqrt(fractions)
    lower = np.where(np.arange(fractions.size) == fractions.size - 1, upper, -1.0)

    found = stopping(proportional(fractions, drift), upper=upper, lower=lower)

    assert found.upper.sum() + found.lower.sum() == pytest.approx(1.0, abs=1e-12)


def test_expected_information_weighs_the_stops() -> None:
    stops = Stopping(upper=np.array([0.2, 0.5]), lower=np.array([0.1, 0.2]))

    assert stops.expected_information(np.array([50.0, 100.0])) == pytest.approx(0.3 * 50.0 + 0.7 * 100.0)


@pytest.mark.parametrize("fractions", [[0.5, 0.5, 1.0], [0.8, 0.5, 1.0], [0.0, 1.0], [0.4, 0.4005, 1.0], [-0.1, 1.0]])
def test_looks_that_do_not_increase_are_refused(fractions) -> None:
    with pytest.raises(AnalysisError, match="let it increase from above zero"):
        proportional(np.array(fractions), 1.0)


def test_limits_of_the_wrong_number_are_refused() -> None:
    with pytest.raises(AnalysisError, match="1 upper and 2 lower limits: give one for each of 2 looks"):
        stopping(proportional(np.array([0.5, 1.0]), 0.0), upper=np.array([2.0]))
