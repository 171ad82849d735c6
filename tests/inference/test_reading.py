"""What is read off a course is what its name says, against the course itself on a fine grid."""

from collections.abc import Callable

import numpy as np
import pytest

from trialeukin.core.arrays import Floats
from trialeukin.inference.case import Case
from trialeukin.inference.follow import Rows, follow
from trialeukin.inference.prediction import Effort, Part, predict, predict_typical
from trialeukin.inference.reading import parts_of, read, summary_of
from trialeukin.model.whole import model
from trialeukin.population.cohort import typical_values

FINE = np.linspace(0.0, 7.0, 7 * 24 * 2 + 1)
CLOSE = 3e-3  # a grid of half an hour finds extremes and means to a few in a thousand
BOLUS = "aldesleukin 6 MIU/m2 iv bolus day 1"
DAILY = "aldesleukin 1 MIU/m2/day sc days 1-7"
CIV = "aldesleukin 2 MIU/m2/day civ days 1-7"


def reading(case: Case) -> float:
    system = model(case.scenario.model)
    courses = follow(case.scenario, [case], system, Rows(parameters=typical_values(system)[None, :]))
    return float(read(case, courses)[0])


def course(case: Callable[..., Case], quantity: str, regimen: str) -> Floats:
    """Return a quantity on the fine grid, each instant read by itself."""
    values = []
    system = model("il2-immune")
    instants = [
        case(case=f"at_{place}", quantity=quantity, reading="value", from_day=f"{day}", to_day=f"{day}",
             unit="pmol/L" if quantity == "il2_concentration" else "cell/uL", regimen=regimen)
        for place, day in enumerate(FINE[1:])
    ]  # fmt: skip
    courses = follow(instants[0].scenario, instants, system, Rows(parameters=typical_values(system)[None, :]))
    values = [float(read(each, courses)[0]) for each in instants]
    return np.array([float(courses.at(quantity, 0.0)[0]), *values])


@pytest.fixture
def week(case: Callable[..., Case]) -> Callable[..., Case]:
    return lambda **changed: case(**({"from_day": "1", "to_day": "7", "spread": "", "value": "1"} | changed))


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("value", lambda inside, _: np.trapezoid(inside, dx=FINE[1]) / 6.0),
        ("highest", lambda inside, _: inside.max()),
        ("lowest", lambda inside, _: inside.min()),
    ],
)
def test_levels_are_those_of_the_course(
    case: Callable[..., Case], week: Callable[..., Case], name: str, of: Callable[..., float]
) -> None:
    found = reading(week(reading=name, unit="cell/uL", regimen=DAILY))

    grid = course(case, "nk_count", DAILY)
    assert found == pytest.approx(of(grid[FINE >= 1.0], grid[0]), rel=CLOSE)


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("change", lambda inside, start: np.trapezoid(inside, dx=FINE[1]) / 6.0 / start),
        ("highest change", lambda inside, start: inside.max() / start),
        ("highest gain", lambda inside, start: inside.max() / start - 1.0),
        ("lowest change", lambda inside, start: inside.min() / start),
    ],
)
def test_changes_are_over_the_value_at_time_zero(
    case: Callable[..., Case], week: Callable[..., Case], name: str, of: Callable[..., float]
) -> None:
    found = reading(week(reading=name, regimen=DAILY))

    grid = course(case, "nk_count", DAILY)
    assert found == pytest.approx(of(grid[FINE >= 1.0], grid[0]), rel=CLOSE)


def test_an_infusion_s_clearance_is_its_rate_over_its_level_at_steady_state(week: Callable[..., Case]) -> None:
    late = {"quantity": "il2_concentration", "regimen": CIV, "from_day": "6", "to_day": "7"}
    level = reading(week(**late, reading="value", unit="pmol/L"))
    cleared = reading(week(**late, reading="clearance", unit="L/day"))
    area = reading(week(**late, reading="area", unit="pmol/L*day"))
    dose = reading(week(**late, reading="clearance", unit="mL/minute")) * 1.44 * level

    assert area == pytest.approx(level, rel=1e-9)  # over one day
    assert cleared * level == pytest.approx(dose, rel=1e-9)  # 1 mL/min is 1.44 L/day
    given = 2.0 * 1.8 / 16.4 * 1e9 / 15_300.0  # MIU/m2/d, m2, MIU/mg, g/mol: pmol a day
    assert cleared * level == pytest.approx(given, rel=0.01)


def test_half_life_and_time_of_peak_come_in_their_own_units(
    week: Callable[..., Case], case: Callable[..., Case]
) -> None:
    bolus = {"quantity": "il2_concentration", "regimen": BOLUS, "from_day": "0.1042", "to_day": "0.1667"}
    minutes = reading(week(**bolus, reading="half-life", unit="minute"))
    ends = [
        reading(case(**(bolus | {"from_day": day, "to_day": day}), reading="value", unit="pmol/L"))
        for day in ("0.1042", "0.1667")
    ]
    peak = {"quantity": "il2_concentration", "regimen": DAILY, "from_day": "0", "to_day": "0.9"}

    assert minutes == pytest.approx(0.0625 * 1440.0 * np.log(2.0) / np.log(ends[0] / ends[1]), rel=1e-6)
    assert 24.0 * reading(week(**peak, reading="time of highest", unit="day")) == pytest.approx(
        reading(week(**peak, reading="time of highest", unit="hour"))
    )


def test_a_ratio_of_quantities_is_the_ratio_of_their_readings(case: Callable[..., Case]) -> None:
    both = [
        reading(case(quantity=name, reading="value", unit="cell/uL", spread="")) for name in ("treg_count", "cd4_count")
    ]

    assert parts_of("treg_count / cd4_count") == ("treg_count", "cd4_count")
    assert reading(case(quantity="treg_count / cd4_count", reading="value")) == pytest.approx(both[0] / both[1])


