"""Every library regimen at full length on every named model: the fast engine against CVODE at 1e-10.

The equations that CVODE gets are printed from the system by SymPy and compiled by Numba; nothing of the engine's own
way from equations to code is in them. The two share the planned doses and no more. Each regimen is followed to four
weeks after its last dose in the typical patient at the tolerance of a study, without events and dose rules, which a
plain integrator does not have; what those do, `test_agreement` judges.

Saves come about three times a day, and every minute of the hour after an infusion, in which free IL-2 falls a
hundredfold, at first at a nearly constant rate, so that an error would stay and grow relative to what is left.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import sympy
from numba import njit
from sksundae.cvode import CVODE

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Status
from trialeukin.model.system import System, symbol
from trialeukin.model.whole import MODELS, model
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load, names

LEFT_OUT = {
    "artistry-1": "no source gives the half-life of nemvaleukin",
    "bentebibel-2019": "no source gives half-life and affinities of bempegaldesleukin",
    "efavaleukin-sle": "no source gives its dose",
    "hammer": "no source gives the half-life of THOR-707",
    "meloni-1994": "no source gives the steps of its escalation",
    "whangbo-2019": "no source gives the dose of its weeks 3 and 4",
}
"""Regimens that no model can follow."""


def takes(name: str, regimen: str) -> bool:
    """Say whether a model has an entry for everything that a regimen gives."""
    taken = {(entry.drug, route) for entry in model(name).inputs for route in entry.routes}
    return all((dose.drug, dose.route) in taken for dose in expand(load(regimen)))


FOLLOWED = [
    (name, regimen) for name in MODELS for regimen in names() if regimen not in LEFT_OUT and takes(name, regimen)
]
INFUSED = [each for each in FOLLOWED if any(dose.duration > 0.0 for dose in expand(load(each[1])))]
AFTERWARDS = 28.0  # days after the last dose
STEP = math.pi / 10.0  # day between saves: all hours of the day in turn, and none on a dose
MINUTES = np.arange(0.5, 60.0) / (24.0 * 60.0)  # day after the end of an infusion
AGREEMENT = 1e-4  # relative, where a state exceeds a thousandth of its own largest value: the engine's promise
RELATIVE, ABSOLUTE = 1e-10, 1e-14  # CVODE's tolerances, the second of each state's size
TWO_METHODS = 1e-7  # what two tight solutions must agree to, to judge errors of 1e-4
SPLINTER = 1e-9  # day: doses that rounding alone sets apart
MOST_STEPS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """The typical patient of a model as compiled functions and numbers that CVODE takes."""

    initial: Floats
    availability: Floats
    lags: Floats
    rates: Callable[..., None]
    jacobian: Callable[..., None]


def without_events(name: str) -> System:
    return replace(model(name), events=())


def known_lines(system: System) -> list[str]:
    """Return the text that gives every name of the equations its value."""
    fixed = {name: parameter.value for name, parameter in system.parameters.items()}
    fixed |= {switch.name: switch.initial for switch in system.switches}
    lines = [f"{name} = {value!r}" for name, value in fixed.items()]
    lines += [f"{state.name} = state[{place}]" for place, state in enumerate(system.states)]
    return lines + [f"{each.name} = {sympy.pycode(each.expression)}" for each in system.definitions]


def slope_lines(system: System) -> Iterator[str]:
    """Yield the text of the Jacobian by the chain rule: first the slopes of definitions, then those of rates."""
    slopes: dict[str, dict[int, sympy.Expr]] = {state.name: {k: sympy.S.One} for k, state in enumerate(system.states)}

    def total(expression: sympy.Expr) -> dict[int, sympy.Expr]:
        found: dict[int, sympy.Expr] = {}
        for part in sorted(expression.free_symbols & {symbol(name) for name in slopes}, key=str):
            for place, slope in slopes[part.name].items():
                found[place] = found.get(place, sympy.S.Zero) + expression.diff(part) * slope
        return found

    for each in system.definitions:
        found = total(each.expression)
        yield from (f"slope_{each.name}_{place} = {sympy.pycode(slope)}" for place, slope in found.items())
        slopes[each.name] = {place: symbol(f"slope_{each.name}_{place}") for place in found}
    for row, rate in enumerate(system.rates()):
        yield from (f"out[{row}, {place}] = {sympy.pycode(slope)}" for place, slope in total(rate).items())


def compiled(arguments: str, lines: list[str]) -> Callable[..., None]:
    space = {"math": math}
    exec("\n    ".join([f"def function({arguments}):", *lines]), space)  # text of names and numbers printed above
    return njit(space["function"], error_model="numpy")


@cache
def plain(name: str) -> Plain:
    """Return a model for CVODE; compiled once for all regimens."""
    system = without_events(name)
    values = {symbol(key): parameter.value for key, parameter in system.parameters.items()}

    def numbers(expressions: list[sympy.Expr]) -> Floats:
        return np.array(sympy.lambdify(list(values), expressions, modules="math")(*values.values()), dtype=float)

    rates = [f"out[{row}] = inflow[{row}] + {sympy.pycode(rate)}" for row, rate in enumerate(system.rates())]
    known = known_lines(system)
    return Plain(
        initial=numbers([state.initial for state in system.states]),
        availability=numbers([entry.bioavailability for entry in system.inputs]),
        lags=numbers([entry.lag for entry in system.inputs]),
        rates=compiled("time, state, out, inflow", [*known, *rates]),
        jacobian=compiled("time, state, rates, out, inflow", [*known, *slope_lines(system)]),
    )


def posed(name: str, regimen: str) -> Problem:
    """Return a regimen from its first to four weeks after its last dose in the typical patient."""
    system, administrations = without_events(name), expand(load(regimen))
    doses = planned_doses(
        system,
        administrations,
        bsa=np.array([REFERENCE_BSA.value]),
        weight=np.array([REFERENCE_WEIGHT.value]),
    )
    horizon = float((doses.times + doses.durations).max()) + AFTERWARDS
    return Problem(
        system=system,
        parameters=np.array([[each.value for each in system.parameters.values()]]),
        doses=doses,
        horizon=horizon,
        save_times=np.arange(0.1, horizon, STEP),
        save=tuple(state.name for state in system.states),
        examinations=np.zeros(0),
    )


def by_cvode(problem: Problem, model: Plain) -> Floats:
    """Return the states (k, n) at the save times, integrated anew from each dose, and end of a dose, to the next."""
    doses, system = problem.doses, problem.system
    place = {state.name: position for position, state in enumerate(system.states)}
    targets = np.array([place[entry.state] for entry in system.inputs])[doses.inputs]
    amounts = doses.amounts[0] * model.availability[doses.inputs]
    starts = doses.times + model.lags[doses.inputs]
    ends = starts + doses.durations
    inflow = np.zeros(model.initial.size)
    solver = CVODE(
        lambda time, state, out: model.rates(time, state, out, inflow),
        jacfn=lambda time, state, rates, out: model.jacobian(time, state, rates, out, inflow),
        rtol=RELATIVE,
        atol=ABSOLUTE * np.array([state.size for state in system.states]),
        max_num_steps=MOST_STEPS,
    )
    edges = np.unique([0.0, *starts, *ends, problem.horizon])
    edges = edges[(edges <= problem.horizon) & np.append(True, np.diff(edges) > SPLINTER)]
    state, kept = model.initial.copy(), np.empty((problem.save_times.size, model.initial.size))
    for first, last in pairwise(edges):
        entering = (doses.durations == 0.0) & (np.abs(starts - first) <= SPLINTER)
        np.add.at(state, targets[entering], amounts[entering])
        middle = (first + last) / 2.0
        running = (starts < middle) & (middle < ends)
        inflow[:] = 0.0
        np.add.at(inflow, targets[running], amounts[running] / doses.durations[running])
        between = (first < problem.save_times) & (problem.save_times < last)
        since = np.concatenate(([0.0], problem.save_times[between] - first, [last - first]))
        found = solver.solve(since, state)  # from zero: no equation names time, and small times are exact
        assert found.success, found.message
        if between.any():
            kept[between] = found.y[1:-1]
        state = found.y[-1].copy()
    return kept


def largest_difference(problem: Problem, found: Floats, exact: Floats) -> float:
    """Return the largest relative difference where a state exceeds a thousandth of its own largest value.

    What is below the absolute tolerance that CVODE was given is zero. A logarithm counts as at least one: its error
    is the relative error of what it is the logarithm of.
    """
    size = np.abs(exact)
    zero = ABSOLUTE * np.array([state.size for state in problem.system.states])
    counts = size > np.maximum(1e-3 * size.max(axis=0), zero)
    logarithms = [name.startswith("log_") for name in problem.save]
    size[:, logarithms] = np.maximum(size[:, logarithms], 1.0)
    return float((np.abs(found - exact) / np.where(counts, size, np.inf)).max())


def test_every_regimen_is_followed_in_some_model_or_left_out_for_a_reason() -> None:
    unknown = {name for name in names() if any(dose.amount is None for dose in expand(load(name)))}

    followed = {regimen for _, regimen in FOLLOWED}

    assert followed | set(LEFT_OUT) == set(names())
    assert not followed & set(LEFT_OUT)
    assert unknown <= set(LEFT_OUT)
    assert not [name for name in LEFT_OUT if name not in unknown and any(takes(each, name) for each in MODELS)]


@pytest.mark.parametrize("name", MODELS)
def test_cvode_agrees_with_the_plain_engine(name: str) -> None:
    fewest = min((len(expand(load(regimen))), regimen) for each, regimen in FOLLOWED if each == name)
    problem = posed(name, fewest[1])

    found, exact = by_cvode(problem, plain(name)), solve(problem, backend=Backend.REFERENCE)

    assert largest_difference(problem, found, exact.values[0]) < TWO_METHODS


@pytest.mark.parametrize(("name", "regimen"), FOLLOWED)
def test_all_states_agree_over_the_full_length(name: str, regimen: str) -> None:
    problem = posed(name, regimen)

    found, exact = solve(problem, threads=1), by_cvode(problem, plain(name))

    assert found.status.tolist() == [Status.REACHED_HORIZON]
    assert np.array_equal(found.given, problem.doses.amounts)
    assert largest_difference(problem, found.values[0], exact) < AGREEMENT


@pytest.mark.parametrize(("name", "regimen"), INFUSED)
def test_all_states_agree_in_every_minute_of_the_hour_after_an_infusion(name: str, regimen: str) -> None:
    problem = posed(name, regimen)
    ends = np.unique(problem.doses.times + problem.doses.durations)
    last = ends[np.diff(ends, append=np.inf) > MINUTES[-1]]
    problem = replace(problem, save_times=(last[:, None] + MINUTES).ravel())

    found, exact = solve(problem, threads=1), by_cvode(problem, plain(name))

    assert largest_difference(problem, found.values[0], exact) < AGREEMENT
