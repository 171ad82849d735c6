"""A run's directory is whole or is not there."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pyarrow import parquet

from trialeukin.core.errors import InputError, RunError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.engine.trajectories import Status
from trialeukin.store import run_directory
from trialeukin.store.run_directory import check_directory, is_run, write_run
from trialeukin.store.summary import summary
from trialeukin.trial.parameter_section import StudyParameter
from trialeukin.trial.result import StudyResult

FILES = {
    "doses.parquet",
    "events.parquet",
    "laboratory.parquet",
    "manifest.json",
    "patients.parquet",
    "replicates.parquet",
    "report.html",
    "summary.json",
    "trajectories.parquet",
}


def page(result: StudyResult) -> str:
    return f"<html>{result.study.study.name}</html>"


def interrupted(result: StudyResult) -> str:
    raise KeyboardInterrupt(result.study.study.name)


def full_disk(result: StudyResult) -> str:
    raise OSError(28, "No space left on device", result.study.study.name)


def write(result: StudyResult, directory: Path) -> Path:
    return write_run(result, directory, report=page, command="trialeukin run small.toml")


def test_a_run_writes_every_file_and_their_hashes(result: StudyResult, tmp_path: Path) -> None:
    place = write(result, tmp_path / "new" / "run")

    manifest = json.loads((place / "manifest.json").read_text())
    hashes = {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in FILES - {"manifest.json"}}
    assert {path.name for path in place.iterdir()} == FILES
    assert {name: each["sha256"] for name, each in manifest["files"].items()} == hashes
    assert manifest["inputs"] == {"study": {"sha256": "0" * 64}}
    assert manifest["command"] == "trialeukin run small.toml"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["run"]


def test_a_second_run_replaces_the_first(result: StudyResult, tmp_path: Path) -> None:
    place = write(result, tmp_path / "run")
    (place / "report.html").write_text("of the first run")

    write(result, place)

    assert (place / "report.html").read_text() != "of the first run"
    assert {path.name for path in place.iterdir()} == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_same_result_writes_the_same_bytes(result: StudyResult, tmp_path: Path) -> None:
    first, second = write(result, tmp_path / "one"), write(result, tmp_path / "two")

    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in FILES)


def test_files_of_something_else_are_never_overwritten(result: StudyResult, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(InputError, match="not overwritten; name a new directory with -o"):
        write(result, tmp_path)

    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")

    with pytest.raises(InputError, match="is a file: name a directory"):
        check_directory(tmp_path / "run")


def test_a_file_beside_an_earlier_run_is_not_deleted_by_the_next(result: StudyResult, tmp_path: Path) -> None:
    place = write(result, tmp_path / "run")
    (place / "notes.txt").write_text("keep")

    with pytest.raises(InputError, match=r"holds 'notes\.txt' beside an earlier run, which a new run would delete"):
        write(result, place)

    assert (place / "notes.txt").read_text() == "keep"


def test_a_path_through_what_is_not_there_is_looked_at_where_it_leads(result: StudyResult, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    roundabout = tmp_path / "nowhere" / ".." / "mine"

    with pytest.raises(InputError, match="holds files that are no run of trialeukin: they are not overwritten"):
        check_directory(roundabout)
    with pytest.raises(InputError, match="are not overwritten"):
        write(result, roundabout)

    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_is_put_beside_an_earlier_run_while_the_next_is_written_is_kept(
    result: StudyResult, tmp_path: Path
) -> None:
    place = write(result, tmp_path / "run")

    def noting(found: StudyResult) -> str:
        (place / "notes.txt").write_text("keep")
        return page(found)

    with pytest.raises(InputError, match=r"holds 'notes\.txt' beside an earlier run"):
        write_run(result, place, report=noting, command="run again")

    assert (place / "notes.txt").read_text() == "keep"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_link_that_leads_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(InputError, match="is a link that leads to itself"):
        check_directory(tmp_path / "loop")


def test_a_directory_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")

    with pytest.raises(InputError, match="cannot be written"):
        check_directory(tmp_path / "file" / "run")


def test_an_empty_directory_may_be_used(result: StudyResult, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()

    write(result, tmp_path / "run")

    assert is_run(tmp_path / "run")


@pytest.mark.parametrize(("report", "said"), [(interrupted, "interrupted while writing"), (full_disk, "No space left")])
def test_a_write_that_does_not_finish_leaves_nothing(result: StudyResult, tmp_path: Path, report, said: str) -> None:
    with pytest.raises(RunError, match=said) as caught:
        write_run(result, tmp_path / "run", report=report, command="x")

    assert "nothing is kept" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("report", [interrupted, full_disk])
def test_a_write_that_does_not_finish_keeps_the_earlier_run(result: StudyResult, tmp_path: Path, report) -> None:
    place = write(result, tmp_path / "run")
    before = (place / "manifest.json").read_bytes()

    with pytest.raises(RunError, match="the earlier run there is unchanged"):
        write_run(result, place, report=report, command="x")

    assert (place / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_failing_rename_brings_the_earlier_run_back(
    result: StudyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write(result, tmp_path / "run")
    rename = Path.rename

    def fails_for_partial(self: Path, target: Path) -> Path:
        if "-partial-" in self.name:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails_for_partial)
    with pytest.raises(RunError, match="the earlier run there is unchanged"):
        write(result, place)

    assert {path.name for path in place.iterdir()} == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_summary_has_the_figures_that_others_read(result: StudyResult, tmp_path: Path) -> None:
    summary = json.loads((write(result, tmp_path / "run") / "summary.json").read_text())

    arm = summary["arms"][0]
    assert (summary["study"], summary["seed"], arm["name"], arm["n"]) == ("small", 1, "rIL-2", 20)
    assert arm["regimen"].startswith("aldesleukin 1 MIU/m2/day sc")
    assert arm["dose_intensity"] == pytest.approx(0.5)
    assert summary["arms"][1]["dose_intensity"] is None
    for name in ("lfs", "os"):
        endpoint = summary["endpoints"][name]
        ratio = endpoint["hazard_ratio"]
        assert 0.0 < ratio["lower"] < ratio["value"] < ratio["upper"]
        assert 0.0 < endpoint["control_3y"] < 1.0
        assert 0.0 <= endpoint["power"] <= 1.0
        assert endpoint["power"] <= endpoint["significant"]["value"]
    assert summary["power"] == summary["endpoints"]["lfs"]["power"]
    assert summary["comparison"]["primary"] == "lfs"
    assert summary["published"]["hazard_ratios"][0]["source"] == "made up, page 1"
    assert summary["assumed"] == {"population.start_after_days": "made up"}
    assert summary["changed_parameters"] == []


def test_a_summary_has_the_parameters_that_the_study_changes(result: StudyResult) -> None:
    parameter = Parameter(value=9.0, unit="L/h", between_patients=0.3, uncertainty=0.0, source=assumed("what if"))
    given = {"name": "clearance", "times": 2.0, "uncertainty": 0.0, "assumed": {"times": "what if"}}
    study = result.study.model_copy(update={"parameters": (StudyParameter.model_validate(given),)})

    found = summary(replace(result, study=study, parameters={"clearance": parameter}))

    assert found["changed_parameters"] == [
        {
            "name": "clearance",
            "value": 9.0,
            "unit": "L/h",
            "between_patients": 0.3,
            "uncertainty": 0.0,
            "reason": "what if",
        }
    ]


def test_a_summary_says_what_looks_do_and_null_where_there_are_none(result: StudyResult) -> None:
    found = result.monitored
    assert found is not None

    told = json.loads(json.dumps(summary(result)))["monitoring"]

    assert [look["events"] for look in told["looks"]] == [10, 20]
    assert told["looks"][0]["efficacy_z"] == found.boundaries.upper[0]
    assert told["looks"][0]["futility_hazard_ratio"] is None
    assert told["events_planned"] is False
    assert told["effect"]["benefit_found"]["value"] == found.effect.rejected.value
    assert told["no_effect"]["stopped_for_benefit"][1]["value"] == found.null.looks[1].efficacy.value
    assert summary(replace(result, monitored=None))["monitoring"] is None


def test_events_have_the_shape_of_adtte(result: StudyResult, tmp_path: Path) -> None:
    table = parquet.read_table(write(result, tmp_path / "run") / "events.parquet").to_pydict()

    rows = list(zip(table["TRT01P"], table["PARAMCD"], table["AVAL"], table["CNSR"], strict=True))
    deaths = sum(1 for arm, code, _, censored in rows if (arm, code) == ("rIL-2", "OS") and not censored)
    assert len(rows) == 2 * 3 * result.patients.indices.size
    assert deaths == int((result.patients.death[0] <= 60.0).sum())
    assert all(0.0 < time <= 60.0 for _, _, time, _ in rows)


def test_failed_trajectories_are_no_censored_patients(result: StudyResult, tmp_path: Path) -> None:
    status = result.patients.status.copy()
    status[1, 7] = Status.NOT_FINITE
    failed = replace(result, patients=replace(result.patients, status=status))

    rows = parquet.read_table(write(failed, tmp_path / "run") / "events.parquet").to_pylist()

    arms = {row["TRT01P"] for row in rows if row["USUBJID"] == "small-000007"}
    assert arms == {"rIL-2"}
    assert len(rows) == 2 * 3 * result.patients.indices.size - 3


def test_doses_say_what_was_planned_given_and_why(result: StudyResult, tmp_path: Path) -> None:
    table = parquet.read_table(write(result, tmp_path / "run") / "doses.parquet").to_pylist()

    assert len(table) == 120
    assert table[1]["planned"] == pytest.approx(1.8)
    assert table[1]["given"] == 0.0
    assert table[1]["put_off"] == 7.0
    assert table[1]["reason"] == "held or reduced: platelets < 25 G/L"
    assert table[1]["USUBJID"] == "small-000000"


def test_trajectories_hold_quantiles_and_chosen_patients(result: StudyResult, tmp_path: Path) -> None:
    table = parquet.read_table(write(result, tmp_path / "run") / "trajectories.parquet").to_pylist()

    assert {row["of"] for row in table} >= {"quantile 0.05", "quantile 0.95", "patient 3: relapses"}
    assert [row["value"] for row in table if row["of"] == "patient 3: relapses"][:2] == [1.0, None]


def test_events_say_what_ended_each_time(result: StudyResult, tmp_path: Path) -> None:
    rows = parquet.read_table(write(result, tmp_path / "run") / "events.parquet").to_pylist()
    ends = {(row["PARAMCD"], row["EVNTDESC"], row["CNSR"]) for row in rows}

    assert ends == {
        ("LFS", "relapse found", 0),
        ("LFS", "death", 0),
        ("LFS", "end of the simulation", 1),
        ("OS", "death", 0),
        ("OS", "end of the simulation", 1),
        ("TTR", "relapse found", 0),
        ("TTR", "death", 1),
        ("TTR", "end of the simulation", 1),
    }


def test_laboratory_results_keep_what_is_below_a_limit_and_leave_out_what_was_not_sampled(
    result: StudyResult, tmp_path: Path
) -> None:
    rows = parquet.read_table(write(result, tmp_path / "run") / "laboratory.parquet").to_pylist()

    assert len(rows) == 2 * result.patients.indices.size - 1
    assert {(row["PARAM"], row["AVALU"], row["lower_limit"], row["upper_limit"]) for row in rows} == {
        ("IL-2 immunoassay", "pg/mL", 30.0, None)
    }
    first = next(row for row in rows if row["USUBJID"] == "small-000000" and row["day"] == 7.0)
    assert (first["AVAL"], first["below_limit"], first["above_limit"]) == (None, True, False)
    assert not [row for row in rows if row["USUBJID"] == "small-000001" and row["planned_day"] == 21.0]


def test_a_study_without_tests_writes_an_empty_table_of_results(result: StudyResult, tmp_path: Path) -> None:
    table = parquet.read_table(write(replace(result, laboratory=()), tmp_path / "run") / "laboratory.parquet")

    assert table.num_rows == 0
    assert "AVAL" in table.column_names


def test_nothing_but_files_of_a_run_is_ever_deleted_whatever_was_taken_for_one(
    result: StudyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "thesis"
    directory.mkdir()
    (directory / "chapter.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(run_directory, "check_directory", lambda _: None)
    write_run(result, directory, report=lambda _: "report", command="a test")
    (kept,) = tmp_path.glob(".thesis-replaced-*/thesis/chapter.txt")
    assert kept.read_text(encoding="utf-8") == "mine"
    assert is_run(directory)
