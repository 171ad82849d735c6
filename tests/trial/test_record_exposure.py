"""Exposure after doses of records, against closed forms of one compartment."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.engine.records import TimeUnit
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.trial.followed_records import CLOSE, follow_records
from trialeukin.trial.read_records import read_data_set
from trialeukin.trial.record_doses import recorded_doses
from trialeukin.trial.record_exposure import DoseExposure, exposures_of, units_of_exposure
from trialeukin.trial.record_looks import Grid
from trialeukin.trial.record_quantities import asked_quantities

STEPS = 100.0 * CLOSE.relative  # errors of single steps add up; the logarithmic rule is exact for exponentials
NEXT_TO_NOTHING = 1e-12
VOLUME, RATE = 2.0, 0.5  # L, 1/h
BOLUS, SKIN = ("aldesleukin iv bolus",), ("aldesleukin sc",)


def one_compartment() -> System:
    """Return IL-2's kinetics without receptors and tissue, with the volume and rate above."""
    system = model("il2-pharmacokinetics")
    values = {
        "receptor_access": NEXT_TO_NOTHING,
        "il2_distribution_rate": NEXT_TO_NOTHING,
        "body_surface_area": 1.0,
        "il2_central_volume": VOLUME,
        "il2_linear_clearance": VOLUME * RATE * 1000.0 / 60.0,
    }
    changed = {name: system.parameters[name].with_value(value) for name, value in values.items()}
    return replace(system, parameters={**system.parameters, **changed})


def exposures(
    text: str,
    doses: Sequence[str] = BOLUS,
    *,
    quantities: Sequence[str] = (),
    every: float | None = 0.5,
    until: float | None = None,
) -> tuple[DoseExposure, ...]:
    system = one_compartment()
    read = read_data_set(text, system, unit=TimeUnit.HOUR, name="records.csv")
    named = recorded_doses(system, read.records, doses)
    asked = asked_quantities(system, named, quantities)
    grid = None if every is None else Grid(every=every, until=until)
    return exposures_of(follow_records(system, read.records, named, asked, grid=grid))


def test_a_single_bolus_has_the_numbers_of_its_exponential() -> None:
    (found,) = exposures("ID,TIME,AMT\n1,0,10\n1,12,.\n")

    expected = {
        "Cmax": 10.0 / VOLUME,
        "Tmax": 0.0,
        "Clast": 10.0 / VOLUME * math.exp(-12.0 * RATE),
        "Tlast": 12.0,
        "AUClast": 10.0 / VOLUME / RATE * -math.expm1(-12.0 * RATE),
        "AUCinf": 10.0 / VOLUME / RATE,
        "AUCextrapolated": 100.0 * math.exp(-12.0 * RATE),
        "half_life": math.log(2.0) / RATE,
        "CL": VOLUME * RATE,
    }
    assert {name: found.numbers[name] for name in expected} == pytest.approx(expected, rel=STEPS)
    assert found.lacking == dict.fromkeys(
        ("AUCtau", "Ctrough", "Cavg"), "no dose follows, and it is not at steady state"
    )


def test_a_dose_that_another_follows_has_an_interval_and_a_trough() -> None:
    first, second = exposures("ID,TIME,AMT,II,ADDL\n1,3,10,6,1\n1,20,.,.,.\n")

    fall = math.exp(-6.0 * RATE)
    for each, start in ((first, 10.0 / VOLUME), (second, 10.0 / VOLUME * (1.0 + fall))):
        assert each.numbers["Cmax"] == pytest.approx(start, rel=STEPS)
    assert (first.occasion.time, second.occasion.time, second.occasion.number) == (3.0, 9.0, 2)
    assert first.numbers["Tlast"] == 6.0
    assert first.numbers["Ctrough"] == pytest.approx(10.0 / VOLUME * fall, rel=STEPS)
    assert first.numbers["AUCtau"] == pytest.approx(10.0 / VOLUME / RATE * (1.0 - fall), rel=STEPS)
    assert first.numbers["Cavg"] == pytest.approx(first.numbers["AUCtau"] / 6.0)
    assert first.numbers["CL"] == pytest.approx(VOLUME * RATE, rel=STEPS)
    assert second.numbers["half_life"] == pytest.approx(math.log(2.0) / RATE, rel=STEPS)
    for name in ("CL", "AUCinf", "AUCextrapolated"):
        assert math.isnan(second.numbers[name])
        assert second.lacking[name] == "an earlier dose may be there still"


