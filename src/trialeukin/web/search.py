"""Finds words whatever their spelling: British and American, hyphens or none."""

import re
import unicodedata

from trialeukin.regimen.library import Entry, entry, names

SPELLINGS = (
    ("ae", "e"),
    ("oe", "e"),
    ("our", "or"),
    ("isation", "ization"),
    ("ise", "ize"),
    ("yse", "yze"),
    ("centre", "center"),
    ("cyclosporin", "ciclosporin"),
    ("sulph", "sulf"),
    ("tumour", "tumor"),
)
NAMES = (
    ("proleukin", "aldesleukin"),
    ("interleukin 2", "il2"),
    ("interleukin2", "il2"),
    ("rhil2", "il2"),
    ("ril2", "il2"),
    ("ara c", "cytarabine"),
    ("arac", "cytarabine"),
    ("daunomycin", "daunorubicin"),
    ("ceplene", "histamine"),
    ("dli", "donor lymphocytes"),
    ("aml", "acute myeloid leukemia"),
    ("acute myelogenous", "acute myeloid"),
    ("cml", "chronic myeloid leukemia"),
    ("cll", "chronic lymphocytic leukemia"),
    ("mds", "myelodysplastic syndrome"),
    ("nhl", "non hodgkin lymphoma"),
    ("gvhd", "graft versus host disease"),
)
ALL = r"\bALL\b"  # in capitals; in small letters it is a word


def matches(query: str, text: str) -> bool:
    """Say whether every word of a query is somewhere in a text; an empty query finds everything."""
    inside = folded(text)
    return all(word in inside for word in folded(query).split())


def regimens_found(query: str) -> tuple[Entry, ...]:
    """Return the regimens of the library that a query finds, in the order of their names."""
    entries = (entry(name) for name in names())
    return tuple(each for each in entries if matches(query, f"{each.name} {each.title} {each.text}"))


def folded(text: str) -> str:
    """Return a text in one spelling: small letters, no accent, no hyphen, American, drugs and diseases by one name."""
    whole = re.sub(ALL, "acute lymphoblastic leukemia", text)
    plain = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9.]+", " ", plain)
    plain = re.sub(r"\bil 2\b", "il2", plain)
    for one, other in (*NAMES, *SPELLINGS):
        plain = re.sub(rf"\b{one}\b", other, plain) if (one, other) in NAMES else plain.replace(one, other)
    return plain
