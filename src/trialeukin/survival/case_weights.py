"""Weights of patients, what they mean, and the sums and variances that follow.

A weight of three is either three patients alike (replicates: the usual variances of the larger count) or one patient
who stands for three (sampling, inverse probability: the variance adds up what each single patient contributed).
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.observations import Observations, numbers
from trialeukin.survival.risk_table import RiskTable, risk_table


class WeightMeaning(Enum):
    """Whether a weight counts patients (REPLICATES) or says what one patient stands for (SAMPLING)."""

    REPLICATES = "replicates"
    SAMPLING = "sampling"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseWeights:
    """A weight a patient.

    Attributes
    ----------
    values : (n,), 1
        Finite and above zero; whole numbers where they are replicates.
    meaning : WeightMeaning
        Which variance they ask for.
    """

    values: Floats
    meaning: WeightMeaning

    def __post_init__(self) -> None:
        wrong = np.flatnonzero(~(np.isfinite(self.values) & (self.values > 0.0)))
        if wrong.size:
            raise AnalysisError(
                f"weights[{wrong[0]}] is {self.values[wrong[0]]:g}: weights are finite and above zero; "
                "leave a patient who weighs nothing out"
            )
        broken = np.flatnonzero(self.values != np.round(self.values))
        if self.meaning is WeightMeaning.REPLICATES and broken.size:
            raise AnalysisError(
                f"weights[{broken[0]}] is {self.values[broken[0]]:g}: replicates are whole numbers of patients; "
                "weights of sampling or of inverse probability are made with `sampling`"
            )

    def matched(self, patients: int) -> Floats:
        """Return the values, or refuse them if there is not one a patient."""
        if self.values.size != patients:
            raise AnalysisError(f"{self.values.size} weights for {patients} patients: give one a patient")
        return self.values

    def where(self, chosen: Booleans) -> "CaseWeights":
        """Return the weights of chosen patients."""
        return CaseWeights(values=self.values[chosen], meaning=self.meaning)


def replicates(values: ArrayLike) -> CaseWeights:
    """Return weights that say how many patients alike a row is, (n,) whole numbers."""
    return CaseWeights(values=numbers(values, "weights"), meaning=WeightMeaning.REPLICATES)


def sampling(values: ArrayLike) -> CaseWeights:
    """Return weights that say what a patient stands for, (n,) above zero, as those of inverse probability."""
    return CaseWeights(values=numbers(values, "weights"), meaning=WeightMeaning.SAMPLING)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedTable:
    """Sums of weights at the k distinct times of follow-up, beside the counts.

    Attributes
    ----------
    counts : RiskTable
        Patients.
    at_risk, events, staying : (k,), 1
        Weight at risk, of events, and of those at risk without an event; the last is zero where nobody is.
    enters, leaves : (n,), 1
        First and last of these times at which each patient is at risk.
    died : (n,), 1
        Whether the last ends in the event.
    weights : (n,), 1
        Of the patients.
    """

    counts: RiskTable
    at_risk: Floats
    events: Floats
    staying: Floats
    enters: Integers
    leaves: Integers
    died: Floats
    weights: Floats

    def robust_variance(self, drift: Floats, jump: Floats) -> Floats:
        r"""Return the infinitesimal jackknife's variance of a sum over time, (k,).

        .. math:: V(t) = \sum_i w_i^2 \left(\sum_{u \le t,\ i\ at\ risk} a(u) + \sum_{u \le t,\ i\ dies} b(u)\right)^2

        Parameters
        ----------
        drift, jump : (k,), 1
            What a patient adds at each time at risk, a, and on top at the event, b: derivatives by the weight.
        """
        size, squares = drift.size, self.weights**2
        path = np.concatenate(([0.0], np.cumsum(drift)))
        start = path[self.enters]
        ended = path[self.leaves + 1] - start + self.died * jump[self.leaves]

        def inside(values: Floats) -> Floats:
            comes = np.bincount(self.enters, values, minlength=size)
            goes = np.bincount(self.leaves, values, minlength=size)
            return np.cumsum(comes - goes)

        gone = np.cumsum(np.bincount(self.leaves, squares * ended**2, minlength=size))
        here = path[1:]
        still = here**2 * inside(squares) - 2.0 * here * inside(squares * start) + inside(squares * start**2)
        return np.asarray(np.maximum(gone + still, 0.0))


def weighted_table(observed: Observations, weights: CaseWeights) -> WeightedTable:
    """Add up weights at risk, and of events, at each distinct time of follow-up."""
    values, counts = weights.matched(observed.times.size), risk_table(observed)
    size = counts.times.size
    leaves = np.searchsorted(counts.times, observed.times)
    enters = np.zeros_like(leaves)
    if observed.entry is not None:
        enters = np.searchsorted(counts.times, observed.entry, side="right")
    events: Floats = np.asarray(
        np.bincount(leaves, np.where(observed.events, values, 0.0), minlength=size), dtype=np.float64
    )
    leaving = np.bincount(leaves, values, minlength=size)
    later = np.append(np.cumsum(leaving[::-1])[::-1], 0.0)
    absent = np.append(np.cumsum(np.bincount(enters, values, minlength=size)[::-1])[::-1], 0.0)[1:]
    staying = np.where(counts.at_risk > counts.events, later[1:] - absent + (leaving - events), 0.0)
    return WeightedTable(
        counts=counts,
        at_risk=staying + events,
        events=events,
        staying=staying,
        enters=enters,
        leaves=leaves,
        died=observed.events.astype(np.float64),
        weights=values,
    )
