"""What is read though it is a slip of the pen more often than meant: such as doses far beyond the library's."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT
from trialeukin.regimen.clashing_courses import added_up, repeated_alone, usual_amount
from trialeukin.regimen.course import HOURS, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load, names
from trialeukin.regimen.marker_levels import odd_thresholds
from trialeukin.regimen.numerals import short_numeral
from trialeukin.regimen.products import product

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
    """Return what a reader is told of a regimen that may mean something else than its writer."""
    return (*_high_doses(regimen), *repeated_alone(regimen), *added_up(regimen), *odd_thresholds(regimen.rules))


def _high_doses(regimen: Regimen) -> Iterator[str]:
    """Yield what is said of doses more than `FAR_BEYOND` times the highest of the library, by drug."""
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
                yield (
                    f"{what} of {drug} is {short_numeral(asked)} {unit} for a patient of {REFERENCE_BSA.value:g} m2 "
                    f"and {REFERENCE_WEIGHT.value:g} kg, {asked / most:,.0f} times the highest of the library "
                    f"({short_numeral(most)} {unit}, {where}): is the unit meant? "
                    f"The limit, {FAR_BEYOND.value:g} times, is assumed"
                )
                break  # a day of too high a dose says nothing new


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


def _highest_of(regimen: Regimen) -> dict[str, Highest]:
    doses: dict[str, list[float]] = defaultdict(list)
    days: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for planned in expand(regimen):
        amount = usual_amount(planned)
        if amount is not None:
            doses[planned.drug].append(amount)
            days[planned.drug][int(planned.start // HOURS)] += amount
    return {drug: Highest(dose=max(doses[drug]), day=max(days[drug].values())) for drug in doses}
