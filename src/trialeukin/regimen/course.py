"""A regimen as values: courses of prescriptions with their days, repeats, dose rules and adherence.

What the words mean, settled here once:

- Days are whole and inclusive on paper: ``days a-b`` fills the hours [24(a-1), 24b).
- All courses of a regimen share one calendar. Where any of them names day 0, day 0 starts at 0 h
  and day 1 at 24 h. Where one names a negative day, the earliest day named starts at 0 h, since
  hour 0 is where the regimen begins (day -1 at 0 h, day 0 at 24 h, day 1 at 48 h).
- A dose written ``/day`` is the daily total and is split evenly; otherwise it is one administration.
- A prescription may not overlap itself: no day twice, no infusion still running when its next starts.
  Prescriptions joined by ``+`` and courses parted by ``;`` add up.
- A repeat ends a course and covers all of it. The cycles start 0, D, 2D ... days after the first, and
  what the course names from its first to its last day must fit into the shortest cycle.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from trialeukin.core.errors import RegimenError, UnitError
from trialeukin.regimen.administration import Per, Route
from trialeukin.regimen.dose_unit import DOSE_UNITS, ratio
from trialeukin.regimen.product import Product
from trialeukin.regimen.products import product
from trialeukin.regimen.rules import Action, Adherence, DoseRule

HOURS = 24.0
MINUTES = 60.0
TIMES_PER_DAY = (1, 2, 3, 4, 6, 8, 12, 24)
LONGEST = 36_525  # day; a hundred years, so that a slip of the pen does not fill the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days from the first to the last, both included, as a protocol counts them."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise RegimenError(
                f"days {self.first} to {self.last} run backwards: write the earlier day first, "
                f"'days {self.last} to {self.first}'"
            )
        if max(abs(self.first), abs(self.last)) > LONGEST:
            raise RegimenError(f"days {self.first} to {self.last}: give days within a hundred years ({LONGEST:,} days)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """How much of a drug.

    Attributes
    ----------
    amount : float or None
        In ``unit``; None where the source does not give the dose.
    unit : str
        A symbol of `DOSE_UNITS`.
    per : Per
        What it is scaled by.
    daily : bool
        Whether it is the total of a day, rather than one administration.
    counted_as : float or None
        How many aldesleukin IU each unit counts as, for products whose units need that said.
    """

    amount: float | None
    unit: str
    per: Per = Per.PATIENT
    daily: bool = False
    counted_as: float | None = None

    def __post_init__(self) -> None:
        if self.unit not in DOSE_UNITS:
            raise RegimenError(f"unknown unit {self.unit!r}: known are {', '.join(DOSE_UNITS)}")
        if self.amount is None:
            if self.per is not Per.PATIENT or self.daily or self.counted_as is not None:
                raise RegimenError("a dose that is unknown is not scaled, split or converted: leave those out")
        else:
            _positive(self.amount, "dose", self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """The most one patient gets, at one administration or, if ``daily``, in a day."""

    amount: float
    unit: str
    daily: bool = False

    def __post_init__(self) -> None:
        _positive(self.amount, "cap", self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """One drug in one dose by one route on some days.

    Attributes
    ----------
    drug : str
        Name of a product.
    dose : Dose
        How much.
    route : Route
        How it is given.
    days : tuple of Days
        When.
    minutes : float, min
        How long an ``iv over`` infusion runs; zero by any other route.
    times_per_day : int
        Evenly spread from the start of the day.
    every : int, day
        1 for each day of ``days``, 2 for every other day of each range.
    doses : int or None
        How many administrations are given, where the last of ``days`` has fewer than the others; all where None.
    cap : Cap or None
        The most that is given.
    """

    drug: str
    dose: Dose
    route: Route
    days: tuple[Days, ...]
    minutes: float = 0.0
    times_per_day: int = 1
    every: int = 1
    doses: int | None = None
    cap: Cap | None = None

    def __post_init__(self) -> None:
        drug = product(self.drug)
        if drug.name != self.drug:
            raise RegimenError(f"drug {self.drug!r} is called {drug.name!r} here")
        self._check_units(drug)
        self._check_route()
        self._check_days()

    @property
    def hours(self) -> float:
        """How long one administration runs, h."""
        return HOURS if self.route is Route.CIV else self.minutes / MINUTES

    def starts(self) -> Iterator[tuple[int, float]]:
        """Yield the day, as written, and the hour of that day at which each administration starts."""
        all_of_days = (
            (day, turn * HOURS / self.times_per_day)
            for days in self.days
            for day in range(days.first, days.last + 1, self.every)
            for turn in range(self.times_per_day)
        )
        yield from islice(all_of_days, self.doses)

    def _check_units(self, drug: Product) -> None:
        if self.dose.unit not in drug.units:
            raise RegimenError(f"{drug.name} is not given in {self.dose.unit}: allowed are {', '.join(drug.units)}")
        try:
            if self.dose.amount is not None:
                drug.counts(self.dose.unit, self.dose.counted_as)
            if self.cap is not None:
                ratio(self.cap.unit, self.dose.unit)
        except UnitError as fault:
            raise RegimenError(str(fault)) from fault
        if self.cap is not None and self.dose.amount is None:
            raise RegimenError(f"a cap on an unknown dose of {drug.name} says nothing: leave it out")

    def _check_route(self) -> None:
        if self.times_per_day not in TIMES_PER_DAY:
            allowed = ", ".join(map(str, TIMES_PER_DAY))
            raise RegimenError(f"{self.times_per_day} times a day: give a number that divides the day, {allowed}")
        if (self.route is Route.IV_INFUSION) != (self.minutes > 0.0) or not math.isfinite(self.minutes):
            raise RegimenError(
                f"route {self.route.value!r} over {self.minutes:g} min: an infusion needs a time, such as "
                "'iv over 1 h'; other routes have none"
            )
        product(self.drug).refuse_route(self.route)
        refuse_long_daily(self.dose, self.hours)
        if self.route is Route.CIV and self.times_per_day > 1:
            raise RegimenError(
                "civ is one 24-h infusion a day: leave out how often, or write 'iv over 2 h twice daily'"
            )

    def _check_days(self) -> None:
        if not self.days:
            raise RegimenError(f"{self.drug} on no day: say when, such as 'days 1-5'")
        if self.every < 1:
            raise RegimenError(f"every {self.every} days: give 1 or more")
        for before, after in pairwise(sorted(self.days, key=lambda days: days.first)):
            if after.first <= before.last:
                raise RegimenError(
                    f"{self.drug} overlaps itself on day {after.first}: name each day once, "
                    "or join two prescriptions by '+' if both are to be given"
                )
        self._check_doses()
        starts = sorted(HOURS * day + hour for day, hour in self.starts())
        gaps = [later - earlier for earlier, later in pairwise(starts)]
        if gaps and min(gaps) < self.hours:
            raise RegimenError(
                f"{self.drug} overlaps itself: an infusion of {self.hours:g} h still runs when the next starts "
                f"{min(gaps):g} h later; shorten it or give it less often"
            )

    def _check_doses(self) -> None:
        if self.doses is None:
            return
        if self.doses < 1:
            raise RegimenError(f"{self.drug} for {self.doses} doses: give 1 or more")
        if len(self.days) > 1:
            raise RegimenError(
                f"{self.doses} doses on {len(self.days)} ranges of days: of each or of all? Write one range, and the "
                "next behind ';' or as a repeat"
            )
        first, last = self.days[0].first, self.days[0].last
        end = last_day(first, self.doses, self.times_per_day, self.every)
        if not end <= last < end + self.every:
            raise RegimenError(
                f"{self.doses} doses at {self.times_per_day} a day end on day {end}, not on day {last}: "
                f"write 'from day {first} for {self.doses} doses'"
            )
        if self.doses % self.times_per_day == 0:
            raise RegimenError(f"{self.doses} doses fill days {first} to {last}: leave out how many")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Cycles of equal length: ``every`` days, ``cycles`` times."""

    every: int
    cycles: int

    def __post_init__(self) -> None:
        if self.every < 1 or self.cycles < 1:
            raise RegimenError(f"repeat every {self.every} days for {self.cycles} cycles: give 1 or more of both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Prescriptions given together, and how often the whole is repeated.

    Attributes
    ----------
    prescriptions : tuple of Prescription
        Joined by ``+`` on paper.
    repeats : tuple of Repeat
        Empty for a course that is given once; a second and later one are read ``then every``.
    """

    prescriptions: tuple[Prescription, ...]
    repeats: tuple[Repeat, ...] = ()

    def __post_init__(self) -> None:
        if not self.prescriptions:
            raise RegimenError("a course without a drug: name one, or write 'none' for no treatment at all")
        for repeat in self.repeats:
            if self.length > repeat.every:
                raise RegimenError(
                    f"a course of {self.length} days overlaps itself when repeated every {repeat.every} days: "
                    f"repeat every {self.length} days or later"
                )
        if self.offsets_end > LONGEST:
            raise RegimenError(
                f"cycles that last {self.offsets_end:,} days: give at most {LONGEST:,} (a hundred years)"
            )

    @property
    def first_day(self) -> int:
        """The earliest day it names."""
        return min(days.first for prescription in self.prescriptions for days in prescription.days)

    @property
    def length(self) -> int:
        """Days from the first to the last that one cycle touches."""
        last = max(
            day + max(1, math.ceil((hour + prescription.hours) / HOURS))
            for prescription in self.prescriptions
            for day, hour in prescription.starts()
        )
        return max(last, *(days.last + 1 for item in self.prescriptions for days in item.days)) - self.first_day

    @property
    def offsets_end(self) -> int:
        """Days that all its cycles last."""
        return sum(repeat.every * repeat.cycles for repeat in self.repeats)

    def offsets(self) -> Iterator[int]:
        """Yield by how many days each cycle is later than the first."""
        offset = 0
        for repeat in self.repeats or (Repeat(every=1, cycles=1),):
            for _ in range(repeat.cycles):
                yield offset
                offset += repeat.every


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimen:
    """Everything a protocol prescribes; without courses it is observation.

    Attributes
    ----------
    courses : tuple of Course
        On one calendar.
    rules : tuple of DoseRule
        When doses are held, reduced or stopped.
    adherence : Adherence
        Doses that are not given for other reasons.
    """

    courses: tuple[Course, ...] = ()
    rules: tuple[DoseRule, ...] = ()
    adherence: Adherence = Adherence()

    def __post_init__(self) -> None:
        if not self.courses and (self.rules or self.adherence != Adherence()):
            raise RegimenError(
                "rules without a dose: name the drug they are for first, such as 'aldesleukin 1 MIU ...'"
            )
        for rule in self.rules:
            _check_rule(rule, self.drugs)

    @property
    def drugs(self) -> tuple[str, ...]:
        """Names of its drugs, in the order they are first named."""
        named = (item.drug for course in self.courses for item in course.prescriptions)
        return tuple(dict.fromkeys(named))

    @property
    def first_day(self) -> int:
        """The day, as written, that starts at 0 h: 1, or 0 or less where such a day is named."""
        return min([1, *(course.first_day for course in self.courses)])


def last_day(first: int, doses: int, times_per_day: int, every: int) -> int:
    """Return the day of the last of so many doses that begin on a day, as often a day and on as many days."""
    return first + (doses - 1) // times_per_day * every


def refuse_long_daily(dose: Dose, hours: float) -> None:
    """Refuse a daily total in an infusion of more hours than a day has: each day's part is not said.

    Raises
    ------
    RegimenError
        When the dose is written ``/day`` and one administration runs longer than 24 h.
    """
    if dose.daily and hours > HOURS:
        raise RegimenError(
            f"a dose a day in an infusion of {hours:g} h: leave out /day and write what one infusion holds, "
            "or give it over 24 h or less"
        )


def _positive(amount: float, what: str, symbol: str) -> None:
    if not (math.isfinite(amount) and amount > 0.0):
        raise RegimenError(f"{what} {amount:g} {symbol}: give a number above zero")


def _check_rule(rule: DoseRule, drugs: tuple[str, ...]) -> None:
    if rule.drug is not None and rule.drug not in drugs:
        raise RegimenError(
            f"a rule to {rule.action.value} {rule.drug}, which this regimen does not give: "
            f"its drugs are {', '.join(drugs)}"
        )
    if rule.action in {Action.STOP, Action.DELAY} and rule.fraction != 1.0:
        word = rule.action.value
        raise RegimenError(f"{word} at {rule.fraction:g} of the dose: a {word} has no fraction; use 'reduce to'")
    if rule.cycles and rule.drug is not None:
        raise RegimenError(f"delay cycles of {rule.drug}: a cycle is put off with all its drugs; leave the drug out")
    if rule.action is not Action.DELAY and (rule.step != 1 or rule.cycles or rule.limit is not None):
        raise RegimenError(f"{rule.action.value} with steps, cycles or a limit: only a delay has them")
