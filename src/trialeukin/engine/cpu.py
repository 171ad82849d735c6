"""The fast engine on the cores of this machine: shards of patients, one thread each at a time."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from typing import Any

from trialeukin.engine.answers import answered, results_for
from trialeukin.engine.follow import compiled_loop
from trialeukin.engine.kernel import generator_digest, kernel_for
from trialeukin.engine.machine import this_machine
from trialeukin.engine.plan import lanes_for, plan_of
from trialeukin.engine.problem import Problem
from trialeukin.engine.tableau import RODAS5P
from trialeukin.engine.tables import table_of
from trialeukin.engine.trajectories import Trajectories

FEW = 64  # patients, of a shard that is not worth dividing: at its end some lanes are empty
SHARDS_A_THREAD = 8


@cache
def _loop() -> Callable[..., Any]:
    return compiled_loop(int(generator_digest()[:15], 16))


def _size_of_shards(patients: int, workers: int) -> int:
    """Return of how many patients shards are, so that every thread gets as many shards, all of like size."""
    shards = max(1, -(-patients // FEW))
    if shards > workers:
        shards = min(shards // workers, SHARDS_A_THREAD) * workers
    return max(1, -(-patients // shards))


def solve_on_cpu(
    problem: Problem,
    *,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    width: int | None = None,
) -> Trajectories:
    """Return the trajectories of a problem; no patient's depend on threads, width or the other patients.

    Parameters
    ----------
    problem : Problem
        What to follow.
    threads : int or None
        How many threads; None is as many as there are cores.
    progress : callable or None
        Called with the number of patients that are done.
    width : int or None
        How many patients share a vector; None is what suits the processor.
    """
    kernel = kernel_for(problem.system, width=width, sensitive_to=problem.sensitive_to)
    plan, results = plan_of(problem), results_for(problem)
    patients = problem.parameters.shape[0]
    workers = max(1, threads or os.cpu_count() or 1)
    size = _size_of_shards(patients, workers)
    loop = _loop()
    plan_table, results_table = table_of(plan), table_of(results)

    def follow(first: int) -> int:
        last: int = min(first + size, patients)
        lanes = lanes_for(problem, kernel)
        lanes_table = table_of(lanes)
        loop(plan_table.ctypes.data, lanes_table.ctypes.data, results_table.ctypes.data, first, last)
        return last - first

    with ThreadPoolExecutor(workers) as pool:
        shards = [pool.submit(follow, first) for first in range(0, patients, size)]
        try:
            done = 0
            for shard in as_completed(shards):
                done += shard.result()
                if progress is not None:
                    progress(done)
        except BaseException:  # an interruption waits for the shards under way only
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    words = f"{kernel.width} lanes, {this_machine().processor}"
    return answered(problem, results, f"{RODAS5P.name}, relative tolerance {problem.tolerance.relative:g}, {words}")
