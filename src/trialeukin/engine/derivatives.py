"""Exact derivatives of nodes, each computed once, by the rules of calculus on the graph itself."""

from collections.abc import Callable

from trialeukin.engine.graph import TRUTHS, Bank, Graph, Node, Op

CHOICES = frozenset({Op.LARGER, Op.SMALLER, Op.SELECT})
"""Operations whose result is one of their operands."""

Independent = Callable[[Bank, int], bool]
"""Whether the number at a place of a bank is differentiated by."""


class Derivatives:
    """Derivatives of nodes with respect to some of the numbers that the graph loads."""

    def __init__(self, graph: Graph, independent: Independent) -> None:
        self.graph = graph
        self.independent = independent
        self._known: dict[Node, dict[Node, Node]] = {}

    def of(self, node: Node) -> dict[Node, Node]:
        """Return the derivatives of a node that are not zero, by the load they are with respect to."""
        waiting = [node]
        while waiting:
            current = waiting[-1]
            missing = [inner for inner in self.graph.operands(current) if inner not in self._known]
            if current in self._known or not missing:
                waiting.pop()
                if current not in self._known:
                    found = self._differentiate(current)
                    self._known[current] = {load: slope for load, slope in found.items() if slope != self.graph.zero}
            else:
                waiting.extend(missing)
        return self._known[node]

    def by_place(self, node: Node) -> dict[int, Node]:
        """Return the same derivatives by the place of the load in its bank."""
        return {self.graph.place(load): slope for load, slope in self.of(node).items()}

    def _differentiate(self, node: Node) -> dict[Node, Node]:
        graph = self.graph
        op, *rest = graph.keys[node]
        if op is Op.LOAD:
            return {node: graph.one} if self.independent(rest[0], rest[1]) else {}  # type: ignore[arg-type]
        if op in TRUTHS:
            return {}
        if op in CHOICES:
            return self._of_choice(node)
        if not any(self._known[inner] for inner in graph.operands(node)):
            return {}
        slopes = [(self.of(inner), share) for inner, share in self.shares(node)]
        return {
            load: graph.add(graph.multiply((share, slope[load])) for slope, share in slopes if load in slope)
            for load in sorted({load for slope, _ in slopes for load in slope})
        }

    def shares(self, node: Node) -> list[tuple[Node, Node]]:
        """Return what a node is made of, with its slope by each; of a choice, by the numbers differentiated by."""
        if self.graph.op(node) in CHOICES:
            return list(self.of(node).items())
        return self._of_power(node) if node in self.graph.powers else self._of_operation(node)

    def _of_power(self, node: Node) -> list[tuple[Node, Node]]:
        graph = self.graph
        base, exponent = graph.powers[node]
        less = self._finite(base, graph.power(base, graph.add((exponent, graph.constant(-1.0)))))
        shares = [(base, graph.multiply((exponent, less)))]
        if self.of(exponent):
            shares.append((exponent, graph.multiply((node, self._finite(base, graph.unary(Op.LOG, base))))))
        return shares

    def _finite(self, base: Node, slope: Node) -> Node:
        """Return a slope, or zero where the base is zero and the slope may be infinite.

        A drug's effect with an exponent below one rises from no drug with infinite slope. There the matrix of
        a step is allowed to be inexact; the error estimate sees to the rest.
        """
        return self.graph.select(self.graph.compare("oeq", base, self.graph.zero), self.graph.zero, slope)

    def _of_choice(self, node: Node) -> dict[Node, Node]:
        graph = self.graph
        op, operands = graph.op(node), graph.operands(node)
        if op is Op.SELECT:
            truth, first, second = operands
        else:
            first, second = operands
            truth = graph.compare("oge" if op is Op.LARGER else "ole", first, second)
        one, other = self._known[first], self._known[second]
        return {
            load: graph.select(truth, one.get(load, graph.zero), other.get(load, graph.zero))
            for load in sorted(one | other)
        }

    def _of_operation(self, node: Node) -> list[tuple[Node, Node]]:
        graph = self.graph
        first, *others = operands = graph.operands(node)
        match graph.op(node):
            case Op.ADD:
                return [(inner, graph.one) for inner in operands]
            case Op.MULTIPLY:
                return [(first, others[0]), (others[0], first)]
            case Op.NEGATE:
                return [(first, graph.constant(-1.0))]
            case Op.RECIPROCAL:
                return [(first, graph.negate(graph.multiply((node, node))))]
            case Op.EXP:
                return [(first, node)]
            case Op.LOG:
                return [(first, graph.reciprocal(first))]
            case Op.SQRT:
                return [(first, graph.multiply((graph.constant(0.5), self._finite(first, graph.reciprocal(node)))))]
            case Op.TANH:
                return [(first, graph.add((graph.one, graph.negate(graph.multiply((node, node))))))]
            case _:
                sign = graph.select(graph.compare("oge", first, graph.zero), graph.one, graph.constant(-1.0))
                return [(first, sign)]


def state_derivatives(graph: Graph, states: int) -> Derivatives:
    """Return derivatives with respect to the states; what stands behind them in their bank is not one."""
    return Derivatives(graph, lambda bank, place: bank is Bank.STATE and place < states)
