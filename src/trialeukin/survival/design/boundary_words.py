"""The words by which boundaries are named: ``obf``, ``pocock``, ``hsd:-4``, ``power:3``, ``wang-tsiatis:0``."""

import math
from collections.abc import Callable

from trialeukin.core.errors import AnalysisError, InputError
from trialeukin.survival.design.efficacy import AlphaSpending, EfficacyRule, WangTsiatis
from trialeukin.survival.design.spending import (
    HwangShihDeCani,
    OBrienFlemingSpending,
    PocockSpending,
    PowerSpending,
    SpendingFunction,
)

SPENDING = "obf, pocock, hsd:-4, power:3"
BOUNDARIES = f"{SPENDING} (spending), wang-tsiatis:0 or wang-tsiatis:0.5 (O'Brien-Fleming's and Pocock's own)"
PLAIN: dict[str, SpendingFunction] = {"obf": OBrienFlemingSpending(), "pocock": PocockSpending()}
FAMILIES: dict[str, Callable[[float], SpendingFunction]] = {"hsd": HwangShihDeCani, "power": PowerSpending}


def spending_named(text: str) -> SpendingFunction:
    """Return the function that a word such as ``obf`` or ``hsd:-4`` names.

    Raises
    ------
    InputError
        When it names none.
    AnalysisError
        When its number is not one of the family's.
    """
    name, _, number = text.partition(":")
    if name in PLAIN and not number:
        return PLAIN[name]
    if name in FAMILIES and number:
        return FAMILIES[name](finite_number(number, f"{text!r}: {number!r} is", SPENDING))
    raise InputError(f"{text!r}: choose {SPENDING}")


def efficacy_named(text: str) -> EfficacyRule:
    """Return the boundary that a word names: one of spending, or ``wang-tsiatis:0`` for a fixed shape; see above."""
    name, _, number = text.partition(":")
    if name == "wang-tsiatis" and number:
        return WangTsiatis(finite_number(number, f"{text!r}: {number!r} is", BOUNDARIES))
    try:
        return AlphaSpending(spending_named(text))
    except AnalysisError:
        raise
    except InputError:
        raise InputError(f"{text!r}: choose {BOUNDARIES}") from None


def finite_number(text: str, said: str, allowed: str) -> float:
    """Return the number of a text; ``said`` is how a refusal begins, ``allowed`` what it ends with.

    Raises
    ------
    InputError
        When it is no number, or not finite.
    """
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{said} not a number; give {allowed}") from None
    if not math.isfinite(value):
        raise InputError(f"{said} not finite; give {allowed}")
    return value