def test_without_drug_nothing_changes(case: Callable[..., Case]) -> None:
    assert reading(case(regimen="")) == pytest.approx(1.0, abs=1e-9)


def test_a_factor_on_a_parameter_is_that_of_the_parameter(case: Callable[..., Case]) -> None:
    plain = case(quantity="il2_concentration", reading="value", unit="pmol/L")
    halved = case(
        quantity="il2_concentration", reading="value", unit="pmol/L",
        patients="typical with il2_linear_clearance x 0.5",
    )  # fmt: skip
    clearance = model("il2-immune").parameters["il2_linear_clearance"].value

    assert reading(halved) == pytest.approx(
        predict_typical([plain], [{"il2_linear_clearance": 0.5 * clearance}])[0, 0], rel=1e-9
    )


def test_a_share_counts_patients_beyond_the_threshold(share: Callable[..., Case]) -> None:
    everyone, nobody = (share(case=name, threshold=goal) for name, goal in (("all", "0.001"), ("none", "1e9")))
    below = share(case="below", reading="fraction below", threshold="1e9")

    found = predict([everyone, nobody, below], Effort(draws=2, patients=20, patients_a_draw=4))

    assert [each.value for each in found] == [100.0, 0.0, 100.0]
    assert found[1].low == found[1].high == 0.0  # a share of none has no sampling error


def test_of_two_cohorts_each_gives_half_of_the_patients(share: Callable[..., Case]) -> None:
    dose = {"model": "donor-lymphocytes", "regimen": "donor lymphocytes 1e7 CD3/kg iv day 0", "from_day": "0"}
    asked = {"quantity": "haematological_remission", "reading": "fraction", "threshold": "", "to_day": "1"}
    early, late = "cml-early-relapse", "cml-haematological-relapse"
    alone = [share(**dose, **asked, case=name, patients=name) for name in (early, late)]
    both = share(**dose, **asked, case="both", patients=f"{early} + {late}")

    shares = [each.value for each in predict([*alone, both], Effort(draws=1, patients=20, patients_a_draw=2))]

    assert shares == [100.0, 0.0, 50.0]  # who starts below the limit of a relapse counts as in remission


def test_courses_of_a_cohort_come_to_the_mean_of_shares_and_the_median_of_all_else(
    case: Callable[..., Case], share: Callable[..., Case]
) -> None:
    assert summary_of(share(), np.array([100.0, 0.0, 0.0, 0.0])) == 25.0
    assert summary_of(case(), np.array([1.0, 2.0, 9.0])) == 2.0


def test_a_patient_counts_as_often_as_weights_say_and_not_at_all_if_the_course_failed(
    case: Callable[..., Case], share: Callable[..., Case]
) -> None:
    weights = np.array([3.0, 1.0, 2.0])

    assert summary_of(share(), np.array([100.0, 0.0, np.nan]), weights) == 75.0
    assert summary_of(case(), np.array([1.0, 2.0, 9.0]), weights) == 1.0  # half of six are at one or below
    assert summary_of(case(), np.array([np.nan, 2.0, 9.0]), weights) == 9.0


def test_a_median_time_is_that_of_those_who_have_the_event_by_the_end(share: Callable[..., Case]) -> None:
    time = share(
        model="aml-maintenance", quantity="relapse", reading="median time", threshold="", to_day="84", unit="week"
    )

    assert summary_of(time, np.array([2.0, 4.0, 9.0, 13.0, np.inf])) == 4.0  # week 13 is after day 84
    assert np.isnan(summary_of(time, np.array([np.inf, 20.0])))


def test_events_of_a_cohort_are_shares_by_a_day_and_times_for_half(share: Callable[..., Case]) -> None:
    death = {"model": "aml-maintenance", "regimen": "", "threshold": "", "from_day": "0"}
    late = share(**death, case="late", quantity="relapse_crossing", reading="fraction", to_day="3000")
    early = share(**death, case="early", quantity="relapse_crossing", reading="fraction", to_day="300")
    median = share(**death, case="half", quantity="relapse_crossing", reading="median time", to_day="3000", unit="day")

    shares = predict([late, early, median], Effort(draws=2, patients=60, patients_a_draw=2))

    assert 0.0 < shares[1].value < shares[0].value < 100.0
    assert (shares[2].value < 300.0) == (2.0 * shares[1].value > shares[0].value)  # half of those who relapse


def test_an_interval_says_what_it_is_made_of_and_grows_with_it(case: Callable[..., Case]) -> None:
    alone, with_error = predict([case(case="alone", spread=""), case(case="error")], Effort(draws=20))

    assert (alone.part, with_error.part) == (Part.PARAMETERS, Part.OBSERVATION)
    assert with_error.low < alone.low < alone.value < alone.high < with_error.high
    assert alone.value == with_error.value


def test_the_same_seed_gives_the_same_prediction_whoever_else_is_asked(case: Callable[..., Case]) -> None:
    other = case(case="other", quantity="treg_count")

    alone = predict([case()], Effort(draws=5))[0]
    beside = predict([other, case()], Effort(draws=5))[1]

    assert (alone.value, alone.low, alone.high) == pytest.approx((beside.value, beside.low, beside.high), rel=1e-4)


def test_a_model_keeps_a_parameter_that_it_holds_as_known(case: Callable[..., Case]) -> None:
    known = model("il2-immune").parameters["marrow_gain"]
    assert known.uncertainty == 0.0

    rows = predict_typical([case()], [{}, {"marrow_gain": 0.1}])

    assert rows[0, 0] == rows[1, 0]
