"""What counts usually are, by which a threshold in another unit, or on the wrong side of them, is told."""

import math
from collections.abc import Iterator
from dataclasses import replace

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import Source, assumed
from trialeukin.core.units import convert, same_dimension
from trialeukin.regimen.render import UNIT_WORDS, condition_words
from trialeukin.regimen.rules import Comparison, Condition, DoseRule

PLATELETS = Parameter(
    value=237.0,
    unit="G/L",
    between_patients=0.32,
    uncertainty=0.05,
    source=Source("perezruixo2016", "abstract: baseline 237, 32.9 % between patients"),
    meaning="platelets in blood without leukaemia and drug",
)
NEUTROPHILS = Parameter(
    value=3.53,
    unit="G/L",
    between_patients=0.35,
    uncertainty=0.1,
    source=Source("quartino2014", "baseline of neutrophils; spreads assumed"),
    meaning="neutrophils in blood without leukaemia and drug",
)
LYMPHOCYTES = Parameter(
    value=1583.0,
    unit="cell/uL",
    between_patients=0.3,
    uncertainty=0.2,
    source=assumed("803 conventional CD4, 58 Treg, 505 CD8 and 217 NK cells, as the models have them; middle spread"),
    meaning="T and NK lymphocytes in blood without drug",
)
EOSINOPHILS = Parameter(
    value=0.2,
    unit="G/L",
    between_patients=0.5,
    uncertainty=0.2,
    source=assumed("normal blood; no count is at hand"),
    meaning="blood eosinophils without drug",
)
LEVELS = {
    "platelets": PLATELETS,
    "neutrophils": NEUTROPHILS,
    "lymphocyte_count": LYMPHOCYTES,
    "eosinophil_count": EOSINOPHILS,
}
ANOTHER_UNIT = Parameter(
    value=30.0,
    unit="1",
    between_patients=0.0,
    uncertainty=0.0,
    source=assumed("a count for a microlitre is a thousand times that in G/L: nearer to that than to the count itself"),
    meaning="how many times the usual count a threshold is warned of, below which a count is nearly always",
)
NEVER_REACHED = replace(
    ANOTHER_UNIT,
    value=100.0,
    source=assumed("from an emptied marrow to eosinophils under IL-2, counts go a hundredfold down or up, not farther"),
    meaning="how many times below or above the usual count a threshold is warned of that nothing reaches",
)
DEVIATIONS = 2.0  # of the spread between patients; 98 of 100 patients are on one side
COUNT_UNITS = ("G/L", "cell/uL")
EVENTS = ("gvhd", "relapsed")
OTHER_SIDE = {
    Comparison.BELOW: Comparison.ABOVE,
    Comparison.AT_MOST: Comparison.AT_LEAST,
    Comparison.AT_LEAST: Comparison.AT_MOST,
    Comparison.ABOVE: Comparison.BELOW,
}
LOWER = (Comparison.BELOW, Comparison.AT_MOST)


def likely_unit(quantity: str, number: float, usual: str) -> str:
    """Return the unit in which a number is nearest to what a count usually is; the usual one of what has no level."""
    level = LEVELS.get(quantity)
    if level is None or not number > 0.0:
        return usual
    return min(COUNT_UNITS, key=lambda unit: abs(math.log(_ratio(number, unit, level))))


def odd_thresholds(rules: tuple[DoseRule, ...]) -> Iterator[str]:
    """Yield what is said of each rule that nearly always or never holds."""
    for condition in dict.fromkeys(rule.condition for rule in rules):
        said = _odd_event(condition) if condition.quantity in EVENTS else _odd_grade(condition) or _odd_count(condition)
        if said:
            yield f"'{condition_words(condition)}' {said}"


def _odd_event(condition: Condition) -> str | None:
    beyond = condition.threshold >= 1.0 if condition.comparison is Comparison.ABOVE else condition.threshold > 1.0
    if condition.comparison in LOWER or not beyond:
        return None
    return f"never holds: it is 0 before and 1 from then on, without grades: write '{condition.quantity} >= 1'"


def _odd_grade(condition: Condition) -> str | None:
    if (
        condition.quantity.endswith("_grade")
        and condition.comparison is Comparison.AT_LEAST
        and not condition.threshold
    ):
        return "always holds, since grades begin at 0: name the grade that is meant, from 1 to 4"
    return None


def _odd_count(condition: Condition) -> str | None:
    level = LEVELS.get(condition.quantity)
    if level is None or not same_dimension(condition.unit, level.unit):
        return None
    often = _how_often(condition, level)
    if often is None:
        return None
    candidates = (
        replace(condition, unit=likely_unit(condition.quantity, condition.threshold, condition.unit)),
        replace(condition, comparison=OTHER_SIDE[condition.comparison]),
    )
    meant = next((each for each in candidates if _how_often(each, level) is None), None)
    way_out = "look at number and unit again" if meant is None else f"write '{condition_words(meant)}' if that is meant"
    usual = f"{level.value:g} {UNIT_WORDS.get(level.unit, level.unit)}"
    return f"{often} holds, since usual are {usual}: {way_out}"


def _how_often(condition: Condition, level: Parameter) -> str | None:
    """Return ``nearly always`` or ``nearly never``, or None where a condition tells moments apart."""
    ratio = _ratio(condition.threshold, condition.unit, level)
    spread = math.exp(DEVIATIONS * level.between_patients)
    if condition.comparison in LOWER:
        always, never = ratio > ANOTHER_UNIT.value, ratio < 1.0 / NEVER_REACHED.value
    else:
        always, never = ratio < 1.0 / spread, ratio > NEVER_REACHED.value
    if always:
        return "nearly always"
    return "nearly never" if never else None


def _ratio(number: float, unit: str, level: Parameter) -> float:
    return convert(number, unit, level.unit) / level.value
