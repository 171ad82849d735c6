"""Every solver at a ladder of tolerances, with its true error and its time on the same patients."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from accuracy import Truth, truth_of
from cases import repeated
from compiled import compile_system
from course import Course, courses_of
from peers import Peer, peers_for

from trialeukin.core.arrays import Floats
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import solve

OURS = "ours"
STEP = 0.5  # of a peer's ladder, in powers of ten
OUR_LADDER = tuple(float(10.0 ** (-power)) for power in np.arange(4.0, 10.6, 0.25))

Report = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One solver at one tolerance.

    Attributes
    ----------
    relative, error : float, 1
        What it was asked for, and its true error.
    once : float, second
        Processor time a trajectory, of one run.
    trajectories : int
        How many one run follows.
    run : callable
        Runs it.
    """

    relative: float
    error: float
    once: float
    trajectories: int
    run: Callable[[], Floats]

    def seconds(self) -> float:
        """Return processor seconds a trajectory of another run."""
        return processor_seconds(self.run) / self.trajectories


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladders:
    """All solvers.

    Attributes
    ----------
    rungs : mapping of str to list of Rung
        From loose to tight, of ours and of each peer.
    doubt : float, 1
        Of the truth that errors are measured against.
    """

    rungs: Mapping[str, list[Rung]]
    doubt: float

    def pair(self, peer: str, target: float) -> tuple[Rung, Rung]:
        """Return a peer's loosest rung within a target error, and our loosest whose error is no larger than that."""
        theirs = _loosest(self.rungs[peer], target)
        return theirs, _loosest(self.rungs[OURS], theirs.error)

    def ours_at(self, relative: float) -> Rung:
        """Return our rung next to a relative tolerance."""
        return min(self.rungs[OURS], key=lambda rung: abs(np.log(rung.relative / relative)))


def processor_seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def climb(problem: Problem, names: tuple[str, ...], copies: int) -> Ladders:
    """Return the ladders of ours and of the peers named."""
    functions = compile_system(problem.system)
    courses = courses_of(problem, functions)
    peers = peers_for(names, functions)
    truth = truth_of(problem, courses, functions)
    ours = {OURS: [_our_rung(problem, truth, relative, copies) for relative in OUR_LADDER]}
    theirs = {
        peer.name: [_peer_rung(peer, courses, truth, relative, copies) for relative in _ladder(peer)] for peer in peers
    }
    return Ladders(rungs=ours | theirs, doubt=truth.doubt)


def _ladder(peer: Peer) -> list[float]:
    """Return a peer's relative tolerances, from loose to tight."""
    loosest, tightest = -np.log10((peer.known.loosest, peer.known.tightest))
    return [float(10.0**-power) for power in np.arange(loosest, tightest + STEP / 2, STEP)]


def _our_rung(problem: Problem, truth: Truth, relative: float, copies: int) -> Rung:
    tuned = repeated(replace(problem, tolerance=Tolerance(relative=relative)), copies)
    solve(tuned, threads=1)  # fills the caches of the processor, as the rungs before do for those after
    return _rung(lambda: solve(tuned, threads=1).values, truth, relative, tuned.parameters.shape[0])


def _peer_rung(peer: Peer, courses: tuple[Course, ...], truth: Truth, relative: float, copies: int) -> Rung:
    all_courses = courses * copies if peer.known.together else courses
    peer.follow(all_courses if peer.known.together else courses[:1], relative)  # compiles it
    return _rung(lambda: peer.follow(all_courses, relative), truth, relative, len(all_courses))


def _rung(run: Callable[[], Floats], truth: Truth, relative: float, trajectories: int) -> Rung:
    begin = time.process_time()
    values = run()
    once = (time.process_time() - begin) / trajectories
    error = truth.error(values[: truth.values.shape[0]])
    return Rung(relative=relative, error=error, once=once, trajectories=trajectories, run=run)


def _loosest(rungs: list[Rung], error: float) -> Rung:
    """Return the loosest rung at least so accurate, or the most accurate one."""
    return next((rung for rung in rungs if rung.error <= error), min(rungs, key=lambda rung: rung.error))
