"""Markers that dose rules look at: found by their words, their thresholds in the unit of the model."""

from dataclasses import replace
from difflib import get_close_matches

from trialeukin.core.errors import ModelError, UnitError
from trialeukin.core.units import convert, same_dimension
from trialeukin.engine.quantities import names, place, unit_of
from trialeukin.model.system import System
from trialeukin.regimen.marker_levels import likely_unit
from trialeukin.regimen.marker_names import told_of
from trialeukin.regimen.numerals import numeral
from trialeukin.regimen.render import UNIT_WORDS, condition_words
from trialeukin.regimen.rules import Condition

FEW = 3
USUAL = (
    *("platelets", "neutrophils", "lymphocyte_count", "capillary_leak_grade", "hypotension_grade"),
    *("constitutional_grade", "fever_grade", "marrow_blast_percentage", "gvhd", "leukaemia_log_reduction"),
)
COMMON_WORDS = {"grade", "count"}
COUNTED = ("G/L", "cell/uL", "percent")
INNER = ("_transit_", "_set_point")
NO_UNIT = "1"


def marker_place(system: System, condition: Condition) -> int:
    """Return where a condition's marker stands in the view.

    Raises
    ------
    ModelError
        When the system has no such marker; the message says how it is looked at, or which are nearest.
    """
    known = names(system)
    if condition.quantity in known:
        return place(system, condition.quantity, asked_by="dose rule")
    said = told_of(condition.quantity)
    if said is None:
        looked_at = _looked_at(system)
        near = _near(condition.quantity.casefold(), looked_at or list(known))
        told = [*near, *(name for name in USUAL if name in known)] if looked_at else known[:FEW]
        usual = ", ".join(map(_words, dict.fromkeys(told)))
        meant = f"; did you mean {' or '.join(repr(_words(name)) for name in near)}?" if near else ""
        said = f"there are such as {usual}, and 'trialeukin models {system.name}' lists all{meant}"
    raise ModelError(f"{system.name} has no marker {_words(condition.quantity)!r}: {said}")


def _looked_at(system: System) -> list[str]:
    """Return the quantities that rules have a use for: counts, grades and what has happened."""
    switches = {switch.name for switch in system.switches}
    return [
        name
        for name in names(system)
        if name in USUAL
        or name in switches
        or name.endswith("_grade")
        or (unit_of(system, name) in COUNTED and not any(part in name for part in INNER))
    ]


def _near(word: str, known: list[str]) -> list[str]:
    """Return the names that share most words with one that is not known; where none does, those spelt like it."""
    parts = set(word.split("_")) - COMMON_WORDS
    shared = {name: len(parts & set(name.split("_"))) for name in known}
    most = max(shared.values(), default=0)
    if most:
        return [name for name in known if shared[name] == most][:FEW]
    return get_close_matches(word, known, n=FEW)


def threshold(system: System, condition: Condition) -> float:
    """Return a condition's threshold in the unit of its marker in a system.

    Raises
    ------
    UnitError
        When its unit measures something else, or it has none; the message says how to write it.
    """
    measured = unit_of(system, condition.quantity)
    if same_dimension(condition.unit, measured):
        return convert(condition.threshold, condition.unit, measured)
    name, number = _words(condition.quantity), numeral(condition.threshold)
    written = f"{name} {condition.comparison.value} {number}"
    if condition.unit == NO_UNIT:
        meant = replace(condition, unit=likely_unit(condition.quantity, condition.threshold, measured))
        unit = UNIT_WORDS.get(meant.unit, meant.unit)
        raise UnitError(f"'{written}' has no unit: add {unit}, as in '{condition_words(meant)}'")
    if same_dimension(measured, NO_UNIT):
        raise UnitError(f"'{condition_words(condition)}': {name} has no unit: leave {condition.unit} out")
    raise UnitError(
        f"'{condition_words(condition)}': {name} is counted in {measured}, and {condition.unit} measures something "
        f"else: write such as '{name} {condition.comparison.value} 25 {measured}'"
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
