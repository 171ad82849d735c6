"""When the courses of records are looked at: at the records that ask, on a grid, before and after each dose.

A look belongs to the last dose before it that counts for a quantity, so that a profile is what follows one dose. What
stands at one instant is ordered as `trialeukin.engine.recorded_doses` does it: additional doses come before
the records, and a grid looks at what all of them have done.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import groupby, pairwise

from trialeukin.core.errors import InputError
from trialeukin.engine.records import Evid, Record, Records, Steadiness
from trialeukin.trial.record_doses import RecordedDose

MOST_LOOKS = 1_000_000
JUST_BEFORE = 1e-9  # of the time since the last dose
NEARLY = 1e-9  # of a step: sums of decimal numbers miss the last one


def plain(time: float) -> float:
    """Return a time without what sums and differences of decimal numbers miss it by, so that 0.1 + 0.2 is 0.3."""
    return float(f"{time:.12g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Times that are looked at beside the records, by each patient's clock from the first record on.

    Attributes
    ----------
    every : float, unit of the records
        The step.
    until : float or None, unit of the records
        The last time; that of each patient's last record where it is None.
    """

    every: float
    until: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.every < float("inf"):
            raise InputError(f"every {self.every:g}: give a time above zero")
        if self.until is not None and not abs(self.until) < float("inf"):
            raise InputError(f"until {self.until:g}: give a finite time")

    def times(self, rows: Sequence[Record]) -> list[float]:
        """Return the times for the records of one patient.

        Raises
        ------
        InputError
            When the clock is set back, so that a time may be meant twice, or there are too many times.
        """
        back = next((row for before, row in pairwise(rows) if row.time < before.time), None)
        if back is not None:
            raise InputError(
                f"every {self.every:g}: ID {back.patient} has its clock set back at TIME {back.time:g}, so that a time "
                "may be meant twice: write the times to look at as records"
            )
        first = rows[0].time
        until = rows[-1].time if self.until is None else self.until
        if until < first:
            raise InputError(
                f"until {until:g}: ID {rows[0].patient} has its first record at TIME {first:g}: give that or more"
            )
        count = (until - first) / self.every + NEARLY
        if count > MOST_LOOKS:
            raise InputError(
                f"every {self.every:g} until {until:g} is {count:,.0f} times in ID {rows[0].patient}: give at most "
                f"{MOST_LOOKS:,}"
            )
        return [plain(first + step * self.every) for step in range(int(count) + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A dose, or several at one time, that a profile follows.

    Attributes
    ----------
    patient : int
        ID.
    number : int
        Counted from 1 in each patient.
    time : float, unit of the records
        When it was given.
    amount : float, unit of the state
        How much; zero where several at one time differ in how they were given.
    duration : float, unit of the records
        How long it ran; zero of a bolus, the longest of several.
    dose : RecordedDose
        Which drug and route.
    interval : float or None, unit of the records
        Between doses at steady state; None where it is not at steady state.
    carried : bool
        Whether something of an earlier dose may be there still.
    until : float or None, unit of the records
        When the next dose came; None where none did, or the patient started anew before.
    """

    patient: int
    number: int
    time: float
    amount: float
    duration: float
    dose: RecordedDose
    interval: float | None
    carried: bool
    until: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Records with all looks among them, and to which occasion each belongs.

    Attributes
    ----------
    records : Records
        In order.
    shown : tuple of bool
        Of each record that asks (observations and EVID 2), in order: whether it is a row of the result, not the start
        or end of a profile alone.
    occasion : tuple of int or None
        Of each record that asks: index into the occasions.
    occasions : tuple of Occasion
        All of them.
    """

    records: Records
    shown: tuple[bool, ...]
    occasion: tuple[int | None, ...]
    occasions: tuple[Occasion, ...]


def looks_of(records: Records, doses: Iterable[RecordedDose], *, grid: Grid | None = None) -> Looks:
    """Return the records with looks on a grid, just before each dose and just after.

    Parameters
    ----------
    records : Records
        What was given and when is looked; amounts in the units of states.
    doses : iterable of RecordedDose
        Those whose profiles are followed.
    grid : Grid or None
        Further times.

    Raises
    ------
    InputError
        When the grid has no meaning for the records.
    """
    by_number = {each.compartment: each for each in doses}
    if len(by_number) == 1:
        by_number[0] = next(iter(by_number.values()))
    walk = _Walk(doses=by_number)
    for _, block in groupby(records.rows, key=lambda row: row.patient):
        rows = list(block)
        walk.patient(rows, [] if grid is None else grid.times(rows))
        if len(walk.rows) > MOST_LOOKS and grid is not None:
            raise InputError(f"every {grid.every:g}: more than {MOST_LOOKS:,} times in all: give a longer step")
    return Looks(
        records=Records(unit=records.unit, rows=tuple(walk.rows)),
        shown=tuple(walk.shown),
        occasion=tuple(walk.belongs),
        occasions=tuple(walk.occasions),
    )


@dataclass(slots=True, kw_only=True)
class _Walk:
    """What has been met so far, from record to record."""

    doses: Mapping[int, RecordedDose]
    rows: list[Record] = field(default_factory=list)
    shown: list[bool] = field(default_factory=list)
    belongs: list[int | None] = field(default_factory=list)
    occasions: list[Occasion] = field(default_factory=list)
    waiting: list[tuple[float, int, Occasion]] = field(default_factory=list)
    grid: deque[float] = field(default_factory=deque)
    current: int | None = None
    fresh: bool = True
    number: int = 0

    def patient(self, rows: Sequence[Record], grid: Sequence[float]) -> None:
        self.waiting, self.current, self.fresh, self.number = [], None, True, 0
        asked = {row.time for row in rows if row.evid.asks}
        self.grid = deque(time for time in grid if time not in asked)
        for row in rows:
            self._come_to(row.patient, row.time, looking=False)
            self._take(row)
        self._come_to(rows[-1].patient, max([rows[-1].time, *grid[-1:]]), looking=True)

    def _come_to(self, patient: int, time: float, *, looking: bool) -> None:
        """Let pass what is due before a time, and at it: additional doses, and looks too where they are asked for."""
        while True:
            dose = self.waiting[0][0] if self.waiting else math.inf
            look = self.grid[0] if self.grid else math.inf
            if dose <= time and dose <= look:
                occasion = heappop(self.waiting)[-1]
                self._end(patient, dose)
                self._begin(occasion)
            elif look < time or (looking and look == time):
                self._look(Record(patient=patient, time=self.grid.popleft(), evid=Evid.OTHER), shown=True)
            else:
                return

    def _take(self, row: Record) -> None:
        if row.evid.asks:
            self._look(row, shown=True)
            return
        dose = self.doses.get(row.compartment) if row.evid.doses else None
        if row.evid.resets or row.steadiness is Steadiness.ONLY:
            self.waiting, self.current, self.fresh = [], None, True
        elif dose is not None:
            self._end(row.patient, row.time)
        self.rows.append(row)
        if dose is not None:
            self._dose(row, dose)

    def _dose(self, row: Record, dose: RecordedDose) -> None:
        if row.endless:
            self.current, self.fresh = None, False
            return
        steady = row.interval if row.steadiness is Steadiness.ONLY else None
        first = Occasion(
            patient=row.patient,
            number=0,
            time=row.time,
            amount=row.amount,
            duration=row.amount / row.rate if row.rate > 0.0 else 0.0,
            dose=dose,
            interval=steady,
            carried=not self.fresh or row.steadiness is Steadiness.ADDED,
        )
        self._begin(first)
        for step in range(1, row.additional + 1):
            later = replace(first, time=row.time + step * row.interval, carried=steady is None)
            heappush(self.waiting, (later.time, len(self.rows), later))

    def _end(self, patient: int, time: float) -> None:
        """Look at what is left of the current dose just before the next; an additional one comes first at its time."""
        if self.current is None or (now := self.occasions[self.current]).time == time:
            return
        self.occasions[self.current] = replace(now, until=time)
        just_before = max(self.rows[-1].time, time - JUST_BEFORE * (time - now.time))
        self._look(Record(patient=patient, time=just_before, evid=Evid.OTHER), shown=False)

    def _begin(self, occasion: Occasion) -> None:
        last = None if self.current is None else self.occasions[self.current]
        if last is not None and last.time == occasion.time:
            self.occasions[-1] = _together(last, occasion)
        else:
            self.number += 1
            self.occasions.append(replace(occasion, number=self.number))
            self.current = len(self.occasions) - 1
        self.fresh = False
        self._look(Record(patient=occasion.patient, time=occasion.time, evid=Evid.OTHER), shown=False)

    def _look(self, row: Record, *, shown: bool) -> None:
        self.rows.append(row)
        self.shown.append(shown)
        self.belongs.append(self.current)


def _together(one: Occasion, other: Occasion) -> Occasion:
    """Return two doses at one time as one, without an amount if they are not of one kind."""
    alike = (one.dose, one.duration) == (other.dose, other.duration) and one.amount > 0.0
    return replace(
        other,
        number=one.number,
        amount=one.amount + other.amount if alike else 0.0,
        duration=max(one.duration, other.duration),
        carried=one.carried,
    )


def grouped(looks: Looks) -> Iterator[tuple[Occasion, list[int]]]:
    """Yield each occasion with which of the asking records belong to it."""
    places: dict[int, list[int]] = {}
    for place, index in enumerate(looks.occasion):
        if index is not None:
            places.setdefault(index, []).append(place)
    for index, occasion in enumerate(looks.occasions):
        yield occasion, places.get(index, [])
