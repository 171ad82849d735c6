"""Thresholds that nearly always or never hold are warned of, and a number without a unit gets one that fits it."""

import pytest

from trialeukin.model.whole import model
from trialeukin.regimen.marker_levels import LEVELS, likely_unit
from trialeukin.regimen.parse import parse
from trialeukin.regimen.plausible import warnings


def warned(rule: str) -> tuple[str, ...]:
    return warnings(parse(f"aldesleukin 1 MIU sc day 1; {rule}"))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "hold while platelets < 25000 G/L",
            "'platelets < 25000 G/L' nearly always holds, since usual are 237 G/L: write 'platelets < 25000 /uL' if "
            "that is meant",
        ),
        (
            "hold while platelets > 25 G/L",
            "nearly always holds, since usual are 237 G/L: write 'platelets < 25 G/L' if that is meant",
        ),
        (
            "hold while platelets < 0.025 G/L",
            "nearly never holds, since usual are 237 G/L: look at number and unit again",
        ),
        (
            "hold while platelets < 25 /uL",
            "nearly never holds, since usual are 237 G/L: write 'platelets < 25 G/L' if that is meant",
        ),
        (
            "delay while ANC < 500 G/L",
            "nearly always holds, since usual are 3.53 G/L: write 'neutrophils < 500 /uL' if that is meant",
        ),
        ("stop when lymphocyte count < 0.5 /uL", "write 'lymphocyte count < 0.5 G/L' if that is meant"),
        ("stop at fever grade 0", "'fever grade >= 0' always holds, since grades begin at 0"),
        ("stop at gvhd 2", "'gvhd >= 2' never holds: it is 0 before and 1 from then on, without grades"),
        ("stop when relapsed > 1", "write 'relapsed >= 1'"),
    ],
)
def test_a_threshold_that_tells_no_moments_apart_is_warned_of(rule: str, said: str) -> None:
    (found,) = warned(rule)

    assert said in found


@pytest.mark.parametrize(
    "rule",
    [
        *("hold while platelets < 10 G/L", "hold while platelets < 25000/uL", "delay while platelets < 150 G/L"),
        *("hold while neutrophils < 0.1 G/L", "hold while ANC < 1500/uL", "stop when eosinophil count > 10 G/L"),
        *("stop at fever grade 3", "stop when gvhd >= 1", "stop when relapsed > 0.5", "hold while nk_count < 5 /uL"),
    ],
)
def test_thresholds_of_protocols_are_not_warned_of(rule: str) -> None:
    assert warned(rule) == ()


@pytest.mark.parametrize(
    ("name", "number", "unit"),
    [
        ("platelets", 25.0, "G/L"),
        ("platelets", 25000.0, "cell/uL"),
        ("neutrophils", 1.0, "G/L"),
        ("neutrophils", 500.0, "cell/uL"),
        ("lymphocyte_count", 0.5, "G/L"),
        ("platelets", 0.0, "pmol/L"),
        ("il2_concentration", 5.0, "pmol/L"),
    ],
)
def test_a_number_gets_the_unit_in_which_it_is_near_a_usual_count(name: str, number: float, unit: str) -> None:
    usual = "pmol/L" if unit == "pmol/L" else "G/L"

    assert likely_unit(name, number, usual) == unit


def test_levels_are_those_that_the_models_start_from() -> None:
    marrow, blood = model("aml-refractory").parameters, model("aml-maintenance").parameters
    lymphocytes = sum(blood[f"{cell}_baseline"].value for cell in ("cd4", "treg", "cd8", "nk"))

    assert LEVELS["platelets"].value == marrow["platelet_normal"].value
    assert LEVELS["neutrophils"].value == marrow["neutrophil_baseline"].value
    assert LEVELS["lymphocyte_count"].value == lymphocytes
    assert LEVELS["eosinophil_count"].value == blood["eosinophil_baseline"].value
    assert {name: level.unit for name, level in LEVELS.items()} == {
        "platelets": "G/L", "neutrophils": "G/L", "lymphocyte_count": "cell/uL", "eosinophil_count": "G/L",
    }  # fmt: skip
