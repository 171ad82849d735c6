"""Covariate-adjusted effects: confounding removed, agreement with the unadjusted in balance, repeatability."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxStatus, cox
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.standardised import Bootstrap, standardised

SAME = 1e-9  # rounding: both climbs end within a Newton step's square of the same maximum


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


def plain(times, events, arm, x, horizon):
    """Survival and restricted mean of both arms from a model fitted to these rows; None without an estimate."""
    if (np.ptp(x, axis=0) == 0.0).any():
        return None
    fit = cox(times, events, x, strata=arm)
    if fit.status is not CoxStatus.CONVERGED:
        return None
    risk = np.exp((x - x.mean(axis=0)) @ fit.coefficients)
    found = np.empty((2, 2))
    for side in (0, 1):
        when = np.unique(times[(arm == side) & events & (times <= horizon)])
        deaths = [((times == time) & (arm == side) & events).sum() for time in when]
        behind = [risk[(times >= time) & (arm == side)].sum() for time in when]
        curve = np.append(1.0, np.exp(-np.outer(np.cumsum(np.divide(deaths, behind)), risk)).mean(axis=1))
        found[:, side] = curve[-1], curve @ np.diff([0.0, *when, horizon])
    return found


def plain_errors(times, events, arm, x, horizon, bootstrap):
    """Spreads of both differences over rows drawn anew, each set refitted from nothing, and how many converged."""
    differences = []
    for _ in range(bootstrap.resamples):
        rows = np.concatenate(
            [bootstrap.rng.choice(np.flatnonzero(arm == side), (arm == side).sum()) for side in (0, 1)]
        )
        found = plain(times[rows], events[rows], arm[rows], x[rows], horizon)
        differences += [] if found is None else [found[:, 1] - found[:, 0]]
    return [*np.std(differences, axis=0, ddof=1), len(differences)]


@pytest.mark.parametrize("covariates", [1, 3])
@pytest.mark.parametrize("parts", [4.0, 1e9])  # tied times and untied ones
def test_resamples_are_those_of_a_plain_loop_that_refits(parts, covariates) -> None:
    times, events, arm, x = confounded(6, 120)
    times, rng = np.ceil(parts * times) / parts, np.random.default_rng(7)
    x = np.column_stack((x, rng.normal(50.0, 20.0, 120), rng.random(120) < 0.5))[:, :covariates]

    found = standardised(
        times, events, arm, x, horizon=1.0, bootstrap=Bootstrap(rng=np.random.default_rng(8), resamples=40)
    )

    whole = plain(times, events, arm, x, 1.0)
    errors = plain_errors(times, events, arm, x, 1.0, Bootstrap(rng=np.random.default_rng(8), resamples=40))
    assert found.survival == pytest.approx(whole[0], rel=SAME)
    assert found.restricted_mean == pytest.approx(whole[1], rel=SAME)
    assert [found.survival_error, found.mean_error, found.resamples] == pytest.approx(errors, rel=SAME)


def test_hazards_many_orders_apart_lose_no_digits() -> None:
    times, events, arm, x = confounded(12, 100)
    times = times * np.exp(-12.0 * x)
    horizon = float(min(times[arm].max(), times[~arm].max()))

    found = standardised(
        times, events, arm, x, horizon=horizon, bootstrap=Bootstrap(rng=np.random.default_rng(1), resamples=20)
    )

    errors = plain_errors(
        times, events, arm, x[:, None], horizon, Bootstrap(rng=np.random.default_rng(1), resamples=20)
    )
    assert found.survival == pytest.approx(plain(times, events, arm, x[:, None], horizon)[0], rel=SAME)
    assert [found.survival_error, found.mean_error, found.resamples] == pytest.approx(errors, rel=SAME)


def test_resamples_without_an_estimate_are_left_out_as_the_plain_loop_leaves_them_out() -> None:
    times, events, arm, _ = confounded(9, 60)
    marked = np.zeros(60)
    marked[np.argsort(times)[[3, 20, 40]]] = 1.0
    drawn = {"horizon": 1.0, "bootstrap": Bootstrap(rng=np.random.default_rng(1), resamples=100)}
    again = drawn | {"bootstrap": Bootstrap(rng=np.random.default_rng(1), resamples=100)}

    found = standardised(times, events, arm, marked, **drawn)
    errors = plain_errors(times, events, arm, marked[:, None], **again)

    assert 95 <= found.resamples < 100
    assert [found.survival_error, found.mean_error, found.resamples] == pytest.approx(errors, rel=SAME)


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
