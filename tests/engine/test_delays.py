"""Doses that rules put off: when they are given, what follows them, and when it ends."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trialeukin.engine.problem import Fate, Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.system import System
from trialeukin.regimen.rules import Action, Comparison, Condition, DoseRule

TIGHT = Tolerance(relative=1e-9)
CLOSE = 1e-7  # a hundred times the tolerance of a step
DAY = math.exp(-0.5)  # what a day leaves of an amount
Make = Callable[..., System]
Pose = Callable[..., Problem]
on_both = pytest.mark.parametrize("backend", Backend)


def rule(
    action: Action = Action.DELAY,
    *,
    at_least: float = 0.5,
    drug: str | None = None,
    step: int = 1,
    limit: int | None = None,
    cycles: bool = False,
) -> DoseRule:
    condition = Condition(quantity="amount", comparison=Comparison.AT_LEAST, threshold=at_least, unit="pmol")
    return DoseRule(drug=drug, action=action, condition=condition, step=step, limit=limit, cycles=cycles)


@on_both
def test_a_dose_waits_day_by_day_and_all_that_follows_waits_as_long(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0), (2.0, 0, 1.0, 0.0), (5.0, 0, 1.0, 0.0)]
    problem = pose(
        decaying(), doses, horizon=9.0, save_times=np.array([9.0]), save=("amount",), rules=(rule(),), tolerance=TIGHT
    )

    found = solve(problem, backend=backend)

    # 0.61 on day 1, 0.37 on day 2: given; 0.83 on day 3, 0.503 on day 4, 0.305 on day 5: given; 0.29 on day 8: given
    assert found.put_off[0].tolist() == [0.0, 1.0, 3.0, 3.0]
    assert found.given[0].tolist() == [1.0, 1.0, 1.0, 1.0]
    assert found.fates[0].tolist() == [Fate.GIVEN] * 4
    assert found.values[0, 0, 0] == pytest.approx(DAY**9 + DAY**7 + DAY**4 + DAY, rel=CLOSE)


@on_both
def test_the_step_is_how_often_it_is_looked_at(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0)]

    found = solve(pose(decaying(), doses, horizon=20.0, rules=(rule(step=7),)), backend=backend)

    assert found.put_off[0].tolist() == [0.0, 7.0]


@on_both
def test_a_cycle_waits_as_a_whole_or_not_at_all(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0), (2.0, 0, 1.0, 0.0), (3.0, 0, 1.0, 0.0), (9.0, 0, 1.0, 0.0)]
    problem = pose(decaying(), doses, horizon=12.0, rules=(rule(cycles=True, limit=4),))
    begins = np.array([True, False, True, False, True])

    found = solve(replace(problem, doses=replace(problem.doses, begins_cycle=begins)), backend=backend)

    # 0.97 on day 2, 0.59 on day 3, 0.36 on day 4: the second cycle begins, and goes on a day later at 0.82
    assert found.put_off[0].tolist() == [0.0, 0.0, 2.0, 2.0, 2.0]
    assert found.fates[0].tolist() == [Fate.GIVEN] * 5


@on_both
def test_a_cycle_that_waits_too_long_is_the_last(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 9.0, 0.0), (1.0, 0, 1.0, 0.0), (2.0, 0, 1.0, 0.0), (3.0, 0, 1.0, 0.0)]
    problem = pose(decaying(), doses, horizon=12.0, rules=(rule(cycles=True, limit=1),))
    begins = np.array([True, False, True, False])

    found = solve(replace(problem, doses=replace(problem.doses, begins_cycle=begins)), backend=backend)

    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.GIVEN, Fate.RULE, Fate.RULE]


@on_both
def test_a_delay_that_is_not_enough_ends_its_drug_alone(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 9.0, 0.0), (1.0, 0, 1.0, 0.0), (2.0, 0, 1.0, 0.0), (9.0, 1, 1.0, 0.0), (9.5, 0, 1.0, 0.0)]
    rules = (rule(drug="first", limit=3),)

    found = solve(pose(decaying(), doses, horizon=20.0, rules=rules), backend=backend)

    # from 5.5 on day 1 to 1.2 on day 4
    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.RULE, Fate.RULE, Fate.GIVEN, Fate.RULE]
    assert found.given[0].tolist() == [9.0, 0.0, 0.0, 1.0, 0.0]
    assert found.put_off[0].tolist() == [0.0, 3.0, 3.0, 3.0, 3.0]


@on_both
def test_a_limit_is_of_one_wait_and_may_be_used_up(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0), (2.0, 0, 1.0, 0.0)]

    found = solve(pose(decaying(), doses, horizon=9.0, rules=(rule(limit=2),)), backend=backend)

    assert found.put_off[0].tolist() == [0.0, 1.0, 3.0]  # one day, then two
    assert found.fates[0].tolist() == [Fate.GIVEN] * 3


@on_both
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_is_due_at_one_instant_is_put_off_together(
    backend: Backend, order: tuple[int, int], pose: Pose, decaying: Make
) -> None:
    doses = [(0.0, 0, 1.0, 0.0), *((1.0, entry, 1.0, 0.0) for entry in order)]

    found = solve(pose(decaying(), doses, horizon=9.0, rules=(rule(drug="second"),)), backend=backend)

    assert found.put_off[0].tolist() == [0.0, 1.0, 1.0]


@on_both
def test_an_infusion_and_a_dose_with_a_lag_keep_theirs(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 2.0), (1.0, 2, 1.0, 0.0)]
    times = np.array([2.0, 3.0, 3.5, 4.0, 5.0])
    problem = pose(decaying(), doses, horizon=5.0, save_times=times, save=("amount",), rules=(rule(),), tolerance=TIGHT)

    found = solve(problem, backend=backend)

    def infused(after: float) -> float:
        return 1.0 - math.exp(-0.5 * after) if after <= 2.0 else (1.0 - DAY**2) * math.exp(-0.5 * (after - 2.0))

    late = [0.0, 0.0, math.exp(-0.25), DAY, DAY**2]  # a day after the lag of one
    exact = [DAY**time + infused(time - 2.0) + late[place] for place, time in enumerate(times)]
    assert found.put_off[0].tolist() == [0.0, 1.0, 1.0]
    assert found.values[0, :, 0] == pytest.approx(exact, rel=CLOSE)


@on_both
def test_a_stop_comes_before_a_delay_and_a_delay_before_a_hold(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0)]

    def found(*rules: DoseRule) -> tuple[float, int]:
        solved = solve(pose(decaying(), doses, horizon=9.0, rules=rules), backend=backend)
        return float(solved.put_off[0, 1]), int(solved.fates[0, 1])

    assert found(rule(), rule(Action.STOP)) == (0.0, Fate.RULE + 1)
    assert found(rule(), rule(Action.HOLD)) == (1.0, Fate.GIVEN)
    assert found(rule(), rule(Action.HOLD, at_least=0.1)) == (1.0, Fate.RULE + 1)


@on_both
def test_what_is_put_off_beyond_the_horizon_says_so(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 9.0, 0.0), (1.0, 0, 1.0, 0.0), (3.0, 0, 1.0, 0.0), (5.0, 0, 1.0, 0.0)]

    found = solve(pose(decaying(), doses, horizon=4.5, rules=(rule(),)), backend=backend)

    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.PUT_OFF, Fate.PUT_OFF, Fate.AFTER_END]
    assert found.put_off[0].tolist() == [0.0, 4.0, 4.0, 4.0]


@on_both
def test_nobody_waits_for_doses_that_were_never_started(backend: Backend, pose: Pose, decaying: Make) -> None:
    problem = pose(decaying(initial=9), [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0)], horizon=2.0, rules=(rule(),))
    problem.doses.fates[:] = Fate.NEVER_STARTED

    found = solve(problem, backend=backend)

    assert found.put_off[0].tolist() == [0.0, 0.0]
    assert found.fates[0].tolist() == [Fate.NEVER_STARTED] * 2


@on_both
def test_sensitivities_go_through_doses_that_waited(backend: Backend, pose: Pose, decaying: Make) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.0)]
    problem = pose(
        decaying(),
        doses,
        horizon=5.0,
        save_times=np.array([5.0]),
        save=("amount",),
        rules=(rule(),),
        sensitive_to=("loss",),
        tolerance=TIGHT,
    )

    found = solve(problem, backend=backend)

    assert found.slopes is not None
    assert found.slopes.values[0, 0, 0, 0] == pytest.approx(-5.0 * DAY**5 - 3.0 * DAY**3, rel=1e-5)


def test_the_fast_engine_agrees_with_the_plain_one_on_patients_who_wait(pose: Pose, immune_system: Make) -> None:
    platelets = Condition(quantity="platelets", comparison=Comparison.BELOW, threshold=120.0, unit="pmol")
    problem = pose(
        immune_system(),
        [(1.0 + 28.0 * cycle + day, 0, 40.0, 0.0) for cycle in range(2) for day in range(8)],
        patients=6,
        spread=0.4,
        horizon=80.0,
        rules=(DoseRule(drug=None, action=Action.DELAY, condition=platelets, step=2, limit=20),),
    )

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    assert np.array_equal(found.put_off, exact.put_off)
    assert np.array_equal(found.fates, exact.fates)
    assert found.last == pytest.approx(exact.last, rel=1e-4, abs=1e-4)
    assert found.put_off[:, -1].min() == 0.0 < found.put_off[:, -1].max()
