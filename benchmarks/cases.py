"""What is compared: one schedule that every solver can run."""

from dataclasses import replace

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.random import Stream
from trialeukin.core.units import convert
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.regimen.products import product, to_pmol

MODEL = "aml-maintenance"
SCHEDULE = "aldesleukin 1 MIU/m2 sc on days 1-14 repeat every 28 days for 12 cycles"
SPREAD = 0.3
SEED = 19_808
BODY_SURFACE, BODY_WEIGHT = "body_surface_area", 70.0  # a parameter in m2, and kg, which no dose here looks at
DAYS = 3 * 365
NOON = 0.5  # day; no output falls on a dose or its lag, where solvers may mean before or after


def maintenance(patients: int, *, days: int = DAYS, name: str = MODEL) -> Problem:
    """Return daily doses in cycles over three years, every state kept daily, no event and no rule.

    Parameters
    ----------
    patients : int
        How many; the first ones are the same whatever the number.
    days : int
        The horizon, by default three years.
    name : str
        The model, whose events are left out: most solvers have none.
    """
    system = replace(model(name), events=())
    administrations = [each for each in expand(parse(SCHEDULE)) if each.start / 24.0 < days]
    return Problem(
        system=system,
        parameters=spread_parameters(system, patients),
        doses=planned_doses(
            system,
            administrations,
            bsa=np.full(patients, system.parameters[BODY_SURFACE].value),
            weight=np.full(patients, BODY_WEIGHT),
            amount_in=_amount_in,
        ),
        horizon=float(days),
        save_times=np.arange(days) + NOON,
        save=tuple(state.name for state in system.states),
        examinations=np.empty(0),
    )


def repeated(problem: Problem, copies: int) -> Problem:
    """Return a problem with each patient several times, so that few patients fill lanes as many would."""
    doses = problem.doses
    return replace(
        problem,
        parameters=np.tile(problem.parameters, (copies, 1)),
        doses=replace(doses, amounts=np.tile(doses.amounts, (copies, 1)), fates=np.tile(doses.fates, (copies, 1))),
    )


def spread_parameters(system: System, patients: int) -> Floats:
    """Return one row a patient: every positive number that is not exactly known is spread log-normally.

    Fractions are moved on the logit scale, by as much. Constants of nature, covariates, decimal logarithms
    of a burden and thresholds of events stay as they are.
    """
    indices = np.arange(patients)
    columns = []
    for name, parameter in system.parameters.items():
        values = np.full(patients, parameter.value)
        if _is_spread(parameter):
            deviations = SPREAD * Stream(SEED, f"benchmark/{name}").normal(indices)[:, 0]
            values = parameter.scale.shift(values, deviations)
        columns.append(values)
    return np.stack(columns, axis=1)


def spread_names(system: System) -> tuple[str, ...]:
    """Return the parameters that `spread_parameters` moves, in the system's order."""
    return tuple(name for name, parameter in system.parameters.items() if _is_spread(parameter))


def _is_spread(parameter: Parameter) -> bool:
    known = parameter.between_patients == 0.0 and parameter.uncertainty == 0.0
    return parameter.scale in {Scale.LOG, Scale.LOGIT} and not known


def _amount_in(drug: str, amount: float, source: str, target: str) -> float:
    return to_pmol(amount, source, product(drug)) * convert(1.0, "pmol", target)
