"""Quantiles over patients of what a trajectory keeps, and courses of a few chosen patients."""

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.engine.quantities import unit_of
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.trial.arm_result import FAN_LEVELS, Course, Fan
from trialeukin.trial.pair import Pair


def fans_of(trajectories: Trajectories, system: System) -> tuple[Fan, ...]:
    """Return one fan a kept quantity, over the patients who are alive at each time."""
    return tuple(
        Fan(
            quantity=name,
            unit=unit_of(system, name),
            meaning=meaning_of(system, name),
            times=trajectories.times,
            quantiles=alive_quantiles(trajectories.value(name)[~trajectories.failed]),
            patients=int((~trajectories.failed).sum()),
        )
        for name in trajectories.save
    )


def alive_quantiles(values: Floats) -> Floats:
    """Return quantiles of (n, k) values at `FAN_LEVELS`, (5, k); NaN values are left out.

    Where nobody is left the quantiles are NaN.
    """
    quantiles = np.full((len(FAN_LEVELS), values.shape[1]), np.nan)
    ordered, alive = np.sort(values, axis=0), (~np.isnan(values)).sum(axis=0)
    for count in np.unique(alive[alive > 0]):
        same = alive == count
        quantiles[:, same] = _of_ordered(ordered[:count, same])
    return quantiles


def _of_ordered(values: Floats) -> Floats:
    """Return the quantiles of (n, k) values that ascend in each column, (5, k): those of `numpy.quantile`, to the bit.

    That sorts once more.
    """
    places = np.array(FAN_LEVELS) * (len(values) - 1)
    below = places.astype(np.int64)
    share = (places - below)[:, None]
    low, high = values[below], values[np.minimum(below + 1, len(values) - 1)]
    return np.where(share < 0.5, low + (high - low) * share, high - (high - low) * (1.0 - share))


def chosen_patients(pair: Pair) -> tuple[tuple[int, str], ...]:
    """Return the first patient of each fate under the two arms, with words for it."""
    control, treated = np.isfinite(pair.control.relapse), np.isfinite(pair.treated.relapse)
    fates = (
        (control & treated, "relapses under both arms"),
        (control & ~treated, "relapses under control only"),
        (~control & treated, "relapses under treatment only"),
        (~control & ~treated, "relapses under neither arm"),
    )
    found = [(np.flatnonzero(fate & pair.valid), words) for fate, words in fates]
    return tuple((int(places[0]), words) for places, words in found if places.size)


def courses_of(trajectories: Trajectories, system: System, chosen: tuple[tuple[int, str], ...]) -> tuple[Course, ...]:
    """Return every kept quantity of chosen patients, given by their places."""
    return tuple(
        Course(
            patient=place,
            label=words,
            quantity=name,
            unit=unit_of(system, name),
            times=trajectories.times,
            values=trajectories.value(name)[place],
        )
        for place, words in chosen
        for name in trajectories.save
    )


def meaning_of(system: System, name: str) -> str:
    """Return what a state, switch or definition is, in words."""
    for group in (system.states, system.definitions, system.switches):
        for each in group:
            if each.name == name:
                return each.meaning
    return ""
