"""Patients a second on a GPU, transfers included, and whether they are those of the CPU to the last bit."""

from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from cases import MODEL, maintenance

from trialeukin.core.errors import InputError
from trialeukin.engine.device import Device, first_device
from trialeukin.engine.gpu import solve_on_gpu
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Trajectories

DAYS = 14
COUNTS = (10_000, 100_000, 1_000_000)
COMPARED = 1_000  # patients that the CPU follows too, at most
SAVED = 2  # quantities: all states of a million patients would fill the memory of most machines


def gpu_speed(counts: tuple[int, ...] = COUNTS, *, days: int = DAYS, model: str = MODEL) -> dict[str, Any]:
    """Return what the first GPU does, or the engine's own words where there is none."""
    try:
        device = first_device()
    except InputError as missing:
        return {"not_measured": str(missing)}
    return _speed(device, counts, days, model)


def _speed(device: Device, counts: tuple[int, ...], days: int, model: str) -> dict[str, Any]:
    speeds: dict[str, float] = {}
    same, compared = True, min((COMPARED, *counts))
    for count in counts:
        problem = _posed(count, days, model)
        solve_on_gpu(_first_patients(problem, 1), device=device)  # makes the code
        begin = perf_counter()
        found = solve_on_gpu(problem, device=device)
        speeds[str(count)] = count / (perf_counter() - begin)
        same = same and _same(found, solve(_first_patients(problem, compared)))
    return {
        "device": device.name,
        "days": days,
        "patients_per_second": speeds,
        "compared": compared,
        "same_bits_as_cpu": same,
    }


def _posed(patients: int, days: int, model: str) -> Problem:
    problem = maintenance(patients, days=days, name=model)
    return replace(problem, save=problem.save[:SAVED])


def _first_patients(problem: Problem, count: int) -> Problem:
    doses = problem.doses
    return replace(
        problem,
        parameters=problem.parameters[:count],
        doses=replace(doses, amounts=doses.amounts[:count], fates=doses.fates[:count]),
    )


def _same(many: Trajectories, few: Trajectories) -> bool:
    """Say whether the first of many patients are these few, to the last bit."""
    first = np.ascontiguousarray(many.values[: few.values.shape[0]])
    return first.tobytes() == np.ascontiguousarray(few.values).tobytes()
