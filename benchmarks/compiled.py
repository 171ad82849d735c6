"""The model as functions that Numba compiles, for the peers.

The peers get what our engine gets: the same graph of the equations, in which equal expressions are
computed once, numbers that only parameters decide are computed once a patient, and the Jacobian is exact.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from trialeukin.core.arrays import Floats
from trialeukin.engine.derivatives import state_derivatives
from trialeukin.engine.emit import fixed_nodes
from trialeukin.engine.graph import Bank, Graph, Node, Op
from trialeukin.engine.reading import read_system
from trialeukin.model.system import System

BANKS = {Bank.PARAMETER: "parameters", Bank.SWITCH: "switches", Bank.STATE: "state"}
RELATIONS = {"olt": "{} < {}", "ole": "{} <= {}", "ogt": "{} > {}", "oge": "{} >= {}", "oeq": "{} == {}"}
RELATIONS |= {"une": "{} != {}", "uge": "not ({} < {})", "ugt": "not ({} <= {})"}
RELATIONS |= {"ule": "not ({} > {})", "ult": "not ({} >= {})"}
PATTERNS = {
    Op.MULTIPLY: "{} * {}",
    Op.NEGATE: "-{}",
    Op.RECIPROCAL: "1.0 / {}",
    Op.EXP: "math.exp({})",
    Op.LOG: "math.log({})",
    Op.SQRT: "math.sqrt({})",
    Op.TANH: "math.tanh({})",
    Op.ABSOLUTE: "abs({})",
    Op.LARGER: "max({}, {})",
    Op.SMALLER: "min({}, {})",
    Op.BOTH: "{} and {}",
    Op.EITHER: "{} or {}",
    Op.SELECT: "{1} if {0} else {2}",
}
FUSED = {"contract"}  # multiply-add in one instruction, as in our own code


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """Functions of one patient.

    Attributes
    ----------
    states : int
        How many states, n.
    prepare : callable
        Parameters and switches to the numbers that only they decide; not compiled, called once a patient.
    start : callable
        The same to initial states, then bioavailability and lag of each input.
    rates : callable
        ``rates(state, fixed, out)`` fills the (n,) derivatives.
    jacobian : callable
        ``jacobian(state, fixed, out)`` fills the entries of the (n, n) matrix that are not always zero.
    """

    states: int
    prepare: Callable[..., None]
    start: Callable[..., None]
    rates: Any
    jacobian: Any
    fixed: int

    def begin(self, parameters: Floats, switches: Floats, outputs: int) -> tuple[Floats, Floats]:
        """Return what is fixed, then initial states with bioavailability and lag of each input."""
        fixed, start = np.zeros(self.fixed), np.zeros(outputs)
        self.prepare(parameters, switches, fixed)
        self.start(parameters, switches, start)
        return fixed, start


def compile_system(system: System) -> Compiled:
    """Return the functions of a system; Numba compiles them on their first call."""
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
    prepared = {node: f"fixed[{place}]" for place, node in enumerate(fixed)}
    numbered = dict(enumerate(rates))
    return Compiled(
        states=len(rates),
        fixed=len(fixed),
        prepare=_function(graph, "parameters, switches", dict(enumerate(fixed)), {}),
        start=_function(graph, "parameters, switches", dict(enumerate(start)), {}),
        rates=_compiled(_function(graph, "state, fixed", numbered, prepared)),
        jacobian=_compiled(_function(graph, "state, fixed", slopes, prepared)),
    )


def _compiled(function: Callable[..., None]) -> Any:
    return njit(function, error_model="numpy", fastmath=FUSED, boundscheck=False)


def _function(graph: Graph, arguments: str, outputs: dict[Any, Node], given: dict[Node, str]) -> Callable[..., None]:
    """Return a function that computes nodes, each part once, and stores them at their places in ``out``."""
    names = dict(given)
    lines = [f"def function({arguments}, out):"]
    for node in _needed(graph, list(outputs.values()), given):
        op, *rest = graph.keys[node]
        if op is Op.CONSTANT:
            names[node] = f"({float(rest[0])!r})" if math.isfinite(float(rest[0])) else "math.nan"
        elif op is Op.LOAD:
            names[node] = f"{BANKS[rest[0]]}[{rest[1]}]"
        else:
            names[node] = f"v{node}"
            lines.append(f"    v{node} = {_text(graph, node, names)}")
    lines += [f"    out[{place}] = {names[node]}" for place, node in outputs.items()]
    space: dict[str, Any] = {"math": math}
    exec("\n".join([*lines, "    return"]), space)  # the text is made here, of numbers and names made here
    return space["function"]


def _text(graph: Graph, node: Node, names: dict[Node, str]) -> str:
    op, *rest = graph.keys[node]
    parts = [names[inner] for inner in graph.operands(node)]
    if op is Op.ADD:
        return " + ".join(parts)
    return (RELATIONS[rest[0]] if op is Op.COMPARE else PATTERNS[op]).format(*parts)


def _needed(graph: Graph, roots: Sequence[Node], given: dict[Node, str]) -> list[Node]:
    """Return the nodes under roots, each after what it is made of: a node's number is above its parts'."""
    found, waiting = set(), [root for root in roots if root not in given]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [inner for inner in graph.operands(node) if inner not in given]
    return sorted(found)
