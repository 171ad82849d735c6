"""Write nodes of a graph as LLVM instructions: each once, in the order the outputs need them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from trialeukin.engine.graph import TRUTHS, Bank, Graph, Node, Op
from trialeukin.engine.vector_functions import exponential, hyperbolic_tangent, logarithm
from trialeukin.engine.vector_text import Writer

WRITTEN_OUT = {Op.EXP: exponential, Op.LOG: logarithm, Op.TANH: hyperbolic_tangent}
INTRINSIC = {Op.SQRT: "sqrt", Op.ABSOLUTE: "fabs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A node and where to store it."""

    pointer: str
    index: int
    node: Node


@dataclass(slots=True, kw_only=True)
class Emission:
    """The nodes of one function on their way to text.

    Attributes
    ----------
    writer : Writer
        Where the text goes.
    graph : Graph
        Where the nodes are.
    pointers : mapping of Bank to str
        The address that each bank is loaded from.
    given : dict of node to str
        Names of what is already at hand.
    fixed : mapping of node to int
        Places in the table of what is computed once between events.
    instead : mapping of Node to Node
        What to compute in place of some nodes, equal to them but for rounding.
    """

    writer: Writer
    graph: Graph
    pointers: Mapping[Bank, str]
    given: dict[Node, str] = field(default_factory=dict)
    fixed: Mapping[Node, int] = field(default_factory=dict)
    instead: Mapping[Node, Node] = field(default_factory=dict)
    uses: Counter[Node] = field(default_factory=Counter)
    loaded: list[Node] = field(default_factory=list)

    def emit(self, outputs: Sequence[Output]) -> None:
        """Write all outputs, each stored as soon as it is known."""
        nodes = [self.instead.get(output.node, output.node) for output in outputs]
        self._count(nodes)
        for output, node in zip(outputs, nodes, strict=True):
            self.writer.store(self.value(node), output.pointer, output.index)
            for loaded in self.loaded:
                del self.given[loaded]
            self.loaded.clear()

    def _count(self, roots: Sequence[Node]) -> None:
        waiting, seen = list(roots), set(roots)
        self.uses.update(roots)
        while waiting:
            for inner in self._needs(waiting.pop()):
                self.uses[inner] += 1
                if inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)

    def _needs(self, node: Node) -> tuple[Node, ...]:
        return () if node in self.given or node in self.fixed else self._operands(node)

    def _operands(self, node: Node) -> tuple[Node, ...]:
        return tuple(self.instead.get(inner, inner) for inner in self.graph.operands(node))

    def value(self, node: Node) -> str:
        """Return the name of a node's value, written on first use after what it needs."""
        waiting = [node]
        while waiting:
            current = waiting[-1]
            missing = [inner for inner in self._leaves(current) if inner not in self.given]
            if current in self.given or not missing:
                waiting.pop()
                if current not in self.given:
                    self.given[current] = self._write(current)
            else:
                waiting.extend(reversed(missing))
        return self.given[node]

    def _leaves(self, node: Node) -> tuple[Node, ...]:
        """Return what must be at hand before a node: for a sum, the factors of products fused into it."""
        needs = self._needs(node)
        if self.graph.op(node) is not Op.ADD or not needs:
            return needs
        return tuple(leaf for term in needs for leaf in (self._fusible(term) or (None, term))[1:])

    def _fusible(self, term: Node) -> tuple[bool, Node, Node] | None:
        """Return sign and factors of a product that only this sum uses."""
        negative = self.graph.op(term) is Op.NEGATE and self._alone(term)
        product = self._operands(term)[0] if negative else term
        if self.graph.op(product) is not Op.MULTIPLY or not self._alone(product):
            return None
        first, second = self._operands(product)
        return negative, first, second

    def _alone(self, node: Node) -> bool:
        return self.uses[node] == 1 and node not in self.given and node not in self.fixed

    def _write(self, node: Node) -> str:
        writer, graph = self.writer, self.graph
        op, *rest = graph.keys[node]
        if node in self.fixed or op is Op.LOAD:
            self.loaded.append(node)
        if node in self.fixed:
            return writer.load("%fixed", self.fixed[node])
        if op is Op.CONSTANT:
            return writer.splat(float(rest[0]))  # type: ignore[arg-type]
        if op is Op.LOAD:
            return writer.load(self.pointers[rest[0]], int(rest[1]))  # type: ignore[index,call-overload]
        if op is Op.ADD:
            return self._write_sum(node)
        values = [self.given[inner] for inner in self._operands(node)]
        return self._write_operation(op, values, str(rest[0]))  # type: ignore[arg-type]

    def _write_operation(self, op: Op, values: list[str], relation: str) -> str:
        writer = self.writer
        if op in WRITTEN_OUT:
            return WRITTEN_OUT[op](writer, values[0])
        if op in INTRINSIC:
            return writer.intrinsic(INTRINSIC[op], values[0])
        match op:
            case Op.MULTIPLY:
                return writer.binary("fmul", *values)
            case Op.NEGATE:
                return writer.fresh(f"fneg {writer.vector} {values[0]}")
            case Op.RECIPROCAL:
                return writer.binary("fdiv", writer.splat(1.0), values[0])
            case Op.LARGER | Op.SMALLER:
                chosen = writer.compare("ogt" if op is Op.LARGER else "olt", *values)
                return writer.select(chosen, *values)
            case Op.COMPARE:
                return writer.compare(relation, *values)
            case Op.BOTH | Op.EITHER:
                name = "and" if op is Op.BOTH else "or"
                return writer.fresh(f"{name} {writer.truths} {values[0]}, {values[1]}")
            case _:
                return writer.select(*values)

    def _write_sum(self, node: Node) -> str:
        """Write a sum with every product that only it uses fused into it."""
        writer = self.writer
        terms = self._operands(node)
        plain = [term for term in terms if self._fusible(term) is None]
        fused = [parts for term in terms if (parts := self._fusible(term)) is not None]
        if plain:
            total = self.given[plain[0]]
            for term in plain[1:]:
                total = writer.binary("fadd", total, self.given[term])
        else:
            negative, first, second = fused.pop(0)
            total = writer.binary("fmul", self._signed(first, negative=negative), self.given[second])
        for negative, first, second in fused:
            total = writer.fused(self._signed(first, negative=negative), self.given[second], total)
        return total

    def _signed(self, node: Node, *, negative: bool) -> str:
        value = self.given[node]
        return self.writer.fresh(f"fneg {self.writer.vector} {value}") if negative else value


def fixed_nodes(graph: Graph, roots: Sequence[Node]) -> list[Node]:
    """Return the numbers that varying nodes under the roots use, that do not vary and are not plain.

    A comparison of such numbers is no number and is made where it is used.
    """
    found: dict[Node, None] = {}
    waiting, seen = list(reversed(roots)), set(roots)
    while waiting:
        node = waiting.pop()
        if not graph.varies[node] and graph.op(node) not in TRUTHS:
            if graph.number(node) is None:
                found[node] = None
            continue
        for inner in graph.operands(node):
            if inner not in seen:
                seen.add(inner)
                waiting.append(inner)
    return list(found)
