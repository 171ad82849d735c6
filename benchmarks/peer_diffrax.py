"""diffrax: JAX's solvers, compiled by XLA in double precision, all patients in step."""

from collections.abc import Callable
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from compiled import Compiled
from course import MOST_STEPS, Course, Follow
from equations import Equations, rates_in

from trialeukin.core.arrays import Floats
from trialeukin.engine.graph import Op

OPERATIONS: dict[Op, Callable[..., Any]] = {
    Op.CONSTANT: float,
    Op.ADD: lambda *terms: sum(terms[1:], terms[0]),
    Op.MULTIPLY: lambda first, second: first * second,
    Op.NEGATE: lambda value: -value,
    Op.RECIPROCAL: lambda value: 1.0 / value,
    Op.EXP: jnp.exp,
    Op.LOG: jnp.log,
    Op.SQRT: jnp.sqrt,
    Op.TANH: jnp.tanh,
    Op.ABSOLUTE: jnp.abs,
    Op.LARGER: jnp.maximum,
    Op.SMALLER: jnp.minimum,
}


def kvaerno5(functions: Compiled) -> Follow:
    """Return Kvaerno's implicit method of order 5."""
    return _follow(functions.equations, diffrax.Kvaerno5)


def tsit5(functions: Compiled) -> Follow:
    """Return Tsitouras' explicit method of order 5."""
    return _follow(functions.equations, diffrax.Tsit5)


def _follow(equations: Equations, method: Callable[[], Any]) -> Follow:
    jax.config.update("jax_enable_x64", True)

    def right(_time: Any, state: Any, fixed: Any) -> Any:
        return jnp.stack(rates_in(equations, list(state), list(fixed), OPERATIONS))

    def one(relative: Any, absolute: Any, fixed: Any, initial: Any, stretches: Any, last: Any) -> Any:
        """Follow one patient: stretches of equal shape in a loop, then the last one, which is longer."""

        def stretch(state: Any, given: Any) -> tuple[Any, Any]:
            begin, end, dose, times = given
            found = diffrax.diffeqsolve(
                diffrax.ODETerm(right),
                method(),
                begin,
                end,
                None,
                state + dose,
                args=fixed,
                saveat=diffrax.SaveAt(ts=times, t1=True),
                stepsize_controller=diffrax.PIDController(rtol=relative, atol=absolute),
                max_steps=MOST_STEPS,
                adjoint=diffrax.ForwardMode(),
            )
            return found.ys[-1], found.ys[:-1]

        state, kept = jax.lax.scan(stretch, initial, stretches)
        return kept, stretch(state, last)[1]

    together = jax.jit(jax.vmap(one, in_axes=(None, None, 0, 0, 0, 0)))

    def follow(courses: tuple[Course, ...], relative: float) -> Floats:
        absolute = courses[0].absolute(relative)
        fixed, initial = (np.stack([getattr(each, name) for each in courses]) for name in ("fixed", "initial"))
        stretches, last = _stretches(courses)
        kept, ended = together(relative, absolute, fixed, initial, stretches, last)
        return np.stack([_gathered(*each) for each in zip(courses, np.asarray(kept), np.asarray(ended), strict=True)])

    return follow


def _stretches(courses: tuple[Course, ...]) -> tuple[Any, Any]:
    """Return begin, end, dose and save times of all stretches but the last, then of the last, patients first.

    Where a stretch has fewer save times than the longest, its end takes their place.
    """
    edges = np.stack([course.edges for course in courses])
    cuts = np.stack([course.cuts for course in courses])
    doses = np.zeros((*edges[:, 1:].shape, courses[0].initial.size))
    for row, course in zip(doses, courses, strict=True):
        given = np.arange(1, row.shape[0])
        row[given, course.targets[given - 1]] = course.amounts[given - 1]
    counts = np.diff(cuts)
    times = [
        np.repeat(edges[:, 1:-1, None], counts[:, :-1].max(), axis=2),
        np.repeat(edges[:, -1:], counts[:, -1].max(), axis=1),
    ]
    for patient, course in enumerate(courses):
        for stretch, count in enumerate(counts[patient]):
            saved = course.save_times[cuts[patient, stretch] : cuts[patient, stretch + 1]]
            (times[1][patient] if stretch == counts.shape[1] - 1 else times[0][patient, stretch])[:count] = saved
    before = (edges[:, :-2], edges[:, 1:-1], doses[:, :-1], times[0])
    return before, (edges[:, -2], edges[:, -1], doses[:, -1], times[1])


def _gathered(course: Course, kept: Floats, ended: Floats) -> Floats:
    """Return the states of one patient at its save times, (k, n)."""
    counts = np.diff(course.cuts)
    parts = [found[:count] for found, count in zip(kept, counts[:-1], strict=True)]
    return np.concatenate([*parts, ended[: counts[-1]]])
