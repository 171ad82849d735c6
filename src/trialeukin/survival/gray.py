r"""Gray's test of equal cumulative incidence of one cause between groups.

Weighted differences of subdistribution hazards, with :math:`\hat h_k = n_k / S_k` and
:math:`R_k = \hat h_k (1 - F_k)` (all just before u), d the events of the cause:

.. math:: U_k = \sum_u (1 - F)^\rho \left( d_k - d \frac{R_k}{\sum_l R_l} \right), \qquad
   dF = \frac{d}{\sum_l \hat h_l}

The variance adds up, over groups and times, the squared influence of an event of the cause and of one of
another cause. Gray, Ann Stat 1988;16:1141. Ties: the variance of d events at one time is that of d draws
without replacement, as in R cmprsk.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.chi_square import ChiSquare
from trialeukin.survival.competing_risks import checked_causes, refuse_unseen
from trialeukin.survival.log_rank import rank_test, stratum_members
from trialeukin.survival.observations import group_numbers, observations, refuse_single_group


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gray:
    """Comparison of the cumulative incidence of one cause.

    Attributes
    ----------
    groups : (g,)
        Labels, sorted.
    score : (g,), 1
        Events of the cause minus those expected, weighted; sums to zero.
    covariance : (g, g), 1
        Of the score.
    test : ChiSquare
        On g - 1 degrees of freedom.
    """

    groups: NDArray[Any]
    score: Floats
    covariance: Floats
    test: ChiSquare


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Counts:
    """At the k distinct times with an event of any cause, by group: (g, k) each."""

    own: Floats
    other: Floats
    at_risk: Floats


def gray_test(
    times: ArrayLike,
    causes: ArrayLike,
    groups: ArrayLike,
    *,
    cause: int = 1,
    rho: float = 0.0,
    strata: ArrayLike | None = None,
) -> Gray:
    """Compare the cumulative incidence of a cause between two or more groups.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the first event or of censoring, zero or more.
    causes : (n,), 1
        0 where censored, else the code of what happened first.
    groups : (n,)
        A label a patient.
    cause : int
        The cause compared.
    rho : (), 1
        Power of one minus the pooled incidence; above zero early differences count more.
    strata : (n,)
        A label a patient; scores add up over strata. None given: one stratum.
    """
    codes = checked_causes(causes)
    observed = observations(times, codes > 0)
    labels, places = group_numbers(groups, observed.times, "groups")
    refuse_single_group(labels)
    if not np.isfinite(rho):
        raise AnalysisError(f"rho {rho!r}: give a finite power; zero weighs all times alike")
    refuse_unseen(cause, codes)
    score, covariance = np.zeros(labels.size), np.zeros((labels.size, labels.size))
    for members in stratum_members(strata, observed):
        counts = _counts(observed.times[members], codes[members], places[members], (cause, labels.size))
        if counts.own.any():
            parts = _sums(counts, rho)
            score, covariance = score + parts[0], covariance + parts[1]
    test = rank_test(score, np.zeros_like(score), covariance)
    return Gray(groups=labels, score=score, covariance=covariance, test=test)


def _counts(times: Floats, codes: Integers, places: Integers, shape: tuple[int, int]) -> _Counts:
    cause, groups = shape
    when = np.unique(times[codes > 0])
    own, other, at_risk = (np.zeros((groups, when.size)) for _ in range(3))
    for group in range(groups):
        mine = np.sort(times[places == group])
        at_risk[group] = mine.size - np.searchsorted(mine, when, side="left")
    for counts, happened in ((own, codes == cause), (other, (codes > 0) & (codes != cause))):
        np.add.at(counts, (places[happened], np.searchsorted(when, times[happened])), 1.0)
    return _Counts(own=own, other=other, at_risk=at_risk)


def _before(curve: Floats, start: float) -> Floats:
    return np.concatenate((np.full((curve.shape[0], 1), start), curve[:, :-1]), axis=1)


def _sums(counts: _Counts, rho: float) -> tuple[Floats, Floats]:
    """Score, (g,), and its covariance, (g, g), of one stratum."""
    own, patients = counts.own, counts.at_risk
    share = np.divide(own + counts.other, patients, out=np.zeros_like(own), where=patients > 0.0)
    free: Floats = np.asarray(np.cumprod(1.0 - share, axis=1), dtype=np.float64)
    free_before = _before(free, 1.0)
    steps = np.divide(free_before * own, patients, out=np.zeros_like(own), where=patients > 0.0)
    incidence_before = _before(np.cumsum(steps, axis=1), 0.0)
    heights = np.divide(patients, free_before, out=np.zeros_like(own), where=patients > 0.0)
    deaths, total = own.sum(axis=0), heights.sum(axis=0)
    pooled = np.cumsum(deaths / total)
    weight = (1.0 - np.concatenate(([0.0], pooled[:-1]))) ** rho
    risk = heights * (1.0 - incidence_before)
    score = (weight * (own - deaths * risk / risk.sum(axis=0))).sum(axis=1)

    slope = weight * (np.einsum("ik,ij->ijk", heights, np.eye(len(own))) - heights[:, None] * heights / total)
    left = total * (1.0 - np.concatenate(([0.0], pooled[:-1])))
    hazard = np.divide(deaths, left, out=np.zeros_like(left), where=left > 0.0)  # one group alone may use all up
    gathered = np.cumsum(slope * hazard, axis=2)
    to_come = gathered[:, :, -1:] - gathered
    alive = free > 0.0
    lost = np.divide(np.broadcast_to(1.0 - pooled, free.shape), free, out=np.zeros_like(free), where=alive)
    at_own = slope + np.where(alive, 1.0 - lost, 1.0) * to_come
    at_other = lost * to_come
    return score, _variance(at_own, _spread_own(deaths, total, heights, free_before)) + _variance(
        at_other, _spread_other(counts, free_before)
    )


def _variance(influence: Floats, spread: Floats) -> Floats:
    return np.asarray(np.einsum("ilk,jlk,lk->ij", influence, influence, spread), dtype=np.float64)


def _spread_own(deaths: Floats, total: Floats, heights: Floats, free_before: Floats) -> Floats:
    """Variance of the step of each group's incidence, were the groups alike."""
    virtual = total * free_before - 1.0
    ties = 1.0 - np.divide(deaths - 1.0, virtual, out=np.zeros_like(virtual), where=(deaths > 1.0) & (virtual > 0.0))
    return np.asarray(np.divide(ties * deaths, total * heights, out=np.zeros_like(heights), where=heights > 0.0))


def _spread_other(counts: _Counts, free_before: Floats) -> Floats:
    events, patients = counts.other, counts.at_risk
    several = np.maximum(patients - 1.0, 1.0)
    ties = np.where(events > 1.0, 1.0 - (events - 1.0) / several, 1.0)
    out = np.zeros_like(events)
    return np.asarray(np.divide(ties * free_before**2 * events, patients**2, out=out, where=patients > 0.0))
