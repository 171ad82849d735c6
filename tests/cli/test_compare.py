"""The compare command: regimens, or multiples of a dose, in the same virtual patients."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trialeukin.regimen.course import Regimen
from trialeukin.regimen.parse import parse
from trialeukin.regimen.scale import scaled
from trialeukin.report.doses_figure import doses_figure
from trialeukin.store.contrast_document import contrast_document
from trialeukin.trial.background import background
from trialeukin.trial.contrast import contrasts_of

SHORT, INFUSED = "aldesleukin 1 MIU/m2/day sc days 1-5", "aldesleukin 9 MIU/m2/day civ days 1-4"
FEW = ("--patients", "20", "--draws", "4")


def cells(out: str, name: str) -> list[str]:
    """Return the cells of the first row of a name, from the second column on."""
    line = next(line for line in out.splitlines() if line.startswith(name))
    return line[len(name) :].split()


def test_two_regimens_stand_side_by_side_with_what_differs(trialeukin: Callable) -> None:
    called = trialeukin("compare", SHORT, INFUSED, *FEW)
    assert called.code == 0
    assert f"A: {SHORT}" in called.out
    assert f"B: {INFUSED}" in called.out
    assert "AML in first remission, adults" in called.out
    assert "no more than the range over 4 draws" in " ".join(called.out.split())
    low, high = (
        float(each.replace(",", "")) for each in cells(called.out, "peak (Cmax) of administered IL-2 in plasma, pmol/L")
    )
    assert 0.0 < low < high


def test_one_regimen_is_set_against_none(trialeukin: Callable) -> None:
    called = trialeukin("compare", SHORT, *FEW)
    assert called.code == 0
    assert "Differences from none" in called.out
    assert cells(called.out, "peak (Cmax) of administered IL-2 in plasma, pmol/L")[0] == "0"


def test_multiples_of_a_dose_are_what_the_library_of_contrasts_finds(trialeukin: Callable) -> None:
    called = trialeukin(
        "compare", SHORT, "--doses", "0.5,1,3", "--in", "first-remission", "--seed", "5", *FEW, "--json"
    )
    regimens = (Regimen(), *(scaled(parse(SHORT), each) for each in (0.5, 1.0, 3.0)))
    found = contrasts_of(regimens, background("first-remission"), patients=20, draws=4, seed=5)
    assert called.code == 0
    assert json.loads(called.out) == json.loads(
        json.dumps(contrast_document(found, regimens) | {"multiples": [0.5, 1.0, 3.0]})
    )


def test_more_of_a_drug_is_more_exposure_cells_and_toxicity(trialeukin: Callable) -> None:
    found = json.loads(trialeukin("compare", SHORT, "--doses", "0.5,1,4", *FEW, "--json").out)
    means = {each["name"]: [level["mean"] for level in each["levels"]] for each in found["measures"]}
    for name in ("area under the curve (AUC) of administered IL-2 in plasma", "highest Treg in blood"):
        assert means[name] == sorted(means[name])
    assert means["lowest platelets in blood"] == sorted(means["lowest platelets in blood"], reverse=True)


@pytest.mark.parametrize("name", ["doses.svg", "doses.png"])
def test_multiples_are_drawn(trialeukin: Callable, tmp_path: Path, name: str) -> None:
    called = trialeukin("compare", SHORT, "--doses", "0.5,1", *FEW, "-o", str(tmp_path / name))
    assert called.code == 0
    assert called.out.rstrip().endswith(name)
    assert (tmp_path / name).read_bytes()[:5] in {b"<?xml", b"\x89PNG\r"}


@pytest.mark.parametrize(("draws", "said"), [(0, ""), (4, "no more than the range over 4 draws of what is not known")])
def test_the_bars_of_a_drawing_are_said_to_be_what_they_are(draws: int, said: str) -> None:
    found = contrasts_of((Regimen(), parse(SHORT)), background("first-remission"), patients=20, draws=draws)

    (foot,) = (word.get_text() for word in doses_figure(found, (1.0,), "doses").texts if "bands" in word.get_text())

    assert foot.endswith(said or "percentile of patients")
    assert ("bars: " in foot) is bool(draws)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((SHORT, "--doses", "2,1"), "--doses '2,1': let the multiples rise, each once"),
        ((SHORT, "--doses", "1,1"), "let the multiples rise, each once"),
        ((SHORT, "--doses", "1;2"), "--doses '1;2': give numbers above 0 with commas between"),
        ((SHORT, "--doses", "-1,1"), "-1 times a dose: give a factor above 0"),
        ((SHORT, "--doses", "nan"), "times a dose: give a factor above 0"),
        ((SHORT, INFUSED, SHORT, "--doses", "1,2"), "3 regimens with --doses: give the one that is multiplied"),
        ((SHORT, "-o", "x.png"), "-o draws lines over two or more multiples of a dose: name them"),
        ((SHORT, "--doses", "1", "-o", "x.png"), "-o draws lines over two or more multiples of a dose: name them"),
        ((SHORT, "--doses", "1,2", "-o", "x.pdf"), "x.pdf: the figure is written as one of .svg, .png"),
        ((SHORT, "--drug", "aldesleukin"), "--drug says whose doses change: name the multiples too"),
        ((SHORT, "--patients", "1"), "patients 1: give 20 or more"),
        ((SHORT, "--patients", "1000000"), "--patients 1,000,000: give at most 5,000"),
        ((SHORT, "--draws", "1000000"), "--draws 1,000,000: give at most 1,000"),
        ((SHORT, "--draws", "2"), "draws 2: give 0 for none, or 4 or more"),
        ((SHORT, "--draws", "-1"), "draws -1: give 0 for none, or 4 or more"),
        ((SHORT, "--in", "moon"), "no background 'moon': there are first-remission"),
        (("none",), "'none' alone has nothing to differ from: name a regimen"),
        ((*[SHORT] * 10,), "10 regimens: give at most 9"),
        (("aldesleukin 1 MIU/m2 sc day 1 +",), "trialeukin"),
        (("cytarabine 100 mg/m2/day civ days 1-7", "--in", "first-remission"), "cytarabine"),
    ],
)
def test_what_cannot_be_meant_is_refused(trialeukin: Callable, arguments: tuple[str, ...], said: str) -> None:
    called = trialeukin("compare", *arguments)
    assert called.code == 2
    assert said in called.err
    assert called.out == ""


def test_a_parameter_is_at_another_value_for_one_call(trialeukin: Callable) -> None:
    called = [
        json.loads(trialeukin("compare", SHORT, *FEW, "--json", *more).out)
        for more in ((), ("--set", "il2_bioavailability_sc = 0.2726535"), ("--set", "il2_bioavailability_sc=x0.5"))
    ]
    usual, half, times = (
        next(each["levels"][1]["mean"] for each in found["measures"] if each["name"].startswith("area under"))
        for found in called
    )

    assert [each["changed"] for each in called] == [
        [],
        *[[{"name": "il2_bioavailability_sc", "value": 0.2726535, "usual": 0.545307, "unit": "1"}]] * 2,
    ]
    assert 0.4 < half / usual < 0.6  # what receptors clear saturates
    assert half == times


def test_what_is_changed_is_told_and_what_means_nothing_refused(trialeukin: Callable) -> None:
    said = trialeukin(
        "compare", SHORT, "--patients", "20", "--draws", "0", "--set", "il2_linear_clearance=9.35 L/h/m^2"
    )
    assert "changed: il2_linear_clearance: 155.8 mL/min/m^2 instead of 77.91" in said.out
    for text, fault in (
        ("il2_linear_clearance=155", "give the value's unit too, such as mL/min/m^2, or a multiple such as x2"),
        ("il2_linear_clearance", "give a parameter, '=', and a value with its unit or a multiple such as x2"),
        ("il2_linear_clearance=x-1", "value -77.9127 mL/min/m^2 on the log scale: give more than 0"),
        ("clearance=x2", "model aml-maintenance has no parameter 'clearance'"),
    ):
        called = trialeukin("compare", SHORT, "--set", text)
        assert (called.code, fault in called.err) == (2, True), called.err
    twice = trialeukin("compare", SHORT, "--set", "receptor_access=x2", "--set", "receptor_access=x3")
    assert "receptor_access is changed twice" in twice.err
