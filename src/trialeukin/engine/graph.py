"""Equations as a graph in which equal expressions are one node, ready to be differentiated and emitted.

A node is a whole number. Nodes are made through the methods of `Graph`, which fold constants, drop
neutral elements and share what has been made before.
"""

import math
from collections.abc import Callable, Iterable
from enum import Enum
from typing import TypeAlias

Node: TypeAlias = int
Key: TypeAlias = tuple[object, ...]


class Op(Enum):
    """What a node does."""

    CONSTANT = "constant"
    LOAD = "load"
    ADD = "add"
    MULTIPLY = "multiply"
    NEGATE = "negate"
    RECIPROCAL = "reciprocal"
    EXP = "exp"
    LOG = "log"
    SQRT = "sqrt"
    TANH = "tanh"
    ABSOLUTE = "absolute"
    LARGER = "larger"
    SMALLER = "smaller"
    COMPARE = "compare"
    BOTH = "both"
    EITHER = "either"
    SELECT = "select"


class Bank(Enum):
    """Where a loaded number lives; the first two do not change between events."""

    PARAMETER = "parameter"
    SWITCH = "switch"
    STATE = "state"
    RATE = "rate"
    COUPLING = "coupling"
    DIAGONAL = "diagonal"
    FACTOR = "factor"
    LEFT = "left"
    ASIDE = "aside"
    BEND = "bend"
    SOLUTION = "solution"


TRUTHS = frozenset({Op.COMPARE, Op.BOTH, Op.EITHER})
"""Operations whose result is true or false, which only a `SELECT` or another of them takes."""

FIXED = frozenset({Bank.PARAMETER, Bank.SWITCH})
FOLDED: dict[Op, Callable[[float], float]] = {
    Op.EXP: math.exp,
    Op.LOG: math.log,
    Op.SQRT: math.sqrt,
    Op.TANH: math.tanh,
    Op.ABSOLUTE: abs,
}


