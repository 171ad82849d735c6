"""Refuse a problem that has no meaning, before anything is run."""

from difflib import get_close_matches

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError, ModelError
from trialeukin.engine.problem import Doses, Fate, Manner, Problem, Resets
from trialeukin.engine.quantities import unknown_symbols
from trialeukin.engine.windows import check_windows
from trialeukin.model.system import System


def check(problem: Problem) -> None:
    """Raise where shapes, times, numbers or names of a problem do not fit together.

    Raises
    ------
    InputError
        When an array has the wrong shape, order or range.
    ModelError
        When the system's equations use names that nothing defines.
    """
    check_system(problem.system)
    _check_parameters(problem)
    if not (np.isfinite(problem.horizon) and problem.horizon > 0.0):
        raise InputError(f"horizon {problem.horizon:g} day: give more than zero")
    _check_times("save_times", problem.save_times)
    _check_times("examinations", problem.examinations)
    if problem.save_times.size and problem.save_times[-1] > problem.horizon:
        last = problem.save_times[-1]
        raise InputError(f"save time {last:g} day is after the horizon, {problem.horizon:g} day: extend the horizon")
    check_windows(problem)
    for name in problem.sensitive_to:
        _check_sensitive(problem.system, name)
    _check_doses(problem.doses, problem.parameters.shape[0], len(problem.system.inputs))
    if problem.resets is not None:
        _check_resets(problem.resets, problem.parameters.shape[0], len(problem.system.states))


def check_system(system: System) -> None:
    """Raise where equations, event targets or inputs name what does not exist."""
    for where, missing in unknown_symbols(system).items():
        raise ModelError(f"{system.name}: {where} uses {', '.join(sorted(missing))}, which nothing defines")
    if len(system.events) > Fate.RULE - Fate.EVENT:
        raise ModelError(
            f"{system.name}: {len(system.events)} events; doses tell at most {Fate.RULE - Fate.EVENT} of them apart"
        )
    states = {state.name for state in system.states}
    changeable = states | {switch.name for switch in system.switches}
    targets = [(f"event {event.name}", name, changeable) for event in system.events for name in event.sets]
    targets += [(f"input of {entry.drug}", entry.state, states) for entry in system.inputs]
    targets += [(f"term {term.name!r}", term.state, states) for term in system.terms]
    for what, name, allowed in targets:
        if name not in allowed:
            raise ModelError(f"{system.name}: {what} changes {name!r}; known are {', '.join(sorted(allowed))}")


def _check_sensitive(system: System, name: str) -> None:
    if name not in system.parameters:
        near = get_close_matches(name, system.parameters, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"sensitive_to: {system.name} has no parameter {name!r}{hint}")


def _check_parameters(problem: Problem) -> None:
    wanted = len(problem.system.parameters)
    shape = problem.parameters.shape
    if problem.parameters.ndim != 2 or shape[1] != wanted:
        raise InputError(f"parameters of shape {shape}: {problem.system.name} needs one row a patient of {wanted}")
    if not np.isfinite(problem.parameters).all():
        row, column = np.argwhere(~np.isfinite(problem.parameters))[0]
        name = list(problem.system.parameters)[column]
        raise InputError(
            f"parameter {name} of patient {row} is {problem.parameters[row, column]}: give a finite number"
        )


def _check_times(name: str, times: Floats) -> None:
    if times.ndim != 1 or not np.isfinite(times).all() or (times < 0.0).any() or (np.diff(times) < 0.0).any():
        raise InputError(f"{name}: give finite days from zero on, in one row and not decreasing")


def _check_doses(doses: Doses, patients: int, inputs: int) -> None:
    shape = doses.amounts.shape
    if doses.amounts.ndim != 2 or shape[0] != patients or doses.fates.shape != shape:
        found = f"{shape} and {doses.fates.shape}"
        raise InputError(f"doses: amounts and fates of shapes {found}: give one row for each of {patients} patients")
    schedules = {doses.times.shape, doses.durations.shape, doses.inputs.shape, doses.manners.shape}
    if schedules not in ({shape}, {shape[1:]}):
        words = ", ".join(str(each) for each in sorted(schedules))
        message = f"doses: times, durations, inputs and manners of shapes {words}: give all {shape[1:]} or all {shape}"
        raise InputError(message)
    times = np.where(np.isposinf(doses.times), np.finfo(np.float64).max, doses.times)
    if np.isnan(times).any() or (times < 0.0).any() or (np.diff(times, axis=-1) < 0.0).any():
        raise InputError("doses.times: give days from zero on, not decreasing; infinity after a patient's last dose")
    if (doses.durations < 0.0).any() or not np.isfinite(doses.durations).all():
        raise InputError("doses: a duration is negative or not finite; give zero (bolus) or more days")
    if (doses.amounts < 0.0).any() or not np.isfinite(doses.amounts).all():
        raise InputError("doses: an amount is negative or not finite; give zero or more")
    if shape[1] and doses.inputs.size and not (doses.inputs.min() >= 0 and doses.inputs.max() < inputs):
        raise InputError(f"doses: an input is out of range; the system has {inputs}")
    if not np.isin(doses.manners, list(Manner)).all():
        raise InputError(
            f"doses: an unknown manner; there are {', '.join(f'{each.value} {each.name}' for each in Manner)}"
        )


def _check_resets(resets: Resets, patients: int, states: int) -> None:
    wanted = (patients, resets.times.shape[-1], states)
    if resets.states.shape != wanted or resets.times.shape != wanted[:2] or resets.keeps.shape != wanted[:2]:
        found = f"{resets.times.shape}, {resets.keeps.shape} and {resets.states.shape}"
        raise InputError(f"resets: times, keeps and states of shapes {found}: give {wanted[:2]} twice and {wanted}")
    times = np.where(np.isposinf(resets.times), np.finfo(np.float64).max, resets.times)
    if np.isnan(times).any() or (times < 0.0).any() or (np.diff(times, axis=-1) < 0.0).any():
        raise InputError("resets.times: give days from zero on, not decreasing; infinity after a patient's last reset")
    if not np.isin(resets.keeps, (0.0, 1.0)).all():
        raise InputError("resets.keeps: give zero, which forgets the states, or one, which adds to them")
    if not np.isfinite(resets.states).all():
        raise InputError("resets.states: a state is not finite")
