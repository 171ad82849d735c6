"""Models followed through records: closed forms, units, looks and what became of doses and patients."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.engine.recorded_doses import scheduled
from trialeukin.engine.records import TimeUnit
from trialeukin.engine.records_text import parse_records
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Status
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.regimen.products import ALDESLEUKIN, to_pmol
from trialeukin.trial import followed_records
from trialeukin.trial.followed_records import CLOSE, FollowedRecords, follow_records
from trialeukin.trial.read_records import read_data_set
from trialeukin.trial.record_doses import recorded_doses
from trialeukin.trial.record_looks import Grid
from trialeukin.trial.record_quantities import asked_quantities

STEPS = 100.0 * CLOSE.relative  # errors of single steps add up along a trajectory
NEXT_TO_NOTHING = 1e-12


def linear() -> System:
    """Return IL-2's kinetics as one compartment, without receptors and tissue."""
    system = model("il2-pharmacokinetics")
    off = {
        name: system.parameters[name].with_value(NEXT_TO_NOTHING)
        for name in ("receptor_access", "il2_distribution_rate")
    }
    return replace(system, parameters={**system.parameters, **off})


def volume_and_rate(system: System) -> tuple[float, float]:
    """Return the central volume, L, and the rate of elimination, 1/h."""
    value = {name: each.value for name, each in system.parameters.items()}
    volume = value["il2_central_volume"] * value["body_surface_area"]
    return volume, value["il2_linear_clearance"] * value["body_surface_area"] * 60.0 / 1000.0 / volume


def followed(
    text: str,
    doses: Sequence[str] = ("aldesleukin MIU sc",),
    *,
    system: System | None = None,
    quantities: Sequence[str] = (),
    unit: TimeUnit = TimeUnit.HOUR,
    grid: Grid | None = None,
) -> FollowedRecords:
    whole = linear() if system is None else system
    read = read_data_set(text, whole, unit=unit, name="records.csv")
    named = recorded_doses(whole, read.records, doses)
    asked = asked_quantities(whole, named, quantities)
    return follow_records(whole, read.records, named, asked, individual=read.individual, grid=grid)


def rows(found: FollowedRecords) -> Floats:
    """Return the first quantity of the rows that are shown."""
    return found.answers[found.shown, 0]


def test_a_bolus_falls_by_the_closed_form_from_its_dose_in_miu() -> None:
    volume, rate = volume_and_rate(linear())
    hours = np.array([0.0, 0.5, 1.0, 3.0])
    text = "ID,TIME,AMT\n1,0,18\n" + "".join(f"1,{hour},.\n" for hour in hours)

    found = followed(text, ["aldesleukin MIU iv bolus"])

    expected = to_pmol(18.0, "MIU", ALDESLEUKIN) / volume * np.exp(-rate * hours)
    assert rows(found) == pytest.approx(expected, rel=STEPS)


def test_rate_is_in_the_unit_of_the_amount() -> None:
    volume, rate = volume_and_rate(linear())

    found = followed("ID,TIME,AMT,RATE\n1,0,18,6\n1,2,.,.\n1,5,.,.\n", ["1=aldesleukin MIU iv"])

    running = to_pmol(6.0, "MIU", ALDESLEUKIN) / volume / rate * (1.0 - np.exp(-rate * np.array([2.0, 3.0])))
    assert rows(found) == pytest.approx(running * np.exp(-rate * np.array([0.0, 2.0])), rel=STEPS)


def test_a_column_of_a_parameters_name_is_each_patients_own() -> None:
    text = "ID,TIME,AMT,BODY_SURFACE_AREA\n7,0,1000,1.5\n7,0,.,1.5\n3,0,1000,2\n3,0,.,2\n"

    found = followed(text, ["aldesleukin iv"])

    volume = linear().parameters["il2_central_volume"].value
    assert rows(found) == pytest.approx(1000.0 / (volume * np.array([1.5, 2.0])), rel=STEPS)
    assert found.patients[found.shown].tolist() == [7, 3]


