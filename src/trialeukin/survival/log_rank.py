r"""The log-rank test and its weighted and stratified relatives.

.. math:: U_g = \sum_t w(t) \left( d_g(t) - d(t) \frac{n_g(t)}{n(t)} \right), \qquad
   V_{gh} = \sum_t w(t)^2 \frac{d (n - d)}{n - 1} \frac{n_g}{n} \left( \delta_{gh} - \frac{n_h}{n} \right)

Ties are taken as they are: given the margins at t the deaths are hypergeometric, as in V.
Mantel, Cancer Chemother Rep 1966;50:163; Fleming and Harrington 1991, chapter 7.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.chi_square import ChiSquare
from trialeukin.survival.log_rank_weights import EVEN, Weight
from trialeukin.survival.observations import (
    Observations,
    group_numbers,
    observations,
    refuse_all_censored,
    refuse_single_group,
)
from trialeukin.survival.risk_table import numbers_at_risk

ROUNDING = 1e-10  # of the largest variance: groups sum to zero, so one direction has none but rounding

NOTHING_APART = (
    "at every event time (with a weight above zero) one group alone is at risk, or all who are at risk have the event "
    "at once; use fewer strata, another weight, longer follow-up, or times that tell such events apart"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogRank:
    """Observed and expected events of g groups, and the test that compares them.

    Attributes
    ----------
    groups : (g,)
        Labels, sorted.
    observed, expected : (g,), 1
        Weighted sums of events, over strata.
    covariance : (g, g), 1
        Of observed minus expected, under equal hazards.
    test : ChiSquare
        On g - 1 degrees of freedom (fewer if a group is never at risk beside another).
    """

    groups: NDArray[Any]
    observed: Floats
    expected: Floats
    covariance: Floats
    test: ChiSquare

    @property
    def z(self) -> float:
        """Of two groups: positive when the second (in sorted order) has more events than expected."""
        if self.groups.size != 2:
            raise AnalysisError(f"z of {self.groups.size} groups: it is defined for two; use `test`")
        return float((self.observed[1] - self.expected[1]) / np.sqrt(self.covariance[1, 1]))

    @property
    def p_value(self) -> float:
        """Two-sided probability under equal hazards."""
        return self.test.p_value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EventTable:
    """Deaths and patients at risk by group at the k distinct event times of one stratum.

    Attributes
    ----------
    times : (k,), unit of the follow-up
        Distinct event times, increasing.
    events, at_risk : (k, g), 1
        By group.
    """

    times: Floats
    events: Floats
    at_risk: Floats

    @property
    def survival_before(self) -> Floats:
        """(k,) Pooled Kaplan-Meier estimate just before each time."""
        staying = 1.0 - self.events.sum(axis=1) / self.at_risk.sum(axis=1)
        return np.concatenate(([1.0], np.cumprod(staying)))[:-1]

    def weights(self, weight: Weight) -> Floats:
        """Return one weight an event time, (k,)."""
        return weight(self.times, self.at_risk.sum(axis=1), self.survival_before)

    @property
    def shares(self) -> Floats:
        """(k, g) Share of each group among those at risk."""
        return np.asarray(self.at_risk / self.at_risk.sum(axis=1, keepdims=True))

    @property
    def dispersion(self) -> Floats:
        """(k,) Hypergeometric d (n - d) / (n - 1); zero for the last patient alone."""
        deaths, patients = self.events.sum(axis=1), self.at_risk.sum(axis=1)
        return np.asarray(deaths * (patients - deaths) / np.maximum(patients - 1.0, 1.0))


def log_rank(
    times: ArrayLike,
    events: ArrayLike,
    groups: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    weight: Weight = EVEN,
    entry: ArrayLike | None = None,
) -> LogRank:
    """Compare the hazards of two or more groups.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen.
    groups : (n,)
        A label a patient.
    strata : (n,)
        A label a patient; groups are compared within strata only, and a stratum without an event or with
        one group adds nothing. None given: one stratum.
    weight : Weight
        What each event time counts; it is computed within the stratum.
    entry : (n,), unit of ``times``
        When each patient came under observation; none given: all from the start.
    """
    observed = observations(times, events, entry)
    labels, places = group_numbers(groups, observed.times, "groups")
    refuse_single_group(labels)
    refuse_all_censored(observed.events)
    tables = [
        event_table(observed.where(members), places[members], labels.size)
        for members in stratum_members(strata, observed)
    ]
    parts = [_sums(table, table.weights(weight)) for table in tables]
    seen, expected, covariance = (np.sum(part, axis=0) for part in zip(*parts, strict=True))
    return LogRank(
        groups=labels,
        observed=seen,
        expected=expected,
        covariance=covariance,
        test=rank_test(seen, expected, covariance),
    )


def stratum_members(strata: ArrayLike | None, observed: Observations) -> list[Booleans]:
    """Return who is in each stratum, sorted by label; everybody where no strata are given."""
    if strata is None:
        return [np.ones(observed.times.size, dtype=np.bool_)]
    labels, places = group_numbers(strata, observed.times, "strata")
    return [places == place for place in range(labels.size)]


def event_table(observed: Observations, places: Integers, groups: int) -> EventTable:
    """Count events and patients at risk by group at each distinct event time.

    Parameters
    ----------
    observed : Observations
        Follow-up of the n patients of one stratum.
    places : (n,), 1
        Group of each, from zero.
    groups : int
        Number of groups, those absent from this stratum included.
    """
    when = np.unique(observed.times[observed.events])
    at_risk, events = np.empty((when.size, groups)), np.empty((when.size, groups))
    for group in range(groups):
        members = places == group
        entry = None if observed.entry is None else observed.entry[members]
        at_risk[:, group] = numbers_at_risk(observed.times[members], when, entry=entry)
        deaths = observed.times[members & observed.events]
        events[:, group] = np.bincount(np.searchsorted(when, deaths), minlength=when.size)
    return EventTable(times=when, events=events, at_risk=at_risk)


def _sums(table: EventTable, weights: Floats) -> tuple[Floats, Floats, Floats]:
    shares = table.shares
    expected = (weights * table.events.sum(axis=1)) @ shares
    spread = weights**2 * table.dispersion
    covariance = np.diag(spread @ shares) - (shares * spread[:, None]).T @ shares
    return weights @ table.events, expected, covariance


def rank_test(observed: Floats, expected: Floats, covariance: Floats) -> ChiSquare:
    """Return the chi-square test of observed minus expected, (g,), of a covariance, (g, g), that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    told_apart = values > ROUNDING * max(values[-1], 0.0)
    freedom = int(told_apart.sum())
    if freedom == 0:
        raise AnalysisError(f"nothing tells the hazards of the groups apart: {NOTHING_APART}")
    along = vectors[:, told_apart].T @ (observed - expected)
    return ChiSquare(statistic=float((along**2 / values[told_apart]).sum()), degrees_of_freedom=freedom)
