"""LSODA by SciPy, with functions that Numba compiled."""

import numpy as np
from compiled import Compiled
from course import MOST_STEPS, Course, Follow, between_doses, one_by_one
from numba import njit
from scipy.integrate import odeint

from trialeukin.core.arrays import Floats


def lsoda(functions: Compiled) -> Follow:
    """Return SciPy's LSODA (odeint) with compiled right-hand side and Jacobian."""
    rates, slopes, states = functions.rates, functions.jacobian, functions.states

    @njit(error_model="numpy")
    def right(_time: float, state: Floats, fixed: Floats) -> Floats:
        out = np.empty(states)
        rates(state, fixed, out)
        return out

    @njit(error_model="numpy")
    def matrix(_time: float, state: Floats, fixed: Floats) -> Floats:
        out = np.zeros((states, states))
        slopes(state, fixed, out)
        return out

    def follow(course: Course, relative: float) -> Floats:
        def segment(times: Floats, state: Floats) -> Floats:
            return odeint(
                right,
                state,
                times,
                args=(course.fixed,),
                Dfun=matrix,
                rtol=relative,
                atol=course.absolute(relative),
                mxstep=MOST_STEPS,
                tfirst=True,
            )

        return between_doses(course, segment)

    return one_by_one(follow)
