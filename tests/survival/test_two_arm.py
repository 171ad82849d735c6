"""Both arms of many replicates at once: the same numbers as the plain statistics, in any company."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxStatus, cox
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.log_rank import log_rank
from trialeukin.survival.restricted_mean import restricted_mean
from trialeukin.survival.two_arm import two_arms

SAME = 1e-10
MILESTONES = [6.0, 12.0, 36.0]
HORIZONS = [3.0, 15.0]

replicate = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans()), min_size=2, max_size=40).map(
    lambda rows: tuple(np.array([column]) for column in zip(*rows, strict=True))
)


def trials(replicates: int, patients: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times with ties, events and arms of trials with a hazard ratio of 0.75."""
    rng = np.random.default_rng(5)
    arms = np.arange(patients) % 2 == 1
    death = rng.exponential(20.0, (replicates, patients)) / np.where(arms, 0.75, 1.0)
    censored = rng.uniform(20.0, 60.0, (replicates, patients))
    return np.minimum(death, censored).round(1), death <= censored, arms


def plain_status(times: np.ndarray, events: np.ndarray, arms: np.ndarray) -> CoxStatus:
    try:
        return cox(times, events, arms).status
    except AnalysisError:
        return CoxStatus.NO_INFORMATION


def test_every_replicate_equals_the_plain_statistics() -> None:
    times, events, arms = trials(replicates=20, patients=107)

    many = two_arms(times, events, arms, at=MILESTONES, horizons=HORIZONS)

    for row in range(20):
        fit, test = cox(times[row], events[row], arms), log_rank(times[row], events[row], arms)
        assert many.log_hazard_ratio[row] == pytest.approx(fit.coefficients[0], abs=SAME)
        assert many.standard_error[row] == pytest.approx(fit.standard_errors[0], abs=SAME)
        assert many.z[row] == pytest.approx(test.z, abs=SAME)
        assert many.p_value[row] == pytest.approx(test.p_value, abs=SAME)
        assert many.events[row].tolist() == test.observed.tolist()
        for arm in (0, 1):
            curve = kaplan_meier(times[row][arms == arm], events[row][arms == arm])
            np.testing.assert_allclose(many.survival[row, arm], curve.at(MILESTONES), atol=SAME)
            for place, horizon in enumerate(HORIZONS):
                mean = restricted_mean(times[row][arms == arm], events[row][arms == arm], horizon)
                plain = [mean.mean, mean.standard_error]
                np.testing.assert_allclose(many.restricted[row, arm, place], plain, rtol=SAME)
    assert many.patients.tolist() == [[54, 53]] * 20


def test_strata_are_those_of_the_plain_statistics_and_leave_curves_alone() -> None:
    times, events, arms = trials(replicates=20, patients=107)
    strata = np.random.default_rng(8).integers(0, 4, times.shape)
    strata[:, 0] = 6  # one patient alone, and a number nobody has

    many = two_arms(times, events, arms, strata=strata, at=MILESTONES, horizons=HORIZONS)
    whole = two_arms(times, events, arms, at=MILESTONES, horizons=HORIZONS)

    for row in range(20):
        fit = cox(times[row], events[row], arms, strata=strata[row])
        test = log_rank(times[row], events[row], arms, strata=strata[row])
        assert many.log_hazard_ratio[row] == pytest.approx(fit.coefficients[0], abs=SAME)
        assert many.standard_error[row] == pytest.approx(fit.standard_errors[0], abs=SAME)
        assert many.z[row] == pytest.approx(test.z, abs=SAME)
    np.testing.assert_array_equal(many.survival, whole.survival)
    np.testing.assert_array_equal(many.restricted, whole.restricted)
    np.testing.assert_array_equal(many.events, whole.events)


def test_one_stratum_is_none() -> None:
    times, events, arms = trials(replicates=20, patients=107)

    one, none = two_arms(times, events, arms, strata=np.zeros(107, dtype=np.int64)), two_arms(times, events, arms)

    np.testing.assert_array_equal(one.z, none.z)
    np.testing.assert_array_equal(one.log_hazard_ratio, none.log_hazard_ratio)


@pytest.mark.parametrize(
    ("strata", "said"),
    [(np.zeros(5, dtype=np.int64), "one entry a time"), (np.full(107, -1), "zero or more"), (np.zeros(107), "whole")],
)
def test_strata_that_are_none_are_refused(strata: np.ndarray, said: str) -> None:
    times, events, arms = trials(replicates=2, patients=107)

    with pytest.raises(AnalysisError, match=said):
        two_arms(times, events, arms, strata=strata)


@pytest.mark.parametrize("name", ["aml", "freireich", "veteran", "lung", "kmbmt", "pbc"])
def test_one_replicate_gives_the_hazard_ratio_and_chi_square_of_r(table, reference, name) -> None:
    data, expected = table(name), reference("core")[name]

    one = two_arms(data["time"][None], data["status"][None], data["trt"])

    assert one.log_hazard_ratio[0] == pytest.approx(expected["cox_trt_efron"]["coef"]["trt"], rel=1e-6)  # R's tolerance
    assert one.standard_error[0] == pytest.approx(expected["cox_trt_efron"]["se"]["trt"], rel=1e-6)
    assert one.z[0] ** 2 == pytest.approx(expected["logrank"]["chisq"], rel=1e-9)


