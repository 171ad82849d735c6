"""What dose rules make of a condition that comes and goes between two doses."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy

from trialeukin.engine.problem import Fate, Problem
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.system import Definition, Event, System, symbol
from trialeukin.regimen.rules import Action, Comparison, Condition, DoseRule

CLOSE = 1e-4  # relative, the engine's promise: nearer than this to a threshold, an extreme may be on either side
Make = Callable[..., System]
Pose = Callable[..., Problem]
on_both = pytest.mark.parametrize("backend", Backend)


def rule(
    action: Action,
    threshold: float,
    *,
    comparison: Comparison = Comparison.AT_LEAST,
    fraction: float = 1.0,
    quantity: str = "amount",
) -> DoseRule:
    condition = Condition(quantity=quantity, comparison=comparison, threshold=threshold, unit="pmol")
    return DoseRule(drug=None, action=action, condition=condition, fraction=fraction)


@on_both
@pytest.mark.parametrize(
    ("made", "given"),
    [
        (rule(Action.STOP, 0.9), [1.0, 0.0, 0.0]),
        (rule(Action.REDUCE, 0.9, fraction=0.25), [1.0, 0.25, 0.25]),
        (rule(Action.HOLD, 0.9, fraction=0.5), [1.0, 0.5, 0.5]),
        (rule(Action.HOLD, 0.9), [1.0, 1.0, 1.0]),
    ],
)
def test_what_lasts_counts_though_it_has_passed_and_a_hold_is_of_the_present(
    backend: Backend, made: DoseRule, given: list[float], pose: Pose, decaying: Make
) -> None:
    doses = [(0.0, 0, 1.0, 0.0), (20.0, 0, 1.0, 0.0), (40.0, 0, 1.0, 0.0)]  # 1 just after the first, 5e-5 before others

    found = solve(pose(decaying(), doses, horizon=41.0, rules=(made,)), backend=backend)

    assert found.given[0].tolist() == given


@on_both
def test_what_was_before_the_first_dose_of_the_drug_does_not_count(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    doses = [(10.0, 0, 0.1, 0.0), (11.0, 0, 0.1, 0.0)]

    found = solve(pose(decaying(initial=4), doses, horizon=12.0, rules=(rule(Action.STOP, 1.0),)), backend=backend)

    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.GIVEN]


@on_both
def test_a_condition_that_an_event_makes_true_counts(backend: Backend, pose: Pose, decaying: Make) -> None:
    jump = Event(name="jump", trigger=sympy.Rational(1, 2) - symbol("amount"), sets={"amount": 9})
    doses = [(0.0, 0, 1.0, 0.0), (20.0, 0, 1.0, 0.0)]
    system = decaying(initial=1, events=(jump,))

    found = solve(pose(system, doses, horizon=21.0, rules=(rule(Action.STOP, 8.5),)), backend=backend)

    assert found.fates[0].tolist() == [Fate.GIVEN, Fate.RULE]


@on_both
@pytest.mark.parametrize(
    "made",
    [
        rule(Action.STOP, 50.0, quantity="central"),
        rule(Action.STOP, 50.0, comparison=Comparison.ABOVE, quantity="central"),
        rule(Action.STOP, 50.0, comparison=Comparison.AT_MOST, quantity="left"),
        rule(Action.STOP, 50.0, comparison=Comparison.BELOW, quantity="left"),
    ],
)
def test_the_turn_of_a_course_inside_a_step_is_seen(
    backend: Backend, made: DoseRule, pose: Pose, linear_system: Make
) -> None:
    system = linear_system(ka=2.0, CL=1.0, V=1.0)  # the highest in the centre is half the dose, after ln 2 days
    left = Definition(name="left", unit="pmol", expression=100 - symbol("central"), meaning="what a hundred lacks")
    doses = 100.0 * np.array([0.5, 0.9, 0.99, 1.0 - CLOSE, 1.0 + CLOSE, 1.01, 1.1, 2.0])
    problem = pose(
        replace(system, definitions=(left,)),
        [(0.0, 0, 1.0, 0.0), (30.0, 0, 1.0, 0.0)],
        patients=doses.size,
        horizon=31.0,
        rules=(made,),
    )
    problem.doses.amounts[:, 0] = doses

    found = solve(problem, backend=backend)

    assert (found.fates[:, 1] == Fate.RULE).tolist() == (doses > 100.0).tolist()
