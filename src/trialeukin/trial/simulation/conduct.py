"""Runs trials look by look, until each has stopped."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.random import Stream
from trialeukin.survival.two_arm import TwoArms, two_arms
from trialeukin.trial.randomisation import randomise
from trialeukin.trial.simulation.courses import Courses
from trialeukin.trial.simulation.estimand import Seen, seen_under
from trialeukin.trial.simulation.plan import SequentialPlan
from trialeukin.trial.simulation.source import Source, inverse


class Ending(IntEnum):
    """Why a trial ended."""

    EFFICACY = 0
    FUTILITY = 1
    NOTHING_FOUND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How r trials ended.

    Attributes
    ----------
    look : (r,), 1
        At which look, from 0.
    ending : (r,), 1
        An `Ending` each.
    z : (r,), 1
        Log-rank statistic then; positive where the treatment is better, NaN without information.
    log_hazard_ratio, error : (r,), 1
        Treatment over control and its standard error; NaN without an estimate.
    restricted : (r,), month
        Difference of restricted means and
    restricted_error : (r,), month
        its standard error; NaN where a curve does not reach the horizon or none was asked for.
    events, patients : (r,), 1
        Events at the data cut-off, patients entered by the decision.
    months : (r,), month
        Calendar time of the decision.
    """

    look: Integers
    ending: Integers
    z: Floats
    log_hazard_ratio: Floats
    error: Floats
    restricted: Floats
    restricted_error: Floats
    events: Integers
    patients: Integers
    months: Floats


def draw_courses(plan: SequentialPlan, source: Source, *, trials: Integers, stream: Stream) -> Courses:
    """Return what happens to the patients of some trials.

    Parameters
    ----------
    plan : SequentialPlan
        How the trials are run.
    source : Source
        Where times come from.
    trials : (r,), 1
        Numbers of the trials; a trial depends on its number and the stream alone.
    stream : Stream
        Chance.
    """
    n = plan.patients
    order = np.sort(stream.child("entry").uniform(trials, n), axis=1)
    strata = source.strata(trials, n, stream)
    given = randomise(
        stream.child("randomisation").uniform(trials, n),
        control=plan.control,
        treatments=(plan.treated,),
        block=plan.block,
        strata=strata,
        factors=plan.factors,
    )
    treated = given == 1
    times = source.times(trials, treated, stream)
    lost = (
        inverse(plan.drop_out, stream.child("loss").exponential(trials, n))
        if plan.drop_out.rates.any()
        else np.full(treated.shape, np.inf)
    )
    return Courses(
        entry=plan.enrolment.entry(order),
        treated=treated,
        event=times.event,
        undisturbed=times.undisturbed,
        intercurrent=times.intercurrent,
        lost=lost,
        strata=strata,
    )


def conducted(plan: SequentialPlan, courses: Courses) -> Ended:
    """Return how trials end whose patients' courses are known."""
    seen = seen_under(courses, plan.strategy)
    dates = _dates(plan, courses, seen)
    ended = _nothing(courses.entry.shape[0])
    going = np.arange(courses.entry.shape[0])
    last = len(plan.wanted) - 1
    for look in range(last + 1):
        now = going if look == last else going[dates[going, look] < plan.end]
        if now.size == 0:
            continue
        found = _analysed(plan, courses, seen, now, dates[now, look])
        stops = _record(ended, plan, courses, found, _At(look=look, trials=now, cut=dates[now, look]))
        going = np.setdiff1d(going, now[stops], assume_unique=True)
    return ended


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """Which trials are looked at, and the data cut-off of each, month of the calendar."""

    look: int
    trials: Integers
    cut: Floats


def _dates(plan: SequentialPlan, courses: Courses, seen: Seen) -> Floats:
    """Return the data cut-off of each look, (r, k): when its events have happened, at the latest the end."""
    happened = np.where(seen.event <= seen.until, courses.entry + seen.event, np.inf)
    places = np.array(plan.wanted) - 1
    return np.asarray(np.minimum(np.partition(happened, places, axis=1)[:, places], plan.end))


def _analysed(plan: SequentialPlan, courses: Courses, seen: Seen, trials: Integers, cut: Floats) -> TwoArms:
    """Return the statistics of some trials at their data cut-offs; who has not entered has no time at risk."""
    entry, event, watched = courses.entry[trials], seen.event[trials], seen.until[trials]
    known = (event <= watched) & (entry + event <= cut[:, None])
    times = np.where(known, event, np.maximum(np.minimum(watched, cut[:, None] - entry), 0.0))
    horizons = () if plan.horizon is None else (plan.horizon,)
    strata = None if courses.strata is None else courses.strata[trials]
    return two_arms(times, known, courses.treated[trials], strata=strata, horizons=horizons)


def _record(ended: Ended, plan: SequentialPlan, courses: Courses, found: TwoArms, at: _At) -> Booleans:
    """Write down which trials stop at this look, and return them as marks on those that were looked at."""
    z = -found.z
    works = z >= plan.boundaries.upper[at.look]
    final = at.look == len(plan.wanted) - 1
    hopeless = ~works & (z <= plan.boundaries.lower[at.look]) & (not final)
    stops = np.ones(z.size, dtype=np.bool_) if final else works | hopeless
    trials, decision = at.trials[stops], at.cut[stops] + plan.delay
    endings = np.where(works, Ending.EFFICACY, np.where(hopeless, Ending.FUTILITY, Ending.NOTHING_FOUND))
    ended.look[trials] = at.look
    ended.ending[trials] = endings[stops]
    ended.z[trials] = z[stops]
    ended.log_hazard_ratio[trials] = found.log_hazard_ratio[stops]
    ended.error[trials] = found.standard_error[stops]
    ended.events[trials] = found.events[stops].sum(axis=1)
    ended.patients[trials] = (courses.entry[trials] <= decision[:, None]).sum(axis=1)
    ended.months[trials] = decision
    if plan.horizon is not None:
        means = found.restricted[stops, :, 0]
        ended.restricted[trials] = means[:, 1, 0] - means[:, 0, 0]
        ended.restricted_error[trials] = np.hypot(means[:, 1, 1], means[:, 0, 1])
    return stops


def _nothing(trials: int) -> Ended:
    look, ending, events, patients = np.zeros((4, trials), dtype=np.int64)
    z, ratio, error, mean, mean_error, months = np.full((6, trials), np.nan)
    return Ended(
        look=look,
        ending=ending,
        z=z,
        log_hazard_ratio=ratio,
        error=error,
        restricted=mean,
        restricted_error=mean_error,
        events=events,
        patients=patients,
        months=months,
    )


def joined(parts: list[Ended]) -> Ended:
    """Return several batches of trials as one."""
    return Ended(**{each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Ended)})
