"""Read SymPy expressions into a graph; what the engine cannot compute is refused by name."""

from collections.abc import Callable, Sequence

import sympy
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from trialeukin.core.errors import ModelError
from trialeukin.engine.graph import Bank, Graph, Node, Op
from trialeukin.model.system import System

UNARY = {sympy.exp: Op.EXP, sympy.log: Op.LOG, sympy.tanh: Op.TANH, sympy.Abs: Op.ABSOLUTE}
RELATIONS = {
    sympy.StrictLessThan: "olt",
    sympy.LessThan: "ole",
    sympy.StrictGreaterThan: "ogt",
    sympy.GreaterThan: "oge",
    sympy.Equality: "oeq",
    sympy.Unequality: "une",
}
OPPOSITE = {"olt": "uge", "ole": "ugt", "ogt": "ule", "oge": "ult", "oeq": "une", "une": "oeq"}


class Reader:
    """Turns expressions into nodes, given what each symbol stands for."""

    def __init__(self, graph: Graph, meanings: dict[str, Node]) -> None:
        self.graph = graph
        self.meanings = meanings
        self._read: dict[sympy.Basic, Node] = {}

    def read(self, expression: sympy.Basic) -> Node:
        """Return the node of an expression.

        Raises
        ------
        ModelError
            When it uses a function that the engine does not have.
        """
        expression = sympy.sympify(expression)
        if expression not in self._read:
            self._read[expression] = self._new(expression)
        return self._read[expression]

    def _new(self, expression: sympy.Basic) -> Node:
        graph = self.graph
        if isinstance(expression, sympy.Symbol):
            return self.meanings[expression.name]
        if expression.is_number and not expression.free_symbols and isinstance(expression, sympy.Expr):
            return graph.constant(float(expression))
        if isinstance(expression, (sympy.Add, sympy.Mul)):
            return graph.add(self._terms(expression, ()))
        if isinstance(expression, sympy.Pow):
            return graph.power(self.read(expression.base), self.read(expression.exp))
        if isinstance(expression, (sympy.Max, sympy.Min)):
            return self._fold(graph.larger if isinstance(expression, sympy.Max) else graph.smaller, expression.args)
        if isinstance(expression, sympy.Piecewise):
            return self._piecewise(expression)
        if expression.func in UNARY and len(expression.args) == 1:
            return graph.unary(UNARY[expression.func], self.read(expression.args[0]))
        return self._truth(expression)

    def _terms(self, expression: sympy.Basic, scale: tuple[Node, ...]) -> list[Node]:
        """Return what an expression times a scale is the sum of.

        Factors that do not vary are multiplied into the terms of a sum, where they meet others that do not vary and
        are computed with them once: c (a - b x) is then one operation a step instead of two.
        """
        graph = self.graph
        if isinstance(expression, sympy.Add):
            return [node for each in expression.args for node in self._terms(each, scale)]
        if not isinstance(expression, sympy.Mul):
            return [graph.multiply((*scale, self.read(expression)))]
        factors = [(each, self.read(each)) for each in expression.args]
        varying = [each for each, node in factors if graph.varies[node]]
        if len(varying) == 1 and isinstance(varying[0], sympy.Add):
            fixed = [node for _, node in factors if not graph.varies[node]]
            return self._terms(varying[0], (*scale, *fixed))
        return [graph.multiply((*scale, *(node for _, node in factors)))]

    def _all(self, expressions: Sequence[sympy.Basic]) -> list[Node]:
        return [self.read(each) for each in expressions]

    def _fold(self, combine: Callable[[Node, Node], Node], expressions: Sequence[sympy.Basic]) -> Node:
        """Combine pairwise, in an order that does not depend on the hash seed of the process."""
        first, *others = (self.read(each) for each in sorted(expressions, key=sympy.default_sort_key))
        for other in others:
            first = combine(first, other)
        return first

    def _piecewise(self, expression: sympy.Piecewise) -> Node:
        chosen = self.graph.constant(float("nan"))
        for value, condition in reversed(expression.args):
            if isinstance(condition, BooleanTrue):
                chosen = self.read(value)
            elif not isinstance(condition, BooleanFalse):
                chosen = self.graph.select(self.read(condition), self.read(value), chosen)
        return chosen

    def _truth(self, expression: sympy.Basic) -> Node:
        graph = self.graph
        if expression.func in RELATIONS:
            left, right = self._all(expression.args)
            return graph.compare(RELATIONS[expression.func], left, right)
        if isinstance(expression, sympy.And):
            return self._fold(graph.both, expression.args)
        if isinstance(expression, sympy.Or):
            return self._fold(graph.either, expression.args)
        if isinstance(expression, sympy.Not) and expression.args[0].func in RELATIONS:
            left, right = self._all(expression.args[0].args)
            return graph.compare(OPPOSITE[RELATIONS[expression.args[0].func]], left, right)
        known = "+, -, *, /, powers, exp, log, sqrt, tanh, Abs, Max, Min and Piecewise"
        raise ModelError(f"the engine cannot compute {expression.func.__name__} in {expression}: write it with {known}")


def read_system(system: System) -> tuple[Reader, list[Node]]:
    """Return a reader that knows every name of a system, and what `start` computes.

    The latter, in parameters only: initial states, then what `Input.decided` lists of each input.
    """
    graph = Graph()
    meanings = {name: graph.load(Bank.PARAMETER, place) for place, name in enumerate(system.parameters)}
    reader = Reader(graph, meanings)
    start = [reader.read(state.initial) for state in system.states]
    start += [reader.read(part) for entry in system.inputs for part, _ in entry.decided().values()]
    meanings |= {state.name: graph.load(Bank.STATE, place) for place, state in enumerate(system.states)}
    meanings |= {switch.name: graph.load(Bank.SWITCH, place) for place, switch in enumerate(system.switches)}
    reader = Reader(graph, meanings)
    for definition in system.definitions:
        meanings[definition.name] = reader.read(definition.expression)
    return reader, start