@settings(deadline=None)
@given(replicate)
def test_any_small_trial_has_the_status_and_the_numbers_of_the_plain_statistics(data) -> None:
    times, events, arms = data

    one = two_arms(times, events, arms, at=[3.0, 20.0])

    status = plain_status(times[0], events[0], arms[0])
    assert one.status[0] == status
    if status is CoxStatus.CONVERGED:
        fit = cox(times[0], events[0], arms[0])
        assert one.log_hazard_ratio[0] == pytest.approx(fit.coefficients[0], abs=SAME)
        assert one.standard_error[0] == pytest.approx(fit.standard_errors[0], rel=SAME)
    else:
        assert np.isnan(one.log_hazard_ratio[0])
        assert np.isnan(one.standard_error[0])
    for arm in np.unique(arms):
        curve = kaplan_meier(times[arms == arm], events[arms == arm])
        np.testing.assert_allclose(one.survival[0, int(arm)], curve.at([3.0, 20.0]), atol=SAME)


def test_the_order_of_patients_and_replicates_and_their_company_change_no_bit() -> None:
    times, events, arms = trials(replicates=12, patients=60)
    arms = np.tile(arms, (12, 1))
    rng = np.random.default_rng(2)
    rows, patients = rng.permutation(12), rng.permutation(60)

    together = two_arms(times, events, arms, at=MILESTONES)
    alone = [two_arms(times[row : row + 1], events[row : row + 1], arms[row : row + 1], at=MILESTONES) for row in rows]
    shuffled = two_arms(times[rows][:, patients], events[rows][:, patients], arms[rows][:, patients], at=MILESTONES)

    for name in ("status", "log_hazard_ratio", "standard_error", "z", "patients", "events", "survival"):
        expected = getattr(together, name)[rows]
        np.testing.assert_array_equal(getattr(shuffled, name), expected)
        np.testing.assert_array_equal(np.concatenate([getattr(one, name) for one in alone]), expected)


def test_swapping_the_arms_flips_effect_and_z() -> None:
    times, events, arms = trials(replicates=5, patients=50)

    straight, swapped = two_arms(times, events, arms), two_arms(times, events, ~arms)

    np.testing.assert_allclose(swapped.log_hazard_ratio, -straight.log_hazard_ratio, atol=SAME)
    np.testing.assert_allclose(swapped.z, -straight.z, atol=SAME)
    np.testing.assert_array_equal(swapped.events, straight.events[:, ::-1])


def test_intervals_of_a_true_hazard_ratio_cover_it_as_often_as_they_say() -> None:
    times, events, arms = trials(replicates=2000, patients=214)

    lower, upper = two_arms(times, events, arms).interval(level=0.95)

    covered = ((lower < 0.75) & (upper > 0.75)).mean()
    four_errors = 4.0 * np.sqrt(0.95 * 0.05 / 2000)
    assert covered == pytest.approx(0.95, abs=four_errors)


def test_trials_without_an_estimate_say_why() -> None:
    times = np.tile([1.0, 2.0, 3.0, 4.0], (4, 1))
    events = np.array([[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 0]])
    arms = np.array([[0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 0, 0], [1, 0, 0, 1]])

    many = two_arms(times, events, arms, at=[2.0, 5.0])

    assert [CoxStatus(status).name for status in many.status] == [
        "NO_INFORMATION",  # no event
        "INFINITE_ESTIMATE",  # events in one arm only
        "NO_INFORMATION",  # one arm only
        "CONVERGED",
    ]
    assert np.isnan(many.hazard_ratio[:3]).all()
    assert np.isfinite(many.z).tolist() == [False, True, False, True]
    np.testing.assert_array_equal(many.survival[2], [[0.5, 0.0], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0], [1, 1], [0, 1]), r"times have shape \(2,\): give a row a replicate"),
        (([[1.0, -2.0]], [[1, 1]], [[0, 1]]), r"times\[0, 1\] is -2"),
        (([[1.0, 2.0]], [[1, 3]], [[0, 1]]), "events hold 3: allowed are 0 and 1"),
        (([[1.0, 2.0]], [[1, 1]], [[1, 2]]), "arms hold 2: allowed are 0 and 1"),
        (([[1.0, 2.0]], [[1]], [[0, 1]]), r"events have shape \(1, 1\) and times \(1, 2\)"),
    ],
)
def test_input_that_is_no_set_of_trials_is_refused(arguments, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        two_arms(*arguments)


def test_a_restricted_mean_beyond_what_is_known_of_a_curve_is_no_number() -> None:
    times, events, arms = np.array([[2.0, 5.0, 1.0, 4.0]]), np.array([[1, 0, 1, 1]]), np.array([0, 0, 1, 1])

    one = two_arms(times, events, arms, horizons=[4.0, 6.0])

    assert np.isnan(one.restricted[0, 0, 1]).all()  # half of the first arm is alive at its last follow-up, 5
    assert one.restricted[0, 1, 1, 0] == pytest.approx((1.0 + 4.0) / 2.0)  # all of the second arm have died by 4
    assert one.restricted[0, 0, 0, 0] == pytest.approx(0.5 * 2.0 + 0.5 * 4.0)


@pytest.mark.parametrize("horizon", [0.0, -5.0])
def test_a_horizon_that_is_no_time_after_the_start_is_refused(horizon) -> None:
    with pytest.raises(AnalysisError, match="give times above zero"):
        two_arms(np.ones((1, 4)), np.ones((1, 4)), np.array([0, 1, 0, 1]), horizons=[horizon])
