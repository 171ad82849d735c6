"""Factorise I / (h g) - J as straight-line code: exact sparsity, no pivoting, an order that fills in little.

Elimination without exchange of rows is stable enough here because the step control keeps the diagonal
large where a state grows; a step spoilt by a small pivot has a large error estimate and is repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trialeukin.engine.derivatives import Derivatives
from trialeukin.engine.graph import Bank, Graph, Node

Entry = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elimination:
    """A factorisation as nodes.

    Attributes
    ----------
    graph : Graph
        Where the nodes are.
    order : tuple of int
        States in the order of their elimination.
    lower : tuple of (row, column)
        Entries below the diagonal; their factor is minus the multiplier of the row.
    upper : tuple of (row, column)
        Entries above; their factor is minus the entry over the row's pivot.
    own_factors : tuple of Node
        Reciprocal pivots in the order of the states, then factors of ``lower`` and of ``upper``.
    """

    graph: Graph
    order: tuple[int, ...]
    lower: tuple[Entry, ...]
    upper: tuple[Entry, ...]
    own_factors: tuple[Node, ...]

    @property
    def loaded_factors(self) -> tuple[Node, ...]:
        """The same factors, loaded from where they have been stored."""
        return tuple(self.graph.load(Bank.FACTOR, place) for place in range(len(self.own_factors)))

    def solve(self, right: Sequence[Node], factors: Sequence[Node]) -> list[Node]:
        """Return the solution for a right-hand side, both in the order of the states."""
        graph, count = self.graph, len(self.order)
        below = dict(zip(self.lower, factors[count:], strict=False))
        above = dict(zip(self.upper, factors[count + len(self.lower) :], strict=True))
        known = list(right)
        for row in self.order:
            terms = [graph.multiply((below[entry], known[entry[1]])) for entry in self.lower if entry[0] == row]
            known[row] = graph.add((known[row], *terms)) if terms else known[row]
        for row in reversed(self.order):
            terms = [graph.multiply((above[entry], known[entry[1]])) for entry in self.upper if entry[0] == row]
            scaled = graph.multiply((known[row], factors[row]))
            known[row] = graph.add((scaled, *terms)) if terms else scaled
        return known


def eliminate(graph: Graph, rates: Sequence[Node], slopes: Derivatives) -> Elimination:
    """Return the factorisation of the matrix that belongs to right-hand sides, given their slopes by states."""
    rows = [_row(graph, place, slopes.by_place(rate)) for place, rate in enumerate(rates)]
    order = _order([set(row) for row in rows])
    pivots: dict[int, Node] = {}
    below: dict[Entry, Node] = {}
    above: dict[Entry, Node] = {}
    waiting = list(order)
    for pivot in order:
        waiting.remove(pivot)
        inverse = graph.reciprocal(rows[pivot].pop(pivot))
        minus = graph.negate(inverse)
        pivots[pivot] = inverse
        for row in waiting:
            if pivot not in rows[row]:
                continue
            factor = graph.multiply((rows[row].pop(pivot), minus))
            below[row, pivot] = factor
            for column, entry in rows[pivot].items():
                change = graph.multiply((factor, entry))
                rows[row][column] = graph.add((rows[row].get(column, graph.zero), change))
        for column, entry in rows[pivot].items():
            above[pivot, column] = graph.multiply((entry, minus))
    return Elimination(
        graph=graph,
        order=tuple(order),
        lower=tuple(below),
        upper=tuple(above),
        own_factors=(*(pivots[place] for place in range(len(rates))), *below.values(), *above.values()),
    )


def _row(graph: Graph, place: int, slopes: dict[int, Node]) -> dict[int, Node]:
    row = {column: graph.negate(slope) for column, slope in slopes.items() if column != place}
    diagonal = graph.load(Bank.DIAGONAL, 0)
    row[place] = graph.add((diagonal, graph.negate(slopes[place]))) if place in slopes else diagonal
    return row


def _order(pattern: list[set[int]]) -> list[int]:
    """Return the order in which each next pivot touches the fewest entries (Markowitz)."""
    rows = [set(row) for row in pattern]
    left = set(range(len(rows)))
    order = []

    def cost(pivot: int) -> tuple[int, int]:
        across = len(rows[pivot] & left) - 1
        down = sum(pivot in rows[row] for row in left) - 1
        return across * down, pivot

    while left:
        pivot = min(left, key=cost)
        left.remove(pivot)
        order.append(pivot)
        for row in left:
            if pivot in rows[row]:
                rows[row] |= rows[pivot] & left
    return order
