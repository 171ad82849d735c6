r"""What is believed by a median and two limits that lie unequally far from it, and how data change it.

Below the median m the law is a normal one of deviation sigma_1, above it one of sigma_2, half of it on either side:

.. math:: p(\mu) \propto \sigma_i^{-1} \exp\left(-(\mu - m)^2 / 2 \sigma_i^2\right)

so that its median and its 95 % limits are those that were told; with limits as far on either side it is the normal law.
Its height steps at the median, from one side's to the other's. A law of two halves that meet at one height, whose peak
is not its median, has no such three numbers where one limit lies over 2.44 times as far away as the other. A power of
the law, times the likelihood of an estimate with a normal error, is on either side a part of a normal law again.
"""

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri
from scipy.stats import norm

from trialeukin.core.errors import AnalysisError
from trialeukin.core.normal import NORMAL_975


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitNormal:
    """A law of a log hazard ratio by its median and 95 % limits."""

    median: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not self.lower < self.median < self.upper:
            raise AnalysisError(f"median {self.median:g}: give one between {self.lower:g} and {self.upper:g}")

    def log_density(self, value: float) -> float:
        """Return the logarithm of the law's height at a value; at the median it is that of the side above."""
        far = self.lower if value < self.median else self.upper
        return float(norm.logpdf(value, self.median, abs(far - self.median) / NORMAL_975))

    def with_data(
        self, estimate: float, error: float, *, power: float, probabilities: tuple[float, ...]
    ) -> tuple[float, ...]:
        """Return quantiles of what is believed when data come to a power of the law.

        Parameters
        ----------
        estimate, error : float, 1
            Log hazard ratio with its standard error.
        power : float, 1
            To which the law is raised, above 0 and up to 1.
        probabilities : tuple of float, 1
            Of the quantiles, between 0 and 1.
        """
        below, above = (
            _part(self.median, (far - self.median) / NORMAL_975, power, (estimate, error))
            for far in (self.lower, self.upper)
        )
        heaviest = max(below.log_weight, above.log_weight)
        under, over = (math.exp(each.log_weight - heaviest) for each in (below, above))
        at = (self.median - above.mean) / above.deviation
        first, second = under * ndtr((self.median - below.mean) / below.deviation), over * ndtr(-at)
        found = []
        for probability in probabilities:
            reached = probability * (first + second)
            if reached < first:
                found.append(below.mean + below.deviation * float(ndtri(reached / under)))
            else:  # counted from above, so that nothing is lost where that side holds little
                found.append(above.mean - above.deviation * float(ndtri((first + second - reached) / over)))
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A normal law that one side is a part of, with its weight."""

    mean: float
    deviation: float
    log_weight: float


def _part(median: float, deviation: float, power: float, data: tuple[float, float]) -> _Part:
    """Return the normal law that a side of the law, to a power, makes with data: an estimate and its error."""
    (estimate, error), width = data, abs(deviation)
    variance = width**2 / power
    precision = error**-2 + 1.0 / variance
    spread = error**2 + variance
    distance = (estimate - median) ** 2 / spread
    return _Part(
        mean=(estimate / error**2 + median / variance) / precision,
        deviation=precision**-0.5,
        log_weight=0.5 * math.log(variance / spread) - power * math.log(width) - 0.5 * distance,
    )
