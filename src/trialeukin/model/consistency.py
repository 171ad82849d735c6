"""What must hold before components make a system: names, symbols and units."""

import keyword
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

import pint
import sympy

from trialeukin.core.errors import ModelError
from trialeukin.core.units import unit
from trialeukin.model.dimensions import fits, unit_of, written
from trialeukin.model.system import System, symbol

RATE = "1/day"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Equation:
    """One expression, what it is, and the unit it must have (None: any one unit)."""

    what: str
    expression: sympy.Expr
    unit: pint.Unit | None
    parameters_only: bool = False


def _names(system: System) -> list[str]:
    parts = (system.states, system.definitions, system.switches)
    return [*system.parameters, *(each.name for part in parts for each in part)]


def check_names(system: System) -> None:
    """Raise where a name is used twice, is no name, or a target of a change does not exist."""
    names = _names(system)
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ModelError(
            f"{system.name}: {', '.join(map(repr, twice))} named more than once: all names share one space"
        )
    for name in names:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ModelError(
                f"{system.name}: {name!r} is no name: write letters, digits and underscores, such as nk_count"
            )
    twice = [name for name, count in Counter(event.name for event in system.events).items() if count > 1]
    if twice:
        raise ModelError(f"{system.name}: events {', '.join(map(repr, twice))} named more than once")
    _check_targets(system)


def _check_targets(system: System) -> None:
    states = {state.name for state in system.states}
    changeable = states | {switch.name for switch in system.switches}
    targets = [(f"term {term.name!r}", term.state, states) for term in system.terms]
    targets += [(f"input of {entry.drug}", entry.state, states) for entry in system.inputs]
    targets += [(f"event {event.name!r}", name, changeable) for event in system.events for name in event.sets]
    for what, name, allowed in targets:
        if name not in allowed:
            raise ModelError(f"{system.name}: {what} changes {name!r}{_instead(name, allowed)}")
    routes = [(entry.drug, route.value) for entry in system.inputs for route in entry.routes]
    twice = [f"{drug} {route}" for (drug, route), count in Counter(routes).items() if count > 1]
    if twice:
        raise ModelError(f"{system.name}: {', '.join(twice)} enters at more than one place: choose one input")


def _instead(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f", which no component defines{hint}"


def _units(system: System) -> dict[sympy.Symbol, pint.Unit]:
    units = {name: parameter.unit for name, parameter in system.parameters.items()}
    units |= {state.name: state.unit for state in system.states}
    units |= {definition.name: definition.unit for definition in system.definitions}
    units |= {switch.name: "1" for switch in system.switches}
    return {symbol(name): unit(text) for name, text in units.items()}


def _equations(system: System) -> Iterator[_Equation]:
    units = {state.name: unit(state.unit) for state in system.states}
    units |= {switch.name: unit("1") for switch in system.switches}
    for term in system.terms:
        what = f"term {term.name!r} of {term.state}"
        yield _Equation(what=what, expression=term.rate, unit=units[term.state] * unit(RATE))
    for state in system.states:
        what = f"initial value of {state.name}"
        yield _Equation(what=what, expression=state.initial, unit=units[state.name], parameters_only=True)
    for definition in system.definitions:
        what = f"definition {definition.name}"
        yield _Equation(what=what, expression=definition.expression, unit=unit(definition.unit))
    for entry in system.inputs:
        for part, (expression, text) in entry.decided().items():
            what = f"{part} of {entry.drug} into {entry.state}"
            yield _Equation(what=what, expression=expression, unit=unit(text), parameters_only=True)
    for event in system.events:
        yield _Equation(what=f"trigger of event {event.name!r}", expression=event.trigger, unit=None)
        for name, value in event.sets.items():
            yield _Equation(what=f"event {event.name!r} setting {name}", expression=value, unit=units[name])


def check_symbols(system: System) -> None:
    """Raise where an equation uses what nothing defines, or a parameter is used nowhere."""
    known = {symbol(name) for name in _names(system)}
    parameters = {symbol(name) for name in system.parameters}
    used: set[sympy.Symbol] = set()
    for equation in _equations(system):
        free = sympy.sympify(equation.expression).free_symbols
        used |= free
        for stray in sorted(free - known, key=str):
            foreign = symbol(str(stray)) in known
            reason = ": make it with `symbol`" if foreign else _instead(str(stray), map(str, known))
            raise ModelError(f"{system.name}: {equation.what} uses {str(stray)!r}{reason}")
        outside = sorted(map(str, free - parameters))
        if equation.parameters_only and outside:
            raise ModelError(f"{system.name}: {equation.what} uses {outside[0]!r}: only parameters may stand there")
    unused = [name for name in system.parameters if symbol(name) not in used]
    if unused:
        raise ModelError(f"{system.name}: no equation uses parameter {', '.join(unused)}: remove it or use it")


def check_units(system: System) -> None:
    """Raise at the first equation whose parts, or whose whole, have a unit that does not fit."""
    units = _units(system)
    for equation in _equations(system):
        try:
            found = unit_of(sympy.sympify(equation.expression), units)
        except ModelError as fault:
            raise ModelError(f"{system.name}: {equation.what}: {fault}") from fault
        if equation.unit is not None and not fits(found, equation.unit):
            message = f"{equation.what} is in {written(found)}, where {written(equation.unit)} is expected"
            raise ModelError(f"{system.name}: {message}: {equation.expression}")
