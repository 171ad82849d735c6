"""Arms against the first of them: hazard ratios, tests, restricted means, survival at a time."""

from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import if_defined
from trialeukin.survival.case_weights import CaseWeights
from trialeukin.survival.columns import Patients
from trialeukin.survival.cox import CoxFit, CoxStatus, fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.log_rank import LogRank, log_rank
from trialeukin.survival.max_combo import MaxCombo, max_combo
from trialeukin.survival.milestone import Milestone, milestone
from trialeukin.survival.proportionality import Proportionality, proportionality
from trialeukin.survival.restricted_mean import RestrictedMeanContrast, restricted_mean_contrast
from trialeukin.survival.robust import robust_covariance
from trialeukin.survival.weighted_log_rank import weighted_log_rank


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Arms against the control.

    Attributes
    ----------
    labels : tuple of str
        Of the hazard ratios: each arm over the control, then the covariates.
    hazards : CoxFit
        Efron ties, stratified and adjusted as asked; of weighted patients with the robust covariance.
    proportional : Proportionality or None
        Test of it; None if the fit has no estimate, all events are at one time, or patients weigh.
    log_rank : LogRank
        Stratified as asked; of weighted patients with its robust variance.
    max_combo : MaxCombo or None
        Of two arms that all enter at zero and weigh alike; None where a weight leaves nothing to compare.
    restricted_means : RestrictedMeanContrast or None
        Of two arms that all enter at zero and weigh alike: second over control.
    milestone : Milestone or None
        Of two arms; None where an arm has had no event by then, or where entry is late.
    weighted : bool
        Whether patients weigh, so that errors are robust and no likelihood is compared.
    """

    labels: tuple[str, ...]
    hazards: CoxFit
    proportional: Proportionality | None
    log_rank: LogRank
    max_combo: MaxCombo | None
    restricted_means: RestrictedMeanContrast | None
    milestone: Milestone | None
    weighted: bool = False


def compare_arms(
    data: Patients,
    places: Integers,
    labels: tuple[str, ...],
    when: tuple[float, float],
) -> Comparison:
    """Compare arms with the first.

    Parameters
    ----------
    data : Patients
        The columns of a table.
    places : (n,), 1
        Arm of each patient, from zero, the control.
    labels : tuple of str
        Of the arms.
    when : (horizon, milestone), unit of the table
        Where restricted means end, and where survival is compared.
    """
    arms = (places[:, None] == np.arange(1, len(labels))).astype(np.float64)
    rows = np.hstack((arms, data.covariates))
    if data.weights is not None:
        return _weighted(data, data.weights, rows, places=places, labels=labels, time=when[1])
    sample = replace(
        cox_sample(data.times, data.events, rows, strata=data.strata, entry=data.entry), names=_effects(data, labels)
    )
    fit = fit_cox(sample)
    events = data.events.astype(np.bool_)
    testable = fit.status is CoxStatus.CONVERGED and np.unique(data.times[events]).size > 1
    is_plain = len(labels) == 2 and data.entry is None
    horizon, milestone_time = when
    return Comparison(
        labels=_effects(data, labels),
        hazards=fit,
        proportional=if_defined(lambda: proportionality(sample, fit)) if testable else None,
        log_rank=log_rank(data.times, data.events, places, strata=data.strata, entry=data.entry),
        max_combo=if_defined(lambda: max_combo(data.times, data.events, places, strata=data.strata))
        if is_plain
        else None,
        restricted_means=if_defined(lambda: _means(data, places, horizon)) if is_plain else None,
        milestone=_milestone(data, places, milestone_time) if is_plain else None,
    )


def _weighted(
    data: Patients, weights: CaseWeights, rows: Floats, *, places: Integers, labels: tuple[str, ...], time: float
) -> Comparison:
    """Compare weighted patients by what takes weights."""
    sample = replace(
        cox_sample(data.times, data.events, rows, strata=data.strata, weights=weights.values),
        names=_effects(data, labels),
    )
    fit = fit_cox(sample)
    if fit.status is CoxStatus.CONVERGED:
        fit = replace(fit, covariance=robust_covariance(sample, fit))
    return Comparison(
        labels=_effects(data, labels),
        hazards=fit,
        proportional=None,
        log_rank=weighted_log_rank(data.times, data.events, places, weights, strata=data.strata),
        max_combo=None,
        restricted_means=None,
        milestone=_milestone(data, places, time) if len(labels) == 2 else None,
        weighted=True,
    )


def _effects(data: Patients, labels: tuple[str, ...]) -> tuple[str, ...]:
    return (*(f"{label} over {labels[0]}" for label in labels[1:]), *data.covariate_names)


def _means(data: Patients, places: Integers, horizon: float) -> RestrictedMeanContrast:
    return restricted_mean_contrast(data.times, data.events, places, horizon=horizon)


def _milestone(data: Patients, places: Integers, time: float) -> Milestone | None:
    """Compare at a time, unless an arm's survival there is one or zero and has no error."""
    events = data.events.astype(np.bool_)
    heights = [float(kaplan_meier(data.times[places == arm], events[places == arm]).at([time])[0]) for arm in (0, 1)]
    if not all(0.0 < height < 1.0 for height in heights):
        return None
    return milestone(data.times, data.events, places, time=time, weights=data.weights)
