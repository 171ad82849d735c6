"""Resets, manners of entering, and schedules of each patient's own, against closed forms on both engines."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy

from trialeukin.core.errors import InputError
from trialeukin.engine.problem import Doses, Fate, Manner, Problem, Resets, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Status
from trialeukin.model.system import System, symbol

Pose = Callable[..., Problem]
Make = Callable[..., System]
TIGHT = Tolerance(relative=1e-8)
CLOSE = 100.0 * TIGHT.relative  # errors of single steps add up along a trajectory
HALF = math.exp(-0.5)  # what is left of an amount that decays at 0.5 a day after a day
on_both = pytest.mark.parametrize("backend", Backend)


def resets(times: list[float], keeps: list[float], amounts: list[float], patients: int = 1) -> Resets:
    return Resets(
        times=np.tile(times, (patients, 1)),
        keeps=np.tile(keeps, (patients, 1)),
        states=np.tile(np.array(amounts)[:, np.newaxis], (patients, 1, 1)),
    )


@on_both
def test_a_reset_forgets_states_stops_infusions_and_drops_what_waits_for_its_lag(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    doses = [(0.0, 0, 8.0, 4.0), (0.5, 1, 3.0, 0.0), (0.5, 2, 5.0, 0.0), (1.0, 1, 2.0, 0.0)]
    times = np.array([1.0, 2.0])
    problem = pose(decaying(), doses, horizon=2.0, save_times=times, save=("amount",), tolerance=TIGHT)
    problem = replace(problem, resets=resets([1.0], [0.0], [7.0]))

    found = solve(problem, backend=backend)

    before = 4.0 * (1 - HALF) + 3.0 * math.exp(-0.25)
    assert found.value("amount")[0] == pytest.approx([before, 9.0 * HALF], rel=CLOSE)
    assert found.given[0].tolist() == [pytest.approx(2.0), 3.0, 0.0, 2.0]
    assert found.fates[0].tolist() == [Fate.RESET, Fate.GIVEN, Fate.RESET, Fate.GIVEN]


@on_both
def test_a_bolus_whose_lag_ends_with_a_reset_never_enters_and_is_logged_as_undone(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    problem = pose(decaying(), [(0.5, 2, 5.0, 0.0)], horizon=2.0)  # with a lag of one day
    problem = replace(problem, resets=resets([1.5], [0.0], [7.0]))

    found = solve(problem, backend=backend)

    assert found.last[0] == pytest.approx(7.0 * math.exp(-0.25), rel=1e-4)
    assert found.given[0].tolist() == [0.0]
    assert found.fates[0].tolist() == [Fate.RESET]


@on_both
def test_a_reset_that_keeps_adds_to_the_states_and_lets_infusions_run(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    problem = pose(
        decaying(), [(0.0, 0, 8.0, 4.0)], horizon=2.0, save_times=np.array([2.0]), save=("amount",), tolerance=TIGHT
    )
    problem = replace(problem, resets=resets([1.0], [1.0], [7.0]))

    found = solve(problem, backend=backend)

    assert found.values[0, 0, 0] == pytest.approx(4.0 * (1 - math.exp(-1.0)) + 7.0 * HALF, rel=CLOSE)
    assert found.given[0].tolist() == [8.0]


def entering(linear_system: Make) -> System:
    """Return one compartment that keeps all that enters: 40 % of a dose, after 0.75 day, over 2 or as said."""
    system = linear_system(CL=0.0, V=1.0, available=0.4, delay=0.75, span=2.0)
    return replace(system, inputs=tuple(replace(each, duration=symbol("span")) for each in system.inputs))


@on_both
@pytest.mark.parametrize(
    ("manner", "duration", "start", "end", "amount"),
    [
        (Manner.PLAIN, 1.0, 1.75, 2.75, 4.0),
        (Manner.AT_RATE, 1.0, 1.75, 2.15, 4.0),
        (Manner.MODELLED, 0.0, 1.75, 3.75, 4.0),
        (Manner.DIRECT, 1.0, 1.0, 2.0, 10.0),
    ],
)
def test_each_manner_of_entering_has_its_start_end_and_amount(  # noqa: PLR0917
    backend: Backend,
    manner: Manner,
    duration: float,
    start: float,
    end: float,
    amount: float,
    pose: Pose,
    linear_system: Make,
) -> None:
    times = np.array([start, 0.5 * (start + end), end, 5.0])
    problem = pose(
        entering(linear_system),
        [(1.0, 1, 10.0, duration, manner)],
        horizon=5.0,
        save_times=times,
        save=("central",),
        tolerance=TIGHT,
    )

    found = solve(problem, backend=backend)

    assert found.values[0, :, 0] == pytest.approx([0.0, 0.5 * amount, amount, amount], rel=CLOSE, abs=1e-12)


@on_both
def test_a_direct_dose_overtakes_one_that_waits_for_its_lag(backend: Backend, pose: Pose, linear_system: Make) -> None:
    doses = [(0.0, 1, 10.0, 0.0), (0.25, 1, 1.0, 0.0, Manner.DIRECT), (0.5, 1, 2.0, 1.0, Manner.DIRECT)]
    problem = pose(
        entering(linear_system),
        doses,
        horizon=2.0,
        save_times=np.array([0.5, 0.75, 1.0, 2.0]),
        save=("central",),
        tolerance=TIGHT,
    )

    found = solve(problem, backend=backend)

    assert found.values[0, :, 0] == pytest.approx([1.0, 1.5, 6.0, 7.0], rel=CLOSE)


@on_both
def test_patients_may_have_schedules_of_their_own(backend: Backend, pose: Pose, decaying: Make) -> None:
    problem = pose(decaying(), patients=2, horizon=3.0, save_times=np.array([3.0]), save=("amount",), tolerance=TIGHT)
    doses = Doses(
        times=np.array([[0.0, 1.0, 2.0], [0.5, math.inf, math.inf]]),
        durations=np.array([[0.0, 0.0, 0.5], [2.0, 0.0, 0.0]]),
        inputs=np.array([[0, 2, 1], [1, 0, 0]]),
        manners=np.zeros((2, 3), dtype=np.int64),
        amounts=np.array([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]),
        fates=np.zeros((2, 3), dtype=np.int64),
    )

    found = solve(replace(problem, doses=doses), backend=backend)

    first = math.exp(-1.5) + 2.0 * HALF + 12.0 * (1 - math.exp(-0.25)) * math.exp(-0.25)
    second = 4.0 * (1 - math.exp(-1.0)) * math.exp(-0.25)
    assert found.values[:, 0, 0] == pytest.approx([first, second], rel=CLOSE)
    assert found.given.tolist() == [[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]


def test_schedules_and_resets_without_meaning_are_refused(pose: Pose, decaying: Make) -> None:
    problem = pose(decaying(), [(0.0, 0, 1.0, 0.0)], horizon=3.0)

    def changed(**parts: object) -> Problem:
        return replace(problem, doses=replace(problem.doses, **parts))

    with pytest.raises(InputError, match=r"manners and begins_cycle of shapes \(1,\), \(2,\)"):
        solve(changed(manners=np.zeros(2, dtype=np.int64)))
    with pytest.raises(InputError, match=r"doses.manners\[0\] is 9: an unknown manner; there are 0 PLAIN, 1 AT_RATE"):
        solve(changed(manners=np.array([9])))
    with pytest.raises(InputError, match="infinity after"):
        solve(changed(times=np.array([math.nan])))
    with pytest.raises(InputError, match=r"doses.fates\[0, 0\] is 4: .* 0 GIVEN or 1 MISSED or 2 NEVER_STARTED"):
        solve(changed(fates=np.array([[Fate.RESET]])))
    with pytest.raises(InputError, match=r"doses.inputs\[0\] is 0: decaying has no duration for it, as MODELLED wants"):
        solve(changed(manners=np.array([Manner.MODELLED])))
    with pytest.raises(InputError, match=r"give \(1, 1\) twice and \(1, 1, 1\)"):
        solve(replace(problem, resets=replace(resets([1.0], [0.0], [1.0]), states=np.zeros((1, 2, 1)))))
    with pytest.raises(InputError, match="zero, which forgets"):
        solve(replace(problem, resets=resets([1.0], [0.5], [1.0])))
    with pytest.raises(InputError, match=r"resets.states\[0, 0, 0\] is inf: give finite"):
        solve(replace(problem, resets=resets([1.0], [0.0], [math.inf])))


@on_both
def test_an_input_whose_duration_is_no_number_is_a_failure_of_its_patient(
    backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying()
    system = replace(system, inputs=(replace(system.inputs[0], duration=sympy.log(symbol("loss") - 1)),))

    found = solve(pose(system, [(0.0, 0, 1.0, 0.0, Manner.MODELLED)], horizon=1.0), backend=backend)

    assert found.failed.tolist() == [True]


@on_both
@pytest.mark.parametrize("part", ["lag", "bioavailability", "duration"])
def test_what_parameters_decide_of_an_input_fails_its_patient_below_zero_and_drops_no_dose_in_silence(
    part: str, backend: Backend, pose: Pose, decaying: Make
) -> None:
    system = decaying()
    entry = replace(system.inputs[0], **{"duration": sympy.S.One, part: symbol("delay")})
    doses = [(0.5, 0, 1.0, 0.0, Manner.MODELLED)]
    problem = pose(replace(system, inputs=(entry,)), doses, patients=2, horizon=3.0)
    problem.parameters[0, 1] = -0.25

    found = solve(problem, backend=backend)

    assert found.status.tolist() == [Status.NEGATIVE_STATE, Status.REACHED_HORIZON]
    assert found.end_times.tolist() == [0.0, 3.0]
    assert found.given.tolist() == [[0.0], [1.0]]
    assert found.fates.tolist() == [[Fate.AFTER_END], [Fate.GIVEN]]
