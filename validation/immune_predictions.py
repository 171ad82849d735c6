"""Simulate what the targets observed, and read off what they read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from immune_targets import Patient, Reading, Scenario, Target

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Doses, Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.fitted import fitted
from trialeukin.model.whole import model
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.regimen.products import product, to_pmol

MODEL = "il2-immune"
BSA, WEIGHT = 1.8, 70.0
LINEAR_CLEARANCE_ON_DIALYSIS = 0.4  # Kamikawa 2008: about 40 % of that with normal kidneys
POINTS_AT_MOST, POINTS_A_DAY = 400, 96
MINUTES, HOURS = 1440.0, 24.0
TO_MILLILITRES_A_MINUTE = 1000.0 / MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Saved quantities of r parameter rows at k times (day), with the doses that were given."""

    times: Floats
    values: Mapping[str, Floats]
    doses: Doses


def predict(targets: Sequence[Target], rows: Sequence[Mapping[str, float]]) -> Floats:
    """Return what the model says of every target at every row of parameters.

    Parameters
    ----------
    targets : sequence of t Target
        What to read.
    rows : sequence of r mappings
        Parameters by name that differ from the model's; all the others stay.

    Returns
    -------
    (r, t), each target's unit
        The predictions.
    """
    predicted = np.empty((len(rows), len(targets)))
    for scenario in dict.fromkeys(target.scenario for target in targets):
        mine = [index for index, target in enumerate(targets) if target.scenario == scenario]
        curves = simulate(scenario, [targets[index] for index in mine], rows)
        for index in mine:
            predicted[:, index] = read(targets[index], curves)
    return predicted


def simulate(scenario: Scenario, targets: Sequence[Target], rows: Sequence[Mapping[str, float]]) -> Curves:
    """Return the quantities of some targets under one regimen, with zero always among the times."""
    system = model(MODEL)
    count = len(rows)
    doses = planned_doses(
        system,
        expand(parse(scenario.regimen)),
        bsa=np.full(count, BSA),
        weight=np.full(count, WEIGHT),
        amount_in=_picomoles,
    )
    times = np.unique(np.concatenate([[0.0], *(_grid(target) for target in targets)]))
    names = tuple(dict.fromkeys(["il2_auc", *(target.quantity for target in targets)]))
    problem = Problem(
        system=system,
        parameters=np.array([_row(scenario.patient, changed) for changed in rows]),
        doses=doses,
        horizon=float(times[-1]) + 1e-6,
        save_times=times,
        save=names,
        examinations=np.zeros(0),
        tolerance=Tolerance(relative=1e-6),
    )
    values = solve(problem).values
    return Curves(times=times, values={name: values[:, :, place] for place, name in enumerate(names)}, doses=doses)


def _picomoles(drug: str, amount: float, source: str, target: str) -> float:
    assert target == "pmol"
    return to_pmol(amount, source, product(drug))


def _grid(target: Target) -> Floats:
    points = int(np.clip((target.end - target.start) * POINTS_A_DAY, 12, POINTS_AT_MOST)) + 1
    return np.linspace(target.start, target.end, points)


def _row(patient: Patient, changed: Mapping[str, float]) -> Floats:
    values = {name: parameter.value for name, parameter in model(MODEL).parameters.items()}
    values |= {"marrow_gain": fitted("immune", "marrow_gain").value, **changed, "body_surface_area": BSA}
    if patient is not Patient.AML:
        values["marrow_gain"] = 1.0
    if patient is Patient.ANEPHRIC:
        values["il2_linear_clearance"] *= LINEAR_CLEARANCE_ON_DIALYSIS
    return np.array(list(values.values()))


def read(target: Target, curves: Curves) -> Floats:
    """Return one reading of every parameter row, (r,), in the target's unit."""
    inside = (curves.times >= target.start - 1e-9) & (curves.times <= target.end + 1e-9)
    times, values = curves.times[inside], curves.values[target.quantity][:, inside]
    start = curves.values[target.quantity][:, 0]
    exposure = np.ptp(curves.values["il2_auc"][:, inside], axis=1)  # it never falls
    readings: dict[Reading, Callable[[], Floats]] = {
        Reading.VALUE: lambda: values.mean(axis=1),
        Reading.CHANGE: lambda: values.mean(axis=1) / start,
        Reading.HIGHEST: lambda: values.max(axis=1),
        Reading.HIGHEST_CHANGE: lambda: values.max(axis=1) / start,
        Reading.HIGHEST_GAIN: lambda: values.max(axis=1) / start - 1.0,
        Reading.LOWEST: lambda: values.min(axis=1),
        Reading.LOWEST_CHANGE: lambda: values.min(axis=1) / start,
        Reading.AREA: lambda: exposure,
        Reading.CLEARANCE: lambda: _given(curves.doses, target.start, target.end) / exposure * TO_MILLILITRES_A_MINUTE,
        Reading.TIME_OF_HIGHEST: lambda: times[values.argmax(axis=1)] * HOURS,
        Reading.HALF_LIFE: lambda: np.log(2.0) * np.ptp(times) / np.log(values[:, 0] / values[:, -1]) * MINUTES,
    }
    return readings[target.reading]()


def _given(doses: Doses, start: float, end: float) -> Floats:
    """Return what was infused between two days, (n,), pmol."""
    ends = doses.times + doses.durations
    overlap = np.clip(np.minimum(ends, end) - np.maximum(doses.times, start), 0.0, None)
    share = np.divide(overlap, doses.durations, out=np.zeros_like(overlap), where=doses.durations > 0.0)
    return np.asarray(doses.amounts @ share)
