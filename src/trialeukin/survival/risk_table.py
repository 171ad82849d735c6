"""Who is at risk, and what happens, at each time at which something happens."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from trialeukin.core.arrays import Floats, Integers
from trialeukin.survival.observations import Observations, numbers

Words64: TypeAlias = NDArray[np.uint64]


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
    times, first, events, size = _tabulate(_ordered_keys(observed))
    at_risk = size - first
    if observed.entry is not None:
        at_risk = numbers_at_risk(observed.times, times, entry=observed.entry)
    return RiskTable(
        times=times,
        at_risk=at_risk,
        events=events,
        censored=np.diff(first, append=size) - events,
    )


def _ordered_keys(observed: Observations) -> Words64:
    """Return a whole number a patient, (n,): the bits of the time, then one for the event; in order.

    Floats from zero up are ordered as their bits are, so that one sort of whole numbers does what an indirect
    sort does, several times faster.
    """
    keys = (observed.times + 0.0).view(np.uint64)  # a negative zero becomes zero
    keys <<= np.uint64(1)
    keys |= observed.events
    keys.sort()
    return keys


@njit(cache=True)
def _tabulate(keys: Words64) -> tuple[Floats, Integers, Integers, int]:
    """Return the distinct times, the place of the first patient who ends at each, events at each, and patients."""
    bits = np.empty(keys.size, dtype=np.uint64)
    first, events = np.empty(keys.size, dtype=np.int64), np.zeros(keys.size, dtype=np.int64)
    size = 0
    for place in range(keys.size):
        time = keys[place] >> np.uint64(1)
        if size == 0 or bits[size - 1] != time:
            bits[size], first[size] = time, place
            size += 1
        events[size - 1] += np.int64(keys[place] & np.uint64(1))
    return bits[:size].view(np.float64), first[:size], events[:size], keys.size


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
