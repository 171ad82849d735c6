"""Follow many patients through one schedule: `solve` is the engine's one public verb.

What a run means
----------------
Time is in days. Between two instants at which something happens, the states follow the system's
equations, which do not name time. What can happen:

- A reset. States are set, or added to, at a time given. One that keeps nothing undoes what was planned
  before it: infusions stop, and what waits for its lag never enters.
- A dose. Its amount times bioavailability enters the input's state: at once (bolus), or at a constant
  rate over its duration (infusion), in both cases after the input's lag. Lag, bioavailability and, where the
  schedule leaves it to the model, duration are each patient's own; `Manner` lists the exceptions.
  Infusions add up and may run past the horizon.
- An event. It happens at most once in a trajectory, when its trigger is zero or more: at the root on
  the dense output of the step in which it rises through zero, or, watched at examinations, at one of
  them. It then sets states and switches from their values just before, and integration restarts. A
  trigger that is not below zero at the start happens at time zero, and one that a dose or another
  event lifts to zero happens with it. One that rises and falls back within a step is missed.
- An end: by an event that ends, at the horizon, or by a failure, which is a status.

At one instant, in this order:

1. Quantities are saved: the values before anything at that instant.
2. Resets are done, in the order given.
3. Events watched at examinations, if one is due, are looked at, in the system's order.
4. Dose rules are looked up for every administration due now (whatever the lag), all on the values
   after 3. If one of them delays, all that is due now and all that is planned later is put off by its
   step. Otherwise the doses are decided; then every bolus that is due enters.
5. Events watched always are looked at again, in the system's order, until none is left to happen.

Events that were reached by integration, or hold at time zero, come before 2.

Exposures are those of the course between instants: what a quantity is at one instant, between two things
that happen at it, does not count. A window includes its start and not its end.

Fates. NEVER_STARTED and MISSED are given with the problem and stay; rules are looked up at missed administrations
too, and not for those who never started. Of several rules a stop counts before a delay, that before a hold, a hold
before fractions, and of steps the longest and of fractions the smallest; the rule that counted is the fate, also of a
dose reduced by it. A stop and a fraction count once their condition has held: at an administration they apply to, or
on the dense output of any step after the first of these. A hold asks for its fraction once it is released. An event
that stops dosing is the fate of every later dose (missed ones too) and of an infusion it cuts short, of which the
part that had run is given. What had been given but has a lag still enters. What a reset undoes is RESET, and of an
infusion the part that had entered is given. Doses after the end of a trajectory are AFTER_END, and so is the infusion
that an ending event cuts short; those planned before the horizon and put off beyond it are PUT_OFF. A dose at the
horizon is given.

Values after the end of a trajectory are not numbers. A state declared positive that falls below
minus 1,000 times its absolute tolerance is a failure, and so, at time zero, is a lag, bioavailability or
duration of an input below zero.
"""

from collections.abc import Callable
from enum import Enum

from trialeukin.core.members import check_member
from trialeukin.engine.checks import check
from trialeukin.engine.cpu import solve_on_cpu
from trialeukin.engine.gpu import solve_on_gpu
from trialeukin.engine.problem import Problem
from trialeukin.engine.reference import solve_by_reference
from trialeukin.engine.trajectories import Trajectories


class Backend(Enum):
    """Who does the work."""

    CPU = "cpu"
    GPU = "gpu"
    REFERENCE = "reference"


def solve(
    problem: Problem,
    *,
    backend: Backend = Backend.CPU,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Trajectories:
    """Return the trajectories of all patients of a problem.

    Parameters
    ----------
    problem : Problem
        What to follow; this module's documentation says what it means.
    backend : Backend
        Who does the work: the fast engine, on the cores of this machine or on a GPU of NVIDIA's, with the same
        result to the last bit; or the slow and plain one that it is judged by.
    threads : int or None
        How many cores the fast engine takes; None is as many as the machine has. The result
        does not depend on it.
    progress : callable or None
        Called now and then with the number of patients that are done.

    Raises
    ------
    InputError
        When the problem has no meaning, or there is no GPU where one was asked for. Failures of single
        trajectories do not raise.
    """
    check_member(backend, Backend, "backend")
    check(problem)
    if backend is Backend.REFERENCE:
        return solve_by_reference(problem, progress=progress)
    if backend is Backend.GPU:
        return solve_on_gpu(problem, progress=progress)
    return solve_on_cpu(problem, threads=threads, progress=progress)
