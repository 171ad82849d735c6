"""True error: against two tight solutions by other methods, which must agree far better than what is judged."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from peers import Course, Follow, Peer

from trialeukin.core.arrays import Floats

COUNTS_FROM = 1e-3  # of its own largest value in the patient: below, a state's relative error is not looked at
ABSOLUTE = 1e-4  # of a state's size: every tool's absolute tolerance is this much of its relative one
REFERENCE, CHECK = 1e-12, 1e-10  # relative tolerances of LSODA and of CVODE


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the states are.

    Attributes
    ----------
    values : (n, k, s)
        States of each patient at the save times.
    doubt : float, 1
        How far the two solutions differ, by the measure that errors are measured with.
    """

    values: Floats
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


def followed(follow: Follow, courses: tuple[Course, ...], relative: float) -> Floats:
    """Return the states of all patients by a peer."""
    return np.stack([follow(course, relative, relative * ABSOLUTE * course.sizes) for course in courses])


def truth_of(courses: tuple[Course, ...], peers: Mapping[str, Peer]) -> Truth:
    """Return the truth by LSODA, and its doubt by CVODE."""
    values = followed(peers["lsoda"].follow, courses, REFERENCE)
    return Truth(values=values, doubt=largest_error(followed(peers["sundials"].follow, courses, CHECK), values))
