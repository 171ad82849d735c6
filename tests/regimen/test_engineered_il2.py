"""Interleukin-2 drugs after aldesleukin: what is known of them, and what is not."""

import csv
import io

import pytest

from trialeukin.core.errors import ParameterError, UnitError
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.regimen.engineered_il2 import ENGINEERED, FUSIONS
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse
from trialeukin.regimen.pharmacology import Binding, Pharmacology
from trialeukin.regimen.products import lacking, product, to_pmol
from trialeukin.regimen.render import render

MEASURED = """\
Mutein,IL2RaKD,IL2RBGKD
WT N-term,0.19,5.296
WT C-term,0.54,3.043
V91K C-term,0.69,7.5586
R38Q N-term,0.71,3.9949
F42Q N-Term,9.48,2.815
N88D C-term,1.01,24.0166
H16N N-term,0.43,22.35
R38Q/H16N,0.71,22.35
"""  # data/WTmutAffData.csv of gcSolver.jl at b074e92c, nM
UNKNOWN = {
    "rezpegaldesleukin": ("affinity to CD25", "affinity to CD122/CD132"),
    "bempegaldesleukin": ("affinity to CD25", "affinity to CD122/CD132", "half-life in people", "molar mass"),
    "nemvaleukin": ("half-life in people", "molar mass"),
    "THOR-707": ("half-life in people", "molar mass"),
    "efavaleukin": ("affinity to CD25", "affinity to CD122/CD132", "half-life in people", "molar mass"),
    "IL2-Fc V91K C-terminal": ("half-life in people", "molar mass"),
}


def test_affinities_of_fusions_are_those_of_the_published_table() -> None:
    rows = list(csv.reader(io.StringIO(MEASURED)))[1:]

    assert [(float(alpha), float(beta)) for _, alpha, beta in rows] == list(FUSIONS.values())
    for (name, (alpha, beta)), (published, *_) in zip(FUSIONS.items(), rows, strict=True):
        assert name.split()[0].replace("wild-type", "WT") == published.split()[0].split("/")[0]
        known = product(f"IL2-Fc {name}").pharmacology
        assert known is not None
        assert (known.alpha.value, known.beta_gamma.value) == (alpha, beta)  # type: ignore[union-attr]


@pytest.mark.parametrize(("drug", "missing"), UNKNOWN.items())
def test_what_no_source_gives_is_unknown_and_named(drug: str, missing: tuple[str, ...]) -> None:
    assert lacking(drug) == missing


def test_nothing_is_lacking_of_aldesleukin_nor_of_what_is_no_interleukin() -> None:
    assert lacking("Proleukin") == lacking("cytarabine") == lacking("a drug of no name") == ()


def test_two_drugs_are_known_not_to_bind_cd25() -> None:
    blind = {each.name for each in ENGINEERED if each.pharmacology and each.pharmacology.alpha is Binding.ABSENT}

    assert blind == {"nemvaleukin", "THOR-707"}


@pytest.mark.parametrize("name", ["NKTR-358", "NKTR-214", "ALKS 4230", "SAR444245", "AMG 592", "pegenzileukin"])
def test_names_of_development_mean_the_drug(name: str) -> None:
    assert product(name) in ENGINEERED


@pytest.mark.parametrize(
    ("name", "drug", "doses", "amount", "unit", "last_day"),
    [
        ("fanton-2022-single", "rezpegaldesleukin", 1, 28.0, "ug", 0),
        ("fanton-2022-multiple", "rezpegaldesleukin", 3, 24.0, "ug", 28),
        ("bentebibel-2019", "bempegaldesleukin", 4, 0.006, "mg", 63),
        ("artistry-1", "nemvaleukin", 20, 6.0, "ug", 67),
        ("hammer", "THOR-707", 4, 24.0, "ug", 63),
        ("efavaleukin-sle", "efavaleukin", 6, None, "mg", 70),
    ],
)
def test_a_published_schedule_of_an_engineered_drug_expands(
    name: str, drug: str, doses: int, amount: float | None, unit: str, last_day: int
) -> None:
    given = expand(load(name))

    assert {each.drug for each in given} == {drug}
    assert len(given) == doses
    assert {each.amount for each in given} == {amount}
    assert amount is None or {(each.unit, each.per.value) for each in given} == {(unit, "kg")}
    assert given[-1].start == 24.0 * last_day
    assert parse(render(load(name))) == load(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rezpegaldesleukin 1 MIU sc day 1", "unit 'MIU' does not measure this drug: allowed are ug, mg, g"),
        ("nemvaleukin 6 ug/kg/day counted as 3 IU iv bolus days 1-5", "has a fixed meaning: leave out"),
        ("bempegaldesleukin 0.006 U/kg iv bolus day 1", "has more than one meaning"),
    ],
)
def test_a_dose_without_meaning_is_refused(text: str, message: str) -> None:
    with pytest.raises(Exception, match=message):
        parse(text)


def test_a_dose_of_unknown_molar_mass_is_not_turned_into_moles() -> None:
    with pytest.raises(UnitError, match="of THOR-707 cannot be given in pmol: no molar mass of it is at hand"):
        to_pmol(24.0, "ug", product("THOR-707"))


def test_a_dose_of_a_peg_conjugate_is_counted_as_the_interleukin_in_it() -> None:
    assert to_pmol(15.3, "ug", product("rezpeg")) == pytest.approx(1000.0, rel=1e-12)


def test_an_affinity_in_a_unit_of_time_is_refused() -> None:
    minutes = Parameter(value=1.0, unit="minute", between_patients=0.0, uncertainty=0.0, source=assumed("to try"))

    with pytest.raises(ParameterError, match="alpha 1 minute: give it in a unit such as nmol/L"):
        Pharmacology(alpha=minutes, beta_gamma=None, half_life=None)
