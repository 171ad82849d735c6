r"""Random effects with stated priors, by quadrature: no chains, no seed, the same answer every time.

.. math::

    y_i \sim N(\mu, v_i + \tau^2), \qquad \mu \sim N(m_0, s_0^2), \qquad \tau \sim \pi

Given tau the posterior of mu is normal, and the marginal likelihood of tau is known in closed form; so that of mu
is a mixture of normals over tau, and integrals are over tau alone (Röver, J Stat Softw 2020;93:6). Gauss-Legendre
nodes lie on u = tau/(tau + c) in panels, which holds the half-Cauchy's tail.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.stats import halfcauchy, halfnorm, uniform

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.survival.design.prior import NormalMixture

PANELS, ORDER = 60, 16


class SpreadLaw(Enum):
    """The prior of tau, whose scale is stated beside it."""

    HALF_NORMAL = "half-normal"
    HALF_CAUCHY = "half-Cauchy"
    UNIFORM = "uniform from 0 to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """What is thought of mu and tau before the studies; on the scale of the effect.

    Attributes
    ----------
    centre, spread : float
        Mean and standard deviation of mu.
    law, scale : SpreadLaw, float
        Prior of tau.
    """

    centre: float
    spread: float
    law: SpreadLaw
    scale: float

    def __post_init__(self) -> None:
        if not (self.spread > 0.0 and self.scale > 0.0):
            raise AnalysisError(f"prior spread {self.spread:g}, scale {self.scale:g}: give numbers above zero")

    def __str__(self) -> str:
        return f"mu ~ normal({self.centre:g}, {self.spread:g}), tau ~ {self.law.value} {self.scale:g}"

    def density(self, tau: Floats) -> Floats:
        """Return the prior density of tau."""
        law = {SpreadLaw.HALF_NORMAL: halfnorm, SpreadLaw.HALF_CAUCHY: halfcauchy, SpreadLaw.UNIFORM: uniform}
        return np.asarray(law[self.law].pdf(tau, scale=self.scale), dtype=np.float64)


VAGUE = Priors(centre=0.0, spread=2.0, law=SpreadLaw.HALF_NORMAL, scale=0.5)
"""Wide on a log hazard ratio: 95 % of the mean from 0.02 to 50, of tau below 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantiles:
    """Median and central 95 % of a posterior."""

    median: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """What k studies and the priors say.

    Attributes
    ----------
    k : int
        Studies.
    priors : Priors
        As they were.
    mean, deviation : float
        Of mu.
    tau : Quantiles
        Of tau.
    law, law_of_new_study : NormalMixture
        Of mu, and of the effect in a new study.
    """

    k: int
    priors: Priors
    mean: float
    deviation: float
    tau: Quantiles
    law: NormalMixture
    law_of_new_study: NormalMixture

    @property
    def effect(self) -> Quantiles:
        """Of mu."""
        return _quantiles(self.law)

    @property
    def new_study(self) -> Quantiles:
        """Of the effect in a new study."""
        return _quantiles(self.law_of_new_study)

    @property
    def below_zero(self) -> float:
        """Probability that mu is below zero."""
        return self.law.below(0.0)


def posterior(effects: Effects, priors: Priors) -> Posterior:
    """Return the posterior of a random-effects model under stated priors; one study will do."""
    tau, weight = _nodes(effects, priors)
    share = weight * np.exp(_log_marginal(effects, priors, tau))
    share = share / share.sum()
    mean, variance = _conditional(effects, priors, tau)
    centre = float(share @ mean)
    law = _mixture(share, mean, np.sqrt(variance))
    new = _mixture(share, mean, np.sqrt(variance + tau**2))
    return Posterior(
        k=effects.k,
        priors=priors,
        mean=centre,
        deviation=float(np.sqrt(share @ (variance + (mean - centre) ** 2))),
        tau=_of_tau(tau, share),
        law=law,
        law_of_new_study=new,
    )


def _nodes(effects: Effects, priors: Priors) -> tuple[Floats, Floats]:
    """Return nodes of tau and their weights times the prior density."""
    scale = min(priors.scale, float(np.sqrt(effects.variances.mean() + np.var(effects.estimates))))
    most = priors.scale / (priors.scale + scale) if priors.law is SpreadLaw.UNIFORM else 1.0
    edges = np.linspace(0.0, most, PANELS + 1)
    points, weights = np.polynomial.legendre.leggauss(ORDER)
    middle, half = (edges[1:] + edges[:-1]) / 2.0, (edges[1:] - edges[:-1]) / 2.0
    u = (middle[:, None] + half[:, None] * points).ravel()
    tau = scale * u / (1.0 - u)
    step = (half[:, None] * weights).ravel() * scale / (1.0 - u) ** 2
    return tau, step * priors.density(tau)


def _conditional(effects: Effects, priors: Priors, tau: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of mu given each tau."""
    precision = 1.0 / (effects.variances[None, :] + tau[:, None] ** 2)
    variance = 1.0 / (precision.sum(axis=1) + priors.spread**-2)
    return variance * (precision @ effects.estimates + priors.centre * priors.spread**-2), variance


def _log_marginal(effects: Effects, priors: Priors, tau: Floats) -> Floats:
    """Return the log marginal likelihood of each tau, less its greatest value."""
    total = effects.variances[None, :] + tau[:, None] ** 2
    mean, variance = _conditional(effects, priors, tau)
    squares = np.sum(effects.estimates**2 / total, axis=1) + (priors.centre / priors.spread) ** 2 - mean**2 / variance
    found = 0.5 * (np.log(variance) - np.log(total).sum(axis=1) - squares)
    return np.asarray(found - found.max())


def _mixture(share: Floats, mean: Floats, deviation: Floats) -> NormalMixture:
    kept = share > np.finfo(np.float64).tiny
    weights = share[kept] / share[kept].sum()
    return NormalMixture(weights=tuple(weights), means=tuple(mean[kept]), deviations=tuple(deviation[kept]))


def _quantiles(law: NormalMixture) -> Quantiles:
    return Quantiles(median=law.quantile(0.5), lower=law.quantile(0.025), upper=law.quantile(0.975))


def _of_tau(tau: Floats, share: Floats) -> Quantiles:
    """Return quantiles of tau from the distribution at the middle of each node's share."""
    rising = np.concatenate(([0.0], np.cumsum(share) - 0.5 * share, [1.0]))
    places = np.concatenate(([0.0], tau, [tau[-1]]))
    found = [float(np.interp(target, rising, places)) for target in (0.025, 0.5, 0.975)]
    return Quantiles(median=found[1], lower=found[0], upper=found[2])
