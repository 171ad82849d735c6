r"""The states to which a course of doses that repeats for ever brings each patient.

With :math:`P` the map from the states at the start of an interval to those at its end, followed by the engine
itself, a steady state is a fixed point: :math:`P(x) = x`. It is found by iteration with Anderson's
acceleration, each patient with a history of his own: of the combinations of the last images of which the
residuals :math:`f = P(x) - x` cancel best, the next states are the image,

.. math:: x_{k+1} = P(x_k) - \Delta P \, \gamma, \quad \gamma = \arg\min \lVert f_k - \Delta f \, \gamma \rVert .

For linear kinetics with as many differences as states this is the solution, however slow the approach by itself.
States that only count, such as an area under a curve (`trialeukin.engine.counters`), grow for ever: they keep their
initial values.

D. G. Anderson: Iterative procedures for nonlinear integral equations. Journal of the ACM 12 (1965) 547-560;
H. F. Walker, P. Ni: Anderson acceleration for fixed-point iterations. SIAM J Numer Anal 49 (2011) 1715-1735.
"""

from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.engine.counters import counters
from trialeukin.engine.interpreted import interpret
from trialeukin.engine.problem import Doses, Manner, Problem, Resets, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.model.system import System

DEPTH = 10  # differences that are remembered
MOST_INTERVALS = 200
FINER = 1e-2  # an interval is followed more closely than its end is asked for, by this factor
FINEST = 1e-12
USUAL = Tolerance()
NOISE = 10.0  # differences are worth nothing below the errors of the solver times this


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyStates:
    """Steady states of n patients.

    Attributes
    ----------
    states : (n, s), unit of each state
        At the start of an interval, before anything that is given then; of no meaning where not found. States that
        only count have their initial values.
    found : (n,)
        Whether the last correction was within the tolerance.
    unsettled : (n,), 1
        Index of the state that was corrected most.
    corrections : (n,), 1
        That correction, in the state's scale: its own value plus the absolute tolerance times its size.
    intervals : (n,), 1
        How many were followed.
    """

    states: Floats
    found: Booleans
    unsettled: Integers
    corrections: Floats
    intervals: Integers

    def shortcoming(self, system: System, patient: int) -> str:
        """Return in words why a patient's was not found."""
        state, change = system.states[self.unsettled[patient]].name, self.corrections[patient]
        what = f"{state} still changes by {change:.2g} of itself" if np.isfinite(change) else "the course fails"
        return f"{what} after {self.intervals[patient]} interval{'s' if self.intervals[patient] > 1 else ''}"


def steady_states(
    system: System,
    parameters: Floats,
    doses: Doses,
    *,
    interval: float,
    tolerance: Tolerance = USUAL,
    backend: Backend = Backend.CPU,
) -> SteadyStates:
    """Return where patients are after the same doses in every interval of an endless past.

    Parameters
    ----------
    system : System
        A model without events, which happen only once.
    parameters : (n, p), in each parameter's unit
        One row a patient.
    doses : Doses
        What is given in each interval, in times from its start. They are all `Manner.DIRECT` and end within the
        interval: what goes on into the next is given there.
    interval : float, day
        How long it is.
    tolerance : Tolerance
        The states are found when no correction is above ``relative * (|state| + absolute * size)``.
    backend : Backend
        Who follows the intervals.

    Raises
    ------
    InputError
        When doses do not repeat as said, or the model has events.
    """
    _check(system, doses, interval)
    sizes = tolerance.absolute * np.array([state.size for state in system.states])
    finer = replace(tolerance, relative=max(FINEST, FINER * tolerance.relative))
    problem = Problem(
        system=system,
        parameters=parameters,
        doses=doses,
        horizon=interval,
        save_times=np.zeros(0),
        save=(),
        examinations=np.zeros(0),
        tolerance=finer,
    )
    start, count = interpret(system).start, len(system.states)
    first = np.array([start(row)[:count] for row in parameters.tolist()]).reshape(-1, count)
    search = _Search(problem, first, sizes, backend)
    for _ in range(MOST_INTERVALS):
        search.improve(tolerance.relative)
        if not search.open.any():
            break
    return SteadyStates(
        states=search.states,
        found=search.found,
        unsettled=search.unsettled,
        corrections=search.corrections,
        intervals=search.intervals,
    )


