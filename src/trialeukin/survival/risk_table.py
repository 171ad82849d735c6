"""Who is at risk, and what happens, at each time at which something happens."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Floats, Integers
from trialeukin.survival.observations import Observations, numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RiskTable:
    """Counts at the k distinct times of follow-up, events and censorings alike.

    At a time shared by events and censorings, the events come first: who is censored at t is still at
    risk for the events at t.

    Attributes
    ----------
    times : (k,), unit of the observations
        Distinct times, increasing.
    at_risk : (k,), 1
        Patients with entry < t <= time.
    events, censored : (k,), 1
        How many of them end at t, and how.
    """

    times: Floats
    at_risk: Integers
    events: Integers
    censored: Integers


def risk_table(observed: Observations) -> RiskTable:
    """Count patients at risk, events and censorings at each distinct time."""
    order = np.argsort(observed.times)
    ordered = observed.times[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    events = np.add.reduceat(observed.events[order].astype(np.int64), first)
    times, at_risk = ordered[first], ordered.size - first
    if observed.entry is not None:
        at_risk = numbers_at_risk(ordered, times, entry=observed.entry)
    return RiskTable(
        times=times,
        at_risk=at_risk.astype(np.int64),
        events=events,
        censored=np.diff(first, append=ordered.size) - events,
    )


def numbers_at_risk(times: ArrayLike, at: ArrayLike, *, entry: ArrayLike | None = None) -> Integers:
    """Count patients at risk at given times, as printed below a Kaplan-Meier curve.

    Parameters
    ----------
    times : (n,), any unit of time
        Follow-up of each patient.
    at : (m,), unit of ``times``
        When to count.
    entry : (n,), unit of ``times``
        When each came under observation; none given: all from the start.

    Returns
    -------
    (m,), 1
        Patients with entry < at <= time.
    """
    ends, when = np.sort(numbers(times, "times")), numbers(at, "at")
    counts = ends.size - np.searchsorted(ends, when, side="left")
    if entry is not None:
        starts = np.sort(numbers(entry, "entry"))
        counts -= starts.size - np.searchsorted(starts, when, side="left")
    return counts.astype(np.int64)
