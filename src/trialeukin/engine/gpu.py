"""The fast engine on a GPU: one thread a patient, in batches that fit its memory.

Every thread runs the solver loop of a CPU with one lane (`trialeukin.engine.threads`). What is the same for
all patients is copied once; the results of a batch are copied back when all its patients are done.
"""

import math
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from numpy.typing import NDArray

from trialeukin.core.errors import RunError
from trialeukin.engine.device import INSTEAD, MEBIBYTE, Device, first_device
from trialeukin.engine.layout import Block, block_of, lanes_image, moved_table, packed
from trialeukin.engine.plan import Results, answered, lanes_for, plan_of, results_for
from trialeukin.engine.problem import Problem
from trialeukin.engine.ptx import KERNEL, program_for
from trialeukin.engine.tableau import RODAS5P
from trialeukin.engine.threads import TOGETHER
from trialeukin.engine.trajectories import Trajectories

LARGEST_BATCH = 2**17  # patients: several times as many as the largest GPU follows at once
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
        How many patients at most are followed at once.

    Raises
    ------
    InputError
        When there is no GPU.
    RunError
        When the GPU fails, or its memory does not hold `TOGETHER` patients.
    """
    gpu = first_device() if device is None else device
    gpu.enter()
    program, results = program_for(problem.system), results_for(problem)
    lanes = lanes_for(problem, program)
    block = block_of(lanes)
    with gpu.program(program.text, KERNEL) as entry, ExitStack() as held:

        def room(size: int) -> int:
            return held.enter_context(gpu.memory(size))

        plan = plan_of(problem)
        plan_at, lanes_at = room(packed(plan, 0).size), room(lanes_image(lanes, block, 0, 0).size)
        results_at = room(moved_table(results, {}).nbytes)
        size = _batch_size(gpu, results, block, min(batch, problem.parameters.shape[0]))
        rooms = {name: room(size * _row_bytes(array)) for name, array in results._asdict().items()}
        blocks = -(-size // TOGETHER) * block.image.size
        arena = room(blocks)
        gpu.put(packed(plan, plan_at), plan_at)
        gpu.put(lanes_image(lanes, block, lanes_at, arena), lanes_at)
        for first in range(0, problem.parameters.shape[0], size):
            last = min(first + size, problem.parameters.shape[0])
            gpu.clear(arena, blocks)
            gpu.put(block.image, arena)
            addresses = _put_results(gpu, results, rooms, slice(first, last))
            gpu.put(moved_table(results, addresses), results_at)
            gpu.run(entry, last - first, (plan_at, lanes_at, results_at, first, last, block.image.size))
            for name, array in results._asdict().items():
                gpu.get(array[first:last], rooms[name])
            if progress is not None:
                progress(last)
    words = f"one thread a patient, {gpu.name}"
    return answered(problem, results, f"{RODAS5P.name}, relative tolerance {problem.tolerance.relative:g}, {words}")


def _row_bytes(array: NDArray[Any]) -> int:
    """Return the bytes of one patient's part of a result."""
    return array.itemsize * math.prod(array.shape[1:])


def _batch_size(gpu: Device, results: Results, block: Block, most: int) -> int:
    """Return how many patients are followed at once.

    Raises
    ------
    RunError
        When the memory does not hold one block of them.
    """
    needed = block.image.size + TOGETHER * sum(_row_bytes(array) for array in results)
    free = int(SHARE * gpu.free())
    if free < needed:
        kept = f"{TOGETHER} patients and what is kept of them take {needed / MEBIBYTE:.0f} MiB"
        raise RunError(f"{gpu.name} has {free / MEBIBYTE:.0f} MiB to give; {kept}: save less, or {INSTEAD}")
    return max(1, min(most, free // needed * TOGETHER))


def _put_results(gpu: Device, results: Results, rooms: dict[str, int], batch: slice) -> dict[str, int]:
    """Copy a batch's part of the results as they are at the start; return where the first of all patients would be."""
    for name, array in results._asdict().items():
        gpu.put(array[batch], rooms[name])
    return {name: rooms[name] - batch.start * _row_bytes(array) for name, array in results._asdict().items()}
