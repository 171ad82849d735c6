"""How doses of a drug lie in time, in the words by which schedules are told apart."""

from collections.abc import Iterable
from enum import Enum
from itertools import groupby, pairwise

from trialeukin.regimen.administration import Administration, Route
from trialeukin.regimen.course import HOURS

LONG = 20.0  # h; an infusion from which on it is called continuous
DAILY = 5  # days in a row from which on a schedule is called daily
REST = 7  # days without a dose from which on it is a rest
HIGHER = 2.0  # times the dose of the day before, from which on a dose is a pulse


class ScheduleKind(Enum):
    """What a schedule is called; one may be called several things."""

    CONTINUOUS = "continuous infusion"
    DAILY_SC = "subcutaneous, daily"
    BREAKS = "breaks of 1 to 6 days"
    PULSES = "pulses of higher doses"
    RESTS = "rests of a week or more"
    SHORT = "bolus or short infusion"


def schedule_kinds(doses: Iterable[Administration]) -> frozenset[ScheduleKind]:
    """Return what the schedule of some doses is called; nothing without doses.

    Parameters
    ----------
    doses : iterable of Administration
        Of one drug, or of drugs that are counted as one; amounts may be unknown.
    """
    given = tuple(doses)
    days = sorted({day for dose in given for day in _days(dose)})
    subcutaneous = sorted({day for dose in given if dose.route is Route.SC for day in _days(dose)})
    free = [later - earlier - 1 for earlier, later in pairwise(days)]
    in_veins = [dose for dose in given if dose.route in {Route.IV_BOLUS, Route.IV_INFUSION, Route.CIV}]
    said = {
        ScheduleKind.CONTINUOUS: any(_runs_on(dose) for dose in given),
        ScheduleKind.DAILY_SC: max(_runs(subcutaneous), default=0) >= DAILY,
        ScheduleKind.BREAKS: any(0 < each < REST for each in free),
        ScheduleKind.PULSES: _rises(given),
        ScheduleKind.RESTS: any(each >= REST for each in free),
        ScheduleKind.SHORT: any(not _runs_on(dose) for dose in in_veins),
    }
    return frozenset(kind for kind, is_so in said.items() if is_so)


def _runs_on(dose: Administration) -> bool:
    return dose.duration >= LONG


def _days(dose: Administration) -> range:
    """Return the days, from zero, on which a dose starts or runs."""
    first = int(dose.start // HOURS)
    return range(first, max(first + 1, int(-(-(dose.start + dose.duration) // HOURS))))


def _runs(days: list[int]) -> list[int]:
    """Return how long each run of days in a row is."""
    apart = groupby(enumerate(days), key=lambda pair: pair[1] - pair[0])
    return [len(list(run)) for _, run in apart]


def _rises(doses: tuple[Administration, ...]) -> bool:
    """Say whether what one day starts is `HIGHER` times what the day before did, at the same scale."""
    totals: dict[tuple[str, object, int], float] = {}
    for dose in doses:
        key = (dose.unit, dose.per, int(dose.start // HOURS))
        totals[key] = totals.get(key, 0.0) + (dose.amount or 0.0)
    return any(
        (before := totals.get((unit, per, day - 1), 0.0)) > 0.0 and amount >= HIGHER * before
        for (unit, per, day), amount in totals.items()
    )
