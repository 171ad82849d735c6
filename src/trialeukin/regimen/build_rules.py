"""Dose rules and adherence, from the tree of a regimen's text to their values."""

from trialeukin.core.units import unit
from trialeukin.regimen.numerals import read_percentage
from trialeukin.regimen.place import Node, Text, branches, optional_token, plain, token
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


def read_rule(node: Node, text: Text) -> DoseRule:
    """Return the dose rule of a ``hold``, ``reduce`` or ``stop`` clause."""
    action = Action(node.data)
    named = optional_token(node, "DRUG")
    drug = None if named is None else text.at(named, lambda: product(str(named)).name)
    condition = _condition(branches(node)[0], text)
    fraction = read_share(node, text) if optional_token(node, "PERCENT") else 1.0
    return text.at(node, lambda: DoseRule(drug=drug, action=action, condition=condition, fraction=fraction))


def read_share(node: Node, text: Text) -> float:
    """Return the fraction that a clause's percentage stands for, refused below 0 and above 100 %."""
    written = token(node, "NUMBER")
    fraction = read_percentage(plain(written))
    if not 0.0 <= fraction <= 1.0:
        raise text.fault_at(f"{written} %: give a percentage from 0 to 100", written)
    return fraction


def _condition(node: Node, text: Text) -> Condition:
    quantity = "_".join(str(token(node, "QUANTITY")).replace("-", "_").split())
    sign = optional_token(node, "COMPARISON")
    comparison = Comparison.AT_LEAST if sign is None else COMPARISONS[" ".join(sign.lower().split())]
    threshold = float(plain(token(node, "NUMBER")))
    measured_in = _unit(node, text)
    return text.at(
        node, lambda: Condition(quantity=quantity, comparison=comparison, threshold=threshold, unit=measured_in)
    )


def _unit(node: Node, text: Text) -> str:
    written = optional_token(node, "CONDITION_UNIT")
    if written is None:
        return DIMENSIONLESS
    symbol = UNIT_SPELLINGS.get(str(written), str(written))
    text.at(written, lambda: unit(symbol))
    return symbol
