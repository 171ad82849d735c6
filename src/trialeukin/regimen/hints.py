"""Ways of writing that protocols use and this language does not, each with how to write it here."""

import re

from trialeukin.regimen.products import any_name

HINTS = (
    (r"(?<=\d),\d{3}\b", "write thousands without a comma, 16400 for 16,400"),
    (r"(?<=\d),\d", "write decimals with a point, 1.5"),
    (r"(?<=\d)\s*[-–]\s*\d", "a range of doses has no single meaning; write the dose that is meant"),
    (r"resume\b", "'resume at' follows a hold: 'hold while platelets < 25 G/L; resume at 50 %'"),
    (
        r"(once|twice|\w+\s+times)\s+(a|per)\s+week",
        "say on which days: 'days 1, 3, 5, repeat every 7 days for 4 cycles'",
    ),
    (r"per\s+(m2|m²|kg|day)", "write it behind the unit with a slash, MIU/m2/day"),
    (r"(x|×)\s*\d", "write 'repeat every 28 days for 3 cycles'"),
    (r"for\s+\d+\s+cycles?", "a repeat ends the course it repeats: write a comma before it, not ';'"),
    (r"for\s+\d+\s+(days|weeks)", "write which days, 'days 1-5'"),
    (r"d\d", "write 'days 1-5'"),
    (r"\ufeff", "the file starts with a byte order mark; save it as plain UTF-8"),
    (r"(po|per\s+os|oral(ly)?)\b", "nothing is given by mouth here"),
)
PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in HINTS)
NAME = re.compile(r"[A-Za-z][\w-]*(\s+[A-Za-z\d][\w-]*)?")


def hint(text: str, start: int) -> str:
    """Return ``; write ...`` for a known way of writing at a spot, or nothing."""
    for pattern, words in PATTERNS:
        if pattern.match(text, start):
            return f"; {words}"
    name = NAME.match(text, start)
    if name and any(any_name(part) for part in (name.group(), name.group().split()[0])):
        return "; part two drugs by ';' or join them by '+', each with its own dose and days"
    return ""