def test_rows_are_what_the_engine_answers_records_with() -> None:
    system = model("il2-pharmacokinetics")
    text = "ID,TIME,EVID,AMT,II,ADDL,SS,CMT\n1,0,1,4000,24,3,1,4\n1,4,0,.,.,.,.,.\n1,24,0,.,.,.,.,.\n1,80,2,.,.,.,.,.\n"
    records = parse_records(text, unit=TimeUnit.HOUR)
    typical = np.array([[each.value for each in system.parameters.values()]])

    found = followed(text, ["aldesleukin sc"], system=system, quantities=["il2_depot", "il2_concentration"])

    asked = scheduled(system, records, typical, compartments={4: found.doses[0].entry}, tolerance=CLOSE)
    course = solve(asked.problem(("il2_depot", "il2_concentration")))
    assert found.times[found.shown].tolist() == [4.0, 24.0, 80.0]
    assert found.answers[found.shown] == pytest.approx(asked.answers(course.values), rel=STEPS)


def test_who_is_followed_together_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "ID,TIME,AMT,DV\n" + "".join(f"{each},0,{each},.\n{each},{each},.,5\n" for each in range(1, 6))
    whole = followed(text)

    monkeypatch.setattr(followed_records, "MOST_KEPT", 20)  # two patients, each of three records with all looks
    parts = followed(text)

    assert parts.answers.tobytes() == whole.answers.tobytes()
    assert parts.patients.tolist() == whole.patients.tolist()
    assert parts.observed[parts.shown].tolist() == [5.0] * 5


def test_a_grid_is_looked_at_beside_the_records_and_after_the_doses_of_its_instant() -> None:
    volume, rate = volume_and_rate(linear())
    text = "ID,TIME,AMT,II,ADDL\n1,2,18,6,1\n1,5,.,.,.\n1,8.5,.,.,.\n"

    found = followed(text, ["aldesleukin MIU iv"], grid=Grid(every=3.0, until=11.0))

    first = to_pmol(18.0, "MIU", ALDESLEUKIN) / volume
    fall = np.exp(-rate * np.array([0.0, 3.0, 6.0, 6.5, 9.0])), np.exp(-rate * np.array([0.0, 0.5, 3.0]))
    assert found.times[found.shown].tolist() == [2.0, 5.0, 8.0, 8.5, 11.0]
    assert rows(found) == pytest.approx(first * (fall[0] + np.concatenate(([0.0, 0.0], fall[1]))), rel=STEPS)


def test_a_time_of_the_grid_that_a_record_has_is_looked_at_once() -> None:
    found = followed("ID,TIME,AMT\n1,0,18\n1,0.3,.\n1,0.7,.\n", grid=Grid(every=0.1))

    assert found.times[found.shown].tolist() == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


@pytest.mark.parametrize(
    "dose", ["aldesleukin M Cetus U sc", "IL-2 mg sc", "interleukin 2 MIU sc", "Proleukin nmol sc"]
)
def test_every_unit_of_an_amount_is_the_same_dose(dose: str) -> None:
    miu = {"M Cetus U": 6.0, "mg": 18.0 / 1.1, "MIU": 1.0, "nmol": 1000.0 / to_pmol(1.0, "MIU", ALDESLEUKIN)}
    unit = next(unit for unit in miu if f" {unit} " in dose)

    (one,) = rows(followed("ID,TIME,AMT\n1,0,18\n1,4,.\n"))
    (same,) = rows(followed(f"ID,TIME,AMT\n1,0,{18.0 / miu[unit]}\n1,4,.\n", [dose]))

    assert same == pytest.approx(one, rel=STEPS)


