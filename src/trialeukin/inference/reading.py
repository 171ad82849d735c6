"""Reads a case's number off the courses of patients, from what the engine itself summarises of each window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.units import convert
from trialeukin.engine.problem import Doses, Exposure
from trialeukin.engine.trajectories import Trajectories
from trialeukin.inference.case import PERCENT, Case, Reading
from trialeukin.model.system import System

IN_PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the engine is to keep so that some cases can be read.

    Attributes
    ----------
    instants : (k,), day
        When quantities are kept; zero is always among them.
    windows : tuple of (start, end), day
        In which exposures are summarised.
    quantities : tuple of str
        What is kept and summarised.
    horizon : float, day
        Where courses may end; a day at least.
    """

    instants: Floats
    windows: tuple[tuple[float, float], ...]
    quantities: tuple[str, ...]
    horizon: float

    @property
    def exposures(self) -> tuple[Exposure, ...]:
        """What is summarised in every window."""
        return tuple(Exposure(quantity=name) for name in self.quantities) if self.windows else ()


def parts_of(quantity: str) -> tuple[str, ...]:
    """Return the names in a quantity: itself, or numerator and denominator of ``a / b``."""
    return tuple(quantity.split(" / "))


def kept_for(cases: Sequence[Case]) -> Kept:
    """Return what the engine is to keep for cases of one scenario."""
    of_courses = [case for case in cases if not case.reading.of_events]
    instants = {day for case in of_courses for day in (case.start, case.end)}
    windows = {(case.start, case.end) for case in of_courses if case.end > case.start}
    end = max(case.end for case in cases)
    return Kept(
        instants=np.array(sorted({0.0, *instants}), dtype=np.float64),
        windows=tuple(sorted(windows)),
        quantities=tuple(dict.fromkeys(part for case in of_courses for part in parts_of(case.quantity))),
        horizon=max(end, 1.0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """Courses of n patients and the doses that were planned for them."""

    system: System
    doses: Doses
    trajectories: Trajectories

    def at(self, quantity: str, day: float) -> Floats:
        """Return a quantity, or a ratio of two, at a kept instant, (n,)."""
        place = int(np.flatnonzero(self.trajectories.times == day)[0])
        first, *rest = (self.trajectories.value(name)[:, place] for name in parts_of(quantity))
        return np.asarray(first / rest[0] if rest else first)

    def within(self, summary: Floats, case: Case) -> Floats:
        """Return one of the engine's summaries, (n, w, x), in the window of a case, (n,)."""
        window = self.trajectories.windows.index((case.start, case.end))
        exposure = [each.quantity for each in self.trajectories.exposures].index(case.quantity)
        return np.asarray(summary[:, window, exposure])


def unit_of(system: System, case: Case) -> str:
    """Return the unit in which a case's reading leaves the model."""
    if case.reading in {Reading.MEDIAN_TIME, Reading.TIME_OF_HIGHEST, Reading.HALF_LIFE}:
        return "day"
    if case.reading.of_patients:
        return PERCENT
    if case.reading in {Reading.CHANGE, Reading.HIGHEST_CHANGE, Reading.LOWEST_CHANGE, Reading.HIGHEST_GAIN}:
        return "1"
    own = _unit(system, case.quantity)
    if case.reading is Reading.AREA:
        return f"({own}) * day"
    if case.reading is Reading.CLEARANCE:
        return f"({_unit(system, system.inputs[0].state)}) / (({own}) * day)"
    return own


def read(case: Case, courses: Courses) -> Floats:
    """Return a case's reading of every patient, (n,), in the unit of the case.

    A share of patients is 100 for those with the event or beyond the threshold and 0 for the others; a time of an
    event is infinite for those without it. Values over a window are means over time.
    """
    raw = READERS[case.reading](case, courses)
    return np.asarray(raw * convert(1.0, unit_of(courses.system, case), case.unit))


def summary_of(case: Case, readings: Floats, weights: Floats | None = None) -> float:
    """Return the one number that readings of a typical patient or a cohort come to; NaN if there is none.

    The mean for shares; for times of an event the median of those who have it by the end of the window, as responders
    are reported; the median for all else.

    Parameters
    ----------
    readings : (n,), the case's unit
        One a patient; NaN, where a course failed, does not count.
    weights : (n,) or None, 1
        How many patients each stands for; one each by default.
    """
    counted = ~np.isnan(readings) if weights is None else ~np.isnan(readings) & (weights > 0.0)
    if case.reading is Reading.MEDIAN_TIME:
        counted &= readings <= convert(case.end, "day", case.unit)
    if not counted.any():
        return float("nan")
    known, own = readings[counted], None if weights is None else weights[counted]
    if case.in_points and case.reading.of_patients:
        return float(np.average(known, weights=own))
    return float(np.median(known) if own is None else np.quantile(known, 0.5, weights=own, method="inverted_cdf"))


def _unit(system: System, quantity: str) -> str:
    units = {each.name: each.unit for each in system.states} | {each.name: each.unit for each in system.definitions}
    first, *rest = (units.get(name, "1") for name in parts_of(quantity))
    return f"({first}) / ({rest[0]})" if rest else first


def _value(case: Case, courses: Courses) -> Floats:
    if case.start == case.end:
        return courses.at(case.quantity, case.start)
    lived = np.minimum(courses.trajectories.end_times, case.end) - case.start
    return np.asarray(courses.within(courses.trajectories.area, case) / lived)


def _highest(case: Case, courses: Courses) -> Floats:
    return courses.within(courses.trajectories.highest, case)


def _lowest(case: Case, courses: Courses) -> Floats:
    return courses.within(courses.trajectories.lowest, case)


def _start(case: Case, courses: Courses) -> Floats:
    return courses.at(case.quantity, 0.0)


def _clearance(case: Case, courses: Courses) -> Floats:
    """Return what was infused over the area under the concentration."""
    doses = courses.doses
    ends = doses.times + doses.durations
    overlap = np.clip(np.minimum(ends, case.end) - np.maximum(doses.times, case.start), 0.0, None)
    share = np.divide(overlap, doses.durations, out=np.zeros_like(overlap), where=doses.durations > 0.0)
    return np.asarray(doses.amounts @ share / courses.within(courses.trajectories.area, case))


def _half_life(case: Case, courses: Courses) -> Floats:
    fall = np.log(courses.at(case.quantity, case.start) / courses.at(case.quantity, case.end))
    return np.asarray(np.log(2.0) * (case.end - case.start) / fall)


def _share(reached: Booleans) -> Floats:
    return np.asarray(IN_PERCENT * reached.astype(np.float64))


def _goal(case: Case) -> float:
    return np.nan if case.threshold is None else case.threshold


def _event_time(case: Case, courses: Courses) -> Floats:
    times = np.stack([np.nan_to_num(courses.trajectories.event_time(name), nan=np.inf) for name in case.events])
    return np.asarray(times.min(axis=0))


READERS: dict[Reading, Callable[[Case, Courses], Floats]] = {
    Reading.VALUE: _value,
    Reading.CHANGE: lambda case, courses: np.asarray(_value(case, courses) / _start(case, courses)),
    Reading.HIGHEST: _highest,
    Reading.HIGHEST_CHANGE: lambda case, courses: _highest(case, courses) / _start(case, courses),
    Reading.HIGHEST_GAIN: lambda case, courses: _highest(case, courses) / _start(case, courses) - 1.0,
    Reading.LOWEST: _lowest,
    Reading.LOWEST_CHANGE: lambda case, courses: _lowest(case, courses) / _start(case, courses),
    Reading.AREA: lambda case, courses: courses.within(courses.trajectories.area, case),
    Reading.CLEARANCE: _clearance,
    Reading.TIME_OF_HIGHEST: lambda case, courses: (
        courses.within(courses.trajectories.highest_at, case) - case.scenario.start_day
    ),
    Reading.HALF_LIFE: _half_life,
    Reading.FRACTION: lambda case, courses: _share(_event_time(case, courses) <= case.end),
    Reading.FRACTION_ABOVE: lambda case, courses: _share(_highest(case, courses) >= _goal(case)),
    Reading.FRACTION_BELOW: lambda case, courses: _share(_lowest(case, courses) <= _goal(case)),
    Reading.MEDIAN_TIME: _event_time,
}
