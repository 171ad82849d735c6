"""Whether a patient costs the same among many as among few."""

from typing import Any

from cases import MODEL, maintenance
from ladders import processor_seconds

from trialeukin.engine.solve import solve

DAYS = 14
COUNTS = (100, 1_000, 10_000, 100_000)
LEAST_TRAJECTORIES = 2_000  # of a number of patients in all its repeats: a hundred patients take milliseconds


def linearity(counts: tuple[int, ...] = COUNTS, *, days: int = DAYS, model: str = MODEL) -> dict[str, Any]:
    """Return processor seconds a patient at each number of patients, the least of several repeats of small ones."""
    seconds: dict[str, float] = {}
    solve(maintenance(min(counts), days=days, name=model), threads=1)  # makes the code
    for count in counts:
        problem = maintenance(count, days=days, name=model)
        repeats = max(1, LEAST_TRAJECTORIES // count)
        least = min(processor_seconds(lambda problem=problem: solve(problem, threads=1)) for _ in range(repeats))
        seconds[str(count)] = least / count
    return {
        "days": days,
        "seconds_per_patient": seconds,
        "most_over_least": seconds[str(max(counts))] / seconds[str(min(counts))],
    }
