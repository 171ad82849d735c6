"""The model as functions that Numba compiles, for the peers.

The peers get what our engine gets: the same graph of the equations, in which equal expressions are
computed once, numbers that only parameters decide are computed once a patient, and the Jacobian is exact.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from equations import Equations, equations_of, needed
from numba import njit

from trialeukin.core.arrays import Floats
from trialeukin.engine.graph import Bank, Graph, Node, Op
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
    equations : Equations
        What they compute.
    states, fixed : int
        How many states, n, and how many numbers that only the parameters decide.
    prepare : callable
        Parameters and switches to the numbers that only they decide; not compiled, called once a patient.
    start : callable
        The same to initial states, then bioavailability and lag of each input.
    rates : callable
        ``rates(state, fixed, out)`` fills the (n,) derivatives.
    jacobian : callable
        ``jacobian(state, fixed, out)`` fills the entries of the (n, n) matrix that are not always zero.
    """

    equations: Equations
    states: int
    fixed: int
    prepare: Callable[..., None]
    start: Callable[..., None]
    rates: Any
    jacobian: Any

    def begin(self, parameters: Floats, switches: Floats, outputs: int) -> tuple[Floats, Floats]:
        """Return what is fixed, then initial states with bioavailability and lag of each input."""
        fixed, start = np.zeros(self.fixed), np.zeros(outputs)
        self.prepare(parameters, switches, fixed)
        self.start(parameters, switches, start)
        return fixed, start


def compile_system(system: System) -> Compiled:
    """Return the functions of a system; Numba compiles them on their first call."""
    equations = equations_of(system)
    graph, fixed = equations.graph, equations.fixed
    prepared = {node: f"fixed[{place}]" for node, place in equations.places.items()}
    rates = dict(enumerate(equations.rates))
    return Compiled(
        equations=equations,
        states=len(rates),
        fixed=len(fixed),
        prepare=_function(graph, "parameters, switches", dict(enumerate(fixed)), {}),
        start=_function(graph, "parameters, switches", dict(enumerate(equations.start)), {}),
        rates=_compiled(_function(graph, "state, fixed", rates, prepared)),
        jacobian=_compiled(_function(graph, "state, fixed", equations.slopes, prepared)),
    )


def _compiled(function: Callable[..., None]) -> Any:
    return njit(function, error_model="numpy", fastmath=FUSED, boundscheck=False)


def _function(graph: Graph, arguments: str, outputs: dict[Any, Node], given: dict[Node, str]) -> Callable[..., None]:
    """Return a function that computes nodes, each part once, and stores them at their places in ``out``."""
    names = dict(given)
    lines = [f"def function({arguments}, out):"]
    for node in needed(graph, list(outputs.values()), given):
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
