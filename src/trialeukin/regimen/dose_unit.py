"""Units that doses are written in. What a unit of activity weighs, only a product knows."""

import re
from dataclasses import dataclass
from enum import Enum

from trialeukin.core.errors import UnitError
from trialeukin.regimen.administration import Per
from trialeukin.regimen.suggest import did_you_mean


class Measure(Enum):
    """What a unit of dose measures; amounts of one measure can be compared without a product."""

    ACTIVITY = "international units"
    CETUS = "Cetus units"
    ROCHE = "Roche units"
    MASS = "mass"
    CELLS = "cells"
    NK_CELLS = "NK cells"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseUnit:
    """A unit of dose.

    Attributes
    ----------
    symbol : str
        How it is written.
    measure : Measure
        What it measures.
    size : float
        How many of the measure's smallest unit listed here it is.
    """

    symbol: str
    measure: Measure
    size: float


DOSE_UNITS = {
    unit.symbol: unit
    for unit in (
        DoseUnit(symbol="IU", measure=Measure.ACTIVITY, size=1.0),
        DoseUnit(symbol="kIU", measure=Measure.ACTIVITY, size=1e3),
        DoseUnit(symbol="MIU", measure=Measure.ACTIVITY, size=1e6),
        DoseUnit(symbol="Cetus U", measure=Measure.CETUS, size=1.0),
        DoseUnit(symbol="M Cetus U", measure=Measure.CETUS, size=1e6),
        DoseUnit(symbol="Roche U", measure=Measure.ROCHE, size=1.0),
        DoseUnit(symbol="M Roche U", measure=Measure.ROCHE, size=1e6),
        DoseUnit(symbol="ug", measure=Measure.MASS, size=1.0),
        DoseUnit(symbol="mg", measure=Measure.MASS, size=1e3),
        DoseUnit(symbol="g", measure=Measure.MASS, size=1e6),
        DoseUnit(symbol="CD3", measure=Measure.CELLS, size=1.0),
        DoseUnit(symbol="NK", measure=Measure.NK_CELLS, size=1.0),
    )
}
SPELLINGS = {"µg": "ug", "μg": "ug", "mcg": "ug"}
CELLS = re.compile(r"(CD3)\+?( (T[ -])?cells?)?|(NK)( cells?)?")
MILLION = "million "
MIO = re.compile(r"(mio\.?|million)\s*(?=[A-Za-z])", re.IGNORECASE)
MISREAD = {
    "mIU": "a small m is a thousandth: write MIU for a million IU",
    "gm": "gm is easily misread as mg: write g for grams",
    "doses": "write how many behind the days: 'every 8 h from day 1 for 14 doses'; the most of one is 'cap 20 MIU'",
}
PER = {"m2": Per.SQUARE_METRE, "m²": Per.SQUARE_METRE, "m^2": Per.SQUARE_METRE, "kg": Per.KILOGRAM}
DAILY = {"day", "d", "24h", "24 h"}
BARE_UNITS = re.compile(r"(million )?[km]?(u|units?)", re.IGNORECASE)
CHOICES_FOR_U = (
    "write IU or MIU (international units), Cetus U (6 IU each), or Roche U with 'counted as 3 IU' (3 to 6 IU each)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenUnit:
    """A unit with what follows its slashes, such as ``MIU/m2/day``."""

    symbol: str
    per: Per = Per.PATIENT
    daily: bool = False

    def __str__(self) -> str:
        scaled = "" if self.per is Per.PATIENT else f"/{self.per.value}"
        return f"{self.symbol}{scaled}{'/day' if self.daily else ''}"


def ratio(source: str, target: str) -> float:
    """Return how many units ``target`` one unit ``source`` is.

    Raises
    ------
    UnitError
        When the two measure different things.
    """
    first, second = DOSE_UNITS[source], DOSE_UNITS[target]
    if first.measure is not second.measure:
        raise UnitError(
            f"{source} is a unit of {first.measure.value}, {target} of {second.measure.value}: "
            "write both amounts in units of one kind"
        )
    return first.size / second.size


def read_unit(text: str, measures: frozenset[Measure]) -> WrittenUnit:
    """Return the unit that a text such as ``MIU/m2/day`` names, of one of the measures allowed.

    Raises
    ------
    UnitError
        When the text names no unit, or one that the product is not measured in.
    """
    symbol, *divisors = (re.sub(r"\s+", " ", part.strip()) for part in MIO.sub(MILLION, text).split("/"))
    symbol = _short(SPELLINGS.get(symbol, symbol))
    if cells := CELLS.fullmatch(symbol):
        symbol = cells[1] or cells[4]
    allowed = [unit.symbol for unit in DOSE_UNITS.values() if unit.measure in measures]
    if BARE_UNITS.fullmatch(symbol):
        raise UnitError(f"unit {text!r} has more than one meaning: {_choices_for_bare_units(measures)}")
    if symbol in MISREAD:
        raise UnitError(f"unknown unit {text!r}: {MISREAD[symbol]}")
    if symbol not in DOSE_UNITS:
        raise UnitError(f"unknown unit {text!r}: known here are {', '.join(allowed)}{_like(text, allowed)}")
    if symbol not in allowed:
        raise UnitError(f"unit {text!r} does not measure this drug: allowed are {', '.join(allowed)}")
    return _with_divisors(text, symbol, divisors)


def _short(symbol: str) -> str:
    """Return ``MIU`` for ``million IU`` and ``M Cetus U`` for ``million Cetus U``; any other symbol as it is."""
    of = symbol[len(MILLION) :]
    short = next((each for each in (f"M{of}", f"M {of}") if each in DOSE_UNITS and of in DOSE_UNITS), symbol)
    return short if symbol.casefold().startswith(MILLION) else symbol


def _choices_for_bare_units(measures: frozenset[Measure]) -> str:
    if Measure.ACTIVITY in measures:
        return CHOICES_FOR_U
    return "write " + " or ".join(unit.symbol for unit in DOSE_UNITS.values() if unit.measure in measures)


def _like(text: str, symbols: list[str]) -> str:
    """Return a unit of the same letters in another order; any other is another dose."""
    spelt = (f"{unit}{per}{day}" for unit in symbols for per in ("", "/m2", "/kg") for day in ("", "/day"))
    return did_you_mean(text, (each for each in spelt if sorted(each.casefold()) == sorted(text.casefold())))


def _with_divisors(text: str, symbol: str, divisors: list[str]) -> WrittenUnit:
    scales = [PER[divisor] for divisor in divisors if divisor in PER]
    days = [divisor for divisor in divisors if divisor in DAILY]
    strange = [divisor for divisor in divisors if divisor not in PER and divisor not in DAILY]
    if strange:
        raise UnitError(
            f"unknown unit {text!r}: {symbol} may be followed by /m2 or /kg, and by /day{_like(text, [symbol])}"
        )
    if len(scales) > 1 or len(days) > 1:
        raise UnitError(f"unit {text!r}: at most one of /m2 and /kg, and /day once; such as {symbol}/m2/day")
    return WrittenUnit(symbol=symbol, per=scales[0] if scales else Per.PATIENT, daily=bool(days))
