"""From a regimen to its canonical text; `parse` of it gives the regimen back."""

import re

from trialeukin.regimen.administration import Route
from trialeukin.regimen.course import HOURS, MINUTES, Cap, Course, Days, Dose, Prescription, Regimen, Repeat
from trialeukin.regimen.dose_unit import WrittenUnit
from trialeukin.regimen.numerals import numeral, percentage
from trialeukin.regimen.rules import Action, Adherence, Condition, DoseRule

NO_TREATMENT = "none"
FREQUENCIES = {1: "", 2: "twice daily", 3: "three times daily", 4: "four times daily"}
UNIT_WORDS = {"cell/uL": "/uL", "percent": "%"}
SPOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(_(?!(below|above|at)(_|$))[A-Za-z][A-Za-z0-9]*)*")


def render(regimen: Regimen) -> str:
    """Return the one text that stands for a regimen, on one line."""
    if not regimen.courses:
        return NO_TREATMENT
    clauses = [
        *(_course(course) for course in regimen.courses),
        *(_rule(rule) for rule in regimen.rules),
        *_adherence(regimen.adherence),
    ]
    return "; ".join(clauses)


def route_words(route: Route, minutes: float) -> str:
    """Return a route as the language writes it, such as ``sc`` or ``iv over 1 h``."""
    if route is not Route.IV_INFUSION:
        return str(route.value)
    return f"iv over {time_words(minutes)}"


def time_words(minutes: float) -> str:
    """Return a time in hours where they are whole, in minutes otherwise."""
    return f"{numeral(minutes / MINUTES)} h" if minutes % MINUTES == 0.0 else f"{numeral(minutes)} min"


def frequency_words(times_per_day: int, every: int) -> str:
    """Return how often a dose is given, nothing for once a day."""
    daily = FREQUENCIES.get(times_per_day, f"every {numeral(HOURS / times_per_day)} h")
    stride = {1: "", 2: "every other day", 7: "weekly"}.get(every, f"every {every} days")
    return " ".join(part for part in (daily, stride) if part)


def days_words(days: tuple[Days, ...]) -> str:
    """Return days as the language writes them, such as ``days 1-14, 19-28`` or ``day 1``."""
    ranges = [_range(each) for each in days]
    single = len(days) == 1 and days[0].first == days[0].last
    return f"{'day' if single else 'days'} {', '.join(ranges)}"


def so_many_words(doses: int | None) -> str:
    """Return how many doses are given where they do not fill their days, such as ``for 14 doses``."""
    return "" if doses is None else f"for {doses} dose{'s' if doses > 1 else ''}"


def dose_words(dose: Dose) -> str:
    """Return a dose as the language writes it, such as ``1 MIU/m2/day``."""
    if dose.amount is None:
        return "dose unknown"
    unit = WrittenUnit(symbol=dose.unit, per=dose.per, daily=dose.daily)
    counted = "" if dose.counted_as is None else f" counted as {numeral(dose.counted_as)} IU"
    return f"{numeral(dose.amount)} {unit}{counted}"


def cap_words(cap: Cap) -> str:
    """Return the most that is given, such as ``20 MIU`` or ``20 MIU/day``."""
    return f"{numeral(cap.amount)} {WrittenUnit(symbol=cap.unit, daily=cap.daily)}"


def repeats_words(repeats: tuple[Repeat, ...]) -> str:
    """Return repeats as the language writes them, nothing where there is none."""
    stages = (
        f"every {day_count(each.every)} for {each.cycles} cycle{'s' if each.cycles > 1 else ''}" for each in repeats
    )
    return f", repeat {', then '.join(stages)}" if repeats else ""


def _range(days: Days) -> str:
    if days.first == days.last:
        return str(days.first)
    return f"{days.first} to {days.last}" if days.last < 0 else f"{days.first}-{days.last}"


def _course(course: Course) -> str:
    return " + ".join(_prescription(item) for item in course.prescriptions) + repeats_words(course.repeats)


def _prescription(item: Prescription) -> str:
    parts = (
        item.drug,
        dose_words(item.dose),
        "" if item.cap is None else f"cap {cap_words(item.cap)}",
        route_words(item.route, item.minutes),
        frequency_words(item.times_per_day, item.every),
        days_words(item.days),
        so_many_words(item.doses),
    )
    return " ".join(part for part in parts if part)


def _rule(rule: DoseRule) -> str:
    drug = "" if rule.drug is None else f" {rule.drug}"
    condition = condition_words(rule.condition)
    match rule.action:
        case Action.HOLD:
            resume = "" if rule.fraction == 1.0 else f"; resume at {percentage(rule.fraction)}"
            return f"hold{drug} while {condition}{resume}"
        case Action.DELAY:
            step = "" if rule.step == 1 else f" by {day_count(rule.step)}"
            cycles = " cycles" if rule.cycles else ""
            limit = "" if rule.limit is None else f"; stop after {day_count(rule.limit)}"
            return f"delay{cycles}{drug}{step} while {condition}{limit}"
        case Action.REDUCE:
            return f"reduce{drug} to {percentage(rule.fraction)} when {condition}"
        case Action.STOP:
            return f"stop{drug} when {condition}"


def day_count(days: int) -> str:
    """Return a number of days in words."""
    return "1 day" if days == 1 else f"{days} days"


def condition_words(condition: Condition) -> str:
    """Return a condition as the language writes it, such as ``platelets < 25 G/L``."""
    name = condition.quantity
    spoken = name.replace("_", " ") if SPOKEN.fullmatch(name) else name
    unit = "" if condition.unit == "1" else f" {UNIT_WORDS.get(condition.unit, condition.unit)}"
    return f"{spoken} {condition.comparison.value} {numeral(condition.threshold)}{unit}"


def _adherence(adherence: Adherence) -> list[str]:
    missed = [f"missed doses {percentage(adherence.missed)}"] if adherence.missed else []
    never = [f"never started {percentage(adherence.never_started)}"] if adherence.never_started else []
    return missed + never
