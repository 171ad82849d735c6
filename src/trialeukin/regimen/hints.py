"""Ways of writing that protocols use and this language does not, each with how to write it here."""

import re
from collections.abc import Callable

from trialeukin.regimen.marker_names import told_of
from trialeukin.regimen.own_numbers import OWN_NUMBERS
from trialeukin.regimen.products import any_name

HINTS = (
    (r"(?<=\d),\d{3}\b", "write thousands without a comma, 16400 for 16,400"),
    (r"(?<=\d),\d", "write decimals with a point, 1.5"),
    (r"(?<=\d)\s*[-–]\s*\d", "a range of doses has no single meaning; write the dose that is meant"),
    (
        r"[;,]?\s*resume\b",
        "'resume at' follows a hold: 'hold while platelets < 25 G/L; resume at 50 %'; beside a delay write 'reduce to "
        "50 % when'",
    ),
    (r"cells?\b", "cells are counted as CD3/kg (donor lymphocytes) or NK/kg (natural killer cells)"),
    (r"of\s+(each|every|a)\b", "write ', repeat every 28 days for 3 cycles' behind the days"),
    (r"then\b", "write ';' and the next doses, '; 5e7 day 90'"),
    (r"(at|by|given|as)\b", "such words are left out here: 'aldesleukin 9 MIU/m2/day civ days 1-4'"),
    (r"cap\b", "a cap stands behind the dose or the days, without a comma"),
    (
        r"\(",
        "nothing stands in brackets: the most that one patient gets is 'cap 20 MIU' behind the dose, "
        "and how many doses 'for 14 doses' behind the days",
    ),
    (r"until\b", "say for how many cycles; a rule such as 'stop when' ends them earlier"),
    (r"years?\b", "count in cycles: 13 of 28 days are a year"),
    (r"dose\b", "leave words such as 'high' and 'low dose' out: the drug, its amount, its route and its days say all"),
    (r"per\s+(m2|m²|kg|day)", "write it behind the unit with a slash, MIU/m2/day"),
    (r"(x|×)\s*\d+\s*(days|weeks)", "write which days, 'days 1-5'"),
    (r"(x|×)\s*\d", "write 'repeat every 28 days for 3 cycles'"),
    (r"(po|per\s+os|oral(ly)?)\b", "nothing is given by mouth here"),
)
OF_A_WEEK = (
    "say on which days: 'days 1, 3, 5' for three a week or 'days 1-5' for five, and behind it "
    "', repeat every 7 days for 4 cycles'"
)
FOREIGN = (
    (
        r"(q\.?d\.?|qday|o\.?d\.?)",
        "it is easily misread as qid, four times a day; a dose is once a day unless more is said: "
        "write '/day' behind the unit, or 'daily', and the days, 'days 1-14'",
    ),
    (
        r"(q\.?o\.?d\.?|e\.?o\.?d\.?|q\.?a\.?d\.?)",
        "it is easily misread as once or four times a day: write 'every other day days 1-13'",
    ),
    (r"(t\.?i\.?w\.?|b\.?i\.?w\.?)", f"it is easily misread as times a day; {OF_A_WEEK}"),
    (r"(once|twice|thrice|\w+\s+times|\d+\s*([x×]|days)?)\s*(a|per|/|each|every)\s*week", OF_A_WEEK),
    (r"(twice|thrice|three|four|five|\w+\s+times|\d+\s*[x×])\s+(times\s+)?week(ly)?", OF_A_WEEK),
    (r"(mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(day)?s?", OF_A_WEEK),
    (r"(qds|q\.d\.s\.)", "write 'four times daily'"),
    (r"(tds|t\.d\.s\.)", "write 'three times daily'"),
    (r"(bd|b\.d\.)", "write 'twice daily'"),
    (r"(qhs|hs|qam|qpm)", "the hour of the day is not followed: write 'daily'"),
    (
        r"q\s?\d*\s?(d|w|wk|weeks?|days?|m)",
        "write 'every 2 days' or 'weekly' for doses, 'repeat every 28 days for 3 cycles' for cycles",
    ),
    (r"(flat|fixed)", "a dose is for the whole patient unless /m2 or /kg follows its unit: leave it out"),
    (r"(max(imum)?\.?|up\s+to)", "write the most that one patient gets as 'cap 20 MIU' behind the dose"),
    (
        r"weeks?\s+\d+(\s*([-–]|to)\s*\d+)?",
        "count in days: weeks 1-4 are 'days 1-28'; some days of each, 'days 1-5, repeat every 7 days for 4 cycles'",
    ),
    (
        r"hold\s+until\b[^;]*",
        "write when a dose is left out, 'hold while platelets < 50 G/L', or when it is put off until that has passed, "
        "'delay while platelets < 50 G/L'",
    ),
    (
        r"(delay|postpone|defer)\w*\s[^;]*?\b(while|when|if|until)",
        "write 'delay while platelets < 100 G/L', or 'delay by 7 days while' to look once a week",
    ),
    (
        r"(suspend|interrupt|withhold|omit|skip|pause)\w*\s[^;]*?\b(while|when|if|until)",
        "'hold while platelets < 50 G/L' leaves out the doses that fall on it; 'delay while' puts them off, and all "
        "that follow",
    ),
    (
        r"(start|begin)\w*\s[^;]*?\b(while|when|if|once|after|until)\b[^;]*",
        "write 'delay while platelets < 100 G/L', which lets the first dose wait until that has passed; a study's "
        "start_after_days says how long after randomisation the first day is",
    ),
    (r"(discontinue|cease|terminate)\w*\s[^;]*?\b(while|when|if|at)", "write 'stop when capillary leak grade >= 4'"),
    (
        r"by\s+\d[\d.]*\s*(%|per\s?cent)",
        "say what is left of the dose: 'reduce to 75 % when platelets < 50 G/L' takes a quarter off",
    ),
    (
        r"(twice|again|repeatedly|(for\s+)?(a|the)\s+(second|third|next)\s+time)",
        "a rule does not count how often: 'stop when' and 'reduce to' act from the first time on",
    ),
    (
        r"(or|and)\s+[a-z][\w\s-]*([<>≤≥]=?|below|above|at\s+(least|most)|grade\s*\d)[^;]*",
        "a rule looks at one quantity: two rules, with ';' between them, act where either holds",
    ),
    (r"(?<=stop\s)while", "write 'stop when', which ends the drug, or 'hold while', which leaves doses out"),
    (r"\d{1,3}([.'’\s]\d{3})+", "write a large number without marks or blanks, as 1000000 or 1e6, or in MIU"),
    (r"\d[\d.]*\s*[x×]\s*10e\d+", "10e6 is 1e7: write 1e6, or 1 x 10^6"),
    (r"repeat(ed)?\s+(weekly|monthly|daily)", "write 'repeat every 7 days for 4 cycles'"),
    (r"months?", "a month has no fixed length: write 28 days or 4 weeks"),
    (
        r"(?<!repeat\s)every\s+\d+\s+(days|weeks)\s+for",
        "write 'repeat' before it: ', repeat every 28 days for 4 cycles'",
    ),
    (r"(ivi|infusion)", "say how long: 'iv over 1 h', or 'civ' for the whole day"),
    (r"(ivp|iv\s+push)", "write 'iv bolus'"),
    (r"missed\s+\d[\d.]*\s*(%|per\s?cent)", "write 'missed doses 10 %'"),
    (r"\d[\d.]*\s*[x×]\s*10\d+(\s+[a-z]\S*)?", "a power has lost its sign: write 2e6 or 2 x 10^6"),
    (
        r"((by|as)\s+)?(an?\s+)?(ci|(continuous|24[\s-]?h(our)?s?)(\s+(iv|intravenous))?(\s+infusion)?)",
        "write 'civ' for a continuous intravenous infusion",
    ),
)
WAYS_OUT: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (*OWN_NUMBERS, *FOREIGN)
BEYOND_WORDS = tuple(
    (re.compile(rf"(?:(?<![\w.])|(?=[,;(])){pattern}(?![\w^])", re.IGNORECASE), words) for pattern, words in WAYS_OUT
)
CONDITION = re.compile(r"\b(when|while|if|at)\b[^;]*(;|$)", re.IGNORECASE)
EDGES = " \t\r\n,;("
PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in HINTS)
NAME = re.compile(r"[A-Za-z][\w-]*(\s+[A-Za-z\d][\w-]*)?")


def foreign(text: str, start: int) -> tuple[int, int, str] | None:
    """Return a way of writing of other languages that covers a spot: where it starts and ends, and the way out."""
    for pattern, words in BEYOND_WORDS:
        for found in pattern.finditer(text):
            if found.start() <= start < found.end():
                return *_within_edges(found), words if isinstance(words, str) else words(found)
    for found in CONDITION.finditer(text):
        if found.start() <= start < found.end():
            told = told_of(found.group())
            return None if told is None else (*_within_edges(found), told)
    return None


def _within_edges(found: re.Match[str]) -> tuple[int, int]:
    """Return where what was found starts and ends without blanks and marks about it."""
    whole = found.group()
    first = found.start() + len(whole) - len(whole.lstrip(EDGES))
    return first, first + len(whole.strip(EDGES))


def hint(text: str, start: int) -> str:
    """Return ``; write ...`` for a known way of writing at a spot, or nothing."""
    for pattern, words in PATTERNS:
        if pattern.match(text, start):
            return f"; {words}"
    name = NAME.match(text, start)
    if name and any(any_name(part) for part in (name.group(), name.group().split()[0])):
        return "; part two drugs by ';' or join them by '+', each with its own dose and days"
    return ""
