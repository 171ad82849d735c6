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
Peto's pool is the inverse-variance pool of `RiskMeasure.PETO`.

A study without events, or without patients free of them, in both arms adds nothing to the sums of the odds ratios,
nor one without events to those of the risk ratio; the difference takes them all. Heterogeneity is Q with
inverse-variance weights about the pooled value, over the studies that have an effect size of their own.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr

from trialeukin.core.arrays import Booleans
from trialeukin.core.errors import AnalysisError
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.two_by_two import RiskMeasure, TwoByTwo, effect_sizes, with_effect

NOTHING = "in every study all patients had the event or none had: there is nothing to pool"
ROUNDED = 1e-12  # of the second sum of the difference's variance: what rounding leaves of a variance of zero


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
        Studies that the pool rests on.
    silent : tuple of str
        Names of the studies that add nothing to the pool, and are not among the k.
    estimate, standard_error, lower, upper : float
        The pooled value, its standard error and 95 % limits.
    p_value : float, 1
        Two-sided, against no effect.
    q, degrees_of_freedom, q_p_value : float, int, float
        Heterogeneity of the studies with an effect size of their own, and its p value (1 with fewer than two).
    left_out_of_q : tuple of str
        Names of the studies of the pool without an effect size of their own.
    """

    measure: RiskMeasure
    method: str
    k: int
    silent: tuple[str, ...]
    estimate: float
    standard_error: float
    lower: float
    upper: float
    p_value: float
    q: float
    degrees_of_freedom: int
    q_p_value: float
    left_out_of_q: tuple[str, ...]


def mantel_haenszel(table: TwoByTwo, measure: RiskMeasure) -> PooledCounts:
    """Return the pooled log risk ratio, log odds ratio or risk difference of Mantel and Haenszel.

    Raises
    ------
    AnalysisError
        When the pooled ratio is zero or infinite, when all patients of every study are alike so that there is no error,
        or when Peto's is asked, which is not of this method.
    """
    match measure:
        case RiskMeasure.RISK_RATIO:
            found, speaks = _risk_ratio(table), table.events_treated + table.events_control > 0.0
        case RiskMeasure.ODDS_RATIO:
            found, speaks = _odds_ratio(table), with_effect(table, measure)
        case RiskMeasure.RISK_DIFFERENCE:
            found, speaks = _risk_difference(table), np.ones(len(table.labels), dtype=bool)
        case RiskMeasure.PETO:
            raise AnalysisError("Peto's odds ratio has its own pool: ask for peto()")
    return _pooled(table, measure, found, speaks)


def peto(table: TwoByTwo) -> PooledCounts:
    """Return the pooled log odds ratio of Peto: sum (a - E) / sum V, of variance 1 / sum V.

    Raises
    ------
    AnalysisError
        When no study has patients with the event and without.
    """
    speaks = with_effect(table, RiskMeasure.PETO)
    if not speaks.any():
        raise AnalysisError(NOTHING)
    effects = effect_sizes(table.chosen(speaks), RiskMeasure.PETO)
    weight = 1.0 / effects.variances
    found = float(weight @ effects.estimates / weight.sum()), 1.0 / float(weight.sum())
    return _pooled(table, RiskMeasure.PETO, found, speaks)


def _pooled(table: TwoByTwo, measure: RiskMeasure, found: tuple[float, float], speaks: Booleans) -> PooledCounts:
    estimate, standard_error = found[0], float(np.sqrt(found[1]))
    compared = with_effect(table, measure)
    q, degrees_of_freedom = _heterogeneity(table.chosen(compared), measure, estimate) if compared.any() else (0.0, 0)
    return PooledCounts(
        measure=measure,
        method="Peto" if measure is RiskMeasure.PETO else "Mantel-Haenszel",
        k=int(speaks.sum()),
        silent=_names(table, ~speaks),
        estimate=estimate,
        standard_error=standard_error,
        lower=estimate - NORMAL_975 * standard_error,
        upper=estimate + NORMAL_975 * standard_error,
        p_value=2.0 * float(ndtr(-abs(estimate) / standard_error)),
        q=q,
        degrees_of_freedom=degrees_of_freedom,
        q_p_value=float(chdtrc(degrees_of_freedom, q)) if degrees_of_freedom else 1.0,
        left_out_of_q=_names(table, speaks & ~compared),
    )


def _heterogeneity(table: TwoByTwo, measure: RiskMeasure, centre: float) -> tuple[float, int]:
    effects = effect_sizes(table, measure)
    return float(np.sum((effects.estimates - centre) ** 2 / effects.variances)), effects.k - 1


def _names(table: TwoByTwo, which: Booleans) -> tuple[str, ...]:
    return tuple(label for label, wanted in zip(table.labels, which, strict=True) if wanted)


def _risk_ratio(table: TwoByTwo) -> tuple[float, float]:
    a, _, c, _ = table.cells
    n1, n0 = table.n_treated, table.n_control
    everyone = n1 + n0
    treated, control = float(np.sum(a * n0 / everyone)), float(np.sum(c * n1 / everyone))
    _refuse_no_logarithm(treated, control)
    shared = float(np.sum((n1 * n0 * (a + c) - a * c * everyone) / everyone**2))
    if shared == 0.0:
        raise AnalysisError(NOTHING)
    return float(np.log(treated / control)), shared / (treated * control)


def _odds_ratio(table: TwoByTwo) -> tuple[float, float]:
    a, b, c, d = table.cells
    everyone = a + b + c + d
    with_it, against = a * d / everyone, b * c / everyone
    r, s = float(with_it.sum()), float(against.sum())
    _refuse_no_logarithm(r, s)
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
    spread, most = float(estimate * p.sum() + q.sum()), float(q.sum())
    if spread <= ROUNDED * most:
        raise AnalysisError("all patients of an arm are alike in every study: their difference has no error")
    return estimate, spread / weight**2


def _refuse_no_logarithm(treated: float, control: float) -> None:
    if treated == 0.0 and control == 0.0:
        raise AnalysisError(NOTHING)
    if treated == 0.0 or control == 0.0:
        size = "zero" if treated == 0.0 else "infinite"
        raise AnalysisError(f"the pooled ratio is {size} and has no error; pool risk differences")
