"""The log-rank family: against R's survival, against lifelines, and its laws."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lifelines.statistics import multivariate_logrank_test

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.log_rank_weights import (
    EVEN,
    FlemingHarrington,
    ModestlyWeighted,
    NumberAtRisk,
    Weight,
    ZeroBefore,
)
from trialeukin.survival.max_combo import max_combo

PRINTED = 1e-9  # relative: the reference prints twelve significant digits
PRINTED_MODEST = 1e-9  # eleven digits
AGREEMENT = 1e-9
DATA_SETS = ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"]
POWERS = [0.0, 0.5, 1.0]

two_groups = st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.booleans()), min_size=4, max_size=40).map(
    lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True))
)


def comparable(times: np.ndarray, events: np.ndarray, arms: np.ndarray) -> bool:
    """Say whether both arms are at risk at some event time beside a patient who survives it."""
    for time in np.unique(times[events]):
        at_risk = times >= time
        dying = int((events & (times == time)).sum())
        if 0 < arms[at_risk].sum() < at_risk.sum() and dying < at_risk.sum():
            return True
    return False


@pytest.mark.parametrize("name", DATA_SETS)
@pytest.mark.parametrize(
    ("key", "weight"),
    [("logrank", EVEN), ("peto_peto_rho1", FlemingHarrington(rho=1.0)), ("FH_rho0.5", FlemingHarrington(rho=0.5))],
)
def test_observed_expected_variance_and_p_equal_those_of_r(table, reference, name, key, weight) -> None:
    data, expected = table(name), reference("core")[name][key]

    test = log_rank(data["time"], data["status"], data["trt"], weight=weight)

    np.testing.assert_allclose(test.observed, expected["obs"], rtol=PRINTED)
    np.testing.assert_allclose(test.expected, expected["exp"], rtol=PRINTED)
    assert test.covariance[0, 0] == pytest.approx(expected["var11"], rel=PRINTED)
    assert test.test.statistic == pytest.approx(expected["chisq"], rel=PRINTED)
    assert test.test.degrees_of_freedom == expected["df"]
    assert test.p_value == pytest.approx(expected["p"], rel=PRINTED)


def test_freireich_gives_the_chi_square_of_the_textbooks(table) -> None:
    data = table("freireich")

    test = log_rank(data["time"], data["status"], data["trt"])

    assert test.test.statistic == pytest.approx(16.79, abs=0.005)  # Klein and Moeschberger, example 7.2: printed digits


@pytest.mark.parametrize(("name", "strata"), [("veteran", "celltype"), ("lung", "inst"), ("kmbmt", "z8")])
def test_stratified_tests_equal_those_of_r(table, reference, name, strata) -> None:
    data, expected = table(name), reference("core")[name]["logrank_stratified"]
    known = np.ones(data["time"].size, dtype=bool) if name != "lung" else np.isfinite(data[strata])
    data = {key: values[known] for key, values in data.items()}

    test = log_rank(data["time"], data["status"], data["trt"], strata=data[strata])

    np.testing.assert_allclose(test.observed, expected["obs"], rtol=PRINTED)
    np.testing.assert_allclose(test.expected, expected["exp"], rtol=PRINTED)
    assert test.covariance[0, 0] == pytest.approx(expected["var11"], rel=PRINTED)
    assert test.test.statistic == pytest.approx(expected["chisq"], rel=PRINTED)


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_weight_gives_the_score_variance_and_z_of_the_reference(table, reference, name) -> None:
    data, expected = table(name), reference("weighted_and_restricted")[name]
    weights: dict[str, Weight] = {
        f"FH({rho:g},{gamma:g})": FlemingHarrington(rho=rho, gamma=gamma) for rho in POWERS for gamma in POWERS
    }
    weights |= {"gehan_breslow": NumberAtRisk(power=1.0), "tarone_ware": NumberAtRisk(power=0.5)}

    for key, weight in weights.items():
        test = log_rank(data["time"], data["status"], data["trt"], weight=weight)
        assert test.observed[1] - test.expected[1] == pytest.approx(expected[key]["U"], rel=PRINTED)
        assert test.covariance[1, 1] == pytest.approx(expected[key]["V"], rel=PRINTED)
        assert test.z == pytest.approx(expected[key]["Z"], rel=PRINTED)
        assert test.p_value == pytest.approx(expected[key]["p_two_sided"], rel=PRINTED)


def unrounded(printed: float, times: np.ndarray) -> float:
    """Return the time that a printed one stands for, where it is one of the data's."""
    nearest = float(times[np.abs(times - printed).argmin()])
    return nearest if abs(nearest - printed) < PRINTED * printed else printed


@pytest.mark.parametrize("name", DATA_SETS)
def test_modest_weights_and_a_late_start_give_the_z_of_the_reference(table, reference, name) -> None:
    data, expected = table(name), reference("modest_weights")[name]

    def z(weight: Weight) -> float:
        return log_rank(data["time"], data["status"], data["trt"], weight=weight).z

    for place, printed in enumerate(expected["delay"]):
        delay = unrounded(printed, data["time"])
        rising, capped = ModestlyWeighted(delay=delay), ModestlyWeighted(delay=delay, largest=2.0)
        assert z(rising) == pytest.approx(expected["MB_wmaxInf"][place], rel=PRINTED_MODEST)
        assert z(capped) == pytest.approx(expected["MB_wmax2"][place], rel=PRINTED_MODEST)
        assert z(ZeroBefore(start=delay)) == pytest.approx(expected["early_zero"][place], rel=PRINTED_MODEST)


