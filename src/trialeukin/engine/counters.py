"""States that only count, such as an area under a curve or an amount excreted: they have no steady state."""

import numpy as np
import sympy

from trialeukin.core.arrays import Booleans
from trialeukin.model.system import System


def counters(system: System) -> Booleans:
    """Return which states count what the others do, (s,): nothing that goes on depends on them, nor do they themselves.

    What counts a counter, such as the area under an area, is one too; what doses enter is none.
    """
    needs = _needs(system)
    entered = {entry.state for entry in system.inputs}
    going_on = set(needs)
    while idle := going_on - entered.union(*(needs[name] for name in going_on)):
        going_on -= idle
    return np.array([state.name not in going_on for state in system.states], dtype=np.bool_)


def _needs(system: System) -> dict[str, set[str]]:
    """Return the states that each state's rate depends on, through definitions too."""
    behind = {state.name: {state.name} for state in system.states}
    for definition in system.definitions:
        behind[definition.name] = _behind(definition.expression, behind)
    return {state.name: _behind(rate, behind) for state, rate in zip(system.states, system.rates(), strict=True)}


def _behind(expression: sympy.Expr, behind: dict[str, set[str]]) -> set[str]:
    names = (str(free) for free in sympy.sympify(expression).free_symbols)
    return set().union(*(behind.get(name, set()) for name in names))
