"""Exposure without a model: closed forms, published results, laws, and what is refused."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.engine.concentration_profiles import BelowLimit, GivenDose
from trialeukin.engine.exposure_summary import NEEDS, ExposureSummary, Reason
from trialeukin.engine.noncompartmental import noncompartmental
from trialeukin.engine.trapezoids import AreaRule
from trialeukin.regimen.administration import Route

PUBLISHED = tomllib.loads((Path(__file__).parent / "data" / "noncompartmental.toml").read_text(encoding="utf-8"))
NINE_DIGITS = 1e-8  # the results are published with nine digits, the last of which is rounded
ROUNDING = 1e-11
DOSE, VOLUME, RATE = 100.0, 20.0, 0.3
SPARSE = np.array([0.5, 1.0, 2.0, 4.0, 7.0, 12.0])
SUBCUTANEOUS = GivenDose(amount=DOSE, route=Route.SC)
BOLUS = GivenDose(amount=DOSE, route=Route.IV_BOLUS)


@pytest.mark.parametrize("analysis", PUBLISHED["analysis"], ids=lambda each: f"{each['drug']} {each['route']}")
def test_numbers_are_those_that_winnonlin_has_published(analysis: dict[str, Any]) -> None:
    data = PUBLISHED[analysis["drug"]]
    concentrations = np.array(data["concentrations"], dtype=float)
    dose = GivenDose(amount=data["dose"], route=Route(analysis["route"]), duration=analysis["duration"])
    times = np.broadcast_to(np.array(data["times"], dtype=float), concentrations.shape)

    found = noncompartmental(times, concentrations, dose, rule=AreaRule(analysis["rule"]))

    assert len(analysis["results"]) > 25
    for name, published in analysis["results"].items():
        number = found.terminal.points if name == "terminal.points" else found.number(name)
        assert number == pytest.approx(published, rel=NINE_DIGITS), name


def bolus(times: Floats) -> Floats:
    return (DOSE / VOLUME * np.exp(-RATE * times))[None, :]


def check_one_compartment(found: ExposureSummary, error: float) -> None:
    """Check what a bolus or an infusion into one compartment must give."""
    for way in (found.observed, found.predicted):
        assert way.area == pytest.approx(DOSE / (VOLUME * RATE), rel=error)
        assert way.clearance == pytest.approx(VOLUME * RATE, rel=error)
        assert way.terminal_volume == pytest.approx(VOLUME, rel=error)
        assert way.residence_time == pytest.approx(1.0 / RATE, rel=error)
        assert way.steady_volume == pytest.approx(VOLUME, rel=error)


@pytest.mark.parametrize("times", [SPARSE, np.concatenate(([0.0], SPARSE))])
def test_a_bolus_into_one_compartment_gives_its_parameters_back(times: Floats) -> None:
    found = noncompartmental(times, bolus(times), BOLUS)

    check_one_compartment(found, ROUNDING)
    assert found.terminal.rate == pytest.approx(RATE, rel=ROUNDING)
    assert found.initial == pytest.approx(DOSE / VOLUME, rel=ROUNDING)
    assert found.observed.moment == pytest.approx(DOSE / (VOLUME * RATE**2), rel=ROUNDING)
    left = np.exp(-RATE * times[-1])
    assert found.observed.extrapolated_percent == pytest.approx(100.0 * left, rel=1e3 * ROUNDING)
    assert found.residence_to_last == pytest.approx((1.0 / RATE - (12.0 + 1.0 / RATE) * left) / (1.0 - left), rel=1e-9)
    before = 100.0 * (1.0 - np.exp(-RATE * times[0]))
    assert found.observed.back_extrapolated_percent == pytest.approx(before, rel=ROUNDING, abs=0.0)


def test_an_infusion_into_one_compartment_gives_its_parameters_back() -> None:
    step, length = 0.01, 2.0
    times = np.arange(1, 1201) * step
    height = DOSE / length / (VOLUME * RATE)
    up = height * -np.expm1(-RATE * np.minimum(times, length))
    curve = up * np.exp(-RATE * np.maximum(times - length, 0.0))
    dose = GivenDose(amount=DOSE, route=Route.IV_INFUSION, duration=length)

    found = noncompartmental(times, curve[None, :], dose)

    # only the trapezoids of the rise err: by step**2 / 12 of the second derivative, at most height * rate**2,
    # of the moment's by at most twice the slope and the length times that, over the length
    area = DOSE / (VOLUME * RATE)
    area_error = step**2 / 12.0 * height * RATE**2 * length / area
    moment_error = step**2 / 12.0 * (2.0 * height * RATE + length * height * RATE**2) * length / (area / RATE)
    check_one_compartment(found, 2.0 * (area_error + moment_error))
    assert found.terminal.first[0] >= length


def test_oral_doses_densely_sampled_meet_their_closed_form() -> None:
    step, absorption = 0.005, 1.5
    times = np.arange(0, 12_001) * step
    scale = DOSE / VOLUME * absorption / (absorption - RATE)
    curve = scale * (np.exp(-RATE * times) - np.exp(-absorption * times))

    found = noncompartmental(times, curve[None, :], SUBCUTANEOUS, rule=AreaRule.LINEAR)

    # a trapezoid errs by step**2 / 12 of the integral of the second derivative, at most scale * (both rates)
    area_error = step**2 / 12.0 * scale * (RATE + absorption)
    area = DOSE / (VOLUME * RATE)
    assert found.observed.area == pytest.approx(area, abs=area_error)
    assert found.observed.clearance == pytest.approx(VOLUME * RATE, rel=2.0 * area_error / area)
    at_peak = np.log(absorption / RATE) / (absorption - RATE)
    assert found.peak_time == pytest.approx(at_peak, abs=step)
    assert found.terminal.rate == pytest.approx(RATE, rel=1e-3)
    # residence in the body and in the depot add up; the moment's second derivative is at most that of the
    # area times the time plus twice the slope, whose integral is at most 2 * scale * 2
    assert found.observed.residence_time == pytest.approx(1.0 / RATE + 1.0 / absorption, abs=step**2 * scale)
    assert np.isnan(found.observed.steady_volume).all()


@pytest.mark.parametrize("last", [6.0, 8.0, 9.5])
def test_boluses_at_steady_state_give_their_parameters_back_whenever_sampling_ends(last: float) -> None:
    interval = 8.0
    times = np.concatenate((np.arange(0.0, 6.0, 0.75), [last]))
    many = 1.0 / -np.expm1(-RATE * interval)
    curve = bolus(times) * many

    found = noncompartmental(times, curve, replace(BOLUS, interval=interval))

    check_steady = found.observed
    assert found.accumulation == pytest.approx(many, rel=ROUNDING)
    assert found.area_of_interval == pytest.approx(DOSE / (VOLUME * RATE), rel=ROUNDING)
    assert found.average == pytest.approx(DOSE / (VOLUME * RATE * interval), rel=ROUNDING)
    assert found.at_interval_end == pytest.approx(curve[0, 0] * np.exp(-RATE * interval), rel=ROUNDING)
    assert check_steady.clearance == pytest.approx(VOLUME * RATE, rel=ROUNDING)
    assert check_steady.residence_time == pytest.approx(1.0 / RATE, rel=ROUNDING)
    assert check_steady.steady_volume == pytest.approx(VOLUME, rel=ROUNDING)
    lowest = times[times <= interval][-1]
    assert found.trough_time == lowest
    assert found.swing_percent == pytest.approx(100.0 * np.expm1(RATE * lowest), rel=ROUNDING)
    assert found.fluctuation_percent == pytest.approx(
        100.0 * RATE * interval * many * -np.expm1(-RATE * lowest), rel=ROUNDING
    )


def test_without_a_sample_at_the_dose_steady_state_starts_at_the_lowest_of_the_interval() -> None:
    curve = np.array([[3.0, 5.0, 4.0, 2.0, 1.0]])

    single, steady = (
        noncompartmental(np.array([1.0, 2.0, 4.0, 8.0, 16.0]), curve, replace(SUBCUTANEOUS, interval=interval))
        for interval in (None, 8.0)
    )

    assert (single.initial, steady.initial) == (0.0, 2.0)


PROFILES = st.lists(st.floats(0.01, 100.0) | st.just(np.nan) | st.just(0.0), min_size=6, max_size=6)
RULES = st.sampled_from(list(AreaRule))
FACTORS = st.sampled_from([0.25, 2.0, 1024.0])  # powers of two, so that scaling rounds nothing
STEADY = st.sampled_from([None, 5.0, 12.0, 20.0])
ROUTES = st.sampled_from([Route.SC, Route.IV_BOLUS])
UNITS = {  # powers of concentration, time and dose in each number
    "peak": (1, 0, 0),
    "last_time": (0, 1, 0),
    "area_to_last": (1, 1, 0),
    "moment_to_last": (1, 2, 0),
    "terminal.rate": (0, -1, 0),
    "observed.area": (1, 1, 0),
    "predicted.moment": (1, 2, 0),
    "observed.clearance": (-1, -1, 1),
    "observed.terminal_volume": (-1, 0, 1),
    "predicted.steady_volume": (-1, 0, 1),
    "observed.residence_time": (0, 1, 0),
    "observed.extrapolated_percent": (0, 0, 0),
    "at_interval_end": (1, 0, 0),
    "area_of_interval": (1, 1, 0),
    "fluctuation_percent": (0, 0, 0),
    "swing_percent": (0, 0, 0),
    "accumulation": (0, 0, 0),
}


@settings(max_examples=60)
@given(PROFILES, RULES, ROUTES, STEADY, st.tuples(FACTORS, FACTORS, FACTORS))
def test_numbers_scale_as_their_units_do(
    row: list[float], rule: AreaRule, route: Route, interval: float | None, factors: tuple[float, float, float]
) -> None:
    curve = np.array([row])
    concentration, time, amount = factors
    stretched = None if interval is None else time * interval

    found = noncompartmental(SPARSE, curve, GivenDose(amount=DOSE, route=route, interval=interval), rule=rule)
    scaled = noncompartmental(
        time * SPARSE,
        concentration * curve,
        GivenDose(amount=amount * DOSE, route=route, interval=stretched),
        rule=rule,
    )

    for name, powers in UNITS.items():
        factor = concentration ** powers[0] * time ** powers[1] * amount ** powers[2]
        assert scaled.number(name) == pytest.approx(factor * found.number(name), rel=ROUNDING, nan_ok=True), name


@settings(max_examples=40)
@given(st.lists(PROFILES, min_size=2, max_size=5), RULES, ROUTES, STEADY)
def test_a_profile_among_others_is_the_profile_alone(
    rows: list[list[float]], rule: AreaRule, route: Route, interval: float | None
) -> None:
    dose = GivenDose(amount=DOSE, route=route, interval=interval)

    together = noncompartmental(SPARSE, np.array(rows), dose, rule=rule)

    for place, row in enumerate(rows):
        alone = noncompartmental(SPARSE, np.array([row]), dose, rule=rule)
        for name in NEEDS:
            np.testing.assert_array_equal(together.number(name)[place], alone.number(name)[0], err_msg=name)
            assert together.why(name)[place] is alone.why(name)[0]


@given(PROFILES, RULES, ROUTES, STEADY, st.sampled_from(list(BelowLimit)), st.sampled_from([None, DOSE]))
def test_what_is_not_a_number_has_a_reason_and_what_is_has_none(
    row: list[float], rule: AreaRule, route: Route, interval: float | None, below: BelowLimit, amount: float | None
) -> None:
    dose = GivenDose(amount=amount, route=route, interval=interval)

    found = noncompartmental(SPARSE, np.array([row]), dose, rule=rule, below=below, limit=0.5)

    for name in NEEDS:
        assert (found.why(name)[0] is Reason.DEFINED) == (not np.isnan(found.number(name)[0])), name


def test_reasons_name_what_is_lacking() -> None:
    rows = np.array(
        [
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [1.0, 2.0, 3.0, 4.0, 3.0, 2.0],
            [9.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            [1.0, 9.0, 5.0, 3.0, 1.0, 0.5],
        ]
    )

    found = noncompartmental(SPARSE, rows, replace(SUBCUTANEOUS, amount=None))

    slope = (Reason.NOTHING_QUANTIFIED, Reason.FEW_POINTS, Reason.NO_FALL, Reason.DEFINED)
    assert found.why("terminal.rate") == found.why("observed.area") == slope
    assert found.why("area_to_last") == (Reason.NOTHING_QUANTIFIED, *[Reason.DEFINED] * 3)
    assert set(found.why("observed.clearance")) == {Reason.NO_DOSE}
    assert set(found.why("observed.steady_volume")) == {Reason.NOT_INTO_A_VEIN}
    assert set(found.why("observed.back_extrapolated_percent")) == {Reason.NOT_A_BOLUS}
    assert set(found.why("swing_percent")) == {Reason.NO_INTERVAL}
    with pytest.raises(InputError, match="it has accumulation"):
        found.number("area")


def test_an_interval_without_a_sample_or_down_to_zero_is_told() -> None:
    times = np.array([2.0, 4.0, 6.0, 8.0, 10.0])
    curve = np.array([[5.0, 4.0, 0.0, 1.0, 0.5]])

    late, zero = (
        noncompartmental(times, curve, replace(SUBCUTANEOUS, interval=each), below=BelowLimit.ZERO)
        for each in (1.0, 9.0)
    )

    assert late.why("trough") == (Reason.NOTHING_WITHIN,)
    assert zero.why("swing_percent") == (Reason.ZERO_TROUGH,)


def test_values_below_the_limit_follow_the_rule() -> None:
    times = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    curve = np.array([[0.1, 4.0, 0.1, 2.0, 1.0, 0.1]])

    zero, out, ends = (
        noncompartmental(times, curve, SUBCUTANEOUS, rule=AreaRule.LINEAR, limit=0.5, below=below)
        for below in (BelowLimit.ZERO, BelowLimit.LEFT_OUT, BelowLimit.ZERO_AT_THE_ENDS)
    )

    # trapezoids from 0 at the dose: through (1, 0) or not, through (3, 0) or not, never past (5, 1)
    assert zero.area_to_last == 0.0 + 2.0 + 2.0 + 1.0 + 1.5
    assert out.area_to_last == 4.0 + 6.0 + 1.5
    assert ends.area_to_last == 0.0 + 2.0 + 6.0 + 1.5
    assert zero.last_time == out.last_time == ends.last_time == 5.0


def test_missing_values_are_left_out_and_negative_ones_need_a_limit() -> None:
    whole = noncompartmental(SPARSE[[0, 2, 3, 4, 5]], bolus(SPARSE)[:, [0, 2, 3, 4, 5]], BOLUS)
    holed = bolus(SPARSE)
    holed[0, 1] = np.nan

    found = noncompartmental(SPARSE, holed, BOLUS)
    noisy = noncompartmental(SPARSE, np.where(np.isnan(holed), -1e-9, holed), BOLUS, limit=1e-6)

    for name in NEEDS:
        np.testing.assert_array_equal(found.number(name), whole.number(name))
        np.testing.assert_array_equal(noisy.number(name), whole.number(name))


def test_a_sample_taken_before_a_bolus_is_not_its_start() -> None:
    times = np.concatenate(([0.0], SPARSE))
    curve = np.concatenate((np.zeros((1, 1)), bolus(SPARSE)), axis=1)

    found = noncompartmental(times, curve, BOLUS, below=BelowLimit.ZERO)

    assert found.initial == pytest.approx(DOSE / VOLUME, rel=ROUNDING)


@pytest.mark.parametrize("second", [0.0, 6.0])
def test_a_bolus_that_does_not_fall_starts_at_its_first_sample(second: float) -> None:
    found = noncompartmental(np.array([1.0, 2.0]), np.array([[5.0, second]]), BOLUS, below=BelowLimit.ZERO)

    assert found.initial == 5.0


def test_each_profile_may_have_its_own_dose_and_times() -> None:
    times = np.stack((SPARSE, 2.0 * SPARSE))
    curves = np.concatenate((bolus(SPARSE), 3.0 * bolus(2.0 * SPARSE)))

    found = noncompartmental(times, curves, replace(BOLUS, amount=np.array([DOSE, 3.0 * DOSE])))

    assert found.observed.clearance == pytest.approx(np.full(2, VOLUME * RATE), rel=ROUNDING)


ONE = np.ones((1, 6))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: noncompartmental(SPARSE, np.ones(6), BOLUS), "one row a profile"),
        (lambda: noncompartmental(SPARSE[:5], ONE, BOLUS), r"times of shape \(5,\)"),
        (lambda: noncompartmental(SPARSE[::-1], ONE, BOLUS), "strictly increasing"),
        (lambda: noncompartmental(SPARSE - 1.0, ONE, BOLUS), "from zero on"),
        (lambda: noncompartmental(SPARSE, -ONE, BOLUS), "concentration 0 of profile 0 is -1"),
        (lambda: noncompartmental(SPARSE, np.inf * ONE, BOLUS), "infinite"),
        (lambda: noncompartmental(SPARSE, ONE, BOLUS, limit=-1.0), "limit of quantification -1"),
        (lambda: noncompartmental(SPARSE, ONE, replace(BOLUS, amount=np.ones(2))), "for 1 profiles"),
        (lambda: noncompartmental([0.5, 1.0], ONE, BOLUS), r"times: list \[0.5, 1.0\]: give a NumPy array"),
        (lambda: noncompartmental(SPARSE, ONE, BOLUS, rule="linear"), "rule 'linear': give one of AreaRule.LINEAR, "),
        (lambda: noncompartmental(SPARSE, ONE, BOLUS, below="zero"), "below 'zero': give one of BelowLimit.ZERO, "),
        (lambda: GivenDose(route="iv bolus"), "route 'iv bolus': give one of Route.IV_BOLUS, "),
        (lambda: GivenDose(amount=0.0, route=Route.SC), "above zero"),
        (lambda: GivenDose(route=Route.SC, duration=1.0), "an infusion lasts longer"),
        (lambda: GivenDose(route=Route.CIV), "an infusion lasts longer"),
        (lambda: GivenDose(route=Route.SC, interval=0.0), "or None for a single dose"),
    ],
)
def test_what_has_no_meaning_is_refused(make: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()
