"""Put components together into one system, checking names and units."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from trialeukin.core.errors import ModelError
from trialeukin.core.parameter import Parameter
from trialeukin.model.component import Component, Piece, parameters_of
from trialeukin.model.dimensions import PURE, in_unit, measured
from trialeukin.model.system import Definition, Event, Input, State, System, Term

TIME = "day"


def compose(name: str, components: Iterable[Component]) -> System:
    """Return the system that components make together.

    Definitions are put in an order in which each uses only earlier ones, and conversion
    factors are put wherever units differ by a factor.

    Raises
    ------
    ModelError
        When two things share a name, a name is not known, definitions go in a circle, a term
        belongs to no state or its unit does not fit; the message names the culprit.
    """
    brought = list(components)
    pieces = [component.piece() for component in brought]
    whole = _joined(pieces)
    parameters = _parameters(brought)
    _check_names(whole, parameters)
    units = _units(whole, parameters)
    constants = {key: parameter.unit for key, parameter in parameters.items()}
    return System(
        name=name,
        states=tuple(_state(state, constants) for state in whole.states),
        terms=tuple(_term(term, whole, units) for term in whole.terms),
        definitions=tuple(_definition(found, units) for found in _ordered(whole.definitions)),
        parameters=parameters,
        switches=whole.switches,
        inputs=tuple(_input(entry, constants) for entry in whole.inputs),
        events=tuple(_event(event, units) for event in whole.events),
    )


def _joined(pieces: list[Piece]) -> Piece:
    return Piece(
        states=tuple(part for piece in pieces for part in piece.states),
        terms=tuple(part for piece in pieces for part in piece.terms),
        definitions=tuple(part for piece in pieces for part in piece.definitions),
        switches=tuple(part for piece in pieces for part in piece.switches),
        inputs=tuple(part for piece in pieces for part in piece.inputs),
        events=tuple(part for piece in pieces for part in piece.events),
    )


def _parameters(components: list[Component]) -> dict[str, Parameter]:
    joined: dict[str, Parameter] = {}
    for component in components:
        for key, parameter in parameters_of(component).items():
            if joined.setdefault(key, parameter) != parameter:
                raise ModelError(f"two components bring a parameter {key!r} with different values: rename one")
    return joined


def _check_names(whole: Piece, parameters: Mapping[str, Parameter]) -> None:
    names = Counter(parameters)
    for things in (whole.states, whole.definitions, whole.switches):
        names.update(thing.name for thing in things)
    doubled = [name for name, times in names.items() if times > 1]
    doubled += [name for name, times in Counter(event.name for event in whole.events).items() if times > 1]
    if doubled:
        raise ModelError(f"{doubled[0]!r} is brought twice: states, parameters, switches and definitions share names")
    states = {state.name for state in whole.states}
    targets = [(f"term {term.name!r}", term.state) for term in whole.terms]
    targets += [(f"input of {entry.drug}", entry.state) for entry in whole.inputs]
    for what, target in targets:
        if target not in states:
            raise ModelError(f"{what} goes to {target!r}, which is no state: there are {', '.join(sorted(states))}")


def _units(whole: Piece, parameters: Mapping[str, Parameter]) -> dict[str, str]:
    units = {key: parameter.unit for key, parameter in parameters.items()}
    units |= {state.name: state.unit for state in whole.states}
    units |= {definition.name: definition.unit for definition in whole.definitions}
    return units | {switch.name: PURE for switch in whole.switches}


def _ordered(definitions: tuple[Definition, ...]) -> list[Definition]:
    by_name = {definition.name: definition for definition in definitions}
    uses = {
        definition.name: {str(found) for found in definition.expression.free_symbols} & by_name.keys()
        for definition in definitions
    }
    try:
        return [by_name[name] for name in TopologicalSorter(uses).static_order()]
    except CycleError as fault:
        raise ModelError(f"definitions go in a circle: {' -> '.join(fault.args[1])}") from fault


def _state(state: State, constants: Mapping[str, str]) -> State:
    with _naming(f"initial value of {state.name!r}"):
        return replace(state, initial=in_unit(state.initial, constants, state.unit))


def _term(term: Term, whole: Piece, units: Mapping[str, str]) -> Term:
    state = next(state for state in whole.states if state.name == term.state)
    target = f"1/{TIME}" if state.unit == PURE else f"{state.unit}/{TIME}"
    with _naming(f"term {term.name!r} of {term.state!r}"):
        return replace(term, rate=in_unit(term.rate, units, target))


def _definition(definition: Definition, units: Mapping[str, str]) -> Definition:
    with _naming(f"definition {definition.name!r}"):
        return replace(definition, expression=in_unit(definition.expression, units, definition.unit))


def _input(entry: Input, constants: Mapping[str, str]) -> Input:
    with _naming(f"input of {entry.drug} into {entry.state!r}"):
        return replace(
            entry,
            bioavailability=in_unit(entry.bioavailability, constants, PURE),
            lag=in_unit(entry.lag, constants, TIME),
        )


def _event(event: Event, units: Mapping[str, str]) -> Event:
    with _naming(f"event {event.name!r}"):
        sets = {}
        for name, value in event.sets.items():
            if name not in units:
                raise ModelError(f"it sets {name!r}, which is no state or switch")
            sets[name] = in_unit(value, units, units[name])
        return replace(event, trigger=measured(event.trigger, units)[0], sets=sets)


@contextmanager
def _naming(part: str) -> Iterator[None]:
    """Say which part of the model a fault was found in."""
    try:
        yield
    except ModelError as fault:
        raise ModelError(f"{part}: {fault}") from fault