def test_three_groups_give_the_chi_square_of_lifelines() -> None:
    rng = np.random.default_rng(3)
    times, groups = rng.integers(1, 40, 240), rng.integers(0, 3, 240)
    events = rng.random(240) < 0.7
    theirs = multivariate_logrank_test(times, groups, events)

    test = log_rank(times, events, groups)

    assert test.test.statistic == pytest.approx(theirs.test_statistic, rel=AGREEMENT)
    assert test.test.degrees_of_freedom == 2
    assert test.p_value == pytest.approx(theirs.p_value, rel=AGREEMENT)


def test_a_stratum_with_one_arm_only_adds_nothing(table) -> None:
    data = table("aml")
    lone = np.full(3, 5.0), np.ones(3), np.ones(3)
    more = [np.concatenate(pair) for pair in zip((data["time"], data["status"], data["trt"]), lone, strict=True)]
    strata = np.concatenate((np.zeros(data["time"].size), np.ones(3)))

    test, with_lone = log_rank(data["time"], data["status"], data["trt"]), log_rank(*more, strata=strata)

    assert with_lone.z == pytest.approx(test.z, rel=AGREEMENT)


@given(two_groups)
def test_swapping_the_arms_flips_the_sign_of_z(data) -> None:
    times, events, arms = data
    assume(comparable(times, events, arms))

    straight, swapped = log_rank(times, events, arms), log_rank(times, events, ~arms)

    assert swapped.z == pytest.approx(-straight.z, abs=AGREEMENT)


@given(two_groups)
def test_observed_and_expected_events_sum_to_the_same(data) -> None:
    times, events, arms = data
    assume(comparable(times, events, arms))

    test = log_rank(times, events, arms)

    assert test.observed.sum() == events.sum()
    assert test.expected.sum() == pytest.approx(events.sum(), rel=AGREEMENT)


@given(two_groups, st.sampled_from([0.25, 8.0]))
def test_another_unit_of_time_changes_no_statistic(data, factor) -> None:
    times, events, arms = data
    assume(comparable(times, events, arms))

    assert log_rank(times * factor, events, arms).z == log_rank(times, events, arms).z


@given(two_groups)
def test_an_identical_stratum_twice_doubles_observed_expected_and_variance(data) -> None:
    times, events, arms = data
    assume(comparable(times, events, arms))
    strata = np.repeat([0, 1], times.size)

    once = log_rank(times, events, arms)
    twice = log_rank(np.tile(times, 2), np.tile(events, 2), np.tile(arms, 2), strata=strata)

    np.testing.assert_allclose(twice.expected, 2.0 * once.expected, rtol=AGREEMENT)
    np.testing.assert_allclose(twice.covariance, 2.0 * once.covariance, rtol=AGREEMENT, atol=AGREEMENT)


def test_times_that_differ_in_the_last_digits_are_not_tied(reference) -> None:
    rows = reference("robustness")["near_ties"]["data"]
    times, status, x = (np.array([row[key] for row in rows]) for key in ("time", "status", "x"))
    rounded = np.round(times, 6)

    apart, together = log_rank(times, status, x), log_rank(rounded, status, x)

    assert apart.expected[1] != together.expected[1]
    # by hand: at risk (3 of 6), (2 of 5), (2 of 4), (1 of 3), (1 of 2), none
    assert apart.expected[1] == pytest.approx(3 / 6 + 2 / 5 + 2 / 4 + 1 / 3 + 1 / 2, rel=AGREEMENT)
    assert together.expected[1] == pytest.approx(3 / 6 + 2 * 2 / 5 + 1 / 3 + 1 / 2, rel=AGREEMENT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1, 1], [0, 0]), "all patients are in group 0: a comparison takes two groups"),
        (([1, 2], [0, 0], [0, 1]), "all 2 patients are censored"),
        (([1, 2], [1, 0], [0]), r"groups \(1,\)"),
        (([1, 2], [1, 0], [0, np.nan]), r"groups\[1\] is nan"),
        (([1, -1], [1, 0], [0, 1]), r"times\[1\] is -1"),
        (([1, 2, 3], [0, 0, 1], [0, 0, 1]), "at every event time .* one group alone is at risk, or all who"),
        (
            ([5, 5, 5, 5], [1, 1, 1, 1], [0, 0, 1, 1]),
            "all who are at risk have the event at once; .* tell such events apart",
        ),
    ],
)
def test_data_without_a_comparison_are_refused_with_the_way_out(arguments, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        log_rank(*arguments)


def test_weights_out_of_range_are_refused() -> None:
    with pytest.raises(AnalysisError, match=r"rho -1\.0: give zero or more"):
        FlemingHarrington(rho=-1.0)
    with pytest.raises(AnalysisError, match=r"largest weight 0\.5: give 1 or more"):
        ModestlyWeighted(delay=3.0, largest=0.5)
    with pytest.raises(AnalysisError, match="delay nan"):
        ModestlyWeighted(delay=np.nan)
    with pytest.raises(AnalysisError, match=r"start -1\.0"):
        ZeroBefore(start=-1.0)


def test_z_of_three_groups_is_refused() -> None:
    test = log_rank([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 2, 0])

    with pytest.raises(AnalysisError, match="z of 3 groups"):
        _ = test.z


@pytest.mark.parametrize("compare", [log_rank, max_combo])
def test_a_stratum_without_an_event_adds_nothing(compare) -> None:
    times, events, arms = [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 0], [0, 1, 0, 1, 0, 1]

    found = compare(times, events, arms, strata=[0, 0, 0, 0, 1, 1])

    assert found.p_value == pytest.approx(compare(times[:4], events[:4], arms[:4]).p_value, abs=1e-12)
