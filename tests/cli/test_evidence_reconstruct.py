"""``trialeukin evidence reconstruct``: from the points of published curves to patients and their hazard ratio."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trialeukin.cli.reconstruction_text import study_lines
from trialeukin.evidence.curve_ratios import CurveRatio
from trialeukin.survival.cox import CoxStatus, cox
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.trial.published import Origin
from trialeukin.trial.study_file import load_study

LOG_RATIO = 0.06  # how far a reconstructed log hazard ratio may be off: reference case 17, with a risk table
ROOT_MEAN_SQUARE, LARGEST = 0.01, 0.03  # of the curve, of the same case
PIXEL = 1 / 500
CURVES = """arm,time,survival
IL-2,0,1
IL-2,6,0.9
IL-2,12,0.8
IL-2,18,0.7
observation,0,1
observation,6,0.8
observation,12,0.6
observation,18,0.5
"""
AT_RISK = """arm,time,at risk
IL-2,0,20
IL-2,12,16
observation,0,20
observation,12,12
"""


@pytest.fixture
def published(tmp_path: Path) -> tuple[Path, Path]:
    """The two files of a trial of 20 patients an arm."""
    return written(tmp_path, CURVES, AT_RISK)


def written(folder: Path, curves: str, at_risk: str) -> tuple[Path, Path]:
    for name, text in (("curves.csv", curves), ("at-risk.csv", at_risk)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "curves.csv", folder / "at-risk.csv"


def table_of(said: str, name: str) -> list[str]:
    """Return the lines of a table that is printed to be copied, up to the empty one after it."""
    return [line.strip() for line in said[said.index(f"  {name}") :].split("\n\n", maxsplit=1)[0].splitlines()]


@pytest.fixture
def reconstructed(trialeukin: Callable) -> Callable:
    def call(files: tuple[Path, Path], *words: str):
        return trialeukin("evidence", "reconstruct", str(files[0]), "--at-risk", str(files[1]), *words)

    return call


def simulated(rng: np.random.Generator) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Follow-up and events of 150 patients an arm, some cured, followed 24 to 60 months."""
    found = {}
    for arm, scale, cured in (("IL-2", 14.0, 0.38), ("observation", 11.0, 0.30)):
        times = np.where(rng.random(150) < cured, np.inf, rng.exponential(scale, 150))
        ends = rng.uniform(24.0, 60.0, 150)
        found[arm] = np.minimum(times, ends), times <= ends
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_simulated_patients_come_back_with_their_curves_and_hazard_ratio(
    seed: int, reconstructed: Callable, trialeukin: Callable, tmp_path: Path
) -> None:
    rng = np.random.default_rng(seed)
    arms = simulated(rng)
    curves, at_risk, totals = ["arm,time,survival"], ["arm,time,at risk"], []
    for arm, (times, events) in arms.items():
        grid = np.append(np.arange(0.0, times.max(), 0.5), times.max())
        heights = kaplan_meier(times, events).at(grid) + PIXEL * rng.integers(-1, 2, grid.size)
        curves += [f"{arm},{time:.3f},{height:.4f}" for time, height in zip(grid, heights, strict=True)]
        at_risk += [f"{arm},{time},{int((times >= time).sum())}" for time in range(0, int(times.max()), 12)]
        totals += ["--events", f"{arm}={int(events.sum())}"]
    files = written(tmp_path, "\n".join(curves), "\n".join(at_risk))
    arm_of = np.repeat([1, 0], [times.size for times, _ in arms.values()])
    true = cox(*(np.concatenate(column) for column in zip(*arms.values(), strict=True)), arm_of)

    called = reconstructed(files, *totals, "--control", "observation", "-o", str(tmp_path / "patients.csv"), "--json")

    document = json.loads(called.out)
    (ratio,) = document["hazard_ratios"]
    assert ratio["label"] == "IL-2 over observation"
    assert ratio["log_hazard_ratio"] == pytest.approx(float(true.coefficients[0]), abs=LOG_RATIO)
    assert ratio["standard_error"] == pytest.approx(float(true.standard_errors[0]), rel=LOG_RATIO)
    for arm in document["arms"]:
        assert arm["patients"] == 150
        assert arm["root_mean_square_error"] <= ROOT_MEAN_SQUARE
        assert arm["largest_error"] <= LARGEST
        assert all(row["excess"] == 0 for row in arm["at_risk"])
    analysed = json.loads(
        trialeukin("analyse", str(tmp_path / "patients.csv"), "--control", "observation", "--json").out
    )
    assert analysed["comparison"]["cox"]["terms"][0]["hazard_ratio"] == pytest.approx(ratio["hazard_ratio"], rel=1e-9)


