"""Random effects with priors: exact limits, a brute-force posterior on a lattice, and what more studies do."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import halfcauchy, halfnorm, norm, uniform

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.bayesian import Posterior, Priors, SpreadLaw, posterior
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.pooling import pool

LATTICE = 1e-3  # error of the lattice below, by halving its step


def priors(law: SpreadLaw = SpreadLaw.HALF_NORMAL, scale: float = 0.5, spread: float = 2.0) -> Priors:
    return Priors(centre=0.0, spread=spread, law=law, scale=scale)


def on_a_lattice(effects: Effects, given: Priors) -> tuple[float, float, float, float]:
    """Return mean and deviation of mu, median of tau and P(mu < 0), by sums over mu and tau."""
    law = {SpreadLaw.HALF_NORMAL: halfnorm, SpreadLaw.HALF_CAUCHY: halfcauchy, SpreadLaw.UNIFORM: uniform}
    mu = np.linspace(-4.0, 4.0, 801)[:, None]
    tau = (np.linspace(0.0, 1.0, 601)[None, 1:] ** 3) * 40.0
    step = np.gradient(tau[0])
    density = norm.logpdf(mu, given.centre, given.spread) + np.log(law[given.law].pdf(tau, scale=given.scale) + 1e-300)
    for estimate, variance in zip(effects.estimates, effects.variances, strict=True):
        density = density + norm.logpdf(estimate, mu, np.sqrt(variance + tau**2))
    weight = np.exp(density - density.max()) * step
    weight /= weight.sum()
    of_mu, of_tau = weight.sum(axis=1), weight.sum(axis=0)
    mean = float(of_mu @ mu[:, 0])
    deviation = float(np.sqrt(of_mu @ (mu[:, 0] - mean) ** 2))
    below = float(of_mu[mu[:, 0] < 0.0].sum() + 0.5 * of_mu[mu[:, 0] == 0.0].sum())
    return mean, deviation, float(np.interp(0.5, np.cumsum(of_tau) - 0.5 * of_tau, tau[0])), below


@pytest.mark.parametrize("law", list(SpreadLaw), ids=lambda law: law.value)
def test_the_posterior_is_that_of_sums_over_a_lattice(law: SpreadLaw, effects_of: Callable) -> None:
    effects = effects_of("viechtbauer2005_ex1")
    mean, deviation, middle, below = on_a_lattice(effects, priors(law))

    found = posterior(effects, priors(law))

    assert found.mean == pytest.approx(mean, abs=LATTICE)
    assert found.deviation == pytest.approx(deviation, abs=LATTICE)
    assert found.tau.median == pytest.approx(middle, abs=2.0 * LATTICE)
    assert found.below_zero == pytest.approx(below, abs=2.0 * LATTICE)


def test_with_no_room_for_tau_and_a_wide_prior_it_is_the_fixed_effect(effects_of: Callable) -> None:
    effects = effects_of("bcg_RR")
    fixed = pool(effects, BetweenMethod.FIXED)

    found = posterior(effects, priors(scale=1e-7, spread=1e4))

    assert found.mean == pytest.approx(fixed.estimate, abs=1e-8)
    assert (found.effect.lower, found.effect.upper) == pytest.approx((fixed.lower, fixed.upper), abs=1e-6)


def test_one_study_and_a_normal_prior_give_the_normal_of_the_textbook() -> None:
    """Estimate 1 of variance 1, prior normal(0, 1): mean 1/2, variance 1/2."""
    one = Effects(labels=("a",), estimates=np.array([1.0]), variances=np.array([1.0]))

    found = posterior(one, priors(scale=1e-7, spread=1.0))

    assert (found.k, found.mean, found.deviation) == (1, pytest.approx(0.5), pytest.approx(np.sqrt(0.5)))
    assert found.below_zero == pytest.approx(norm.cdf(-0.5 / np.sqrt(0.5)))


def test_the_interval_of_a_new_study_holds_that_of_the_mean(effects_of: Callable) -> None:
    found: Posterior = posterior(effects_of("bcg_RR"), priors())

    assert found.new_study.lower < found.effect.lower < found.effect.upper < found.new_study.upper
    assert found.new_study.median == pytest.approx(found.effect.median, abs=0.01)  # the mixture is nearly symmetric


def test_priors_are_stated_and_those_without_a_spread_are_refused() -> None:
    assert str(priors()) == "mu ~ normal(0, 2), tau ~ half-normal 0.5"
    with pytest.raises(AnalysisError, match="give numbers above zero"):
        priors(scale=0.0)
