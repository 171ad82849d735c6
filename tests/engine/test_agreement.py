"""The fast engine against the plain one, and against itself in other groupings."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.cpu import solve_on_cpu
from trialeukin.engine.problem import Exposure, Fate, Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.model.whole import MODELS, model
from trialeukin.regimen.rules import Action, Comparison, Condition, DoseRule

PATIENTS = 8
SPREAD = 0.4
AGREEMENT = 1e-4  # relative, where a quantity exceeds a thousandth of its largest value: the engine's promise
EVENT_TIME = 0.01  # day
Make = Callable[[], System]
Pose = Callable[..., Problem]


def busy_problem(pose: Pose, system: System) -> Problem:
    """Return a problem in which every kind of thing happens to somebody."""
    daily = [(1.0 + 28.0 * cycle + day, 0, 40.0, 0.0) for cycle in range(4) for day in range(8)]
    pulses = [(12.0 + 28.0 * cycle + 0.5 * part, 1, 30.0, 0.75) for cycle in range(4) for part in range(3)]

    def rule(action: Action, quantity: str, threshold: float, fraction: float) -> DoseRule:
        condition = Condition(
            quantity=quantity,
            comparison=Comparison.BELOW if quantity == "platelets" else Comparison.AT_LEAST,
            threshold=threshold,
            unit="pmol" if quantity == "platelets" else "1",
        )
        return DoseRule(drug="il2", action=action, condition=condition, fraction=fraction)

    problem = pose(
        system,
        daily + pulses,
        patients=PATIENTS,
        spread=SPREAD,
        horizon=150.0,
        save_times=np.arange(0.0, 150.1, 3.5),
        save=(*(state.name for state in system.states), "occupancy", "log_blasts", "grade", "relapsed"),
        exposures=(Exposure(quantity="platelets"), Exposure(quantity="occupancy", threshold=0.5)),
        examinations=np.arange(0.0, 151.0, 25.0),
        rules=(rule(Action.HOLD, "platelets", 120.0, 0.5), rule(Action.STOP, "grade", 3.88, 1.0)),
    )
    problem.doses.fates[0, :3] = Fate.MISSED
    problem.doses.fates[4, :] = Fate.NEVER_STARTED
    return problem


def differences(found: Trajectories, exact: Trajectories) -> Floats:
    """Return the relative difference of each quantity where it exceeds a thousandth of its own largest value.

    The size of a logarithm is at least one: its error is the relative error of what it is the logarithm of.
    """
    size = np.abs(exact.values)
    counts = size > 1e-3 * np.nanmax(size, axis=1, keepdims=True)
    logarithms = [name.startswith("log_") for name in exact.save]
    size[:, :, logarithms] = np.maximum(size[:, :, logarithms], 1.0)
    return np.where(counts, np.abs(found.values - exact.values) / np.where(counts, size, 1.0), 0.0)


def same_bits(first: Trajectories, second: Trajectories, order: Integers | slice = slice(None)) -> bool:
    """Say whether every array of two results is the same, the second's patients taken in an order."""
    by_patient = {
        field.name
        for field in fields(Trajectories)
        if isinstance(getattr(first, field.name), np.ndarray) and field.name != "times"
    }
    return all(
        np.array_equal(getattr(first, name), getattr(second, name)[order], equal_nan=True) for name in by_patient
    )


def part(problem: Problem, patients: Integers) -> Problem:
    """Return the problem of some of the patients, in the order given."""
    doses = replace(problem.doses, amounts=problem.doses.amounts[patients], fates=problem.doses.fates[patients])
    return replace(problem, parameters=problem.parameters[patients], doses=doses)


def test_the_fast_engine_agrees_with_the_plain_one_when_everything_happens(pose: Pose, immune_system: Make) -> None:
    problem = busy_problem(pose, immune_system())

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    assert differences(found, exact).max() < AGREEMENT
    assert np.array_equal(np.isnan(found.values), np.isnan(exact.values))
    assert np.array_equal(found.status, exact.status)
    assert np.array_equal(found.fates, exact.fates)
    assert np.array_equal(np.isnan(found.event_times), np.isnan(exact.event_times))
    assert np.nanmax(np.abs(found.event_times - exact.event_times)) < EVENT_TIME
    assert found.given == pytest.approx(exact.given, rel=AGREEMENT)
    # that everything did happen
    assert {Fate.GIVEN, Fate.MISSED, Fate.NEVER_STARTED, Fate.AFTER_END, Fate.EVENT + 1, Fate.RULE, Fate.RULE + 1} <= {
        *found.fates.ravel().tolist()
    }
    assert set(found.status.tolist()) == {0, 1}
    assert np.isfinite(found.event_times).any(axis=0).all()


