"""What the terminals of the grammar are called in messages, and how they are spelt."""

from collections.abc import Iterable

from trialeukin.regimen.products import products

ROUTE = "a route (iv bolus, iv over 1 h, civ, sc, im, ip)"
FREQUENCY = "how often (twice daily, every 8 h, every other day, weekly)"
RULE = "a rule (hold, delay, reduce, stop, missed doses, never started)"
SEPARATOR = "';' and another clause"

MEANINGS = {
    **dict.fromkeys(("IV_BOLUS", "IV_OVER", "CIV", "IV", "SC", "IM", "IP"), ROUTE),
    **dict.fromkeys(("DAILY", "TWICE", "THRICE", "FOUR_TIMES", "EVERY_OTHER_DAY", "WEEKLY", "EVERY"), FREQUENCY),
    **dict.fromkeys(("HOLD", "DELAY", "REDUCE", "STOP", "MISSED", "NEVER"), RULE),
    "DAYS": "days (days 1-5, day 1)",
    "SO_MANY": "how many doses (for 14 doses)",
    "DOSES": "'doses'",
    "CAP": "a cap (cap 20 MIU)",
    "COUNTED": "a conversion (counted as 3 IU)",
    "REPEAT": "'repeat every 28 days for 3 cycles'",
    "_THEN": "'then every 63 days for 7 cycles'",
    "DRUG": "a drug",
    "NUMBER": "a number",
    "UNIT": "a unit of dose",
    "DOSE_UNKNOWN": "'dose unknown'",
    "NOTHING": "'none'",
    "DAY": "a day",
    "_TO": "'-' and a last day",
    "_AND": "',' and more days",
    "TIME": "h or min",
    "HOURS": "h",
    **dict.fromkeys(("DAY_WORD", "WEEK_WORD"), "days or weeks"),
    "FOR": "'for'",
    "CYCLES": "'cycles'",
    "IU": "IU",
    "_WHILE": "'while'",
    "_WHEN": "'when'",
    "_AT": "'at'",
    "TO": "'to'",
    "RESUME": "'resume at 50 %'",
    "BY": "'by 7 days'",
    "STOP_AFTER": "'stop after 28 days'",
    "PERCENT": "'%'",
    "QUANTITY": "a quantity (platelets, capillary leak grade)",
    "COMPARISON": "<, <=, >= or >",
    "CONDITION_UNIT": "a unit",
    "SEMICOLON": SEPARATOR,
    "PLUS": "'+' and another drug",
    "$END": "the end",
}
SPELLINGS = {  # offered for a misspelt word: no frequency, unit or short route, each a slip from another dose
    "CIV": ("continuous iv infusion",),
    "SC": ("subcutaneous",),
    "IM": ("intramuscular",),
    "IP": ("intraperitoneal",),
    "CAP": ("cap", "at most"),
    "COUNTED": ("counted as", "counted"),
    "REPEAT": ("repeat",),
    "_THEN": ("then",),
    "FOR": ("for",),
    "CYCLES": ("cycles",),
    "HOLD": ("hold",),
    "DELAY": ("delay",),
    "STOP_AFTER": ("stop after",),
    "REDUCE": ("reduce",),
    "STOP": ("stop",),
    "MISSED": ("missed doses",),
    "NEVER": ("never started",),
    "RESUME": ("resume at", "resume"),
    "_WHILE": ("while",),
    "_WHEN": ("when",),
    "NOTHING": ("none", "observation"),
}


def expected_words(terminals: Iterable[str]) -> str:
    """Return what may stand at a spot, in words, in the order of `MEANINGS`."""
    known = set(terminals)
    meanings = dict.fromkeys(meaning for terminal, meaning in MEANINGS.items() if terminal in known)
    *most, last = list(meanings) or ["nothing"]
    return f"{', '.join(most)} or {last}" if most else last


def spellings(terminals: Iterable[str]) -> list[str]:
    """Return how what may stand at a spot is spelt."""
    known = set(terminals)
    words = [word for terminal in known for word in SPELLINGS.get(terminal, ())]
    drugs = [name for item in products().values() for name in (item.name, *item.aliases)] if "DRUG" in known else []
    return sorted(words) + drugs
