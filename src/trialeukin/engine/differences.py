"""Sensitivities by central differences: the plain meaning of what the fast engine computes with the solution."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.engine.problem import Problem
from trialeukin.engine.trajectories import Slopes, Trajectories

STEP = 1e-3  # of the parameter, or of one: its square, and the noise of the plain engine over it, are small


def differenced(problem: Problem, found: Trajectories, follow: Callable[[Problem], Trajectories]) -> Slopes:
    """Return how what was found changes with the problem's parameters."""
    names = list(problem.system.parameters)
    pairs = [_pair(problem, names.index(name), follow) for name in problem.sensitive_to]

    def slopes(part: Callable[[Trajectories], Floats]) -> Floats:
        return np.stack([(part(up) - part(down)) / _spread(width, part(found)) for width, down, up in pairs], axis=-1)

    return Slopes(
        sensitive_to=problem.sensitive_to,
        values=slopes(lambda each: each.values),
        event_times=slopes(lambda each: each.event_times),
        last=slopes(lambda each: each.last),
        lowest=slopes(lambda each: each.lowest),
        highest=slopes(lambda each: each.highest),
        area=slopes(lambda each: each.area),
        above=slopes(lambda each: each.above),
    )


def _pair(
    problem: Problem, place: int, follow: Callable[[Problem], Trajectories]
) -> tuple[Floats, Trajectories, Trajectories]:
    values = problem.parameters[:, place]
    step = STEP * np.where(values == 0.0, 1.0, np.abs(values))
    courses = []
    for sign in (-1.0, 1.0):
        moved = problem.parameters.copy()
        moved[:, place] += sign * step
        courses.append(follow(replace(problem, parameters=moved, sensitive_to=())))
    return 2.0 * step, courses[0], courses[1]


def _spread(width: Floats, like: Floats) -> Floats:
    """Return one number a patient in the shape of an array with a row a patient."""
    return width.reshape(-1, *[1] * (like.ndim - 1))
