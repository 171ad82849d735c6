"""The sensitivity command: which parameters decide what a regimen does."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trialeukin.regimen.parse import parse
from trialeukin.store.influence_document import influence_document
from trialeukin.trial.background import background
from trialeukin.trial.influence import influences_of
from trialeukin.trial.response import Body

SHORT = "aldesleukin 1 MIU/m2/day sc days 1-5"
FEW = ("--draws", "40")


def test_every_measure_names_what_moves_it_most_for_both_reasons(trialeukin: Callable) -> None:
    called = trialeukin("sensitivity", SHORT, *FEW)
    lines = called.out.splitlines()

    assert called.code == 0
    assert lines[0] == "AML in first remission, adults: a typical patient of 1.84 m2 and 70 kg, 64 days"
    assert lines.index("What is not known of the parameters") < lines.index("How patients differ")
    peaks = [line for line in lines if line.startswith("peak (Cmax) of administered IL-2 in plasma, pmol/L")]
    assert len(peaks) == 2
    assert all("il2_linear_clearance" in line for line in peaks)


def test_one_measure_has_a_row_a_parameter(trialeukin: Callable, tmp_path: Path) -> None:
    figure = tmp_path / "cmax.svg"
    called = trialeukin("sensitivity", SHORT, "--of", "cmax", "-o", str(figure), *FEW)
    (row, _) = [line.split() for line in called.out.splitlines() if line.startswith("il2_linear_clearance")]
    lower, higher = float(row[3]), float(row[4])

    assert called.code == 0
    assert "peak (Cmax) of administered IL-2 in plasma, pmol/L: " in called.out
    assert lower > higher > 0.0
    assert "(identified)" in called.out
    assert figure.read_text(encoding="utf-8").startswith("<?xml")


def test_a_parameter_that_moves_nothing_but_tells_of_another_has_a_row(trialeukin: Callable) -> None:
    """In adults the burden of children moves nothing; one fit ties it to the adults' burden."""
    called = trialeukin("sensitivity", SHORT, "--of", "residual leukaemia", *FEW)
    (row,) = [line.split() for line in called.out.splitlines() if line.startswith("burden_shift_child")]
    lower, higher, share, learned = row[2], row[3], int(row[4]), int(row[6])

    assert lower == higher
    assert share == 0
    assert learned > 10


def test_json_has_what_the_library_finds(trialeukin: Callable) -> None:
    called = trialeukin("sensitivity", SHORT, "--json", "--bsa", "1.7", "--weight", "60", "--seed", "5", *FEW)
    regimen = parse(SHORT)
    found = influences_of(regimen, background("first-remission"), body=Body(bsa=1.7, weight=60.0), draws=40, seed=5)

    assert json.loads(called.out) == json.loads(json.dumps(influence_document(found, regimen)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--of", "NK"), "--of 'NK' fits 4 of the measures: give more of one name: time with IL-2 above the"),
        (("--of", "glucose"), "--of 'glucose' fits none of the measures: give more of one name: peak (Cmax)"),
        (("-o", "x.svg"), "-o draws one measure: name it, such as --of Cmax"),
        (("--draws", "1000000"), "--draws 1,000,000: give at most 5,000"),
        (("--draws", "3"), "draws 3: give 40 or more"),
        (("--of", "Cmax", "-o", "x.pdf"), "x.pdf"),
        (("--in", "nowhere"), "nowhere"),
        (("--bsa", "-1"), "bsa -1: give a number of m2 from 0.1 to 4"),
        (("--weight", "nan"), "weight nan: give a number of kg from 1 to 400"),
    ],
)
def test_what_cannot_be_answered_is_refused(trialeukin: Callable, options: tuple[str, ...], said: str) -> None:
    called = trialeukin("sensitivity", SHORT, *(() if "--draws" in options else FEW), *options)

    assert called.code == 2
    assert said in called.err


def test_a_parameter_may_stand_at_another_value(trialeukin: Callable) -> None:
    plain, doubled = (
        json.loads(trialeukin("sensitivity", SHORT, "--json", *more, *FEW).out)
        for more in ((), ("--set", "il2_linear_clearance=x2"))
    )
    areas = [
        next(each["typical"] for each in found["measures"] if each["name"].startswith("area under"))
        for found in (plain, doubled)
    ]

    assert areas[1] < areas[0]
    assert plain["changed"] == []
    assert [each["name"] for each in doubled["changed"]] == ["il2_linear_clearance"]
    called = trialeukin("sensitivity", SHORT, "--set", "il2_linear_clearance=x2", *FEW)
    assert "changed: il2_linear_clearance: " in called.out


def test_a_measure_that_is_not_found_leaves_no_directory(trialeukin: Callable, tmp_path: Path) -> None:
    called = trialeukin("sensitivity", SHORT, "--of", "glucose", "-o", str(tmp_path / "new" / "x.svg"), *FEW)

    assert called.code == 2
    assert not (tmp_path / "new").exists()
