import ctypes
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.engine.frame import FUNCTIONS, Slot
from trialeukin.engine.kernel import kernel_for
from trialeukin.engine.plan import lanes_for
from trialeukin.engine.problem import Problem
from trialeukin.engine.tableau import RODAS5P, ROUNDING, defects, trees
from trialeukin.model.system import System, Term, symbol

LOTS = (8, 16, 32)  # steps over one day


def test_trees_are_as_many_as_there_are_order_conditions() -> None:
    # Hairer and Wanner II, table IV.7.1: 1, 1, 2, 4 and 9 conditions of orders 1 to 5
    assert [len(trees(vertices)) for vertices in range(1, 6)] == [1, 1, 2, 4, 9]


def test_rodas5p_has_order_five_and_its_dense_output_order_four() -> None:
    inside = [np.abs(defects(RODAS5P, RODAS5P.dense_weights(at), 4, fraction=at)).max() for at in np.linspace(0, 1, 11)]

    assert np.abs(defects(RODAS5P, RODAS5P.weights, 5)).max() < ROUNDING
    assert max(inside) < ROUNDING
    assert np.array_equal(RODAS5P.dense_weights(1.0), RODAS5P.weights)


def test_a_misprinted_coefficient_is_refused() -> None:
    couplings = RODAS5P.couplings.copy()
    couplings[5, 3] += 1e-9

    with pytest.raises(InputError, match="misses an order condition"):
        replace(RODAS5P, couplings=couplings)


def test_the_method_is_l_stable() -> None:
    # a step on y' = k y with k towards minus infinity ends at sum over stages of -m_i * (stage on y' = k y) -> 0
    very_stiff = -1e14
    inverse = 1.0 / (1.0 / RODAS5P.diagonal - very_stiff)
    stages: list[float] = []
    for row, coupling in zip(RODAS5P.stages, RODAS5P.couplings, strict=True):
        known = np.array(stages)
        point = 1.0 + row[: known.size] @ known
        stages.append(inverse * (very_stiff * point + coupling[: known.size] @ known))

    assert abs(1.0 + RODAS5P.weights @ np.array(stages)) < 1e-9


def test_steps_of_the_generated_code_converge_with_order_five_and_four_between_them(
    pose: Callable[..., Problem], decaying: Callable[..., System]
) -> None:
    amount, loss = symbol("amount"), symbol("loss")
    system = replace(decaying(initial=2), terms=(Term(state="amount", name="square", rate=-loss * amount**2 + amount),))
    problem = pose(system, horizon=1.0)

    def exact(
        time: float,
    ) -> float:  # a logistic curve with carrying capacity 1 / loss = 2 seen from above: 2 is at rest
        return 2.0 * start / (start + (2.0 - start) * np.exp(-time))

    start = 0.1
    ends, middles = [], []
    for count in LOTS:
        kernel = kernel_for(system, width=1)
        lanes = lanes_for(problem, kernel)
        run = {
            name: ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)(address)
            for name, address in zip(FUNCTIONS, kernel.addresses, strict=True)
        }
        lanes.parameters[:, 0] = problem.parameters[0]
        lanes.state[0, 0], lanes.stop[0] = start, np.inf
        run["prepare"](lanes.frame_address, Slot.STATE)
        middle = 0.0
        for step in range(count):
            lanes.wish[0] = 1.0 / count
            run["step"](lanes.frame_address, Slot.STATE)
            lanes.accepted[0, 0], lanes.fraction[0, 0] = 1.0, 0.4
            run["between"](lanes.frame_address, Slot.STATE)
            middle = max(middle, abs(lanes.between[0, 0] - exact((step + 0.4) / count)))
            run["commit"](lanes.frame_address, Slot.STATE)
        ends.append(abs(lanes.state[0, 0] - exact(1.0)))
        middles.append(middle)

    # halving a step divides the error by 2^order; neighbours of an asymptotic law may be a third of an order off
    assert np.log2(np.array(ends[:-1]) / ends[1:]).min() > 5.0 - 1 / 3
    assert np.log2(np.array(middles[:-1]) / middles[1:]).min() > 4.0 - 1 / 3
