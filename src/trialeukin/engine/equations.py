"""The equations of a system as nodes of one graph."""

from dataclasses import dataclass

import sympy

from trialeukin.engine.graph import Bank, Graph, Node
from trialeukin.engine.reading import read_system
from trialeukin.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Equations:
    """The equations of one system as nodes of a graph.

    Attributes
    ----------
    graph : Graph
        Where the nodes are.
    start : list of Node
        Initial states, then what `Input.decided` lists of each input.
    rates, definitions, triggers, sets : list of Node
        In the order of the system's states, definitions and events.
    """

    graph: Graph
    start: list[Node]
    rates: list[Node]
    definitions: list[Node]
    triggers: list[Node]
    sets: list[Node]


def equations_of(system: System) -> Equations:
    """Return the equations of a system; doses enter the rates as the rates of inputs."""
    reader, start = read_system(system)
    graph, meanings = reader.graph, reader.meanings
    inflows = [
        [graph.load(Bank.RATE, place) for place, entry in enumerate(system.inputs) if entry.state == state.name]
        for state in system.states
    ]
    rates = [
        graph.add((*(reader.read(term.rate) for term in system.terms if term.state == state.name), *inflow))
        for state, inflow in zip(system.states, inflows, strict=True)
    ]
    return Equations(
        graph=graph,
        start=start,
        rates=rates,
        definitions=[meanings[definition.name] for definition in system.definitions],
        triggers=[reader.read(event.trigger) for event in system.events],
        sets=[reader.read(sympy.sympify(value)) for event in system.events for value in event.sets.values()],
    )
