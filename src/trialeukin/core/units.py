"""Physical units, used at the edges only: inside the engine every number is plain.

International units are not a physical unit here. What an IU weighs depends on the
product, so a conversion lives with the product (`trialeukin.regimen.products`).
"""

from functools import cache

import pint

from trialeukin.core.errors import UnitError

DEFINITIONS = (
    "cell = [cell]",
    "G = 1e9 * cell",  # blood counts are written in G/L; pint's G is the gauss
    "IU = [activity]",
    "MIU = 1e6 * IU",
    "CD3 = cell",  # what donor lymphocytes are counted in
    "percent = 0.01",
    "NK = cell",  # what infusions of NK cells are counted in
)
DIMENSIONLESS = ("", "1")


@cache
def registry() -> pint.UnitRegistry[float]:
    """Return the registry all units come from: SI, days, cells and activity."""
    units: pint.UnitRegistry[float] = pint.UnitRegistry(autoconvert_offset_to_baseunit=False)
    for definition in DEFINITIONS:
        units.define(definition)
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
