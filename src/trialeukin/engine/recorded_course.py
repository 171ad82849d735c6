"""The records of one patient, one after another, on the clock of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import sympy

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError
from trialeukin.engine.frame import ENTRY
from trialeukin.engine.interpreted import Interpreted, interpret
from trialeukin.engine.problem import Manner
from trialeukin.engine.records import MODELLED_DURATION, Record, Steadiness
from trialeukin.engine.trains import EndlessInfusion, Piece, Train
from trialeukin.model.system import Input, System

SLIVER = 2.0**-47  # of the time reached, or of a day: 32 units in the last place; sums of times and lags err by a few
STEADY = (Steadiness.ONLY, Steadiness.ADDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One dose, as `Doses` has it."""

    time: float
    duration: float
    entry: int
    manner: Manner
    amount: float


@dataclass(slots=True, kw_only=True)
class Change:
    """States that are set (keep zero) or added to, with the train that decides them where they are not known yet."""

    time: float
    keep: float
    states: Floats
    record: Record
    entry: int = 0
    train: Train | EndlessInfusion | None = None


class Entrances:
    """Where the doses of records enter a system, and what is decided there of each patient's.

    Parameters
    ----------
    system : System
        The model.
    compartments : mapping of int to int
        CMT to index into its inputs.
    """

    def __init__(self, system: System, compartments: Mapping[int, int]) -> None:
        for number, entry in compartments.items():
            if not (number > 0 and 0 <= entry < len(system.inputs)):
                message = f"compartments: {number} is input {entry}; give numbers from 1 on, and inputs from 0"
                raise InputError(f"{message} to {len(system.inputs) - 1}, as {system.name} has")
        self.system = system
        self.compartments = compartments
        self.model: Interpreted = interpret(system)

    def of(self, record: Record) -> int:
        """Return the input of a dose."""
        number = record.compartment
        if number == 0 and len(self.compartments) == 1:
            number = next(iter(self.compartments))
        if number not in self.compartments:
            inputs = self.system.inputs
            known = ", ".join(f"{each} ({inputs[entry].state})" for each, entry in sorted(self.compartments.items()))
            such_as = "".join(f", such as {{{number or 1}: 0}} for {first.state}" for first in inputs[:1])
            way_out = f"say in 'compartments' which input it is{such_as}"
            raise _fault(record, f"CMT {number}: known are {known or 'none'}; {way_out}")
        return self.compartments[number]

    def check(self, record: Record) -> None:
        """Raise where a record asks what this system cannot do."""
        anew = record.evid.resets or record.steadiness in STEADY
        if anew and self.system.events:
            what = f"EVID {record.evid:d}" if record.evid.resets else f"SS {record.steadiness:d}"
            names = ", ".join(event.name for event in self.system.events)
            message = f"{what} starts the patient anew, but events of {self.system.name} ({names}) happen only once"
            raise _fault(record, f"{message}: give what follows another ID, or choose a model without events")
        if record.rate == MODELLED_DURATION and self._entry(record).duration == sympy.S.Zero:
            entry = self._entry(record)
            message = f"RATE -2, but the input to {entry.state} of {self.system.name} has no duration of its own"
            raise _fault(record, f"{message}: give RATE above zero, or the model a duration")

    def _entry(self, record: Record) -> Input:
        return self.system.inputs[self.of(record)]


