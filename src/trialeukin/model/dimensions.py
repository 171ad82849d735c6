"""Units of an expression, found by walking it, and the coherent units equations are checked in."""

import re
from collections.abc import Mapping
from functools import cache, reduce
from operator import mul

import pint
import sympy
from sympy.core.relational import Relational
from sympy.functions.elementary.miscellaneous import MinMaxBase
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from trialeukin.core.errors import ModelError
from trialeukin.core.units import registry, unit

COHERENT = {
    "[time]": "day",
    "[length]": "dm",
    "[mass]": "mg",
    "[substance]": "pmol",
    "[cell]": "cell",
    "[activity]": "IU",
}
PURE = (sympy.exp, sympy.log, sympy.tanh, sympy.sin, sympy.cos, sympy.erf)

Units = Mapping[sympy.Symbol, pint.Unit]


@cache
def coherent_factor(text: str) -> sympy.Rational:
    """Return how many coherent units (day, L, mg, pmol, cell) one unit of this name is.

    The factor is an exact decimal number, so that factors which belong together cancel.

    Raises
    ------
    ModelError
        When the unit measures something no model of ours has, such as a temperature.
    """
    one = registry().Quantity(1.0, unit(text))
    foreign = [name for name in one.dimensionality if name not in COHERENT]
    if foreign:
        raise ModelError(f"unit {text!r} measures {', '.join(foreign)}: equations have {', '.join(COHERENT)} only")
    powers = (unit(COHERENT[name]) ** exponent for name, exponent in one.dimensionality.items())
    factor = one.to(reduce(mul, powers, unit("1"))).magnitude
    return sympy.Rational(f"{factor:.14g}")


def unit_of(expression: sympy.Expr, units: Units) -> pint.Unit | None:
    """Return the unit of an expression, or None for a zero, which has every unit.

    Parameters
    ----------
    expression : sympy.Expr
        Numbers in it are dimensionless.
    units : mapping of symbol to unit
        The unit of every symbol in it.

    Raises
    ------
    ModelError
        When its parts do not fit together; the message shows the part and the units found.
    """
    match expression:
        case sympy.Symbol():
            return units[expression]
        case sympy.Number() | sympy.NumberSymbol():
            return None if expression.is_zero else unit("1")
        case sympy.Mul():
            return _product(expression, units)
        case sympy.Pow():
            return _power(expression, units)
        case sympy.Add() | MinMaxBase():
            return _common(expression, expression.args, units)
        case sympy.Piecewise():
            for _, condition in expression.args:
                _check_condition(condition, units)
            return _common(expression, tuple(value for value, _ in expression.args), units)
        case sympy.Abs():
            return unit_of(expression.args[0], units)
    if isinstance(expression, PURE):
        _check_pure(expression, expression.args[0], units)
        return unit("1")
    known = "sums, products, powers, Min, Max, Abs, Piecewise, exp, log, tanh, sin, cos, erf"
    raise ModelError(f"{expression}: no unit is known for {type(expression).__name__}; use {known}")


def fits(found: pint.Unit | None, wanted: pint.Unit) -> bool:
    """Say whether a unit found measures what is wanted; a zero fits everywhere."""
    return found is None or bool(found.dimensionality == wanted.dimensionality)


def written(found: pint.Unit | None) -> str:
    """Return a unit as a message shows it, such as ``pmol/L/day``."""
    if found is None:
        return "any unit"
    short = re.sub(r"\b([mun]?)l\b", r"\1L", f"{found:~C}").replace("**", "")
    return re.sub(r"\bd\b", "day", short) or "1"


def _product(expression: sympy.Mul, units: Units) -> pint.Unit | None:
    factors = [unit_of(factor, units) for factor in expression.args]
    if any(factor is None for factor in factors):
        return None
    return reduce(mul, factors)


def _power(expression: sympy.Pow, units: Units) -> pint.Unit | None:
    base, exponent = expression.args
    _check_pure(expression, exponent, units)
    found = unit_of(base, units)
    if found is None or found.dimensionless:
        return found if found is None else unit("1")
    if not exponent.is_Rational:
        raise ModelError(f"{expression}: {base} is in {written(found)}, so its exponent must be a plain fraction")
    return registry().Unit(found ** (int(exponent) if exponent.is_Integer else float(exponent)))


def _common(whole: sympy.Expr, parts: tuple[sympy.Expr, ...], units: Units) -> pint.Unit | None:
    first: tuple[sympy.Expr, pint.Unit] | None = None
    for part in parts:
        found = unit_of(part, units)
        if found is None:
            continue
        if first is None:
            first = (part, found)
        elif not fits(found, first[1]):
            message = (
                f"{first[0]} is in {written(first[1])}, {part} in {written(found)}: only like can be added or compared"
            )
            raise ModelError(f"{whole}: {message}" if len(str(whole)) < 120 else message)
    return None if first is None else first[1]


def _check_pure(whole: sympy.Expr, argument: sympy.Expr, units: Units) -> None:
    found = unit_of(argument, units)
    if not fits(found, unit("1")):
        raise ModelError(
            f"{whole}: {argument} is in {written(found)}, where a plain number is needed; divide by a scale"
        )


def _check_condition(condition: sympy.Basic, units: Units) -> None:
    match condition:
        case BooleanAtom():
            return
        case Relational():
            _common(condition, condition.args, units)
        case BooleanFunction():
            for part in condition.args:
                _check_condition(part, units)
        case ExprCondPair() | _:
            raise ModelError(f"{condition}: not a comparison; write conditions such as x < y")
