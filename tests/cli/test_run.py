"""The run command: what it refuses before it runs, what it writes, and what it leaves when it fails."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from trialeukin.store.run_directory import is_run
from trialeukin.trial.parameter_section import StudyParameter
from trialeukin.trial.result import StudyResult
from trialeukin.trial.run import run_study
from trialeukin.trial.study_file import load_study

STUDY = """
[study]
name = "small"
title = "A small study"
question = "Does it work?"
source = "made up for a test"

[population]
cohort = "aml-cr1-under-60"
start_after_days = 7

[[arms]]
name = "rIL-2"
n = 20
regimen = "aldesleukin 1 MIU/m2/day sc days 1-14"

[[arms]]
name = "observation"
n = 20
control = true

[accrual]
months = 12

[follow_up]
after_last_entry_months = 36
horizon_months = 48
drop_out_per_year = 0.01
examinations = [{ every_months = 3, until_months = 48 }]

[analysis]
milestones_months = [36]

[monitoring]
looks = [0.5, 1.0]

[[published.hazard_ratios]]
endpoint = "lfs"
origin = "printed"
value = 0.8
source = "made up for a test"
"""
FILES = {
    "replicates.parquet",
    "report.html",
    "summary.json",
    "patients.parquet",
    "events.parquet",
    "doses.parquet",
    "trajectories.parquet",
    "laboratory.parquet",
    "manifest.json",
}
SMALLEST = {"patients": 100, "replicates": 10}
OPTIONS = ("--patients", "100", "--replicates", "10")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small_result(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    path = tmp_path_factory.mktemp("study") / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return run_study(load_study(path), seed=1, draws=0, **SMALLEST)


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch, small_result: StudyResult) -> None:
    monkeypatch.setattr("trialeukin.cli.run.run_study", lambda *_, **__: small_result)
    monkeypatch.setattr(
        "trialeukin.cli.run.study_report", lambda _: "<!DOCTYPE html><title>in place of figures</title>"
    )


def changed(old: str, new: str) -> str:
    assert old in STUDY
    return STUDY.replace(old, new, 1)


ONE_ARM = STUDY[: STUDY.index('[[arms]]\nname = "obs')] + STUDY[STUDY.index("[accrual]") :]
REGIMEN = "aldesleukin 1 MIU/m2/day sc days 1-14"
REFUSED = {
    "unknown unit": (changed("1 MIU/m2", "1 MUI/m2"), ("'MUI/m2/day'", "line 15", "did you mean 'MIU/m2", "^^^")),
    "bare U": (changed("1 MIU/m2", "1 U/m2"), ("'U/m2/day'", "line 15", "IU or MIU", "^")),
    "negative dose": (changed("1 MIU/m2", "-1 MIU/m2"), ("-1", "line 15", "^")),
    "days backwards": (changed("days 1-14", "days 14-1"), ("backwards", "line 15", "days 1")),
    "one drug overlaps itself": (changed("1-14", "1-14, 10-20"), ("overlaps itself on day 10", "line 15", "'+'")),
    "unknown route": (changed(" sc ", " orally "), ("'orally'", "line 15", "sc", "^^^^^^")),
    "unknown drug": (changed("aldesleukin", "aldesleukim"), ("'aldesleukim'", "line 15", "did you mean 'aldesleukin'")),
    "unknown dose": (changed(REGIMEN, "aldesleukin dose unknown sc days 1-14"), ("line 15", "not known")),
    "unknown study key": (changed("months = 12", "months = 12\nmonth = 3"), ("accrual.month", "did you mean 'months'")),
    "wrong type": (changed("months = 12", 'months = "12"'), ("accrual.months", "'12'", "line 23", "0 to 1,200")),
    "missing arm": (ONE_ARM, ("arms", "two or more")),
    "no control": (changed("control = true", ""), ("control = true", "exactly one", "'rIL-2', 'observation'")),
    "two arms with one name": (changed('"observation"', '"rIL-2"'), ("two arms are called 'rIL-2'", "line 18")),
    "empty file": ("", ("the file is empty", "[study]")),
    "not TOML": (changed("n = 20", "n = "), ("line 14", "not TOML", "^")),
    "zero patients in an arm": (changed("n = 20", "n = 0"), ("arms[1].n", "0", "1 or more", "line 14")),
    "horizon shorter than treatment": (changed("days 1-14", "days 1-2000"), ("2006 days", "48", "65.9", "line 27")),
    "unknown cohort": (changed('"aml-cr1-under-60"', '"aml"'), ("'aml'", "population.cohort", "line 9")),
    "milestone beyond the horizon": (changed("[36]", "[60]"), ("milestone 60", "48")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_study_is_refused_with_value_place_and_way_out(trialeukin: Callable, tmp_path: Path, name: str) -> None:
    text, words = REFUSED[name]
    path, out = tmp_path / "study.toml", tmp_path / "out"
    path.write_text(text, encoding="utf-8")

    called = trialeukin("run", str(path), "-o", str(out))

    assert called.code == 2
    assert called.out == ""
    assert "Traceback" not in called.err
    for word in (str(path), *words):
        assert word in called.err
    assert not out.exists()


def test_a_study_that_is_not_utf_8_is_refused_at_its_line(trialeukin: Callable, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(STUDY.replace("made up", "caf\xe9").encode("latin-1"))

    called = trialeukin("run", str(path))

    assert called.code == 2
    assert f"{path}, line 6: byte 0xe9 is not UTF-8" in called.err


@pytest.mark.parametrize(("place", "words"), [("missing.toml", "no such file"), (".", "cannot be read")])
def test_a_study_that_cannot_be_read_is_refused(trialeukin: Callable, tmp_path: Path, place: str, words: str) -> None:
    called = trialeukin("run", str(tmp_path / place))

    assert called.code == 2
    assert words in called.err
    assert "give" in called.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--patients", "0"), ("patients 0", "give", "or more")),
        (("--patients", "-3"), ("patients -3", "give", "or more")),
        (("--replicates", "0"), ("replicates 0", "give", "or more")),
        (("--seed", "-1"), ("seed -1", "0 to 2**64 - 1")),
        (("--draws", "2"), ("draws 2", "0 for none, or 3 or more")),
        (("--patients", "many"), ("--patients 'many'", "whole number")),
        (("--patient", "100"), ("--patient", "--patients")),
    ],
)
def test_a_wrong_size_is_refused(
    trialeukin: Callable, tmp_path: Path, study: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    out = tmp_path / "out"

    called = trialeukin("run", str(study), "-o", str(out), *options)

    assert called.code == 2
    for word in words:
        assert word in called.err
    assert not out.exists()


@pytest.mark.usefixtures("instant")
def test_an_output_directory_below_a_file_is_refused(trialeukin: Callable, study: Path) -> None:
    out = study / "out"

    called = trialeukin("run", str(study), "-o", str(out))

    assert called.code == 2
    assert f"{out} cannot be written" in called.err
    assert "-o" in called.err


@pytest.mark.usefixtures("instant")
def test_files_of_something_else_are_not_overwritten(trialeukin: Callable, tmp_path: Path, study: Path) -> None:
    out = tmp_path / "photographs"
    out.mkdir()
    (out / "holiday.jpg").write_bytes(b"sun")

    called = trialeukin("run", str(study), "-o", str(out))

    assert called.code == 2
    assert "not overwritten" in called.err
    assert [path.name for path in out.iterdir()] == ["holiday.jpg"]


def test_a_run_writes_everything_and_says_where_the_report_is(
    trialeukin: Callable, tmp_path: Path, study: Path, small_result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    monkeypatch.setattr("trialeukin.cli.run.run_study", lambda *_, **__: small_result)

    called = trialeukin("run", str(study), "-o", str(out), *OPTIONS)

    assert called.code == 0
    assert {path.name for path in out.iterdir()} == FILES
    assert "A small study" in (out / "report.html").read_text(encoding="utf-8")
    assert str(out / "report.html") in called.out
    assert "LFS hazard ratio" in called.out
    assert "LFS benefit found, 2 looks" in called.out
    assert "0.80 (no interval known), printed" in called.out
    assert called.err == ""


def test_a_run_of_other_parameters_than_the_models_says_so(
    trialeukin: Callable, tmp_path: Path, study: Path, small_result: StudyResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"name": "il2_linear_clearance", "times": 2.0, "assumed": {"times": "what if"}}
    other = small_result.study.model_copy(update={"parameters": (StudyParameter.model_validate(given),)})
    monkeypatch.setattr("trialeukin.cli.run.run_study", lambda *_, **__: replace(small_result, study=other))

    called = trialeukin("run", str(study), "-o", str(tmp_path / "out"), *OPTIONS)

    assert called.code == 0
    assert "What if: IL-2 linear clearance stands at another value than the model's own." in called.out


@pytest.mark.usefixtures("instant")
def test_a_second_run_replaces_the_first(trialeukin: Callable, tmp_path: Path, study: Path) -> None:
    out = tmp_path / "out"

    codes = [trialeukin("run", str(study), "-o", str(out)).code for _ in range(2)]

    assert codes == [0, 0]
    assert is_run(out)


@pytest.mark.usefixtures("instant")
def test_without_a_directory_the_run_goes_to_out_and_the_studys_name(
    trialeukin: Callable, tmp_path: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    called = trialeukin("run", str(study))

    assert called.code == 0
    assert is_run(tmp_path / "out" / "small")


@pytest.mark.usefixtures("instant")
def test_json_is_nothing_but_the_summary(trialeukin: Callable, tmp_path: Path, study: Path) -> None:
    out = tmp_path / "out"

    called = trialeukin("run", str(study), "-o", str(out), "--json")
    printed = json.loads(called.out)
    written = json.loads((out / "summary.json").read_text(encoding="utf-8"))

    assert called.code == 0
    assert printed == written | {"directory": str(out)}
    assert {"study", "seed", "versions", "arms", "endpoints", "power", "published"} <= written.keys()
    assert {"value", "lower", "upper"} <= written["endpoints"]["lfs"]["hazard_ratio"].keys()
    assert 0.0 <= written["endpoints"]["lfs"]["control_3y"] <= 1.0


@pytest.mark.usefixtures("instant")
def test_a_treated_arm_whose_regimen_was_forgotten_is_warned_of(
    trialeukin: Callable, tmp_path: Path, study: Path
) -> None:
    study.write_text(changed('regimen = "aldesleukin 1 MIU/m2/day sc days 1-14"', ""), encoding="utf-8")

    called = trialeukin("run", str(study), "-o", str(tmp_path / "out"), "--json")

    assert called.code == 0
    assert called.err.startswith("Warning: arm rIL-2 has no regimen and gets nothing: write regimen = 'none'")


@pytest.mark.usefixtures("instant")
def test_a_dose_far_beyond_the_library_is_warned_of_on_the_standard_error(
    trialeukin: Callable, tmp_path: Path, study: Path
) -> None:
    study.write_text(changed("1 MIU/m2/day", "1e6 MIU/m2/day"), encoding="utf-8")

    called = trialeukin("run", str(study), "-o", str(tmp_path / "out"), "--json")

    assert called.code == 0
    assert called.err.startswith("Warning: arm rIL-2: one dose of aldesleukin is 1.84e6 MIU")
    assert called.err.count("\n") == 1
    assert json.loads(called.out)["study"] == "small"


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.usefixtures("instant")
def test_a_write_that_fails_leaves_nothing_that_looks_whole(
    trialeukin: Callable, tmp_path: Path, study: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def fail(_: StudyResult) -> str:
        raise fault

    monkeypatch.setattr("trialeukin.cli.run.study_report", fail)

    called = trialeukin("run", str(study), "-o", str(tmp_path / "out"))

    assert called.code == 3
    assert "nothing is kept" in called.err
    assert "Traceback" not in called.err
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


@pytest.mark.usefixtures("instant")
def test_a_write_that_fails_keeps_the_earlier_run(
    trialeukin: Callable, tmp_path: Path, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    trialeukin("run", str(study), "-o", str(out))

    def fail(_: StudyResult) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("trialeukin.cli.run.study_report", fail)
    called = trialeukin("run", str(study), "-o", str(out))

    assert called.code == 3
    assert "the earlier run there is unchanged" in called.err
    assert is_run(out)


@pytest.mark.parametrize("request_to_end", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_leaves_nothing(
    tmp_path: Path, study: Path, request_to_end: signal.Signals
) -> None:
    marker = tmp_path / "running"
    script = (
        "import sys, time, pathlib\n"
        "import trialeukin.trial.run as run\n"
        f"def endless(*_, **__): pathlib.Path({str(marker)!r}).touch(); time.sleep(60)\n"
        "run._run = endless\n"
        "from trialeukin.cli.main import main\n"
        f"sys.exit(main(['run', {str(study)!r}, '-o', {str(tmp_path / 'out')!r}]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60.0
    while not marker.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.2)

    os.kill(process.pid, request_to_end)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 3
    assert out == ""
    assert "interrupted" in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()
