"""Which drug is given on which day, and how much: what a calendar shows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from trialeukin.regimen.administration import Administration, Per, Route
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT, scale
from trialeukin.regimen.course import HOURS
from trialeukin.regimen.numerals import numeral
from trialeukin.regimen.products import product, to_usual


@dataclass(frozen=True, slots=True, order=True)
class Level:
    """One amount a day of one drug by one route.

    Attributes
    ----------
    drug : str
        Name of the product.
    amount : float
        The day's total, in ``unit``; zero where the protocol's dose is not known.
    unit : str
        Unit with its scale, such as ``MIU/m2``.
    route : str
        The word of the language.
    """

    drug: str
    amount: float
    unit: str
    route: str

    def __str__(self) -> str:
        much = f"{numeral(self.amount)} {self.unit}/day" if self.amount > 0.0 else "dose unknown"
        return f"{self.drug} {much} {self.route}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The levels of every day on which something is given.

    Attributes
    ----------
    days : mapping of int to tuple of Level
        Keyed by days since the first day of the regimen, from zero.
    levels : tuple of Level
        All that occur: by drug in the order they begin, then by what a patient of usual size gets in a day.
    """

    days: dict[int, tuple[Level, ...]]
    levels: tuple[Level, ...]

    @property
    def length(self) -> int:
        """Days from the first to the last dose, both counted."""
        return max(self.days, default=-1) + 1

    def drugs(self) -> tuple[str, ...]:
        """Return the drugs in the order they begin."""
        return tuple(dict.fromkeys(level.drug for level in self.levels))

    def strength(self, level: Level) -> int:
        """Return the rank of a level among those of its drug, from zero for the weakest."""
        return [other for other in self.levels if other.drug == level.drug].index(level)


def calendar_of(administrations: Sequence[Administration]) -> Calendar:
    """Return the calendar of planned administrations; an infusion counts on each day it runs."""
    totals: dict[tuple[int, str, str, str], float] = defaultdict(float)
    given: dict[tuple[int, str, str, str], float] = defaultdict(float)
    for dose in administrations:
        usual = _usual(dose)
        for day, share in _shares(dose):
            totals[day, dose.drug, _unit(dose), dose.route.value] += share * (dose.amount or 0.0)
            given[day, dose.drug, _unit(dose), dose.route.value] += share * usual
    days: dict[int, list[Level]] = defaultdict(list)
    amounts: dict[Level, float] = {}
    for (day, drug, unit, route), amount in sorted(totals.items()):
        level = Level(drug, float(f"{amount:.6g}"), unit, route)
        days[day].append(level)
        amounts[level] = max(amounts.get(level, 0.0), given[day, drug, unit, route])
    begins = list(dict.fromkeys(level.drug for day in sorted(days) for level in days[day]))
    levels = sorted(amounts, key=lambda level: (begins.index(level.drug), amounts[level], level))
    return Calendar(days={day: tuple(row) for day, row in days.items()}, levels=tuple(levels))


def _usual(dose: Administration) -> float:
    """Return what a patient of usual size gets, in the drug's usual unit: units differ, and so do m2 and kg."""
    scaled = scale(dose, REFERENCE_BSA.value, REFERENCE_WEIGHT.value)
    return 0.0 if scaled.amount is None else to_usual(scaled.amount, scaled.unit, product(dose.drug))


def _shares(dose: Administration) -> list[tuple[int, float]]:
    first = int(dose.start // HOURS)
    if dose.duration <= HOURS and dose.route is not Route.CIV:
        return [(first, 1.0)]
    end = dose.start + dose.duration
    last = max(first, int(-(-end // HOURS)) - 1)
    overlaps = [(day, min(end, (day + 1) * HOURS) - max(dose.start, day * HOURS)) for day in range(first, last + 1)]
    return [(day, overlap / dose.duration) for day, overlap in overlaps if overlap > 0.0]


def _unit(dose: Administration) -> str:
    return dose.unit if dose.per is Per.PATIENT else f"{dose.unit}/{dose.per.value}"
