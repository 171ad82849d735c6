"""From administrations as a protocol means them to arrays of doses for every patient."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import ModelError
from trialeukin.core.units import convert
from trialeukin.engine.problem import Doses, Fate
from trialeukin.model.system import System
from trialeukin.regimen.administration import Administration, Per

HOURS_A_DAY = 24.0

AmountIn: TypeAlias = Callable[[str, float, str, str], float]
"""Drug, amount, its unit and the unit wanted, to the amount in that unit (a product's conversion)."""


def physical_amount(drug: str, amount: float, source: str, target: str) -> float:
    """Return an amount in another unit of the same dimension, whatever the drug."""
    del drug
    return convert(amount, source, target)


def planned_doses(  # noqa: PLR0913
    system: System,
    administrations: Sequence[Administration],
    *,
    bsa: Floats,
    weight: Floats,
    start_day: float = 0.0,
    fates: Integers | None = None,
    amount_in: AmountIn = physical_amount,
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
        How amounts of a drug are converted; by default only between units of one dimension.

    Raises
    ------
    ModelError
        When a dose is unknown, or the model takes no such drug by that route.
    """
    entries = [_input_of(system, each) for each in administrations]
    columns = [
        _amounts(each, system.states[_state_of(system, entry)].unit, bsa=bsa, weight=weight, amount_in=amount_in)
        for each, entry in zip(administrations, entries, strict=True)
    ]
    starts = np.array([start_day + each.start / HOURS_A_DAY for each in administrations], dtype=np.float64)
    order = np.argsort(starts, kind="stable")
    shape = (bsa.size, len(columns))
    settled = np.full(shape, int(Fate.GIVEN), dtype=np.int64) if fates is None else np.asarray(fates, dtype=np.int64)
    amounts = np.stack(columns, axis=1) if columns else np.zeros(shape)
    return Doses(
        times=starts[order],
        durations=np.array([each.duration / HOURS_A_DAY for each in administrations], dtype=np.float64)[order],
        inputs=np.array(entries, dtype=np.int64)[order],
        amounts=np.ascontiguousarray(amounts[:, order]),
        fates=np.ascontiguousarray(settled[:, order]),
    )


def _input_of(system: System, administration: Administration) -> int:
    for position, entry in enumerate(system.inputs):
        if entry.drug == administration.drug and administration.route in entry.routes:
            return position
    known = "; ".join(f"{entry.drug} {', '.join(route.value for route in entry.routes)}" for entry in system.inputs)
    message = (
        f"{administration.drug} {administration.route.value} enters nowhere in model {system.name}: "
        f"it takes {known or 'no drug'}; change the route or choose a model that has it"
    )
    raise ModelError(message)


def _state_of(system: System, entry: int) -> int:
    return [state.name for state in system.states].index(system.inputs[entry].state)


def _amounts(each: Administration, target: str, *, bsa: Floats, weight: Floats, amount_in: AmountIn) -> Floats:
    if each.amount is None:
        message = (
            f"{each.drug} {each.route.value} at {each.start:g} h: its dose is not known, so it cannot be simulated"
        )
        raise ModelError(f"{message}; give an amount")
    scale = {Per.PATIENT: np.ones_like(bsa), Per.SQUARE_METRE: bsa, Per.KILOGRAM: weight}[each.per]
    scaled = each.amount * scale
    capped = scaled if each.cap is None else np.minimum(scaled, each.cap)
    return capped * amount_in(each.drug, 1.0, each.unit, target)
