"""The fast engine on a GPU: as many threads as it runs at once, each with one patient at a time.

Every thread runs the solver loop of a CPU with one lane (`trialeukin.engine.threads`). What is the same for
all patients is copied once; results are copied back in batches that fit the memory.
"""

import math
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialeukin.core.errors import RunError
from trialeukin.engine.answers import answered, results_for
from trialeukin.engine.device import BLOCK, INSTEAD, MEBIBYTE, Device, first_device
from trialeukin.engine.layout import block_of, lanes_image, moved_table, packed
from trialeukin.engine.plan import Results, lanes_for, plan_of
from trialeukin.engine.problem import Problem
from trialeukin.engine.ptx import KERNEL, program_for
from trialeukin.engine.tableau import RODAS5P
from trialeukin.engine.threads import TOGETHER
from trialeukin.engine.trajectories import Trajectories

LARGEST_BATCH = 2**18  # patients: many times as many as the largest GPU follows at once
SHARE = 0.8  # of the free memory; the driver needs some for what threads cannot keep in registers


def solve_on_gpu(
    problem: Problem,
    *,
    progress: Callable[[int], None] | None = None,
    device: Device | None = None,
    batch: int = LARGEST_BATCH,
) -> Trajectories:
    """Return the trajectories of a problem; no patient's depend on the batch.

    Parameters
    ----------
    problem : Problem
        What to follow.
    progress : callable or None
        Called with the number of patients that are done.
    device : Device or None
        Who does the work; None is the first GPU of this machine.
    batch : int
        The results of how many patients are held by the device at most.

    Raises
    ------
    InputError
        When there is no GPU.
    RunError
        When the GPU fails, or its memory is too small.
    """
    gpu = first_device() if device is None else device
    gpu.enter()
    program = program_for(problem.system, problem.sensitive_to)
    plan, results = plan_of(problem), results_for(problem)
    lanes = lanes_for(problem, program)
    block = block_of(lanes)
    patients = problem.parameters.shape[0]
    with gpu.program(program.text, KERNEL) as entry, ExitStack() as held:

        def room(size: int) -> int:
            return held.enter_context(gpu.memory(size))

        threads = min(gpu.threads(entry), -(-patients // BLOCK) * BLOCK)
        blocks = -(-threads // TOGETHER) * block.image.size
        plan_at, lanes_at = room(packed(plan, 0).size), room(lanes_image(lanes, block, 0, 0).size)
        results_at, arena = room(moved_table(results, {}).nbytes), room(blocks)
        size = _batch_size(gpu, results, min(batch, patients))
        rooms = {name: room(size * _row_bytes(array)) for name, array in results._asdict().items()}
        gpu.put(packed(plan, plan_at), plan_at)
        for first in range(0, patients, size):
            last = min(first + size, patients)
            gpu.clear(arena, blocks)
            gpu.put(block.image, arena)
            queue = lanes._replace(queue=np.array([first], dtype=np.int64))
            gpu.put(lanes_image(queue, block, lanes_at, arena), lanes_at)
            gpu.put(moved_table(results, _put_results(gpu, results, rooms, slice(first, last))), results_at)
            gpu.run(entry, threads, (plan_at, lanes_at, results_at, last, block.image.size))
            for name, array in results._asdict().items():
                gpu.get(array[first:last], rooms[name])
            if progress is not None:
                progress(last)
    words = f"{threads} threads, {gpu.name}"
    return answered(problem, results, f"{RODAS5P.name}, relative tolerance {problem.tolerance.relative:g}, {words}")


def _row_bytes(array: NDArray[Any]) -> int:
    """Return the bytes of one patient's part of a result."""
    return array.itemsize * math.prod(array.shape[1:])


def _batch_size(gpu: Device, results: Results, most: int) -> int:
    """Return of how many patients the results fit the memory at once.

    Raises
    ------
    RunError
        When not those of one patient do.
    """
    needed, free = sum(_row_bytes(array) for array in results), int(SHARE * gpu.free())
    if free < needed:
        kept = f"what is kept of one patient takes {needed / MEBIBYTE:.0f} MiB"
        raise RunError(f"{gpu.name} has {free / MEBIBYTE:.0f} MiB to give; {kept}: save less, or {INSTEAD}")
    return max(1, min(most, free // max(1, needed)))


def _put_results(gpu: Device, results: Results, rooms: dict[str, int], batch: slice) -> dict[str, int]:
    """Copy a batch's part of the results as they are at the start; return where the first of all patients would be."""
    for name, array in results._asdict().items():
        gpu.put(array[batch], rooms[name])
    return {name: rooms[name] - batch.start * _row_bytes(array) for name, array in results._asdict().items()}
