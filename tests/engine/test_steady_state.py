"""Steady states, against closed forms and against many intervals followed one by one."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.engine.problem import Doses, Manner, Tolerance
from trialeukin.engine.solve import Backend
from trialeukin.engine.steady_state import steady_states
from trialeukin.model.system import Event, System, Term, symbol

Make = Callable[..., System]
TIGHT = Tolerance(relative=1e-8)
CLOSE = 10.0 * TIGHT.relative


def each_interval(amounts: list[float], duration: float = 0.0, entry: int = 0, start: float = 0.0) -> Doses:
    """Return one dose in each interval, of its own amount for each patient."""
    return Doses(
        times=np.array([start]),
        durations=np.array([duration]),
        inputs=np.array([entry]),
        manners=np.array([int(Manner.DIRECT)]),
        amounts=np.array(amounts)[:, np.newaxis],
        fates=np.zeros((len(amounts), 1), dtype=np.int64),
    )


def typical(system: System, patients: int = 1) -> np.ndarray:
    return np.tile([each.value for each in system.parameters.values()], (patients, 1))


def saturable(decaying: Make) -> System:
    """Return one state that is lost at no more than 1.5 a day, half of that at 2."""
    amount = symbol("amount")
    system = decaying()
    return replace(system, terms=(Term(state="amount", name="loss", rate=-1.5 * amount / (2 + amount)),))


@pytest.mark.parametrize("backend", Backend)
def test_linear_kinetics_meet_the_sum_of_their_train(backend: Backend, linear_system: Make) -> None:
    system = linear_system(CL=0.5, V=1.0, ka=3.0)
    doses = each_interval([6.0], start=0.25)

    found = steady_states(system, typical(system), doses, interval=1.5, tolerance=TIGHT, backend=backend)

    depot, central = (6.0 * math.exp(-rate * 1.25) / -math.expm1(-rate * 1.5) for rate in (3.0, 0.5))
    assert found.found.tolist() == [True]
    assert found.states[0] == pytest.approx([depot, 3.0 / 2.5 * (central - depot)], rel=CLOSE)


@pytest.mark.parametrize("intervals_of_half_life", [1.0, 100.0, 10_000.0])
def test_how_slow_the_approach_is_does_not_matter(intervals_of_half_life: float, decaying: Make) -> None:
    loss = math.log(2.0) / intervals_of_half_life
    system = decaying()
    parameters = typical(system)
    parameters[0, list(system.parameters).index("loss")] = loss

    found = steady_states(system, parameters, each_interval([1.0]), interval=1.0, tolerance=TIGHT)

    assert found.states[0, 0] == pytest.approx(1.0 / math.expm1(loss), rel=CLOSE)
    assert found.intervals[0] <= 5  # one difference, a correction for rounding or two, and one to see that it stays


def test_a_deep_compartment_needs_no_more_intervals_than_states(linear_system: Make) -> None:
    system = linear_system(CL=5.0, V=10.0, Q=8.0, V2=40.0, Q3=0.05, V3=120.0)
    doses = each_interval([100.0], duration=1.0, entry=1)

    found = steady_states(system, typical(system), doses, interval=1.0, tolerance=TIGHT)

    assert found.states[0] == pytest.approx([0.0, 200.0, 800.0, 2400.0], rel=CLOSE, abs=CLOSE)
    assert found.intervals[0] <= len(system.states) + 3


def test_saturable_elimination_meets_its_balance_and_its_limit(decaying: Make) -> None:
    system = saturable(decaying)
    rates = [0.3, 1.2, 1.45, 1.6]
    doses = each_interval(rates, duration=1.0)

    found = steady_states(system, typical(system, 4), doses, interval=1.0, tolerance=TIGHT)

    assert found.found.tolist() == [True, True, True, False]
    assert found.states[:3, 0] == pytest.approx([2 * rate / (1.5 - rate) for rate in rates[:3]], rel=CLOSE)


def test_a_train_with_saturable_elimination_meets_its_trough(decaying: Make) -> None:
    """Of km ln(start / trough) + start - trough = vmax * interval, with start = trough + dose."""
    system = saturable(decaying)

    found = steady_states(system, typical(system), each_interval([1.0]), interval=1.0, tolerance=TIGHT)

    assert found.states[0, 0] == pytest.approx(1.0 / math.expm1((1.5 - 1.0) / 2.0), rel=CLOSE)
    assert found.intervals[0] < 10  # a hundred intervals are still a thousandth away


def test_neither_the_other_patients_nor_their_order_matter(decaying: Make) -> None:
    system = saturable(decaying)
    amounts = [1.2, 0.1, 1.6, 0.7]

    together = steady_states(system, typical(system, 4), each_interval(amounts), interval=1.0)
    alone = steady_states(system, typical(system), each_interval(amounts[3:]), interval=1.0)

    assert together.states[3].tolist() == alone.states[0].tolist()
    assert together.intervals[3] == alone.intervals[0]


def test_a_course_that_cannot_be_followed_is_not_found(decaying: Make) -> None:
    system = decaying()
    system = replace(system, terms=(Term(state="amount", name="growth", rate=symbol("amount") ** 2),))

    found = steady_states(system, typical(system), each_interval([5.0]), interval=1.0)

    assert found.found.tolist() == [False]
    assert found.shortcoming(system, 0) == "the course fails after 1 interval"


def test_what_does_not_repeat_is_refused(decaying: Make) -> None:
    system, doses = decaying(), each_interval([1.0])
    event = Event(name="relapse", trigger=symbol("amount") - 9, sets={})

    with pytest.raises(InputError, match=r"its events \(relapse\) happen only once; ask a model without events"):
        steady_states(decaying(events=(event,)), typical(system), doses, interval=1.0)
    with pytest.raises(InputError, match="interval 0 day: give more than zero"):
        steady_states(system, typical(system), doses, interval=0.0)
    with pytest.raises(InputError, match="a dose is not DIRECT"):
        steady_states(system, typical(system), replace(doses, manners=np.zeros(1, dtype=np.int64)), interval=1.0)
    with pytest.raises(InputError, match=r"a dose ends at 1.25 of 1 day; give what goes on at the start too"):
        steady_states(system, typical(system), each_interval([1.0], duration=0.5, start=0.75), interval=1.0)
