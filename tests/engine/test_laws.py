"""What must hold whatever the doses are."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trialeukin.core.arrays import Floats
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.system import State, System, Term, symbol

RELATIVE = 1e-9
ALLOWED = 1000.0 * RELATIVE  # single errors add up over up to a dozen breaks of the course
SMALL = 1e-9  # amounts are of the order of one to a hundred
HORIZON = 6.0
TIMES = np.array([0.5, 1.7, 4.0, 6.0])
LENGTHS = st.sampled_from([0.0, 0.0, 0.4, 3.0])
DOSE = st.tuples(st.floats(0.0, 5.0), st.integers(0, 1), st.floats(0.1, 100.0), LENGTHS)
DOSES = st.lists(DOSE, min_size=1, max_size=5)
Doses = list[tuple[float, int, float, float]]
Make = Callable[..., System]
Pose = Callable[..., Problem]
# the fixtures only hand over functions, which keep nothing between examples
quickly = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def amounts(pose: Pose, system: System, doses: Doses) -> Floats:
    """Return all states at the save times, (times, states)."""
    problem = pose(
        system,
        doses,
        horizon=HORIZON,
        save_times=TIMES,
        save=tuple(state.name for state in system.states),
        tolerance=Tolerance(relative=RELATIVE),
    )
    return solve(problem).values[0]


@pytest.fixture(name="kinetics")
def kinetics_fixture(linear_system: Make) -> System:
    return linear_system(CL=5.0, V=10.0, Q=8.0, V2=40.0, ka=3.0, available=0.8, delay=0.3)


@quickly
@given(doses=DOSES, factor=st.floats(0.01, 50.0))
def test_a_linear_system_answers_a_multiple_of_the_doses_with_that_multiple(
    doses: Doses, factor: float, pose: Pose, kinetics: System
) -> None:
    more = [(time, entry, factor * amount, length) for time, entry, amount, length in doses]

    once, scaled = amounts(pose, kinetics, doses), amounts(pose, kinetics, more)

    assert scaled == pytest.approx(factor * once, rel=ALLOWED, abs=SMALL * (1.0 + factor))


@quickly
@given(first=DOSES, second=DOSES)
def test_a_linear_system_answers_two_schedules_with_the_sum_of_its_answers(
    first: Doses, second: Doses, pose: Pose, kinetics: System
) -> None:
    together = amounts(pose, kinetics, first + second)

    apart = amounts(pose, kinetics, first) + amounts(pose, kinetics, second)

    assert together == pytest.approx(apart, rel=ALLOWED, abs=10 * SMALL)


@quickly
@given(doses=DOSES)
def test_what_has_entered_is_in_the_body_or_has_left_it(doses: Doses, pose: Pose, kinetics: System) -> None:
    leaving = symbol("CL") / symbol("V") * symbol("central")
    gone = State(name="gone", unit="pmol", initial=symbol("delay") * 0, size=100.0, meaning="eliminated")
    system = replace(
        kinetics,
        states=(*kinetics.states, gone),
        terms=(*kinetics.terms, Term(state="gone", name="elimination", rate=leaving)),
    )

    found = amounts(pose, system, doses).sum(axis=1)

    def entered(time: float, dose: tuple[float, int, float, float]) -> float:
        start, _, amount, length = dose
        begun = time - start - 0.3
        if begun <= 0.0:
            return 0.0
        return 0.8 * amount * (1.0 if length == 0.0 else min(1.0, begun / length))

    expected = [sum(entered(time, dose) for dose in doses) for time in TIMES]
    assert found == pytest.approx(expected, rel=1e-10, abs=SMALL)  # a linear invariant is kept to rounding


@quickly
@given(share=st.floats(0.05, 0.95), length=st.floats(0.1, 3.0))
def test_a_dose_in_two_parts_is_the_same_dose(share: float, length: float, pose: Pose, kinetics: System) -> None:
    whole = [(0.5, 0, 10.0, 0.0), (1.0, 1, 30.0, length)]
    bolus = [(0.5, 0, 10.0 * share, 0.0), (0.5, 0, 10.0 * (1 - share), 0.0)]
    infusion = [
        (1.0, 1, 30.0 * share, length * share),
        (1.0 + length * share, 1, 30.0 * (1 - share), length * (1 - share)),
    ]

    once, parts = amounts(pose, kinetics, whole), amounts(pose, kinetics, bolus + infusion)

    assert parts == pytest.approx(once, rel=ALLOWED, abs=SMALL)


@quickly
@given(shift=st.floats(0.1, 1.5))
def test_doses_and_looks_moved_together_see_the_same(shift: float, pose: Pose, kinetics: System) -> None:
    doses = [(0.2, 0, 10.0, 0.0), (1.0, 1, 30.0, 0.7)]
    later = [(time + shift, *rest) for time, *rest in doses]
    looks = np.array([0.9, 1.6, 4.0])
    saved = {"save": ("central", "depot"), "tolerance": Tolerance(relative=RELATIVE)}

    early = solve(pose(kinetics, doses, horizon=HORIZON, save_times=looks, **saved)).values
    late = solve(pose(kinetics, later, horizon=HORIZON, save_times=looks + shift, **saved)).values

    assert late == pytest.approx(early, rel=ALLOWED, abs=SMALL)
