"""Dose rules as arrays of numbers that a run can look up without words or units."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import ModelError
from trialeukin.engine.rule_markers import marker_place, threshold
from trialeukin.model.system import System
from trialeukin.regimen.rules import Action, Comparison, DoseRule

COMPARISONS = (Comparison.BELOW, Comparison.AT_MOST, Comparison.AT_LEAST, Comparison.ABOVE)
ACTIONS = (Action.HOLD, Action.DELAY, Action.REDUCE, Action.STOP)
LASTING = (Action.REDUCE, Action.STOP)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTable:
    """Rules in the order they were given.

    Attributes
    ----------
    places : (r,), 1
        Where each rule's quantity stands in the view.
    comparisons, actions : (r,), 1
        Positions in `COMPARISONS` and `ACTIONS`.
    thresholds : (r,), unit of the quantity
        What it is compared with.
    fractions, cycles : (r,), 1
        See `trialeukin.regimen.rules.DoseRule`.
    steps, limits : (r,), day
        Likewise; infinity where a delay has no limit.
    lasts : (r,), 1
        Whether a condition that has held, at an administration or after one, counts at later ones.
    applies : (r, i), 1
        Whether a rule is looked up at administrations into an input.
    """

    places: Integers
    comparisons: Integers
    actions: Integers
    thresholds: Floats
    fractions: Floats
    cycles: Booleans
    steps: Floats
    limits: Floats
    lasts: Booleans
    applies: Booleans


def rule_table(system: System, rules: tuple[DoseRule, ...]) -> RuleTable:
    """Return rules with names and units resolved against a system.

    Raises
    ------
    ModelError
        When a rule names a quantity or a drug that the system does not have.
    UnitError
        When a threshold's unit does not measure the quantity.
    """
    drugs = sorted({entry.drug for entry in system.inputs})
    for rule in rules:
        if rule.drug is not None and rule.drug not in drugs:
            raise ModelError(f"dose rule for {rule.drug!r}: {system.name} takes {', '.join(drugs) or 'no drug'}")
    conditions = [rule.condition for rule in rules]
    return RuleTable(
        places=np.array([marker_place(system, c) for c in conditions], dtype=np.int64),
        comparisons=np.array([COMPARISONS.index(c.comparison) for c in conditions], dtype=np.int64),
        actions=np.array([ACTIONS.index(rule.action) for rule in rules], dtype=np.int64),
        thresholds=np.array([threshold(system, c) for c in conditions], dtype=np.float64),
        fractions=np.array([rule.fraction for rule in rules], dtype=np.float64),
        cycles=np.array([rule.cycles for rule in rules], dtype=np.bool_),
        steps=np.array([rule.step for rule in rules], dtype=np.float64),
        limits=np.array([np.inf if rule.limit is None else rule.limit for rule in rules], dtype=np.float64),
        lasts=np.array([rule.action in LASTING or rule.fraction < 1.0 for rule in rules], dtype=np.bool_),
        applies=np.array(
            [[rule.drug in {None, entry.drug} for entry in system.inputs] for rule in rules], dtype=np.bool_
        ).reshape(len(rules), len(system.inputs)),
    )
