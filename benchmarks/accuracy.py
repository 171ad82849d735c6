"""True error: against a tight solution by another method than ours, which a tight one of ours must confirm."""

from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from compiled import Compiled
from course import Course
from peers import PEERS, peers_for

from trialeukin.core.arrays import Floats
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import solve

COUNTS_FROM = 1e-3  # of its own largest value in the patient: below, a state's relative error is not looked at
JUDGES = {"heyoka": 1e-15, "lsoda": 1e-13}  # who says what is true, at which tolerance: the first that is installed
CHECK = Tolerance(relative=1e-12, most_steps=100_000_000)  # of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the states are.

    Attributes
    ----------
    values : (n, k, s)
        States of each patient at the save times.
    judge : str
        The peer that they are by.
    relative : float, 1
        Its relative tolerance.
    doubt : float, 1
        How far ours at `CHECK` differs, by the measure that errors are measured with.
    """

    values: Floats
    judge: str
    relative: float
    doubt: float

    def error(self, values: Floats) -> float:
        """Return the largest relative error where a state exceeds a thousandth of its largest value."""
        return largest_error(values, self.values)


def largest_error(values: Floats, exact: Floats) -> float:
    """Return the largest relative difference over patients, times and states where the exact value counts."""
    size = np.abs(exact)
    counts = size > COUNTS_FROM * size.max(axis=1, keepdims=True)
    relative = np.abs(values - exact)[counts] / size[counts]
    return float(relative.max()) if np.isfinite(values).all() else float("inf")


def truth_of(problem: Problem, courses: tuple[Course, ...], functions: Compiled) -> Truth:
    """Return the truth by the first judge installed, and its doubt by ours."""
    judge = next(name for name in JUDGES if find_spec(PEERS[name].package) is not None)
    (peer,) = peers_for((judge,), functions)
    values = peer.follow(courses, JUDGES[judge])
    ours = solve(replace(problem, tolerance=CHECK), threads=1).values
    return Truth(values=values, judge=judge, relative=JUDGES[judge], doubt=largest_error(ours, values))