@dataclass(slots=True, kw_only=True)
class Course:
    """What the records of one patient come to, in their order.

    Attributes
    ----------
    entrances : Entrances
        Where doses enter.
    numbers : sequence of float
        The patient's initial states, then what is decided of each input.
    per_day : float
        How many units of time of the records make a day.
    entries, changes : list
        Doses and changes of states so far, by the engine's clock.
    asked : list of float, day
        When it is looked, one for each record that asks.
    cancelled : int
        How many additional doses were undone before they were due.
    """

    entrances: Entrances
    numbers: Floats
    per_day: float
    entries: list[Entry] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    cancelled: int = 0
    base: float = 0.0
    zero: float | None = None
    nominal: float = 0.0
    level: int = 0
    lagged: int = 0
    now: float = 0.0

    def take(self, record: Record) -> None:
        """Do what a record says."""
        self._move_clock(record)
        if record.evid.asks:
            self._go_to_level(asking=True)
            self.asked.append(self.now)
            return
        self.entrances.check(record)
        self._go_to_level(asking=False)
        if record.evid.resets:
            self._forget()
            self._change(record, 0.0, states=self._initial())
        if record.evid.doses:
            self._dose(record)

    def _move_clock(self, record: Record) -> None:
        """Bring the engine's clock, which never goes back, to the time of a record."""
        if self.zero is None or self.base + (record.time - self.zero) / self.per_day < self.nominal:
            self.zero, self.base = record.time, self.nominal
        nominal = self._by_engine(record.time)
        if nominal > self.nominal:
            self.nominal, self.level = nominal, 0

    def _by_engine(self, time: float) -> float:
        return self.base + (time - (self.zero or 0.0)) / self.per_day

    def _go_to_level(self, *, asking: bool) -> None:
        """Put off what comes after the other kind at one instant: even levels change, odd ones ask.

        What was put off before its lag enters as much later, and is to be seen by who looks at the end of the lag.
        """
        if asking:
            self.level = max(self.level, self.lagged)
        self.level += (self.level % 2 == 1) != asking
        self.now = max(self.now, self.nominal + self.level * SLIVER * max(1.0, self.nominal))

    def _initial(self) -> Floats:
        return self.numbers[: len(self.entrances.system.states)]

    def _forget(self) -> None:
        """Take back what is due from now on of all that was given before."""
        kept = [each for each in self.entries if each.time < self.now]
        self.cancelled += len(self.entries) - len(kept)
        self.entries = kept

    def _change(self, record: Record, keep: float, *, states: Floats) -> Change:
        self.changes.append(Change(time=self.now, keep=keep, states=states, record=record))
        return self.changes[-1]

    def _dose(self, record: Record) -> None:
        entry = self.entrances.of(record)
        if self._decided(entry)[1] > 0.0:
            self.lagged = max(self.lagged, self.level)
        if record.steadiness in STEADY:
            self._become_steady(record, entry)
        if record.endless:
            return
        for repeat in range(record.additional + 1):
            time = self._by_engine(record.time + repeat * record.interval)
            self.entries.append(_given(record, entry, time if repeat else self.now, self.per_day))

    def _become_steady(self, record: Record, entry: int) -> None:
        if record.steadiness is Steadiness.ONLY:
            self._forget()
        keep = 0.0 if record.steadiness is Steadiness.ONLY else 1.0
        change = self._change(record, keep, states=np.zeros(0))
        change.entry, change.train = entry, self._train(record, entry)
        self.entries += [in_full(piece, entry, self.now) for piece in change.train.afterwards()]

    def _decided(self, entry: int) -> tuple[float, ...]:
        """Return what parameters decide of an input: share, lag and duration."""
        first = len(self.entrances.system.states) + ENTRY * entry
        return tuple(self.numbers[first : first + ENTRY].tolist())

    def _train(self, record: Record, entry: int) -> Train | EndlessInfusion:
        if record.endless:
            return EndlessInfusion(rate=record.rate * self.per_day)
        share, lag, length = self._decided(entry)
        if record.rate != MODELLED_DURATION:
            length = share * record.amount / record.rate / self.per_day if record.rate else 0.0
        try:
            interval = record.interval / self.per_day
            return Train(interval=interval, amount=share * record.amount, duration=length, lag=lag)
        except InputError as error:
            raise _fault(record, str(error)) from None


def in_full(piece: Piece, entry: int, time: float) -> Entry:
    """Return a piece of a train as a dose, from a time on."""
    return Entry(
        time=time + piece.start, duration=piece.duration, entry=entry, manner=Manner.DIRECT, amount=piece.amount
    )


def _given(record: Record, entry: int, time: float, per_day: float) -> Entry:
    manner, duration = Manner.PLAIN, 0.0
    if record.rate == MODELLED_DURATION:
        manner = Manner.MODELLED
    elif record.rate > 0.0:
        manner, duration = Manner.AT_RATE, record.amount / record.rate / per_day
    return Entry(time=time, duration=duration, entry=entry, manner=manner, amount=record.amount)


def _fault(record: Record, message: str) -> InputError:
    return InputError(f"ID {record.patient}, TIME {record.time:g}: {message}")


def unsteady(record: Record, what: str) -> InputError:
    """Return the refusal of a record whose steady state was not found."""
    message = f"SS {record.steadiness:d}: no steady state, {what}"
    return _fault(record, f"{message}; give the doses before it one by one, with ADDL")
