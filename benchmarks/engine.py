"""Measure the engine against its peers at like true error, in one run.

    python benchmarks/engine.py

writes ``out/bench/engine.json`` and ``docs/performance.md``. Times of one thread are processor time, since
the machine may have other work; they are taken in rounds in which every solver has its turn, so that what
disturbs one round disturbs all. Ratios are taken within a round.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from cases import DAYS, MODEL, maintenance
from ladders import OURS, Ladders, Report, Rung, climb, processor_seconds
from peers import PEERS, installed
from performance_page import page
from whole_trial import whole_trial

from trialeukin.engine.machine import this_machine
from trialeukin.engine.problem import Tolerance
from trialeukin.engine.solve import solve

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "out" / "bench" / "engine.json", ROOT / "docs" / "performance.md"
TARGET = 1e-4  # true error: the engine's promise
PACKAGES = ("trialeukin", "numpy", "scipy", "numba", "llvmlite", "scikit-sundae", "numbalsoda")


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
        {name: (theirs.seconds(), ours.seconds()) for name, (theirs, ours) in pairs.items()}
        for _ in range(effort.rounds)
    ]
    ratios = {name: [each[name][0] / each[name][1] for each in rounds] for name in pairs}
    return {
        "ratio": {name: median(each) for name, each in ratios.items()},
        "ratio_spread": {name: [min(each), max(each)] for name, each in ratios.items()},
        "error": {OURS: ladders.ours_at(Tolerance().relative).error, "reference": ladders.doubt}
        | {name: theirs.error for name, (theirs, _) in pairs.items()},
        "like_error": {name: _like(name, pairs[name], [each[name] for each in rounds]) for name in pairs},
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
    with tempfile.TemporaryDirectory() as place:
        caches = {"TRIALEUKIN_CACHE": f"{place}/kernels", "NUMBA_CACHE_DIR": f"{place}/loop"}
        cold, *warm = (start(caches) for _ in range(1 + effort.starts))
    best = min(warm, key=lambda each: each["whole process"])
    return {
        "cold_start_s": cold["whole process"],
        "warm_start_s": best["whole process"],
        "warm_start_median_s": median(each["whole process"] for each in warm),
        "cold_start": cold,
        "warm_start": best,
    }


def start(caches: dict[str, str]) -> dict[str, float]:
    """Return the seconds of each part of one start, given the environment that names the caches."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "starts.py")],
        env=os.environ | caches,
        capture_output=True,
        text=True,
        check=True,
    )
    parts: dict[str, float] = json.loads(done.stdout)
    return parts | {"whole process": time.perf_counter() - begin}


def measure(effort: Effort) -> Report:
    """Return everything that was measured."""
    begin, load = time.perf_counter(), os.getloadavg()[0]
    found = many(effort) | compare(effort) | trial(effort) | starts(effort)
    machine = this_machine()
    return found | {
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
        "versions": {name: version(name) for name in PACKAGES if _has(name)},
        "seconds": time.perf_counter() - begin,
    }


def _has(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def main() -> None:
    """Measure, write the results and the page."""
    found = measure(Effort(peers=installed()))
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    print(page(found))


if __name__ == "__main__":
    main()
