"""LSODA by numbalsoda, whose calls Numba compiles."""

from typing import Any

import numpy as np
from compiled import Compiled
from course import MOST_STEPS, Course, Follow, one_by_one
from numba import carray, cfunc, njit
from numbalsoda import lsoda as inner
from numbalsoda import lsoda_sig

from trialeukin.core.arrays import Floats, Integers


def compiled_lsoda(functions: Compiled) -> Follow:
    """Return numbalsoda's LSODA: the whole course compiled; no Jacobian, one absolute tolerance for all states."""
    rates, states, count = functions.rates, functions.states, functions.fixed

    @cfunc(lsoda_sig)
    def right(_time: float, state: Any, out: Any, fixed: Any) -> None:
        rates(carray(state, (states,)), carray(fixed, (count,)), carray(out, (states,)))

    @njit
    def whole(  # noqa: PLR0913, PLR0917
        address: int,
        initial: Floats,
        fixed: Floats,
        edges: Floats,
        cuts: Integers,
        save_times: Floats,
        targets: Integers,
        amounts: Floats,
        relative: float,
        absolute: float,
    ) -> tuple[Floats, bool]:
        kept, state, fine = np.empty((save_times.size, initial.size)), initial.copy(), True
        for stretch in range(edges.size - 1):
            if stretch > 0:
                state[targets[stretch - 1]] += amounts[stretch - 1]
            first, last = cuts[stretch], cuts[stretch + 1]
            times = np.empty(last - first + 2)
            times[0], times[-1] = edges[stretch], edges[stretch + 1]
            times[1:-1] = save_times[first:last]
            found, success = inner(address, state, times, fixed, relative, absolute, MOST_STEPS)
            fine &= success
            kept[first:last] = found[1:-1]
            state = found[-1].copy()
        return kept, fine

    def follow(course: Course, relative: float) -> Floats:
        kept, fine = whole(
            right.address,
            course.initial,
            course.fixed,
            course.edges,
            course.cuts,
            course.save_times,
            course.targets,
            course.amounts,
            relative,
            float(course.absolute(relative).min()),
        )
        if not fine:
            raise RuntimeError(f"numbalsoda at rtol {relative:g}: no success")
        return kept

    return one_by_one(follow)
