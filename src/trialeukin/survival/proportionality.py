r"""Whether hazard ratios stay the same over time: the score test of Grambsch and Therneau.

The model is extended by :math:`x_j g(t)`, and the score at zero is tested with the full information of both
parts, as R survival does since 3.0 (before, an approximation was used):

.. math:: \chi^2 = u^\top J^{-1} u, \qquad u = \Big(0, \sum_d g(t_d) s_d\Big), \quad
   J = \sum_d \begin{pmatrix} 1 & g \\ g & g^2 \end{pmatrix} \otimes I_d

with the Schoenfeld residuals s and the information I of each death d, and g centred over the deaths.
Grambsch and Therneau, Biometrika 1994;81:515; Therneau, survival 3.0 `cox.zph`.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.chi_square import ChiSquare
from trialeukin.survival.cox import CoxFit, approximate_likelihoods
from trialeukin.survival.cox_sample import CoxSample
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.partial_likelihood import Ties
from trialeukin.survival.robust import refuse_unconverged


class TimeScale(Enum):
    """How time enters, g(t): KAPLAN_MEIER is one minus survival just before t, which spreads events evenly."""

    KAPLAN_MEIER = "kaplan-meier"
    IDENTITY = "identity"
    LOG = "log"
    RANK = "rank"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proportionality:
    """Tests of proportional hazards.

    Attributes
    ----------
    covariates : tuple of ChiSquare
        One a covariate, on one degree of freedom.
    overall : ChiSquare
        All covariates together.
    times, scaled_residuals : (d,), (d, p)
        Of each death: its time and the scaled Schoenfeld residual plus the coefficient, whose trend in time is
        that of the log hazard ratio.
    """

    covariates: tuple[ChiSquare, ...]
    overall: ChiSquare
    times: Floats
    scaled_residuals: Floats


def proportionality(
    sample: CoxSample, fit: CoxFit, *, ties: Ties = Ties.EFRON, scale: TimeScale = TimeScale.KAPLAN_MEIER
) -> Proportionality:
    """Test whether the hazard ratios of a fit change with time.

    Parameters
    ----------
    sample : CoxSample
        What was fitted.
    fit : CoxFit
        The fit of that sample with the same ties; it must have converged.
    ties : Ties
        EFRON or BRESLOW.
    scale : TimeScale
        How time enters.
    """
    refuse_unconverged(fit)
    if ties is Ties.EXACT:
        raise AnalysisError("exact ties have no Schoenfeld residuals: take Efron's or Breslow's")
    parts = [part for _, part in approximate_likelihoods(sample, ties)]
    times = np.concatenate([part.death_times for part in parts])
    pooled = _scaled(sample, times, scale)
    pooled = pooled - pooled.mean()
    if np.ptp(pooled) == 0.0:
        raise AnalysisError("all events are at one time: whether a hazard ratio changes cannot be seen")
    number = fit.coefficients.size
    score, information, first = np.zeros(2 * number), np.zeros((2 * number, 2 * number)), 0
    for part in parts:
        factor = pooled[first : first + part.death_times.size]
        first += factor.size
        sums = [part.weighted(fit.coefficients, weight) for weight in (None, factor, factor**2)]
        score[number:] += sums[1].score
        information += np.block(
            [[sums[0].information, sums[1].information], [sums[1].information, sums[2].information]]
        )
    own = np.arange(number)
    residuals = np.concatenate([part.schoenfeld_residuals(fit.coefficients) for part in parts])
    return Proportionality(
        covariates=tuple(_test(score, information, np.append(own, number + place)) for place in own),
        overall=_test(score, information, np.arange(2 * number)),
        times=times,
        scaled_residuals=residuals @ fit.covariance * times.size + fit.coefficients,
    )


def _test(score: Floats, information: Floats, chosen: np.ndarray[tuple[int], np.dtype[np.int64]]) -> ChiSquare:
    slope = score[chosen]
    try:
        statistic = float(slope @ np.linalg.solve(information[np.ix_(chosen, chosen)], slope))
    except np.linalg.LinAlgError as fault:
        raise AnalysisError(
            "whether hazards are proportional cannot be told: too few events at which patients at risk differ"
        ) from fault
    return ChiSquare(statistic=statistic, degrees_of_freedom=int(chosen.size - score.size // 2))


def _scaled(sample: CoxSample, times: Floats, scale: TimeScale) -> Floats:
    match scale:
        case TimeScale.IDENTITY:
            return times
        case TimeScale.LOG:
            if (times <= 0.0).any():
                raise AnalysisError("an event at time zero has no logarithm: take another scale of time")
            return np.asarray(np.log(times))
        case TimeScale.RANK:
            ordered = np.sort(times)
            left = np.searchsorted(ordered, times, side="left")
            right = np.searchsorted(ordered, times, side="right")
            return np.asarray(0.5 * (left + right + 1.0))
        case TimeScale.KAPLAN_MEIER:
            observed = sample.observed
            curve = kaplan_meier(observed.times, observed.events, entry=observed.entry)
            before = np.concatenate(([1.0], curve.survival))
            return np.asarray(1.0 - before[np.searchsorted(curve.times, times, side="left")])