class Graph:
    """A growing set of nodes.

    Attributes
    ----------
    keys : list of tuple
        For each node its `Op` and what it is made of: nodes, a number, or a bank and a place in it.
    varies : list of bool
        Whether a node changes between events; those that do not are computed once.
    powers : dict of node to (node, node)
        The base and the exponent of nodes made by `power`, which are differentiated as powers.
    """

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.varies: list[bool] = []
        self.powers: dict[Node, tuple[Node, Node]] = {}
        self._known: dict[Key, Node] = {}
        self.zero = self.constant(0.0)
        self.one = self.constant(1.0)

    def operands(self, node: Node) -> tuple[Node, ...]:
        """Return the nodes that a node is made of."""
        op, *rest = self.keys[node]
        if op in {Op.CONSTANT, Op.LOAD}:
            return ()
        return tuple(rest[1:] if op is Op.COMPARE else rest)  # type: ignore[arg-type]

    def number(self, node: Node) -> float | None:
        """Return the value of a constant node, None for any other."""
        op, *rest = self.keys[node]
        return float(rest[0]) if op is Op.CONSTANT else None  # type: ignore[arg-type]

    def op(self, node: Node) -> Op:
        """Return what a node does."""
        return self.keys[node][0]  # type: ignore[return-value]

    def place(self, load: Node) -> int:
        """Return the place in its bank of a number that is loaded."""
        return int(self.keys[load][2])  # type: ignore[call-overload,no-any-return]

    def constant(self, value: float) -> Node:
        """Return a number."""
        return self._node((Op.CONSTANT, float(value) + 0.0))

    def load(self, bank: Bank, place: int) -> Node:
        """Return the number at a place of a bank."""
        return self._node((Op.LOAD, bank, place))

    def add(self, terms: Iterable[Node]) -> Node:
        """Return a sum; what does not vary is summed apart, so that it can be computed once."""
        flat = list(terms)
        numbers = [value for node in flat if (value := self.number(node)) is not None]
        fixed = [node for node in flat if not self.varies[node] and self.number(node) is None]
        varying = [node for node in flat if self.varies[node]]
        total = math.fsum(numbers)
        if total != 0.0 or not (fixed or varying):
            fixed = [self.constant(total), *fixed]
        if fixed and varying:
            varying = [self._sum(fixed), *varying]
        return self._sum(varying or fixed)

    def _sum(self, terms: list[Node]) -> Node:
        return terms[0] if len(terms) == 1 else self._node((Op.ADD, *sorted(terms)))

    def multiply(self, factors: Iterable[Node]) -> Node:
        """Return a product: its sign outermost, and the factors that do not vary apart and first."""
        number, groups = self._sorted_out(factors)
        if number == 0.0:
            return self.zero
        parts = [self._product(group) for group in groups if group]
        if abs(number) != 1.0 or not parts:
            scale = self.constant(abs(number))
            parts = [self._node((Op.MULTIPLY, scale, parts[0])), *parts[1:]] if parts else [scale]
        product = self._product(parts)
        if number > 0.0:
            return product
        return self.constant(number) if not any(groups) else self._node((Op.NEGATE, product))

    def _sorted_out(self, factors: Iterable[Node]) -> tuple[float, tuple[list[Node], list[Node]]]:
        """Return the number in a product, then the factors that do not vary and those that do."""
        number = 1.0
        fixed: list[Node] = []
        varying: list[Node] = []
        for factor in factors:
            inner = factor
            while self.op(inner) is Op.NEGATE:
                number, inner = -number, self.operands(inner)[0]
            value = self.number(inner)
            if value is not None:
                number *= value
            else:
                (varying if self.varies[inner] else fixed).append(inner)
        return number, (sorted(fixed), sorted(varying))

    def _product(self, factors: list[Node]) -> Node:
        product = factors[0]
        for factor in factors[1:]:
            product = self._node((Op.MULTIPLY, product, factor))
        return product

    def negate(self, node: Node) -> Node:
        """Return the negative."""
        return self.multiply((self.constant(-1.0), node))

    def reciprocal(self, node: Node) -> Node:
        """Return one over a node."""
        value = self.number(node)
        if value:
            return self.constant(1.0 / value)
        if self.op(node) is Op.NEGATE:
            return self.negate(self.reciprocal(self.operands(node)[0]))
        return self._node((Op.RECIPROCAL, node))

    def unary(self, op: Op, node: Node) -> Node:
        """Return exp, log, square root, hyperbolic tangent or absolute value."""
        value = self.number(node)
        if value is not None and not (op is Op.LOG and value <= 0.0) and not (op is Op.SQRT and value < 0.0):
            return self.constant(FOLDED[op](value))
        return self._node((op, node))

    def whole_power(self, base: Node, exponent: int) -> Node:
        """Return a power with a whole exponent, by repeated squaring."""
        if exponent < 0:
            return self.reciprocal(self.whole_power(base, -exponent))
        result, square = self.one, base
        while exponent:
            if exponent & 1:
                result = self.multiply((result, square))
            exponent >>= 1
            if exponent:
                square = self.multiply((square, square))
        return result

    def power(self, base: Node, exponent: Node) -> Node:
        """Return a power as exp(exponent * log(base)); constant halves and wholes without them."""
        value = self.number(exponent)
        if value is not None and value == int(value):
            return self.whole_power(base, int(value))
        if value is not None and 2 * value == int(2 * value):
            return self.whole_power(self.unary(Op.SQRT, base), int(2 * value))
        made = self.unary(Op.EXP, self.multiply((exponent, self.unary(Op.LOG, base))))
        self.powers[made] = (base, exponent)
        return made

    def larger(self, first: Node, second: Node) -> Node:
        """Return the larger of two."""
        return self._node((Op.LARGER, first, second))

    def smaller(self, first: Node, second: Node) -> Node:
        """Return the smaller of two."""
        return self._node((Op.SMALLER, first, second))

    def compare(self, relation: str, first: Node, second: Node) -> Node:
        """Return a truth; the relation is an ordered predicate of LLVM, such as ``olt``."""
        return self._node((Op.COMPARE, relation, first, second))

    def both(self, first: Node, second: Node) -> Node:
        """Return whether two truths hold."""
        return self._node((Op.BOTH, first, second))

    def either(self, first: Node, second: Node) -> Node:
        """Return whether one of two truths holds."""
        return self._node((Op.EITHER, first, second))

    def select(self, truth: Node, first: Node, second: Node) -> Node:
        """Return the first where a truth holds, otherwise the second."""
        return first if first == second else self._node((Op.SELECT, truth, first, second))

    def _node(self, key: Key) -> Node:
        known = self._known.get(key)
        if known is not None:
            return known
        self.keys.append(key)
        op = key[0]
        if op is Op.CONSTANT:
            self.varies.append(False)
        elif op is Op.LOAD:
            self.varies.append(key[1] not in FIXED)
        else:
            self.varies.append(any(self.varies[inner] for inner in self.operands(len(self.keys) - 1)))
        self._known[key] = len(self.keys) - 1
        return len(self.keys) - 1
