"""Hazards in pieces, accrual and expected events: closed forms, gsDesign2, East, quadrature, simulation, laws."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.enrolment import Enrolment, even
from trialeukin.survival.design.expected_events import ArmPlan, date_of_events, expected_events, total_events
from trialeukin.survival.design.hazard import PiecewiseHazard, constant, mixture_cure, of_median, through

ROUNDING = 1e-12
REFERENCE = 1e-6  # the stated relative tolerance of the reference


def test_a_median_is_where_half_have_had_the_event() -> None:
    assert of_median(9.0).survival(np.array([9.0]))[0] == pytest.approx(0.5, rel=ROUNDING)


def test_the_restricted_mean_of_a_constant_hazard_is_its_integral() -> None:
    assert constant(0.1).restricted_mean(20.0) == pytest.approx((1.0 - np.exp(-2.0)) / 0.1, rel=ROUNDING)
    assert constant(0.0).restricted_mean(20.0) == 20.0


def test_a_cure_meets_its_curve_where_pieces_join_and_nearly_between() -> None:
    hazard = mixture_cure(0.4, 10.0)

    def curve(t):
        return 0.4 + 0.6 * 2.0 ** (-t / 10.0)

    joints, between = hazard.starts, np.linspace(0.0, 120.0, 4001)
    assert hazard.survival(joints) == pytest.approx(curve(joints), rel=1e-11)
    assert hazard.survival(between) == pytest.approx(curve(between), abs=2e-4)
    assert hazard.survival(np.array([1e4]))[0] == pytest.approx(0.4, abs=2e-4)


def test_a_hazard_through_points_passes_them() -> None:
    hazard = through(np.array([36.0, 60.0]), np.array([0.45, 0.42]))

    assert hazard.survival(np.array([36.0, 60.0])) == pytest.approx([0.45, 0.42], rel=ROUNDING)
    assert hazard.at(np.array([100.0]))[0] == pytest.approx(np.log(0.45 / 0.42) / 24.0, rel=ROUNDING)


def _rates(text: str) -> list[float]:
    return [np.log(2.0) / float(found) for found in re.findall(r"log\(2\)/(\d+)", text)] or [
        float(found) for found in re.findall(r"0?\.\d+", text)
    ]


def test_reference_12_expected_events_equal_gsdesign2(reference, enrolment) -> None:
    starts = {1: [0.0], 2: [0.0, 3.0], 3: [0.0, 1.0, 2.0]}
    dates = [25.0, 22.0, 22.0, 12.0]

    for said, date in zip(reference("piecewise_published")["expected_event"], dates, strict=True):
        accrual = ";".join(re.findall(r"[\d.]+@[\d.]+", said["enrol"]))
        rates = _rates(said["fail"])
        hazard = PiecewiseHazard(starts=np.array(starts[len(rates)]), rates=np.array(rates))
        arm = ArmPlan(share=0.5, hazard=hazard, drop_out=constant(said["dropout"]))
        found = 2.0 * expected_events(arm, enrolment(accrual), date, edges=hazard.starts)
        assert found == pytest.approx(np.atleast_1d(said["events"]), rel=REFERENCE)
        if "total" in said:
            assert found.sum() == pytest.approx(said["total"], rel=REFERENCE)


def test_events_equal_the_double_integral(enrolment) -> None:
    accrual = enrolment("2@3;2@6;10@9")
    hazard = PiecewiseHazard(starts=np.array([0.0, 3.0, 8.0]), rates=np.array([0.08, 0.0, 0.03]))
    arm = ArmPlan(share=0.3, hazard=hazard, drop_out=constant(0.01))

    def seen(entry: float) -> float:
        inner = [
            quad(
                lambda t: hazard.at(np.array([t]))[0] * hazard.survival(np.array([t]))[0] * np.exp(-0.01 * t), low, high
            )[0]
            for low, high in ((0.0, 3.0), (8.0, 20.0 - entry))
            if high > low
        ]
        return float(accrual.rates[np.searchsorted(accrual.edges, entry, side="right") - 1]) * sum(inner)

    whole = sum(quad(seen, low, high)[0] for low, high in ((0.0, 2.0), (2.0, 4.0), (4.0, 12.0), (12.0, 14.0)))
    assert total_events((arm,), accrual, 20.0)[0] == pytest.approx(0.3 * whole, rel=1e-7)  # what quad promises


def test_simulated_patients_have_as_many_events() -> None:
    rng, n = np.random.default_rng(5), 200_000
    hazard = mixture_cure(0.3, 8.0)
    arm = ArmPlan(share=0.5, hazard=hazard, drop_out=constant(0.02))
    entry = rng.uniform(0.0, 24.0, n)
    times = np.where(rng.random(n) < 0.3, np.inf, rng.exponential(8.0 / np.log(2.0), n))
    seen = times < np.minimum(36.0 - entry, rng.exponential(50.0, n))

    expected = float(total_events((arm,), even(2.0, 24.0), 36.0)[0])

    assert seen.mean() == pytest.approx(expected, abs=4.0 * np.sqrt(expected * (1 - expected) / n))


def test_reference_11_calendar_times_and_events_of_sas_seqdesign(reference, two_arms) -> None:
    said = reference("sas_seqdesign")
    control, treated = two_arms([0.0], [said["common"]["null_hazard"]], [0.5])
    assert treated.hazard.rates[0] == pytest.approx(said["common"]["hazard_A"])
    stages = said["designs"][2]
    accrual = even(stages["N"], stages["accrual_time"])

    for time, events, of_treated, of_control, entered in zip(
        stages["stage_time"], stages["stage_D"], stages["stage_D_grp1"], stages["stage_D_grp2"], stages["stage_N"],
        strict=True,
    ):  # fmt: skip
        date = date_of_events((control, treated), accrual, events)
        found = total_events((control, treated), accrual, time)
        # times have four decimals, events two: half of the last digit, through about 6 events a month
        assert date == pytest.approx(time, abs=2e-3)
        assert found == pytest.approx([of_control, of_treated], abs=6e-3)
        assert accrual.entered(np.array([date]))[0] == pytest.approx(entered, abs=3e-2)


def test_reference_11_events_of_east(reference, two_arms) -> None:
    said = reference("sample_size_published")["East65"][0]

    found = total_events(two_arms([0.0], [np.log(2.0) / 10.0], [0.5]), even(48.0, 12.0), 42.0)

    assert found.sum() == pytest.approx(said["events"], abs=said["tol"])


dates = st.floats(0.5, 80.0)


@given(dates, st.floats(0.1, 30.0), st.floats(0.0, 0.2), st.floats(0.0, 0.2))
def test_events_come_later_only_and_never_exceed_patients(date, later, rate, loss) -> None:
    arm = ArmPlan(share=0.5, hazard=constant(rate), drop_out=constant(loss))
    accrual = even(100.0, 24.0)

    now, then = (total_events((arm,), accrual, each)[0] for each in (date, date + later))

    assert 0.0 <= now <= then * (1.0 + 1e-12) + 1e-12
    assert then <= 50.0


@given(st.floats(1.0, 60.0), dates)
def test_cutting_a_hazard_where_nothing_changes_changes_nothing(cut, date) -> None:
    whole = ArmPlan(share=0.5, hazard=constant(0.05), drop_out=constant(0.01))
    pieces = PiecewiseHazard(starts=np.array([0.0, cut]), rates=np.array([0.05, 0.05]))
    parts = ArmPlan(share=0.5, hazard=pieces, drop_out=constant(0.01))

    found = expected_events(parts, even(80.0, 20.0), date, edges=pieces.starts)

    assert found.sum() == pytest.approx(total_events((whole,), even(80.0, 20.0), date)[0], rel=1e-10)


@given(st.floats(1.0, 60.0))
def test_the_date_of_events_is_when_they_are_expected(events) -> None:
    arms = tuple(ArmPlan(share=0.5, hazard=constant(rate), drop_out=constant(0.005)) for rate in (0.05, 0.03))

    date = date_of_events(arms, even(120.0, 30.0), events)

    assert total_events(arms, even(120.0, 30.0), date).sum() == pytest.approx(events, rel=1e-8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: constant(-0.1), "hazards -0.1: give zero or more a month"),
        (lambda: of_median(0.0), "median 0.0 months: give a time above zero"),
        (lambda: mixture_cure(1.0, 5.0), "cured fraction 1.0: give 0 or more and below 1"),
        (lambda: PiecewiseHazard(starts=np.array([1.0]), rates=np.array([0.1])), "begin at 0 and let them increase"),
        (lambda: through(np.array([12.0]), np.array([1.2])), "let months increase and survival fall"),
        (lambda: even(0.0, 12.0), "accrual of 0 patients a month: give zero or more, some above zero"),
        (lambda: even(100.0, -1.0), "accrual of -1.0 months: give a time above zero"),
        (lambda: Enrolment(durations=np.array([0.0]), rates=np.array([1.0])), "lasting 0 months"),
        (lambda: ArmPlan(share=1.0, hazard=constant(0.1), drop_out=constant(0.0)), "give each arm some"),
        (lambda: constant(0.1).restricted_mean(0.0), "horizon 0.0 months"),
    ],
)
def test_what_cannot_be_is_refused(make, message) -> None:
    with pytest.raises(AnalysisError, match=message):
        make()


def test_more_events_than_patients_are_refused_with_what_is_possible() -> None:
    arm = ArmPlan(share=0.5, hazard=mixture_cure(0.4, 6.0), drop_out=constant(0.0))

    with pytest.raises(AnalysisError, match=r"130 events of 200 patients: at most 119\.\d+ ever come"):
        date_of_events((arm, arm), even(200.0, 12.0), 130.0)
    with pytest.raises(AnalysisError, match=r"date -1\.0: give months since the first entry"):
        total_events((arm,), even(200.0, 12.0), -1.0)
