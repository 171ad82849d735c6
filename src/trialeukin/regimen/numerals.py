"""Numbers as protocols print them, exact on the way out and back."""

import math
from decimal import Decimal

PLAIN_BELOW = 1e6


def numeral(value: float) -> str:
    """Return the shortest text that reads back as exactly this number: ``1``, ``0.9``, ``16400``, ``1e7``."""
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number a regimen can print")
    if value == int(value) and abs(value) < PLAIN_BELOW:
        return str(int(value))
    mantissa, mark, power = repr(value).lower().partition("e")
    if not mark and value != int(value):
        return mantissa
    digits = Decimal(repr(value)).normalize()
    mantissa, _, power = f"{digits:e}".partition("e")
    return f"{mantissa}e{int(power)}"


def short_numeral(value: float) -> str:
    """Return a number as `numeral` does, of three digits at most."""
    return numeral(float(f"{value:.3g}"))


def percentage(fraction: float) -> str:
    """Return a fraction as ``23 %``, such that `read_percentage` of it gives exactly the fraction back."""
    return f"{(Decimal(repr(fraction)) * 100).normalize():f} %"


def read_percentage(text: str) -> float:
    """Return the fraction that a percentage's number, such as ``23``, stands for."""
    return float(Decimal(text) / 100)
