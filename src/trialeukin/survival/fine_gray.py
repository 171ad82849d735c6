r"""Fine and Gray's proportional subdistribution hazards.

Who has had a competing event stays at risk for the cause, with a weight that falls as censoring would have
taken him, G being the Kaplan-Meier estimate of not yet being censored:

.. math:: w_i(t) = 1 \text{ while } t \le T_i, \qquad w_i(t) = \frac{G(t-)}{G(T_i-)} \text{ after a competing event}

Tied deaths as in Breslow. The covariance is the sandwich of Fine and Gray, with the part that estimating G
adds; the one that takes G as known is given beside it (as R finegray with coxph has it).
Fine and Gray, J Am Stat Assoc 1999;94:496. With strata each has a baseline and a G of its own, and likelihoods and
squared influences add up over them (regularly stratified data: Zhou, Latouche, Rocha and Fine, Biometrics 2011;67:661).
"""

from dataclasses import dataclass
from enum import Enum
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.survival.competing_risks import checked_causes, refuse_unseen
from trialeukin.survival.cox import CoxStatus, climb, refuse_collinear
from trialeukin.survival.cox_sample import checked_covariates
from trialeukin.survival.log_rank import stratum_members
from trialeukin.survival.observations import observations, two_sided
from trialeukin.survival.partial_likelihood import Likelihood


class CensoringTies(Enum):
    """Who is at risk of being censored at a time at which others have an event.

    WITH_EVENTS: those too, as in R cmprsk `crr`. AFTER_EVENTS: only who is left, as in R survival `finegray`.
    """

    WITH_EVENTS = "with events"
    AFTER_EVENTS = "after events"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FineGray:
    """A fitted model of p covariates.

    Attributes
    ----------
    status : CoxStatus
        Whether there is an estimate, and if not, why.
    coefficients : (p,)
        Log subdistribution hazard ratios; NaN unless converged.
    covariance, covariance_known_weights : (p, p)
        Sandwich, with and without the part of the estimated censoring weights.
    log_likelihood, log_likelihood_at_zero : float, 1
        Log pseudo partial likelihoods.
    events : int
        Events of the cause.
    """

    status: CoxStatus
    coefficients: Floats
    covariance: Floats
    covariance_known_weights: Floats
    log_likelihood: float
    log_likelihood_at_zero: float
    events: int

    @property
    def standard_errors(self) -> Floats:
        """(p,) Of the coefficients."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def p_values(self) -> Floats:
        """(p,) Two-sided, of each coefficient alone (Wald)."""
        return np.asarray(2.0 * ndtr(-np.abs(self.coefficients / self.standard_errors)))

    def interval(self, *, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return lower and upper limits of the subdistribution hazard ratios, (p,) each."""
        width = two_sided(level) * self.standard_errors
        return np.exp(self.coefficients - width), np.exp(self.coefficients + width)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sample:
    """Patients sorted by time; events of the cause at k distinct times."""

    times: Floats
    own: Booleans
    competing: Booleans
    covariates: Floats
    when: Floats
    deaths: Floats
    free_at: Floats  # (k,) G just before each event time
    free_own: Floats  # (n,) G just before each patient's time


def fine_gray(
    times: ArrayLike,
    causes: ArrayLike,
    covariates: ArrayLike,
    *,
    cause: int = 1,
    censoring: CensoringTies = CensoringTies.WITH_EVENTS,
    strata: ArrayLike | None = None,
) -> FineGray:
    """Fit the subdistribution hazard of one cause.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the first event or of censoring, zero or more.
    causes : (n,), 1
        0 where censored, else the code of what happened first.
    covariates : (n, p) or (n,)
        Finite numbers, fixed in time.
    cause : int
        The cause modelled.
    censoring : CensoringTies
        What ties of events and censorings mean for the weights.
    strata : (n,)
        A label a patient; each stratum has a baseline and a censoring of its own. None given: one stratum.
    """
    codes = checked_causes(causes)
    observed = observations(times, codes > 0)
    refuse_unseen(cause, codes)
    columns = checked_covariates(covariates, codes.size)
    scale = columns.std(axis=0)
    centred = (columns - columns.mean(axis=0)) / scale
    samples = [
        _sample(observed.times[members], codes[members], centred[members], (cause, censoring))
        for members in stratum_members(strata, observed)
        if (codes[members] == cause).any()
    ]

    def likelihood(place: Floats) -> Likelihood:
        return reduce(Likelihood.plus, (_likelihood(sample, place) for sample in samples))

    at_zero = likelihood(np.zeros(scale.size))
    refuse_collinear(at_zero.information)
    status, place, end, _ = climb(likelihood, at_zero)
    plain = corrected = np.full((scale.size, scale.size), np.nan)
    if status is CoxStatus.CONVERGED:
        own = np.vstack([_influence(sample, place) for sample in samples])
        both = own + np.vstack([_censoring_influence(sample, place) for sample in samples])
        bread = np.linalg.inv(end.information) / scale[:, None]
        plain = np.asarray(bread @ own.T @ own @ bread.T)
        corrected = np.asarray(bread @ both.T @ both @ bread.T)
    return FineGray(
        status=status,
        coefficients=place / scale if status is CoxStatus.CONVERGED else np.full(scale.size, np.nan),
        covariance=corrected,
        covariance_known_weights=plain,
        log_likelihood=end.value,
        log_likelihood_at_zero=at_zero.value,
        events=int((codes == cause).sum()),
    )


