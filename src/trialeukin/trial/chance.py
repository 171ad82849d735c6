r"""What the variance of a log hazard ratio is made of: parameters, then patients, then the trial.

.. math:: \operatorname{var} x = \operatorname{var} E(x | \theta) + E \operatorname{var}(E(x | \theta, P) | \theta)
   + E \operatorname{var}(x | \theta, P)

for parameters :math:`\theta` and patients P. Each set of patients is randomised twice, so the half squared
difference of the two estimates the last part and their covariance the middle one. The first part is
the covariance, over draws of the parameters, of expectations in disjoint blocks of patients: blocks
share the parameters and not the noise of a finite population. None of the three is forced to be positive.
"""

from itertools import combinations

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.trial.estimate import Estimate, sampled

PARTS = 20  # of a population, left out one after the other
BLOCKS = 4  # of patients in the population of one draw


def trial_part(log_ratios: Floats) -> Estimate:
    """Return the variance due to randomisation, entry and loss, with its Monte Carlo error.

    Parameters
    ----------
    log_ratios : (s, 2), 1
        Of each set of patients, randomised twice; sets without two finite values are left out.
    """
    pairs = log_ratios[np.isfinite(log_ratios).all(axis=1)]
    return sampled(0.5 * (pairs[:, 0] - pairs[:, 1]) ** 2)


def patient_part(log_ratios: Floats, draws: Integers) -> Estimate:
    """Return the variance due to which patients enter, at given parameters.

    Parameters
    ----------
    log_ratios : (s, 2), 1
        Of each set of patients, randomised twice.
    draws : (s,), 1
        Which draw of the parameters each set belongs to.
    """
    finite = np.isfinite(log_ratios).all(axis=1)
    pairs, groups = log_ratios[finite], draws[finite]
    products = [_centred_products(pairs[groups == group]) for group in np.unique(groups)]
    return sampled(np.concatenate([np.empty(0), *products]))


def parameter_part(expected: Floats) -> Estimate:
    """Return the variance due to the parameters, with its jackknife error over draws and over blocks.

    The draws are a sample of the parameters; the blocks are one of the patients, who all draws share.

    Parameters
    ----------
    expected : (k, b), 1
        Expected log hazard ratio of k draws of the parameters in b blocks of patients, three or more each.
    """
    error = np.sqrt(sum(_jackknife_variance(expected, axis) for axis in (0, 1)))
    return Estimate(value=_block_covariance(expected), error=float(error))


def shrunk(values: Floats, variance: float) -> Floats:
    """Return values moved towards their mean until their variance is the one given (none is moved away).

    Parameters
    ----------
    values : (n,), 1
        Noisy values of a quantity.
    variance : float
        Variance of the quantity without the noise.
    """
    if values.size < 2:
        return values
    mean, noisy = float(np.mean(values)), float(np.var(values, ddof=1))
    factor = np.sqrt(min(max(variance, 0.0) / noisy, 1.0)) if noisy > 0.0 else 0.0
    return np.asarray(mean + factor * (values - mean), dtype=np.float64)


def over_draws(value: float, same: float, drawn: Floats, blocks: Floats) -> tuple[Floats, bool]:
    """Return a quantity at each draw of the parameters, and whether it is freed of its few patients' chance.

    Parameters
    ----------
    value, same : float
        At the typical parameters: of all patients, and of the patients of the draws. The draws are moved by their
        difference, so that one at the typical parameters would be ``value``.
    drawn : (k,)
        At each draw; noisy.
    blocks : (k, b)
        The same in blocks of the patients, three or more.
    """
    part = parameter_part(blocks)
    freed = bool(part.value > part.error or not np.ptp(drawn))
    return (shrunk(drawn, part.value) if freed else drawn) + (value - same), freed


def jackknife_error(without: Floats) -> float:
    """Return the standard error of a quantity from its values without each of b equal parts of the patients, (b,)."""
    count = without.size
    return float(np.sqrt((count - 1) / count * np.sum((without - without.mean()) ** 2)))


def _centred_products(pairs: Floats) -> Floats:
    if pairs.shape[0] < 2:
        return np.empty(0)
    centred = pairs - pairs.mean(axis=0)
    return np.asarray(centred[:, 0] * centred[:, 1] * pairs.shape[0] / (pairs.shape[0] - 1), dtype=np.float64)


def _block_covariance(expected: Floats) -> float:
    covariance = np.cov(expected, rowvar=False)
    return float(np.mean([covariance[one, other] for one, other in combinations(range(expected.shape[1]), 2)]))


def _jackknife_variance(expected: Floats, axis: int) -> float:
    count = expected.shape[axis]
    without = np.array([_block_covariance(np.delete(expected, index, axis=axis)) for index in range(count)])
    return float((count - 1) / count * np.sum((without - without.mean()) ** 2))