@pytest.mark.parametrize(("relative", "allowed"), [(1e-4, 1e-3), (1e-6, 1e-5), (1e-8, 1e-7)])
def test_errors_follow_the_tolerance(relative: float, allowed: float, pose: Pose, immune_system: Make) -> None:
    problem = replace(part(busy_problem(pose, immune_system()), np.arange(2, 5)), horizon=40.0)
    times = np.arange(0.5, 40.0, 1.0)
    problem = replace(problem, save_times=times, tolerance=Tolerance(relative=relative))

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    assert differences(found, exact).max() < allowed


def test_bits_do_not_depend_on_threads_batches_order_or_lanes(pose: Pose, immune_system: Make) -> None:
    problem = busy_problem(pose, immune_system())
    whole = solve(problem, threads=1)
    shuffled = np.random.default_rng(5).permutation(PATIENTS)

    assert same_bits(whole, solve(problem, threads=2))
    assert same_bits(solve(part(problem, shuffled)), whole, shuffled)
    for single in range(PATIENTS):
        assert same_bits(solve(part(problem, np.array([single]))), whole, np.array([single]))
    for width in (1, 2, 4, 8):
        assert same_bits(solve_on_cpu(problem, width=width), whole)


def test_bits_do_not_depend_on_how_many_shards_there_are(pose: Pose, decaying: Callable[..., System]) -> None:
    problem = pose(
        decaying(),
        [(0.5, 0, 1.0, 0.0), (1.0, 0, 1.0, 0.5)],
        patients=300,
        spread=SPREAD,
        horizon=3.0,
        save_times=np.array([1.2, 3.0]),
        save=("amount",),
    )
    done: list[int] = []

    first = solve(problem, threads=2, progress=done.append)

    assert same_bits(first, solve(problem, threads=1))
    assert same_bits(solve(part(problem, np.arange(130, 140))), first, np.arange(130, 140))
    assert done == sorted(done)
    assert len(done) > 1
    assert done[-1] == 300


@pytest.mark.parametrize("name", MODELS)
def test_named_models_agree_with_the_plain_engine_and_with_themselves(name: str, pose: Pose) -> None:
    system = model(name)
    entries = [entry.state for entry in system.inputs]
    into = ("il2_depot", "il2_central") if "il2_depot" in entries else ("cytarabine_central", "daunorubicin_central")
    first, second = (entries.index(state) for state in into)
    doses = [(1.0 + day, first, 2000.0, 0.0) for day in range(5)]
    doses += [(8.0, second, 4000.0, 3.0)]
    problem = pose(
        system,
        doses,
        patients=3,
        horizon=20.0,
        save_times=np.arange(0.25, 20.1, 0.75),
        save=tuple(state.name for state in system.states),
    )
    spreads = np.array([each.between_patients for each in system.parameters.values()])
    deviations = np.random.default_rng(6).standard_normal(problem.parameters.shape)
    scaled = np.array(
        [
            [
                float(each.scale.shift(np.float64(each.value), np.float64(spread * deviation)))
                for each, spread, deviation in zip(system.parameters.values(), spreads, row, strict=True)
            ]
            for row in deviations
        ]
    )
    problem = replace(problem, parameters=scaled)

    found, exact = solve(problem), solve(problem, backend=Backend.REFERENCE)

    assert not exact.failed.any()
    assert np.array_equal(found.status, exact.status)
    assert np.nanmax(differences(found, exact)) < AGREEMENT
    assert same_bits(found, solve(problem, threads=2))
    for width in (1, 2, 4, 8):
        assert same_bits(found, solve_on_cpu(problem, width=width))
    order = np.array([2, 0, 1])
    assert same_bits(solve(part(problem, order)), found, order)
    assert same_bits(solve(part(problem, order[:1])), found, order[:1])
