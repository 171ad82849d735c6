"""Dose rules and adherence, from the tree of a regimen's text to their values."""

from decimal import Decimal

from trialeukin.core.units import unit
from trialeukin.regimen.cell_counts import POINT_OF_THOUSANDS
from trialeukin.regimen.marker_names import marker_name
from trialeukin.regimen.numerals import numeral, read_percentage
from trialeukin.regimen.place import Node, Text, branches, optional_token, plain, token, whole_days
from trialeukin.regimen.products import product
from trialeukin.regimen.rules import UNIT_SPELLINGS, Action, Comparison, Condition, DoseRule

COMPARISONS = {
    "<": Comparison.BELOW,
    "below": Comparison.BELOW,
    "<=": Comparison.AT_MOST,
    "≤": Comparison.AT_MOST,
    "at most": Comparison.AT_MOST,
    ">=": Comparison.AT_LEAST,
    "≥": Comparison.AT_LEAST,
    "at least": Comparison.AT_LEAST,
    ">": Comparison.ABOVE,
    "above": Comparison.ABOVE,
}
DIMENSIONLESS = "1"
CELLS_IN_VOLUME = "cell/uL"


def read_rule(node: Node, text: Text) -> DoseRule:
    """Return the dose rule of a ``hold``, ``delay``, ``reduce`` or ``stop`` clause."""
    action = Action(node.data)
    named = optional_token(node, "DRUG")
    drug = None if named is None else text.at(named, lambda: product(str(named)).name)
    condition = _condition(branches(node, "compared", "reached")[0], text)
    fraction = read_share(node, text) if optional_token(node, "PERCENT") else 1.0
    days = {each.data: whole_days(each, text) for each in branches(node, "by", "limit")}
    step, limit = days.get("by", 1), days.get("limit")
    cycles = optional_token(node, "CYCLES") is not None
    return text.at(
        node,
        lambda: DoseRule(
            drug=drug,
            action=action,
            condition=condition,
            fraction=fraction,
            step=step,
            cycles=cycles,
            limit=limit,
        ),
    )


def read_share(node: Node, text: Text) -> float:
    """Return the fraction that a clause's percentage stands for, refused below 0 and above 100 %."""
    written = token(node, "NUMBER")
    fraction = read_percentage(plain(written))
    if not 0.0 <= fraction <= 1.0:
        raise text.fault_at(f"{written} %: give a percentage from 0 to 100", written)
    return fraction


def _condition(node: Node, text: Text) -> Condition:
    quantity = marker_name("_".join(str(token(node, "QUANTITY")).replace("-", "_").split()))
    sign = optional_token(node, "COMPARISON")
    comparison = Comparison.AT_LEAST if sign is None else COMPARISONS[" ".join(sign.lower().split())]
    symbol, factor = _unit(node, text)
    threshold = float(_number(node, symbol, factor, text) * factor)
    return text.at(node, lambda: Condition(quantity=quantity, comparison=comparison, threshold=threshold, unit=symbol))


def _number(node: Node, symbol: str, factor: Decimal, text: Text) -> Decimal:
    """Return the number of a condition; one that a slip of the pen may have made is refused."""
    written = token(node, "NUMBER")
    if symbol == CELLS_IN_VOLUME and POINT_OF_THOUSANDS.fullmatch(written):
        bare, point = str(written).replace(".", ""), numeral(float(written))
        raise text.fault_at(f"{written} may be {bare} or {point}: write the one that is meant", written)
    if factor != 1 and "e" not in plain(written).lower():
        raise text.fault_at(f"{written} in a litre: write the power of ten too, {written} x 10^9/L", written)
    return Decimal(plain(written))


def _unit(node: Node, text: Text) -> tuple[str, Decimal]:
    """Return the unit of a condition and how many of it one of the unit written is."""
    written = optional_token(node, "CONDITION_UNIT")
    if written is None:
        return DIMENSIONLESS, Decimal(1)
    spelt = "".join(written.split())
    symbol, factor = UNIT_SPELLINGS.get(spelt, (spelt, Decimal(1)))
    text.at(written, lambda: unit(symbol))
    return symbol, factor
