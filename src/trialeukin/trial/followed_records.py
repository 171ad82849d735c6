"""A model followed through dosing records: quantities where records ask, and what became of doses and patients."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.engine.problem import Fate, Tolerance
from trialeukin.engine.recorded_doses import Scheduled, scheduled
from trialeukin.engine.records import Record, Records
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.model.system import System, Watch
from trialeukin.trial.fates import dose_reasons
from trialeukin.trial.record_doses import RecordedDose, in_state_units
from trialeukin.trial.record_looks import Grid, Looks, looks_of
from trialeukin.trial.record_quantities import AskedQuantity

MOST_KEPT = 4_000_000
"""Values of a quantity that are kept at once: each patient is looked at whenever any of those followed together is."""
REASONS = {int(Fate.AFTER_END): "after the end of the course", int(Fate.RESET): "undone by a reset or by SS 1"}
CLOSE = Tolerance(relative=1e-8, absolute=1e-6)
"""A few patients take no time, and the end of a curve is to be true on the log scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDose:
    """A dose that was not given as it was recorded.

    Attributes
    ----------
    patient : int
        ID.
    time : float, unit of the records
        When it was due, since the patient's first record.
    drug : str
        Which.
    planned, given : float, ``unit``
        How much was recorded, and how much of it was given.
    unit : str
        Of AMT.
    reason : str
        Why.
    """

    patient: int
    time: float
    drug: str
    planned: float
    given: float
    unit: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A trajectory that did not reach its last record.

    Attributes
    ----------
    patient : int
        ID.
    time : float, unit of the records
        When it ended, since the patient's first record.
    status : Status
        How.
    """

    patient: int
    time: float
    status: Status

    @property
    def failed(self) -> bool:
        """Whether it is a failure of the computation, not something that happens to a patient."""
        return self.status is not Status.ENDED_BY_EVENT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FollowedRecords:
    """What a model makes of records.

    Attributes
    ----------
    system : System
        The model.
    doses : tuple of RecordedDose
        What the doses are.
    looks : Looks
        The records in the units of states, with all looks.
    quantities : tuple of AskedQuantity
        What was asked for, q of them.
    patients : (a,), 1
        The ID of each look.
    times : (a,), unit of the records
        Its TIME.
    shown : (a,), 1
        Whether it is a row of the result, not the start or end of a profile alone.
    answers : (a, q), unit of each
        What the model has there; NaN after a patient's end.
    observed : (a,), unit of the first quantity
        DV there; NaN where nothing was measured.
    lost : tuple of LostDose
        Doses that were not given as recorded.
    cancelled : mapping of int to int
        How many additional doses of an ID a later reset or SS 1 took back before they were due.
    endings : tuple of Ending
        Those that did not reach their last record.
    happened : tuple of (int, str, float)
        ID, event and when it happened since the first record, in the unit of the records.
    """

    system: System
    doses: tuple[RecordedDose, ...]
    looks: Looks
    quantities: tuple[AskedQuantity, ...]
    patients: Integers
    times: Floats
    shown: Booleans
    answers: Floats
    observed: Floats
    lost: tuple[LostDose, ...]
    cancelled: Mapping[int, int]
    endings: tuple[Ending, ...]
    happened: tuple[tuple[int, str, float], ...]

    @property
    def unwatched(self) -> tuple[str, ...]:
        """Events that never happen here, since they are looked at at examinations and records have none."""
        return tuple(each.name for each in self.system.events if each.watch is Watch.AT_EXAMINATIONS)


def follow_records(
    system: System,
    records: Records,
    doses: Sequence[RecordedDose],
    quantities: Sequence[AskedQuantity],
    *,
    individual: Mapping[str, Sequence[float]] | None = None,
    grid: Grid | None = None,
) -> FollowedRecords:
    """Return what a model makes of records: a typical patient for each ID, but for what is said of the individual.

    Parameters
    ----------
    system : System
        The model, with the parameters of its typical patient.
    records : Records
        What was given and when is looked.
    doses : sequence of RecordedDose
        What the doses are, `recorded_doses`.
    quantities : sequence of AskedQuantity
        What to answer with, `asked_quantities`; profiles after a dose are those of the first.
    individual : mapping of str to (n,), in each parameter's unit
        Parameters that patients have of their own, in the order of ``records.patients``.
    grid : Grid or None
        Times that are looked at beside the records.

    Raises
    ------
    InputError
        When a name, a number or a record has no meaning in this model, or nothing is looked at.
    """
    _check_observed(records.rows)
    profiled = [each for each in doses if quantities[0].name in each.concentrations] or doses
    looks = looks_of(in_state_units(records, doses), profiled, grid=grid)
    if not any(looks.shown):
        raise InputError("no record asks for a value: add records without a dose, or look at a grid with --every")
    rows = _parameters(system, records.patients, individual or {})
    compartments = {each.compartment: each.entry for each in doses}
    names = tuple(each.name for each in quantities)
    parts = [
        (part, scheduled(system, part, own, compartments=compartments, tolerance=CLOSE))
        for part, own in _parts(looks.records, rows)
    ]
    horizon = max(asked.horizon for _, asked in parts)  # of all, so that who is followed together changes nothing
    found = []
    for part, asked in parts:
        course = solve(replace(asked.problem(names), horizon=horizon))
        found.append(_Part(records=part, asked=asked, course=course).findings(doses))
    asking = [row for row in looks.records.rows if row.evid.asks]
    return FollowedRecords(
        system=system,
        doses=tuple(doses),
        looks=looks,
        quantities=tuple(quantities),
        patients=np.array([row.patient for row in asking], dtype=np.int64),
        times=np.array([row.time for row in asking]),
        shown=np.array(looks.shown, dtype=np.bool_),
        answers=np.concatenate([part.answers for part in found]) * np.array([each.factor for each in quantities]),
        observed=np.array([np.nan if row.observed is None else row.observed for row in asking]),
        lost=tuple(each for part in found for each in part.lost),
        cancelled=dict(each for part in found for each in part.cancelled),
        endings=tuple(each for part in found for each in part.endings),
        happened=tuple(each for part in found for each in part.happened),
    )


def _check_observed(rows: Iterable[Record]) -> None:
    numbers = sorted({row.compartment for row in rows if row.observed is not None and row.compartment})
    if len(numbers) > 1:
        raise InputError(
            f"DV is there at CMT {', '.join(map(str, numbers))}: it is set beside one quantity: give MDV 1 where it is "
            "of another"
        )


def _parameters(system: System, patients: Sequence[int], individual: Mapping[str, Sequence[float]]) -> Floats:
    """Return one row of parameters for each patient, (n, p)."""
    rows = np.tile([each.value for each in system.parameters.values()], (len(patients), 1))
    names = list(system.parameters)
    for name, values in individual.items():
        for patient, value in zip(patients, values, strict=True):
            try:
                system.parameters[name].with_value(value)
            except InputError as fault:
                raise InputError(f"{name} of ID {patient}: {fault}") from None
        rows[:, names.index(name)] = values
    return rows


def _parts(records: Records, parameters: Floats) -> Iterator[tuple[Records, Floats]]:
    """Yield the records of a few patients at a time, with their rows of parameters."""
    blocks = [tuple(block) for _, block in groupby(records.rows, key=lambda row: row.patient)]
    first = 0
    while first < len(blocks):
        last, looks = first + 1, len(blocks[first])
        while last < len(blocks) and (last + 1 - first) * (looks + len(blocks[last])) <= MOST_KEPT:
            looks += len(blocks[last])
            last += 1
        yield replace(records, rows=tuple(chain(*blocks[first:last]))), parameters[first:last]
        first = last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    """What is kept of a few patients."""

    answers: Floats
    lost: tuple[LostDose, ...]
    cancelled: tuple[tuple[int, int], ...]
    endings: tuple[Ending, ...]
    happened: tuple[tuple[int, str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A few patients, what they were asked and what came out."""

    records: Records
    asked: Scheduled
    course: Trajectories

    def findings(self, doses: Iterable[RecordedDose]) -> _Findings:
        return _Findings(
            answers=self.asked.answers(self.course.values),
            lost=tuple(self.lost(doses)),
            cancelled=tuple(self.cancelled()),
            endings=tuple(self.endings()),
            happened=tuple(self.happened()),
        )

    def ends(self) -> Floats:
        """Return when each patient is looked at last, day."""
        ends = np.zeros(len(self.records.patients))
        np.maximum.at(ends, self.asked.patients, self.asked.save_times[self.asked.columns])
        return ends

    def lost(self, doses: Iterable[RecordedDose]) -> Iterator[LostDose]:
        reasons = dose_reasons(self.course.events, ()) | REASONS
        by_entry = {each.entry: each for each in doses}
        for place, end in enumerate(self.ends()):
            times, _, inputs, _ = self.asked.doses.schedule(place)
            for column in np.flatnonzero((self.course.fates[place] != Fate.GIVEN) & (times <= end)):
                dose = by_entry[int(inputs[column])]
                yield LostDose(
                    patient=self.records.patients[place],
                    time=self._time(times[column]),
                    drug=dose.drug,
                    planned=float(self.asked.doses.amounts[place, column]) / dose.factor,
                    given=float(self.course.given[place, column]) / dose.factor,
                    unit=dose.unit,
                    reason=reasons[int(self.course.fates[place, column])],
                )

    def cancelled(self) -> Iterator[tuple[int, int]]:
        for patient, count in zip(self.records.patients, self.asked.cancelled.tolist(), strict=True):
            if count:
                yield patient, count

    def endings(self) -> Iterator[Ending]:
        for place in np.flatnonzero(self.course.end_times < self.ends()):
            yield Ending(
                patient=self.records.patients[place],
                time=self._time(self.course.end_times[place]),
                status=Status(int(self.course.status[place])),
            )

    def happened(self) -> Iterator[tuple[int, str, float]]:
        times = self.course.event_times
        for place, event in np.argwhere(times <= self.ends()[:, None]).tolist():
            yield self.records.patients[place], self.course.events[event], self._time(times[place, event])

    def _time(self, day: float) -> float:
        return float(day) * self.records.unit.per_day
