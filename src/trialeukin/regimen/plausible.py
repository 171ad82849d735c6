"""Doses far beyond those of the library, which are slips of the pen more often than meant."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT, scale
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load, names
from trialeukin.regimen.numerals import numeral
from trialeukin.regimen.products import product, to_usual

FAR_BEYOND = Parameter(
    value=10.0,
    unit="1",
    between_patients=0.0,
    uncertainty=0.0,
    source=assumed(
        "a slip by a unit or a power of ten is ten times or more; no regimen of a drug is ten times another"
    ),
    meaning="how many times the highest dose of the library a dose is warned of",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Highest:
    """The most that one patient of usual size gets of a drug, at once and in a day, in its usual unit.

    Attributes
    ----------
    dose, day : float
        One administration, and the sum of those that start on one day.
    dose_of, day_of : str
        The regimens that they are from.
    """

    dose: float
    day: float
    dose_of: str = ""
    day_of: str = ""


def warnings(regimen: Regimen) -> tuple[str, ...]:
    """Return what a reader is told of doses more than `FAR_BEYOND` times the highest of the library, by drug."""
    said = []
    for drug, found in _highest_of(regimen).items():
        known = _of_library().get(drug)
        if known is None:
            continue
        for what, asked, most, where in (
            ("one dose", found.dose, known.dose, known.dose_of),
            ("the dose of a day", found.day, known.day, known.day_of),
        ):
            if asked > FAR_BEYOND.value * most:
                unit = product(drug).usual_unit
                said.append(
                    f"{what} of {drug} is {_short(asked)} {unit} for a patient of {REFERENCE_BSA.value:g} m2 and "
                    f"{REFERENCE_WEIGHT.value:g} kg, {asked / most:,.0f} times the highest of the library "
                    f"({_short(most)} {unit}, {where}): is the unit meant? "
                    f"The limit, {FAR_BEYOND.value:g} times, is assumed"
                )
                break  # a day of too high a dose says nothing new
    return tuple(said)


@cache
def _of_library() -> dict[str, Highest]:
    """Return the highest doses of each drug over all regimens of the library."""
    found: dict[str, Highest] = {}
    for name in names():
        for drug, here in _highest_of(load(name)).items():
            known = found.get(drug, Highest(dose=0.0, day=0.0))
            dose = max((known.dose, known.dose_of), (here.dose, name), key=lambda pair: pair[0])
            day = max((known.day, known.day_of), (here.day, name), key=lambda pair: pair[0])
            found[drug] = Highest(dose=dose[0], dose_of=dose[1], day=day[0], day_of=day[1])
    return found


def _short(amount: float) -> str:
    return numeral(float(f"{amount:.3g}"))


def _highest_of(regimen: Regimen) -> dict[str, Highest]:
    doses: dict[str, list[float]] = defaultdict(list)
    days: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for planned in expand(regimen):
        given = scale(planned, REFERENCE_BSA.value, REFERENCE_WEIGHT.value)
        if given.amount is not None:
            amount = to_usual(given.amount, given.unit, product(given.drug))
            doses[given.drug].append(amount)
            days[given.drug][int(given.start // HOURS)] += amount
    return {drug: Highest(dose=max(doses[drug]), day=max(days[drug].values())) for drug in doses}
