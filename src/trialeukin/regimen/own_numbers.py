"""Ways out of what is not understood, told in the numbers of the text itself."""

import re
from collections.abc import Callable

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.course import HOURS, TIMES_PER_DAY, Days
from trialeukin.regimen.marker_names import told_of
from trialeukin.regimen.place import DAYS_OF_WEEK
from trialeukin.regimen.render import days_words

Found = re.Match[str]
CLAUSE = re.compile(r"[;+]")
RULE = re.compile(r"\s*(hold|delay|reduce|stop)\b", re.IGNORECASE)
FIRST_DAY = re.compile(r"\b(?:days?|d)\s*(-?\d+)", re.IGNORECASE)
EVERY_HOURS = re.compile(r"\b(?:every\s+|q\s?)(\d+)\s*h", re.IGNORECASE)
EVERY_DAYS = re.compile(r"\bevery\s+(\d+)\s+days\b", re.IGNORECASE)
TURNS = (
    (re.compile(r"\b(twice|bid|b\.i\.d)\b", re.IGNORECASE), 2),
    (re.compile(r"\b(three\s+times|tid|t\.i\.d)\b", re.IGNORECASE), 3),
    (re.compile(r"\b(four\s+times|qid|q\.i\.d)\b", re.IGNORECASE), 4),
)
OTHER_DAY = re.compile(r"\b(every\s+other|alternate)\s+day", re.IGNORECASE)
WEEKLY = re.compile(r"\bweekly\b", re.IGNORECASE)
VEIN = re.compile(r"(i\.?v\.?|intravenous(ly)?|infusion)\s*$", re.IGNORECASE)
INJECTED = re.compile(r"\b(s\.?[cq]|sub\S+|i\.?[mp]|intram\S+|intrap\S+)\b", re.IGNORECASE)
BOLUS = re.compile(r"bolus\s*$", re.IGNORECASE)

FOR_SO_LONG = (
    r"((from\s+)?days?\s+(?P<first>-?\d+)\s+)?(?<!\d\sdays\s)(?<!\d\sweeks\s)"
    r"for\s+(?P<many>\d+)\s+(?P<what>days?|weeks?)"
)
SO_MANY_DOSES = (
    r"[,(]?\s*(for\s+)?(a\s+)?((max(imum)?\.?|total|up\s+to)(\s+of)?|for|[x×])\s*(?P<many>\d+)\s*"
    r"(doses?|injections?|infusions?)"
)
REPEAT_APART = (
    r";\s*repeat(ed)?\s+every\s+(?P<every>(\d+\s+)?(days?|weeks?))(\s+for\s+(?P<cycles>\d+)\s+(cycles?|courses?))?"
)
OVER = r"over\s+(?P<least>\d[\d.]*)(\s*([-–]|to)\s*(?P<most>\d[\d.]*))?\s*(?P<unit>h|hr|hours?|min|minutes?)"
GRADE_FIRST = r"(when|at|if|while)\s+grade\s*(?P<grade>\d)\s+(?P<harm>[a-z]+(\s+(?!(or|and)\b)[a-z]+)*)"


def for_so_long(found: Found) -> str:
    """Return which days ``for 14 days`` are, from the day named on or from day 1."""
    if RULE.match(_clause(found)):
        return "a rule looks at each moment, and does not count for how long: leave it out"
    days = int(found["many"]) * (DAYS_OF_WEEK if found["what"].lower().startswith("w") else 1)
    first = 1 if found["first"] is None else int(found["first"])
    since = f", if from day {first} on" if found["first"] is None else ""
    return f"write which days: {_days(first, first + days - 1)}{since}"


def so_many_doses(found: Found) -> str:
    """Return on which days a number of doses falls, at as many a day as the clause says."""
    clause, many = _clause(found), int(found["many"])
    named = FIRST_DAY.search(clause)
    first, turns, every = int(named[1]) if named else 1, _turns(clause), _every(clause)

    def until(full: int) -> str:
        return f"{full * turns} are {_days(first, first + (full - 1) * every)}"

    full, rest = divmod(many, turns)
    said = until(full) if not rest else " and ".join(until(each) for each in (full, full + 1) if each)
    beside = "" if turns == 1 else f", at {turns} a day"
    return f"how many doses follows from the days{beside}: {said}"


def repeat_apart(found: Found) -> str:
    """Return how a repeat is written that a ';' parts from its course."""
    cycles = found["cycles"] or "3"
    count = "" if found["cycles"] else ", and say how often"
    return (
        f"a repeat ends the course it repeats: write a comma before it, not ';'{count}: "
        f"', repeat every {found['every']} for {cycles} cycles'"
    )


def over(found: Found) -> str:
    """Return what ``over 5-15 min`` is to be: one time of an infusion, and nothing of an injection."""
    before = found.string[: found.start()]
    times = [f"'iv over {each} {found['unit']}'" for each in (found["least"], found["most"]) if each]
    if VEIN.search(before):
        return f"write the one time that is meant, {' or '.join(times)}"
    if BOLUS.search(before):
        return f"a bolus has no length: write {' or '.join(times)}"
    otherwise = "" if INJECTED.search(_clause(found)) else f"; an infusion is {' or '.join(times)}"
    return f"how long an injection takes is not followed: leave it out{otherwise}"


def grade_first(found: Found) -> str:
    """Return ``fever grade 3`` for ``grade 3 fever``, or how what has no grades is looked at."""
    return told_of(found["harm"]) or f"the grade stands last: '{found['harm']} grade {found['grade']}'"


def _clause(found: Found) -> str:
    """Return what stands before a spot since the last ';' or '+', and what stands at the spot."""
    return CLAUSE.split(found.string[: found.start()])[-1]


def _days(first: int, last: int) -> str:
    try:
        return f"'{days_words((Days(first=first, last=last),))}'"
    except RegimenError:  # none, or beyond all calendars
        return "no days"


def _turns(clause: str) -> int:
    hours = EVERY_HOURS.search(clause)
    by_hours = {HOURS / times: times for times in TIMES_PER_DAY}
    if hours and float(hours[1]) in by_hours:
        return by_hours[float(hours[1])]
    return next((times for pattern, times in TURNS if pattern.search(clause)), 1)


def _every(clause: str) -> int:
    if days := EVERY_DAYS.search(clause):
        return max(1, int(days[1]))
    if WEEKLY.search(clause):
        return DAYS_OF_WEEK
    return 2 if OTHER_DAY.search(clause) else 1


OWN_NUMBERS: tuple[tuple[str, Callable[[Found], str]], ...] = (
    (FOR_SO_LONG, for_so_long),
    (SO_MANY_DOSES, so_many_doses),
    (REPEAT_APART, repeat_apart),
    (OVER, over),
    (GRADE_FIRST, grade_first),
)
