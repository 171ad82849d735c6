"""One division for several reciprocals, where none of them can spoil the others."""

from collections.abc import Sequence

import pytest

from trialeukin.engine.graph import Bank, Graph, Node, Op
from trialeukin.engine.sharing import shared_reciprocals

STATES = (0.7, 2.5, 40.0, 3e-9)
PARAMETER = 1.7
ROUNDING = 1e-15  # three products and one division


def saturations(graph: Graph) -> list[Node]:
    """Return one over a half-saturation and a state, for each state."""
    half = graph.load(Bank.PARAMETER, 0)
    return [graph.reciprocal(graph.add((half, graph.load(Bank.STATE, place)))) for place in range(len(STATES))]


def value(graph: Graph, node: Node) -> float:
    """Return a node's value at the states and the parameter above."""
    op, *rest = graph.keys[node]
    if op is Op.LOAD:
        return PARAMETER if rest[0] is Bank.PARAMETER else STATES[int(str(rest[1]))]
    inner = [value(graph, operand) for operand in graph.operands(node)]
    if op is Op.RECIPROCAL:
        return 1.0 / inner[0]
    return sum(inner) if op is Op.ADD else inner[0] * inner[1]


def divisions(graph: Graph, nodes: Sequence[Node]) -> int:
    """Return how many different reciprocals are under nodes."""
    waiting, found = list(nodes), set[Node]()
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(graph.operands(node))
    return sum(graph.op(node) is Op.RECIPROCAL for node in found)


def test_saturations_share_divisions_and_keep_their_values() -> None:
    graph = Graph()
    nodes = saturations(graph)

    instead = shared_reciprocals(graph, nodes)
    shared = [instead.get(node, node) for node in nodes]

    assert divisions(graph, nodes) == 4
    assert divisions(graph, shared) == 2  # three together, and one that is left
    exact = [value(graph, node) for node in nodes]
    assert [value(graph, node) for node in shared] == pytest.approx(exact, rel=ROUNDING)


def test_what_may_be_zero_or_infinite_shares_no_division() -> None:
    graph = Graph()
    half, state = graph.load(Bank.PARAMETER, 0), graph.load(Bank.STATE, 0)
    plain = graph.reciprocal(state)  # infinite without drug
    overflowing = graph.reciprocal(graph.add((half, graph.unary(Op.EXP, graph.load(Bank.STATE, 1)))))  # zero
    nested = graph.reciprocal(graph.add((graph.one, graph.multiply((half, plain)))))

    instead = shared_reciprocals(graph, [plain, overflowing, nested, *saturations(graph)])

    assert not {plain, overflowing, nested} & set(instead)
    assert instead
