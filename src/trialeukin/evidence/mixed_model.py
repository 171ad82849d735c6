r"""The linear model behind pooling, meta-regression and networks, at a given variance between studies.

.. math:: y \sim N(X\beta, \; V + \tau^2 G)

With :math:`\Omega = (V + \tau^2 G)^{-1}` and :math:`P = \Omega - \Omega X (X'\Omega X)^{-1} X'\Omega`,

.. math::

    \hat\beta = (X'\Omega X)^{-1} X'\Omega y, \qquad Q(\tau^2) = y'Py, \\
    2\,\ell_{ML} = -k\log 2\pi - \log|\Omega^{-1}| - Q, \qquad
    2\,\ell_{REML} = -(k-p)\log 2\pi + \log|X'X| - \log|\Omega^{-1}| - \log|X'\Omega X| - Q

The scores are zero where y'PGPy = tr(Omega G) (ML) and = tr(P G) (REML). Q falls in tau2, so that the equations
of moments have one root; likelihoods may have several, of which the highest is taken; they fall
without end in tau2. Harville, J Am Stat Assoc 1977;72:320; Viechtbauer, J Educ Behav Stat 2005;30:261.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError

LATTICE = 61  # looked at for sign changes
REACH = 6.0  # decades
ROOT = 1e-14
ROUNDED = 1e-20  # of the estimates' own squares: residuals below a tenth of a billionth of them are rounding
RESTRICTED, FULL = True, False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """What the model says at one variance between studies.

    Attributes
    ----------
    coefficients, covariance : (p,) and (p, p)
        Generalised least squares, with the variances taken as known.
    residual : float, 1
        Q, the weighted sum of squares of residuals.
    weights, projection : (k, k)
        Omega and P.
    """

    coefficients: Floats
    covariance: Floats
    residual: float
    weights: Floats
    projection: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixedModel:
    """k estimates y, their covariance V, what is shared between studies G, and p columns X.

    Attributes
    ----------
    estimates : (k,)
        What studies found.
    sampling : (k, k)
        V, known.
    shared : (k, k)
        G, the covariance between studies at a variance of one; the identity where studies stand alone.
    columns : (k, p)
        X; of full rank, with fewer columns than rows.
    """

    estimates: Floats
    sampling: Floats
    shared: Floats
    columns: Floats

    def __post_init__(self) -> None:
        k, p = self.columns.shape
        if np.linalg.matrix_rank(self.columns) < p:
            raise AnalysisError(
                f"{p} columns of {k} studies are not of full rank: a covariate does not vary, or repeats another"
            )

    @property
    def degrees_of_freedom(self) -> int:
        """Degrees of freedom: estimates less coefficients."""
        return int(self.columns.shape[0] - self.columns.shape[1])

    def fit(self, tau_squared: float) -> Fit:
        """Return the generalised least squares at a variance between studies."""
        weights: Floats = np.asarray(np.linalg.inv(self.sampling + tau_squared * self.shared), dtype=np.float64)
        covariance: Floats = np.asarray(np.linalg.inv(self.columns.T @ weights @ self.columns), dtype=np.float64)
        pulled = weights @ self.columns
        projection = weights - pulled @ covariance @ pulled.T
        coefficients = covariance @ (pulled.T @ self.estimates)
        left = self.estimates - self.columns @ coefficients  # y'Py by way of y would cancel where y is far from zero
        return Fit(
            coefficients=coefficients,
            covariance=covariance,
            residual=max(0.0, float(left @ weights @ left)),
            weights=weights,
            projection=projection,
        )

    def log_likelihood(self, tau_squared: float, *, restricted: bool) -> float:
        """Return the log likelihood, over coefficients (ML) or with these integrated out (REML)."""
        k, p = self.columns.shape
        found = self.fit(tau_squared)
        twice = np.linalg.slogdet(found.weights)[1] - found.residual
        if not restricted:
            return float(0.5 * (twice - k * np.log(2.0 * np.pi)))
        twice += np.linalg.slogdet(self.columns.T @ self.columns)[1] + np.linalg.slogdet(found.covariance)[1]
        return float(0.5 * (twice - (k - p) * np.log(2.0 * np.pi)))

    def most_likely(self, *, restricted: bool) -> float:
        """Return the variance between studies of greatest (restricted) likelihood, zero or more.

        The score is below zero from the squared range of the estimates on, so that the lattice holds every root.
        """
        self.need_degrees_of_freedom()

        def score(tau_squared: float) -> float:
            found = self.fit(tau_squared)
            against = found.projection if restricted else found.weights
            pulled = found.weights @ (self.estimates - self.columns @ found.coefficients)
            return float(pulled @ self.shared @ pulled - np.sum(against * self.shared))

        lattice = self._lattice()
        scores = [score(float(tau_squared)) for tau_squared in lattice]
        candidates = [0.0]
        for low, high, at_low, at_high in zip(lattice[:-1], lattice[1:], scores[:-1], scores[1:], strict=True):
            if at_low > 0.0 >= at_high:
                candidates.append(_root(score, low, high))
        return max(candidates, key=lambda tau_squared: self.log_likelihood(tau_squared, restricted=restricted))

    def by_moments(self) -> float:
        """Return (Q - (k - p)) / tr(PG) with weights of sampling alone, cut at zero: DerSimonian and Laird."""
        self.need_degrees_of_freedom()
        found = self.fit(0.0)
        return max(0.0, (found.residual - self.degrees_of_freedom) / float(np.sum(found.projection * self.shared)))

    def where_residual_is(self, target: float) -> float:
        """Return the variance between studies at which Q is a target; zero where Q is below it everywhere."""
        self.need_degrees_of_freedom()

        def excess(tau_squared: float) -> float:
            return self.fit(tau_squared).residual - target

        if excess(0.0) <= 0.0:
            return 0.0
        high = float(np.trace(self.sampling)) / len(self.estimates)
        while excess(high) > 0.0:
            high *= 4.0
        return _root(excess, 0.0, high)

    def residual_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the limits of the variance between studies at which Q is a quantile of its chi-square law.

        Viechtbauer, Stat Med 2007;26:37 (Q profile); zero and zero where even no variance makes Q too small.
        """
        tail = (1.0 - level) / 2.0
        return (
            self.where_residual_is(float(chi2.ppf(1.0 - tail, self.degrees_of_freedom))),
            self.where_residual_is(float(chi2.ppf(tail, self.degrees_of_freedom))),
        )

    def likelihood_interval(self, *, restricted: bool, level: float = 0.95) -> tuple[float, float]:
        """Return the limits at which twice the log likelihood is a chi-square quantile below its greatest."""
        best = self.most_likely(restricted=restricted)
        floor = self.log_likelihood(best, restricted=restricted) - 0.5 * float(chi2.ppf(level, 1))

        def above(tau_squared: float) -> float:
            return self.log_likelihood(tau_squared, restricted=restricted) - floor

        low = 0.0 if above(0.0) >= 0.0 else _root(above, 0.0, best)
        return low, self._first_below(above, best)

    def is_exact(self, found: Fit) -> bool:
        """Whether the columns give every estimate, so that a fit leaves nothing but rounding."""
        return found.residual <= ROUNDED * float(self.estimates @ found.weights @ self.estimates)

    def need_degrees_of_freedom(self) -> None:
        """Refuse a model with as many coefficients as estimates."""
        if self.degrees_of_freedom < 1:
            k, p = self.columns.shape
            raise AnalysisError(
                f"{k} estimates and {p} coefficients: none is left to tell the variance between studies; "
                "take fixed effects, or fewer coefficients"
            )

    def _first_below(self, above: Callable[[float], float], start: float) -> float:
        high = 2.0 * start + float(np.trace(self.sampling)) / len(self.estimates)
        while above(high) > 0.0:
            high *= 2.0
        return _root(above, start, high)

    def _lattice(self) -> Floats:
        sizes = np.diag(self.sampling)
        return np.concatenate(
            (
                [0.0],
                np.geomspace(sizes.min() * 10.0**-REACH, (sizes.max() + np.ptp(self.estimates) ** 2) * 1e2, LATTICE),
            )
        )


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return a root between two variances, to digits that do not depend on the unit of these."""
    return float(brentq(function, low, high, xtol=ROOT * high, rtol=1e-14))
