"""What every statistic of this layer takes: times, and whether the event was seen at them.

Times tie when they are equal to the last bit. No tolerance is applied: two times that a source
prints alike but that differ after arithmetic are rounded by whoever knows the precision.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import AnalysisError

UNIT_OF_TIME = "days or any other unit, the same throughout"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observations:
    """Checked follow-up of n patients.

    Attributes
    ----------
    times : (n,), any unit of time
        Time of the event, or last time known to be free of it; zero or more.
    events : (n,), 1
        Whether the event was seen at that time (else the patient is censored there).
    entry : (n,), unit of ``times``, or None
        When each patient came under observation (left truncation), before ``times``; patients are at
        risk in (entry, time]. None: all from the start, so that an event at zero counts.
    """

    times: Floats
    events: Booleans
    entry: Floats | None = None

    def __post_init__(self) -> None:
        _refuse_lengths(self.times, "times", self.events, "events")
        _refuse_times(self.times, "times")
        if self.entry is not None:
            _refuse_lengths(self.times, "times", self.entry, "entry")
            _refuse_entry(self.entry, self.times)

    def where(self, chosen: Booleans) -> "Observations":
        """Return the follow-up of chosen patients."""
        entry = None if self.entry is None else self.entry[chosen]
        return Observations(times=self.times[chosen], events=self.events[chosen], entry=entry)


def observations(times: ArrayLike, events: ArrayLike, entry: ArrayLike | None = None) -> Observations:
    """Check follow-up data and return them as `Observations`; events may be booleans or 0 and 1."""
    return Observations(
        times=numbers(times, "times"),
        events=_indicators(events),
        entry=None if entry is None else numbers(entry, "entry"),
    )


def numbers(values: ArrayLike, name: str) -> Floats:
    """Return a column of numbers, or refuse what is not one."""
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise AnalysisError(f"{name} {values!r}: give a column of numbers") from error
    if column.ndim != 1:
        raise AnalysisError(f"{name} has shape {column.shape}: give one column, one number a patient")
    return column


def group_numbers(groups: ArrayLike, times: Floats, name: str) -> tuple[NDArray[Any], Integers]:
    """Return the sorted labels of groups (or strata) and each patient's place among them.

    Parameters
    ----------
    groups : (n,)
        A label a patient: numbers, booleans or words.
    times : (n,), any unit of time
        Follow-up, for its length.
    name : str
        What the labels are called in a message.
    """
    column = np.asarray(groups)
    _refuse_lengths(times, "times", column, name)
    if column.dtype.kind == "f" and np.isnan(column).any():
        raise AnalysisError(
            f"{name}[{int(np.isnan(column).argmax())}] is nan: give every patient a label, or leave it out"
        )
    labels, places = np.unique(column, return_inverse=True)
    return labels, places.astype(np.int64)


def refuse_single_group(labels: NDArray[Any]) -> None:
    """Refuse a comparison that has nothing to compare."""
    if labels.size < 2:
        raise AnalysisError(f"all patients are in group {labels[0]}: a comparison takes two groups or more")


def refuse_other_than_two(labels: NDArray[Any], what: str) -> None:
    """Refuse a comparison of two that is given fewer or more; ``what`` says what takes two, and the way out."""
    if labels.size != 2:
        raise AnalysisError(f"{labels.size} groups: {what}")


def refuse_fraction(fraction: float) -> None:
    """Refuse a fraction of patients, such as that of a median, outside (0, 1)."""
    if not 0.0 < fraction < 1.0:
        raise AnalysisError(f"fraction {fraction!r}: give one between 0 and 1; the median is 0.5")


def refuse_all_censored(events: Booleans) -> None:
    """Refuse a comparison in which nothing happened."""
    if not events.any():
        raise AnalysisError(
            f"all {events.size} patients are censored: the statistic takes at least one event; "
            "follow longer, or check that events are coded 1"
        )


def refuse_level(level: float) -> None:
    """Refuse a level of confidence outside (0, 1)."""
    if not 0.0 < level < 1.0:
        raise AnalysisError(f"level {level!r}: give a fraction between 0 and 1, such as 0.95")


def two_sided(level: float) -> float:
    """Return how many standard errors two-sided limits of a level are away, such as 1.96 for 0.95."""
    refuse_level(level)
    return float(ndtri(0.5 + 0.5 * level))


def _indicators(events: ArrayLike) -> Booleans:
    column = np.asarray(events)
    if column.ndim != 1:
        raise AnalysisError(f"events has shape {column.shape}: give one column, one indicator a patient")
    if column.dtype.kind == "b":
        return column.astype(np.bool_)
    wrong = ~np.isin(column, (0, 1))
    if wrong.any():
        place = int(wrong.argmax())
        raise AnalysisError(
            f"events[{place}] is {column[place]}: allowed are 0 (censored) and 1 (event); "
            "recode 1/2 as 0/1, and use the competing-risks functions for several kinds of event"
        )
    return column.astype(np.bool_)


def _refuse_lengths(times: Floats, name: str, other: NDArray[Any], other_name: str) -> None:
    if times.shape != other.shape:
        raise AnalysisError(
            f"{name} has shape {times.shape} and {other_name} {other.shape}: give one entry a patient in both"
        )
    if times.size == 0:
        raise AnalysisError(f"{name} is empty: give at least one patient")


def _refuse_times(times: Floats, name: str) -> None:
    wrong = ~(np.isfinite(times) & (times >= 0.0))
    if wrong.any():
        place = int(wrong.argmax())
        raise AnalysisError(
            f"{name}[{place}] is {times[place]:g}: times are finite and zero or more ({UNIT_OF_TIME}); "
            "correct it or leave the patient out"
        )


def _refuse_entry(entry: Floats, times: Floats) -> None:
    wrong = ~(np.isfinite(entry) & (entry < times))
    if wrong.any():
        place = int(wrong.argmax())
        raise AnalysisError(
            f"entry[{place}] is {entry[place]:g} with time {times[place]:g}: entry is finite and before the time; "
            "leave out patients who were never under observation"
        )
