"""How changes pass on to the rates: the same as by the whole Jacobian, in no more operations."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.engine.accumulation import Slopes, accumulate
from trialeukin.engine.derivatives import state_derivatives
from trialeukin.engine.equations import equations_of
from trialeukin.engine.graph import Bank, Node, Op
from trialeukin.engine.tangents import Tangents
from trialeukin.model.system import System, Term, symbol
from trialeukin.model.whole import model

ROUNDING = 1e-9  # of sums of some dozen products whose parts may cancel
CHOSEN = ("il2_central_volume", "nk_bright_loss", "il2_bioavailability_sc", "platelet_loss")
Numbers = dict[Bank, Floats]
Values = dict[Node, float]


def tangents_of(system: System, chosen: Sequence[str]) -> Tangents:
    equations = equations_of(system)
    return Tangents(system, equations, chosen, state_derivatives(equations.graph, len(system.states)))


def numbers_of(tangents: Tangents, system: System) -> Numbers:
    """Return a number for everything that can be loaded."""
    made = np.random.default_rng(1)
    blocks = 1 + tangents.count
    return {
        Bank.PARAMETER: np.array([each.value for each in system.parameters.values()]),
        Bank.STATE: made.uniform(0.5, 2.0, blocks * len(system.states)),
        Bank.SWITCH: made.uniform(0.5, 2.0, blocks * len(system.switches)),
        Bank.RATE: made.uniform(0.5, 2.0, blocks * len(system.inputs)),
    }


def passed_on(
    tangents: Tangents, passages: dict[Node, Slopes], parameter: int, values_of: Callable[[Sequence[Node]], Values]
) -> list[float]:
    """Return how each rate changes along a parameter."""
    graph = tangents.graph
    loads = {each for slopes in passages.values() for each in (*slopes, *tangents.rates) if graph.op(each) is Op.LOAD}
    moved = {load: tangents.change(load, parameter) for load in loads}
    found = values_of([*moved.values(), *(each for slopes in passages.values() for each in slopes.values())])
    changes = {load: found[change] for load, change in moved.items()}
    for node, slopes in passages.items():
        changes[node] = math.fsum(found[slope] * changes[inner] for inner, slope in slopes.items())
    return [changes.get(rate, 0.0) for rate in tangents.rates]


@pytest.mark.parametrize("name", ["aml-maintenance", "donor-lymphocytes", "il2-pharmacokinetics"])
@pytest.mark.parametrize("chosen", [CHOSEN[:1], CHOSEN])
def test_changes_pass_on_as_they_do_by_the_whole_jacobian(
    name: str, chosen: Sequence[str], values: Callable[..., Values]
) -> None:
    system = model(name)
    tangents = tangents_of(system, [each for each in chosen if each in system.parameters] or [*system.parameters][:2])
    values_of = partial(values, tangents.graph, numbers_of(tangents, system))
    passages = accumulate(tangents)

    for parameter in range(tangents.count):
        whole = [tangents.along(rate, parameter) for rate in tangents.rates]
        exact = values_of(whole)
        found = passed_on(tangents, passages, parameter, values_of)
        assert found == pytest.approx([exact[each] for each in whole], rel=ROUNDING, abs=ROUNDING)
        assert any(found)


def some_states(system: System, count: int, rate: Callable[[Sequence[sympy.Symbol], int], sympy.Expr]) -> Tangents:
    """Return the changes of states whose rates are a function of all and of the place of each, with one parameter."""
    names = [f"state{number}" for number in range(count)]
    states = tuple(replace(system.states[0], name=name) for name in names)
    rates = [rate([symbol(name) for name in names], place) for place in range(count)]
    terms = tuple(Term(state=name, name="rate", rate=each) for name, each in zip(names, rates, strict=True))
    return tangents_of(replace(system, states=states, terms=terms, inputs=()), ["loss"])


def test_what_many_states_decide_for_many_stays(decaying: Callable[[], System]) -> None:
    count = 12

    def rate(states: Sequence[sympy.Symbol], place: int) -> sympy.Expr:
        return -symbol("loss") * states[place] * sympy.tanh(sum(states))

    slopes = accumulate(some_states(decaying(), count, rate))

    in_the_sum, in_the_product, in_the_rate = 1, 2, 2
    assert sum(map(len, slopes.values())) <= count * (in_the_sum + in_the_product + in_the_rate) + 1 < count * count


def test_of_a_chain_of_operations_only_its_end_stays(decaying: Callable[[], System]) -> None:
    def rate(states: Sequence[sympy.Symbol], place: int) -> sympy.Expr:
        return -symbol("loss") * sympy.exp(sympy.tanh(sympy.sqrt(states[place])))

    tangents = some_states(decaying(), 3, rate)

    assert accumulate(tangents).keys() == set(tangents.rates)
