"""The equations that every peer gets: the engine's own graph, read into whatever a peer computes with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trialeukin.engine.derivatives import state_derivatives
from trialeukin.engine.emit import fixed_nodes
from trialeukin.engine.graph import Bank, Graph, Node, Op
from trialeukin.engine.reading import read_system
from trialeukin.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Equations:
    """One system.

    Attributes
    ----------
    graph : Graph
        Where the nodes are.
    start : list of Node
        Initial states, then what `Input.decided` lists of each input, in parameters and switches only.
    rates : list of Node
        The derivative of each state.
    slopes : dict of (int, int) to Node
        The entries of the Jacobian that are not always zero, by row and column.
    fixed : list of Node
        What rates and slopes use that only parameters and switches decide: computed once a patient.
    """

    graph: Graph
    start: list[Node]
    rates: list[Node]
    slopes: dict[tuple[int, int], Node]
    fixed: list[Node]

    @property
    def places(self) -> dict[Node, int]:
        """Where each fixed node stands."""
        return {node: place for place, node in enumerate(self.fixed)}

    def varying(self) -> list[Node]:
        """Return what has to be computed for the rates, each node after what it is made of."""
        return needed(self.graph, self.rates, self.places)


def equations_of(system: System) -> Equations:
    """Return the equations of a system."""
    reader, start = read_system(system)
    graph = reader.graph
    rates = [
        graph.add([reader.read(each.rate) for each in system.terms if each.state == state.name] or [graph.zero])
        for state in system.states
    ]
    by_state = state_derivatives(graph, len(system.states))
    slopes = {
        (row, column): slope for row, rate in enumerate(rates) for column, slope in by_state.by_place(rate).items()
    }
    fixed = fixed_nodes(graph, [*rates, *slopes.values()])
    return Equations(graph=graph, start=start, rates=rates, slopes=slopes, fixed=fixed)


def needed(graph: Graph, roots: Sequence[Node], given: Mapping[Node, Any]) -> list[Node]:
    """Return the nodes under roots, each after what it is made of: a node's number is above its parts'."""
    found, waiting = set(), [root for root in roots if root not in given]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [inner for inner in graph.operands(node) if inner not in given]
    return sorted(found)


def rates_in(
    equations: Equations, states: Sequence[Any], fixed: Sequence[Any], operations: Mapping[Op, Callable[..., Any]]
) -> list[Any]:
    """Return the rates in a peer's own kind of number, built of what the peer calls the operations.

    Parameters
    ----------
    equations : Equations
        What to build.
    states, fixed : sequences
        What stands for the states and for the fixed numbers.
    operations : mapping of Op to callable
        How the peer computes each; `Op.CONSTANT` makes a number. One that is missing is refused by name.
    """
    graph = equations.graph
    values = {node: fixed[place] for node, place in equations.places.items()}
    for node in equations.varying():
        op, *rest = graph.keys[node]
        if op is Op.LOAD:
            values[node] = states[rest[1]] if rest[0] is Bank.STATE else None
            continue
        if op not in operations:
            raise ValueError(
                f"this peer cannot compute {op.value}: it has {', '.join(each.value for each in operations)}"
            )
        parts = rest if op is Op.CONSTANT else [values[inner] for inner in graph.operands(node)]
        values[node] = operations[op](*parts)
    return [values[node] for node in equations.rates]
