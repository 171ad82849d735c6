"""The simulate command: from dosing records to concentrations, what was measured beside them, and exposure."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.planned_records import recorded
from trialeukin.engine.problem import Problem
from trialeukin.engine.records import TimeUnit
from trialeukin.engine.records_text import parse_records, render_records
from trialeukin.engine.solve import solve
from trialeukin.model.whole import model
from trialeukin.population.changed_parameters import with_changed_parameters
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.trial.changed_background import changes_of
from trialeukin.trial.followed_records import CLOSE, FollowedRecords, follow_records
from trialeukin.trial.read_records import read_data_set
from trialeukin.trial.record_doses import recorded_doses
from trialeukin.trial.record_exposure import exposures_of
from trialeukin.trial.record_looks import Grid
from trialeukin.trial.record_quantities import asked_quantities

COURSE = (
    "ID,TIME,AMT,II,ADDL,DV\n1,0,18,24,1,.\n1,4,.,.,.,480\n1,8,.,.,.,300\n1,23.5,.,.,.,.\n2,0,9,.,.,.\n2,5,.,.,.,200\n"
)
SKIN = ("--dose", "aldesleukin MIU sc")


@pytest.fixture(name="course")
def records_in_a_file(tmp_path: Path) -> Path:
    path = tmp_path / "course.csv"
    path.write_text(COURSE, encoding="utf-8")
    return path


def found_in_python(text: str, *, settings: Iterable[str] = (), every: float | None = None) -> FollowedRecords:
    system = model("il2-pharmacokinetics")
    system = with_changed_parameters(system, changes_of(list(settings), system.parameters))
    read = read_data_set(text, system, unit=TimeUnit.HOUR, name="course.csv")
    doses = recorded_doses(system, read.records, SKIN[1:])
    grid = None if every is None else Grid(every=every)
    return follow_records(system, read.records, doses, asked_quantities(system, doses, ()), grid=grid)


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def test_observations_are_told_with_what_was_measured_and_how_records_were_taken(
    trialeukin: Callable, course: Path
) -> None:
    called = trialeukin("simulate", str(course), *SKIN)

    lines = called.out.splitlines()
    assert (called.code, called.err) == (0, "")
    assert lines[0] == "il2-pharmacokinetics: 2 IDs, each a typical patient; TIME in h"
    assert lines[1] == "doses: aldesleukin sc into il2_depot, AMT in MIU (3,994 pmol each)"
    assert lines[2] == "DV is taken as il2_concentration, pmol/L; RES is DV minus it"
    assert lines[4].split() == ["ID", "TIME,", "h", "il2_concentration,", "pmol/L", "DV", "RES"]
    assert [line.split()[:2] for line in lines[5:]] == [["1", "4"], ["1", "8"], ["1", "23.5"], ["2", "5"]]
    predicted, measured, residual = map(float, lines[5].split()[2:])
    assert residual == pytest.approx(measured - predicted, abs=0.5)  # three digits
    assert lines[7].split()[3:] == ["–", "–"]


def test_a_file_has_every_digit_that_python_finds(trialeukin: Callable, course: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "rows.csv"
    options = ("--set", "il2_linear_clearance=x2", "--every", "6", "-o", str(out))

    called = trialeukin("simulate", str(course), *SKIN, *options)

    found = found_in_python(COURSE, settings=options[1:2], every=6.0)
    rows = rows_of(out)
    assert called.code == 0
    assert "changed: il2_linear_clearance: 155.8 mL/min/m^2 instead of 77.91" in called.out
    assert called.out.endswith(f"{out}\n")
    assert list(rows[0]) == ["ID", "TIME", "il2_concentration", "DV", "RES"]
    assert [float(row["il2_concentration"]) for row in rows] == found.answers[found.shown, 0].tolist()
    assert [(row["ID"], row["TIME"]) for row in rows[:4]] == [("1", "0"), ("1", "4"), ("1", "6"), ("1", "8")]
    assert [row["DV"] for row in rows[:4]] == [".", "480", ".", "300"]
    assert float(rows[1]["RES"]) == 480.0 - float(rows[1]["il2_concentration"])
    assert [path.name for path in out.parent.iterdir()] == ["rows.csv"]


def test_a_summary_has_a_row_for_each_profile(trialeukin: Callable, course: Path, tmp_path: Path) -> None:
    out = tmp_path / "exposure.csv"
    asked = ("simulate", str(course), *SKIN, "--every", "1", "--summary")

    shown, written = trialeukin(*asked), trialeukin(*asked, "-o", str(out))

    found = exposures_of(found_in_python(COURSE, every=1.0))
    rows = rows_of(out)
    assert (shown.code, written.code) == (0, 0)
    assert [float(row["AUClast"]) for row in rows] == [each.numbers["AUClast"] for each in found]
    assert [(row["ID"], row["DOSE"], row["OF"]) for row in rows] == [("1", "1", "predicted"), ("2", "1", "predicted")]
    assert "Non-compartmental analysis of il2_concentration" in shown.out
    assert "CL of aldesleukin sc is CL/F." in shown.out
    assert "Cmax, pmol/L" in shown.out
    assert "AUClast, pmol/L·h" in shown.out
    assert f"\n{out}\n" in written.out


def test_json_has_rows_exposure_and_what_became_of_doses(trialeukin: Callable, course: Path) -> None:
    called = trialeukin("simulate", str(course), *SKIN, "--every", "1", "--summary", "--json")

    document = json.loads(called.out)
    found = found_in_python(COURSE, every=1.0)
    assert document["model"] == "il2-pharmacokinetics"
    assert document["doses"][0]["unit"] == "MIU"
    assert [row["il2_concentration"] for row in document["rows"]] == found.answers[found.shown, 0].tolist()
    assert document["rows"][0] == {"ID": 1, "TIME": 0.0, "il2_concentration": 0.0, "DV": None, "RES": None}
    (first, second) = document["exposure"]["profiles"]
    assert (first["amount"], second["amount"]) == (18.0, 9.0)
    assert first["numbers"]["AUCtau"] is None
    assert first["undefined"]["AUCtau"] == "no dose follows, and it is not at steady state"
    assert document["not_given"] == [asdict(each) for each in found.lost] == []


def test_written_records_are_followed_as_they_were(trialeukin: Callable, course: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    again.write_text(render_records(parse_records(COURSE, unit=TimeUnit.HOUR)), encoding="utf-8")
    text = again.read_text(encoding="utf-8")

    first, second = (json.loads(trialeukin("simulate", str(each), *SKIN, "--json").out) for each in (course, again))

    assert text.startswith("ID,TIME,EVID,AMT,RATE,II,ADDL,SS,CMT,MDV,DV\n")
    assert [row["DV"] for row in second["rows"]] == [480.0, 300.0, None, 200.0]
    assert first == second
    assert first["exposure"] is None


def test_a_regimen_that_is_written_as_records_has_its_own_course(trialeukin: Callable, tmp_path: Path) -> None:
    system = model("il2-pharmacokinetics")
    one = np.array([1.84])
    problem = Problem(
        system=system,
        parameters=np.array([[each.value for each in system.parameters.values()]]),
        doses=planned_doses(system, expand(load("calgb-9720")), bsa=one, weight=one),
        horizon=90.0,
        save_times=np.array([0.25, 1.2, 14.5, 89.9]),
        save=("il2_concentration",),
        examinations=np.zeros(0),
        tolerance=CLOSE,
    )
    compartments = {place + 1: place for place in range(len(system.inputs))}
    path = tmp_path / "calgb-9720.csv"
    path.write_text(render_records(recorded(problem, unit=TimeUnit.HOUR, compartments=compartments)), encoding="utf-8")

    called = trialeukin("simulate", str(path), "--dose", "aldesleukin sc", "--json")

    rows = {row["TIME"]: row["il2_concentration"] for row in json.loads(called.out)["rows"]}
    told = [rows[day * 24.0] for day in problem.save_times]
    assert told == pytest.approx(solve(problem).values[0, :, 0], rel=100.0 * CLOSE.relative)  # errors of steps add up


def test_two_drugs_are_told_apart_by_their_compartments(trialeukin: Callable, tmp_path: Path) -> None:
    path = tmp_path / "induction.csv"
    path.write_text("ID,TIME,AMT,RATE,CMT\n1,0,200,8,1\n1,0,100,200,5\n1,1,.,.,.\n", encoding="utf-8")
    drugs = ("--dose", "1=cytarabine mg iv", "--dose", "5=daunorubicin mg iv")

    named = trialeukin("simulate", str(path), "--model", "aml-induction", *drugs)
    by_order = trialeukin("simulate", str(path), "--model", "aml-induction")

    assert "AMT in mg (4.112 umol each)" in named.out
    assert "cytarabine_concentration, umol/L" in named.out
    assert "daunorubicin_concentration, umol/L" in named.out
    assert "Records have no examinations, at which alone these happen: relapse, marrow" in named.out
    assert "doses of CMT 1: cytarabine iv into cytarabine_central, AMT in umol" in by_order.out


def test_what_became_of_doses_and_patients_is_told(trialeukin: Callable, tmp_path: Path) -> None:
    path = tmp_path / "years.csv"
    path.write_text("ID,TIME,AMT,II,ADDL\n1,0,18,30,200\n1,5000,.,.,.\n", encoding="utf-8")

    called = trialeukin("simulate", str(path), *SKIN, "--model", "aml-maintenance", "--time-unit", "day")

    assert called.code == 0
    assert "doses of aldesleukin not given in full, after discontinuation: ID 1, 2" in called.out
    assert "discontinuation: ID 1, 2371 day after the first record." in called.out


def test_who_cannot_be_followed_ends_in_a_failure_that_keeps_the_others(trialeukin: Callable, tmp_path: Path) -> None:
    path, out = tmp_path / "two.csv", tmp_path / "rows.csv"
    path.write_text("ID,TIME,AMT,BODY_SURFACE_AREA\n1,0,18,-1.8\n1,4,.,-1.8\n2,0,18,1.8\n2,4,.,1.8\n", encoding="utf-8")

    called = trialeukin("simulate", str(path), *SKIN, "-o", str(out))

    assert called.code == 3
    assert "not followed: ID 1 from 0.4488 h on (a state that is positive becomes negative)" in called.err
    assert "2 IDs, each a typical patient, body_surface_area (m^2) its own; TIME in h" in called.out
    assert [row["il2_concentration"] == "." for row in rows_of(out)] == [True, False]


WRONG = [
    (("nothing.csv", *SKIN), "nothing.csv: there is no such file: give the path of a CSV file of records"),
    ((".", *SKIN), ": the file cannot be read"),
    (("course.csv",), "no CMT in a dose: say which drug of il2-pharmacokinetics it is with --dose, such as"),
    (("course.csv", *SKIN, "--model", "il2-pk"), "--model: unknown model 'il2-pk': known are"),
    (("course.csv", "--model", "clapp-2015"), "model clapp-2015 takes no drug: leave the doses out"),
    (("course.csv", *SKIN, "--quantity", "il2_conc"), "has no quantity 'il2_conc'"),
    (("course.csv", *SKIN, "--set", "il2_clearance=x2"), "did you mean 'il2_linear_clearance'?"),
    (("course.csv", *SKIN, "--set", "il2_linear_clearance=9"), "give the value's unit too, such as mL/min/m^2"),
    (("course.csv", *SKIN, "--time-unit", "week"), "--time-unit 'week': choose h, day"),
    (("course.csv", *SKIN, "--until", "9"), "--until 9 says where --every ends: give that too"),
    (("course.csv", *SKIN, "--every", "0"), "every 0: give a time above zero"),
    (("course.csv", *SKIN, "--every", "0,5"), "--every '0,5': give a number"),
    (("weights.csv", *SKIN, "--ignored", "WT", "--summary"), "--summary: no dose has three looks after it: look more"),
    (("course.csv", *SKIN, "-o", "rows.txt"), "-o rows.txt: rows are written as .csv"),
    (("course.csv", *SKIN, "-o", "course.csv"), "-o course.csv: these records are read: give the rows another name"),
    (("course.csv", *SKIN, "--ignored", "WT"), "no column 'WT' to pass over: there are ID, TIME, AMT"),
    (("weights.csv", *SKIN), "no meaning is known of WT: columns are ID, TIME"),
    (("sizes.csv", *SKIN, "--set", "body_surface_area=2 m^2"), "a value for each ID: leave one of them out"),
    (("weights.csv", *SKIN, "-o", "new/rows.csv"), "no meaning is known of WT"),
    (("latin.csv", *SKIN), "latin.csv, line 2: byte 0xb5 is not UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_what_cannot_be_followed_is_refused(
    trialeukin: Callable,
    course: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(course.parent)
    Path("weights.csv").write_text("ID,TIME,AMT,WT\n1,0,18,70\n1,4,.,70\n", encoding="utf-8")
    Path("sizes.csv").write_text("ID,TIME,AMT,body_surface_area\n1,0,18,1.9\n1,4,.,1.9\n", encoding="utf-8")
    Path("latin.csv").write_bytes(b"ID,TIME,AMT\n1,0,\xb5\n")

    called = trialeukin("simulate", *arguments)

    assert called.code == 2
    assert said in called.err
    assert called.out == ""
    assert course.read_text(encoding="utf-8") == COURSE
    assert sorted(path.name for path in Path().iterdir()) == ["course.csv", "latin.csv", "sizes.csv", "weights.csv"]


def test_covariates_are_passed_over_when_named(trialeukin: Callable, tmp_path: Path) -> None:
    path = tmp_path / "weights.csv"
    path.write_text("ID,TIME,AMT,WT,age\n1,0,18,70,x\n1,4,.,70,x\n", encoding="utf-8")

    called = trialeukin("simulate", str(path), *SKIN, "--ignored", "wt,AGE")

    assert called.code == 0
    assert np.isclose(float(called.out.splitlines()[-1].split()[-1]), 448.0, atol=0.5)  # three digits


def test_help_loads_no_figures() -> None:
    script = (
        "import sys\nfrom trialeukin.cli.main import main\nmain(['simulate', '--help'])\n"
        "assert not {'matplotlib', 'pyarrow'} & set(sys.modules)"
    )

    subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=60)
