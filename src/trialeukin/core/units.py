"""Physical units, used at the edges only: inside the engine every number is plain.

International units are not a physical unit here. What an IU weighs depends on the
product, so a conversion lives with the product (`trialeukin.regimen.products`).
"""

from functools import cache

import pint

from trialeukin.core.errors import UnitError

DEFINITIONS = (
    *("femto- = 1e-15 = f-", "pico- = 1e-12 = p-", "nano- = 1e-9 = n-", "micro- = 1e-6 = µ- = μ- = u-"),
    *("milli- = 1e-3 = m-", "centi- = 1e-2 = c-", "deci- = 1e-1 = d-", "kilo- = 1e3 = k-", "mega- = 1e6 = M-"),
    "giga- = 1e9 = G-",
    *("meter = [length] = m = metre", "second = [time] = s", "gram = [mass] = g", "mole = [substance] = mol"),
    *("minute = 60 * second = min", "hour = 60 * minute = h", "day = 24 * hour = d", "week = 7 * day"),
    *("year = 365.25 * day", "month = year / 12"),
    *("liter = decimeter ** 3 = L = l = litre", "percent = 0.01"),
    *("cell = [cell]", "CD3 = cell", "NK = cell"),  # what donor lymphocytes and infusions of NK cells are counted in
    "G = 1e9 * cell",  # blood counts are written in G/L
    *("IU = [activity]", "MIU = 1e6 * IU"),
)
DIMENSIONLESS = ("", "1")


@cache
def registry() -> pint.UnitRegistry[float]:
    """Return the registry all units come from: those of `DEFINITIONS` alone.

    Pint's own list takes a third of a second to read, and knows a G that is a gauss.
    """
    units: pint.UnitRegistry[float] = pint.UnitRegistry(None)
    units.load_definitions(DEFINITIONS)
    return units


@cache
def unit(text: str) -> pint.Unit:
    """Return the unit that a text such as ``"pmol/L"`` names; ``"1"`` is dimensionless.

    Raises
    ------
    UnitError
        When the text names no unit.
    """
    try:
        return registry().Unit("dimensionless" if text in DIMENSIONLESS else text)
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, ValueError, TypeError) as fault:
        message = f"unknown unit {text!r}: write units such as 'pmol/L', '1/day', 'cell/uL' or '1'"
        raise UnitError(message) from fault


def convert(value: float, source: str, target: str) -> float:
    """Return a value given in unit ``source`` in unit ``target``.

    Raises
    ------
    UnitError
        When the two units measure different things.
    """
    try:
        return float(registry().Quantity(value, unit(source)).to(unit(target)).magnitude)
    except pint.DimensionalityError as fault:
        given = f"{value:g} {source}" if source not in DIMENSIONLESS else f"{value:g} without a unit"
        message = f"{given} cannot be given in {target}: they measure different things"
        raise UnitError(message) from fault


def same_dimension(first: str, second: str) -> bool:
    """Say whether two units measure the same thing."""
    return bool(unit(first).dimensionality == unit(second).dimensionality)
