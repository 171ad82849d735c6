r"""Mixture cure: some patients never have the event, the others at times of a parametric law.

.. math:: S(t | x, z) = 1 - \pi(z) + \pi(z) S_u(t | x), \qquad \operatorname{logit} \pi(z) = z \gamma,
   \quad \log T_u = x \beta + \sigma W

Maximum likelihood (Farewell, Biometrics 1982;38:1041) from several starts, with the observed information. What
acts on the share of the uncured and what on their times is chosen apart: with arms on both the model is
unrestricted, with arms on one of them restricted, and the two are compared by their likelihoods.
Whether there is a cure at all is a matter of follow-up: see `trialeukin.survival.plateau`.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import block_diag
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.accelerated_failure import Law, refuse_zero
from trialeukin.survival.chi_square import ChiSquare
from trialeukin.survival.cox_sample import checked_covariates
from trialeukin.survival.observations import Observations, observations, refuse_all_censored

STEEPEST = 1e-4  # slope per event of the log likelihood left at a maximum
LARGEST_LOGIT = 12.0  # a share within 1e-5 of zero or one is at the edge: the logit would run away
DIFFERENCE = 1e-5  # of the parameters, for second derivatives out of exact first ones
LEAST_SPREAD = 1e-9  # of log times of events about their law: below it they are on it, but for rounding
STARTS = (-1.0, 0.0, 1.5)


class CureStatus(IntEnum):
    """How a fit ended; only CONVERGED has estimates.

    EDGE: the likelihood is highest where nobody is cured (or everybody): the data show no plateau. FLAT: the
    information has no inverse, so that share and times cannot be told apart. UNBOUNDED: the events lie on a curve of
    no spread (all at one time, or as few as there are coefficients), and the likelihood grows as the scale falls.
    """

    CONVERGED = 0
    EDGE = 1
    FLAT = 2
    NOT_FOUND = 3
    UNBOUNDED = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MixtureCure:
    """A fitted mixture cure model with q incidence and p latency covariates.

    Attributes
    ----------
    status : CureStatus
        Whether there are estimates, and if not, why.
    incidence : (1 + q,)
        Intercept and coefficients of the logit of not being cured; NaN unless converged.
    latency : (1 + p,)
        Intercept and log time ratios of the uncured; NaN unless converged.
    scale : float, 1
        What W is multiplied by, sigma; one for an exponential law.
    covariance : (m, m)
        Inverse observed information of incidence, latency and log scale.
    log_likelihood : float, 1
        Where the search ended.
    parameters : int
        How many were fitted.
    """

    status: CureStatus
    incidence: Floats
    latency: Floats
    scale: float
    covariance: Floats
    log_likelihood: float
    parameters: int

    @property
    def standard_errors(self) -> Floats:
        """(m,) Of incidence, latency and log scale."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def cured(self, covariates: ArrayLike = ()) -> float:
        """Return the share of cured patients among those with the incidence covariates, (q,)."""
        row = np.concatenate(([1.0], np.asarray(covariates, dtype=np.float64)))
        return float(expit(-row @ self.incidence))

    def against(self, restricted: "MixtureCure") -> ChiSquare:
        """Compare with a model of the same patients that has fewer covariates (likelihood ratio)."""
        freedom = self.parameters - restricted.parameters
        if freedom < 1 or {self.status, restricted.status} != {CureStatus.CONVERGED}:
            raise AnalysisError(
                f"{self.parameters} parameters ({self.status.name}) against {restricted.parameters} "
                f"({restricted.status.name}): compare a converged model with a converged smaller one"
            )
        gain = max(0.0, 2.0 * (self.log_likelihood - restricted.log_likelihood))
        return ChiSquare(statistic=gain, degrees_of_freedom=freedom)


def mixture_cure(
    times: ArrayLike,
    events: ArrayLike,
    *,
    incidence: ArrayLike | None = None,
    latency: ArrayLike | None = None,
    law: Law = Law.WEIBULL,
) -> MixtureCure:
    """Fit a mixture cure model.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring; above zero.
    events : (n,), 1
        1 or True where the event was seen.
    incidence : (n, q) or (n,)
        Covariates of the share of uncured patients; none given: one share.
    latency : (n, p) or (n,)
        Covariates of the times of the uncured; none given: one law for all.
    law : Law
        The law of these times.
    """
    observed = observations(times, events)
    refuse_all_censored(observed.events)
    refuse_zero(observed.times)
    (shares_design, shares_back), (times_design, times_back) = _design(incidence, observed), _design(latency, observed)
    designs = shares_design, times_design
    if law is not Law.EXPONENTIAL and _spread(observed, times_design) < LEAST_SPREAD:
        return _without_estimate(CureStatus.UNBOUNDED, designs)
    value = partial(_likelihood, observed, designs, law)
    ends = [
        minimize(value, _start(observed, designs, law, logit), jac=True, method="BFGS", options={"gtol": 1e-8})
        for logit in STARTS
    ]
    place = min(ends, key=lambda end: float(end.fun)).x
    height, slope = value(place)
    information = _information(value, place)
    status = _status(place[: designs[0].shape[1]] @ designs[0].T, slope / observed.events.sum(), information)
    shares, size = designs[0].shape[1], designs[0].shape[1] + designs[1].shape[1]
    found = status is CureStatus.CONVERGED
    nothing = np.full(place.size, np.nan)
    back = block_diag(shares_back, times_back, np.eye(place.size - size))
    kept = back @ place if found else nothing
    return MixtureCure(
        status=status,
        incidence=kept[:shares],
        latency=kept[shares:size],
        scale=float(np.exp(kept[-1])) if law is not Law.EXPONENTIAL else (1.0 if found else np.nan),
        covariance=np.asarray(back @ np.linalg.inv(information) @ back.T)
        if found
        else np.full((place.size, place.size), np.nan),
        log_likelihood=-float(height),
        parameters=place.size,
    )


