r"""The log-rank test of weighted patients.

Replicates give the test of the patients written out. Weights of sampling (or of inverse probability) give

.. math:: U_g = \sum_i w_i u_{ig}, \qquad V = \sum_i w_i^2 u_i u_i^\top, \qquad
   u_{ig} = \int v(t) \left(1\{i \in g\} - \frac{n_g(t)}{n(t)}\right) \left(dN_i(t) - 1\{i\ at\ risk\}
   \frac{d(t)}{n(t)}\right)

with weighted sums d, n and a weight v of the event time: the score test of a weighted Cox model with Breslow's ties
and its robust variance (Lin and Wei, J Am Stat Assoc 1989;84:1074; Xie and Liu, Stat Med 2005;24:3089).
Weights that were estimated are taken as known, which makes the test conservative. With few events V is too small: under
heavy late weights (gamma 1) and 240 patients in three strata 6.9 % are rejected at 5 %.
"""

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Floats, Integers
from trialeukin.survival.case_weights import CaseWeights, WeightMeaning
from trialeukin.survival.log_rank import EventTable, LogRank, log_rank, rank_test, stratum_members
from trialeukin.survival.log_rank_weights import EVEN, Weight
from trialeukin.survival.observations import (
    Observations,
    group_numbers,
    observations,
    refuse_all_censored,
    refuse_single_group,
)


def weighted_log_rank(
    times: ArrayLike,
    events: ArrayLike,
    groups: ArrayLike,
    weights: CaseWeights,
    *,
    strata: ArrayLike | None = None,
    weight: Weight = EVEN,
) -> LogRank:
    """Compare the hazards of two or more groups of weighted patients.

    Parameters
    ----------
    times, events, groups, strata : (n,)
        As for `trialeukin.survival.log_rank.log_rank`.
    weights : CaseWeights
        A weight a patient.
    weight : Weight
        What each event time counts, from weighted numbers at risk.
    """
    observed = observations(times, events)
    values = weights.matched(observed.times.size)
    labels, places = group_numbers(groups, observed.times, "groups")
    if weights.meaning is WeightMeaning.REPLICATES:
        copies = np.repeat(np.arange(values.size), values.astype(np.int64))
        strata = None if strata is None else np.asarray(strata)[copies]
        return log_rank(
            observed.times[copies], observed.events[copies], labels[places[copies]], strata=strata, weight=weight
        )
    refuse_single_group(labels)
    refuse_all_censored(observed.events)
    size = labels.size
    seen, expected, covariance = np.zeros(size), np.zeros(size), np.zeros((size, size))
    for members in stratum_members(strata, observed):
        within, whose, own = observed.where(members), places[members], values[members]
        table = _weighted_table(within, whose, own, size)
        counts = table.weights(weight)
        residuals = own[:, None] * _residuals(within, whose, table, counts)
        seen += counts @ table.events
        expected += (counts * table.events.sum(axis=1)) @ table.shares
        covariance += residuals.T @ residuals
    return LogRank(
        groups=labels,
        observed=seen,
        expected=expected,
        covariance=covariance,
        test=rank_test(seen, expected, covariance),
    )


def _weighted_table(observed: Observations, places: Integers, values: Floats, groups: int) -> EventTable:
    """Add up weights of events and at risk by group at each distinct event time."""
    when = np.unique(observed.times[observed.events])
    until = np.searchsorted(when, observed.times, side="right")
    at_risk, events = np.empty((when.size, groups)), np.empty((when.size, groups))
    for group in range(groups):
        own = np.where(places == group, values, 0.0)
        leaving = np.bincount(until, own, minlength=when.size + 1)
        at_risk[:, group] = np.cumsum(leaving[::-1])[::-1][1:]
        events[:, group] = np.bincount(until, own * observed.events, minlength=when.size + 1)[1:]
    return EventTable(times=when, events=events, at_risk=at_risk)


def _residuals(observed: Observations, places: Integers, table: EventTable, counts: Floats) -> Floats:
    """Return what each patient adds to observed minus expected, (n, g), the patient's own weight left out."""
    groups = table.events.shape[1]
    own = np.eye(groups)[places]
    until = np.searchsorted(table.times, observed.times, side="right")
    rates = counts * table.events.sum(axis=1) / table.at_risk.sum(axis=1)
    lived = np.concatenate(([0.0], np.cumsum(rates)))[until]
    shared = np.vstack((np.zeros(groups), np.cumsum(rates[:, None] * table.shares, axis=0)))[until]
    rows = shared - lived[:, None] * own
    last = until[observed.events] - 1
    rows[observed.events] += counts[last][:, None] * (own[observed.events] - table.shares[last])
    return np.asarray(rows)