@pytest.mark.parametrize("rows", ["1,0,1,10,6,.,1\n", "1,0,1,10,6,3,1\n", "1,0,4,10,6,.,1\n"])
def test_clearance_at_steady_state_is_dose_over_the_area_of_the_interval(rows: str) -> None:
    found = exposures(f"ID,TIME,EVID,AMT,II,ADDL,SS\n{rows}1,6,0,.,.,.,.\n")[0]

    assert found.numbers["AUCtau"] == pytest.approx(10.0 / VOLUME / RATE, rel=STEPS)
    assert found.numbers["CL"] == pytest.approx(VOLUME * RATE, rel=STEPS)
    assert found.numbers["Ctrough"] == pytest.approx(10.0 / VOLUME / math.expm1(6.0 * RATE), rel=STEPS)
    assert found.lacking["AUCinf"] == "an earlier dose may be there still"


def test_a_patient_who_starts_anew_has_a_single_dose_again() -> None:
    first, second = exposures("ID,TIME,EVID,AMT\n1,0,1,10\n1,6,4,10\n1,12,0,.\n")

    assert second.numbers["AUCinf"] == pytest.approx(first.numbers["AUCinf"], rel=STEPS)
    assert "CL" not in second.lacking
    assert "AUCtau" in first.lacking  # the patient's clock is set anew before any dose follows


def test_under_the_skin_clearance_is_over_bioavailability_and_in_litres_whatever_the_units() -> None:
    text = "ID,TIME,AMT\n1,0,18\n1,48,.\n"
    share = one_compartment().parameters["il2_bioavailability_sc"].value

    own, activity = (
        exposures(text, ["aldesleukin MIU sc"], every=0.05, quantities=[each])[0]
        for each in ("il2_concentration", "il2_concentration=IU/mL")
    )

    assert own.numbers["CL"] == pytest.approx(VOLUME * RATE / share, rel=1e-3)  # the linear rule while it rises
    assert activity.numbers["CL"] == pytest.approx(own.numbers["CL"], rel=1e-9)
    assert activity.numbers["AUCinf"] == pytest.approx(18e6 / 1000.0 / activity.numbers["CL"], rel=1e-9)


def test_an_infusion_has_its_peak_at_its_end() -> None:
    (found,) = exposures("ID,TIME,AMT,RATE\n1,0,10,5\n1,14,.,.\n", every=0.01)

    assert found.numbers["Tmax"] == 2.0
    assert found.numbers["Cmax"] == pytest.approx(5.0 / VOLUME / RATE * -math.expm1(-2.0 * RATE), rel=STEPS)
    assert found.numbers["CL"] == pytest.approx(VOLUME * RATE, rel=1e-4)  # the linear rule while it rises


def test_two_doses_at_one_time_are_one_and_have_a_clearance_if_they_are_alike() -> None:
    (alike,) = exposures("ID,TIME,AMT\n1,0,4\n1,0,6\n1,12,.\n")
    (mixed,) = exposures("ID,TIME,AMT,RATE\n1,0,4,.\n1,0,6,3\n1,12,.,.\n")

    assert alike.numbers["CL"] == pytest.approx(VOLUME * RATE, rel=STEPS)
    assert mixed.lacking["CL"] == "doses of several kinds at one time"


