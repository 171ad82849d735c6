"""SUNDIALS CVODE by scikit-SUNDAE."""

from compiled import Compiled
from course import MOST_STEPS, Course, Follow, between_doses, one_by_one
from numba import njit
from sksundae.cvode import CVODE

from trialeukin.core.arrays import Floats


def cvode(functions: Compiled) -> Follow:
    """Return SUNDIALS CVODE by scikit-sundae: BDF, dense matrix, compiled right-hand side and Jacobian."""
    rates, slopes = functions.rates, functions.jacobian

    @njit(error_model="numpy")
    def right(_time: float, state: Floats, out: Floats, held: tuple[Floats]) -> None:
        rates(state, held[0], out)

    @njit(error_model="numpy")
    def matrix(_time: float, state: Floats, _rate: Floats, out: Floats, held: tuple[Floats]) -> None:
        slopes(state, held[0], out)

    def follow(course: Course, relative: float) -> Floats:
        solver = CVODE(
            right,
            jacfn=matrix,
            rtol=relative,
            atol=course.absolute(relative),
            userdata=(course.fixed,),
            max_num_steps=MOST_STEPS,
        )

        def segment(times: Floats, state: Floats) -> Floats:
            found = solver.solve(times, state)
            if not found.success:
                raise RuntimeError(f"CVODE at rtol {relative:g}: {found.message}")
            return found.y if times.size > 2 else found.y[[0, -1]]

        return between_doses(course, segment)

    return one_by_one(follow)
