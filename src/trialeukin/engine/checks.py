"""Refuse a problem that has no meaning, before anything is run."""

from dataclasses import fields
from difflib import get_close_matches

import numpy as np
import sympy

from trialeukin.core.arrays import Booleans, Floats, Integers, check_arrays
from trialeukin.core.errors import InputError, ModelError
from trialeukin.engine.problem import Doses, Exposure, Fate, Manner, Problem, Resets, Tolerance
from trialeukin.engine.quantities import unknown_symbols
from trialeukin.engine.windows import check_windows
from trialeukin.model.system import System

BEFOREHAND = (Fate.GIVEN, Fate.MISSED, Fate.NEVER_STARTED)


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
    _check_kinds(problem)
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
    _check_shapes(problem.doses, problem.parameters.shape[0])
    _check_doses(problem.doses, problem.system)
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


def _check_kinds(problem: Problem) -> None:
    """Raise where a list stands for an array, or a text for names."""
    parts: dict[str, object] = {name: getattr(problem, name) for name in ("parameters", "save_times", "examinations")}
    for name, held in (("doses", problem.doses), ("resets", problem.resets)):
        for each in () if held is None else fields(held):
            value = getattr(held, each.name)
            if value is not None or each.default is not None:  # what may be left out is None
                parts[f"{name}.{each.name}"] = value
    check_arrays(parts)
    for name in ("save", "sensitive_to"):
        names = getattr(problem, name)
        if isinstance(names, str):
            raise InputError(f"{name}: {names!r} is one text: give a tuple of names, such as ({names!r},)")
    for name, value, kind in (
        *(("exposures", each, Exposure) for each in problem.exposures),
        ("tolerance", problem.tolerance, Tolerance),
    ):
        if not isinstance(value, kind):
            way_out = ", ".join(f"{each.name}=..." for each in fields(kind)[:1])
            raise InputError(f"{name}: {value!r}: give {kind.__name__}({way_out})")


def _refuse(name: str, values: Floats | Integers, wrong: Booleans, allowed: str) -> None:
    """Raise at the first place of an array where it is wrong, with what stands there."""
    for place in np.argwhere(wrong)[:1].tolist():
        where = ", ".join(map(str, place))
        raise InputError(f"{name}[{where}] is {values[tuple(place)]:g}: {allowed}")


def _disordered(times: Floats) -> Booleans:
    """Return which times are below zero, no number, or before the one before."""
    wrong = np.logical_not(times >= 0.0)
    wrong[..., 1:] |= times[..., 1:] < times[..., :-1]
    return wrong


def _check_times(name: str, times: Floats) -> None:
    if times.ndim != 1:
        raise InputError(f"{name} of shape {times.shape}: give one row of days, the same for all patients")
    _refuse(name, times, _disordered(times) | np.isinf(times), "give finite days from zero on, not decreasing")


def _check_shapes(doses: Doses, patients: int) -> None:
    shape = doses.amounts.shape
    if doses.amounts.ndim != 2 or shape[0] != patients or doses.fates.shape != shape:
        found = f"{shape} and {doses.fates.shape}"
        raise InputError(f"doses: amounts and fates of shapes {found}: give one row for each of {patients} patients")
    schedules = {doses.times.shape, doses.durations.shape, doses.inputs.shape, doses.manners.shape}
    schedules.add(doses.cycle_starts().shape)
    if schedules not in ({shape}, {shape[1:]}):
        words = ", ".join(str(each) for each in sorted(schedules))
        message = f"doses: times, durations, inputs, manners and begins_cycle of shapes {words}"
        raise InputError(f"{message}: give all {shape[1:]} or all {shape}")


def _check_doses(doses: Doses, system: System) -> None:
    after = "give days from zero on, not decreasing; infinity after a patient's last dose"
    _refuse("doses.times", doses.times, _disordered(doses.times), after)
    for name, allowed in (
        ("durations", "give zero (bolus) or more days, finite"),
        ("amounts", "give zero or more, finite"),
    ):
        values = getattr(doses, name)
        _refuse(f"doses.{name}", values, np.logical_not((values >= 0.0) & np.isfinite(values)), allowed)
    known = f"{system.name} has {len(system.inputs)} inputs, numbered from 0"
    _refuse("doses.inputs", doses.inputs, (doses.inputs < 0) | (doses.inputs >= len(system.inputs)), known)
    manners = f"an unknown manner; there are {', '.join(f'{each.value} {each.name}' for each in Manner)}"
    _refuse("doses.manners", doses.manners, np.isin(doses.manners, list(Manner), invert=True), manners)
    fates = "what is settled beforehand is " + " or ".join(f"{each.value} {each.name}" for each in BEFOREHAND)
    _refuse("doses.fates", doses.fates, np.isin(doses.fates, BEFOREHAND, invert=True), fates)
    _check_modelled(doses, system)


def _check_modelled(doses: Doses, system: System) -> None:
    """Raise where the model is to decide a duration that it does not have, or one that is stated."""
    modelled = doses.manners == Manner.MODELLED
    without = np.array([entry.duration == sympy.S.Zero for entry in system.inputs], dtype=np.bool_)
    allowed = f"{system.name} has no duration for it, as MODELLED wants: give the input one, or state it with PLAIN"
    _refuse("doses.inputs", doses.inputs, modelled & without[doses.inputs], allowed)
    allowed = "of a dose that is MODELLED, the model says how long: give zero, or another manner"
    _refuse("doses.durations", doses.durations, modelled & (doses.durations > 0.0), allowed)


def _check_resets(resets: Resets, patients: int, states: int) -> None:
    wanted = (patients, resets.times.shape[-1], states)
    if resets.states.shape != wanted or resets.times.shape != wanted[:2] or resets.keeps.shape != wanted[:2]:
        found = f"{resets.times.shape}, {resets.keeps.shape} and {resets.states.shape}"
        raise InputError(f"resets: times, keeps and states of shapes {found}: give {wanted[:2]} twice and {wanted}")
    after = "give days from zero on, not decreasing; infinity after a patient's last reset"
    _refuse("resets.times", resets.times, _disordered(resets.times), after)
    keeps = "give zero, which forgets the states, or one, which adds to them"
    _refuse("resets.keeps", resets.keeps, np.isin(resets.keeps, (0.0, 1.0), invert=True), keeps)
    _refuse("resets.states", resets.states, np.logical_not(np.isfinite(resets.states)), "give finite numbers")