@pytest.mark.parametrize(("unit", "per_day"), [(TimeUnit.HOUR, 24.0), (TimeUnit.DAY, 1.0)])
def test_a_quantity_in_another_unit_and_time_in_days_are_the_same_course(unit: TimeUnit, per_day: float) -> None:
    text = f"ID,TIME,AMT\n1,0,18\n1,{per_day / 6.0},.\n"

    (own,), (mass,) = (
        rows(followed(text, unit=unit, quantities=[each])) for each in ("il2_concentration", "il2_concentration=pg/mL")
    )

    assert mass == pytest.approx(own * 15.3, rel=1e-12)  # pg of a pmol, a thousand mL of a litre
    assert own == pytest.approx(rows(followed("ID,TIME,AMT\n1,0,18\n1,4,.\n"))[0], rel=STEPS)


def test_a_patient_who_cannot_be_followed_leaves_the_others() -> None:
    text = "ID,TIME,AMT,BODY_SURFACE_AREA\n1,0,18,-1.8\n1,4,.,-1.8\n2,0,18,1.8\n2,4,.,1.8\n"

    found = followed(text)

    (ending,) = found.endings
    assert (ending.patient, ending.status, ending.failed) == (1, Status.NEGATIVE_STATE, True)
    assert np.isnan(rows(found)).tolist() == [True, False]


def test_doses_that_an_event_or_a_reset_took_away_are_told() -> None:
    maintenance = model("aml-maintenance")

    years = followed("ID,TIME,AMT,II,ADDL\n1,0,18,30,200\n1,5000,.,.,.\n", system=maintenance, unit=TimeUnit.DAY)
    reset = followed("ID,TIME,EVID,AMT,II,ADDL,RATE\n1,0,1,18,24,4,.\n1,50,3,.,.,.,.\n1,60,0,.,.,.,.\n")
    infusion = followed("ID,TIME,EVID,AMT,RATE\n1,0,1,18,1\n1,6,3,.,.\n1,9,0,.,.\n", ["aldesleukin MIU iv"])

    assert {(each.reason, each.given) for each in years.lost} == {("after discontinuation", 0.0)}
    assert {event for _, event, _ in years.happened} >= {"discontinuation"}
    assert years.unwatched == ("relapse",)
    assert reset.cancelled == {1: 2}
    (cut,) = infusion.lost
    assert (cut.patient, cut.drug, cut.planned, cut.unit) == (1, "aldesleukin", 18.0, "MIU")
    assert cut.given == pytest.approx(6.0)
    assert rows(infusion)[0] == 0.0


COURSE = "ID,TIME,AMT,CMT,DV\n1,0,18,1,.\n1,4,.,2,5\n1,5,.,3,6\n"


