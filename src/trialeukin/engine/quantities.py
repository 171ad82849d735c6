"""The names a problem may ask for: states, switches and definitions, in one order.

The *view* of a patient is the row of numbers that every look at a trajectory yields: all states,
then all switches, then all definitions. A name's place in the view never depends on what is asked.
"""

from difflib import get_close_matches
from functools import lru_cache

import sympy

from trialeukin.core.errors import ModelError
from trialeukin.model.system import System, symbol

MOST_REMEMBERED = 4096  # expressions, a dozen models


def names(system: System) -> tuple[str, ...]:
    """Return the names of the view, in its order."""
    states = tuple(state.name for state in system.states)
    switches = tuple(switch.name for switch in system.switches)
    return (*states, *switches, *(definition.name for definition in system.definitions))


def place(system: System, name: str, *, asked_by: str) -> int:
    """Return where a name stands in the view.

    Raises
    ------
    ModelError
        When the system has no quantity of that name; the message lists what exists.
    """
    known = names(system)
    if name in known:
        return known.index(name)
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    message = f"{asked_by}: {system.name} has no quantity {name!r}; it has {', '.join(sorted(known))}{hint}"
    raise ModelError(message)


def places(system: System, asked: tuple[str, ...], *, asked_by: str) -> tuple[int, ...]:
    """Return where each name stands in the view."""
    return tuple(place(system, name, asked_by=asked_by) for name in asked)


def unit_of(system: System, name: str) -> str:
    """Return the unit of a quantity; a switch has none, written ``1``."""
    units = {state.name: state.unit for state in system.states}
    units |= {definition.name: definition.unit for definition in system.definitions}
    return units.get(name, "1")


def unknown_symbols(system: System) -> dict[str, set[str]]:
    """Return, for each equation that uses a name nobody defines, those names."""
    base = set(names(system)) - {definition.name for definition in system.definitions} | set(system.parameters)
    everything = base | {definition.name for definition in system.definitions}
    found: dict[str, set[str]] = {}
    known = set(base)
    for definition in system.definitions:
        _note(found, f"definition {definition.name}", definition.expression, known)
        known.add(definition.name)
    for term in system.terms:
        _note(found, f"term {term.name!r} of {term.state}", term.rate, everything)
    for event in system.events:
        _note(found, f"trigger of event {event.name}", event.trigger, everything)
        for target, value in event.sets.items():
            _note(found, f"event {event.name} setting {target}", value, everything)
    parameters = set(system.parameters)
    for state in system.states:
        _note(found, f"initial value of {state.name}", state.initial, parameters)
    for entry in system.inputs:
        for part, (expression, _) in entry.decided().items():
            _note(found, f"{part} of {entry.drug}", expression, parameters)
    return found


def _note(found: dict[str, set[str]], where: str, expression: sympy.Expr, known: set[str]) -> None:
    missing = _used(sympy.sympify(expression)) - known
    if missing:
        found[where] = set(missing)


@lru_cache(maxsize=MOST_REMEMBERED)
def _used(expression: sympy.Expr) -> frozenset[str]:
    """Return the names that an expression uses, remembered because every solve asks for those of all equations."""
    return frozenset(str(free) for free in expression.free_symbols)


def symbols(names_in_order: tuple[str, ...]) -> list[sympy.Symbol]:
    """Return the symbols of names, in their order."""
    return [symbol(name) for name in names_in_order]
