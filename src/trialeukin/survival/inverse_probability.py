r"""Inverse-probability weights of treatment, and the effect they adjust for measured covariates.

The chance of each arm given the covariates comes from logistic regression,
:math:`\log\frac{e(x)}{1 - e(x)} = \gamma_0 + x \gamma`; a patient of arm a weighs

.. math:: w_i = \frac{P(A = a)}{P(A = a \mid x_i)}

(stabilised), so that in the weighted arms the covariates are alike. Rosenbaum and Rubin, Biometrika 1983;70:41;
Cole and Hernan, Am J Epidemiol 2008;168:656; the weighted Cox model: Hernan, Brumback, Robins, Epidemiology
2000;11:561. Weights are taken as known, which makes intervals too wide rather than too narrow.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.case_weights import CaseWeights, sampling
from trialeukin.survival.cox import fit_cox
from trialeukin.survival.cox_sample import checked_covariates, cox_sample
from trialeukin.survival.kaplan_meier import KaplanMeier, kaplan_meier
from trialeukin.survival.log_rank import LogRank
from trialeukin.survival.observations import group_numbers, observations, refuse_other_than_two, two_sided
from trialeukin.survival.robust import refuse_unconverged, robust_covariance
from trialeukin.survival.weighted_log_rank import weighted_log_rank

MOST_STEPS = 50
SMALL_STEP = 1e-10  # in standard errors, squared
ALMOST_CERTAIN = 1e-6  # a fitted chance nearer to 0 or 1 is a patient who has no counterpart
EXTREME = 10.0  # times the mean: few patients speak for many


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TreatmentWeights:
    r"""Weights that balance two arms, and what they cost.

    Attributes
    ----------
    groups : (2,)
        Labels, sorted; the second is the treated.
    probability : (n,), 1
        Of the second group, given the covariates.
    weights : CaseWeights
        Stabilised: of mean about one.
    effective : (2,), 1
        Patients of equal weight that would be as precise, :math:`(\sum w)^2 / \sum w^2`, by group.
    imbalance : (2, p), 1
        Difference of the groups' means in standard deviations, before weighting and after.
    extreme : (m,), 1
        Patients who weigh more than ten times the mean, the heaviest first.
    """

    groups: NDArray[Any]
    probability: Floats
    weights: CaseWeights
    effective: Floats
    imbalance: Floats
    extreme: Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedEffect:
    """The second group against the first, in patients weighted alike.

    Attributes
    ----------
    treatment : TreatmentWeights
        The weights behind it.
    curves : tuple of KaplanMeier
        Of the first group and of the second; robust standard errors.
    log_hazard_ratio, standard_error : float, 1
        Weighted Cox model (Efron's ties, as of any weighted patients), robust error.
    log_rank : LogRank
        Weighted, with its robust variance.
    """

    treatment: TreatmentWeights
    curves: tuple[KaplanMeier, KaplanMeier]
    log_hazard_ratio: float
    standard_error: float
    log_rank: LogRank

    @property
    def p_value(self) -> float:
        """Two-sided, of the hazard ratio (Wald)."""
        return float(2.0 * ndtr(-abs(self.log_hazard_ratio / self.standard_error)))

    def interval(self, *, level: float = 0.95) -> tuple[float, float]:
        """Return lower and upper limits of the hazard ratio."""
        width = two_sided(level) * self.standard_error
        return float(np.exp(self.log_hazard_ratio - width)), float(np.exp(self.log_hazard_ratio + width))

    def survival_difference(self, time: float) -> tuple[float, float]:
        """Return the second's survival minus the first's at a time, and its standard error."""
        heights = [float(curve.at([time])[0]) for curve in self.curves]
        errors = [float(curve.standard_error_at([time])[0]) for curve in self.curves]
        return heights[1] - heights[0], float(np.hypot(errors[0], errors[1]))


def treatment_weights(
    groups: ArrayLike, covariates: ArrayLike, *, strata: ArrayLike | None = None, largest: float | None = None
) -> TreatmentWeights:
    """Estimate the weights that balance two groups.

    Parameters
    ----------
    groups : (n,)
        A label of two kinds.
    covariates : (n, p) or (n,)
        Measured before treatment.
    strata : (n,)
        A label a patient, of a category in which both groups must be found; it is added to the covariates.
    largest : (), 1
        Highest weight allowed, in means: a patient above it is refused, never cut down in silence.

    Raises
    ------
    AnalysisError
        When a stratum has one group only, the covariates tell the groups apart, or a weight is above the largest.
    """
    length = np.asarray(groups).shape[0]
    rows = checked_covariates(covariates, length)
    labels, places = group_numbers(groups, np.zeros(length), "groups")
    refuse_other_than_two(labels, "the weights are of two; leave the others out")
    modelled = rows if strata is None else np.hstack((rows, _indicators_of(strata, places, labels)))
    probability = _probabilities(modelled, places)
    share = places.mean()
    raw = np.where(places == 1, share / probability, (1.0 - share) / (1.0 - probability))
    relative = raw / raw.mean()
    order = np.argsort(-relative, kind="stable")
    extreme = order[relative[order] > EXTREME]
    if largest is not None and relative.max() > largest:
        worst = int(order[0])
        raise AnalysisError(
            f"patient {worst} of group {labels[places[worst]]} weighs {relative[worst]:.3g} times the mean (chance of "
            f"the group {_own(probability, places)[worst]:.2g}), and {int((relative > largest).sum())} weigh above "
            f"{largest:g}: leave out patients whose like the other group lacks, or allow more"
        )
    return TreatmentWeights(
        groups=labels,
        probability=probability,
        weights=sampling(raw),
        effective=np.array([raw[places == arm].sum() ** 2 / (raw[places == arm] ** 2).sum() for arm in (0, 1)]),
        imbalance=np.vstack((_imbalance(rows, places, np.ones(length)), _imbalance(rows, places, raw))),
        extreme=extreme,
    )


def weighted_effect(
    times: ArrayLike, events: ArrayLike, groups: ArrayLike, treatment: TreatmentWeights
) -> WeightedEffect:
    """Estimate the effect of treatment on survival in weighted patients.

    Parameters
    ----------
    times, events, groups : (n,)
        Follow-up, whether the event was seen, and the labels that the weights were made for.
    treatment : TreatmentWeights
        From `treatment_weights`.
    """
    observed = observations(times, events)
    places = group_numbers(groups, observed.times, "groups")[1]
    values = treatment.weights.matched(observed.times.size)
    sample = cox_sample(observed.times, observed.events, places, weights=values)
    fit = fit_cox(sample)
    refuse_unconverged(fit)
    spread = robust_covariance(sample, fit)
    first, second = (
        kaplan_meier(
            observed.times[places == arm], observed.events[places == arm], weights=sampling(values[places == arm])
        )
        for arm in (0, 1)
    )
    return WeightedEffect(
        treatment=treatment,
        curves=(first, second),
        log_hazard_ratio=float(fit.coefficients[0]),
        standard_error=float(np.sqrt(spread[0, 0])),
        log_rank=weighted_log_rank(observed.times, observed.events, groups, treatment.weights),
    )


def _indicators_of(strata: ArrayLike, places: Integers, labels: NDArray[Any]) -> Floats:
    kinds, rows = group_numbers(strata, places.astype(np.float64), "strata")
    for kind, name in enumerate(kinds):
        found = np.unique(places[rows == kind])
        if found.size == 1:
            raise AnalysisError(
                f"stratum {name} has {int((rows == kind).sum())} patients, all of group {labels[found[0]]}: nobody "
                "there stands for the other group; join it with another stratum, or leave its patients out"
            )
    return np.asarray((rows[:, None] == np.arange(1, kinds.size)).astype(np.float64))


def _own(probability: Floats, places: Integers) -> Floats:
    return np.where(places == 1, probability, 1.0 - probability)


def _probabilities(covariates: Floats, places: Integers) -> Floats:
    """Fit the logistic regression by Newton's method and return the chances, (n,)."""
    centred = (covariates - covariates.mean(axis=0)) / covariates.std(axis=0)
    design = np.hstack((np.ones((places.size, 1)), centred))
    coefficients = np.zeros(design.shape[1])
    for _ in range(MOST_STEPS):
        chance = expit(design @ coefficients)
        certain = np.minimum(chance, 1.0 - chance) < ALMOST_CERTAIN
        if certain.any():
            break
        score = design.T @ (places - chance)
        information = design.T @ (design * (chance * (1.0 - chance))[:, None])
        if np.linalg.cond(information) > 1.0 / ALMOST_CERTAIN**2:
            raise AnalysisError("covariates of the weights determine each other (collinear): leave one of them out")
        step = np.linalg.solve(information, score)
        coefficients = coefficients + step
        if float(step @ score) < SMALL_STEP:
            return np.asarray(expit(design @ coefficients))
    raise AnalysisError(
        "the covariates tell the groups apart (chances of 0 or 1): some patients have no like in the other group; "
        "leave them out, or leave out the covariate that decides the group"
    )


def _imbalance(covariates: Floats, places: Integers, weights: Floats) -> Floats:
    means = [np.average(covariates[places == arm], axis=0, weights=weights[places == arm]) for arm in (0, 1)]
    spread = np.sqrt(0.5 * (covariates[places == 0].var(axis=0) + covariates[places == 1].var(axis=0)))
    return np.asarray((means[1] - means[0]) / np.where(spread > 0.0, spread, 1.0))
