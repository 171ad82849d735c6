"""Simulated trials of several treatments and one control, the best of which goes on after the first look.

The first look comes when control and the mean of the treatments together have had its events, later ones when control
and the chosen treatment have; at the latest the end of the trial. Dropped treatments take in no more patients after it.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.random import Stream
from trialeukin.survival.design.hazard import PiecewiseHazard
from trialeukin.survival.design.multi_arm_trial import MultiArmTrial
from trialeukin.survival.two_arm import two_arms
from trialeukin.trial.estimate import Estimate, probability, sampled
from trialeukin.trial.simulation.of_design import ROUNDING
from trialeukin.trial.simulation.operating import TRIALS_AT_ONCE
from trialeukin.trial.simulation.source import inverse


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiArmEnded:
    """How r trials ended.

    Attributes
    ----------
    look : (r,), 1
        At which look, from 0.
    chosen : (r,), 1
        Which treatment went on (or would have), from 0.
    claimed, futile : (r,), 1
        Whether it was found better than control; whether it was below the limit of futility before the last look.
    patients, months : (r,)
        Entered in all arms, and calendar time, at the end.
    """

    look: Integers
    chosen: Integers
    claimed: np.ndarray[tuple[int], np.dtype[np.bool_]]
    futile: np.ndarray[tuple[int], np.dtype[np.bool_]]
    patients: Integers
    months: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiArmOperating:
    """What a design of several treatments does under one truth.

    Attributes
    ----------
    trials : int
        How many were run.
    any_claim, right, wrong : Estimate
        Fractions in which some treatment, the first, or another is claimed.
    benefit, futility : tuple of Estimate
        Fractions that stop for either at each look.
    patients, months : Estimate
        Means at the end.
    """

    trials: int
    any_claim: Estimate
    right: Estimate
    wrong: Estimate
    benefit: tuple[Estimate, ...]
    futility: tuple[Estimate, ...]
    patients: Estimate
    months: Estimate


def simulated_multi_arm(
    found: MultiArmTrial, hazards: tuple[PiecewiseHazard, ...], *, seed: int, trials: int, threads: int = 1
) -> MultiArmOperating:
    """Simulate a design of several treatments.

    Parameters
    ----------
    found : MultiArmTrial
        The design; its patients are rounded up in each arm.
    hazards : tuple of PiecewiseHazard
        Of control and of each treatment: the truth.
    seed : int
        Of all random numbers; a trial depends on its number and the seed alone.
    trials, threads : int
        How many are run, and how many batches at a time.
    """
    stream = Stream(seed, "simulated trials of several treatments")

    def batch(start: int) -> MultiArmEnded:
        return _conducted(found, hazards, np.arange(start, min(start + TRIALS_AT_ONCE, trials)), stream)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        parts = list(pool.map(batch, range(0, trials, TRIALS_AT_ONCE)))
    names = [each.name for each in fields(MultiArmEnded)]
    ended = MultiArmEnded(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
    return _summarised(ended, looks=len(found.comparison.effects))


def _summarised(ended: MultiArmEnded, *, looks: int) -> MultiArmOperating:
    trials = ended.look.size

    def share(marks: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Estimate:
        return probability(int(marks.sum()), trials)

    return MultiArmOperating(
        trials=trials,
        any_claim=share(ended.claimed),
        right=share(ended.claimed & (ended.chosen == 0)),
        wrong=share(ended.claimed & (ended.chosen > 0)),
        benefit=tuple(share(ended.claimed & (ended.look == look)) for look in range(looks)),
        futility=tuple(share(ended.futile & (ended.look == look)) for look in range(looks)),
        patients=sampled(ended.patients.astype(np.float64)),
        months=sampled(ended.months),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patients:
    """Of r trials, an array for control and each treatment, (r, n) each: entry, event and loss since then, month."""

    entry: tuple[Floats, ...]
    event: tuple[Floats, ...]
    lost: tuple[Floats, ...]

    def happened(self, arm: int) -> Floats:
        """When each patient's event is seen, month of the calendar; infinity for never."""
        return np.where(self.event[arm] <= self.lost[arm], self.entry[arm] + self.event[arm], np.inf)

    def z(self, arm: int, rows: Integers, cut: Floats) -> Floats:
        """Log-rank statistic of a treatment against control at data cut-offs; positive where it is better."""
        entry, event, lost = (
            np.concatenate((part[0][rows], part[arm][rows]), axis=1) for part in (self.entry, self.event, self.lost)
        )
        known = (event <= lost) & (entry + event <= cut[:, None])
        times = np.where(known, event, np.maximum(np.minimum(np.minimum(event, lost), cut[:, None] - entry), 0.0))
        marked = np.arange(entry.shape[1]) >= self.entry[0].shape[1]
        return -two_arms(times, known, marked).z


