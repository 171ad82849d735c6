"""The GPU's program, its threads run one by one on this processor behind a stand-in for the driver, and its PTX."""

import re
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trialeukin.core.errors import InputError, RunError
from trialeukin.engine import threads
from trialeukin.engine.cpu import solve_on_cpu
from trialeukin.engine.device import LIBRARIES, Device, first_device
from trialeukin.engine.gpu import SHARE, solve_on_gpu
from trialeukin.engine.kernel import CACHE_VARIABLE
from trialeukin.engine.problem import Exposure, Fate, Problem
from trialeukin.engine.ptx import KERNEL, program_for
from trialeukin.engine.threads import TOGETHER
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.model.whole import MODELS, model
from trialeukin.regimen.rules import Action, Comparison, Condition, DoseRule

Make = Callable[..., System]
Pose = Callable[..., Problem]
Driver = Callable[..., Any]


def same_bits(first: Trajectories, second: Trajectories) -> bool:
    found = {field.name: getattr(first, field.name) for field in fields(Trajectories)}
    arrays = {name: array for name, array in found.items() if isinstance(array, np.ndarray)}
    return all(np.array_equal(array, getattr(second, name), equal_nan=True) for name, array in arrays.items())


def eventful(pose: Pose, system: System, rule: tuple[DoseRule, ...]) -> Problem:
    """Return a problem of doses, infusions, rules, examinations and events, for more than one block of threads."""
    daily = [(1.0 + 28.0 * cycle + day, 0, 40.0, 0.0) for cycle in range(4) for day in range(8)]
    pulses = [(12.0 + 28.0 * cycle + 0.5 * part, 1, 30.0, 0.75) for cycle in range(4) for part in range(3)]
    problem = pose(
        system,
        daily + pulses,
        patients=TOGETHER + 8,
        spread=0.4,
        horizon=150.0,
        save_times=np.arange(0.0, 150.1, 3.5),
        save=(*(state.name for state in system.states), *(each.name for each in system.definitions)),
        exposures=(Exposure(quantity="platelets"), Exposure(quantity="occupancy", threshold=0.5)),
        examinations=np.arange(0.0, 151.0, 25.0),
        rules=rule,
    )
    problem.doses.fates[0, :3] = Fate.MISSED
    problem.doses.fates[4, :] = Fate.NEVER_STARTED
    return problem


def test_a_thread_computes_the_same_bits_as_a_cpu_whatever_happens(
    pose: Pose, immune_system: Make, stand_in: Driver
) -> None:
    system = immune_system()
    below = Condition(quantity="platelets", comparison=Comparison.BELOW, threshold=120.0, unit="pmol")
    hold = DoseRule(drug="il2", action=Action.HOLD, condition=below, fraction=0.5)
    problem = eventful(pose, system, (hold,))

    by_threads, by_lanes = solve_on_gpu(problem, device=Device(stand_in())), solve_on_cpu(problem)

    happened = np.isfinite(by_lanes.event_times).any(axis=0)
    assert same_bits(by_threads, by_lanes)
    assert happened.all()
    assert len(set(by_lanes.fates.ravel())) >= 6  # given, missed, never started, after the end, an event, a rule
    assert len(set(by_lanes.status)) == 2


@pytest.mark.parametrize("name", MODELS)
def test_a_thread_computes_the_same_bits_as_a_cpu_for_a_named_model(name: str, pose: Pose, stand_in: Driver) -> None:
    system = model(name)
    sizes = {state.name: state.size for state in system.states}
    doses = [
        (float(day), place, 10.0 * sizes[entry.state], 0.25 * (day % 2))
        for place, entry in enumerate(system.inputs)
        for day in range(1, 4)
    ]
    problem = pose(
        system,
        doses,
        patients=5,
        spread=0.1,
        horizon=7.0,
        save_times=np.arange(0.0, 7.1, 0.7),
        save=tuple(state.name for state in system.states),
        examinations=np.array([0.0, 5.0]),
    )

    by_threads, by_lanes = solve_on_gpu(problem, device=Device(stand_in())), solve_on_cpu(problem)

    assert same_bits(by_threads, by_lanes)
    assert by_lanes.given.any()
    assert not by_lanes.failed.any()


def test_neither_batches_nor_their_number_change_a_patient_and_all_memory_is_given_back(
    pose: Pose, linear_system: Make, stand_in: Driver
) -> None:
    system = linear_system(CL=2.0, V=5.0, Q=1.0, V2=8.0, delay=0.3)
    problem = pose(
        system,
        [(0.0, 0, 100.0, 0.0), (1.0, 1, 50.0, 0.5)],
        patients=100,
        spread=0.3,
        horizon=4.0,
        save_times=np.arange(0.0, 4.1, 0.5),
        save=("central", "concentration"),
    )
    driver, done = stand_in(processors=1), []

    at_once = solve_on_gpu(problem, device=Device(driver))
    in_parts = solve_on_gpu(problem, device=Device(driver), batch=40, progress=done.append)

    assert same_bits(at_once, in_parts)
    assert driver.launches == [(64, 100), (64, 40), (64, 80), (64, 100)]  # 36 patients wait in the first
    assert done == [40, 80, 100]
    assert driver.held == {}


