"""From components to one system: names, order and units are settled here, once.

How units work
--------------
Equations are between quantities, not numbers: a component may state its parameters, states and
definitions in whatever units its sources use (mL/min, cell/uL, pmol), and its equations hold as
physics. `compose` checks that every term measures its state per day, and then writes the factors
between units (such as 36/25 from mL/min to L/day) into the equations. So the engine and everybody
after it works with plain numbers, each in the unit its parameter, state or definition names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from trialeukin.core.errors import ModelError
from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Component, Piece, parameters_of
from trialeukin.model.consistency import check_names, check_symbols, check_units
from trialeukin.model.numbers import in_numbers
from trialeukin.model.system import Definition, System


def compose(name: str, components: Sequence[Component]) -> System:
    """Return the system that components make together.

    Parameters
    ----------
    name : str
        Name of the model.
    components : sequence of Component
        In the order their states, terms, inputs and events shall have. Parameters keep their own units.

    Raises
    ------
    ModelError
        When a name is used twice or is unknown, definitions form a circle, a parameter is used nowhere,
        or the unit of a term, definition, initial value, input or event does not fit; the message names it.
    """
    pieces = [component.piece() for component in components]
    system = System(
        name=name,
        states=_all(pieces, "states"),
        terms=_all(pieces, "terms"),
        definitions=_all(pieces, "definitions"),
        parameters=_parameters(components),
        switches=_all(pieces, "switches"),
        inputs=_all(pieces, "inputs"),
        events=_all(pieces, "events"),
    )
    check_names(system)
    check_symbols(system)
    check_units(system)
    return in_numbers(replace(system, definitions=_ordered(system)))


def _all(pieces: Iterable[Piece], part: str) -> tuple[Any, ...]:
    return tuple(each for piece in pieces for each in getattr(piece, part))


def _parameters(components: Sequence[Component]) -> dict[str, Parameter]:
    merged: dict[str, Parameter] = {}
    brought: dict[str, str] = {}
    for component in components:
        owner = type(component).__name__
        for name, parameter in parameters_of(component).items():
            if name in merged:
                both = f"{brought[name]} and {owner}"
                raise ModelError(f"parameter {name!r} is brought by both {both}: rename one of them")
            merged[name], brought[name] = parameter, owner
    return merged


def _ordered(system: System) -> tuple[Definition, ...]:
    by_name = {definition.name: definition for definition in system.definitions}
    needs = {
        name: sorted(str(free) for free in definition.expression.free_symbols if str(free) in by_name)
        for name, definition in by_name.items()
    }
    try:
        return tuple(by_name[name] for name in TopologicalSorter(needs).static_order())
    except CycleError as fault:
        circle = " -> ".join(fault.args[1])
        raise ModelError(f"{system.name}: definitions need each other in a circle: {circle}") from fault
