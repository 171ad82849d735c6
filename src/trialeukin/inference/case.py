"""One published observation beside the model: who was treated how, what was read when, and what was seen."""

import math
from dataclasses import dataclass
from enum import Enum

from trialeukin.core.errors import InputError
from trialeukin.core.sources import Source
from trialeukin.inference.split import held_out
from trialeukin.regimen.course import LONGEST

PERCENT = "percent"
TYPICAL = "typical"


class Group(Enum):
    """What an observation is about; shares are counted by group."""

    PHARMACOKINETICS = "pharmacokinetics"
    CELL_COUNTS = "cell counts"
    MARKERS = "markers"
    TOXICITY = "toxicity"
    DONOR_LYMPHOCYTES = "donor lymphocytes"
    CHEMOTHERAPY = "chemotherapy"
    TRANSPLANT = "transplant"
    REFRACTORY = "refractory"
    IMMUNE_EVIDENCE = "immune evidence"
    OWN = "own observations"


class Reading(Enum):
    """How one number is read off a patient's course in a window; the values are the words of the tables."""

    VALUE = "value"
    CHANGE = "change"
    HIGHEST = "highest"
    HIGHEST_CHANGE = "highest change"
    HIGHEST_GAIN = "highest gain"
    LOWEST = "lowest"
    LOWEST_CHANGE = "lowest change"
    AREA = "area"
    CLEARANCE = "clearance"
    TIME_OF_HIGHEST = "time of highest"
    HALF_LIFE = "half-life"
    FRACTION = "fraction"
    FRACTION_ABOVE = "fraction above"
    FRACTION_BELOW = "fraction below"
    MEDIAN_TIME = "median time"

    @property
    def of_events(self) -> bool:
        """Whether the quantity is an event, or several joined by ``or``."""
        return self in {Reading.FRACTION, Reading.MEDIAN_TIME}

    @property
    def of_threshold(self) -> bool:
        """Whether it asks who reaches a threshold."""
        return self in {Reading.FRACTION_ABOVE, Reading.FRACTION_BELOW}

    @property
    def of_patients(self) -> bool:
        """Whether it is a share of patients or a median over them, so that one typical patient has none."""
        return self.of_events or self.of_threshold

    @property
    def at_instants(self) -> bool:
        """Whether an instant will do; all the others need a window."""
        return self in {Reading.VALUE, Reading.CHANGE} or self.of_events


class Bound(Enum):
    """Whether the observation is a number or a limit."""

    NONE = ""
    AT_LEAST = "at least"
    AT_MOST = "at most"


