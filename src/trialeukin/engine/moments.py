r"""Means and standard deviations of streams of numbers, exact and therefore in any order.

A float64 is a whole number below :math:`2^{53}` times a power of two. Its three parts of 18 bits, and their
products, are added up as whole numbers for every power of two apart:

.. math:: x = 2^e (a 2^{36} + b 2^{18} + c), \qquad
   x^2 = 4^e (a^2 2^{72} + 2 a b 2^{54} + (2 a c + b^2) 2^{36} + 2 b c 2^{18} + c^2).

Nothing is rounded until the mean and the standard deviation are asked for, each of which is then made from a
fraction of whole numbers. The sums hold for up to 2**25 numbers a cell (33 million) and are refused beyond;
a cell needs 72 bytes for every power of two that occurred, and 24 more.

The idea of an accumulator wide enough to be exact is Kulisch's (Kulisch and Miranker, SIAM Review 1986;28:1).
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.engine.bins import LARGEST
from trialeukin.engine.tallies import Tallies, no_tallies

PART = 18  # bits; three parts hold a mantissa of 53 bits
EXPONENTS = 4096  # more than the powers of two a float64 has, with room for the sign
MIDDLE = 2048
MOST = 2**25  # numbers a cell: each adds at most 2**37.6 to a sum of 63 bits
ROWS_AT_ONCE = 2**14  # numbers whose parts add up exactly in a float64, below 2**53
ROOT_BITS = 64
# by how many bits each sum is shifted, and whether it is of the numbers or of their squares
SUMS = ((2 * PART, 1), (PART, 1), (0, 1), (4 * PART, 2), (3 * PART, 2), (2 * PART, 2), (PART, 2), (0, 2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Sums of numbers and of their squares, cell by cell.

    Attributes
    ----------
    shape : tuple of int
        Of the cells.
    tallies : Tallies
        The eight sums by key, which is cell times 4,096 plus 2,048 plus the power of two.
    counted : shape, 1
        How many finite numbers there were; NaN is left out.
    infinite : (2, *shape), 1
        How many were minus and plus infinity.
    """

    shape: tuple[int, ...]
    tallies: Tallies
    counted: Integers
    infinite: Integers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Moments):
            return NotImplemented
        return (
            self.shape == other.shape
            and self.tallies == other.tallies
            and np.array_equal(self.counted, other.counted)
            and np.array_equal(self.infinite, other.infinite)
        )

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: "Moments") -> "Moments":
        if self.shape != other.shape:
            raise InputError(f"moments of {self.shape} and of {other.shape} cells do not add up: give the same cells")
        counted = self.counted + other.counted
        if counted.max(initial=0) > MOST:
            raise InputError(f"{counted.max():,} numbers in one cell: exact sums hold {MOST:,}; split the run")
        return Moments(
            shape=self.shape,
            tallies=self.tallies + other.tallies,
            counted=counted,
            infinite=self.infinite + other.infinite,
        )

    def mean(self) -> Floats:
        """Return the mean of each cell, correctly rounded; NaN without numbers, infinite with an infinity."""
        totals, counted = self._totals(1), self.counted.ravel()
        finite = [float(total / int(n)) if n else np.nan for total, n in zip(totals, counted, strict=True)]
        below, above = self.infinite.reshape(2, -1)
        means = np.where(above > 0, np.inf, np.where(below > 0, -np.inf, finite))
        return np.where((above > 0) & (below > 0), np.nan, means).reshape(self.shape)

    def standard_deviation(self) -> Floats:
        """Return the standard deviation of each cell (divisor n - 1); NaN for fewer than two, or an infinity."""
        totals, squares = self._totals(1), self._totals(2)
        counted, infinite = self.counted.ravel(), self.infinite.reshape(2, -1).sum(axis=0)
        spreads = [
            _root((square - total * total / int(n)) / int(n - 1)) if n > 1 and not odd else np.nan
            for total, square, n, odd in zip(totals, squares, counted, infinite, strict=True)
        ]
        return np.array(spreads, dtype=np.float64).reshape(self.shape)

    def _totals(self, power: int) -> list[Fraction]:
        """Return the exact sum of the numbers, or of their squares, of each cell."""
        totals = [Fraction(0)] * self.counted.size
        columns = [(column, shift) for column, (shift, degree) in enumerate(SUMS) if degree == power]
        for key, sums in zip(self.tallies.keys.tolist(), self.tallies.sums.tolist(), strict=True):
            cell, exponent = divmod(key, EXPONENTS)
            whole = sum(sums[column] << shift for column, shift in columns)
            totals[cell] += whole * Fraction(2) ** (power * (exponent - MIDDLE))
        return totals


def _root(square: Fraction) -> float:
    """Return the square root of a fraction of any size, from its first 64 bits."""
    if not square:
        return 0.0
    shift = ROOT_BITS - (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    root = isqrt(int(square * Fraction(4) ** shift)) / Fraction(2) ** shift
    return float(root) if root <= LARGEST else np.inf


def no_moments(shape: tuple[int, ...]) -> Moments:
    """Return the moments of no numbers."""
    return Moments(
        shape=shape,
        tallies=no_tallies(len(SUMS)),
        counted=np.zeros(shape, dtype=np.int64),
        infinite=np.zeros((2, *shape), dtype=np.int64),
    )


def moments_of(values: Floats) -> Moments:
    """Return the moments of a batch of (n, *shape) values; NaN is left out."""
    shape = values.shape[1:]
    cells = int(np.prod(shape, dtype=np.int64))
    rows = np.asarray(values, dtype=np.float64).reshape(values.shape[0], cells)
    finite = np.isfinite(rows)
    tallies = no_tallies(len(SUMS))
    for first in range(0, rows.shape[0], ROWS_AT_ONCE):
        some = finite[first : first + ROWS_AT_ONCE]
        cell = np.broadcast_to(np.arange(cells, dtype=np.int64), some.shape)[some]
        tallies += _tallies(rows[first : first + ROWS_AT_ONCE][some], cell)
    return Moments(
        shape=shape,
        tallies=tallies,
        counted=finite.sum(axis=0, dtype=np.int64).reshape(shape),
        infinite=np.stack([(rows == end).sum(axis=0, dtype=np.int64) for end in (-np.inf, np.inf)]).reshape(2, *shape),
    )


def _tallies(numbers: Floats, cell: Integers) -> Tallies:
    """Return the eight sums of finite numbers by cell and power of two."""
    if numbers.size == 0:
        return no_tallies(len(SUMS))
    fraction, power = np.frexp(numbers)
    key = cell * EXPONENTS + (MIDDLE + power.astype(np.int64) - 3 * PART)
    keys, place = np.unique(key, return_inverse=True)
    whole = np.ldexp(fraction, 3 * PART)
    high = np.trunc(whole / 2.0 ** (2 * PART))
    rest = whole - high * 2.0 ** (2 * PART)
    middle = np.trunc(rest / 2.0**PART)
    low = rest - middle * 2.0**PART
    parts = [high, middle, low, high * high, 2.0 * high * middle]
    parts += [2.0 * high * low + middle * middle, 2.0 * middle * low, low * low]
    sums = [np.bincount(place, weights=part, minlength=keys.size).astype(np.int64) for part in parts]
    return Tallies(keys=keys, sums=np.stack(sums, axis=1))
