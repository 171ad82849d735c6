"""Baujat's contributions and the curves of a drapery plot: answers known beforehand, other ways, and laws."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.baujat import contributions
from trialeukin.evidence.drapery import drapery
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.influence import leave_one_out
from trialeukin.evidence.pooling import IntervalMethod, Pooled, PredictionMethod, pool

DATA_SETS = ("bcg_RR", "bcg_OR", "hine1989_RDpct", "normand1999_MD", "viechtbauer2005_ex1", "hackshaw1998")
ROUNDING = 1e-9
CROSSING = 1e-10  # of p at a limit: the quantile and the tail invert each other to about this
HAS_DIGITS = 1e-9  # of limits' size: closer ones are rounded by more than 4e-7 of half their distance
OF_NARROW = 1e-6  # of p there: it moves by at most 0.12 of its limit's relative shift


def effects_from(pairs: list[tuple[float, float]]) -> Effects:
    estimates, errors = (np.array(column) for column in zip(*pairs, strict=True))
    return Effects(labels=tuple(map(str, range(len(pairs)))), estimates=estimates, variances=errors**2)


studies = st.lists(st.tuples(st.floats(-3.0, 3.0), st.floats(0.05, 2.0)), min_size=2, max_size=12).map(effects_from)


def test_contributions_of_two_studies_are_worked_out_by_hand() -> None:
    effects = Effects(labels=("a", "b"), estimates=np.array([1.0, 0.0]), variances=np.array([0.25, 1.0]))

    one, other = contributions(effects)  # weights 4 and 1, fixed effect 0.8

    assert (one.heterogeneity, other.heterogeneity) == pytest.approx((4 * 0.2**2, 0.8**2), rel=ROUNDING)
    assert (one.shift, other.shift) == pytest.approx((0.8**2 * 1.0, 0.2**2 * 4.0), rel=ROUNDING)


@pytest.mark.parametrize("method", [BetweenMethod.FIXED, BetweenMethod.RESTRICTED_LIKELIHOOD], ids=["FE", "REML"])
@pytest.mark.parametrize("data", DATA_SETS)
def test_contributions_add_up_to_q_by_whatever_method_the_pool_is_made(
    data: str, method: BetweenMethod, effects_of: Callable
) -> None:
    heterogeneity = pool(effects_of(data), method).heterogeneity

    found = contributions(effects_of(data))

    assert heterogeneity is not None
    assert sum(each.heterogeneity for each in found) == pytest.approx(heterogeneity.q, rel=ROUNDING)


@given(studies)
@settings(max_examples=60, deadline=None)
def test_contributions_are_those_of_fixed_pools_with_and_without_each_study(effects: Effects) -> None:
    whole = pool(effects, BetweenMethod.FIXED)
    left = leave_one_out(effects, BetweenMethod.FIXED)

    found = contributions(effects)

    assert whole.heterogeneity is not None
    assert sum(each.heterogeneity for each in found) == pytest.approx(whole.heterogeneity.q, rel=ROUNDING, abs=1e-12)
    expected = [((whole.estimate - each.without.estimate) / each.without.standard_error) ** 2 for each in left]
    near = (1e-13 / whole.standard_error) ** 2 + 1e-12  # the difference of two pools keeps so many digits
    assert [each.shift for each in found] == pytest.approx(expected, rel=1e-6, abs=near)


def test_one_study_contributes_nothing_that_can_be_said() -> None:
    with pytest.raises(AnalysisError, match="one study"):
        contributions(Effects(labels=("a",), estimates=np.array([0.3]), variances=np.array([0.04])))


def crossings(found: Pooled) -> tuple[float, float]:
    """Return where the pool's curve comes to 0.05, sought without its limits."""

    def above(at: float) -> float:
        return float(drapery(found, np.array([at])).pooled[0]) - 0.05

    reach = 1000.0 * found.standard_error
    return tuple(brentq(above, found.estimate, found.estimate + sign * reach, rtol=1e-14) for sign in (-1.0, 1.0))


@pytest.mark.parametrize("interval", list(IntervalMethod), ids=lambda interval: interval.value)
@pytest.mark.parametrize("data", DATA_SETS)
def test_the_pools_curve_crosses_five_per_cent_at_the_ends_of_its_interval(
    data: str, interval: IntervalMethod, effects_of: Callable
) -> None:
    found = pool(effects_of(data), interval=interval)

    assert crossings(found) == pytest.approx(
        (found.lower, found.upper), rel=ROUNDING, abs=ROUNDING * found.standard_error
    )


@given(studies, st.sampled_from(list(BetweenMethod)), st.sampled_from(list(IntervalMethod)))
@settings(max_examples=60, deadline=None)
def test_every_curve_is_one_at_its_estimate_and_five_per_cent_at_its_limits(
    effects: Effects, method: BetweenMethod, interval: IntervalMethod
) -> None:
    found = pool(effects, method, interval)
    limits = found.prediction()
    ends = effects.estimates + 1.959963984540054 * effects.standard_errors

    of_studies = drapery(found, ends).studies.diagonal()
    of_pool = drapery(found, np.array([found.estimate, 0.0])).pooled

    assert of_studies == pytest.approx(0.05, abs=CROSSING)
    assert of_pool[0] == 1.0
    assert of_pool[1] == pytest.approx(found.p_value, abs=CROSSING)
    if limits is None:
        assert drapery(found).new_study is None
    elif limits[1] - limits[0] > HAS_DIGITS * max(map(abs, limits)):
        of_new = drapery(found, np.array(limits)).new_study
        assert of_new == pytest.approx(0.05, abs=OF_NARROW)


def test_what_is_drawn_holds_every_tip_and_falls_below_one_per_cent_at_both_ends(effects_of: Callable) -> None:
    found = drapery(pool(effects_of("bcg_RR")))

    assert found.studies.max(axis=1) == pytest.approx(1.0)
    assert found.pooled.max() == 1.0
    assert found.studies[:, [0, -1]].max() < 0.01
    assert np.all(np.diff(found.at) > 0.0)


def test_a_new_study_has_the_law_that_its_limits_have(effects_of: Callable) -> None:
    found = pool(effects_of("bcg_RR"))

    for law in PredictionMethod:
        limits = found.prediction(law)
        assert limits is not None
        assert found.p_in_new_study(np.array(limits), law) == pytest.approx(0.05, abs=CROSSING)


def test_studies_that_agree_to_the_last_digit_leave_hartung_and_knapps_curve_at_a_point() -> None:
    same = Effects(labels=("a", "b"), estimates=np.zeros(2), variances=np.array([0.1, 0.2]))

    found = pool(same, interval=IntervalMethod.HARTUNG_KNAPP)

    assert found.p_against(np.array([0.0, 0.1])).tolist() == [1.0, 0.0]
    assert found.p_value == 1.0
