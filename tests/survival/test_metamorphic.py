"""Relations of reference case 23 (RELATIONS.md, survival) that hold for any data: what must not matter, does not.

Those of one statistic alone (swapped arms, doubled data, weights as replicates, split follow-up) stand with it.
"""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.concordance import concordance
from trialeukin.survival.cox import CoxStatus, cox
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.max_combo import max_combo
from trialeukin.survival.mixture_cure import mixture_cure
from trialeukin.survival.restricted_mean import restricted_mean

TOLERANCE = 1e-9  # of the case

seeds = st.integers(0, 100_000)


def trial(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(2, 20, 50).astype(float), rng.random(50) < 0.7, rng.integers(0, 2, 50)


def statistics(times, events, arm) -> np.ndarray | None:
    try:
        fit = cox(times, events, arm)
        values = [
            log_rank(times, events, arm).z,
            max_combo(times, events, arm).z.max(),
            concordance(times, events, arm).value,
        ]
    except AnalysisError:
        return None
    return np.array([*values, *fit.coefficients, *fit.standard_errors]) if fit.status is CoxStatus.CONVERGED else None


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_the_order_of_patients_changes_no_statistic(seed) -> None:
    data, order = trial(seed), np.random.default_rng(seed).permutation(50)

    one, other = statistics(*data), statistics(*(column[order] for column in data))

    assert (one is None) == (other is None)
    if one is not None:
        np.testing.assert_allclose(other, one, atol=TOLERANCE)


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(-8, 8))
def test_the_unit_of_time_changes_no_statistic(seed, power) -> None:
    times, events, arm = trial(seed)

    one, other = statistics(times, events, arm), statistics(times * 2.0**power, events, arm)

    if one is not None:
        np.testing.assert_allclose(other, one, atol=TOLERANCE)


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(1, 9))
def test_patients_censored_before_the_first_event_change_nothing(seed, more) -> None:
    times, events, arm = trial(seed)
    early = np.linspace(0.1, 1.9, more)
    added = np.append(times, early), np.append(events, early < 0), np.append(arm, np.arange(more) % 2)

    one, other = statistics(times, events, arm), statistics(*added)

    if one is not None:
        np.testing.assert_allclose(other, one, atol=TOLERANCE)
    area = restricted_mean(times, events, 5.0).mean if times.max() >= 5.0 else 0.0
    np.testing.assert_allclose(restricted_mean(added[0], added[1], 5.0).mean if area else 0.0, area, atol=TOLERANCE)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_without_censoring_kaplan_meier_is_one_minus_the_shares_seen(seed) -> None:
    times, _, _ = trial(seed)

    curve = kaplan_meier(times, np.ones(50))

    shares = np.array([(times <= time).mean() for time in curve.times])
    np.testing.assert_allclose(curve.survival, 1.0 - shares, atol=TOLERANCE)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 30.0))
def test_the_share_cured_does_not_know_the_unit_of_time(seed, factor) -> None:
    rng = np.random.default_rng(seed)
    times = np.where(rng.random(150) < 0.6, rng.exponential(1.0, 150), np.inf)
    follow_up, events = np.minimum(times, 8.0), times < 8.0

    one, other = (mixture_cure(follow_up * unit, events) for unit in (1.0, factor))

    assert one.status == other.status
    np.testing.assert_allclose(other.cured(), one.cured(), rtol=1e-5)  # BFGS ends at a slope of 1e-8
