"""Markers that dose rules look at: found by their words, their thresholds in the unit of the model."""

from difflib import get_close_matches

from trialeukin.core.errors import ModelError, UnitError
from trialeukin.core.units import convert, same_dimension
from trialeukin.engine.quantities import names, place, unit_of
from trialeukin.model.system import System
from trialeukin.regimen.numerals import numeral
from trialeukin.regimen.render import condition_words
from trialeukin.regimen.rules import Condition

FEW = 3
USUAL = ("platelets", "neutrophils", "lymphocyte_count", "capillary_leak_grade", "constitutional_grade", "fever_grade")
NO_UNIT = "1"


def marker_place(system: System, condition: Condition) -> int:
    """Return where a condition's marker stands in the view.

    Raises
    ------
    ModelError
        When the system has no such marker; the message has those nearest, or usual ones, in words.
    """
    known = names(system)
    if condition.quantity in known:
        return place(system, condition.quantity, asked_by="dose rule")
    near = get_close_matches(condition.quantity.lower(), known, n=FEW)
    usual = ", ".join(_words(name) for name in USUAL if name in known) or ", ".join(map(_words, known[:FEW]))
    meant = f"; did you mean {' or '.join(repr(_words(name)) for name in near)}?" if near else ""
    raise ModelError(
        f"{system.name} has no marker {_words(condition.quantity)!r}: there are such as {usual}, and "
        f"'trialeukin models --json' lists all{meant}"
    )


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
        raise UnitError(f"'{written}' has no unit: add {measured}, as in '{written} {measured}'")
    if same_dimension(measured, NO_UNIT):
        raise UnitError(f"'{condition_words(condition)}': {name} has no unit: leave {condition.unit} out")
    raise UnitError(
        f"'{condition_words(condition)}': {name} is counted in {measured}, and {condition.unit} measures something "
        f"else: write such as '{name} {condition.comparison.value} 25 {measured}'"
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
