"""heyoka: Taylor series of the order a tolerance asks for, compiled by LLVM, as many patients as a vector has lanes."""

import operator
from collections.abc import Callable
from functools import cache
from typing import Any

import heyoka as library
import numpy as np
from compiled import Compiled
from course import Course, Follow
from equations import Equations, rates_in

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.graph import Op

OPERATIONS: dict[Op, Callable[..., Any]] = {
    Op.CONSTANT: library.expression,
    Op.ADD: lambda *terms: library.sum(list(terms)),
    Op.MULTIPLY: operator.mul,
    Op.NEGATE: operator.neg,
    Op.RECIPROCAL: lambda value: 1.0 / value,
    Op.EXP: library.exp,
    Op.LOG: library.log,
    Op.SQRT: library.sqrt,
    Op.TANH: library.tanh,
}
"""No choice and no comparison: a Taylor series does not see that it has crossed a kink."""


def heyoka(functions: Compiled) -> Follow:
    """Return heyoka's batch integrator; its one tolerance holds for the largest state, so each is in its own size."""
    lanes = library.recommended_simd_size()

    @cache
    def integrator(relative: float, sizes: tuple[float, ...]) -> Any:
        return library.taylor_adaptive_batch(
            _scaled(functions.equations, sizes),
            np.zeros((functions.states, lanes)),
            tol=relative,
            fast_math=True,
        )

    def follow(courses: tuple[Course, ...], relative: float) -> Floats:
        solver = integrator(relative, tuple(courses[0].sizes.tolist()))
        parts = [courses[first : first + lanes] for first in range(0, len(courses), lanes)]
        return np.concatenate([_together(solver, part, lanes)[: len(part)] for part in parts])

    return follow


def _scaled(equations: Equations, sizes: tuple[float, ...]) -> list[tuple[Any, Any]]:
    """Return the equations of the states in units of their sizes."""
    states = library.make_vars(*(f"x{place}" for place in range(len(sizes))))
    fixed = [library.par[place] for place in range(len(equations.fixed))]
    values = [size * state for size, state in zip(sizes, states, strict=True)]
    rates = rates_in(equations, values, fixed, OPERATIONS)
    return [(state, rate * (1.0 / size)) for state, rate, size in zip(states, rates, sizes, strict=True)]


def _together(solver: Any, courses: tuple[Course, ...], lanes: int) -> Floats:
    """Return the states of one patient a lane at the save times, (lanes, k, n); the last one fills what is left."""
    courses = (*courses, *[courses[-1]] * (lanes - len(courses)))
    edges = np.stack([course.edges for course in courses], axis=1)
    cuts = np.stack([course.cuts for course in courses], axis=1)
    sizes = courses[0].sizes
    kept = np.empty((lanes, courses[0].save_times.size, sizes.size))
    used = solver.pars.shape[
        0
    ]  # heyoka counts up to the last fixed number that the rates use; the Jacobian's come after
    solver.pars[:] = np.stack([course.fixed[:used] for course in courses], axis=1)
    solver.state[:] = np.stack([course.initial / sizes for course in courses], axis=1)
    for stretch in range(edges.shape[0] - 1):
        if stretch > 0:
            for lane, course in enumerate(courses):
                target = course.targets[stretch - 1]
                solver.state[target, lane] += course.amounts[stretch - 1] / sizes[target]
        solver.set_time(edges[stretch])
        grid = _grid(courses, edges[stretch : stretch + 2], cuts[stretch : stretch + 2])
        found = solver.propagate_grid(grid)[1]
        if any(each[0] != library.taylor_outcome.time_limit for each in solver.propagate_res):
            raise RuntimeError(f"heyoka at tolerance {solver.tol:g}: {solver.propagate_res}")
        for lane, (first, last) in enumerate(cuts[stretch : stretch + 2].T):
            kept[lane, first:last] = found[1 : 1 + last - first, :, lane] * sizes
    return kept


def _grid(courses: tuple[Course, ...], edges: Floats, cuts: Integers) -> Floats:
    """Return the times of a stretch, (m, lanes): begin, each lane's save times, more where it has fewer, end."""
    grid = np.empty((int(np.diff(cuts, axis=0).max()) + 2, len(courses)))
    for lane, (course, (begin, end), (first, last)) in enumerate(zip(courses, edges.T, cuts.T, strict=True)):
        known = np.concatenate(([begin], course.save_times[first:last]))
        more = np.linspace(known[-1], end, grid.shape[0] - known.size + 1)[1:]
        grid[:, lane] = np.concatenate((known, more))
    return grid
