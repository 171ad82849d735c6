"""Other solvers on the same problem: each restarts at every dose and keeps the states at the save times."""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from compiled import Compiled
from numba import carray, cfunc, njit
from scipy.integrate import odeint
from sksundae.cvode import CVODE

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.frame import ENTRY
from trialeukin.engine.problem import Problem

MOST_STEPS = 1_000_000
NUMBALSODA = "numbalsoda"


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


Follow = Callable[[Course, float, Floats], Floats]
"""Course, relative tolerance and absolute tolerances (n,) to states at the save times, (k, n)."""

Segment = Callable[[Floats, Floats], Floats]
"""Times (m,), the first of which is now, and states now (n,), to states at all of them, (m, n)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another solver.

    Attributes
    ----------
    name, words : str
        Its key in the results, and what it is.
    follow : callable
        See `Follow`.
    """

    name: str
    words: str
    follow: Follow


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


def _between_doses(course: Course, segment: Segment) -> Floats:
    """Return the states at the save times, each stretch between doses integrated by itself."""
    edges = np.concatenate(([0.0], course.times[course.times < course.horizon], [course.horizon]))
    cuts = np.searchsorted(course.save_times, edges)
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


def cvode(functions: Compiled) -> Follow:
    """Return SUNDIALS CVODE by scikit-sundae: BDF, dense matrix, compiled right-hand side and Jacobian."""
    rates, slopes = functions.rates, functions.jacobian

    @njit(error_model="numpy")
    def right(_time: float, state: Floats, out: Floats, held: tuple[Floats]) -> None:
        rates(state, held[0], out)

    @njit(error_model="numpy")
    def matrix(_time: float, state: Floats, _rate: Floats, out: Floats, held: tuple[Floats]) -> None:
        slopes(state, held[0], out)

    def follow(course: Course, relative: float, absolute: Floats) -> Floats:
        solver = CVODE(
            right, jacfn=matrix, rtol=relative, atol=absolute, userdata=(course.fixed,), max_num_steps=MOST_STEPS
        )

        def segment(times: Floats, state: Floats) -> Floats:
            found = solver.solve(times, state)
            if not found.success:
                raise RuntimeError(f"CVODE at rtol {relative:g}: {found.message}")
            return found.y if times.size > 2 else found.y[[0, -1]]

        return _between_doses(course, segment)

    return follow


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

    def follow(course: Course, relative: float, absolute: Floats) -> Floats:
        def segment(times: Floats, state: Floats) -> Floats:
            return odeint(
                right,
                state,
                times,
                args=(course.fixed,),
                Dfun=matrix,
                rtol=relative,
                atol=absolute,
                mxstep=MOST_STEPS,
                tfirst=True,
            )

        return _between_doses(course, segment)

    return follow


def compiled_lsoda(functions: Compiled) -> Follow:
    """Return numbalsoda's LSODA: the whole course compiled; no Jacobian, one absolute tolerance for all states."""
    package: Any = importlib.import_module(NUMBALSODA)
    inner, rates, states = package.lsoda, functions.rates, functions.states
    count = functions.fixed

    @cfunc(package.lsoda_sig)
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

    def follow(course: Course, relative: float, absolute: Floats) -> Floats:
        edges = np.concatenate(([0.0], course.times[course.times < course.horizon], [course.horizon]))
        cuts = np.searchsorted(course.save_times, edges)
        kept, fine = whole(
            right.address,
            course.initial,
            course.fixed,
            edges,
            cuts,
            course.save_times,
            course.targets,
            course.amounts,
            relative,
            float(absolute.min()),
        )
        if not fine:
            raise RuntimeError(f"numbalsoda at rtol {relative:g}: no success")
        return kept

    return follow


PEERS: dict[str, tuple[str, Callable[[Compiled], Follow]]] = {
    "sundials": ("SUNDIALS CVODE by scikit-sundae", cvode),
    "lsoda": ("SciPy LSODA (`odeint`)", lsoda),
    NUMBALSODA: ("numbalsoda LSODA", compiled_lsoda),
}
OPTIONAL = {NUMBALSODA}


def installed() -> tuple[str, ...]:
    """Return the names of the peers that can be run here."""
    return tuple(name for name in PEERS if name not in OPTIONAL or importlib.util.find_spec(name) is not None)


def peers_for(names: tuple[str, ...], functions: Compiled) -> tuple[Peer, ...]:
    """Return peers for a model; Numba compiles each on its first call."""
    return tuple(Peer(name=name, words=PEERS[name][0], follow=PEERS[name][1](functions)) for name in names)
