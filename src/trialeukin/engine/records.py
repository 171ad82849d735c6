"""Dose and observation records as NONMEM's users write them, as values: the one place for its codes.

What the codes mean: NONMEM Users Guide, part VI (PREDPP), chapter V. `trialeukin.engine.records_text`
reads and writes them, `trialeukin.engine.recorded_doses` turns them into what the engine follows.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from itertools import groupby, pairwise

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError

MODELLED_RATE = -1.0
MODELLED_DURATION = -2.0


class TimeUnit(Enum):
    """The unit of TIME and II, and the one that RATE is per."""

    HOUR = "h"
    DAY = "day"

    @property
    def per_day(self) -> float:
        """How many of it make a day."""
        return 24.0 if self is TimeUnit.HOUR else 1.0


class Evid(IntEnum):
    """What a record says, by its EVID."""

    OBSERVATION = 0
    DOSE = 1
    OTHER = 2
    RESET = 3
    RESET_AND_DOSE = 4

    @property
    def doses(self) -> bool:
        """Whether a dose is given."""
        return self in {Evid.DOSE, Evid.RESET_AND_DOSE}

    @property
    def resets(self) -> bool:
        """Whether the patient starts anew."""
        return self in {Evid.RESET, Evid.RESET_AND_DOSE}

    @property
    def asks(self) -> bool:
        """Whether values are asked for, as at observations and at EVID 2."""
        return not (self.doses or self.resets)


class Steadiness(IntEnum):
    """What a dose's SS says: whether it is the last of an endless train of doses like it."""

    NONE = 0
    ONLY = 1
    """The states become those of the train; what was given before is forgotten."""
    ADDED = 2
    """The states of the train are added to what is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of one patient; t is the unit of time of its `Records`.

    Attributes
    ----------
    patient : int
        ID.
    time : float, t
        TIME, by a clock of the patient's own; only a reset may set it back.
    evid : Evid
        What the record says.
    amount : float, unit of the compartment's state
        AMT; zero with a rate and a steadiness is an infusion that has run for ever and ends now.
    rate : float, amount/t
        RATE: zero for a bolus, -2 where the model decides the duration.
    interval : float, t
        II, between the doses of a train and between additional doses.
    additional : int
        ADDL, how many doses follow, as much and as long.
    steadiness : Steadiness
        SS.
    compartment : int
        CMT, where a dose enters; zero where there is no choice.
    observed : float or None
        DV, what was measured at an observation, in any unit; None where nothing was, or it is not said.
    """

    patient: int
    time: float
    evid: Evid = Evid.OBSERVATION
    amount: float = 0.0
    rate: float = 0.0
    interval: float = 0.0
    additional: int = 0
    steadiness: Steadiness = Steadiness.NONE
    compartment: int = 0
    observed: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.time):
            raise InputError(f"TIME {self.time:g}: give a finite number")
        if self.observed is not None and not (self.evid is Evid.OBSERVATION and math.isfinite(self.observed)):
            raise InputError(
                f"DV {self.observed:g} in a record of EVID {self.evid:d}: give finite ones, at observations"
            )
        if self.compartment < 0:
            message = f"CMT {self.compartment}: compartments are not switched off here; give a number from 1 on"
            raise InputError(message)
        if self.evid.doses:
            self._check_dose()
        else:
            self._check_no_dose()

    @property
    def endless(self) -> bool:
        """Whether the record ends a constant infusion that has run for ever."""
        return self.steadiness is not Steadiness.NONE and self.amount == 0.0

    def _items(self) -> dict[str, float]:
        return {
            "AMT": self.amount,
            "RATE": self.rate,
            "II": self.interval,
            "ADDL": self.additional,
            "SS": self.steadiness,
        }

    def _check_no_dose(self) -> None:
        for item, value in self._items().items():
            if value != 0.0:
                message = f"{item} {value:g} in a record of EVID {self.evid:d}: give zero or '.', or EVID 1 for a dose"
                raise InputError(message)

    def _check_dose(self) -> None:
        for item, value in self._items().items():
            if not math.isfinite(value) or (value < 0.0 and item != "RATE"):
                raise InputError(f"{item} {value:g}: give zero or more, and finite")
        self._check_rate()
        if self.amount == 0.0 and not self.endless:
            what = "RATE without AMT" if self.rate else "a dose of AMT 0"
            raise InputError(f"{what}: give AMT above zero, SS 1 to end an endless infusion, or EVID 2 for no dose")
        if self.endless and (self.interval or self.additional):
            item, value = ("II", self.interval) if self.interval else ("ADDL", float(self.additional))
            message = f"{item} {value:g} with SS and AMT 0, an infusion that ends now: give zero, or AMT above zero"
            raise InputError(message)
        self._check_train()

    def _check_rate(self) -> None:
        if self.rate == MODELLED_RATE:
            message = "RATE -1: no rate is modelled here; give the input a duration in the model, and RATE -2"
            raise InputError(message)
        if self.rate < 0.0 and (self.rate != MODELLED_DURATION or self.endless):
            allowed = "zero (nothing) or more" if self.endless else "zero (bolus), more, or -2 (duration of the model)"
            raise InputError(f"RATE {self.rate:g}: give {allowed}")

    def _check_train(self) -> None:
        if self.steadiness is not Steadiness.NONE and not self.endless and self.interval == 0.0:
            raise InputError(f"SS {self.steadiness:d} without II: give the interval of the doses before")
        if self.additional and self.interval == 0.0:
            raise InputError(f"ADDL {self.additional} without II: give the interval between the doses")
        if self.interval and not (self.additional or self.steadiness is not Steadiness.NONE):
            raise InputError(f"II {self.interval:g} without ADDL and SS: give one of them, or II zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All records, one block a patient.

    Attributes
    ----------
    unit : TimeUnit
        Of every time, interval and rate.
    rows : tuple of Record
        In order: a patient's follow each other, and time goes on in them save at a reset.
    """

    unit: TimeUnit
    rows: tuple[Record, ...]

    def __post_init__(self) -> None:
        for position, message in disorders(self.rows):
            raise InputError(f"record {position + 1}: {message}")

    @property
    def patients(self) -> tuple[int, ...]:
        """Every ID once, in order; arrays made from the records have one row for each."""
        return tuple(patient for patient, _ in groupby(self.rows, key=lambda row: row.patient))

    def with_observed(self, values: Sequence[float] | Floats) -> "Records":
        """Return these records with what was measured.

        Parameters
        ----------
        values : (o,), any unit
            One for each observation (EVID 0), in their order; NaN where nothing was measured.

        Raises
        ------
        InputError
            When they are not one for each observation.
        """
        given = np.asarray(values, dtype=np.float64)
        places = [place for place, row in enumerate(self.rows) if row.evid is Evid.OBSERVATION]
        if given.shape != (len(places),):
            raise InputError(f"values of shape {given.shape}: give ({len(places)},), one for each observation")
        rows = list(self.rows)
        for place, value in zip(places, given.tolist(), strict=True):
            rows[place] = replace(rows[place], observed=None if math.isnan(value) else value)
        return Records(unit=self.unit, rows=tuple(rows))


def disorders(rows: Sequence[Record]) -> Iterator[tuple[int, str]]:
    """Yield the place of every record that does not follow from those before, and why."""
    begun = {row.patient for row in rows[:1]}
    for place, (before, row) in enumerate(pairwise(rows), start=1):
        if row.patient != before.patient:
            if row.patient in begun:
                yield place, f"ID {row.patient} comes a second time: put the records of a patient together"
            begun.add(row.patient)
        elif row.time < before.time and not row.evid.resets:
            after = f"TIME {row.time:g} after {before.time:g}"
            yield place, f"{after}: sort the records, or set the clock back with EVID 3 or 4"
