"""What one parameter does: the typical patient's courses at its value and at another, under one regimen."""

import math
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError, ParameterError
from trialeukin.core.parameter import Parameter, Scale
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Exposure, Problem
from trialeukin.engine.quantities import names, place, unit_of
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.model.system import System
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.trial.fans import meaning_of
from trialeukin.trial.patient_measures import concentrations
from trialeukin.trial.response import CELLS, Body, days_followed, typical_row

WITHOUT_DOSES = 365.0  # days followed
POINTS = 500
REACH = 3.0  # standard deviations of both spreads together, to either side of a parameter's value
LEAST_REACH = math.log(2.0)  # on the log and logit scales, for what has small spreads or none
LARGEST = 1e3  # times, to either side, on the log scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Extremes:
    """The lowest and highest a quantity gets, and where it ends, at either value of the parameter.

    Attributes
    ----------
    quantity, unit, meaning : str
        As the model has them.
    lowest, highest, last : (usual, other), ``unit``
        NaN where the course ended before.
    """

    quantity: str
    unit: str
    meaning: str
    lowest: tuple[float, float]
    highest: tuple[float, float]
    last: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterEffect:
    """Two courses of one quantity.

    Attributes
    ----------
    parameter : str
        Its name.
    usual, other : float, the parameter's unit
        The values that are compared.
    quantity, unit : str
        What is followed.
    times : (k,), day
        From the regimen's first day.
    courses : (2, k), ``unit``
        At the usual value, then at the other; NaN after death.
    extremes : tuple of Extremes
        Of that quantity, then of others that the model is looked at for.
    """

    parameter: str
    usual: float
    other: float
    quantity: str
    unit: str
    times: Floats
    courses: Floats
    extremes: tuple[Extremes, ...]


def effect_of(
    system: System, regimen: Regimen, *, parameter: str, value: float, quantity: str, days: float | None = None
) -> ParameterEffect:
    """Return the typical patient's courses at a parameter's value and at another.

    Parameters
    ----------
    system : System
        The model.
    regimen : Regimen
        What is planned, for a body of 1.84 m2 and 70 kg; it may have no doses.
    parameter : str
        Which one is changed.
    value : float, its unit
        What it is changed to.
    quantity : str
        What is followed.
    days : float, day
        How long; until some weeks past the last dose if left out (`trialeukin.trial.response.days_followed`).

    Raises
    ------
    InputError
        When a name is unknown, the model cannot follow the regimen, or a value makes no sense, so that the course it
        gives cannot be followed to its end, or there are doses later than are followed.
    """
    usual = named_parameter(system, parameter)
    other = usual.with_value(value)
    place(system, quantity, asked_by="what is followed")
    usually = days_followed([regimen]) if expand(regimen) else WITHOUT_DOSES
    horizon = usually if days is None else days
    times = np.linspace(0.0, horizon, POINTS + 1)
    looked_at = _looked_at(system, quantity)
    rows, changed = np.tile(typical_row(system, Body()), (2, 1)), list(system.parameters).index(parameter)
    rows[1, changed] = other.value
    found = _followed(system, regimen, rows, times, looked_at)
    return ParameterEffect(
        parameter=parameter,
        usual=float(rows[0, changed]),
        other=other.value,
        quantity=quantity,
        unit=unit_of(system, quantity),
        times=times,
        courses=found.value(quantity),
        extremes=tuple(_extremes(system, found, name, column) for column, name in enumerate(looked_at)),
    )


def named_parameter(system: System, name: str) -> Parameter:
    """Return a parameter by its name.

    Raises
    ------
    ParameterError
        When the model has none of that name; the message has the nearest.
    """
    if name not in system.parameters:
        raise ParameterError(
            f"model {system.name} has no parameter {name!r}{did_you_mean(name, system.parameters)}; "
            f"it has {len(system.parameters)}, which its page lists"
        )
    return system.parameters[name]


def range_of(parameter: Parameter, *, deviations: float = REACH) -> tuple[float, float]:
    """Return the values so many deviations of both spreads together to either side of a parameter's value.

    On the log scale at least a factor of two and at most `LARGEST`; on the linear one at least half the value.
    """
    spread = deviations * math.hypot(parameter.between_patients, parameter.uncertainty)
    match parameter.scale:
        case Scale.LOG | Scale.EXPONENTIAL:
            reach = min(max(spread, LEAST_REACH), math.log(LARGEST))
            return parameter.value * math.exp(-reach), parameter.value * math.exp(reach)
        case Scale.LOGIT:
            low, high = parameter.scale.shift(
                np.full(2, parameter.value), np.array([-1.0, 1.0]) * max(spread, LEAST_REACH)
            )
            return float(low), float(high)
        case Scale.LINEAR:
            reach = max(spread, abs(parameter.value) / 2.0) or 1.0
            return parameter.value - reach, parameter.value + reach


def _looked_at(system: System, quantity: str) -> tuple[str, ...]:
    known = names(system)
    return tuple(dict.fromkeys((quantity, *concentrations(system), *(name for name in CELLS if name in known))))


def _followed(
    system: System, regimen: Regimen, rows: Floats, times: Floats, looked_at: tuple[str, ...]
) -> Trajectories:
    planned = tuple(dose for dose in expand(regimen) if dose.start / HOURS <= times[-1])
    if any(dose.amount is None for dose in planned):
        raise InputError("a dose of the regimen is not known: write it with the dose you mean")
    found = solve(
        Problem(
            system=system,
            parameters=rows,
            doses=planned_doses(
                system,
                planned,
                bsa=np.full(2, Body().bsa),
                weight=np.full(2, Body().weight),
            ),
            rules=regimen.rules,
            horizon=float(times[-1]),
            save_times=times,
            save=looked_at,
            examinations=np.arange(30.0, times[-1], 30.0),
            exposures=tuple(Exposure(quantity=name, area=False) for name in looked_at),
        )
    )
    if found.failed.any():
        ended = ", ".join(sorted({Status(int(each)).name.lower() for each in found.status[found.failed]}))
        raise InputError(f"the course could not be followed to its end ({ended}): try a value nearer to the usual one")
    return found


def _extremes(system: System, found: Trajectories, name: str, column: int) -> Extremes:
    values = found.value(name)
    low, high = found.lowest[:, 0, column], found.highest[:, 0, column]
    return Extremes(
        quantity=name,
        unit=unit_of(system, name),
        meaning=meaning_of(system, name),
        lowest=(float(low[0]), float(low[1])),
        highest=(float(high[0]), float(high[1])),
        last=(float(values[0, -1]), float(values[1, -1])),
    )
