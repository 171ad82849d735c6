"""The regimen command: texts, files and names, what it prints and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trialeukin.regimen.library import names
from trialeukin.regimen.parse import parse
from trialeukin.regimen.render import render

PULSED = "aldesleukin 1 MIU/m2/day sc days 1-14; aldesleukin 12 MIU/m2/day sc days 15-17"
TWICE = "aldesleukin 16400 IU/kg sc twice daily days 1-21 + histamine 0.5 mg sc twice daily days 1-21"


def test_a_text_is_echoed_canonically_with_sentence_doses_totals_and_calendar(trialeukin: Callable) -> None:
    called = trialeukin("regimen", PULSED)

    assert called.code == 0
    assert render(parse(PULSED)) in called.out
    assert "Aldesleukin 1 MIU/m2/day subcutaneously on days 1-14." in called.out
    assert "15-17" in called.out
    assert "92" in called.out  # (14 x 1 + 3 x 12) MIU/m2 x 1.84 m2
    assert "░ ░ ░ ░ ░ ░ ░" in called.out
    assert "█ █ █" in called.out
    assert called.err == ""


def test_json_is_nothing_but_one_document_with_the_agreed_keys(trialeukin: Callable) -> None:
    called = trialeukin("regimen", TWICE, "--json", "--weight", "80", "--bsa", "2")
    document = json.loads(called.out)

    assert called.code == 0
    assert {"canonical", "sentence", "blocks", "events", "total"} <= document.keys()
    assert {"drug", "route", "start_day", "end_day", "amount", "unit", "per", "times_per_day"} <= document["blocks"][
        0
    ].keys()
    assert {"time_h", "duration_h", "amount", "unit", "route"} <= document["events"][0].keys()
    assert document["total"]["aldesleukin"]["amount"] == pytest.approx(16400e-6 * 2 * 21 * 80)
    assert document["total"]["histamine"]["amount"] == pytest.approx(21.0)


def test_the_list_has_every_regimen_of_the_library(trialeukin: Callable) -> None:
    called = trialeukin("regimen", "--list")

    assert called.code == 0
    assert [line.split()[0] for line in called.out.splitlines()[1:]] == list(names())


def test_the_list_as_json_gives_sources(trialeukin: Callable) -> None:
    document = json.loads(trialeukin("regimen", "--list", "--json").out)

    assert [each["name"] for each in document] == list(names())
    assert all(each["sources"] for each in document)


def test_a_name_of_the_library_says_what_is_assumed(trialeukin: Callable) -> None:
    called = trialeukin("regimen", "calgb-19808")

    assert called.code == 0
    assert "assumed: " in called.out
    assert "aldesleukin 12 MIU/m2/day sc days 15-17" in called.out


def test_a_file_is_read_and_named_in_messages(trialeukin: Callable, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.regimen", tmp_path / "bad.regimen"
    good.write_text(PULSED, encoding="utf-8")
    bad.write_text("\naldesleukin 1 MUI/m2 sc day 1", encoding="utf-8")

    read, refused = trialeukin("regimen", str(good)), trialeukin("regimen", str(bad))

    assert read.code == 0
    assert refused.code == 2
    assert f"{bad}, line 2: unknown unit 'MUI/m2'" in refused.err


def test_an_arm_without_treatment_is_said_to_be_one(trialeukin: Callable) -> None:
    called = trialeukin("regimen", "none")

    assert called.code == 0
    assert "observation" in called.out
    assert "Calendar" not in called.out


def test_weeks_that_repeat_share_a_row(trialeukin: Callable) -> None:
    called = trialeukin("regimen", "aldesleukin 1 MIU sc days 1-21, 43-63")

    rows = [line.split()[0] for line in called.out.splitlines() if " days " in line and line[0].isdigit()]

    assert rows == ["1-3", "4-6", "7-9"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("aldesleukin 1 MUI/m2 sc days 1-21", ("'MUI/m2'", "line 1", "did you mean 'MIU/m2'", "^^^^^^")),
        ("aldesleukin 1 U sc day 1", ("'U'", "line 1", "IU or MIU", "Cetus U", "Roche U", "^")),
        ("aldesleukin -1 MIU sc day 1", ("-1", "line 1", "^")),
        ("aldesleukin 0 MIU sc day 1", ("0", "line 1", "^")),
        ("aldesleukin 1 MIU sc days 14-1", ("14", "backwards", "'days 1", "^")),
        ("aldesleukin 1 MIU sc days 1-5, 3-8", ("overlaps itself on day 3", "^")),
        ("aldesleukin 1 MIU orally day 1", ("'orally'", "line 1", "^^^^^^")),
        ("aldesleukim 1 MIU sc day 1", ("'aldesleukim'", "did you mean 'aldesleukin'", "^^^")),
        ("aldesleukin 1 MIU sc days 1-5 every other week please", ("line 1", "^^^")),
        ("aldesleukin 1 MIU sc", ("on which days?", "days 1-5", "^")),
        ("", ("empty", "name a drug")),
        ("calgb-1980", ("'calgb-1980'", "did you mean 'calgb-19808'")),
        ("missing.regimen", ("missing.regimen", "no such file", "give the path")),
    ],
)
def test_what_is_not_understood_is_refused_with_value_place_and_way_out(
    trialeukin: Callable, text: str, words: tuple[str, ...]
) -> None:
    called = trialeukin("regimen", text)

    assert called.code == 2
    assert called.out == ""
    assert "Traceback" not in called.err
    for word in words:
        assert word in called.err


@pytest.mark.parametrize("content", [b"", b"\n  # only a comment\n"])
def test_an_empty_file_is_refused_by_name(trialeukin: Callable, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.regimen"
    path.write_bytes(content)

    called = trialeukin("regimen", str(path))

    assert called.code == 2
    assert f"{path}: empty: name a drug" in called.err


def test_a_file_that_is_not_utf_8_is_refused_at_its_line(trialeukin: Callable, tmp_path: Path) -> None:
    path = tmp_path / "latin.regimen"
    path.write_bytes(b"aldesleukin 1 MIU sc day 1\n# caf\xe9")

    called = trialeukin("regimen", str(path))

    assert called.code == 2
    assert f"{path}, line 2: byte 0xe9 is not UTF-8" in called.err


def test_a_directory_is_no_regimen(trialeukin: Callable, tmp_path: Path) -> None:
    called = trialeukin("regimen", str(tmp_path))

    assert called.code == 2
    assert "cannot be read" in called.err


@pytest.mark.parametrize("size", ["0", "-1", "nan", "inf"])
@pytest.mark.parametrize("option", ["--bsa", "--weight"])
def test_a_body_without_size_is_refused(trialeukin: Callable, option: str, size: str) -> None:
    called = trialeukin("regimen", PULSED, option, size)

    assert called.code == 2
    assert f"{option} {float(size):g}: give a number" in called.err


def test_neither_text_nor_list_is_refused(trialeukin: Callable) -> None:
    called = trialeukin("regimen")

    assert called.code == 2
    assert "--list" in called.err


@pytest.mark.parametrize(
    ("rule", "underlined", "said"),
    [
        ("hold while serum rhubarb > 3 mg/dL", "hold while serum rhubarb > 3 mg/dL", "has no marker 'serum rhubarb'"),
        (
            "hold while serum creatinine > 2 mg/dL",
            "hold while serum creatinine > 2 mg/dL",
            "no marker 'serum creatinine': no model has renal function",
        ),
        ("stop at acute GVHD grade 2", "stop at acute GVHD grade 2", "'gvhd >= 1' holds once it has begun"),
        ("stop at leak grade 3", "stop at leak grade 3", "there are such as capillary leak grade, platelets,"),
        ("hold while platelts < 25 G/L", "hold while platelts < 25 G/L", "did you mean 'platelets'?"),
        ("hold while platelets < 25", "hold while platelets < 25", "add G/L, as in 'platelets < 25 G/L'"),
        ("hold while platelets < 25000", "hold while platelets < 25000", "add /uL, as in 'platelets < 25000 /uL'"),
        ("hold while platelets < 25 mg/dL", "hold while platelets < 25 mg/dL", "platelets is counted in G/L"),
        ("stop at fever grade 3; hold while fever grade >= 2 G/L", "hold while fever grade >= 2 G/L", "leave G/L out"),
    ],
)
def test_a_rule_that_no_model_can_look_up_is_refused_at_its_spot(
    trialeukin: Callable, rule: str, underlined: str, said: str
) -> None:
    called = trialeukin("regimen", f"aldesleukin 1 MIU/m2/day sc days 1-14; {rule}")

    assert called.code == 2
    assert said in " ".join(called.err.split())
    assert f"^{'^' * (len(underlined) - 1)}\n" in called.err
    assert "_" not in called.err


def test_a_dose_far_beyond_the_library_is_shown_with_a_warning(trialeukin: Callable) -> None:
    text = "aldesleukin 1000000 MIU/m2 sc day 1"
    called = trialeukin("regimen", text)
    document = json.loads(trialeukin("regimen", text, "--json").out)

    assert called.code == 0
    assert "Warning: one dose of aldesleukin is 1.84e6 MIU" in called.out
    assert "55,556 times the highest of the library" in document["warnings"][0]


@pytest.mark.parametrize(
    ("option", "size", "limits"), [("--bsa", "17", "m2 from 0.1 to 4"), ("--weight", "700", "kg from 1 to 400")]
)
def test_a_body_has_the_limits_of_the_page(trialeukin: Callable, option: str, size: str, limits: str) -> None:
    called = trialeukin("regimen", PULSED, option, size)

    assert called.code == 2
    assert limits in called.err


def test_a_file_with_a_byte_order_mark_points_at_the_right_spot(trialeukin: Callable, tmp_path: Path) -> None:
    file = tmp_path / "marked.regimen"
    file.write_bytes(b"\xef\xbb\xbfaldesleukin 1 MUI sc day 1")

    called = trialeukin("regimen", str(file))

    assert called.code == 2
    assert called.err.splitlines()[1:] == ["  | aldesleukin 1 MUI sc day 1", "  |               ^^^"]
