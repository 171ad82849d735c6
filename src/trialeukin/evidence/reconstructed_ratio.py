r"""Log hazard ratios and their standard errors from what abstracts print: rates, events, p values, limits.

With e_j events of n_j patients in the treated (1) and the control arm (0), survival S_j at one time, and
z_p the standard normal quantile at 1 - p/2:

.. math::

    \log HR = \log\frac{\log S_1}{\log S_0}, \qquad
    SE = \sqrt{\sum_j \frac{1 - S_j}{n_j S_j (\log S_j)^2}} \quad\text{(survival rates)} \\
    \log HR = \pm z_p \, SE, \qquad SE = \sqrt{1/e_1 + 1/e_0}, \qquad e_j = n_j (1 - S_j)
    \quad\text{(p and events)} \\
    SE = \frac{\log U - \log L}{2 z_{0.05}} \quad\text{(hazard ratio and both limits, L and U)} \\
    SE = \frac{\log HR - \log L}{z_{0.05}} \quad\text{(hazard ratio and lower limit)}, \qquad
    SE = \frac{|\log HR|}{z_p} \quad\text{(hazard ratio and p)}

Parmar, Torri and Stewart (Stat Med 1998;17:2815); Tierney and others (Trials 2007;8:16). All take hazards as
proportional. The SE of survival rates is that of :math:`\log(-\log S)` of a share (delta method; Kalbfleisch and
Prentice, The Statistical Analysis of Failure Time Data, 1980): it errs to the small side where patients were censored
before that time, and by a few per cent in arms of 30. Events counted at one time leave later ones out, so that the SE
of p and events errs to the large side. p values and rates are printed to two digits, and `rounding` says what that
alone may do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import ndtri

from trialeukin.core.errors import AnalysisError
from trialeukin.core.normal import NORMAL_975

SMALLEST_P = 1e-12
HALF_A_DIGIT = 0.005  # of numbers printed to two digits
SKEWED = 0.1  # of a standard error: a slip of the pen moves the middle by more, a likelihood interval by less
LARGEST_ERROR = float(np.sqrt(2.0))  # sqrt(1/e_1 + 1/e_0) of one event in each arm; without, there is no ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructedRatio:
    """A log hazard ratio, treated over control, with its standard error.

    Attributes
    ----------
    log_ratio, standard_error : float, 1
        The estimate; the standard error is above zero.
    rounding : float, 1
        The most by which the estimate moves when every printed number moves by half of its last digit; infinite where
        no ratio has the numbers at one end of these.
    """

    log_ratio: float
    standard_error: float
    rounding: float


def normal_quantile(p: float) -> float:
    """Return z of a two-sided p value."""
    if not 0.0 < p <= 1.0:
        raise AnalysisError(f"p {p:g}: give a two-sided p value above 0 and up to 1")
    return float(ndtri(1.0 - max(p, SMALLEST_P) / 2.0))


def events_by(survival: float, n: float) -> float:
    """Return how many of n patients had the event by the time of a survival probability."""
    if not 0.0 < survival < 1.0:
        raise AnalysisError(f"survival {survival:g}: at 0 or 1 nothing can be said of the hazard; give one between")
    return n * (1.0 - survival)


def error_of_events(events_treated: float, events_control: float) -> float:
    """Return the standard error of a log hazard ratio from the events in both arms."""
    if min(events_treated, events_control) <= 0.0:
        raise AnalysisError(
            f"{events_treated:g} and {events_control:g} events: an arm without events gives no standard error"
        )
    return float(np.sqrt(1.0 / events_treated + 1.0 / events_control))


def ratio_from_rates(
    survival_treated: float, survival_control: float, *, n_treated: float, n_control: float
) -> ReconstructedRatio:
    """Return the log hazard ratio of two survival probabilities at one time; see the module."""
    arms = (survival_treated, n_treated), (survival_control, n_control)
    variance = sum(events_by(survival, n) / (survival * (n * np.log(survival)) ** 2) for survival, n in arms)

    def estimate(treated: float, control: float) -> float:
        return float(np.log(np.log(treated) / np.log(control)))

    return ReconstructedRatio(
        log_ratio=estimate(survival_treated, survival_control),
        standard_error=float(np.sqrt(variance)),
        rounding=_rounding(estimate, (survival_treated, survival_control), most=1.0),
    )


def ratio_from_p(
    p: float, *, events_treated: float, events_control: float, favours_treated: bool
) -> ReconstructedRatio:
    """Return the log hazard ratio that a p value and the events of both arms imply; the sign is given."""
    standard_error = error_of_events(events_treated, events_control)
    sign = -1.0 if favours_treated else 1.0

    def estimate(value: float) -> float:
        return sign * normal_quantile(value) * standard_error

    return ReconstructedRatio(
        log_ratio=estimate(p), standard_error=standard_error, rounding=_rounding(estimate, (p,), most=1.0)
    )


def ratio_from_lower_limit(hazard_ratio: float, lower: float) -> ReconstructedRatio:
    """Return the log hazard ratio with the standard error that its lower 95 % limit implies."""
    if not 0.0 < lower < hazard_ratio:
        raise AnalysisError(f"lower limit {lower:g} of a hazard ratio {hazard_ratio:g}: give one above 0 and below it")
    rounding = _rounding(lambda ratio: float(np.log(ratio)), (hazard_ratio,))
    log_ratio = float(np.log(hazard_ratio))
    return ReconstructedRatio(
        log_ratio=log_ratio, standard_error=(log_ratio - float(np.log(lower))) / NORMAL_975, rounding=rounding
    )


def ratio_from_limits(hazard_ratio: float, lower: float, upper: float) -> ReconstructedRatio:
    """Return the log hazard ratio with the standard error that both its 95 % limits imply.

    Raises
    ------
    AnalysisError
        When the ratio is not between its limits, or further from their geometric mean than rounding and the slight
        skewness of likelihood intervals explain.
    """
    if not 0.0 < lower < hazard_ratio < upper:
        raise AnalysisError(
            f"hazard ratio {hazard_ratio:g} with limits {lower:g} and {upper:g}: give it between them, and all above 0"
        )

    def middle(low: float, high: float) -> float:
        return float(np.log(low * high)) / 2.0

    half_digit = 0.05 if all(round(each, 1) == each for each in (hazard_ratio, lower, upper)) else HALF_A_DIGIT
    log_ratio, centre = float(np.log(hazard_ratio)), middle(lower, upper)
    standard_error = (float(np.log(upper)) - float(np.log(lower))) / (2.0 * NORMAL_975)
    rounding = _rounding(lambda ratio: float(np.log(ratio)), (hazard_ratio,), half_digit)
    if abs(log_ratio - centre) > rounding + _rounding(middle, (lower, upper), half_digit) + SKEWED * standard_error:
        raise AnalysisError(
            f"hazard ratio {hazard_ratio:g} with limits {lower:g} and {upper:g}: a 95 % interval has its ratio near "
            f"the geometric mean of the limits, {np.exp(centre):.3g}; check the three numbers, or give the ratio and "
            "its p"
        )
    return ReconstructedRatio(log_ratio=log_ratio, standard_error=standard_error, rounding=rounding)


def ratio_from_limit_and_p(lower: float, p: float, *, favours_treated: bool) -> ReconstructedRatio:
    """Return the log hazard ratio x and SE that a lower limit and a p value fix together.

    x - 1.96 SE = log(lower) and abs(x) = z_p SE, so SE = -log(lower) / (1.96 + z_p) where the treated fare better
    and SE = -log(lower) / (1.96 - z_p) where they fare worse, which is without end as p comes down to 0.05.

    Raises
    ------
    AnalysisError
        When no hazard ratio has both, or none whose standard error could be that of one event in each arm.
    """

    def error(limit: float, value: float) -> float:
        reach = NORMAL_975 + (1.0 if favours_treated else -1.0) * normal_quantile(value)
        return float(-np.log(limit) / reach) if reach > 0.0 else float("inf")

    def estimate(limit: float, value: float) -> float:
        return (-1.0 if favours_treated else 1.0) * normal_quantile(value) * error(limit, value)

    if not 0.0 < lower < 1.0 or error(lower, p) == float("inf"):
        raise AnalysisError(f"lower limit {lower:g} and p {p:g} contradict each other: no hazard ratio has both")
    if error(lower, p) > LARGEST_ERROR:
        raise AnalysisError(
            f"lower limit {lower:g} and p {p:g} give a log hazard ratio of {estimate(lower, p):.3g} with a standard "
            f"error of {error(lower, p):.3g}, above {LARGEST_ERROR:.2f}, that of one event in each arm: one of them is "
            "not of this ratio, or its sign is the other; give the events, or the ratio itself"
        )
    rounding = _rounding(estimate, (lower, p), most=1.0)
    return ReconstructedRatio(log_ratio=estimate(lower, p), standard_error=error(lower, p), rounding=rounding)


def ratio_from_ratio_and_p(hazard_ratio: float, p: float) -> ReconstructedRatio:
    """Return the log hazard ratio with the standard error that its p value implies."""
    z = normal_quantile(p)
    if z == 0.0 or hazard_ratio <= 0.0 or hazard_ratio == 1.0:
        raise AnalysisError(f"hazard ratio {hazard_ratio:g} with p {p:g}: no effect or p of 1 fixes no standard error")
    log_ratio = float(np.log(hazard_ratio))
    rounding = _rounding(lambda ratio: float(np.log(ratio)), (hazard_ratio,))
    return ReconstructedRatio(log_ratio=log_ratio, standard_error=abs(log_ratio) / z, rounding=rounding)


def _rounding(
    estimate: Callable[..., float],
    printed: tuple[float, ...],
    half_digit: float = HALF_A_DIGIT,
    *,
    most: float = float("inf"),
) -> float:
    """Return the most that an estimate moves over the corners of what rounding hid; values stay between 0 and most."""
    centre = estimate(*printed)
    corners = product(
        *((max(value - half_digit, value / 2.0), min(value + half_digit, (value + most) / 2.0)) for value in printed)
    )
    return max(abs(estimate(*corner) - centre) for corner in corners)
