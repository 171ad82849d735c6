"""What a proportional-hazards model is fitted to: a row a patient, or a row a stretch of follow-up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.log_rank import stratum_members
from trialeukin.survival.observations import Observations, group_numbers, numbers, observations, refuse_all_censored


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoxSample:
    """Checked rows of a proportional-hazards model.

    Covariates that change with time are rows that share a patient, each with its own (entry, time]
    (counting process).

    Attributes
    ----------
    observed : Observations
        Follow-up of n rows.
    covariates : (n, p)
        Finite numbers; no column constant.
    strata : tuple of (n,), 1
        Who is in each stratum.
    weights : (n,), 1, or None
        Case weights, above zero; None: one each.
    names : tuple of str
        What messages call the covariates; empty: their places.
    """

    observed: Observations
    covariates: Floats
    strata: tuple[Booleans, ...]
    weights: Floats | None = None
    names: tuple[str, ...] = ()

    @property
    def scale(self) -> Floats:
        """(p,) Standard deviation of each covariate."""
        return np.asarray(self.covariates.std(axis=0))

    @property
    def strata_with_events(self) -> tuple[Booleans, ...]:
        """Strata in which something happened; the others say nothing of the hazard ratios."""
        return tuple(rows for rows in self.strata if self.observed.events[rows].any())


def cox_sample(
    times: ArrayLike,
    events: ArrayLike,
    covariates: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> CoxSample:
    """Check rows and return them as a `CoxSample`.

    Parameters
    ----------
    times, events, covariates, strata, entry
        As for `trialeukin.survival.cox.cox`.
    weights : (n,), 1
        Case weights, above zero: of sampling, or of inverse probability. The errors of the fit take them for
        replicates; those of `robust_covariance` do not.
    """
    observed = observations(times, events, entry)
    refuse_all_censored(observed.events)
    return CoxSample(
        observed=observed,
        covariates=checked_covariates(covariates, observed.times.size),
        strata=tuple(stratum_members(strata, observed)),
        weights=None if weights is None else _checked_weights(weights, observed),
    )


def cluster_places(patients: ArrayLike | None, rows: int) -> Integers:
    """Return the place of each row's patient, (n,); a patient a row where none are given."""
    if patients is None:
        return np.arange(rows, dtype=np.int64)
    return group_numbers(patients, np.zeros(rows), "patients")[1]


def _checked_weights(weights: ArrayLike, observed: Observations) -> Floats:
    column = numbers(weights, "weights")
    if column.shape != observed.times.shape:
        raise AnalysisError(f"weights have shape {column.shape} and times {observed.times.shape}: give one a row")
    wrong = np.flatnonzero(~(np.isfinite(column) & (column > 0.0)))
    if wrong.size:
        raise AnalysisError(
            f"weights[{wrong[0]}] is {column[wrong[0]]:g}: case weights are finite and above zero; "
            "leave a row that weighs nothing out"
        )
    return column


def checked_covariates(covariates: ArrayLike, patients: int) -> Floats:
    """Return covariates as (n, p) finite numbers, or refuse what is not, and constant columns."""
    try:
        columns = np.asarray(covariates, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise AnalysisError(
            "covariates hold something that is not a number: code categories as columns of 0 and 1"
        ) from error
    columns = columns[:, None] if columns.ndim == 1 else columns
    if columns.ndim != 2 or columns.shape[0] != patients or columns.shape[1] == 0:
        raise AnalysisError(f"covariates have shape {columns.shape} for {patients} patients: give a row a patient")
    wrong = np.argwhere(~np.isfinite(columns))
    if wrong.size:
        row, column = wrong[0]
        raise AnalysisError(
            f"covariate {column} of patient {row} is {columns[row, column]:g}: give finite numbers, "
            "or leave the patient out"
        )
    constant = np.flatnonzero(np.ptp(columns, axis=0) == 0.0)
    if constant.size:
        raise AnalysisError(
            f"covariate {constant[0]} is {columns[0, constant[0]]:g} for every patient: it says nothing of the hazard; "
            "leave it out"
        )
    return columns
