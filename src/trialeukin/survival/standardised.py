r"""Covariate-adjusted effects: the survival all patients would have under each of two arms (g-computation).

A Cox model with a baseline of its own in each arm (the arm is a stratum, so that hazards between arms need
not be proportional) gives each patient's survival under either arm; the mean over all patients is that of the arm:

.. math:: S_a(t) = \frac{1}{n} \sum_i \exp\left( -\Lambda_a(t) \, e^{x_i \beta} \right)

with Breslow's cumulative hazard. Standard errors are the bootstrap's over patients, within arms: the same seed gives
the same bits. Chen and Tsiatis, Biometrics 2001;57:1030; Zhang and Schaubel, Biometrics 2011;67:740.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxStatus, fit_cox
from trialeukin.survival.cox_sample import CoxSample, cox_sample
from trialeukin.survival.observations import group_numbers

LEAST_CONVERGED = 0.95  # of the resamples: fewer, and the spread of those that did is no standard error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bootstrap:
    """How often patients are drawn anew, and the chance behind it."""

    rng: np.random.Generator
    resamples: int = 400

    def __post_init__(self) -> None:
        if self.resamples < 2:
            raise AnalysisError(f"resamples {self.resamples}: a spread takes two or more; some hundreds are usual")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standardised:
    """Two arms over the same patients, the second (in sorted order) against the first.

    Attributes
    ----------
    groups : (2,)
        Labels, sorted.
    survival : (2,), 1
        At the horizon.
    restricted_mean : (2,), unit of the follow-up
        Up to the horizon.
    survival_error, mean_error : float
        Bootstrap standard errors of the differences, second minus first.
    resamples : int
        That converged.
    """

    groups: NDArray[Any]
    survival: Floats
    restricted_mean: Floats
    survival_error: float
    mean_error: float
    resamples: int

    @property
    def survival_difference(self) -> float:
        """Second minus first, at the horizon."""
        return float(self.survival[1] - self.survival[0])

    @property
    def mean_difference(self) -> float:
        """Second minus first restricted mean, unit of the follow-up."""
        return float(self.restricted_mean[1] - self.restricted_mean[0])


def standardised(
    times: ArrayLike,
    events: ArrayLike,
    groups: ArrayLike,
    covariates: ArrayLike,
    *,
    horizon: float,
    bootstrap: Bootstrap,
) -> Standardised:
    """Estimate covariate-adjusted differences in survival and restricted mean.

    Parameters
    ----------
    times, events, groups : (n,)
        Follow-up, whether the event was seen, and a label of two kinds.
    covariates : (n, p) or (n,)
        Measured before randomisation.
    horizon : (), unit of ``times``
        Within the follow-up of both groups.
    bootstrap : Bootstrap
        Resamples behind the standard errors.
    """
    sample = cox_sample(times, events, covariates, strata=groups)
    labels, places = group_numbers(groups, sample.observed.times, "groups")
    if labels.size != 2:
        raise AnalysisError(f"{labels.size} groups: the effect is between two; leave the others out")
    followed = min(float(sample.observed.times[places == place].max()) for place in range(2))
    if not 0.0 < horizon <= followed:
        raise AnalysisError(
            f"horizon {horizon!r}: give a time above zero and up to {followed:g}, the follow-up of both groups"
        )
    found = _effects(sample, places, horizon)
    if found is None:
        raise AnalysisError("the Cox model did not converge: leave out the covariate without a finite effect")
    again = []
    for _ in range(bootstrap.resamples):
        rows = np.concatenate(
            [bootstrap.rng.choice(np.flatnonzero(places == place), int((places == place).sum())) for place in (0, 1)]
        )
        drawn = _effects(_chosen(sample, rows, places), places[rows], horizon)
        again += [] if drawn is None else [drawn[:, 1] - drawn[:, 0]]
    if len(again) < LEAST_CONVERGED * bootstrap.resamples:
        raise AnalysisError(
            f"only {len(again)} of {bootstrap.resamples} resamples converged: too few events for so many covariates"
        )
    errors = np.array(again).std(axis=0, ddof=1)
    return Standardised(
        groups=labels,
        survival=found[0],
        restricted_mean=found[1],
        survival_error=float(errors[0]),
        mean_error=float(errors[1]),
        resamples=len(again),
    )


def _chosen(sample: CoxSample, rows: Integers, places: Integers) -> CoxSample:
    observed = sample.observed
    kept = type(observed)(times=observed.times[rows], events=observed.events[rows])
    strata = tuple(places[rows] == place for place in (0, 1))
    return CoxSample(observed=kept, covariates=sample.covariates[rows], strata=strata)


def _effects(sample: CoxSample, places: Integers, horizon: float) -> Floats | None:
    """Survival at the horizon and restricted mean, (2, arms), or None without an estimate."""
    if not sample.observed.events.any() or (np.ptp(sample.covariates, axis=0) == 0.0).any():
        return None
    fit = fit_cox(sample)
    if fit.status is not CoxStatus.CONVERGED:
        return None
    risk = np.exp((sample.covariates - sample.covariates.mean(axis=0)) @ fit.coefficients)
    return np.array([_arm(sample, places == place, risk, horizon) for place in (0, 1)]).T


def _arm(sample: CoxSample, members: NDArray[np.bool_], risk: Floats, horizon: float) -> tuple[float, float]:
    times, events = sample.observed.times[members], sample.observed.events[members]
    order = np.argsort(times, kind="stable")
    behind = np.cumsum(risk[members][order][::-1])[::-1]
    when, deaths = np.unique(times[events & (times <= horizon)], return_counts=True)
    hazard = np.cumsum(deaths / behind[np.searchsorted(times[order], when, side="left")])
    curve = np.concatenate(([1.0], np.exp(-np.outer(hazard, risk)).mean(axis=1)))
    return float(curve[-1]), float(curve @ np.diff(np.concatenate(([0.0], when, [horizon]))))
