r"""The exact (discrete) partial likelihood for tied deaths.

A time with d deaths among the patients at risk adds

.. math:: \sum_{dying} x \beta - \log \sum_{|A| = d} \prod_{i \in A} e^{x_i \beta}

over all sets A of d patients at risk: an elementary symmetric polynomial, built up patient by patient with
its two derivatives (Gail, Lubin, Rubinstein, Biometrika 1981;68:703). Work and memory grow with the largest
number of deaths at one time; where that overflows, the fit reports it as not finite.
"""

from collections.abc import Iterator

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.survival.observations import Observations
from trialeukin.survival.partial_likelihood import Likelihood


class _Polynomials:
    """Elementary symmetric polynomials of degree 0 to ``degree`` and their derivatives in the coefficients."""

    def __init__(self, degree: int, covariates: int) -> None:
        self.value = np.zeros(degree + 1)
        self.value[0] = 1.0
        self.slope = np.zeros((degree + 1, covariates))
        self.curve = np.zeros((degree + 1, covariates, covariates))

    def add(self, risk: float, row: Floats) -> None:
        """Take in one more patient."""
        cross = self.slope[:-1, :, None] * row
        square = np.multiply.outer(self.value[:-1], np.outer(row, row))
        self.curve[1:] += risk * (self.curve[:-1] + cross + cross.transpose(0, 2, 1) + square)
        self.slope[1:] += risk * (self.slope[:-1] + self.value[:-1, None] * row)
        self.value[1:] += risk * self.value[:-1]


class ExactLikelihood:
    """The exact partial likelihood of one stratum, prepared for many evaluations.

    Parameters
    ----------
    observed : Observations
        Follow-up of the stratum's n patients.
    covariates : (n, p)
        Finite numbers, of order one.
    """

    def __init__(self, observed: Observations, covariates: Floats) -> None:
        self._observed = observed
        self._covariates = covariates
        dying = observed.times[observed.events]
        self._when, self._deaths = np.unique(dying, return_counts=True)

    def __call__(self, coefficients: Floats) -> Likelihood:
        """Return value, score and information at coefficients, (p,)."""
        predictor = self._covariates @ coefficients
        highest = predictor.max()
        events = self._observed.events
        value = float((predictor[events] - highest).sum())
        score = self._covariates[events].sum(axis=0)
        information = np.zeros((coefficients.size, coefficients.size))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for deaths, sets in self._risk_sets(np.exp(predictor - highest)):
                mean = sets.slope[deaths] / sets.value[deaths]
                value -= float(np.log(sets.value[deaths]))
                score = score - mean
                information += sets.curve[deaths] / sets.value[deaths] - np.outer(mean, mean)
        return Likelihood(value, score, information)

    def _risk_sets(self, risk: Floats) -> Iterator[tuple[int, _Polynomials]]:
        """Go back in time and yield, at each event time, its deaths and the polynomials of its risk set.

        Without late entry risk sets only grow on the way, and one set of polynomials serves all.
        """
        degree = int(self._deaths.max())
        sets = _Polynomials(degree, self._covariates.shape[1])
        seen = np.zeros(risk.size, dtype=np.bool_)
        for time, deaths in zip(self._when[::-1], self._deaths[::-1], strict=True):
            members = self._observed.times >= time
            if self._observed.entry is not None:
                members &= self._observed.entry < time
                sets, seen = _Polynomials(degree, self._covariates.shape[1]), np.zeros_like(seen)
            for patient in np.flatnonzero(members & ~seen):
                sets.add(risk[patient], self._covariates[patient])
            seen = members
            yield int(deaths), sets