def test_what_is_printed_tells_arms_ratio_and_limits(
    reconstructed: Callable, published: tuple[Path, Path], tmp_path: Path
) -> None:
    called = reconstructed(
        published,
        *("--control", "observation", "--events", "IL-2=6", "--events", "observation=10"),
        *("--published-ratio", "0.5 (0.18 to 1.39)", "-o", str(tmp_path / "patients.csv")),
    )

    assert called.code == 0, called.err
    words = " ".join(called.out.split())
    assert "IL-2 20 6 0 0 0.0 % 0.0 % 0.0 %" in words
    assert "observation 20 10 0 0" in words
    assert "hazard ratio, IL-2 over observation" in words
    assert "0.50 (0.18 to 1.39)" in words
    assert "of its standard errors" in words
    assert 'origin = "reconstructed"' in called.out
    assert "they have no covariates, so that no ratio is adjusted or stratified" in called.out
    assert "Guyot" in called.out
    rows = (tmp_path / "patients.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "time,event,arm"
    assert len(rows) == 41


def test_a_published_ratio_is_set_beside_the_reconstructed_one(
    reconstructed: Callable, published: tuple[Path, Path]
) -> None:
    def found(*words: str) -> dict:
        return json.loads(reconstructed(published, "--control", "observation", "--json", *words).out)["hazard_ratios"][
            0
        ]

    bare = found()
    value = bare["hazard_ratio"]["value"]

    same = found("--published-ratio", f"{value:.6f}")
    half = found("--published-ratio", f"IL-2={value / 2:.6f} ({value / 4:.6f} - {value:.6f})")

    assert bare["published"] is None
    assert bare["log_distance_from_published"] is None
    assert same["published"] == {"value": pytest.approx(value, rel=1e-5), "lower": None, "upper": None}
    assert same["log_distance_from_published"] == pytest.approx(0.0, abs=1e-5)
    assert half["log_distance_from_published"] == pytest.approx(np.log(2.0), abs=1e-5)
    assert half["published"]["upper"] == pytest.approx(value, rel=1e-5)


def as_semicolons(text: str) -> str:
    """What a spreadsheet with decimal commas writes."""
    head, *rows = text.replace(",", ";").replace(".", ",").splitlines()
    return "\n".join([head, *rows]) + "\n"


def in_per_cent(text: str) -> str:
    head, *rows = text.splitlines()
    cells = [row.rsplit(",", 1) for row in rows]
    return "\n".join([head, *(f"{before},{100.0 * float(height):g}" for before, height in cells)]) + "\n"


@pytest.mark.parametrize(
    ("curves", "at_risk", "words"),
    [
        (as_semicolons(CURVES), as_semicolons(AT_RISK), ()),
        (in_per_cent(CURVES), AT_RISK, ("--per-cent",)),
        (
            CURVES.replace("arm,time,survival", "who,Monate,S(t)"),
            AT_RISK.replace("arm,time,at risk", "who,Monate,left"),
            ("--arm", "who", "--time", "Monate", "--survival", "S(t)", "--patients", "left"),
        ),
        ("\n".join([CURVES.splitlines()[0], *reversed(CURVES.splitlines()[1:])]), AT_RISK, ()),
        (CURVES + "observation,18,0.503\n", AT_RISK, ()),  # of points at one time the lowest
    ],
    ids=["decimal commas", "per cent", "named columns", "another order", "two points at one time"],
)
def test_the_same_curves_written_otherwise_are_the_same_patients(
    curves: str, at_risk: str, words: tuple[str, ...], reconstructed: Callable, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    reconstructed(written(first, CURVES, AT_RISK), "-o", str(first / "patients.csv"))

    called = reconstructed(written(second, curves, at_risk), *words, "-o", str(second / "patients.csv"))

    assert called.code == 0, called.err
    assert (second / "patients.csv").read_bytes() == (first / "patients.csv").read_bytes()


def test_semicolons_and_decimal_commas_are_said(reconstructed: Callable, tmp_path: Path) -> None:
    called = reconstructed(written(tmp_path, as_semicolons(CURVES), as_semicolons(AT_RISK)))

    assert "curves.csv: The file was read with semicolons between cells and decimal commas." in called.out
    assert "at-risk.csv: The file was read with semicolons between cells." in called.out


def test_one_arm_needs_no_column_of_arms_and_analyse_reads_it(
    reconstructed: Callable, trialeukin: Callable, tmp_path: Path
) -> None:
    files = written(tmp_path, "x,y\n0,1.004\n6,0.8\n12,0.5\n", "time,n\n0,30\n")

    called = reconstructed(files, "--events", "15", "-o", str(tmp_path / "patients.csv"))

    assert called.code == 0, called.err
    assert " ".join(called.out.split()).count("all patients 30 15 0 0") == 1
    assert "hazard ratio" not in called.out.lower()
    assert "1 point read above 1 or below 0, by at most 0.02, is taken for 1 or 0" in called.out
    assert (tmp_path / "patients.csv").read_text(encoding="utf-8").startswith("time,event\n")
    assert "30        15" in trialeukin("analyse", str(tmp_path / "patients.csv")).out


def third_arm(text: str) -> str:
    """The rows of IL-2 as those of another arm."""
    return "".join(f"{row}\n" for row in text.replace("IL-2", "IL-15").splitlines() if row.startswith("IL-15"))


def test_three_arms_are_each_set_against_the_control(reconstructed: Callable, tmp_path: Path) -> None:
    files = written(tmp_path, *(text + third_arm(text) for text in (CURVES, AT_RISK)))

    called = reconstructed(files, "--control", "observation", "--published-ratio", "IL-15=0.5", "--json")

    ratios = json.loads(called.out)["hazard_ratios"]
    assert [each["label"] for each in ratios] == ["IL-15 over observation", "IL-2 over observation"]
    assert [each["published"] is None for each in ratios] == [False, True]
    assert ratios[0]["hazard_ratio"] == pytest.approx(ratios[1]["hazard_ratio"], rel=1e-9)  # their curves are one
    refused = reconstructed(files, "--control", "observation", "--published-ratio", "0.5")
    assert refused.code == 2
    assert "--published-ratio '0.5': say of which arm, such as IL-15=0.5; there are 'IL-15' and 'IL-2'" in refused.err


def test_curves_without_an_event_have_patients_and_no_ratio(reconstructed: Callable, tmp_path: Path) -> None:
    level = "arm,time,survival\na,0,1\na,9,1\nb,0,1\nb,9,1\n"
    files = written(tmp_path, level, "arm,time,n\na,0,8\nb,0,9\n")

    called = reconstructed(files, "-o", str(tmp_path / "patients.csv"))
    document = json.loads(reconstructed(files, "--json").out)

    assert called.code == 0
    assert "No hazard ratio: no curve falls, so that nobody has the event and there is nothing to compare" in called.out
    assert len((tmp_path / "patients.csv").read_text(encoding="utf-8").splitlines()) == 18
    assert document["hazard_ratios"] == []
    assert any("they have no covariates" in note for note in document["notes"])
    assert "no curve falls" in document["no_hazard_ratio"]


def test_an_arm_without_an_event_has_no_finite_ratio(reconstructed: Callable, tmp_path: Path) -> None:
    curves = "arm,time,survival\na,0,1\na,9,1\nb,0,1\nb,5,0.7\nb,9,0.5\n"
    files = written(tmp_path, curves, "arm,time,n\na,0,8\nb,0,9\n")

    called = reconstructed(files, "--control", "b", "--published-ratio", "0.3")
    (ratio,) = json.loads(reconstructed(files, "--control", "b", "--json").out)["hazard_ratios"]

    assert "none: it goes to 0 or beyond all bounds" in called.out
    assert "origin" not in called.out
    assert ratio["status"] == "infinite_estimate"
    assert ratio["hazard_ratio"] == {"value": None, "lower": None, "upper": None}


def test_what_to_read_again_is_named(reconstructed: Callable, tmp_path: Path) -> None:
    curves = CURVES.replace("IL-2,18,0.7", "IL-2,18,0.83")
    called = reconstructed(written(tmp_path, curves, AT_RISK + "IL-2,24,5\n"), "--events", "observation=10")

    assert "IL-2: the points rise by 3.0 % at time 18, where a curve never rises" in called.out
    assert "IL-2: numbers at risk go on to 24, the points end at 18: read the curve to its end" in called.out
    assert "IL-2: without its events in total" in called.out
    twice = reconstructed(written(tmp_path, CURVES, AT_RISK), "--events", "observation=2", "--events", "IL-2=6")
    assert "observation: the curve of these patients is up to 3.3 % off the points: its numbers at risk or" in twice.out
    assert "IL-2: the curve" not in twice.out
    assert "observation: " not in called.out
    assert "No control was named: the first arm in order, 'IL-2', is taken; --control names it." in called.out


def plainly(message: str) -> str:
    return message.replace(" of a file with a header)", ")")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("IL-2,6,0.9", "IL-2,6,90", "curves.csv: column 'survival' is 90 in row 2 (line 3): "
            "survival is a fraction from 0 to 1; give --per-cent where the column is in per cent"),
        ("IL-2,6,0.9", "IL-2,6,-0.3", "column 'survival' is -0.3 in row 2"),
        ("IL-2,6,0.9", "IL-2,6,", "column 'survival' lacks 1 of 8 values (first in row 2"),
        ("IL-2,6,0.9", "IL-2,6,o.9", "column 'survival' holds 'o.9' in row 2 (line 3): give num"),
        ("IL-2,6,0.9", "IL-2,-1,0.9", "column 'time' is -1 in row 2 (line 3): times are zero or"),
        ("IL-2,18,0.7", "IL-2,18,0.9", "arm 'IL-2': survival rises from 0.8 in row 3 (line 4) to "
            "0.9 in row 4 (line 5): a curve never rises, and up to 0.05 is taken for an error"),
        ("observation,6", "Observation,6", "column 'arm' has 'Observation' and 'observation', which differ only in"),
        ("observation", "control", "the points are of 'IL-2' and 'control', the numbers at risk of 'IL-2' and "
            "'observation': give both of the same arms, written alike"),
        ("arm,time,survival", "0,1,2", "curves.csv: the first line is 0,1,2: put the names of the columns there"),
        ("arm,time,survival", "arm,time,level", "no column is plainly the survival: say which with --survival; "
            "the table has 'arm', 'time' and 'level'"),
        ("arm,time,survival", "arm,time,months", "the time could be column 'time' or 'months': say which with --time"),
        (CURVES, "arm,time,survival\nIL-2,0,1\nobservation,0,1\nobservation,9,0.5\n",
            "arm 'IL-2': its only point is at time 0 in row 1 (line 2): read the curve to its end"),
        (CURVES, "arm,time,survival\n", "curves.csv: the table has no rows: give one a point"),
    ],
)  # fmt: skip
def test_points_that_cannot_be_are_refused(
    old: str, new: str, message: str, reconstructed: Callable, tmp_path: Path
) -> None:
    files = written(tmp_path, CURVES.replace(old, new), AT_RISK)

    called = reconstructed(files, "-o", str(tmp_path / "patients.csv"))

    assert called.code == 2
    assert message in plainly(called.err)
    assert called.out == ""
    assert not (tmp_path / "patients.csv").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("IL-2,0,20", "IL-2,0,20.5", "at-risk.csv: column 'at risk' is 20.5 in row 1 (line 2): a "
            "number at risk is a whole number, zero or more, as the paper prints it"),
        ("IL-2,0,20", "IL-2,0,-1", "column 'at risk' is -1 in row 1"),
        ("IL-2,0,20", "IL-2,0,1000000000", "column 'at risk' is 1e+09 in row 1 (line 2): an arm has at most 100,000"),
        ("IL-2,0,20", "IL-2,6,20", "arm 'IL-2': its numbers at risk start at time 6 in row 1 (line 2): "
            "add that at time 0, the size of the arm"),
        ("IL-2,12,16", "IL-2,0,14", "arm 'IL-2': time 0 is in row 1 (line 2) and again in row 2"),
        ("IL-2,12,16", "IL-2,12,24", "arm 'IL-2': 24 at risk at 12 in row 2 (line 3), after 20 at "
            "0: numbers at risk fall; correct the one that is misread"),
        ("IL-2,0,20\nIL-2,12,16", "IL-2,0,0", "arm 'IL-2': 0 patients at risk at time zero: give the size of the arm"),
        ("arm,time,at risk", "arm,time,left", "no column is plainly the patients: say which with --patients"),
        (AT_RISK, "arm,time,at risk\n", "at-risk.csv: the table has no rows: give one a time and arm"),
    ],
)  # fmt: skip
def test_numbers_at_risk_that_cannot_be_are_refused(
    old: str, new: str, message: str, reconstructed: Callable, tmp_path: Path
) -> None:
    called = reconstructed(written(tmp_path, CURVES, AT_RISK.replace(old, new)))

    assert called.code == 2
    assert message in plainly(called.err)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--per-cent",),
            "column 'survival' is at most 1, with --per-cent 1 %: these are fractions; leave --per-cent out"),
        (("--events", "6"),
            "--events '6': say of which arm, such as IL-2=6; there are 'IL-2' and 'observation'"),
        (("--events", "IL2=6"),
            "--events 'IL2=6': no arm 'IL2': allowed are 'IL-2' and 'observation'; did you mean 'IL-2'?"),
        (("--events", "IL-2=6", "--events", "IL-2=7"),
            "--events 'IL-2=7': 'IL-2' has one already: give each arm one"),
        (("--events", "IL-2=6.5"),
            "--events '6.5': give a whole number, as the paper prints it"),
        (("--events", "IL-2=21"),
            "arm 'IL-2': events 21 of 20 patients: give between none and all of them"),
        (("--control", "IL2"),
            "--control 'IL2': no such arm: allowed are 'IL-2' and 'observation'; did you mean 'IL-2'?"),
        (("--published-ratio", "0.5"),
            "--published-ratio '0.5' is of an arm over another: name that other with --control"),
        (("--control", "IL-2", "--published-ratio", "0,5"),
            "--published-ratio '0,5': give the hazard ratio with its 95 %"),
        (("--control", "IL-2", "--published-ratio", "0"),
            "--published-ratio '0': hazard ratio 0: give a number above zero"),
        (("--control", "IL-2", "--published-ratio", "0.5 (0.6 to 0.9)"),
            "hazard ratio 0.5 with limits 0.6 and 0.9: give"),
        (("--control", "IL-2", "--published-ratio", "IL-2=0.5"),
            "no arm 'IL-2': allowed are 'observation'"),
        (("--time", "months"),
            "no column 'months': the table has 'arm', 'time' and 'survival'; --time takes one of "
            "these, and names it in both files"),
        (("--time", "arm", "--arm", "arm"),
            "'arm' and 'arm': two roles are in one column; give each column one"),
        (("-o", "patients.txt"), "patients.txt: patients are written as .csv: end the name with it"),
    ],
)  # fmt: skip
def test_words_that_cannot_be_are_refused(
    words: tuple[str, ...], message: str, reconstructed: Callable, published: tuple[Path, Path]
) -> None:
    called = reconstructed(published, *words)

    assert called.code == 2
    assert message in plainly(called.err)


