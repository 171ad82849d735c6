"""One patient as a peer needs it: numbers, initial states, doses after their lags, times to keep."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from compiled import Compiled

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.frame import ENTRY
from trialeukin.engine.problem import Problem

ABSOLUTE = 1e-4  # of a state's size: every tool's absolute tolerance is this much of its relative one
MOST_STEPS = 10_000_000  # in a stretch: no peer is stopped by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One patient as a peer needs it.

    Attributes
    ----------
    fixed : (f,)
        Numbers that only the parameters decide.
    initial : (n,)
        States at time zero.
    times, targets, amounts : (d,)
        When each dose enters after its lag, in which state, and how much of it.
    save_times : (k,), day
        When to keep the states.
    horizon : float, day
        Where to end.
    sizes : (n,)
        Typical sizes of the states.
    """

    fixed: Floats
    initial: Floats
    times: Floats
    targets: Integers
    amounts: Floats
    save_times: Floats
    horizon: float
    sizes: Floats

    @property
    def edges(self) -> Floats:
        """Where stretches without a dose begin and end, (m + 1,), day; a dose at or after the horizon is left out."""
        return np.concatenate(([0.0], self.times[self.times < self.horizon], [self.horizon]))

    @property
    def cuts(self) -> Integers:
        """Before which save time each edge stands, (m + 1,)."""
        return np.searchsorted(self.save_times, self.edges)

    def absolute(self, relative: float) -> Floats:
        """Return the absolute tolerance of each state at a relative one, (n,)."""
        return relative * ABSOLUTE * self.sizes


Follow = Callable[[tuple[Course, ...], float], Floats]
"""Patients and a relative tolerance to their states at the save times, (patients, k, n)."""

FollowOne = Callable[[Course, float], Floats]
"""A patient and a relative tolerance to its states at the save times, (k, n)."""

Segment = Callable[[Floats, Floats], Floats]
"""Times (m,), the first of which is now, and states now (n,), to states at all of them, (m, n)."""


def courses_of(problem: Problem, functions: Compiled) -> tuple[Course, ...]:
    """Return the patients of a problem, whose doses are boluses by one input or several."""
    system, doses = problem.system, problem.doses
    states, inputs = len(system.states), len(system.inputs)
    place = {state.name: position for position, state in enumerate(system.states)}
    targets = np.array([place[entry.state] for entry in system.inputs])[doses.inputs]
    switches = np.array([switch.initial for switch in system.switches])
    courses = []
    for parameters, amounts in zip(problem.parameters, doses.amounts, strict=True):
        fixed, start = functions.begin(parameters, switches, states + ENTRY * inputs)
        availability, lags = start[states::ENTRY], start[states + 1 :: ENTRY]
        times = doses.times + lags[doses.inputs]
        order = np.argsort(times, kind="stable")
        courses.append(
            Course(
                fixed=fixed,
                initial=start[:states],
                times=times[order],
                targets=targets[order],
                amounts=(amounts * availability[doses.inputs])[order],
                save_times=problem.save_times,
                horizon=problem.horizon,
                sizes=np.array([state.size for state in system.states]),
            )
        )
    return tuple(courses)


def between_doses(course: Course, segment: Segment) -> Floats:
    """Return the states at the save times, each stretch between doses integrated by itself."""
    edges, cuts = course.edges, course.cuts
    kept = np.empty((course.save_times.size, course.initial.size))
    state = course.initial.copy()
    for stretch in range(edges.size - 1):
        if stretch > 0:
            state[course.targets[stretch - 1]] += course.amounts[stretch - 1]
        first, last = cuts[stretch], cuts[stretch + 1]
        times = np.concatenate((edges[stretch : stretch + 1], course.save_times[first:last], [edges[stretch + 1]]))
        if times[-1] > times[0]:
            found = segment(times, state)
            kept[first:last] = found[1:-1]
            state = found[-1].copy()
    return kept


def one_by_one(follow: FollowOne) -> Follow:
    """Return what follows patients one after the other."""
    return lambda courses, relative: np.stack([follow(course, relative) for course in courses])
