"""Arms against the first of them: hazard ratios, tests, restricted means, survival at a time."""

from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Booleans, Integers
from trialeukin.core.errors import AnalysisError, if_defined
from trialeukin.survival.columns import Patients
from trialeukin.survival.cox import CoxFit, CoxStatus, fit_cox
from trialeukin.survival.cox_sample import CoxSample, cox_sample
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.log_rank import LogRank, event_table, log_rank, stratum_members
from trialeukin.survival.max_combo import MaxCombo, max_combo
from trialeukin.survival.milestone import Milestone, milestone
from trialeukin.survival.observations import observations
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
    never_beside : tuple of str
        Arms that at no event time are at risk beside another, so that they have no hazard ratio.
    hazards : CoxFit or None
        Efron ties, stratified and adjusted as asked; of weighted patients with the robust covariance. None where no
        event tells the arms apart, or the control is never beside another arm.
    proportional : Proportionality or None
        Test of it; None if the fit has no estimate, all events are at one time, or patients weigh.
    log_rank : LogRank or None
        Stratified as asked; of weighted patients with its robust variance. None where it is undefined.
    undefined : str
        Why the log-rank test is undefined; empty where it is not.
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
    never_beside: tuple[str, ...]
    hazards: CoxFit | None
    proportional: Proportionality | None
    log_rank: LogRank | None
    undefined: str
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
    tested = _log_rank(data, places)
    test = tested if isinstance(tested, LogRank) else None
    beside = _beside(data, places)
    model = _model(data, places, labels, beside=beside, tested=test is not None) if beside[0] else None
    two = len(labels) == 2 and data.entry is None
    plain = two and data.weights is None
    horizon, milestone_time = when
    return Comparison(
        labels=() if model is None else model[0].names,
        never_beside=tuple(label for label, known in zip(labels, beside, strict=True) if not known),
        hazards=None if model is None else model[1],
        proportional=None if model is None or data.weights is not None else _proportional(*model),
        log_rank=test,
        undefined=tested if isinstance(tested, str) else "",
        max_combo=if_defined(lambda: max_combo(data.times, data.events, places, strata=data.strata)) if plain else None,
        restricted_means=if_defined(lambda: _means(data, places, horizon)) if plain else None,
        milestone=_milestone(data, places, milestone_time) if two else None,
        weighted=data.weights is not None,
    )


def _log_rank(data: Patients, places: Integers) -> LogRank | str:
    """Return the test, or why it is undefined."""
    try:
        if data.weights is None:
            return log_rank(data.times, data.events, places, strata=data.strata, entry=data.entry)
        return weighted_log_rank(data.times, data.events, places, data.weights, strata=data.strata)
    except AnalysisError as fault:
        return str(fault)


def _beside(data: Patients, places: Integers) -> Booleans:
    """Return which arms are at risk beside another one at some event time, (g,)."""
    observed = observations(data.times, data.events, data.entry)
    tables = [
        event_table(observed.where(members), places[members], int(places.max()) + 1)
        for members in stratum_members(data.strata, observed)
    ]
    shares = np.vstack([table.shares for table in tables])
    return np.asarray(((shares > 0.0) & (shares < 1.0)).any(axis=0))


def _model(
    data: Patients, places: Integers, labels: tuple[str, ...], *, beside: Booleans, tested: bool
) -> tuple[CoxSample, CoxFit] | None:
    """Fit Cox's model to the arms that are beside others; where the log-rank test is undefined as far as that goes.

    Of weighted patients the error would then be zero: they have no model.
    """
    inside = beside[places]
    told, numbered = data.where(inside), (np.cumsum(beside) - 1)[places[inside]]
    names = _effects(told, tuple(label for label, known in zip(labels, beside, strict=True) if known))
    if tested:
        return _fitted(told, numbered, names)
    return if_defined(lambda: _fitted(told, numbered, names)) if data.weights is None else None


def _fitted(data: Patients, places: Integers, names: tuple[str, ...]) -> tuple[CoxSample, CoxFit]:
    """Fit Cox's model of arms and covariates; of weighted patients its covariance is robust."""
    arms = (places[:, None] == np.arange(1, places.max() + 1)).astype(np.float64)
    sample = cox_sample(
        data.times,
        data.events,
        np.hstack((arms, data.covariates)),
        strata=data.strata,
        entry=data.entry,
        weights=None if data.weights is None else data.weights.values,
    )
    sample = replace(sample, names=names)
    fit = fit_cox(sample)
    if data.weights is not None and fit.status is CoxStatus.CONVERGED:
        fit = replace(fit, covariance=robust_covariance(sample, fit))
    return sample, fit


def _proportional(sample: CoxSample, fit: CoxFit) -> Proportionality | None:
    observed = sample.observed
    testable = fit.status is CoxStatus.CONVERGED and np.unique(observed.times[observed.events]).size > 1
    return if_defined(lambda: proportionality(sample, fit)) if testable else None


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
