r"""Pooled ratios and differences of counts without weights that need events in every cell.

With the cells of `two_by_two`, N patients a study and sums over studies:

.. math::

    RR &= \frac{\sum a n_0/N}{\sum c n_1/N}, &
    v(\log RR) &= \frac{\sum (n_1 n_0 (a+c) - a c N)/N^2}{\sum (a n_0/N) \sum (c n_1/N)} \\
    OR &= \frac{R}{S}, \; R = \sum \tfrac{ad}{N}, S = \sum \tfrac{bc}{N}, &
    v(\log OR) &= \frac{\sum P R_i}{2R^2} + \frac{\sum (P S_i + Q R_i)}{2RS} + \frac{\sum Q S_i}{2S^2} \\
    RD &= \frac{\sum (a n_0 - c n_1)/N}{\sum n_1 n_0/N}, &
    v(RD) &= \frac{\hat\theta \sum P_i + \sum Q_i}{(\sum n_1 n_0/N)^2}

with P = (a + d)/N, Q = (b + c)/N of the odds ratio (Robins, Breslow and Greenland, Biometrics 1986;42:311) and
P = (n1^2 c - n0^2 a + n1 n0 (n0 - n1)/2)/N^2, Q = (a (n0 - c) + c (n1 - a))/(2N) of the difference (Sato,
Greenland and Robins, Biometrics 1989;45:1323); the risk ratio after Greenland and Robins (Biometrics 1985;41:55).
Peto's pool is the inverse-variance pool of `RiskMeasure.PETO`. Heterogeneity is Q with inverse-variance weights
about the pooled value.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.two_by_two import RiskMeasure, TwoByTwo, effect_sizes

LIMIT = float(ndtri(0.975))


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledCounts:
    """A pooled ratio (its logarithm) or difference of k studies, with Cochran's Q about it.

    Attributes
    ----------
    measure : RiskMeasure
        What was pooled.
    method : str
        'Mantel-Haenszel' or 'Peto'.
    k : int
        Studies.
    estimate, error, lower, upper : float
        The pooled value, its standard error and 95 % limits.
    p : float, 1
        Two-sided, against no effect.
    q, q_p : float
        Heterogeneity and its p value (1 for one study).
    """

    measure: RiskMeasure
    method: str
    k: int
    estimate: float
    error: float
    lower: float
    upper: float
    p: float
    q: float
    q_p: float


def mantel_haenszel(table: TwoByTwo, measure: RiskMeasure) -> PooledCounts:
    """Return the pooled log risk ratio, log odds ratio or risk difference of Mantel and Haenszel.

    Raises
    ------
    AnalysisError
        When an arm has no event in any study and a ratio is asked, or Peto's is, which is not of this method.
    """
    match measure:
        case RiskMeasure.RISK_RATIO:
            estimate, variance = _risk_ratio(table)
        case RiskMeasure.ODDS_RATIO:
            estimate, variance = _odds_ratio(table)
        case RiskMeasure.RISK_DIFFERENCE:
            estimate, variance = _risk_difference(table)
        case RiskMeasure.PETO:
            raise AnalysisError("Peto's odds ratio has its own pool: ask for peto()")
    return _pooled(table, measure, "Mantel-Haenszel", (estimate, float(np.sqrt(variance))))


def peto(table: TwoByTwo) -> PooledCounts:
    """Return the pooled log odds ratio of Peto: sum (a - E) / sum V, of variance 1 / sum V."""
    effects = effect_sizes(table, RiskMeasure.PETO)
    weight = 1.0 / effects.variances
    estimate = float(weight @ effects.estimates / weight.sum())
    return _pooled(table, RiskMeasure.PETO, "Peto", (estimate, float(weight.sum() ** -0.5)))


def _pooled(table: TwoByTwo, measure: RiskMeasure, method: str, found: tuple[float, float]) -> PooledCounts:
    estimate, error = found
    effects = effect_sizes(table, measure)
    q = float(np.sum((effects.estimates - estimate) ** 2 / effects.variances))
    k = effects.k
    return PooledCounts(
        measure=measure,
        method=method,
        k=k,
        estimate=estimate,
        error=error,
        lower=estimate - LIMIT * error,
        upper=estimate + LIMIT * error,
        p=2.0 * float(ndtr(-abs(estimate) / error)),
        q=q,
        q_p=float(chdtrc(k - 1, q)) if k > 1 else 1.0,
    )


def _risk_ratio(table: TwoByTwo) -> tuple[float, float]:
    a, _, c, _ = table.cells
    n1, n0 = table.n_treated, table.n_control
    everyone = n1 + n0
    treated, control = float(np.sum(a * n0 / everyone)), float(np.sum(c * n1 / everyone))
    _refuse_no_events(treated, control)
    shared = float(np.sum((n1 * n0 * (a + c) - a * c * everyone) / everyone**2))
    return float(np.log(treated / control)), shared / (treated * control)


def _odds_ratio(table: TwoByTwo) -> tuple[float, float]:
    a, b, c, d = table.cells
    everyone = a + b + c + d
    with_it, against = a * d / everyone, b * c / everyone
    r, s = float(with_it.sum()), float(against.sum())
    _refuse_no_events(r, s)
    p, q = (a + d) / everyone, (b + c) / everyone
    variance = (
        np.sum(p * with_it) / (2.0 * r**2)
        + np.sum(p * against + q * with_it) / (2.0 * r * s)
        + np.sum(q * against) / (2.0 * s**2)
    )
    return float(np.log(r / s)), float(variance)


def _risk_difference(table: TwoByTwo) -> tuple[float, float]:
    a, _, c, _ = table.cells
    n1, n0 = table.n_treated, table.n_control
    everyone = n1 + n0
    weight = float(np.sum(n1 * n0 / everyone))
    estimate = float(np.sum((a * n0 - c * n1) / everyone)) / weight
    p = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2.0) / everyone**2
    q = (a * (n0 - c) + c * (n1 - a)) / (2.0 * everyone)
    return estimate, float(estimate * p.sum() + q.sum()) / weight**2


def _refuse_no_events(treated: float, control: float) -> None:
    if treated == 0.0 or control == 0.0:
        raise AnalysisError("an arm has no event in any study: no ratio can be pooled; pool risk differences")
