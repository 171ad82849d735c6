"""From administrations as a protocol means them to arrays of doses for every patient."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from trialeukin.core.arrays import Floats, Integers, check_arrays
from trialeukin.core.errors import InputError, ModelError
from trialeukin.engine.problem import Doses, Fate, Manner
from trialeukin.model.system import System
from trialeukin.regimen.administration import Administration, Route
from trialeukin.regimen.body import amounts
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.products import amount_in, lacking

AmountIn: TypeAlias = Callable[[str, float, str, str], float]
"""Drug, amount, its unit and the unit wanted, to the amount in that unit (a product's conversion)."""


def planned_doses(  # noqa: PLR0913
    system: System,
    administrations: Sequence[Administration],
    *,
    bsa: Floats,
    weight: Floats,
    start_day: float = 0.0,
    fates: Integers | None = None,
    amount_in: AmountIn = amount_in,
) -> Doses:
    """Return every patient's planned doses in the units of the states they enter.

    amount = min(amount per patient, m2 or kg * (1, bsa or weight), cap), then converted

    Parameters
    ----------
    system : System
        The model, whose inputs say which drug enters where by which route.
    administrations : sequence of Administration
        The expanded regimen.
    bsa, weight : (n,), m2 and kg
        The patients'.
    start_day : float, day
        When the regimen's first day starts, from time zero of the trajectory.
    fates : (n, d), 1
        What is already settled of each administration, in their order; by default all are given.
    amount_in : callable
        How amounts of a drug are converted; by default as its product says.

    Raises
    ------
    ModelError
        When the model takes no such drug by that route.
    InputError
        When a dose is unknown, or fates are not one for each patient and administration.
    """
    check_arrays({"bsa": bsa, "weight": weight})
    if isinstance(administrations, Regimen):
        raise InputError("administrations: a regimen as it is written: give those that it comes to, expand(regimen)")
    entries = [input_of(system, each.drug, each.route) for each in administrations]
    columns = [
        amounts(each, bsa, weight) * amount_in(each.drug, 1.0, each.unit, _unit_at(system, entry))
        for each, entry in zip(administrations, entries, strict=True)
    ]
    starts = np.array([start_day + each.start / HOURS for each in administrations], dtype=np.float64)
    order = np.argsort(starts, kind="stable")
    shape = (bsa.size, len(columns))
    settled = np.full(shape, int(Fate.GIVEN), dtype=np.int64) if fates is None else np.asarray(fates, dtype=np.int64)
    if settled.shape != shape:
        raise InputError(f"fates of shape {settled.shape}: give {shape}, one for each patient and administration")
    scaled = np.stack(columns, axis=1) if columns else np.zeros(shape)
    return Doses(
        times=starts[order],
        durations=np.array([each.duration / HOURS for each in administrations], dtype=np.float64)[order],
        inputs=np.array(entries, dtype=np.int64)[order],
        manners=np.full(len(entries), int(Manner.PLAIN), dtype=np.int64),
        amounts=np.ascontiguousarray(scaled[:, order]),
        fates=np.ascontiguousarray(settled[:, order]),
        begins_cycle=np.array([each.begins_cycle for each in administrations], dtype=np.bool_)[order],
    )


def input_of(system: System, drug: str, route: Route) -> int:
    """Return the index of the input at which a drug enters by a route.

    Raises
    ------
    ModelError
        When it enters nowhere; the message lists what does.
    """
    for position, entry in enumerate(system.inputs):
        if entry.drug == drug and route in entry.routes:
            return position
    known = "; ".join(f"{entry.drug} {', '.join(each.value for each in entry.routes)}" for entry in system.inputs)
    taken = any(entry.drug == drug for entry in system.inputs)
    unknown = () if taken else lacking(drug)
    reason = f"no source at hand gives its {', '.join(unknown)}; " if unknown else ""
    message = (
        f"{drug} {route.value} enters nowhere in model {system.name}: "
        f"{reason}it takes {known or 'no drug'}; change the route or choose a model that has it"
    )
    raise ModelError(message)


def _unit_at(system: System, entry: int) -> str:
    """Return the unit of the state that an input enters."""
    return next(state.unit for state in system.states if state.name == system.inputs[entry].state)
