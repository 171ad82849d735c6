"""heyoka: Taylor series by automatic differentiation, in machine code for as many patients as a vector holds."""

from collections.abc import Callable
from typing import Any

import heyoka as library
import numpy as np
from compiled import Compiled
from course import Course, Follow, one_by_one
from equations import Equations, rates_in

from trialeukin.core.arrays import Floats
from trialeukin.engine.graph import Op

OPERATIONS: dict[Op, Callable[..., Any]] = {
    Op.CONSTANT: lambda value: library.expression(float(value)),
    Op.ADD: lambda *terms: library.sum(list(terms)),
    Op.MULTIPLY: lambda first, second: first * second,
    Op.NEGATE: lambda value: -value,
    Op.RECIPROCAL: lambda value: 1.0 / value,
    Op.EXP: library.exp,
    Op.LOG: library.log,
    Op.SQRT: library.sqrt,
    Op.TANH: library.tanh,
}
"""No choice and no comparison: a Taylor series does not see that it has crossed a kink."""

BEYOND_DOUBLE = 1e-18  # relative tolerance of the integration in long double


def heyoka(functions: Compiled) -> Follow:
    """Return heyoka with a vector of patients, each with its own steps; the last patient fills a vector that is not full."""
    width = library.recommended_simd_size()
    equations = _system(functions.equations)
    count = _parameters(functions.equations)
    made: dict[float, Any] = {}

    def integrator(relative: float) -> Any:
        if relative not in made:
            made[relative] = library.taylor_adaptive_batch(
                equations, state=np.zeros((functions.states, width)), pars=np.zeros((count, width)), tol=relative
            )
        return made[relative]

    def follow(courses: tuple[Course, ...], relative: float) -> Floats:
        taylor = integrator(relative)
        full = (*courses, *[courses[-1]] * (-len(courses) % width))
        groups = [full[first : first + width] for first in range(0, len(full), width)]
        return np.concatenate([_together(taylor, group, count) for group in groups])[: len(courses)]

    return follow


def _together(taylor: Any, group: tuple[Course, ...], count: int) -> Floats:
    """Return the states of a vector of patients, whose doses fall between the same save times."""
    cuts = group[0].cuts
    if any(not np.array_equal(course.cuts, cuts) for course in group) or len(group) != taylor.batch_size:
        raise ValueError(f"heyoka follows {taylor.batch_size} patients at once, dosed between the same save times")
    edges = np.stack([course.edges for course in group], axis=1)
    kept = np.empty((len(group), group[0].save_times.size, taylor.state.shape[0]))
    taylor.set_time(0.0)
    taylor.pars[:] = np.stack([course.fixed[:count] for course in group], axis=1)
    taylor.state[:] = np.stack([course.initial for course in group], axis=1)
    for stretch in range(edges.shape[0] - 1):
        for lane, course in enumerate(group):
            if stretch > 0:
                taylor.state[course.targets[stretch - 1], lane] += course.amounts[stretch - 1]
        first, last = cuts[stretch], cuts[stretch + 1]
        between = np.repeat(group[0].save_times[first:last, np.newaxis], len(group), axis=1)
        grid = np.concatenate((edges[stretch : stretch + 1], between, edges[stretch + 1 : stretch + 2]))
        _, values = taylor.propagate_grid(grid)
        kept[:, first:last] = values[1:-1].transpose(2, 0, 1)
    return kept


def heyoka_long_double(functions: Compiled) -> Follow:
    """Return heyoka in 80 bits, one patient at a time, far beyond what double precision can do: the truth."""
    wide, count = np.longdouble, _parameters(functions.equations)
    taylor = library.taylor_adaptive(
        _system(functions.equations),
        state=np.zeros(functions.states, wide),
        pars=np.zeros(count, wide),
        time=wide(0.0),
        tol=wide(BEYOND_DOUBLE),
        fp_type=wide,
        compact_mode=True,
    )

    def follow(course: Course, _relative: float) -> Floats:
        edges, cuts = course.edges, course.cuts
        kept = np.empty((course.save_times.size, functions.states), wide)
        taylor.time = wide(0.0)
        taylor.pars[:], taylor.state[:] = course.fixed[:count], course.initial
        for stretch in range(edges.size - 1):
            if stretch > 0:
                taylor.state[course.targets[stretch - 1]] += wide(course.amounts[stretch - 1])
            first, last = cuts[stretch], cuts[stretch + 1]
            grid = np.concatenate((edges[stretch : stretch + 1], course.save_times[first:last], edges[[stretch + 1]]))
            kept[first:last] = taylor.propagate_grid(grid.astype(wide))[-1][1:-1]
        return kept.astype(float)

    return one_by_one(follow)


def _system(equations: Equations) -> list[tuple[Any, Any]]:
    states = library.make_vars(*(f"state_{place}" for place in range(len(equations.rates))))
    fixed = [library.par[place] for place in range(len(equations.fixed))]
    return list(zip(states, rates_in(equations, states, fixed, OPERATIONS), strict=True))


def _parameters(equations: Equations) -> int:
    """Return how many fixed numbers the rates use: up to the last one that stands in them."""
    used = {inner for node in equations.varying() for inner in equations.graph.operands(node)} | set(equations.rates)
    return 1 + max((place for node, place in equations.places.items() if node in used), default=-1)
