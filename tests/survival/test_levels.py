"""Intervals cover, and tests reject, as often as they say: simulated, within 3.3 Monte Carlo standard errors."""

import numpy as np
import pytest

from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.restricted_mean import restricted_mean_contrast
from trialeukin.survival.two_arm import two_arms

MANY, SOME = 20_000, 20_000
ARM = np.arange(200) % 2


def near(level: float, replicates: int):
    return pytest.approx(level, abs=3.3 * (level * (1.0 - level) / replicates) ** 0.5)


@pytest.mark.parametrize("ratio", [1.0, 0.7])
def test_the_log_rank_test_and_the_interval_of_the_hazard_ratio(ratio) -> None:
    rng = np.random.default_rng(1)
    times = rng.exponential(1.0, (MANY, 200)) / np.where(ARM, ratio, 1.0)
    ends = rng.uniform(0.5, 2.5, (MANY, 200))

    found = two_arms(np.minimum(times, ends), times <= ends, ARM)
    low, high = found.interval()

    assert ((low < ratio) & (ratio < high)).mean() == near(0.95, MANY)
    if ratio == 1.0:
        assert (found.p_value < 0.05).mean() == near(0.05, MANY)


def test_log_log_limits_of_survival_and_of_the_median() -> None:
    rng, survival, median = np.random.default_rng(2), 0, 0
    for _ in range(SOME):
        times, ends = rng.exponential(1.0, 100), rng.uniform(0.5, 2.5, 100)
        curve = kaplan_meier(np.minimum(times, ends), times <= ends)
        low, high = curve.interval_at([0.5])
        first, last = curve.median_interval()
        survival += bool(low[0] < np.exp(-0.5) < high[0])
        median += first < np.log(2.0) and not last < np.log(2.0)  # a limit that is not reached lies later

    assert survival / SOME == near(0.95, SOME)
    # the median's limits lie at events, so that they are wide by part of a gap: a point above nominal at most
    assert 0.95 - 3.3 * (0.95 * 0.05 / SOME) ** 0.5 < median / SOME < 0.96 + 3.3 * (0.95 * 0.05 / SOME) ** 0.5


def test_the_difference_of_restricted_means() -> None:
    rng, rejected = np.random.default_rng(3), 0
    for _ in range(SOME):
        times, ends = rng.exponential(1.0, 200), rng.uniform(0.9, 2.5, 200)
        found = restricted_mean_contrast(np.minimum(times, ends), times <= ends, ARM, horizon=0.85)
        rejected += found.difference_p_value < 0.05

    assert rejected / SOME == near(0.05, SOME)
