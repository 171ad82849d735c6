"""Kaplan-Meier: by hand, against R's survival on five data sets, against lifelines, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.risk_table import numbers_at_risk
from trialeukin.survival.transforms import Transform

PRINTED = 1e-9  # the reference prints twelve significant digits
ROUNDING = 1e-12
DATA_SETS = ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"]

follow_up = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40).map(
    lambda rows: (np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows]))
)


def test_a_curve_by_hand_steps_at_events_only_and_keeps_the_censored_at_risk_for_ties() -> None:
    times, events = [1, 2, 2, 3, 4], [1, 1, 0, 0, 1]

    curve = kaplan_meier(times, events)

    assert curve.times.tolist() == [1, 2, 3, 4]
    assert curve.at_risk.tolist() == [5, 4, 2, 1]
    assert curve.events.tolist() == [1, 1, 0, 1]
    assert curve.censored.tolist() == [0, 1, 1, 0]
    assert curve.survival == pytest.approx([0.8, 0.6, 0.6, 0.0], abs=ROUNDING)
    # Greenwood by hand: 0.6^2 (1/20 + 1/12)
    assert curve.standard_error[1] == pytest.approx(np.sqrt(0.36 * (1 / 20 + 1 / 12)), abs=ROUNDING)
    assert np.isnan(curve.standard_error[3])


@pytest.mark.parametrize("name", DATA_SETS)
@pytest.mark.parametrize("arm", [0, 1])
def test_curves_errors_and_five_intervals_equal_those_of_r(table, name, arm) -> None:
    data, expected = table(name), table(f"{name}_kaplan_meier")
    rows = expected["stratum"] == f"trt={arm}"
    members = data["trt"] == arm

    curve = kaplan_meier(data["time"][members], data["status"][members])

    np.testing.assert_allclose(curve.times, expected["time"][rows], rtol=PRINTED)
    np.testing.assert_array_equal(curve.at_risk, expected["n.risk"][rows])
    np.testing.assert_array_equal(curve.events, expected["n.event"][rows])
    np.testing.assert_array_equal(curve.censored, expected["n.censor"][rows])
    np.testing.assert_allclose(curve.survival, expected["surv"][rows], atol=PRINTED)
    np.testing.assert_allclose(curve.standard_error, expected["se_S"][rows], atol=PRINTED)
    for transform in Transform:
        lower, upper = curve.interval(transform=transform)
        np.testing.assert_allclose(lower, expected[f"lower_{transform.value}"][rows], atol=PRINTED)
        np.testing.assert_allclose(upper, expected[f"upper_{transform.value}"][rows], atol=PRINTED)


def or_nan(value: float | None) -> float:
    return np.nan if value is None else value


@pytest.mark.parametrize("name", DATA_SETS)
@pytest.mark.parametrize("arm", [0, 1])
def test_medians_their_limits_and_quartiles_equal_those_of_r(table, reference, name, arm) -> None:
    data, expected, key = table(name), reference("core")[name], f"trt={arm}"
    members = data["trt"] == arm

    curve = kaplan_meier(data["time"][members], data["status"][members])

    assert curve.median == pytest.approx(or_nan(expected["median"][key]), rel=PRINTED, nan_ok=True)
    lower, upper = curve.median_interval(transform=Transform.LOG)
    assert lower == pytest.approx(or_nan(expected["median_lcl_log"][key]), rel=PRINTED, nan_ok=True)
    assert upper == pytest.approx(or_nan(expected["median_ucl_log"][key]), rel=PRINTED, nan_ok=True)
    for percent, when in expected["quantiles"][key].items():
        assert curve.quantile(float(percent) / 100) == pytest.approx(or_nan(when), rel=PRINTED, nan_ok=True)


@pytest.mark.parametrize("name", ["freireich", "lung"])
def test_milestones_equal_those_of_r(table, reference, name) -> None:
    data, expected = table(name), reference("weighted_and_restricted")[name]
    horizons = [key for key in expected if key.startswith("tau_")]

    for key in horizons:
        for arm in (0, 1):
            members, values = data["trt"] == arm, expected[key][f"arm{arm}"]
            curve = kaplan_meier(data["time"][members], data["status"][members])
            when = [float(key.removeprefix("tau_"))]
            assert curve.at(when)[0] == pytest.approx(values["S"], abs=PRINTED)
            assert curve.standard_error_at(when)[0] == pytest.approx(values["se_S"], abs=PRINTED)
            assert np.ravel(curve.interval_at(when)) == pytest.approx(values["loglog_ci"], abs=PRINTED)


def test_random_data_with_ties_and_late_entry_give_the_curve_of_lifelines() -> None:
    rng = np.random.default_rng(7)
    entry = rng.integers(0, 3, 300).astype(float)
    times = entry + rng.integers(1, 30, 300)
    events = rng.random(300) < 0.6
    theirs = KaplanMeierFitter().fit(times, events, entry=entry)

    curve = kaplan_meier(times, events, entry=entry)

    ours = curve.at(np.arange(1.0, 30.0))
    np.testing.assert_allclose(ours, theirs.predict(np.arange(1.0, 30.0)), atol=ROUNDING)


def test_survival_is_unknown_after_the_last_follow_up_unless_nobody_is_left() -> None:
    plateau, ended = kaplan_meier([1, 5], [1, 0]), kaplan_meier([1, 5], [1, 1])

    seen, none_left = plateau.at([0.5, 4.0, 5.0, 6.0]), ended.at([6.0])

    np.testing.assert_array_equal(seen, [1.0, 0.5, 0.5, np.nan])
    assert none_left.tolist() == [0.0]


def test_all_censored_is_a_curve_at_one_without_a_median() -> None:
    curve = kaplan_meier([3, 4], [0, 0])

    assert curve.survival.tolist() == [1.0, 1.0]
    assert np.isnan(curve.median)


def test_numbers_at_risk_count_who_is_followed_up_to_a_time() -> None:
    counts = numbers_at_risk([1, 2, 2, 5], [0, 2, 2.5, 6])

    assert counts.tolist() == [4, 3, 1, 0]


@given(follow_up)
def test_survival_starts_at_most_at_one_never_rises_and_never_leaves_zero_to_one(data) -> None:
    times, events = data

    curve = kaplan_meier(times, events)

    assert (np.diff(curve.survival) <= 0.0).all()
    assert ((curve.survival >= 0.0) & (curve.survival <= 1.0)).all()


@given(follow_up)
def test_without_censoring_survival_is_the_share_still_alive(data) -> None:
    times, _ = data

    curve = kaplan_meier(times, np.ones(times.size))

    alive = (times[None, :] > curve.times[:, None]).mean(axis=1)
    np.testing.assert_allclose(curve.survival, alive, atol=ROUNDING)


@given(follow_up, st.sampled_from([0.25, 2.0, 1024.0]))
def test_another_unit_of_time_moves_times_and_nothing_else(data, factor) -> None:
    times, events = data

    curve, scaled = kaplan_meier(times, events), kaplan_meier(times * factor, events)

    np.testing.assert_array_equal(scaled.survival, curve.survival)
    np.testing.assert_array_equal(scaled.times, curve.times * factor)
    assert scaled.median == pytest.approx(curve.median * factor, nan_ok=True)


@given(follow_up, st.randoms(use_true_random=False))
def test_the_order_of_patients_does_not_matter(data, random) -> None:
    times, events = data
    order = list(range(times.size))
    random.shuffle(order)

    curve, shuffled = kaplan_meier(times, events), kaplan_meier(times[order], events[order])

    np.testing.assert_array_equal(shuffled.survival, curve.survival)


@given(follow_up)
def test_patients_censored_before_the_first_event_change_no_probability(data) -> None:
    times, events = data
    early = np.concatenate((times, [0.0, 0.5])), np.concatenate((events, [False, False]))

    curve, more = kaplan_meier(times, events), kaplan_meier(*early)

    np.testing.assert_array_equal(more.survival[2:], curve.survival)


@given(follow_up, st.sampled_from(Transform))
def test_limits_enclose_the_curve(data, transform) -> None:
    curve = kaplan_meier(*data)

    lower, upper = curve.interval(transform=transform)

    known = np.isfinite(lower)
    assert (lower[known] <= curve.survival[known] + ROUNDING).all()
    assert (curve.survival[known] <= upper[known] + ROUNDING).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, -2], [1, 0]), r"times\[1\] is -2: times are finite and zero or more"),
        (([1, np.nan], [1, 0]), r"times\[1\] is nan"),
        (([1, np.inf], [1, 0]), r"times\[1\] is inf"),
        (([1, 2], [1, 2]), r"events\[1\] is 2: allowed are 0 \(censored\) and 1 \(event\)"),
        (([1, 2], [1, np.nan]), r"events\[1\] is nan"),
        (([1, 2], [1]), r"times has shape \(2,\) and events \(1,\)"),
        (([], []), "times is empty: give at least one patient"),
        ((["a"], [1]), "give a column of numbers"),
        (([[1.0]], [1]), "give one column"),
    ],
)
def test_data_without_a_curve_are_refused_with_the_value_and_the_way_out(arguments, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        kaplan_meier(*arguments)


def test_entry_after_the_end_of_follow_up_is_refused() -> None:
    with pytest.raises(AnalysisError, match=r"entry\[0\] is 3 with time 3"):
        kaplan_meier([3, 4], [1, 1], entry=[3, 0])


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1])
def test_a_quantile_outside_zero_to_one_is_refused(fraction) -> None:
    with pytest.raises(AnalysisError, match="give one between 0 and 1"):
        kaplan_meier([1.0], [1]).quantile(fraction)


def test_a_level_of_95_is_refused_with_the_fraction_to_give() -> None:
    with pytest.raises(AnalysisError, match=r"level 95: give a fraction between 0 and 1, such as 0\.95"):
        kaplan_meier([1.0], [1]).interval(level=95)