def _sample(times: Floats, codes: Integers, columns: Floats, how: tuple[int, CensoringTies]) -> _Sample:
    cause, ties = how
    order = np.argsort(times, kind="stable")
    times, codes = times[order], codes[order]
    when, deaths = np.unique(times[codes == cause], return_counts=True)
    at, lost = np.unique(times[codes == 0], return_counts=True)
    at_risk = times.size - np.searchsorted(times, at, side="left")
    if ties is CensoringTies.AFTER_EVENTS:
        ended = times[codes > 0]
        at_risk = at_risk - (np.searchsorted(ended, at, side="right") - np.searchsorted(ended, at, side="left"))
    free = np.concatenate(([1.0], np.cumprod(1.0 - lost / at_risk)))
    return _Sample(
        times=times,
        own=codes == cause,
        competing=(codes > 0) & (codes != cause),
        covariates=columns[order],
        when=when,
        deaths=deaths.astype(np.float64),
        free_at=free[np.searchsorted(at, when, side="left")],
        free_own=free[np.searchsorted(at, times, side="left")],
    )


def _at_risk(sample: _Sample, values: Floats) -> Floats:
    """Weighted sums of (n, ...) values over those at risk at each event time, (k, ...)."""
    zero = np.zeros((1, *values.shape[1:]))
    behind = np.concatenate((np.cumsum(values[::-1], axis=0)[::-1], zero))
    places = np.searchsorted(sample.times, sample.when, side="left")
    kept = values[sample.competing]
    shape = (-1, *(1,) * (values.ndim - 1))
    kept = kept / sample.free_own[sample.competing].reshape(shape)
    before = np.concatenate((zero, np.cumsum(kept, axis=0)))
    left = before[np.searchsorted(sample.times[sample.competing], sample.when, side="left")]
    return np.asarray(behind[places] + sample.free_at.reshape(shape) * left)


def _exposure(sample: _Sample, rates: Floats) -> Floats:
    """Add up (k, ...) rates, weighted, while each patient is at risk, (n, ...)."""
    shape = (-1, *(1,) * (rates.ndim - 1))
    zero = np.zeros((1, *rates.shape[1:]))
    hazard = np.concatenate((zero, np.cumsum(rates, axis=0)))
    weighted = np.concatenate((zero, np.cumsum(rates * sample.free_at.reshape(shape), axis=0)))
    until = np.searchsorted(sample.when, sample.times, side="right")
    later = (weighted[-1] - weighted[until]) / np.where(sample.competing, sample.free_own, np.inf).reshape(shape)
    return np.asarray(hazard[until] + later)


def _moments(sample: _Sample, coefficients: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Relative hazards, (n,), their sum, (k,), the mean covariates at risk, (k, p), and the highest predictor."""
    predictor = sample.covariates @ coefficients
    highest = float(predictor.max())
    risk = np.exp(predictor - highest)
    total = _at_risk(sample, risk)
    return risk, total, _at_risk(sample, sample.covariates * risk[:, None]) / total[:, None], highest


def _likelihood(sample: _Sample, coefficients: Floats) -> Likelihood:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        risk, total, mean, highest = _moments(sample, coefficients)
        dying = sample.covariates[sample.own]
        value = float((dying @ coefficients - highest).sum() - sample.deaths @ np.log(total))
        score = dying.sum(axis=0) - sample.deaths @ mean
        exposure = risk * _exposure(sample, sample.deaths / total)
        information = (sample.covariates.T * exposure) @ sample.covariates - (mean.T * sample.deaths) @ mean
    return Likelihood(value, score, information)


def _influence(sample: _Sample, coefficients: Floats) -> Floats:
    """Score of each patient were the weights known, (n, p)."""
    risk, total, mean, _ = _moments(sample, coefficients)
    rates = sample.deaths / total
    drift = sample.covariates * _exposure(sample, rates)[:, None] - _exposure(sample, rates[:, None] * mean)
    rows = -risk[:, None] * drift
    rows[sample.own] += sample.covariates[sample.own] - mean[np.searchsorted(sample.when, sample.times[sample.own])]
    return rows


def _censoring_influence(sample: _Sample, coefficients: Floats) -> Floats:
    """Return what each patient adds through the estimate of the weights, (n, p)."""
    risk, total, mean, _ = _moments(sample, coefficients)
    own_censoring = ~(sample.own | sample.competing)
    at = sample.times[own_censoring]
    rows = np.zeros_like(sample.covariates)
    if at.size == 0:
        return rows
    kept = np.where(sample.competing, risk / sample.free_own, 0.0)
    first = np.searchsorted(sample.times, at, side="left")
    gone = np.concatenate(([0.0], np.cumsum(kept)))[first]
    gone_columns = np.concatenate((np.zeros((1, mean.shape[1])), np.cumsum(sample.covariates * kept[:, None], axis=0)))
    rates = sample.free_at * sample.deaths / total
    place = np.searchsorted(sample.when, at, side="left")
    left = np.concatenate((np.cumsum(rates[::-1])[::-1], [0.0]))[place]
    left_means = np.concatenate((np.cumsum((rates[:, None] * mean)[::-1], axis=0)[::-1], np.zeros_like(mean[:1])))
    slope = gone_columns[first] * left[:, None] - gone[:, None] * left_means[place]
    at_risk = (sample.times.size - first).astype(np.float64)[:, None]
    hazard = np.concatenate((np.zeros_like(mean[:1]), np.cumsum(slope / at_risk**2, axis=0)))
    rows -= hazard[np.searchsorted(at, sample.times, side="right")]
    rows[own_censoring] += slope / at_risk
    return rows
