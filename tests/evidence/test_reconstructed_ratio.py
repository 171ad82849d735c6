"""Hazard ratios from what abstracts print: exact where hazards are proportional, near where only p is known."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.reconstructed_ratio import (
    error_of_events,
    normal_quantile,
    ratio_from_limit_and_p,
    ratio_from_limits,
    ratio_from_lower_limit,
    ratio_from_p,
    ratio_from_rates,
    ratio_from_ratio_and_p,
)
from trialeukin.survival.cox import cox
from trialeukin.survival.log_rank import log_rank

SURVIVAL_DATA = Path(__file__).parents[1] / "survival" / "data"


def patients(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with (SURVIVAL_DATA / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    times, events, arms = (np.array([float(row[key]) for row in rows]) for key in ("time", "status", "trt"))
    return times, events == 1.0, arms


@given(st.floats(0.05, 0.95), st.floats(-1.0, 1.0))
def test_rates_give_the_exact_ratio_of_proportional_hazards(control: float, log_ratio: float) -> None:
    treated = control ** math.exp(log_ratio)
    if not 1e-6 < treated < 1.0 - 1e-6:
        return

    found = ratio_from_rates(treated, control, n_treated=100, n_control=100)

    assert found.log_ratio == pytest.approx(log_ratio, abs=1e-9)


@pytest.mark.parametrize(
    ("treated", "control", "n"), [(0.29, 0.27, 30), (0.29, 0.36, 65), (0.33, 0.43, 65), (0.29, 0.27, 300)]
)
def test_the_error_of_rates_is_how_much_the_ratio_of_such_trials_scatters(
    treated: float, control: float, n: int
) -> None:
    """Of all trials in which somebody and not everybody had the event; the delta method is of first order, 1/n."""
    rng = np.random.default_rng(1)
    rates = [rng.binomial(n, survival, 100_000) / n for survival in (treated, control)]
    both = np.all([(rate > 0.0) & (rate < 1.0) for rate in rates], axis=0)
    scatter = float(np.std(np.log(np.log(rates[0][both]) / np.log(rates[1][both]))))

    found = ratio_from_rates(treated, control, n_treated=n, n_control=n)

    assert found.standard_error == pytest.approx(scatter, rel=2.0 / n)


@example(log_ratio=0.001953125, se=0.5)  # p 0.997, which rounding takes to 1 and no further
@given(st.floats(-1.0, 1.0).filter(lambda value: abs(value) > 1e-3), st.floats(0.05, 0.5))
def test_limits_and_p_values_give_back_what_they_were_made_of(log_ratio: float, se: float) -> None:
    lower = math.exp(log_ratio - 1.959963984540054 * se)
    p = math.erfc(abs(log_ratio) / se / math.sqrt(2.0))
    if not (1e-10 < p < 1.0 and lower < 1.0):
        return

    from_limit = ratio_from_lower_limit(math.exp(log_ratio), lower)
    from_p = ratio_from_ratio_and_p(math.exp(log_ratio), p)

    assert (from_limit.log_ratio, from_limit.standard_error) == pytest.approx((log_ratio, se), rel=1e-6)
    assert (from_p.log_ratio, from_p.standard_error) == pytest.approx((log_ratio, se), rel=1e-5)
    from_both = ratio_from_limit_and_p(lower, p, favours_treated=log_ratio < 0.0)
    assert (from_both.log_ratio, from_both.standard_error) == pytest.approx((log_ratio, se), rel=1e-4)


@pytest.mark.parametrize("name", ["aml", "veteran", "lung"])
def test_p_and_events_come_near_coxs_estimate_of_real_trials(name: str) -> None:
    """z SE of the log-rank test is a first step from zero: near Cox's estimate while the effect is small.

    The error grows with the effect: within a tenth of a standard error at log ratios up to 0.5, a third at 1.
    """
    times, events, arms = patients(name)
    fit = cox(times, events, arms)
    estimate, error = float(fit.coefficients[0]), float(fit.standard_errors[0])
    p = log_rank(times, events, arms).p_value

    found = ratio_from_p(
        p,
        events_treated=float(events[arms == 1].sum()),
        events_control=float(events[arms == 0].sum()),
        favours_treated=estimate < 0.0,
    )

    assert found.log_ratio == pytest.approx(estimate, abs=(0.12 if abs(estimate) < 0.6 else 0.34) * error)
    assert found.standard_error == pytest.approx(error, rel=0.1)


def test_the_inputs_of_calgb_19808_give_what_was_solved_by_hand() -> None:
    """DFS: (log 0.75 - log 0.52) / 1.96; OS: lower limit 0.54 and p 0.34 give HR 0.82, SE 0.21."""
    dfs = ratio_from_lower_limit(0.75, 0.52)
    os = ratio_from_limit_and_p(0.54, 0.34, favours_treated=True)

    assert (dfs.log_ratio, dfs.standard_error) == pytest.approx((-0.2877, 0.1869), abs=5e-5)
    assert (math.exp(os.log_ratio), os.standard_error) == pytest.approx((0.817, 0.2114), abs=5e-4)


def test_rounding_is_what_half_a_digit_does_at_the_worst_corner() -> None:
    found = ratio_from_rates(0.40, 0.26, n_treated=129, n_control=132)

    worst = math.log(math.log(0.405) / math.log(0.255)) - math.log(math.log(0.40) / math.log(0.26))
    assert found.rounding == pytest.approx(abs(worst), rel=0.05)
    assert found.rounding > 0.01


def test_printed_numbers_that_say_nothing_or_contradict_each_other_are_refused() -> None:
    with pytest.raises(AnalysisError, match="at 0 or 1 nothing can be said"):
        ratio_from_rates(1.0, 0.5, n_treated=10, n_control=10)
    with pytest.raises(AnalysisError, match="an arm without events"):
        error_of_events(0.0, 12.0)
    with pytest.raises(AnalysisError, match="give a two-sided p value"):
        normal_quantile(0.0)
    with pytest.raises(AnalysisError, match="no effect or p of 1 fixes no standard error"):
        ratio_from_ratio_and_p(1.0, 0.5)
    with pytest.raises(AnalysisError, match="above 0 and below it"):
        ratio_from_lower_limit(0.75, 0.8)
    with pytest.raises(AnalysisError, match="contradict each other"):
        ratio_from_limit_and_p(0.5, 0.01, favours_treated=False)


@pytest.mark.parametrize(
    ("lower", "p", "favours", "found"),
    [
        (0.2, 0.06, False, "38.2 with a standard error of 20.3"),
        (0.01, 0.9, True, "-0.277 with a standard error of 2.21"),
    ],
)
def test_a_limit_and_p_that_less_than_one_event_an_arm_would_give_are_refused(
    lower: float, p: float, favours: bool, found: str
) -> None:
    with pytest.raises(AnalysisError, match=rf"{found}, above 1\.41, that of one event in each arm"):
        ratio_from_limit_and_p(lower, p, favours_treated=favours)


@pytest.mark.parametrize("p", [0.052, 0.055])
def test_a_p_value_that_rounding_may_have_kept_from_contradicting_its_limit_is_said_to_fix_nothing(p: float) -> None:
    """From 0.05 down a lower limit below one and a treated arm that fares worse contradict each other."""
    assert ratio_from_limit_and_p(0.98, p, favours_treated=False).rounding == float("inf")


def test_both_limits_give_the_standard_error_and_are_checked_against_the_ratio() -> None:
    found = ratio_from_limits(0.82, 0.56, 1.20)

    assert found.log_ratio == pytest.approx(math.log(0.82))
    assert found.standard_error == pytest.approx(math.log(1.20 / 0.56) / (2.0 * 1.959963984540054))
    assert ratio_from_limits(0.8, 0.6, 1.2).log_ratio == pytest.approx(math.log(0.8))  # one digit hides more
    with pytest.raises(AnalysisError, match=r"near the geometric mean of the limits, 0\.756; check the three numbers"):
        ratio_from_limits(0.82, 0.56, 1.02)
    with pytest.raises(AnalysisError, match="give it between them"):
        ratio_from_limits(0.82, 0.9, 1.2)


@given(st.floats(-1.0, 1.0), st.floats(0.05, 0.5))
def test_limits_of_a_normal_interval_give_back_its_error(log_ratio: float, se: float) -> None:
    limits = [math.exp(log_ratio + sign * 1.959963984540054 * se) for sign in (-1.0, 1.0)]

    found = ratio_from_limits(math.exp(log_ratio), *limits)

    assert (found.log_ratio, found.standard_error) == pytest.approx((log_ratio, se), rel=1e-6, abs=1e-12)
