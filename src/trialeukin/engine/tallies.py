"""Whole numbers added up by key: what comes out does not depend on the order or the grouping of what went in."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tallies:
    """Sums of whole numbers, for the keys that occurred.

    Attributes
    ----------
    keys : (m,), 1
        Strictly increasing.
    sums : (m, c), 1
        One row a key.
    """

    keys: Integers
    sums: Integers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tallies):
            return NotImplemented
        return np.array_equal(self.keys, other.keys) and np.array_equal(self.sums, other.sums)

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: "Tallies") -> "Tallies":
        keys = np.union1d(self.keys, other.keys)
        sums = np.zeros((keys.size, self.sums.shape[1]), dtype=np.int64)
        for each in (self, other):
            sums[np.searchsorted(keys, each.keys)] += each.sums
        return Tallies(keys=keys, sums=sums)


def tallies_of(keys: Integers) -> Tallies:
    """Count how often each key occurs, (n,) keys to one column of sums."""
    present, counts = np.unique(keys, return_counts=True)
    return Tallies(keys=present, sums=counts.astype(np.int64)[:, None])


def no_tallies(columns: int) -> Tallies:
    """Return tallies in which nothing has been counted."""
    return Tallies(keys=np.empty(0, dtype=np.int64), sums=np.empty((0, columns), dtype=np.int64))