def test_a_batch_is_what_the_memory_holds(pose: Pose, decaying: Make, stand_in: Driver) -> None:
    system = decaying()
    problem = pose(
        system, [(0.0, 0, 1.0, 0.0)], patients=100, horizon=1.0, save_times=np.arange(0.0, 1.0, 1e-3), save=("amount",)
    )
    kept = 8 * problem.save_times.size  # bytes of what is saved of a patient, nearly all of what is kept
    driver = stand_in(free=int(70 * kept / SHARE))

    solve_on_gpu(problem, device=Device(driver))

    assert [last for _, last in driver.launches] == [69, 100]


def test_memory_that_does_not_hold_one_patients_results_is_reported_with_its_size(
    pose: Pose, decaying: Make, stand_in: Driver
) -> None:
    problem = pose(decaying(), patients=2, horizon=1.0, save_times=np.arange(0.0, 1.0, 1e-5), save=4 * ("amount",))
    driver = stand_in(free=2**21)

    with pytest.raises(
        RunError, match=r"stand-in has 2 MiB to give; what is kept of one patient takes 3 MiB: save less"
    ):
        solve_on_gpu(problem, device=Device(driver))

    assert driver.held == {}


def test_a_program_that_the_driver_refuses_is_reported_in_the_drivers_words(
    pose: Pose, decaying: Make, stand_in: Driver
) -> None:
    problem = pose(decaying(), horizon=1.0)
    driver = stand_in()
    driver.refuses = True

    with pytest.raises(RunError, match=r"stand-in refused the program \(CUDA_ERROR_INVALID_PTX\): line 7: unknown"):
        solve_on_gpu(problem, device=Device(driver))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"gpus": 0}, r"the driver finds no GPU .*; Backend.CPU gives the same answer"),
        ({"capability": (6, 1)}, r"stand-in has compute capability 6.1, not 7.0; Backend.CPU gives the same answer"),
    ],
)
def test_a_machine_without_a_fitting_gpu_is_told_the_way_out(given: Any, message: str, stand_in: Driver) -> None:
    with pytest.raises(InputError, match=message):
        Device(stand_in(**given))


def test_a_machine_without_a_driver_is_told_what_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIBRARIES, sys.platform, ("libthere-is-none.so.1",))
    first_device.cache_clear()

    with pytest.raises(InputError, match=r"looked for libthere-is-none.so.1\); Backend.CPU gives the same answer"):
        first_device()


@pytest.mark.parametrize("name", MODELS)
def test_the_ptx_of_a_named_model_is_whole_and_exact(name: str) -> None:
    text = program_for(model(name)).text

    called = set(re.findall(r"\bcall\.uni (?:\(\w+\), )?(\w+), ", text))
    defined = set(re.findall(r"^\.func +(?:\(.*?\) )?(\w+)\(?$", text, re.MULTILINE))
    inexact = re.findall(r"\.(?:approx|ftz|full)\b|(?:ex2|lg2|tanh|sin|cos)\.\w+", text)
    rounded = re.findall(r"\b(?:fma|add|sub|mul|div|rcp|sqrt)\.(\w+)\.f64", text)
    loose = re.findall(r"\b(?:mad|add|sub|mul|div)\.f64", text)  # which the driver may fuse or approximate
    assert "\n.version 7.0\n.target sm_70\n.address_size 64\n" in text
    assert text.count(".visible") == text.count(f".visible .entry {KERNEL}(") == 1
    assert called <= defined
    assert {"step", "begin", "stage", "commit"} <= called
    assert ".extern" not in text
    assert len(re.findall(r"\bcall\b", text)) == len(re.findall(r"\bcall\.uni \(?[a-z]", text))  # none by address
    assert inexact == loose == []
    assert set(rounded) == {"rn"}
    assert len(rounded) > 500
    assert text.count("fma.rn.f64") > 100


def test_a_program_is_read_back_from_disk_and_a_damaged_one_made_again(
    decaying: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    made = program_for(decaying())
    (entry,) = tmp_path.glob("*.ptx")
    kept = entry.read_bytes()
    monkeypatch.setattr("trialeukin.engine.ptx.thread_code", None)  # whoever writes it anew fails

    read = program_for(decaying())
    entry.write_bytes(kept[:-1])

    assert read == made
    with pytest.raises(TypeError):
        program_for(decaying())


def test_a_gpu_computes_the_same_bits_as_the_cpu(pose: Pose, immune_system: Make) -> None:
    try:
        device = first_device()
    except InputError as reason:
        pytest.skip(f"NOT TESTED ON A REAL GPU: {reason}")
    problem = eventful(pose, immune_system(), ())

    by_gpu, by_cpu = solve_on_gpu(problem, device=device), solve_on_cpu(problem)

    assert same_bits(by_gpu, by_cpu)


def test_the_loop_of_all_models_is_read_back_from_disk_the_same_and_a_damaged_one_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    compiled = ("define i32 @anything()", "anything")
    monkeypatch.setattr(threads, "_compiled_loop", lambda: compiled)
    monkeypatch.setattr(threads, "loop_text", threads.loop_text.__wrapped__)  # without what memory keeps
    made = threads.loop_text()
    (entry,) = tmp_path.glob("*.loop")
    kept = entry.read_bytes()
    monkeypatch.setattr(threads, "_compiled_loop", None)  # whoever compiles it anew fails

    read = threads.loop_text()
    entry.write_bytes(kept[:-1])

    assert made == read == compiled
    with pytest.raises(TypeError):
        threads.loop_text()


def test_the_loop_names_no_place_of_the_process_that_compiled_it() -> None:
    text, _ = threads.loop_text()

    assert "inttoptr (i64" not in text
