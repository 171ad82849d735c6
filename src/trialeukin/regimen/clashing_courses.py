"""Courses of one drug that a ';' parts and the calendar brings together: one repeats alone, or two fall on one day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.administration import Administration, Per
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT, scale
from trialeukin.regimen.course import HOURS, Course, Days, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.numerals import short_numeral
from trialeukin.regimen.products import product, to_usual
from trialeukin.regimen.render import days_words

Daily = dict[int, list[Administration]]


def repeated_alone(regimen: Regimen) -> Iterator[str]:
    """Yield what is said of a drug whose earlier days are given once while later ones repeat, and both could."""
    for place, course in enumerate(regimen.courses):
        once = [each for each in regimen.courses[:place] if not each.repeats and _repeats_with(course, each)]
        for drug in dict.fromkeys(item.drug for item in course.prescriptions):
            if earlier := [days for each in once for days in _named(each, drug)]:
                yield (
                    f"{drug} on {days_words(tuple(earlier))} is given once, and only that on "
                    f"{days_words(tuple(_named(course, drug)))} is repeated: write '+' instead of ';' between them "
                    "to repeat both"
                )


def added_up(regimen: Regimen) -> Iterator[str]:
    """Yield what is said of a drug that several courses give on the same days: which days, and the sum."""
    by_course = [_daily(course) for course in regimen.courses]
    joined = "go on" if any(each.repeats for each in regimen.courses) else "write '+' instead of ';' between them"
    for drug in regimen.drugs:
        shared: Daily = {}
        for day in sorted({day for given in by_course for day, name in given if name == drug}):
            courses = [given[day, drug] for given in by_course if (day, drug) in given]
            if len(courses) > 1:
                shared[day] = [each for course in courses for each in course]
        if shared:
            yield (
                f"{drug} of more than one clause falls on {days_words(_ranges(list(shared)))} and adds up there"
                f"{_sum_words(shared)}: write other days if one is to follow the other; {joined} if both are meant"
            )


def usual_amount(given: Administration) -> float | None:
    """Return what a patient of usual size gets of an administration, in the drug's usual unit; None if unknown."""
    amount = scale(given, REFERENCE_BSA.value, REFERENCE_WEIGHT.value).amount
    return None if amount is None else to_usual(amount, given.unit, product(given.drug))


def _repeats_with(repeated: Course, once: Course) -> bool:
    """Say whether a '+' between two courses would be read, rather than refused for the length of the whole."""
    if not repeated.repeats:
        return False
    try:
        replace(repeated, prescriptions=(*once.prescriptions, *repeated.prescriptions))
    except RegimenError:
        return False
    return True


def _named(course: Course, drug: str) -> list[Days]:
    return [days for item in course.prescriptions if item.drug == drug for days in item.days]


def _daily(course: Course) -> dict[tuple[int, str], list[Administration]]:
    """Return what a course starts, by the day as written and the drug."""
    alone = Regimen(courses=(course,))
    given: dict[tuple[int, str], list[Administration]] = defaultdict(list)
    for each in expand(alone):
        given[int(each.start // HOURS) + alone.first_day, each.drug].append(each)
    return given


def _ranges(days: list[int]) -> tuple[Days, ...]:
    runs = groupby(enumerate(days), key=lambda item: item[1] - item[0])  # day minus rank is constant in a run
    ends = [[day for _, day in run] for _, run in runs]
    return tuple(Days(first=run[0], last=run[-1]) for run in ends)


def _sum_words(shared: Daily) -> str:
    """Return ``, to 3 MIU/m2 a day``: as written where all is in one unit, else for a patient of usual size."""
    given = [each for day in shared.values() for each in day]
    if any(each.amount is None for each in given):
        return ""
    units = {(each.unit, each.per) for each in given}
    if len(units) == 1:
        ((unit, per),) = units
        sums = [sum(each.amount or 0.0 for each in day) for day in shared.values()]
        written, whom = unit if per is Per.PATIENT else f"{unit}/{per.value}", ""
    else:
        item = product(given[0].drug)
        sums = [sum(usual_amount(each) or 0.0 for each in day) for day in shared.values()]
        written = item.usual_unit
        whom = f" for a patient of {REFERENCE_BSA.value:g} m2 and {REFERENCE_WEIGHT.value:g} kg"
    most = "at most " if max(sums) > min(sums) else ""
    return f", to {most}{short_numeral(max(sums))} {written} a day{whom}"
