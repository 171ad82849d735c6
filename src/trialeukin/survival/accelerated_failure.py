r"""Parametric survival in which covariates stretch time: :math:`\log T = x \beta + \sigma W`.

Maximum likelihood with right censoring. The search runs in :math:`(\beta / \sigma, 1 / \sigma)`, where the log
likelihood is concave for every law offered here, so that its maximum is the only one (Burridge, J R Stat
Soc B 1981;43:41). The log likelihood is that of T, not of log T. Kalbfleisch and Prentice 2002, chapter 3.
"""

from dataclasses import dataclass
from enum import Enum
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_ndtr, ndtr, ndtri

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxStatus, climb, refuse_collinear
from trialeukin.survival.cox_sample import checked_covariates
from trialeukin.survival.observations import (
    Observations,
    numbers,
    observations,
    refuse_all_censored,
    refuse_fraction,
    two_sided,
)
from trialeukin.survival.partial_likelihood import Likelihood

Terms = tuple[Floats, Floats, Floats]
"""Log of a function of z and its first two derivatives, (n,) each."""
LOG_ROOT_TWO_PI = 0.5 * np.log(2.0 * np.pi)


class Law(Enum):
    """The distribution of time.

    EXPONENTIAL: a Weibull law with scale 1. WEIBULL: W is minimum extreme value. LOG_NORMAL: W is normal.
    LOG_LOGISTIC: W is logistic.
    """

    EXPONENTIAL = "exponential"
    WEIBULL = "Weibull"
    LOG_NORMAL = "log-normal"
    LOG_LOGISTIC = "log-logistic"

    def terms(self, z: Floats) -> tuple[Terms, Terms]:
        """Return log density and log survival of W with their derivatives."""
        with np.errstate(over="ignore", invalid="ignore"):
            match self:
                case Law.EXPONENTIAL | Law.WEIBULL:
                    power = np.exp(z)
                    return (z - power, 1.0 - power, -power), (-power, -power, -power)
                case Law.LOG_NORMAL:
                    density = -0.5 * z**2 - LOG_ROOT_TWO_PI
                    tail = log_ndtr(-z)
                    hazard = np.exp(density - tail)
                    return (density, -z, np.full_like(z, -1.0)), (tail, -hazard, -hazard * (hazard - z))
                case Law.LOG_LOGISTIC:
                    share, tail = expit(z), -np.logaddexp(0.0, z)
                    curve = -share * (1.0 - share)
                    return (z + 2.0 * tail, 1.0 - 2.0 * share, 2.0 * curve), (tail, -share, curve)

    def quantile(self, fraction: float) -> float:
        """Return the quantile of W."""
        match self:
            case Law.EXPONENTIAL | Law.WEIBULL:
                return float(np.log(-np.log1p(-fraction)))
            case Law.LOG_NORMAL:
                return float(ndtri(fraction))
            case Law.LOG_LOGISTIC:
                return float(np.log(fraction / (1.0 - fraction)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcceleratedFailure:
    """A fitted model with p covariates.

    Attributes
    ----------
    law : Law
        What was fitted.
    status : CoxStatus
        Whether there is an estimate, and if not, why.
    coefficients : (1 + p,)
        Intercept, then log time ratios per unit of each covariate; NaN unless converged.
    scale : float, 1
        What W is multiplied by, sigma; one for EXPONENTIAL.
    covariance : (2 + p, 2 + p), or (1 + p, 1 + p) for EXPONENTIAL
        Inverse observed information of the coefficients and log scale.
    log_likelihood : float, 1
        Where the search ended.
    """

    law: Law
    status: CoxStatus
    coefficients: Floats
    scale: float
    covariance: Floats
    log_likelihood: float

    @property
    def standard_errors(self) -> Floats:
        """(1 + p,) Of the coefficients."""
        return np.asarray(np.sqrt(np.diag(self.covariance))[: self.coefficients.size])

    @property
    def p_values(self) -> Floats:
        """(1 + p,) Two-sided (Wald)."""
        return np.asarray(2.0 * ndtr(-np.abs(self.coefficients / self.standard_errors)))

    def time_ratio_interval(self, *, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return lower and upper limits of the time ratios, (p,) each."""
        centre, width = self.coefficients[1:], two_sided(level) * self.standard_errors[1:]
        return np.exp(centre - width), np.exp(centre + width)

    def survival(self, times: ArrayLike, covariates: ArrayLike) -> Floats:
        """Return the survival of one patient, (m,), at times above zero, (m,), given covariates, (p,)."""
        place = self.coefficients[0] + numbers(covariates, "covariates") @ self.coefficients[1:]
        _, tail = self.law.terms((np.log(numbers(times, "times")) - place) / self.scale)
        return np.exp(tail[0])

    def quantile(self, fraction: float, covariates: ArrayLike) -> float:
        """Return when a fraction of patients with the covariates, (p,), has had the event."""
        refuse_fraction(fraction)
        place = self.coefficients[0] + numbers(covariates, "covariates") @ self.coefficients[1:]
        return float(np.exp(place + self.scale * self.law.quantile(fraction)))


def accelerated_failure(
    times: ArrayLike, events: ArrayLike, covariates: ArrayLike | None = None, *, law: Law = Law.WEIBULL
) -> AcceleratedFailure:
    """Fit a parametric survival model.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring; above zero.
    events : (n,), 1
        1 or True where the event was seen.
    covariates : (n, p) or (n,)
        Finite numbers; none given: the intercept alone.
    law : Law
        The distribution of time.
    """
    observed = observations(times, events)
    refuse_all_censored(observed.events)
    refuse_zero(observed.times)
    columns = (
        np.empty((observed.times.size, 0))
        if covariates is None
        else checked_covariates(covariates, len(observed.times))
    )
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    design = np.column_stack((np.ones(observed.times.size), (columns - centre) / spread))
    likelihood = partial(_likelihood, observed, design, law)
    start = _start(observed, design, law)
    at_start = likelihood(start)
    if covariates is not None:
        refuse_collinear(at_start.information[1 : design.shape[1], 1 : design.shape[1]])
    status, place, end, _ = climb(likelihood, at_start, start)
    back = np.eye(design.shape[1])
    back[1:, 1:] /= spread
    back[0, 1:] = -centre / spread
    return _result(law, (status, place, end), back)


def _result(law: Law, found: tuple[CoxStatus, Floats, Likelihood], back: Floats) -> AcceleratedFailure:
    """Turn slopes over the scale, of standardised covariates, into coefficients and log scale."""
    status, place, end = found
    size = len(back)
    coefficients, scale, covariance = np.full(size, np.nan), np.nan, np.full((place.size, place.size), np.nan)
    if status is CoxStatus.CONVERGED:
        inverse = np.linalg.inv(end.information)
        scale = 1.0 if law is Law.EXPONENTIAL else 1.0 / float(place[-1])
        coefficients = back @ place[:size] * scale
        turn = np.zeros_like(inverse)
        turn[:size, :size] = back * scale
        if law is not Law.EXPONENTIAL:
            turn[:size, -1] = -coefficients * scale
            turn[-1, -1] = -scale
        covariance = turn @ inverse @ turn.T
    return AcceleratedFailure(
        law=law, status=status, coefficients=coefficients, scale=scale, covariance=covariance, log_likelihood=end.value
    )


def _start(observed: Observations, design: Floats, law: Law) -> Floats:
    logs = np.log(observed.times)
    rate = 1.0 if law is Law.EXPONENTIAL else 1.0 / max(float(logs.std()), 1e-3)
    start = np.zeros(design.shape[1] + (law is not Law.EXPONENTIAL))
    start[0] = rate * float(logs.mean())
    if law is not Law.EXPONENTIAL:
        start[-1] = rate
    return start


def _likelihood(observed: Observations, design: Floats, law: Law, place: Floats) -> Likelihood:
    """Log likelihood in (beta / sigma, 1 / sigma); for EXPONENTIAL in beta alone."""
    logs = np.log(observed.times)
    rate = 1.0 if law is Law.EXPONENTIAL else float(place[-1])
    size = design.shape[1]
    if rate <= 0.0:
        return Likelihood(-np.inf, np.full(place.size, np.nan), np.full((place.size, place.size), np.nan))
    density, tail = law.terms(rate * logs - design @ place[:size])
    value, slope, curve = (np.where(observed.events, *pair) for pair in zip(density, tail, strict=True))
    columns = -design if law is Law.EXPONENTIAL else np.column_stack((-design, logs))
    score, information = slope @ columns, -(columns.T * curve) @ columns
    seen = float(observed.events.sum())
    if law is not Law.EXPONENTIAL:
        score[-1] += seen / rate
        information[-1, -1] += seen / rate**2
    height = float(value.sum() + seen * np.log(rate) - logs[observed.events].sum())
    return Likelihood(height, score, information)


def refuse_zero(times: Floats) -> None:
    """Refuse a time of zero, which has no logarithm."""
    wrong = np.flatnonzero(times <= 0.0)
    if wrong.size:
        raise AnalysisError(
            f"times[{wrong[0]}] is {times[wrong[0]]:g}: a parametric law of log time takes times above zero; "
            "count the first day as 1, or leave the patient out"
        )
