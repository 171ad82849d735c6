"""A system as plain Python functions of one patient, for the reference solver."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.engine.quantities import symbols
from trialeukin.model.system import System, symbol

RATE = "input_rate_{}"  # the symbol of the rate at which an input runs, in its state's unit a day
NUMBERS = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt, "tanh": math.tanh, "nan": math.nan}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreted:
    """The functions of one system; a fault of arithmetic yields not-a-number.

    Attributes
    ----------
    start : callable
        Parameters to initial states, then what `Input.decided` lists of each input.
    rates : callable
        States, switches, parameters and input rates to the states' derivatives.
    definitions, triggers : callable
        States, switches and parameters to all definitions and to all triggers.
    sets : tuple of callable
        For each event, states, switches and parameters to the new values in the order of its ``sets``.
    """

    start: Callable[..., Floats]
    rates: Callable[..., Floats]
    definitions: Callable[..., Floats]
    triggers: Callable[..., Floats]
    sets: tuple[Callable[..., Floats], ...]


def interpret(system: System) -> Interpreted:
    """Return the functions of a system, made by SymPy's own printer."""
    states = symbols(tuple(state.name for state in system.states))
    switches = symbols(tuple(switch.name for switch in system.switches))
    parameters = symbols(tuple(system.parameters))
    inflows = [sympy.Symbol(RATE.format(position), real=True) for position in range(len(system.inputs))]
    rates = [
        rate + sum(inflow for inflow, entry in zip(inflows, system.inputs, strict=True) if entry.state == state.name)
        for rate, state in zip(system.rates(), system.states, strict=True)
    ]
    entries = [expression for entry in system.inputs for expression, _ in entry.decided().values()]
    make = partial(_function, system)
    now = (states, switches, parameters)
    return Interpreted(
        start=_function(system, (parameters,), [*(state.initial for state in system.states), *entries], within=False),
        rates=make((*now, inflows), rates),
        definitions=make(now, [symbol(definition.name) for definition in system.definitions]),
        triggers=make(now, [event.trigger for event in system.events]),
        sets=tuple(make(now, list(event.sets.values())) for event in system.events),
    )


def _function(
    system: System,
    arguments: Sequence[Sequence[sympy.Symbol]],
    expressions: Sequence[sympy.Expr],
    *,
    within: bool = True,
) -> Callable[..., Floats]:
    """Return a function of lists of numbers, with definitions computed first where they may be used."""
    steps = [(symbol(each.name), each.expression) for each in system.definitions] if within else []

    def with_definitions(wanted: Any) -> tuple[list[tuple[sympy.Symbol, sympy.Expr]], Any]:
        return steps, wanted

    compiled = sympy.lambdify(
        [list(group) for group in arguments],
        [sympy.sympify(expression) for expression in expressions],
        modules=[NUMBERS, "math"],
        cse=with_definitions,
    )

    def evaluate(*groups: Sequence[float]) -> Floats:
        try:
            return np.array(compiled(*groups), dtype=np.float64)
        except (ValueError, OverflowError, ZeroDivisionError):
            return np.full(len(expressions), np.nan)

    return evaluate
