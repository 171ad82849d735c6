"""How numbers and names are said: per cents, intervals, ratios, units and lists."""

import math
import re
from collections.abc import Sequence

CAPITALS = {
    word.lower().replace("-", ""): word
    for word in ("IL-2", "NK", "CD4", "CD8", "CD25", "Treg", "AUC", "ROS", "CML", "AML", "ALL", "GVHD", "DLI", "ANC")
}
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def anchor(name: str) -> str:
    """Return a name as part of an address in the page, such as ``leukaemia-burden``."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def words(name: str) -> str:
    """Return a name as it is read: ``nk_bright`` is "NK bright"."""
    return " ".join(CAPITALS.get(word.lower(), word) for word in name.replace("_", " ").split(" "))


def with_limits(middle: float, low: float, high: float) -> str:
    """Return a number with its limits, such as ``0.93 (0.66 to 1.31)``; a dash where there is none."""
    return f"{middle:.2f} ({low:.2f} to {high:.2f})" if math.isfinite(middle) else "–"


def give_or_take(error: float, digits: int) -> str:
    """Return a standard error, such as ``± 1.1``; nothing where it is not known."""
    return f"± {error:.{digits}f}" if math.isfinite(error) else ""


def with_error(said: str, error: float, digits: int) -> str:
    """Return a number, as it is said, with its standard error, such as ``45.2 % ± 1.1``; alone where there is none."""
    return f"{said} {give_or_take(error, digits)}".rstrip()


def percent(fraction: float, digits: int = 0) -> str:
    """Return a fraction as per cent, such as ``45 %``; a dash where there is none."""
    return f"{rounded(100.0 * fraction, digits)} %".replace("-", "−") if math.isfinite(fraction) else "–"


def percents(low: float, high: float) -> str:
    """Return a range of fractions as per cent, such as ``45 to 62 %``; a dash where there is none."""
    return f"{rounded(100.0 * low)} to {percent(high)}" if math.isfinite(low) else "–"


def with_digits(value: float | None, digits: int) -> str:
    """Return a number with fixed digits; ``< 0.01`` where they show nothing of it, a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    text, least = f"{value:.{digits}f}", 10.0**-digits
    return f"< {least:.{digits}f}" if value > 0.0 and float(text) == 0.0 else text


def rounded(value: float, digits: int = 0) -> str:
    """Return a number with fixed digits; what rounds to zero has no sign."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0.0 else text


def shortly(value: float, digits: int = 3) -> str:
    """Return a number with its first digits, such as ``1,260`` or ``0.0126``; from a million on ``1.26 × 10⁶``."""
    if not math.isfinite(value):
        return "–"
    near = float(f"{value:.{digits}g}")
    if near != 0.0 and not 1e-3 <= abs(near) < 1e6:
        mantissa, exponent = f"{near:.{digits - 1}e}".split("e")
        return f"{_without_zeros(mantissa)} × {power_of_ten(int(exponent))}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(near)))) if near else 0
    return _without_zeros(f"{near:,.{decimals}f}")


def p_value(value: float) -> str:
    """Return a p-value as journals print it."""
    return "-" if not math.isfinite(value) else "<0.0001" if value < 1e-4 else f"{value:.4f}"


def p_shortly(value: float) -> str:
    """Return a p-value in two decimals, such as ``0.74``; where they would say little as `p_value`, ``0.0014``."""
    return p_value(value) if value < 0.01 else f"{value:.2f}"


def p_equals(value: float) -> str:
    """Return a p-value with its sign, such as ``p = 0.74`` or ``p < 0.0001``."""
    text = p_shortly(value)
    return f"p < {text[1:]}" if text.startswith("<") else f"p = {text}"


def signed(value: float, digits: int | None = None) -> str:
    """Return a difference with its sign, such as ``+3`` or ``−0.126``, `shortly` where no digits are asked for."""
    text = shortly(value) if digits is None or not math.isfinite(value) else rounded(value, digits)
    if text.startswith("-"):
        return text.replace("-", "−", 1)
    return f"+{text}" if text.strip("0.–") else text


def power_of_ten(exponent: int) -> str:
    """Return a power of ten as it is written, such as ``10⁹``."""
    return "10" + str(exponent).translate(RAISED)


def _without_zeros(text: str) -> str:
    """Return a number without zeros at the end of its decimals."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_words(unit: str) -> str:
    """Return a unit as a reader writes it, such as ``cells/µL``; nothing for a pure number."""
    if unit in {"", "1", "dimensionless"}:
        return ""
    counted = {"cell": "cells", "G": "10⁹"}
    measured = {"uL": "µL"}
    first, *rest = (part.strip() for part in unit.replace("^2", "²").split("/"))
    return "/".join((counted.get(first, first), *(measured.get(part, part) for part in rest)))


def with_unit(name: str, unit: str) -> str:
    """Return a name with its unit behind it; the name alone of a pure number."""
    said = unit_words(unit)
    return f"{name}, {said}" if said else name


def listed(names: Sequence[str]) -> str:
    """Return names as a list with ``and``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