class _Search:
    """The states of all patients under way to where they stay, with what acceleration remembers of each."""

    def __init__(self, problem: Problem, first: Floats, sizes: Floats, backend: Backend) -> None:
        patients, count = first.shape
        self.problem, self.sizes, self.backend = problem, sizes, backend
        self.positive = np.array([state.positive for state in problem.system.states], dtype=np.bool_)
        self.counting = counters(problem.system)
        self.states = first
        self.images = first  # the last that were followed without a failure
        self.found = np.zeros(patients, dtype=np.bool_)
        self.open = np.ones(patients, dtype=np.bool_)
        self.unsettled = np.zeros(patients, dtype=np.int64)
        self.corrections = np.full(patients, np.inf)
        self.intervals = np.zeros(patients, dtype=np.int64)
        self.depth = min(DEPTH, count)
        self.history: list[list[tuple[Floats, Floats]]] = [[] for _ in range(patients)]

    def improve(self, relative: float) -> None:
        """Follow one more interval of every patient who is not there yet."""
        now = np.flatnonzero(self.open)
        images, failed = self._followed(now)
        self.intervals[now] += 1
        for patient, image, bad in zip(now.tolist(), images, failed.tolist(), strict=True):
            if bad:
                self._go_back(patient)
            else:
                self._correct(patient, image, relative)

    def _followed(self, now: Integers) -> tuple[Floats, Booleans]:
        """Return the states of some patients an interval later, and whose course failed."""
        states = self.states[now][:, np.newaxis]
        zeros = np.zeros(states.shape[:2])
        problem = replace(
            self.problem,
            parameters=self.problem.parameters[now],
            doses=_of_patients(self.problem.doses, now),
            resets=Resets(times=zeros, keeps=zeros, states=states),
        )
        course = solve(problem, backend=self.backend)
        return np.where(self.counting, self.states[now], course.last), course.failed

    def _go_back(self, patient: int) -> None:
        """Take the plain image instead of accelerated states that cannot be followed; give up if it is that."""
        plain = self.images[patient]
        if np.array_equal(self.states[patient], plain):
            self.open[patient] = False
            return
        self.states[patient] = plain
        self.history[patient] = []

    def _correct(self, patient: int, image: Floats, relative: float) -> None:
        state, past = self.states[patient].copy(), self.history[patient]
        scale = np.maximum(np.abs(state), np.abs(image)) + self.sizes
        residual = image - state
        following = image - _combined(image, residual, past, scale, NOISE * self.problem.tolerance.relative)
        if (following < -relative * scale)[self.positive].any():
            following = image
        following = np.where(self.positive, np.maximum(following, 0.0), following)
        past.append((image, residual))
        enough = len(past) > self.depth
        del past[: -self.depth]
        changes = np.abs(following - state) / scale
        self.unsettled[patient] = int(np.argmax(changes))
        self.corrections[patient] = float(changes.max())
        self.images[patient], self.states[patient] = image, following
        if enough and changes.max() <= relative:
            self.found[patient], self.open[patient] = True, False


def _combined(
    image: Floats, residual: Floats, past: list[tuple[Floats, Floats]], scale: Floats, noise: float
) -> Floats:
    """Return what is taken off an image so that what its residual has in common with those before cancels."""
    if not past:
        return np.zeros_like(image)
    images = np.stack([image - each for each, _ in past], axis=1)
    residuals = np.stack([residual - each for _, each in past], axis=1) / scale[:, np.newaxis]
    left, sizes, right = np.linalg.svd(residuals, full_matrices=False)
    inverse = np.divide(1.0, sizes, out=np.zeros_like(sizes), where=sizes > noise)
    weights = right.T @ (inverse * (left.T @ (residual / scale)))
    return np.asarray(images @ weights, dtype=np.float64)


def _of_patients(doses: Doses, patients: Integers) -> Doses:
    """Return the doses of some patients."""
    own = doses.times.ndim == 2
    return Doses(
        times=doses.times[patients] if own else doses.times,
        durations=doses.durations[patients] if own else doses.durations,
        inputs=doses.inputs[patients] if own else doses.inputs,
        manners=doses.manners[patients] if own else doses.manners,
        amounts=doses.amounts[patients],
        fates=doses.fates[patients],
    )


def _check(system: System, doses: Doses, interval: float) -> None:
    if system.events:
        names = ", ".join(event.name for event in system.events)
        message = f"steady state of {system.name}: its events ({names}) happen only once; ask a model without events"
        raise InputError(message)
    if not (np.isfinite(interval) and interval > 0.0):
        raise InputError(f"steady state: interval {interval:g} day: give more than zero")
    given = np.isfinite(doses.times)
    if (doses.manners[given] != Manner.DIRECT).any():
        raise InputError("steady state: a dose is not DIRECT; give amounts that enter, at the times at which they do")
    ends = (doses.times + doses.durations)[given]
    if ends.size and ends.max() > interval:
        message = f"steady state: a dose ends at {ends.max():g} of {interval:g} day; give what goes on at the start too"
        raise InputError(message)
