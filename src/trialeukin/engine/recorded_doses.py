"""From records to what the engine follows: doses, resets, and where each observation is found.

Records act in their order, with what NONMEM makes of them (Users Guide, part VI, chapter V):

- A patient's clock starts at his first record. A reset (EVID 3 or 4) starts the patient anew and undoes all that was
  given before: infusions, additional doses and what waits for its lag. It may set the clock back; the engine's goes on.
- Additional doses, and doses that have waited for their lag, come before the records of the same instant.
- A dose with RATE is `Manner.AT_RATE`, with RATE -2 `Manner.MODELLED`, others `Manner.PLAIN`; lag,
  bioavailability and duration are those of the system's inputs.
- A dose with SS is the last of an endless train, every II. The states are set to those of the train at the record's
  time (SS 1, which undoes as a reset does) or these are added (SS 2); states that only count, such as an area, start
  anew (SS 1) or stay (SS 2). What of the train still runs, or waits for
  its lag, is given after as `Manner.DIRECT`. With AMT 0 a constant infusion has run for ever and ends now.

The engine does all things of one instant in an order of its own, so what a record does after another was looked at
in the same instant is put off by a sliver of time, far below any tolerance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.engine.counters import counters
from trialeukin.engine.problem import Doses, Fate, Manner, Problem, Resets, Tolerance
from trialeukin.engine.recorded_course import SLIVER, Course, Entrances, Entry, in_full, unsteady
from trialeukin.engine.records import Evid, Records
from trialeukin.engine.solve import Backend
from trialeukin.engine.steady_state import USUAL, steady_states
from trialeukin.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """What records ask of the engine, and where the answers to their rows are.

    Attributes
    ----------
    system, parameters, tolerance
        As they were given.
    doses : Doses
        One row a patient of the records, in their order; times from the patient's first record.
    resets : Resets
        Starts anew and steady states.
    save_times : (k,), day
        Every time at which any patient is looked at.
    horizon : float, day
        The end of the last record.
    rows : (a,), 1
        Which of the records ask for values: observations and EVID 2, in their order.
    patients, columns : (a,), 1
        Where in ``Trajectories.values`` their answers are: patient and save time.
    cancelled : (n,), 1
        How many doses of each patient a later reset or SS 1 took back before they were due; they are not in ``doses``.
    """

    system: System
    parameters: Floats
    tolerance: Tolerance
    doses: Doses
    resets: Resets
    save_times: Floats
    horizon: float
    rows: Integers
    patients: Integers
    columns: Integers
    cancelled: Integers

    def problem(self, save: tuple[str, ...]) -> Problem:
        """Return the problem whose solution keeps quantities at all the times of the records."""
        return Problem(
            system=self.system,
            parameters=self.parameters,
            doses=self.doses,
            horizon=self.horizon,
            save_times=self.save_times,
            save=save,
            examinations=np.zeros(0),
            resets=self.resets,
            tolerance=self.tolerance,
        )

    def answers(self, values: Floats) -> Floats:
        """Return the values, (n, k, ...), that each asking record gets, (a, ...)."""
        return np.asarray(values[self.patients, self.columns], dtype=np.float64)

    def observed(self, records: Records, values: Floats) -> Records:
        """Return the records that were scheduled with one quantity, (n, k), as what is measured at observations.

        Raises
        ------
        InputError
            When they are other records.
        """
        asking = [row.evid for row in records.rows if row.evid.asks]
        if len(asking) != self.rows.size:
            raise InputError(f"{len(asking)} records that ask, where {self.rows.size} were scheduled: give those")
        return records.with_observed(self.answers(values)[[evid is Evid.OBSERVATION for evid in asking]])


def scheduled(
    system: System,
    records: Records,
    parameters: Floats,
    *,
    compartments: Mapping[int, int] | None = None,
    tolerance: Tolerance = USUAL,
    backend: Backend = Backend.CPU,
) -> Scheduled:
    """Return what records ask of the engine.

    Parameters
    ----------
    system : System
        The model; without events, if a record resets or has SS.
    records : Records
        What was given and when is looked.
    parameters : (n, p), in each parameter's unit
        One row for each of ``records.patients``.
    compartments : mapping of int to int, or None
        CMT to index into ``system.inputs``; by default `compartments_of` the system.
    tolerance : Tolerance
        Of the problem and of steady states.
    backend : Backend
        Who finds the steady states.

    Raises
    ------
    InputError
        Where a record has no meaning in this system, or the steady state that it names is not found.
    """
    patients = len(records.patients)
    if parameters.shape != (patients, len(system.parameters)):
        wanted = f"one row of {len(system.parameters)} for each of the {patients} patients of the records"
        raise InputError(f"parameters of shape {parameters.shape}: {system.name} needs {wanted}")
    entrances = Entrances(system, compartments_of(system) if compartments is None else compartments)
    courses = []
    for (_, block), row in zip(groupby(records.rows, key=lambda each: each.patient), parameters, strict=True):
        course = Course(entrances=entrances, numbers=entrances.model.start(row.tolist()), per_day=records.unit.per_day)
        for record in block:
            course.take(record)
        courses.append(course)
    _settle(system, parameters, courses, tolerance, backend)
    asking = [place for place, row in enumerate(records.rows) if row.evid.asks]
    times = np.array([time for course in courses for time in course.asked])
    save_times, columns = np.unique(times, return_inverse=True)
    return Scheduled(
        system=system,
        parameters=parameters,
        tolerance=tolerance,
        doses=_doses(courses),
        resets=_resets(courses, len(system.states)),
        save_times=save_times,
        horizon=max([SLIVER, *(course.now for course in courses)]),
        rows=np.array(asking, dtype=np.int64),
        patients=np.repeat(np.arange(patients), [len(course.asked) for course in courses]).astype(np.int64),
        columns=columns.astype(np.int64),
        cancelled=np.array([course.cancelled for course in courses], dtype=np.int64),
    )


def compartments_of(system: System) -> dict[int, int]:
    """Return the input of each compartment, counted from 1 in the order of states, that has just one."""
    states = [state.name for state in system.states]
    entered = [states.index(entry.state) for entry in system.inputs]
    return {place + 1: entered.index(place) for place in range(len(states)) if entered.count(place) == 1}


def _settle(
    system: System, parameters: Floats, courses: Sequence[Course], tolerance: Tolerance, backend: Backend
) -> None:
    """Find the states of all trains, those of one interval at once."""
    trains = [(place, change) for place, course in enumerate(courses) for change in course.changes if change.train]
    lengths = {change.train.interval for _, change in trains if change.train}
    counting = counters(system)
    for interval in sorted(lengths):
        group = [(place, change) for place, change in trains if change.train and change.train.interval == interval]
        pieces = [
            [in_full(piece, change.entry, 0.0) for piece in change.train.in_each_interval()] if change.train else []
            for _, change in group
        ]
        found = steady_states(
            system,
            parameters[[place for place, _ in group]],
            _table(pieces),
            interval=interval,
            tolerance=tolerance,
            backend=backend,
        )
        for row, (_, change) in enumerate(group):
            if not found.found[row]:
                raise unsteady(change.record, found.shortcoming(system, row))
            change.states = np.where(counting & (change.keep > 0.0), 0.0, found.states[row])


def _doses(courses: Sequence[Course]) -> Doses:
    """Return the doses of all, in one schedule where it is the same for every patient."""
    own = _table([course.entries for course in courses])
    schedule = (own.times, own.durations, own.inputs, own.manners)
    if not courses or any((each != each[0]).any() for each in schedule):
        return own
    return replace(own, times=own.times[0], durations=own.durations[0], inputs=own.inputs[0], manners=own.manners[0])


def _table(rows: Sequence[Sequence[Entry]]) -> Doses:
    """Return doses with a schedule for each row, in order of time."""
    shape = (len(rows), max((len(row) for row in rows), default=0))
    doses = Doses(
        times=np.full(shape, np.inf),
        durations=np.zeros(shape),
        inputs=np.zeros(shape, dtype=np.int64),
        manners=np.full(shape, int(Manner.PLAIN), dtype=np.int64),
        amounts=np.zeros(shape),
        fates=np.full(shape, int(Fate.GIVEN), dtype=np.int64),
    )
    for place, row in enumerate(rows):
        for column, each in enumerate(sorted(row, key=lambda entry: entry.time)):
            doses.times[place, column] = each.time
            doses.durations[place, column] = each.duration
            doses.inputs[place, column] = each.entry
            doses.manners[place, column] = each.manner
            doses.amounts[place, column] = each.amount
    return doses


def _resets(courses: Sequence[Course], states: int) -> Resets:
    shape = (len(courses), max((len(course.changes) for course in courses), default=0))
    resets = Resets(times=np.full(shape, np.inf), keeps=np.zeros(shape), states=np.zeros((*shape, states)))
    for place, course in enumerate(courses):
        for column, change in enumerate(course.changes):
            resets.times[place, column] = change.time
            resets.keeps[place, column] = change.keep
            resets.states[place, column] = change.states
    return resets
