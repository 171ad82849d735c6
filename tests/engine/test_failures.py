"""A failure is a value of one patient, and the others do not notice."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy

from trialeukin.engine.problem import Fate, Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Status
from trialeukin.model.system import System, Term, symbol

Pose = Callable[..., Problem]
Make = Callable[..., System]
AMOUNT, LOSS = symbol("amount"), symbol("loss")
on_both = pytest.mark.parametrize("backend", Backend)


def driven_by(rate: sympy.Expr, decaying: Make, initial: float = 1.0) -> System:
    return replace(decaying(initial=initial), terms=(Term(state="amount", name="rate", rate=rate),))


def two(pose: Pose, system: System, **others: object) -> Problem:
    """Return a problem of a patient who fails, with loss 0.5, and one who does not, with loss -0.5."""
    problem = pose(
        system,
        [(0.5, 0, 1.0, 0.0), (9.0, 0, 1.0, 0.0)],
        patients=2,
        horizon=10.0,
        save_times=np.array([0.5, 9.5]),
        save=("amount",),
        **others,
    )
    problem.parameters[1, 0] = -0.5
    return problem


@on_both
def test_a_positive_state_that_falls_below_zero_is_a_failure(backend: Backend, pose: Pose, decaying: Make) -> None:
    problem = two(pose, driven_by(-LOSS, decaying))  # 1 - t / 2 + 1 is zero at t = 4

    found = solve(problem, backend=backend)

    assert found.status.tolist() == [Status.NEGATIVE_STATE, Status.REACHED_HORIZON]
    assert found.failed.tolist() == [True, False]
    assert {each: count for each, count in found.endings.items() if count} == {
        Status.NEGATIVE_STATE: 1,
        Status.REACHED_HORIZON: 1,
    }
    assert 3.9 < found.end_times[0] < 9.0  # seen at the end of a step, and the plain engine takes long ones
    assert math.isnan(found.values[0, 1, 0])
    assert found.values[1, 1, 0] == pytest.approx(1.0 + 1.0 + 1.0 + 4.75, rel=1e-6)
    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.AFTER_END]
    assert found.given[0].tolist() == [1.0, 0.0]


@on_both
def test_a_state_that_is_allowed_to_be_negative_may_be(backend: Backend, pose: Pose, decaying: Make) -> None:
    system = driven_by(-LOSS, decaying)
    system = replace(system, states=(replace(system.states[0], positive=False),))

    found = solve(two(pose, system), backend=backend)

    assert found.status.tolist() == [Status.REACHED_HORIZON] * 2
    assert found.values[0, 1, 0] == pytest.approx(3.0 - 4.75, rel=1e-6)


def test_growth_without_bound_ends_in_a_failure(pose: Pose, decaying: Make) -> None:
    found = solve(two(pose, driven_by(2 * LOSS * AMOUNT**2, decaying)))  # infinite at t = 1 or, with the dose, sooner

    assert found.status[0] in {Status.STEP_TOO_SMALL, Status.NOT_FINITE}
    assert 0.5 < found.end_times[0] < 1.0
    assert found.status[1] == Status.REACHED_HORIZON


@on_both
def test_a_rate_that_is_no_number_is_not_finite(backend: Backend, pose: Pose, decaying: Make) -> None:
    rate = sympy.sqrt(AMOUNT - sympy.Rational(1, 2)) * 0 + sympy.log(1 - AMOUNT * LOSS) * sympy.Rational(1, 10) + LOSS
    found = solve(two(pose, driven_by(rate, decaying)), backend=backend)

    assert found.status[0] == Status.NOT_FINITE
    assert found.end_times[0] < 9.0
    assert math.isnan(found.values[0, 1, 0])


@on_both
def test_a_start_that_is_no_number_is_not_finite_at_time_zero(backend: Backend, pose: Pose, decaying: Make) -> None:
    system = decaying(initial=sympy.log(-LOSS) + 1)  # log(-0.5) is no number, log(0.5) is

    found = solve(two(pose, system), backend=backend)

    assert found.status.tolist() == [Status.NOT_FINITE, Status.REACHED_HORIZON]
    assert found.end_times[0] == 0.0
    assert np.isnan(found.values[0]).all()
    assert found.fates[0].tolist() == [Fate.AFTER_END] * 2


@on_both
def test_too_many_steps_are_a_failure(backend: Backend, pose: Pose, decaying: Make) -> None:
    found = solve(two(pose, decaying(initial=1), tolerance=Tolerance(most_steps=10)), backend=backend)

    assert found.status.tolist() == [Status.TOO_MANY_STEPS] * 2
    assert found.steps.tolist() == [10, 10]
    assert (found.end_times < 10.0).all()


def test_nobody_is_solved_in_no_time(pose: Pose, decaying: Make) -> None:
    found = solve(pose(decaying(), [(0.0, 0, 1.0, 0.0)], patients=0, horizon=1.0))

    assert found.status.shape == (0,)
    assert found.given.shape == (0, 1)