def test_a_ratio_of_one_arm_is_refused(reconstructed: Callable, tmp_path: Path) -> None:
    files = written(tmp_path, "time,survival\n0,1\n9,0.5\n", "time,n\n0,30\n")

    called = reconstructed(files, "--published-ratio", "0.5")

    assert called.code == 2
    assert "--published-ratio '0.5' is of an arm over another: there is one arm" in called.err


def test_a_file_that_is_read_is_not_written_over_and_one_written_before_is(
    reconstructed: Callable, published: tuple[Path, Path], tmp_path: Path
) -> None:
    target = tmp_path / "patients.csv"
    target.write_text("earlier", encoding="utf-8")

    refused = [reconstructed(published, "-o", str(file)) for file in published]
    called = reconstructed(published, "-o", str(target))

    for each in refused:
        assert each.code == 2
        assert "this file is read: give the patients another name" in each.err
    assert published[0].read_text(encoding="utf-8") == CURVES
    assert called.code == 0
    assert target.read_text(encoding="utf-8").startswith("time,event,arm\n")


def test_the_study_file_lines_are_understood_by_a_study_file(
    reconstructed: Callable, published: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("COLUMNS", "80")):  # a terminal breaks long lines
        monkeypatch.setenv(name, value)
    said = reconstructed(published, "--control", "observation").out
    lines = table_of(said, "[[published")
    study = (Path(__file__).parents[2] / "studies" / "calgb-9720.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(study + "\n" + "\n".join(lines) + "\n", encoding="utf-8")

    (ratio,) = load_study(tmp_path / "mine.toml").published.hazard_ratios

    assert ratio.origin is Origin.RECONSTRUCTED


def test_the_lines_for_the_base_are_understood_and_pooled_and_are_no_printed_number(
    reconstructed: Callable, trialeukin: Callable, published: tuple[Path, Path], tmp_path: Path
) -> None:
    said = reconstructed(published, "--control", "observation").out
    lines = table_of(said, "[[effects]]")
    (ratio,) = re.findall(r"^hazard ratio, IL-2 over observation +(\S+) \((.*?)\)", said, re.MULTILINE)
    of_arms = ('name = "il2"', 'name = "IL_2"'), ('name = "control"', 'name = "observation"'), ("n = 120", "n = 20")
    page = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-published-study.md"
    study = page.read_text(encoding="utf-8").split("```toml\n")[1].split("[[effects]]")[0].replace("n = 240", "n = 40")
    for old, new in of_arms:
        study = study.replace(old, new)
    file, base = tmp_path / "mine.toml", tmp_path / "base"
    file.write_text(study + "\n".join(lines) + "\n", encoding="utf-8")
    pool = ("evidence", "pool", "--outcome", "LFS", "--lineage", "myeloid", "--setting", "cr1", "--role", "il2")

    added = trialeukin("evidence", "add", "--from", str(file), "--directory", str(base))
    pooled = trialeukin(*pool, "--directory", str(base))
    file.write_text(study + "\n".join(lines).replace('"derived"', '"printed"') + "\n", encoding="utf-8")
    refused = trialeukin("evidence", "add", "--from", str(file), "--directory", str(tmp_path / "other"))

    assert added.code == pooled.code == 0, added.err
    assert re.findall(r"^MINE2026 +(\S+) +(\S+ to \S+) ", pooled.out, re.MULTILINE) == [ratio]
    assert "pooled, of reconstructed curves and no printed number: MINE2026\n" in pooled.out
    assert refused.code == 2
    assert "quality: 'printed': what comes of 'reconstructed curves' is 'derived' or 'doubtful'" in refused.err


def test_a_limit_near_zero_is_no_zero_in_a_study_file() -> None:
    ratio = CurveRatio(
        treated="a",
        control="b",
        status=CoxStatus.CONVERGED,
        log_ratio=-3.5,
        standard_error=1.5,
        p_value=0.02,
        printed=None,
    )

    limits = [line for line in study_lines(ratio) if line.startswith(("value", "lower", "upper"))]

    assert limits == ["value = 0.0302", "lower = 0.0016", "upper = 0.571"]
