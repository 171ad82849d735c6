"""One division for several reciprocals: 1/a = b/(a b) and 1/b = a/(a b).

A processor divides a vector eight to sixteen times more slowly than it multiplies one, and saturating rates and pivots
make a step full of reciprocals: 231 divisions a step of aml-maintenance were most of its time.

A number that is zero or infinite would spoil its partners' reciprocals, though a model may mean it (a power
that overflows in 1 / (1 + (k / x)^n) makes a good zero). So only reciprocals of sums that have a part which
does not vary take part (half-saturations, pivots), made without exp, log, choices or reciprocals of another kind.
A product of `TOGETHER` factors between 1e-100 and 1e100 is a number.
"""

from collections.abc import Iterator, Sequence

from trialeukin.engine.graph import Bank, Graph, Node, Op

TOGETHER = 3  # reciprocals a division
TAME = frozenset({Op.CONSTANT, Op.LOAD, Op.ADD, Op.MULTIPLY, Op.NEGATE, Op.TANH})


def shared_reciprocals(graph: Graph, roots: Sequence[Node]) -> dict[Node, Node]:
    """Return for reciprocals under the roots what to compute instead.

    Those are grouped that need equally many others before them, in the order in which they were made.
    """
    levels: dict[int, list[Node]] = {}
    depths: dict[Node, int] = {}
    tame: set[Node] = set()
    for node in sorted(_under(graph, roots)):
        operands = [inner for inner in graph.operands(node) if graph.varies[inner]]
        depths[node] = max((depths[inner] for inner in operands), default=0)
        if graph.op(node) is not Op.RECIPROCAL:
            if graph.op(node) in TAME and (graph.op(node) is Op.TANH or tame.issuperset(operands)):
                tame.add(node)
            continue
        depths[node] += 1
        if operands[0] in tame and _has_fixed_part(graph, operands[0]):
            tame.add(node)
            levels.setdefault(depths[node], []).append(node)
    return {
        node: instead
        for _, nodes in sorted(levels.items())
        for start in range(0, len(nodes), TOGETHER)
        for node, instead in _together(graph, nodes[start : start + TOGETHER])
    }


def _under(graph: Graph, roots: Sequence[Node]) -> set[Node]:
    """Return all varying nodes that are needed; a node is made after its operands, so their order is one of work."""
    waiting = [node for node in roots if graph.varies[node]]
    found = set(waiting)
    while waiting:
        for inner in graph.operands(waiting.pop()):
            if graph.varies[inner] and inner not in found:
                found.add(inner)
                waiting.append(inner)
    return found


def _has_fixed_part(graph: Graph, node: Node) -> bool:
    """Say whether a sum has a part that does not vary, or is a pivot's."""
    diagonal = graph.load(Bank.DIAGONAL, 0)
    terms = graph.operands(node) if graph.op(node) is Op.ADD else (node,)
    return any(term == diagonal or not graph.varies[term] for term in terms)


def _together(graph: Graph, nodes: Sequence[Node]) -> Iterator[tuple[Node, Node]]:
    """Give each reciprocal of a group with what it is by the reciprocal of the group's product, halving the group."""
    if len(nodes) > 1:
        product = _product(graph, nodes)
        yield from _split(graph, nodes, graph.reciprocal(product))


def _product(graph: Graph, nodes: Sequence[Node]) -> Node:
    if len(nodes) == 1:
        return graph.operands(nodes[0])[0]
    half = len(nodes) // 2
    return graph.multiply((_product(graph, nodes[:half]), _product(graph, nodes[half:])))


def _split(graph: Graph, nodes: Sequence[Node], inverse: Node) -> Iterator[tuple[Node, Node]]:
    if len(nodes) == 1:
        yield nodes[0], inverse
        return
    half = len(nodes) // 2
    for part, other in ((nodes[:half], nodes[half:]), (nodes[half:], nodes[:half])):
        yield from _split(graph, part, graph.multiply((inverse, _product(graph, other))))
