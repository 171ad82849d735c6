"""Ways out of what is not understood, told in the numbers of the text itself."""

import re
from collections.abc import Callable

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.course import Days
from trialeukin.regimen.marker_names import told_of
from trialeukin.regimen.place import DAYS_OF_WEEK
from trialeukin.regimen.render import days_words

Found = re.Match[str]
CLAUSE = re.compile(r"[;+]")
RULE = re.compile(r"\s*(hold|delay|reduce|stop)\b", re.IGNORECASE)
VEIN = re.compile(r"(i\.?v\.?|intravenous(ly)?|infusion)\s*$", re.IGNORECASE)
INJECTED = re.compile(r"\b(s\.?[cq]|sub\S+|i\.?[mp]|intram\S+|intrap\S+)\b", re.IGNORECASE)
BOLUS = re.compile(r"bolus\s*$", re.IGNORECASE)

FOR_SO_LONG = (
    r"((from\s+)?days?\s+(?P<first>-?\d+)\s+)?(?<!\d\sdays\s)(?<!\d\sweeks\s)"
    r"for\s+(?P<many>\d+)\s+(?P<what>days?|weeks?)"
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


OWN_NUMBERS: tuple[tuple[str, Callable[[Found], str]], ...] = (
    (FOR_SO_LONG, for_so_long),
    (REPEAT_APART, repeat_apart),
    (OVER, over),
    (GRADE_FIRST, grade_first),
)
