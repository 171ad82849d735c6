"""Measure the engine against its peers at like true error, in one run.

    python benchmarks/engine.py

writes ``out/bench/engine.json`` and ``docs/performance.md``. Times of one thread are processor time, since
the machine may have other work; they are taken in rounds in which every solver has its turn, so that what
disturbs one round disturbs all. Ratios are taken within a round.
"""

import json
import os
import time
from dataclasses import dataclass, replace
from importlib.metadata import packages_distributions, version
from pathlib import Path
from statistics import median

from accuracy import JUDGES
from cases import DAYS, MODEL, maintenance
from flops import flops_per_step, instructions_per_step
from fresh import WHOLE, empty_caches, parts_of, study_runs
from gpu_speed import COUNTS as GPU_COUNTS
from gpu_speed import gpu_speed
from ladders import OURS, Ladders, Report, Rung, climb, processor_seconds
from linearity import COUNTS, linearity
from million import AT_ONCE, MILLION, in_a_process
from peak import ITERATIONS, peak_gflops
from peers import PEERS, installed
from performance_page import page
from sensitivities import Sensitive, sensitivity_cost
from whole_trial import whole_trial
from work_precision import draw

from trialeukin.engine.machine import this_machine
from trialeukin.engine.problem import Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.whole import model

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "out" / "bench" / "engine.json", ROOT / "docs" / "performance.md"
FIGURE = ROOT / "docs" / "work-precision.svg"
TARGET = 1e-4  # true error: the engine's promise
PACKAGES = ("trialeukin", "numpy", "scipy", "numba", "llvmlite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured.

    Attributes
    ----------
    model : str
        The model.
    peers : tuple of str
        Keys of `peers.PEERS`.
    days : int
        Length of the maintenance.
    compared, copies : int
        Patients whose true error is known and whom every solver follows, and how often ours does, to fill its lanes.
    patients : int
        Patients of the headline and of the threads.
    trial_patients : int
        Patients of each arm of the whole trial; zero leaves it out.
    rounds, starts : int
        Repeats; no start leaves them out.
    iterations : int
        Of the loop that measures the core's peak.
    sensitive : Sensitive or None
        What is measured of sensitivities; None leaves them out.
    linear, gpu : tuple of int
        Numbers of patients, of a core and of a GPU; none leaves them out.
    run : tuple of int or None
        Patients and draws of a run of a study; empty is the run's own defaults, None leaves it out.
    million : int
        Patients followed in the memory of a batch; zero leaves them out.
    """

    model: str = MODEL
    peers: tuple[str, ...] = ()
    days: int = DAYS
    compared: int = 4
    copies: int = 32
    patients: int = 256
    trial_patients: int = 256
    rounds: int = 5
    starts: int = 3
    iterations: int = ITERATIONS
    sensitive: Sensitive | None = Sensitive()
    linear: tuple[int, ...] = COUNTS
    gpu: tuple[int, ...] = GPU_COUNTS
    run: tuple[int, ...] | None = ()
    million: int = MILLION


def many(effort: Effort) -> Report:
    """Return patients a second of many different patients: a core's, and by the clock with one and two threads."""
    problem = maintenance(effort.patients, days=effort.days, name=effort.model)
    counts = [count for count in (1, 2) if count <= (os.cpu_count() or 1)]
    first = solve(problem, threads=1)
    processor: list[float] = []
    clock: dict[int, list[float]] = {count: [] for count in counts}
    for _ in range(effort.rounds):
        for count in counts:
            begin = time.perf_counter()
            work = processor_seconds(lambda count=count: solve(problem, threads=count))
            clock[count].append(time.perf_counter() - begin)
            processor += [work] if count == 1 else []
    return {
        "patients_per_second_core": effort.patients / min(processor),
        "patients_per_second_core_median": effort.patients / median(processor),
        "steps_per_patient": float(first.steps.mean()),
        "nanoseconds_per_step": 1e9 * min(processor) / float(first.steps.sum()),
        "failed": int(first.failed.sum()),
        "threads": {str(count): effort.patients / min(seconds) for count, seconds in clock.items()},
        "threads_median": {str(count): effort.patients / median(seconds) for count, seconds in clock.items()},
    }


def compare(effort: Effort) -> Report:
    """Return speeds at like true error: each peer, and ours at an error no larger than that peer's."""
    problem = maintenance(effort.compared, days=effort.days, name=effort.model)
    ladders = climb(problem, effort.peers, effort.copies)
    pairs = {name: ladders.pair(name, TARGET) for name in effort.peers}
    rounds = [
        {
            name: (theirs.seconds(), ours.seconds())
            for name, (theirs, ours) in pairs.items()
            if number < PEERS[name].rounds
        }
        for number in range(effort.rounds)
    ]
    timed = {name: [each[name] for each in rounds if name in each] for name in pairs}
    ratios = {name: [theirs / ours for theirs, ours in each] for name, each in timed.items()}
    return {
        "ratio": {name: median(each) for name, each in ratios.items()},
        "ratio_spread": {name: [min(each), max(each)] for name, each in ratios.items()},
        "error": {OURS: ladders.ours_at(Tolerance().relative).error, "reference": ladders.doubt}
        | {name: theirs.error for name, (theirs, _) in pairs.items()},
        "like_error": {name: _like(name, pairs[name], timed[name]) for name in pairs},
        "work_precision": _work_precision(ladders),
    }


def _like(name: str, pair: tuple[Rung, Rung], seconds: list[tuple[float, float]]) -> Report:
    theirs, ours = pair
    return {
        "words": PEERS[name][0],
        "relative_tolerance": theirs.relative,
        "error": theirs.error,
        "milliseconds": milliseconds([each[0] for each in seconds]),
        "our_relative_tolerance": ours.relative,
        "our_error": ours.error,
        "our_milliseconds": milliseconds([each[1] for each in seconds]),
    }


def _work_precision(ladders: Ladders) -> Report:
    return {
        name: [
            {"relative_tolerance": each.relative, "error": each.error, "milliseconds": 1e3 * each.once}
            for each in rungs
        ]
        for name, rungs in ladders.rungs.items()
    }


def milliseconds(seconds: list[float]) -> dict[str, float]:
    return {"least": 1e3 * min(seconds), "median": 1e3 * median(seconds), "most": 1e3 * max(seconds)}


def trial(effort: Effort) -> Report:
    """Return milliseconds a patient and core of both arms of CALGB 19808 over five years."""
    if not effort.trial_patients:
        return {}
    arms = whole_trial(effort.trial_patients)
    seconds: dict[str, list[float]] = {arm.arm: [] for arm in arms}
    failed = {arm.arm: int(solve(arm.problem, threads=1).failed.sum()) for arm in arms}
    for _ in range(effort.rounds):
        for arm in arms:
            work = processor_seconds(lambda arm=arm: solve(arm.problem, threads=1))
            seconds[arm.arm].append(work / effort.trial_patients)
    return {"trial": {name: milliseconds(each) | {"failed": failed[name]} for name, each in seconds.items()}}


def starts(effort: Effort) -> Report:
    """Return how long a fresh process takes to its first patients, with empty caches and with full ones."""
    if not effort.starts:
        return {}
    with empty_caches() as caches:
        cold, *warm = (start(caches) for _ in range(1 + effort.starts))
    best = min(warm, key=lambda each: each[WHOLE])
    return {
        "cold_start_s": cold[WHOLE],
        "warm_start_s": best[WHOLE],
        "warm_start_median_s": median(each[WHOLE] for each in warm),
        "cold_start": cold,
        "warm_start": best,
    }


def start(caches: dict[str, str]) -> dict[str, float]:
    """Return the seconds of each part of one start, given the environment that names the caches."""
    return parts_of("starts.py", caches=caches)


def peak(effort: Effort) -> Report:
    """Return what one core can do at most and what a step of a patient asks of it."""
    system, lanes = replace(model(effort.model), events=()), this_machine().width
    return {
        "peak_gflops": peak_gflops(iterations=effort.iterations, rounds=effort.rounds),
        "flops_per_step": flops_per_step(system, width=lanes),
        "instructions_per_step": instructions_per_step(system, width=lanes),
    }


def others(effort: Effort) -> Report:
    """Return what is measured of ours alone, where it is asked for."""
    found: Report = {}
    if effort.linear:
        found["linear"] = linearity(effort.linear, model=effort.model)
    if effort.sensitive:
        found["sensitivity_cost"] = sensitivity_cost(effort.sensitive)
    if effort.gpu:
        found["gpu"] = gpu_speed(effort.gpu, model=effort.model)
    if effort.million:
        found["million"] = in_a_process(effort.million, AT_ONCE)
    if effort.run is not None:
        found |= study_runs(*effort.run)
    return found


def measure(effort: Effort) -> Report:
    """Return everything that was measured."""
    begin, load = time.perf_counter(), os.getloadavg()[0]
    found: Report = {}
    for part in (peak, many, trial, starts, others, compare):  # the longest last: what fails does so early
        found |= part(effort)
    machine, there = this_machine(), installed()
    return found | {
        "peak_share": found["flops_per_step"] / found["nanoseconds_per_step"] / found["peak_gflops"],
        "judge": next(PEERS[name].words for name in JUDGES if name in there),
        "not_installed": [known.words for name, known in PEERS.items() if name not in there],
        "problem": {
            "model": effort.model,
            "days": effort.days,
            "patients": effort.patients,
            "compared": effort.compared,
        },
        "rounds": effort.rounds,
        "target_error": TARGET,
        "machine": {"processor": machine.processor, "lanes": machine.width, "cores": os.cpu_count() or 1},
        "load": [load, os.getloadavg()[0]],
        "versions": _versions(effort.peers),
        "seconds": time.perf_counter() - begin,
    }


def _versions(peers: tuple[str, ...]) -> dict[str, str]:
    distributions = packages_distributions()
    wrapped = {name for peer in peers for name in distributions[PEERS[peer].package]}
    return {name: version(name) for name in (*PACKAGES, *sorted(wrapped - set(PACKAGES)))}


def main() -> None:
    """Measure, write the results, the page and its figure."""
    found = measure(Effort(peers=installed()))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    draw(found["work_precision"], TARGET, FIGURE)
    print(page(found))


if __name__ == "__main__":
    main()
