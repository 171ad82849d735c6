"""Exposures by the plain engine: quadrature, minimisation and root finding of SciPy on every step.

Steps of the plain engine are short, so that a quantity turns or crosses a threshold at most once between two
of the points looked at.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import fixed_quad
from scipy.optimize import brentq, minimize_scalar

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.engine.problem import Problem
from trialeukin.engine.windows import Measured, window_edges

LOOKS = 7  # points of a step, both ends included
NARROW = 1e-10  # of a step, to which a turn is found

Course = Callable[[float], Floats]
"""Time to the quantities, (x,)."""


@dataclass(slots=True, kw_only=True)
class ReferenceGauge:
    """What is known of one patient's exposures; arrays of (g, x), as in `trialeukin.engine.plan.Results`."""

    edges: Floats
    thresholds: Floats
    summed: Booleans
    lowest: Floats
    lowest_at: Floats
    highest: Floats
    highest_at: Floats
    area: Floats
    above: Floats
    reached: int = 0

    @classmethod
    def of(cls, problem: Problem) -> "ReferenceGauge":
        """Return a gauge that has seen nothing yet."""
        edges = window_edges(problem)
        shape = (edges.size - 1, len(problem.exposures))
        names = set(cls.__dataclass_fields__) - _GIVEN
        found: dict[str, Any] = {name: np.full(shape, np.nan) for name in names}
        thresholds = np.array([each.threshold for each in problem.exposures], dtype=np.float64)
        areas = np.array([each.area for each in problem.exposures], dtype=np.bool_)
        return cls(edges=edges, thresholds=thresholds, summed=areas | (thresholds < np.inf), **found)

    def measure(self, course: Course, start: float, end: float) -> None:
        """Add what happens between two times, where the course is smooth."""
        for stretch in range(self.edges.size - 1):
            first, last = max(start, self.edges[stretch]), min(end, self.edges[stretch + 1])
            if first < last:
                if self.reached <= stretch:
                    self.reached = stretch + 1
                    self.area[stretch] = np.where(self.summed, 0.0, np.nan)
                    self.above[stretch] = 0.0
                self._piece(course, stretch, first, last)

    def _piece(self, course: Course, stretch: int, start: float, end: float) -> None:
        times = np.linspace(start, end, LOOKS)
        looks = np.stack([course(float(time)) for time in times])

        def at_all(points: Floats) -> Floats:
            return np.stack([course(float(time)) for time in points], axis=1)

        self.area[stretch] += fixed_quad(at_all, start, end)[0]
        for asked, threshold in enumerate(self.thresholds.tolist()):
            values = looks[:, asked]
            for time, value in zip(times.tolist(), values.tolist(), strict=True):
                self._widen(stretch, asked, time, value)
            for sign in (1.0, -1.0):
                best = int(np.argmax(np.where(np.isnan(values), -np.inf, sign * values)))
                if 0 < best < LOOKS - 1 and np.isfinite(values).all():
                    self._turn(course, (stretch, asked), (float(times[best - 1]), float(times[best + 1])), sign)
            if threshold < np.inf:
                self.above[stretch, asked] += _time_above(course, asked, times, values - threshold, threshold)

    def _turn(self, course: Course, place: tuple[int, int], between: tuple[float, float], sign: float) -> None:
        stretch, asked = place
        time = top_of(lambda time: sign * float(course(time)[asked]), between)
        self._widen(stretch, asked, time, float(course(time)[asked]))

    def _widen(self, stretch: int, asked: int, time: float, value: float) -> None:
        if value < self.lowest[stretch, asked] or (np.isnan(self.lowest[stretch, asked]) and not np.isnan(value)):
            self.lowest[stretch, asked], self.lowest_at[stretch, asked] = value, time
        if value > self.highest[stretch, asked] or (np.isnan(self.highest[stretch, asked]) and not np.isnan(value)):
            self.highest[stretch, asked], self.highest_at[stretch, asked] = value, time


_GIVEN = {"edges", "thresholds", "summed", "reached"}


def top_of(height: Callable[[float], float], between: tuple[float, float]) -> float:
    """Return where a course is highest between two times, at one of which it rises and at the other falls."""
    narrow = NARROW * (between[1] - between[0])
    found = minimize_scalar(lambda time: -height(time), bounds=between, method="bounded", options={"xatol": narrow})
    return float(found.x)


def peak_of(height: Callable[[float], float], start: float, end: float) -> float:
    """Return the highest value of a course in a step; what is no number is left out, and nothing but such is none."""
    times = np.linspace(start, end, LOOKS).tolist()
    values = [height(time) for time in times]
    best = int(np.argmax([-np.inf if np.isnan(value) else value for value in values]))
    if 0 < best < LOOKS - 1 and np.isfinite(values).all():
        return max(values[best], height(top_of(height, (times[best - 1], times[best + 1]))))
    return values[best]


def _time_above(course: Course, asked: int, times: Floats, over: Floats, threshold: float) -> float:
    total = 0.0
    for start, end, before, after in zip(times[:-1], times[1:], over[:-1], over[1:], strict=True):
        if (before > 0.0) == (after > 0.0):
            total += end - start if before > 0.0 else 0.0
        else:
            at = brentq(lambda time: course(time)[asked] - threshold, start, end)
            total += at - start if before > 0.0 else end - at
    return total


def stacked(problem: Problem, gauges: Sequence[ReferenceGauge]) -> Measured:
    """Return what gauges know, patient after patient."""
    shape = (len(gauges), window_edges(problem).size - 1, len(problem.exposures))
    names = [name for name in Measured.__dataclass_fields__ if name != "reached"]
    arrays = {name: np.array([getattr(each, name) for each in gauges]).reshape(shape) for name in names}
    return Measured(**arrays, reached=np.array([each.reached for each in gauges], dtype=np.int64))
