r"""Bins of equal relative width: where a number is known to a stated relative accuracy by its bin alone.

.. math:: \gamma = \frac{1 + \alpha}{1 - \alpha}, \qquad
   \text{bin } j = \left(z \gamma^{j-1}, z \gamma^j\right], \qquad
   \text{estimate} = \frac{2 a b}{a + b} \text{ of its ends } a < b,

which differs from every number of the bin by at most :math:`\alpha` of that number. Masson, Rim and Lee,
DDSketch, VLDB 2019;12:2195 (arXiv:1908.10693), section 2.1; here the bins start at a smallest magnitude
:math:`z` instead of one, so that their number is bounded.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError

MOST_BINS = 2_000_000  # 16 MB of edges; the default needs 141,817
MARGIN = 1e-8  # of the accuracy, more than the rounding of an edge and of an estimate can lose
LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """Bins over all numbers: negative ones, zero, positive ones, and the two infinities by themselves.

    Attributes
    ----------
    accuracy : float, 1
        Largest relative error of an estimate.
    smallest : float, unit of the numbers
        Numbers of at most this magnitude count as zero; the default is the smallest normal number.
    """

    accuracy: float = 0.005
    smallest: float = float(np.finfo(np.float64).tiny)

    def __post_init__(self) -> None:
        if not 0.0 < self.accuracy < 1.0:
            raise InputError(f"accuracy {self.accuracy!r}: give a relative error between 0 and 1, such as 0.005")
        if not np.finfo(np.float64).tiny <= self.smallest < 1.0:
            raise InputError(f"smallest magnitude {self.smallest!r}: give a positive number below 1, such as 1e-12")
        if self.number > MOST_BINS:
            raise InputError(
                f"accuracy {self.accuracy:g} from {self.smallest:g} up needs {self.number:,} bins, more than "
                f"{MOST_BINS:,}: give a larger accuracy or a larger smallest magnitude"
            )

    @property
    def number(self) -> int:
        """How many bins the positive finite numbers have; the negative ones have as many."""
        return int(np.ceil((np.log(LARGEST) - np.log(self.smallest)) / _width(self.accuracy)))

    @property
    def span(self) -> int:
        """How many bins there are, with zero and the infinities."""
        return 2 * (self.number + 1) + 1

    def places(self, values: Floats) -> Integers:
        """Return the bin of each number, 0 to ``span - 1`` from minus to plus infinity; none may be NaN.

        The table of edges decides, not the rounding of a logarithm: a number's bin is the same wherever in
        an array it stands.
        """
        edges = _edges(self)
        magnitude = np.abs(values)
        seen = np.clip(magnitude, self.smallest, LARGEST)
        guess = (np.log(seen) - np.log(self.smallest)) / _width(self.accuracy)
        bin_ = np.clip(np.ceil(guess), 1, self.number).astype(np.int64)
        bin_ += (seen > edges[bin_]) & (bin_ < self.number)
        bin_ -= (seen <= edges[bin_ - 1]) & (bin_ > 1)
        bin_[magnitude <= self.smallest] = 0
        bin_[magnitude > LARGEST] = self.number + 1
        return np.asarray(np.where(values < 0.0, -bin_, bin_) + self.number + 1, dtype=np.int64)

    def estimates(self, places: Integers) -> Floats:
        """Return the number that stands for each bin."""
        edges = _edges(self)
        signed = places - (self.number + 1)
        bin_ = np.abs(signed)
        upper, lower = edges[np.clip(bin_, 1, self.number)], edges[np.clip(bin_, 1, self.number) - 1]
        middle = lower * (2.0 / (1.0 + lower / upper))
        middle = np.where(bin_ == 0, 0.0, np.where(bin_ > self.number, np.inf, middle))
        return np.asarray(np.copysign(middle, signed), dtype=np.float64)


def _width(accuracy: float) -> float:
    """Return the width of a bin on the scale of the natural logarithm, log(gamma)."""
    return float(2.0 * np.arctanh(accuracy * (1.0 - MARGIN)))


@lru_cache(maxsize=8)
def _edges(bins: Bins) -> Floats:
    """Return the ends of the bins, (number + 1,), from the smallest magnitude to the largest number."""
    logarithms = np.log(bins.smallest) + _width(bins.accuracy) * np.arange(bins.number + 1)
    with np.errstate(over="ignore"):  # the last edge lies beyond the largest number
        edges: Floats = np.minimum(np.exp(logarithms), LARGEST)
    edges[0], edges[-1] = bins.smallest, LARGEST
    edges.flags.writeable = False
    return edges


HALF_A_PERCENT = Bins()  # over all that a float64 can be
