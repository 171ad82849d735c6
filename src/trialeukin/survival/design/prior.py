r"""What is believed of a log hazard ratio: a mixture of normal distributions, and how data change it.

A mixture expresses doubt between stories, such as ``0.7`` that the drug works and ``0.3`` that it does nothing. With an
estimate of the log hazard ratio of variance :math:`v`, each part is updated by normal theory and its weight by how well
it foretold the estimate (Spiegelhalter, Abrams and Myles, Bayesian Approaches to Clinical Trials, 2004, section 3.6).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError

NODES, WEIGHTS = np.polynomial.legendre.leggauss(14)
REACH = 7.0
"""Standard deviations that an average over a prior covers; 3e-12 lies beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalMixture:
    """A distribution of the log hazard ratio, treated over control.

    Attributes
    ----------
    weights : tuple of float, 1
        Of the parts; above zero, adding up to one.
    means, deviations : tuple of float, 1
        Of the parts; a deviation of zero is a point.
    """

    weights: tuple[float, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.weights) == len(self.means) == len(self.deviations) > 0:
            raise AnalysisError("prior: give as many weights as means and deviations, one part or more")
        if not (min(self.weights) > 0.0 and abs(sum(self.weights) - 1.0) < 1e-9):
            raise AnalysisError(f"prior weights {self.weights}: give numbers above zero that add up to 1")
        if not (np.all(np.isfinite(self.means)) and all(0.0 <= each < np.inf for each in self.deviations)):
            raise AnalysisError(f"prior {self.means} with deviations {self.deviations}: give finite log hazard ratios")

    def average(self, function: Callable[[float], float], *, scale: float) -> float:
        """Return the mean of a smooth function of the log hazard ratio.

        Parameters
        ----------
        function : callable
            Of the log hazard ratio.
        scale : (), 1
            Distance over which it changes much.
        """
        return sum(
            weight * _mean(function, mean, deviation, scale)
            for weight, mean, deviation in zip(self.weights, self.means, self.deviations, strict=True)
        )

    def below(self, log_ratio: float) -> float:
        """Return the probability that the log hazard ratio is below a value, or at it."""
        means, deviations = np.array(self.means), np.array(self.deviations)
        spread = deviations > 0.0
        chances = np.where(means <= log_ratio, 1.0, 0.0)
        chances[spread] = ndtr((log_ratio - means[spread]) / deviations[spread])
        weights = np.array(self.weights)
        return float(weights @ chances / weights.sum())

    def quantile(self, probability: float) -> float:
        """Return the log hazard ratio below which a probability lies; the parts must have a spread."""
        if not 0.0 < probability < 1.0:
            raise AnalysisError(f"probability {probability!r}: give one between 0 and 1")
        start, reach = float(np.array(self.weights) @ np.array(self.means)), 1.0
        while not self.below(start - reach) < probability < self.below(start + reach):
            reach *= 2.0
        return float(brentq(lambda value: self.below(value) - probability, start - reach, start + reach, xtol=1e-12))

    def predictive(self, error: float) -> "NormalMixture":
        """Return the distribution of an estimate of the log hazard ratio that has a standard error."""
        deviations = tuple(float(np.hypot(each, error)) for each in self.deviations)
        return NormalMixture(weights=self.weights, means=self.means, deviations=deviations)

    def updated(self, estimate: float, error: float) -> "NormalMixture":
        """Return the distribution after an estimate of the log hazard ratio with its standard error."""
        if not 0.0 < error < np.inf:
            raise AnalysisError(f"standard error {error!r}: give one above zero")
        prior, means = np.square(self.deviations), np.array(self.means)
        spread = prior + error**2
        logs = np.log(self.weights) - 0.5 * (np.log(spread) + (estimate - means) ** 2 / spread)
        weights = np.exp(logs - logs.max())
        kept = weights > np.finfo(float).tiny
        share = weights[kept] / weights[kept].sum()
        centre = ((prior * estimate + error**2 * means) / spread)[kept]
        return NormalMixture(
            weights=tuple(share), means=tuple(centre), deviations=tuple(np.sqrt(prior * error**2 / spread)[kept])
        )


def normal(mean: float, deviation: float) -> NormalMixture:
    """Return one normal distribution of the log hazard ratio."""
    return NormalMixture(weights=(1.0,), means=(mean,), deviations=(deviation,))


def _mean(function: Callable[[float], float], mean: float, deviation: float, scale: float) -> float:
    if deviation == 0.0:
        return function(mean)
    panels = 4 + int(np.ceil(2.0 * REACH * deviation / (3.0 * scale)))
    half = REACH / panels
    z: Floats = (half * (2.0 * np.arange(panels) + 1.0 - panels))[:, None] + half * NODES
    density = np.exp(-0.5 * z * z) * half * WEIGHTS
    values = [function(mean + deviation * float(each)) for each in z.ravel()]
    return float(np.array(values) @ density.ravel() / density.sum())