class Use(Enum):
    """What an observation is for."""

    FITTED = "fitted"
    HELD_OUT = "held out"
    UNUSED = "unused"
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Who is simulated.

    Attributes
    ----------
    cohort : str
        Name of a cohort, or of several joined by ``+``, of which each gives as many patients; empty for the typical
        adult of 1.8 m2 and 70 kg.
    factors : tuple of (parameter, factor)
        What makes these patients other than usual, such as half of a clearance.
    """

    cohort: str = ""
    factors: tuple[tuple[str, float], ...] = ()

    @property
    def typical(self) -> bool:
        """Whether one typical patient stands for all."""
        return not self.cohort

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Names of the cohorts that give as many patients each."""
        return tuple(name.strip() for name in self.cohort.split(" + ") if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What cases must share to be read off the same courses."""

    model: str
    population: Population
    regimen: str
    start_day: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One observation that the model can be read for.

    Attributes
    ----------
    name : str
        Unique.
    group : Group
        With what it is counted.
    study : str
        As the table of observations names it.
    scenario : Scenario
        Model, patients and regimen.
    quantity : str
        State, switch or definition of the model, or at an instant the ratio ``a / b`` of two; for readings of
        events, events joined by ``or``.
    reading : Reading
        How it is read.
    start, end : float, day
        Window of the reading, or one instant twice.
    threshold : float or None, unit of the quantity
        What patients are to reach, where the reading asks that.
    value : float, ``unit``
        What was seen.
    spread : float or None
        One standard deviation of the observation: of its natural logarithm, or in points of percent.
    low, high : float or None, ``unit``
        Published 95 % interval.
    patients : int
        Observed; zero where the source does not say.
    bound : Bound
        Whether the value is a limit.
    use : Use
        Whether it is fitted, held out, neither, or a user's own.
    reason : str
        What was assumed to read it, or why it is not used.
    source : Source
        Where it is printed.
    rows : tuple of str
        ``file:line`` of the observations that it carries.
    """

    name: str
    group: Group
    study: str
    scenario: Scenario
    quantity: str
    reading: Reading
    start: float
    end: float
    value: float
    unit: str
    source: Source
    use: Use
    threshold: float | None = None
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    patients: int = 0
    bound: Bound = Bound.NONE
    reason: str = ""
    rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_observation()
        self._check_reading()
        check_use(self.study, self.use, self.reason)

    @property
    def in_points(self) -> bool:
        """Whether it is compared in points of percent, and not as a ratio."""
        return self.unit == PERCENT

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the events, for readings of events."""
        return tuple(each.strip() for each in self.quantity.split(" or "))

    def _check_observation(self) -> None:
        if not self.name or not self.study or not self.quantity:
            raise InputError(f"case {self.name!r} of study {self.study!r}, quantity {self.quantity!r}: give all three")
        if not math.isfinite(self.value):
            raise InputError(f"value {self.value!r}: give a finite number")
        if self.in_points and not 0.0 <= self.value <= 100.0:
            raise InputError(f"value {self.value:g} percent: give 0 to 100")
        if not self.in_points and self.value <= 0.0:
            unit = "" if self.unit == "1" else f" {self.unit}"
            raise InputError(f"value {self.value:g}{unit}: it is compared as a ratio, give more than 0")
        if self.spread is not None and not self.spread > 0.0:
            raise InputError(f"spread {self.spread!r}: give a standard deviation above zero, or nothing")
        if self.patients < 0:
            raise InputError(f"n {self.patients}: give a count of patients, or nothing")
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise InputError(f"interval {low:g} to {high:g} leaves out its value {self.value:g}")

    def _check_reading(self) -> None:
        if not 0.0 <= self.start <= self.end <= LONGEST:
            raise InputError(
                f"window from day {self.start:g} to {self.end:g}: give 0 <= from_day <= to_day <= {LONGEST:,} (a "
                "hundred years)"
            )
        if not 0.0 <= self.scenario.start_day <= LONGEST:
            raise InputError(f"start_day {self.scenario.start_day:g}: give day 0 or later, or nothing")
        if self.start == self.end and not self.reading.at_instants:
            raise InputError(f"reading {self.reading.value!r} at day {self.start:g}: it needs to_day after from_day")
        if " / " in self.quantity and self.start != self.end:
            raise InputError(
                f"quantity {self.quantity!r} in a window: a ratio is read at an instant, from_day = to_day"
            )
        if (self.threshold is not None) != self.reading.of_threshold:
            raise InputError(
                f"threshold {self.threshold!r} with reading {self.reading.value!r}: give one with 'fraction above' and "
                "'fraction below', and none otherwise"
            )
        if self.reading.of_patients and self.scenario.population.typical:
            raise InputError(f"reading {self.reading.value!r} of one typical patient: say in whom, as a cohort of them")
        if self.reading.of_patients and self.reading is not Reading.MEDIAN_TIME and not self.in_points:
            raise InputError(f"unit {self.unit!r} of a fraction of patients: give percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """An observation that no model is read for.

    Attributes
    ----------
    name, study : str
        Its own name and that of the study.
    group : Group
        What it is about.
    source : Source
        The work, and what it prints.
    reason : str
        Why it is not used.
    rows : tuple of str
        ``file:line`` of the observations that it carries.
    """

    name: str
    group: Group
    study: str
    source: Source
    reason: str
    rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or not self.study:
            raise InputError(f"case {self.name!r} of study {self.study!r}: give both")
        check_use(self.study, Use.UNUSED, self.reason)


def check_use(study: str, use: Use, reason: str) -> None:
    """Refuse a use that the split forbids, and one without the reason it needs.

    Raises
    ------
    InputError
        When a study that is held out would be fitted, or an unused row says not why.
    """
    if use is Use.FITTED and held_out(study):
        raise InputError(f"use 'fitted' of study {study!r}: the split holds it out; write 'held out' or 'unused'")
    if use is Use.UNUSED and not reason:
        raise InputError("use 'unused' without a reason: say why the row is not used")
