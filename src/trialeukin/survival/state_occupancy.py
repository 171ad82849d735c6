r"""How many patients are in each state over time, where they move between several.

.. math:: P(t) = P(0) \prod_{u \le t} \left( I + dA(u) \right), \qquad dA_{gh}(u) = \frac{d_{gh}(u)}{n_g(u)}

with d the moves from g to h and n the patients in g just before u; the diagonal makes rows sum to zero
(Aalen and Johansen, Scand J Stat 1978;5:141). Occupancy needs no Markov assumption if censoring does not look
at the past (Datta and Satten, Stat Probab Lett 2001;55:403). Standard errors are the infinitesimal jackknife over
patients.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.observations import group_numbers, numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateOccupancy:
    """Probability of being in each of s states, as step functions.

    Attributes
    ----------
    times : (k,), unit of the follow-up
        Distinct times of moves, increasing.
    probability, standard_error : (k, s), 1
        From each time on.
    at_risk : (k, s), 1
        Patients in each state just before.
    initial : (s,), 1
        Where patients start.
    """

    times: Floats
    probability: Floats
    standard_error: Floats
    at_risk: Integers
    initial: Floats

    def at(self, times: ArrayLike) -> Floats:
        """Return the probabilities at given times, (m, s)."""
        rows = np.vstack((self.initial, self.probability))
        return np.asarray(rows[np.searchsorted(self.times, numbers(times, "times"), side="right")])


def state_occupancy(
    start: ArrayLike, stop: ArrayLike, before: ArrayLike, after: ArrayLike, patients: ArrayLike, *, states: int
) -> StateOccupancy:
    """Estimate state occupancy from stretches of follow-up, several a patient.

    Parameters
    ----------
    start, stop : (n,), any unit of time
        A stretch (start, stop] in one state; a patient's first starts at zero, the next where the last stopped.
    before, after : (n,), 1
        State, 0 to states - 1, during the stretch, and after it; the same if the stretch ends in censoring.
    patients : (n,)
        A label a stretch.
    states : int
        How many there are.
    """
    begin, end = numbers(start, "start"), numbers(stop, "stop")
    owners = group_numbers(patients, end, "patients")[1]
    origin, target = _states(before, end, states), _states(after, end, states)
    _refuse_gaps(begin, end, (origin, target), owners)
    when = np.unique(end[origin != target])
    if when.size == 0:
        raise AnalysisError("no patient changes state: check that `after` differs from `before` where one does")
    number, one_of = int(owners.max()) + 1, np.eye(states)
    first = begin == 0.0
    initial = np.bincount(origin[first], minlength=states) / number
    occupancy = initial.copy()
    influence = np.zeros((number, states))  # of each patient on the occupancy, were its weight changed
    influence[owners[first]] += (one_of[origin[first]] - initial) / number
    probabilities, errors, counts = [], [], []
    for time in when:
        inside = (begin < time) & (end >= time)
        own = _Moves(origin=origin[inside], target=np.where(end == time, target, origin)[inside], states=states)
        change = own.change
        influence = influence @ change
        influence[owners[inside]] += own.influence(occupancy)
        occupancy = occupancy @ change
        probabilities.append(occupancy)
        errors.append(np.sqrt((influence**2).sum(axis=0)))
        counts.append(own.at_risk)
    return StateOccupancy(
        times=when,
        probability=np.array(probabilities),
        standard_error=np.array(errors),
        at_risk=np.array(counts, dtype=np.int64),
        initial=initial,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Moves:
    """What m patients under observation do at one time: their state just before, and after it, (m,) each."""

    origin: Integers
    target: Integers
    states: int

    @property
    def at_risk(self) -> Integers:
        """(s,) Patients in each state just before."""
        return np.bincount(self.origin, minlength=self.states)

    @property
    def hazard(self) -> Floats:
        """(s, s) Moves over patients at risk; the diagonal is zero."""
        moves = np.zeros((self.states, self.states))
        moving = self.origin != self.target
        np.add.at(moves, (self.origin[moving], self.target[moving]), 1.0)
        return np.asarray(moves / np.maximum(self.at_risk, 1)[:, None])

    @property
    def change(self) -> Floats:
        """(s, s) The factor I + dA."""
        return np.asarray(np.eye(self.states) + self.hazard - np.diag(self.hazard.sum(axis=1)))

    def influence(self, occupancy: Floats) -> Floats:
        """(m, s) Return what each one's move, less the one expected, adds to its influence on the occupancy, (s,)."""
        one_of, hazard = np.eye(self.states), self.hazard[self.origin]
        here = one_of[self.origin]
        expected = hazard - here * hazard.sum(axis=1, keepdims=True)
        weight = occupancy[self.origin] / np.maximum(self.at_risk, 1)[self.origin]
        return np.asarray(weight[:, None] * (one_of[self.target] - here - expected))


def _states(codes: ArrayLike, end: Floats, states: int) -> Integers:
    given = np.asarray(codes)
    wrong = ~np.isin(given, np.arange(states))
    if given.shape != end.shape or wrong.any():
        shown = f"state {given[wrong][0]}" if wrong.any() else f"{given.size} states"
        raise AnalysisError(f"{shown}: give one of 0 to {states - 1} a stretch")
    return given.astype(np.int64)


def _refuse_gaps(begin: Floats, end: Floats, codes: tuple[Integers, Integers], owners: Integers) -> None:
    wrong = np.flatnonzero(~(np.isfinite(end) & (begin >= 0.0) & (begin < end)))
    if wrong.size:
        raise AnalysisError(
            f"stretch {wrong[0]} from {begin[wrong[0]]:g} to {end[wrong[0]]:g}: give start before stop, from zero"
        )
    order = np.lexsort((begin, owners))
    same = owners[order][1:] == owners[order][:-1]
    joined = (begin[order][1:] == end[order][:-1]) & (codes[0][order][1:] == codes[1][order][:-1])
    is_first = np.concatenate(([True], ~same))
    faults = np.concatenate(([False], same & ~joined)) | (is_first & (begin[order] > 0.0))
    if faults.any():
        stretch = int(order[faults.argmax()])
        raise AnalysisError(
            f"stretch {stretch} starts at {begin[stretch]:g}: a patient's first starts at zero, each next where "
            "and in the state in which the last ended"
        )
