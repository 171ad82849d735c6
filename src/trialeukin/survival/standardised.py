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
from trialeukin.survival.cox import CoxFit, CoxStatus, fit_cox
from trialeukin.survival.cox_resamples import Patients, effects, effects_of_resamples
from trialeukin.survival.cox_sample import CoxSample, cox_sample
from trialeukin.survival.observations import group_numbers, refuse_other_than_two

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
    refuse_other_than_two(labels, "the effect is between two; leave the others out")
    followed = min(float(sample.observed.times[places == place].max()) for place in range(2))
    if not 0.0 < horizon <= followed:
        raise AnalysisError(
            f"horizon {horizon!r}: give a time above zero and up to {followed:g}, the follow-up of both groups"
        )
    fit = fit_cox(sample)
    if fit.status is not CoxStatus.CONVERGED:
        raise AnalysisError("the Cox model did not converge: leave out the covariate without a finite effect")
    patients, coefficients, order = _prepared(sample, fit, places)
    survival, mean = effects(patients, np.ones(places.size, dtype=np.int64), coefficients, horizon)
    copies = _copies(bootstrap, places)[:, order]
    drawn = effects_of_resamples(patients, copies, coefficients, horizon)
    again = drawn[np.isfinite(drawn).all(axis=(1, 2))]
    if len(again) < LEAST_CONVERGED * bootstrap.resamples:
        raise AnalysisError(
            f"only {len(again)} of {bootstrap.resamples} resamples converged: too few events for so many covariates"
        )
    errors = (again[:, :, 1] - again[:, :, 0]).std(axis=0, ddof=1)
    return Standardised(
        groups=labels,
        survival=survival,
        restricted_mean=mean,
        survival_error=float(errors[0]),
        mean_error=float(errors[1]),
        resamples=len(again),
    )


def _prepared(sample: CoxSample, fit: CoxFit, places: Integers) -> tuple[Patients, Floats, Integers]:
    """Sort patients, and turn covariates and coefficients to units in which the information is one."""
    times = sample.observed.times
    order = np.lexsort((times, places))
    units = np.linalg.cholesky(fit.covariance)
    covariates = (sample.covariates - sample.covariates.mean(axis=0)) @ units
    patients = Patients(
        times=times[order],
        events=sample.observed.events[order],
        rows=np.column_stack((np.ones(times.size), covariates))[order],
        first=np.array([0, (places == 0).sum(), times.size]),
    )
    return patients, np.linalg.solve(units, fit.coefficients), order


def _copies(bootstrap: Bootstrap, places: Integers) -> Integers:
    """Draw patients anew within arms, and return how often each was drawn, (resamples, n)."""
    copies = np.empty((bootstrap.resamples, places.size), dtype=np.int64)
    arms = [np.flatnonzero(places == place) for place in (0, 1)]
    for resample in copies:
        for arm in arms:
            resample[arm] = np.bincount(bootstrap.rng.integers(arm.size, size=arm.size), minlength=arm.size)
    return copies
