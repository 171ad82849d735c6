"""Windows of time in which exposures are summarised: cut into stretches for a run, put together after it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.engine.problem import Problem
from trialeukin.engine.quantities import places


def exposure_places(problem: Problem) -> Integers:
    """Return where the quantity of each exposure stands in the view."""
    asked = tuple(each.quantity for each in problem.exposures)
    return np.array(places(problem.system, asked, asked_by="exposures"), dtype=np.int64)


def windows_of(problem: Problem) -> tuple[tuple[float, float], ...]:
    """Return the windows asked for, or the whole course."""
    return problem.windows or ((0.0, float(problem.horizon)),)


def window_edges(problem: Problem) -> Floats:
    """Return where windows start and end, (g + 1,), increasing: between two of them no window does."""
    return np.unique(np.array(windows_of(problem), dtype=np.float64))


def check_windows(problem: Problem) -> None:
    """Raise where a window or a threshold has no meaning.

    Raises
    ------
    InputError
        When a window is empty or outside the course, or a threshold is not a number.
    """
    for start, end in problem.windows:
        if not 0.0 <= start < end <= problem.horizon:
            allowed = f"give 0 <= start < end <= the horizon, {problem.horizon:g} day"
            raise InputError(f"window {start:g} to {end:g} day: {allowed}")
    for each in problem.exposures:
        if np.isnan(each.threshold):
            raise InputError(f"threshold of {each.quantity} is not a number: give one, or infinity for none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a run finds of each stretch: arrays of (n, g, x), see `Trajectories`; ``reached`` is (n,)."""

    lowest: Floats
    lowest_at: Floats
    highest: Floats
    highest_at: Floats
    area: Floats
    above: Floats
    reached: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSlopes:
    """How it changes with m parameters: arrays of (n, g, x m)."""

    lowest_slopes: Floats
    highest_slopes: Floats
    area_slopes: Floats
    above_slopes: Floats


def put_together(problem: Problem, found: Measured) -> dict[str, Any]:
    """Return the windows of a problem and the exposures in each, as `Trajectories` has them."""
    inside = _inside(problem)
    lowest = [_extreme(found.lowest[:, held], found.lowest_at[:, held], sign=-1.0) for held in inside]
    highest = [_extreme(found.highest[:, held], found.highest_at[:, held], sign=1.0) for held in inside]
    return {
        "windows": windows_of(problem),
        "lowest": np.stack([value for value, _ in lowest], axis=1),
        "lowest_at": np.stack([time for _, time in lowest], axis=1),
        "highest": np.stack([value for value, _ in highest], axis=1),
        "highest_at": np.stack([time for _, time in highest], axis=1),
        "area": _total(found.area, found.reached, inside),
        "above": _total(found.above, found.reached, inside),
    }


def put_slopes_together(problem: Problem, found: Measured, slopes: MeasuredSlopes) -> dict[str, Floats]:
    """Return the slopes of exposures in each window, (n, w, x, m) each."""
    inside, parameters = _inside(problem), len(problem.sensitive_to)

    def apart(each: Floats) -> Floats:
        return each.reshape(*each.shape[:2], len(problem.exposures), parameters)

    lowest, highest = apart(slopes.lowest_slopes), apart(slopes.highest_slopes)
    return {
        "lowest": np.stack([_at_extreme(found.lowest, lowest, held, sign=-1.0) for held in inside], axis=1),
        "highest": np.stack([_at_extreme(found.highest, highest, held, sign=1.0) for held in inside], axis=1),
        "area": apart(_total(slopes.area_slopes, found.reached, inside)),
        "above": apart(_total(slopes.above_slopes, found.reached, inside)),
    }


def _inside(problem: Problem) -> Booleans:
    """Return whether each window holds each stretch, (w, g)."""
    edges, bounds = window_edges(problem), np.array(windows_of(problem), dtype=np.float64)
    return np.asarray((edges[:-1] >= bounds[:, :1]) & (edges[1:] <= bounds[:, 1:]))


def _at_extreme(values: Floats, slopes: Floats, held: Booleans, *, sign: float) -> Floats:
    best = _best(values[:, held], sign=sign)
    return np.take_along_axis(slopes[:, held], best[..., np.newaxis], axis=1)[:, 0]


def _total(amounts: Floats, reached: Integers, inside: Booleans) -> Floats:
    """Return sums over the stretches that were reached; NaN where none was."""
    entered = np.arange(amounts.shape[1]) < reached[:, np.newaxis]
    sums = [np.where(entered[:, held, np.newaxis], amounts[:, held], 0.0).sum(axis=1) for held in inside]
    never = [~entered[:, held].any(axis=1) for held in inside]
    return np.where(np.stack(never, axis=1)[:, :, np.newaxis], np.nan, np.stack(sums, axis=1))


def _extreme(values: Floats, at: Floats, *, sign: float) -> tuple[Floats, Floats]:
    best = _best(values, sign=sign)
    return np.take_along_axis(values, best, axis=1)[:, 0], np.take_along_axis(at, best, axis=1)[:, 0]


def _best(values: Floats, *, sign: float) -> Integers:
    """Return in which stretch each extreme is, (n, 1, x)."""
    signed = np.where(np.isnan(values), -np.inf, sign * values)
    return np.asarray(signed.argmax(axis=1)[:, np.newaxis], dtype=np.int64)
