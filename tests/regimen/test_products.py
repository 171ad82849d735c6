"""What units weigh, product by product."""

import pytest

from trialeukin.core.errors import RegimenError, UnitError
from trialeukin.regimen.products import (
    ALDESLEUKIN,
    CYTARABINE,
    HISTAMINE,
    concentration_in,
    product,
    products,
    to_miu,
    to_pmol,
    to_usual,
)

EXACT = 1e-12  # relative; a few roundings of double precision
THREE_DIGITS = 5e-4  # relative; half of the last digit printed


@pytest.mark.parametrize(
    ("amount", "unit", "miu"),
    [
        (1.0, "MIU", 1.0),
        (16400.0, "IU", 0.0164),
        (3e6, "Cetus U", 18.0),  # Blaise 1990: 3e6 Cetus U/m2/day
        (3.0, "M Cetus U", 18.0),
        (1.1, "mg", 18.0),  # label: 18 MIU = 1.1 mg
        (1100.0, "ug", 18.0),
    ],
)
def test_aldesleukin_in_any_of_its_units_comes_to_miu(amount: float, unit: str, miu: float) -> None:
    assert to_miu(amount, unit, ALDESLEUKIN) == pytest.approx(miu, rel=EXACT)


def test_a_million_units_of_aldesleukin_are_3995_picomoles() -> None:
    """1.1 mg / 18 = 61.1 ug, over 15,300 g/mol."""
    assert to_pmol(1.0, "MIU", ALDESLEUKIN) == pytest.approx(1.1e9 / 18.0 / 15300.0, rel=EXACT)
    assert to_pmol(1.0, "MIU", ALDESLEUKIN) == pytest.approx(3995.0, rel=THREE_DIGITS)


def test_a_mass_of_aldesleukin_needs_no_activity_to_be_given_in_moles() -> None:
    assert to_pmol(15.3, "ug", ALDESLEUKIN) == pytest.approx(1000.0, rel=EXACT)


def test_one_microgram_is_the_dose_per_kg_of_the_histamine_trials() -> None:
    """Brune 2006 prints 16,400 U/kg where Hellstrand 1997 prints 1 ug/kg."""
    assert to_miu(1.0, "ug", ALDESLEUKIN) == pytest.approx(0.0164, rel=3e-3)  # the label's 16.36 against 16.4


def test_totals_are_in_the_usual_unit_of_a_product() -> None:
    assert to_usual(3.0, "g", CYTARABINE) == 3000.0
    assert to_usual(500.0, "ug", HISTAMINE) == 0.5
    assert to_usual(1e6, "IU", ALDESLEUKIN) == 1.0


def test_what_cannot_be_converted_is_refused_with_the_units_there_are() -> None:
    with pytest.raises(UnitError, match="1 MIU of histamine cannot be given in MIU: its units are ug, mg, g"):
        to_miu(1.0, "MIU", HISTAMINE)
    with pytest.raises(UnitError, match="3 mg of histamine cannot be given in pmol: no molar mass of it is at hand"):
        to_pmol(3.0, "mg", HISTAMINE)


@pytest.mark.parametrize(
    "name", sorted({alias for each in products().values() for alias in (each.name, *each.aliases)})
)
def test_every_name_means_one_product_whatever_its_capitals(name: str) -> None:
    assert product(name) is product(name.upper()) is product(f" {name.lower()} ")


def test_an_unknown_drug_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(
        RegimenError, match=r"unknown drug 'Proleukine': known are aldesleukin.*did you mean 'Proleukin'\?"
    ):
        product("Proleukine")


@pytest.mark.parametrize(
    ("drug", "source", "target", "factor"),
    [
        ("aldesleukin", "pmol/L", "nmol/L", 1e-3),
        ("aldesleukin", "pmol/L", "ng/mL", 15300.0 * 1e-6),  # pg of a pmol, to ng in a thousandth of a litre
        ("IL-2", "pmol/L", "IU/mL", 15300.0 * 1e-9 * 18e6 / 1.1 * 1e-3),  # mg of a pmol, IU of a mg, mL of a litre
        ("cytarabine", "umol/L", "ug/L", 243.22),
    ],
)
def test_a_concentration_goes_by_molar_mass_and_activity(drug: str, source: str, target: str, factor: float) -> None:
    assert concentration_in(drug, 2.0, source, target) == pytest.approx(2.0 * factor, rel=EXACT)


@pytest.mark.parametrize(
    ("drug", "source", "target"),
    [("histamine", "mmol/L", "g/L"), ("cytarabine", "umol/L", "IU/L"), ("aldesleukin", "pmol/L", "pmol")],
)
def test_a_concentration_without_what_it_weighs_is_refused(drug: str, source: str, target: str) -> None:
    with pytest.raises(UnitError, match=f"{source} of {drug} cannot be given in {target}: give a unit such as"):
        concentration_in(drug, 1.0, source, target)