@pytest.mark.parametrize(
    ("text", "doses", "words"),
    [
        (COURSE, ("aldesleukin MIU sc",), "DV is there at CMT 2, 3: it is set beside one quantity: give MDV 1"),
        ("ID,TIME,AMT\n1,0,18\n", ("aldesleukin MIU sc",), "no record asks for a value"),
        ("ID,TIME,AMT\n1,0,1e308\n1,1,.\n", ("aldesleukin MIU sc",), "ID 1, TIME 0, in the unit of the state: AMT inf"),
        ("ID,TIME,AMT\n1,0,18\n1,1,.\n", (), "no CMT in a dose: say which drug of il2-pharmacokinetics it is"),
        ("ID,TIME,AMT,CMT\n1,0,18,2\n1,1,.,.\n", ("1=aldesleukin sc",), "CMT 2 in a dose: named are 1: .*'2=ald"),
        ("ID,TIME,AMT,CMT\n1,0,1,1\n1,1,1,2\n1,2,.,.\n", ("aldesleukin sc",), "doses have CMT 1, 2: say what each is"),
        (COURSE, ("aldesleukin sc", "1=IL-2 iv"), "dose '1=IL-2 iv': CMT 1 is named twice"),
        (COURSE, ("0=aldesleukin sc",), "CMT 0: compartments are numbered from 1"),
        (COURSE, ("aldesleukin MIU",), "give a drug, the unit of AMT and a route"),
        (COURSE, ("aldesleukin MIU/m2 sc",), "AMT is what the patient got: multiply it out, and give MIU"),
        (COURSE, ("aldesleukin U sc",), "unit 'U' has more than one meaning"),
        (COURSE, ("aldesleukim MIU sc",), "unknown drug 'aldesleukim'.*did you mean 'aldesleukin'"),
        (COURSE, ("histamine mg sc",), "histamine sc enters nowhere in model il2-pharmacokinetics"),
        (COURSE, ("teceleukin MIU sc",), "count AMT in those, and give aldesleukin MIU"),
        ("ID,TIME,AMT,WT\n1,0,18,70\n1,1,.,70\n", ("aldesleukin sc",), "no meaning is known of WT: .* --ignored WT"),
        ("1,0,18,70\n1,1,.,70\n", ("aldesleukin sc",), "no column ID: give a first line with names, ID among them"),
        ("ID,TIME,AMT,\n1,0,18,\n", ("aldesleukin sc",), "column 4 has no name: name it, or take it out"),
        ("ID,TIME,AMT\n", ("aldesleukin sc",), "no records: give one for each dose"),
        ("ID;TIME;AMT\n1;0;18\n", ("aldesleukin sc",), "semicolons between the columns"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused_with_the_way_out(text: str, doses: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        followed(text, doses)


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        (lambda: Grid(every=0.0), "every 0: give a time above zero"),
        (lambda: Grid(every=float("nan")), "every nan: give a time above zero"),
        (lambda: Grid(every=1.0, until=float("inf")), "until inf: give a finite time"),
        (lambda: Grid(every=1.0, until=-1.0), "until -1: ID 1 has its first record at TIME 0: give that or more"),
        (lambda: Grid(every=1e-9), "every 1e-09 until 6 is 6,000,000,000 times in ID 1: give at most 1,000,000"),
        (lambda: Grid(every=1.0), "every 1: ID 1 has its clock set back at TIME 2"),
    ],
)
def test_a_grid_without_meaning_is_refused(grid: object, words: str) -> None:
    back = "ID,TIME,EVID,AMT\n1,0,1,18\n1,6,0,.\n" + ("1,2,4,18\n1,3,0,.\n" if "set back" in words else "")

    with pytest.raises(InputError, match=words):
        followed(back, grid=grid())


@pytest.mark.parametrize(
    ("quantities", "words"),
    [
        (["il2_conc"], "quantity 'il2_conc': .* has no quantity 'il2_conc'"),
        (["il2_concentration=IU/kg"], "quantity 'il2_concentration=IU/kg': pmol/L of aldesleukin cannot be given"),
        (["il2_concentration="], "give a unit after '=', such as il2_concentration=pmol/L"),
        (["il2_depot", "il2_depot=nmol"], "quantity 'il2_depot' is named twice"),
        (["treg=pmol"], "quantity 'treg=pmol': 1 cell/uL cannot be given in pmol"),
    ],
)
def test_a_quantity_without_meaning_is_refused(quantities: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        followed("ID,TIME,AMT\n1,0,18\n1,1,.\n", quantities=quantities)


def test_what_no_drug_is_the_concentration_of_has_to_be_named() -> None:
    maintenance = model("aml-maintenance")
    text = "ID,TIME,AMT\n1,0,0.5\n1,1,.\n"

    assert followed(text, ["histamine mg sc"], system=maintenance, quantities=["histamine_acting"]).answers.size
    with pytest.raises(InputError, match="aml-maintenance has no concentration of histamine: name one with --quantity"):
        followed(text, ["histamine mg sc"], system=maintenance)
    with pytest.raises(InputError, match="no dose is there to tell which is meant"):
        followed("ID,TIME\n1,0\n", [])
