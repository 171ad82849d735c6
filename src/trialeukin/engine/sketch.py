r"""Quantiles of streams of numbers, to a stated relative accuracy and in any order.

Numbers are counted in `trialeukin.engine.bins.Bins`, for many cells (such as times by quantities) at once.
The quantile of level :math:`q` of :math:`n` numbers is the one of rank
:math:`\lfloor 1 + q (n - 1) \rfloor` (numpy's method ``lower``); its estimate, the middle of the bin in
which that rank falls, is off by at most the accuracy times the quantile (or the smallest magnitude, at zero).
Counts are whole numbers, so a sketch depends on nothing but which numbers went in: batches may be of any
size and come in any order, and to merge two sketches is to add their counts.

Masson, Rim and Lee, DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees,
VLDB 2019;12:2195 (arXiv:1908.10693), algorithms 1, 2 and 4 and proposition 3. Theirs joins the lowest bins
when there are too many; here no bin is ever joined. A cell needs 24 bytes and 16 for every bin that has been
hit: at most 32 ``Bins.number``, which is 4.5 MB for the default over all that a float64 can be, and
typically 16 times (the logarithm of the ratio of largest to smallest number) / 0.01 bytes, 11 kB for three decades.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.engine.bins import HALF_A_PERCENT, Bins
from trialeukin.engine.tallies import Tallies, no_tallies, tallies_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketch:
    """How numbers are spread, cell by cell.

    Attributes
    ----------
    bins : Bins
        What is told apart.
    shape : tuple of int
        Of the cells.
    tallies : Tallies
        Counts by key, which is cell times ``bins.span`` plus bin.
    missing : shape, 1
        How many values were NaN.
    lowest, highest : shape, unit of the numbers
        Exact; NaN where there was no number.
    """

    bins: Bins
    shape: tuple[int, ...]
    tallies: Tallies
    missing: Integers
    lowest: Floats
    highest: Floats

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sketch):
            return NotImplemented
        return (
            (self.bins, self.shape) == (other.bins, other.shape)
            and self.tallies == other.tallies
            and np.array_equal(self.missing, other.missing)
            and np.array_equal(self.lowest, other.lowest, equal_nan=True)
            and np.array_equal(self.highest, other.highest, equal_nan=True)
        )

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: "Sketch") -> "Sketch":
        if (self.bins, self.shape) != (other.bins, other.shape):
            raise InputError(
                f"sketches of {self.shape} cells at accuracy {self.bins.accuracy:g} and of {other.shape} at "
                f"{other.bins.accuracy:g} do not add up: make both with the same bins and cells"
            )
        return Sketch(
            bins=self.bins,
            shape=self.shape,
            tallies=self.tallies + other.tallies,
            missing=self.missing + other.missing,
            lowest=np.fmin(self.lowest, other.lowest),
            highest=np.fmax(self.highest, other.highest),
        )

    @property
    def counted(self) -> Integers:
        """Shape; how many numbers each cell has, NaN left out."""
        starts = np.append(self._starts(), self.tallies.keys.size)
        return np.asarray(np.diff(self._running()[starts]).reshape(self.shape), dtype=np.int64)

    @property
    def bytes_held(self) -> int:
        """How much memory the arrays take."""
        tallies = self.tallies.keys.nbytes + self.tallies.sums.nbytes
        return tallies + self.missing.nbytes + self.lowest.nbytes + self.highest.nbytes

    def quantiles(self, levels: Sequence[float]) -> Floats:
        """Return estimates of quantiles, (levels, *shape); NaN where a cell has no number.

        Levels zero and one are exact.

        Raises
        ------
        InputError
            When a level is not from 0 to 1.
        """
        for level in levels:
            if not 0.0 <= level <= 1.0:
                raise InputError(f"quantile level {level!r}: give one from 0 to 1; the median is 0.5")
        counted, running = self.counted.ravel(), self._running()
        found = np.full((len(levels), counted.size), np.nan)
        filled = np.flatnonzero(counted)
        before = running[self._starts()[filled]]
        for row, level in enumerate(levels):
            rank = np.floor(level * (counted[filled] - 1)).astype(np.int64)  # from zero
            keys = self.tallies.keys[np.searchsorted(running[1:], before + rank, side="right")]
            found[row, filled] = self.bins.estimates(keys % self.bins.span)
        within = np.clip(found, self.lowest.ravel(), self.highest.ravel())
        ends = {0.0: self.lowest.ravel(), 1.0: self.highest.ravel()}
        rows = [ends.get(float(level), within[row]) for row, level in enumerate(levels)]
        return np.array(rows, dtype=np.float64).reshape(len(levels), *self.shape)

    def _starts(self) -> Integers:
        """(cells,) Where the keys of each cell begin."""
        first = np.arange(self.missing.size, dtype=np.int64) * self.bins.span
        return np.searchsorted(self.tallies.keys, first).astype(np.int64)

    def _running(self) -> Integers:
        """(m + 1,) How many numbers come before each key, over all cells."""
        return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(self.tallies.sums[:, 0])))


def empty_sketch(shape: tuple[int, ...], bins: Bins = HALF_A_PERCENT) -> Sketch:
    """Return a sketch of no numbers."""
    return Sketch(
        bins=bins,
        shape=shape,
        tallies=no_tallies(1),
        missing=np.zeros(shape, dtype=np.int64),
        lowest=np.full(shape, np.nan),
        highest=np.full(shape, np.nan),
    )


def sketch_of(values: Floats, bins: Bins = HALF_A_PERCENT) -> Sketch:
    """Return the sketch of a batch.

    Parameters
    ----------
    values : (n, *shape), any unit
        One row a patient; NaN is counted apart.
    bins : Bins
        How finely.
    """
    shape = values.shape[1:]
    cells = int(np.prod(shape, dtype=np.int64))
    rows = np.ascontiguousarray(values, dtype=np.float64).reshape(values.shape[0], cells) + 0.0  # no minus zero
    present = ~np.isnan(rows)
    places = bins.places(rows[present])
    cell = np.broadcast_to(np.arange(cells, dtype=np.int64), rows.shape)[present]
    return Sketch(
        bins=bins,
        shape=shape,
        tallies=tallies_of(cell * bins.span + places),
        missing=(values.shape[0] - present.sum(axis=0, dtype=np.int64)).reshape(shape),
        lowest=np.fmin.reduce(rows, axis=0, initial=np.nan).reshape(shape),
        highest=np.fmax.reduce(rows, axis=0, initial=np.nan).reshape(shape),
    )
