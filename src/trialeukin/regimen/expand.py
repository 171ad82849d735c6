"""From a regimen to every planned administration, in the order they start."""

from collections.abc import Iterator

from trialeukin.regimen.administration import Administration
from trialeukin.regimen.course import HOURS, Cap, Course, Dose, Prescription, Regimen
from trialeukin.regimen.dose_unit import ratio

COUNTED_UNIT = "MIU"  # what a dose is in once a named conversion has counted it as aldesleukin's units


def expand(regimen: Regimen) -> tuple[Administration, ...]:
    """Return the planned administrations of a regimen.

    Amounts are per administration: what is written ``/day`` is split evenly. Units whose meaning
    the text gave by ``counted as N IU`` come out as MIU.

    Returns
    -------
    tuple of Administration
        Sorted by start, h from the start of the regimen's first day; those that start together stay
        in the order of the text.
    """
    given = [administration for course in regimen.courses for administration in _course(course, regimen.first_day)]
    return tuple(sorted(given, key=lambda administration: administration.start))


def _course(course: Course, first_day: int) -> Iterator[Administration]:
    """Return the administrations of all cycles of a course, one prescription after another."""
    starts = [item.starts() for item in course.prescriptions]
    first = min(HOURS * day + hour for item in starts for day, hour in item)
    for item in course.prescriptions:
        for offset in course.offsets():
            yield from _cycle(item, offset - first_day, first)


def _cycle(item: Prescription, shift: int, first: float) -> Iterator[Administration]:
    amount, unit = _amount(item.dose, item.times_per_day)
    cap = None if item.cap is None else _cap(item.cap, item.dose, item.times_per_day)
    for day, hour in item.starts():
        yield Administration(
            drug=item.drug,
            amount=amount,
            unit=unit,
            per=item.dose.per,
            route=item.route,
            start=HOURS * (day + shift) + hour,
            duration=item.hours,
            cap=cap,
            begins_cycle=HOURS * day + hour == first,
        )


def _amount(dose: Dose, times_per_day: int) -> tuple[float | None, str]:
    """Return one administration's amount and its unit."""
    if dose.amount is None:
        return None, dose.unit
    each = dose.amount / times_per_day if dose.daily else dose.amount
    if dose.counted_as is None:
        return each, dose.unit
    return each * _counted(dose), COUNTED_UNIT


def _counted(dose: Dose) -> float:
    """Return how many MIU one unit of a dose is counted as."""
    million = "MIU" if dose.unit.endswith("IU") else "M Roche U"
    return ratio(dose.unit, million) * (dose.counted_as or 1.0)


def _cap(cap: Cap, dose: Dose, times_per_day: int) -> float:
    """Return the most of one administration, in the unit of its amount."""
    each = cap.amount / times_per_day if cap.daily else cap.amount
    in_dose_units = each * ratio(cap.unit, dose.unit)
    return in_dose_units if dose.counted_as is None else in_dose_units * _counted(dose)
