"""How changes of states and parameters pass on to the rates, in as few operations as are found: partial accumulation.

A node v changes by sum_u (dv / du) du over the nodes u that it is made of. To eliminate v is to put its equation in
the place of dv wherever that is used: products of slopes, once for all parameters, against operations of every
parameter that changes v. Eliminating all but loads and rates leaves the Jacobian, eliminating none the tangent of
each operation; what stays here is what would cost more to eliminate than to keep, found greedily (the elimination of
vertices of Griewank and Walther, Evaluating Derivatives, 2nd edition (2008), chapter 9, stopped before the end).
"""

from trialeukin.engine.graph import Node, Op
from trialeukin.engine.tangents import Tangents

Slopes = dict[Node, Node]
"""Derivatives of one node by others."""


def accumulate(tangents: Tangents) -> dict[Node, Slopes]:
    """Return the slopes of nodes that stay, rates among them, by those that stay or are loaded, in order of work."""
    accumulation = _Accumulation(tangents)
    accumulation.eliminate()
    return {node: accumulation.slopes[node] for node in sorted(accumulation.slopes)}


class _Accumulation:
    """Slopes of the nodes that stay so far, who uses each, and how many parameters change each."""

    def __init__(self, tangents: Tangents) -> None:
        self._graph = graph = tangents.graph
        self._rates = frozenset(tangents.rates)
        self.slopes: dict[Node, Slopes] = {}
        self._users: dict[Node, set[Node]] = {}
        self._directions: dict[Node, int] = {}
        changed: dict[Node, frozenset[int]] = {}
        for node in _under(tangents):
            if graph.op(node) is Op.LOAD:
                along = range(tangents.count)
                changed[node] = frozenset(each for each in along if tangents.change(node, each) != graph.zero)
            else:
                slopes: Slopes = {}
                for inner, slope in tangents.derivatives.shares(node):
                    if changed.get(inner):
                        slopes[inner] = graph.add((slopes.get(inner, graph.zero), slope))
                        self._users[inner].add(node)
                self.slopes[node] = slopes
                changed[node] = frozenset().union(*(changed[inner] for inner in slopes))
            self._users[node] = set()
            self._directions[node] = len(changed[node])

    def eliminate(self) -> None:
        """Eliminate what does not vary, then, as long as it costs no more than it saves, what saves most."""
        inner = [node for node in self.slopes if node not in self._rates]
        for node in inner:
            if not self._graph.varies[node]:
                self._substitute(node)
        gains = {node: self._gain(node) for node in inner if self._graph.varies[node]}
        while gains:
            node = max(gains, key=lambda each: (gains[each], -each))
            if gains.pop(node) < 0:
                return
            for touched in self._substitute(node) & gains.keys():
                gains[touched] = self._gain(touched)

    def _gain(self, node: Node) -> int:
        """Return the operations of a step that eliminating a node saves."""
        gain = -self._directions[node]
        for inner, slope in self.slopes[node].items():
            gain += self._cost(inner, slope)
        for user in self._users[node]:
            outer = self.slopes[user][node]
            gain += self._cost(node, outer)
            for inner, slope in self.slopes[node].items():
                before, ones = self.slopes[user].get(inner), self._is_one(outer) + self._is_one(slope)
                new = 1 if before is None and ones == 2 else 2
                products, sums = int(ones == 0), int(before is not None)
                gain -= self._directions[inner] * new + products + sums
                gain += 0 if before is None else self._cost(inner, before)
        return gain

    def _cost(self, inner: Node, slope: Node) -> int:
        """Return the operations of adding what one node adds to another's change, for all parameters."""
        return self._directions[inner] * (1 if self._is_one(slope) else 2)

    def _is_one(self, slope: Node) -> bool:
        return self._graph.number(slope) in {1.0, -1.0}

    def _substitute(self, node: Node) -> set[Node]:
        """Put a node's equation wherever the node is used; return what saves more or less than before by that."""
        graph = self._graph
        slopes, users = self.slopes.pop(node), self._users.pop(node)
        for user in users:
            outer = self.slopes[user].pop(node)
            for inner, slope in slopes.items():
                before = self.slopes[user].get(inner, graph.zero)
                self.slopes[user][inner] = graph.add((before, graph.multiply((outer, slope))))
                self._users[inner].add(user)
        for inner in slopes:
            self._users[inner].remove(node)
        return slopes.keys() | users | {inner for user in users for inner in self.slopes[user]}


def _under(tangents: Tangents) -> list[Node]:
    """Return the nodes under rates, these too, that can change, each after what it is made of."""
    derivatives = tangents.derivatives
    waiting = [node for node in tangents.rates if derivatives.of(node)]
    found = set(waiting)
    while waiting:
        node = waiting.pop()
        made_of = [] if tangents.graph.op(node) is Op.LOAD else [inner for inner, _ in derivatives.shares(node)]
        new = {inner for inner in made_of if derivatives.of(inner)} - found
        found |= new
        waiting += new
    return sorted(found)