def test_what_was_measured_is_told_beside_what_is_predicted() -> None:
    rows = "".join(f"1,{hour},.,{3.0 * math.exp(-0.25 * hour)}\n" for hour in (1, 2, 4, 8))

    predicted, measured = exposures(f"ID,TIME,AMT,DV\n1,0,10,.\n{rows}")

    assert (predicted.measured, measured.measured, measured.points) == (False, True, 4)
    assert measured.numbers["half_life"] == pytest.approx(math.log(2.0) / 0.25)
    assert measured.numbers["CL"] == pytest.approx(10.0 * 0.25 / 3.0)  # back-extrapolated to the bolus
    assert measured.numbers["Tmax"] == 1.0


def test_what_was_measured_just_before_a_later_dose_is_where_its_area_starts() -> None:
    text = "ID,TIME,EVID,AMT,DV\n1,0,1,10,.\n{before}1,24,1,10,.\n1,25,0,.,5\n1,26,0,.,4\n1,28,0,.,2\n"

    known, unknown = (exposures(text.format(before=each), SKIN, every=None) for each in ("1,24,0,.,3\n", ""))

    (with_start,), (without,) = ([each for each in found if each.measured] for found in (known, unknown))
    falls = [(a - b) / math.log(a / b) * hours for a, b, hours in ((5.0, 4.0, 1.0), (4.0, 2.0, 2.0))]
    assert with_start.numbers["AUClast"] == pytest.approx(4.0 + sum(falls))
    assert with_start.points == 4
    assert math.isnan(without.numbers["AUClast"])
    assert without.lacking["AUClast"].startswith("DV is not there at the time of the dose")


def test_what_is_no_concentration_has_neither_half_life_nor_clearance() -> None:
    (found,) = exposures("ID,TIME,AMT\n1,0,10\n1,4,.\n", quantities=["il2_receptor_clearance"])

    for name in ("half_life", "AUCinf", "CL"):
        assert found.lacking[name] == "it is no concentration of the drug given"


def test_areas_are_those_that_the_model_integrates_where_clearance_saturates() -> None:
    system = model("il2-pharmacokinetics")
    text = "ID,TIME,AMT,II,ADDL\n1,0,18,24,2\n1,24,.,.,.\n1,48,.,.,.\n1,72,.,.,.\n"
    read = read_data_set(text, system, unit=TimeUnit.HOUR, name="records.csv")
    named = recorded_doses(system, read.records, ["aldesleukin MIU sc"])
    asked = asked_quantities(system, named, ["il2_concentration", "il2_auc"])

    found = follow_records(system, read.records, named, asked, grid=Grid(every=0.05))

    told = [each.numbers["AUClast"] for each in exposures_of(found)]
    at = [found.answers[np.flatnonzero(found.shown & (found.times == day * 24.0))[0], 1] * 24.0 for day in range(4)]
    assert told == pytest.approx(np.diff(at), rel=1e-4)  # the linear rule while it rises, in steps of 3 minutes


def test_fewer_than_three_looks_are_no_profile() -> None:
    assert exposures("ID,TIME,AMT\n1,0,10\n1,1,.\n1,2,.\n", every=None) == ()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("1,1,.,2\n1,2,.,-0.5\n1,3,.,1\n", "DV -0.5 of ID 1 at TIME 2: a summary is of concentrations, not of log"),
        ("1,1,.,2\n1,2,.,1\n1,2,.,3\n", "DV 3 of ID 1 at TIME 2: it is the second one there: keep one"),
    ],
)
def test_what_was_measured_but_is_no_profile_is_refused(rows: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        exposures(f"ID,TIME,AMT,DV\n1,0,10,.\n{rows}")


def test_every_number_has_a_unit() -> None:
    system = one_compartment()
    read = read_data_set("ID,TIME,AMT\n1,0,10\n1,1,.\n", system, unit=TimeUnit.DAY, name="records.csv")
    named = recorded_doses(system, read.records, SKIN)

    units = units_of_exposure(
        follow_records(system, read.records, named, asked_quantities(system, named, ["il2_concentration=ng/mL"]))
    )

    assert set(units.values()) == {"ng/mL", "day", "ng/mL*day", "%", "L/day"}
    assert (units["CL"], units["AUCtau"], units["Ctrough"]) == ("L/day", "ng/mL*day", "ng/mL")