def _design(covariates: ArrayLike | None, observed: Observations) -> tuple[Floats, Floats]:
    """Intercept and standardised covariates, (n, 1 + p), and what turns their coefficients into those asked for."""
    ones = np.ones((observed.times.size, 1))
    if covariates is None:
        return ones, np.eye(1)
    columns = checked_covariates(covariates, observed.times.size)
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    back = np.diag(np.concatenate(([1.0], 1.0 / spread)))
    back[0, 1:] = -centre / spread
    return np.hstack((ones, (columns - centre) / spread)), back


def _spread(observed: Observations, latency: Floats) -> float:
    """Return how far the log time of any event is from the coefficients that fit the events best."""
    logs, rows = np.log(observed.times[observed.events]), latency[observed.events]
    return float(np.abs(logs - rows @ np.linalg.lstsq(rows, logs, rcond=None)[0]).max())


def _without_estimate(status: CureStatus, designs: tuple[Floats, Floats]) -> MixtureCure:
    shares, times = (design.shape[1] for design in designs)
    size = shares + times + 1
    return MixtureCure(
        status=status,
        incidence=np.full(shares, np.nan),
        latency=np.full(times, np.nan),
        scale=np.nan,
        covariance=np.full((size, size), np.nan),
        log_likelihood=np.inf,
        parameters=size,
    )


def _start(observed: Observations, designs: tuple[Floats, Floats], law: Law, logit: float) -> Floats:
    logs = np.log(observed.times[observed.events])
    spread = max(float(logs.std()), 0.1)
    start = np.zeros(designs[0].shape[1] + designs[1].shape[1] + (law is not Law.EXPONENTIAL))
    start[0], start[designs[0].shape[1]] = logit, float(logs.mean())
    if law is not Law.EXPONENTIAL:
        start[-1] = np.log(spread)
    return start


def _likelihood(
    observed: Observations, designs: tuple[Floats, Floats], law: Law, place: Floats
) -> tuple[float, Floats]:
    """Minus the log likelihood and its slope in incidence, latency and log scale."""
    shares, size = designs[0].shape[1], designs[0].shape[1] + designs[1].shape[1]
    logit, logs, seen = designs[0] @ place[:shares], np.log(observed.times), observed.events
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        scale = 1.0 if law is Law.EXPONENTIAL else float(np.exp(place[-1]))
        z = (logs - designs[1] @ place[shares:size]) / scale
        (density, rise, _), (tail, fall, _) = law.terms(z)
        uncured, cured = log_expit(logit), log_expit(-logit)
        alive = np.logaddexp(cured, uncured + tail)
        value = np.where(seen, uncured + density - np.log(scale) - logs, alive).sum()
        still = np.exp(uncured + tail - alive)  # a patient censored then is uncured with this probability
        by_logit = np.where(seen, expit(-logit), still - expit(logit))
        by_z = np.where(seen, rise, still * fall)
        slope = np.concatenate((by_logit @ designs[0], -(by_z / scale) @ designs[1]))
        if law is not Law.EXPONENTIAL:
            slope = np.append(slope, -(by_z @ z) - seen.sum())
    if not (np.isfinite(value) and np.isfinite(slope).all()):
        return 1e300, np.zeros_like(slope)
    return -float(value), -slope


def _information(value: "partial[tuple[float, Floats]]", place: Floats) -> Floats:
    columns = []
    for index in range(place.size):
        step = np.zeros(place.size)
        step[index] = DIFFERENCE * max(1.0, abs(place[index]))
        columns.append((value(place + step)[1] - value(place - step)[1]) / (2.0 * step[index]))
    matrix = np.array(columns)
    return np.asarray(0.5 * (matrix + matrix.T))


def _status(logits: Floats, slope: Floats, information: Floats) -> CureStatus:
    if not np.isfinite(information).all():
        return CureStatus.NOT_FOUND
    if np.abs(logits).max() > LARGEST_LOGIT:
        return CureStatus.EDGE
    if np.abs(slope).max() > STEEPEST:
        return CureStatus.NOT_FOUND
    own = np.sqrt(np.abs(np.diag(information)))
    if (own <= 0.0).any() or np.linalg.eigvalsh(information / np.outer(own, own))[0] < 1e-8:
        return CureStatus.FLAT
    return CureStatus.CONVERGED