def _drawn(found: MultiArmTrial, hazards: tuple[PiecewiseHazard, ...], trials: Integers, stream: Stream) -> _Patients:
    trial = found.comparison.trial
    enrolment = trial.enrolment
    sizes = [trial.control.share, *[trial.treated.share] * found.design.treatments]
    came = np.append(0.0, np.cumsum(enrolment.durations * enrolment.rates))
    entry, event, lost = [], [], []
    for arm, (share, hazard) in enumerate(zip(sizes, hazards, strict=True)):
        n = int(np.ceil(share * enrolment.patients - ROUNDING))
        own = stream.child(arm)
        entry.append(np.interp(own.child("entry").uniform(trials, n), came / came[-1], enrolment.edges))
        event.append(inverse(hazard, own.child("event").exponential(trials, n)))
        loss = trial.control.drop_out if arm == 0 else trial.treated.drop_out
        some = loss.rates.any()
        lost.append(
            inverse(loss, own.child("loss").exponential(trials, n)) if some else np.full((trials.size, n), np.inf)
        )
    return _Patients(entry=tuple(entry), event=tuple(event), lost=tuple(lost))


def _conducted(
    found: MultiArmTrial, hazards: tuple[PiecewiseHazard, ...], trials: Integers, stream: Stream
) -> MultiArmEnded:
    drawn, limits, end = _drawn(found, hazards, trials, stream), found.boundaries, found.comparison.trial.end
    wanted = [float(np.ceil(effect.events - ROUNDING)) for effect in found.comparison.effects]
    treatments, everybody = range(1, found.design.treatments + 1), np.arange(trials.size)
    happened = [drawn.happened(arm) for arm in range(len(hazards))]
    weights = [1.0, *[1.0 / found.design.treatments] * found.design.treatments]
    first = np.minimum(_reached(happened, weights, wanted[0]), end)
    z = np.array([drawn.z(arm, everybody, first) for arm in treatments])
    best = np.argmax(np.where(np.isnan(z), -np.inf, z), axis=0)
    look, months = np.zeros(trials.size, dtype=np.int64), first.copy()
    claimed, futile = np.zeros((2, trials.size), dtype=np.bool_)
    here, going = z[best, everybody], everybody
    for at in range(len(wanted)):
        if at > 0:
            here, months[going] = _looked(drawn, happened, (best, going), (wanted[at], end))
        look[going] = at
        claimed[going] = here >= limits.upper[at]
        futile[going] = ~claimed[going] & (here <= limits.lower[at]) & (at < len(wanted) - 1)
        going = going[~(claimed[going] | futile[going])]
    return MultiArmEnded(
        look=look,
        chosen=best,
        claimed=claimed,
        futile=futile,
        patients=_entered(drawn, best, first, months),
        months=months,
    )


def _looked(
    drawn: _Patients, happened: list[Floats], who: tuple[Integers, Integers], when: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return Z of the chosen treatment and the date, (g,) each, of the trials that are still going."""
    best, going = who
    z, dates = np.full(going.size, np.nan), np.empty(going.size)
    for arm, places in _by_choice(best[going]):
        rows = going[places]
        date = np.minimum(_reached([happened[0][rows], happened[arm][rows]], [1.0, 1.0], when[0]), when[1])
        z[places], dates[places] = drawn.z(arm, rows, date), date
    return z, dates


def _by_choice(chosen: Integers) -> Iterator[tuple[int, Integers]]:
    for treatment in np.unique(chosen):
        yield int(treatment) + 1, np.flatnonzero(chosen == treatment)


def _reached(happened: list[Floats], weights: list[float], wanted: float) -> Floats:
    """Return when events of several arms, weighted, come to a number, (r,); infinity where they never do."""
    dates = np.concatenate(happened, axis=1)
    worth = np.concatenate([np.full(each.shape[1], weight) for each, weight in zip(happened, weights, strict=True)])
    order = np.argsort(dates, axis=1)
    ordered = np.take_along_axis(dates, order, axis=1)
    place = (np.cumsum(worth[order], axis=1) < wanted - ROUNDING).sum(axis=1)
    never = place >= ordered.shape[1]
    found = np.take_along_axis(ordered, np.minimum(place, ordered.shape[1] - 1)[:, None], axis=1)[:, 0]
    return np.where(never, np.inf, found)


def _entered(drawn: _Patients, best: Integers, first: Floats, months: Floats) -> Integers:
    """Return who came by the end, (r,): dropped treatments up to the first look."""
    total = (drawn.entry[0] <= months[:, None]).sum(axis=1)
    for arm in range(1, len(drawn.entry)):
        until = np.where(best == arm - 1, months, first)
        total = total + (drawn.entry[arm] <= until[:, None]).sum(axis=1)
    return np.asarray(total, dtype=np.int64)
