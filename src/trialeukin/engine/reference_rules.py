"""What the plain engine makes of one patient's dose rules."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.engine.problem import Fate
from trialeukin.engine.reference_gauge import peak_of
from trialeukin.engine.rule_table import ACTIONS, COMPARISONS, RuleTable
from trialeukin.regimen.rules import Action, Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRules:
    """What is known of each rule, (r,): whether it was looked up, and whether its condition has held since."""

    table: RuleTable
    looked_up: Booleans
    held: Booleans

    @classmethod
    def of(cls, table: RuleTable) -> "ReferenceRules":
        """Return rules that nobody has looked up yet."""
        none = np.zeros(table.places.size, dtype=np.bool_)
        return cls(table=table, looked_up=none, held=none.copy())

    def delay(self, view: Floats, entry: int, begins: bool, waited: float) -> float:
        """Look up the rules of an administration; return by how many days it is put off after having waited.

        A stop whose condition has held comes first, and a delay that is not enough becomes one.
        """
        applying = np.flatnonzero(self.table.applies[:, entry]).tolist()
        put_off = [0.0]
        for rule in applying:
            action, holds = ACTIONS[self.table.actions[rule]], self._holds(rule, view[self.table.places[rule]])
            self.looked_up[rule] = True
            if action is not Action.DELAY:
                self.held[rule] |= holds
            elif holds and (begins or not self.table.cycles[rule]):
                self.held[rule] |= waited + self.table.steps[rule] > self.table.limits[rule]
                put_off.append(float(self.table.steps[rule]))
        return 0.0 if any(self._has_ended(rule) for rule in applying) else max(put_off)

    def ruling(self, view: Floats, entry: int) -> tuple[int, float]:
        """Return what the rules make of an administration that was looked up and not put off: fate and fraction."""
        stop = hold = smallest = -1
        fraction = 1.0
        for rule in np.flatnonzero(self.table.applies[:, entry] & self.held).tolist():
            holds = self._holds(rule, view[self.table.places[rule]])
            if self._has_ended(rule):
                stop = rule if stop < 0 else stop
            elif ACTIONS[self.table.actions[rule]] is Action.HOLD and holds:
                hold = rule if hold < 0 else hold
            elif self.table.fractions[rule] < fraction:
                smallest, fraction = rule, float(self.table.fractions[rule])
        if stop >= 0 or hold >= 0:
            return int(Fate.RULE) + (stop if stop >= 0 else hold), 0.0
        return (int(Fate.RULE) + smallest, fraction) if smallest >= 0 else (int(Fate.GIVEN), 1.0)

    def watch(self, view_at: Callable[[float], Floats], start: float, end: float) -> None:
        """Note the lasting rules whose condition holds at some time of a step."""
        for rule in np.flatnonzero(self.table.lasts & self.looked_up & ~self.held).tolist():
            rising = COMPARISONS[self.table.comparisons[rule]] in {Comparison.AT_LEAST, Comparison.ABOVE}
            place, sign = self.table.places[rule], 1.0 if rising else -1.0

            def height(time: float, place: int = place, sign: float = sign) -> float:
                return sign * float(view_at(time)[place])

            self.held[rule] = self._holds(rule, sign * peak_of(height, start, end))

    def _has_ended(self, rule: int) -> bool:
        return bool(self.held[rule]) and ACTIONS[self.table.actions[rule]] in {Action.STOP, Action.DELAY}

    def _holds(self, rule: int, value: float) -> bool:
        threshold = self.table.thresholds[rule]
        match COMPARISONS[self.table.comparisons[rule]]:
            case Comparison.BELOW:
                return bool(value < threshold)
            case Comparison.AT_MOST:
                return bool(value <= threshold)
            case Comparison.AT_LEAST:
                return bool(value >= threshold)
            case Comparison.ABOVE:
                return bool(value > threshold)
