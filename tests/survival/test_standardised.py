"""Covariate-adjusted effects: confounding removed, agreement with the unadjusted in balance, repeatability."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.standardised import Bootstrap, standardised


def confounded(seed: int, n: int):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    arm = rng.random(n) < 1.0 / (1.0 + np.exp(-1.5 * x))  # who is at risk is treated more
    times = rng.exponential(np.exp(-x), n)  # the arm does nothing
    return np.minimum(times, 3.0), times < 3.0, arm, x


def test_an_arm_that_does_nothing_shows_nothing_once_the_confounder_is_held() -> None:
    times, events, arm, x = confounded(1, 1500)
    naive = [float(kaplan_meier(times[arm == side], events[arm == side]).at([1.0])[0]) for side in (False, True)]

    found = standardised(
        times, events, arm, x, horizon=1.0, bootstrap=Bootstrap(rng=np.random.default_rng(2), resamples=60)
    )

    assert naive[1] - naive[0] < -0.2
    assert abs(found.survival_difference) < 3.3 * found.survival_error
    assert abs(found.mean_difference) < 3.3 * found.mean_error
    assert found.survival_error == pytest.approx(0.025, abs=0.015)  # of two shares of some 750 patients


def test_the_same_seed_gives_the_same_bits() -> None:
    data = confounded(4, 200)

    once, again = (
        standardised(*data, horizon=1.0, bootstrap=Bootstrap(rng=np.random.default_rng(5), resamples=10))
        for _ in range(2)
    )

    assert (once.survival_error, once.mean_error) == (again.survival_error, again.mean_error)


def test_horizons_and_resamples_without_an_answer_are_refused() -> None:
    data = confounded(4, 200)
    with pytest.raises(AnalysisError, match="up to 3, the follow-up of both"):
        standardised(*data, horizon=5.0, bootstrap=Bootstrap(rng=np.random.default_rng(5)))
    with pytest.raises(AnalysisError, match="resamples 1"):
        Bootstrap(rng=np.random.default_rng(5), resamples=1)
