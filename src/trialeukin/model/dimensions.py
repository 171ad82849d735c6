"""Units of expressions: every term is checked, and conversion factors are put where they are missing.

Parameters keep the unit their source prints (mL/min, 1/h, nmol/L). Walking an expression from
its leaves, each sum brings its parts to one unit and each function's argument to a pure number,
so the plain numbers that the engine computes with are right by construction.
"""

import operator
from collections.abc import Callable, Mapping
from functools import reduce

import pint
import sympy
from sympy.functions.elementary.piecewise import ExprCondPair, Piecewise

from trialeukin.core.errors import ModelError
from trialeukin.core.units import convert, same_dimension, unit

Units = Mapping[str, str]
Measured = tuple[sympy.Expr, str]

PURE = "1"
ROUNDING = 1e-12
KEEPING = (sympy.Max, sympy.Min, sympy.Abs)
PURE_FUNCTIONS = (sympy.exp, sympy.log, sympy.tanh, sympy.sin, sympy.cos)


def in_unit(expression: sympy.Expr, units: Units, target: str) -> sympy.Expr:
    """Return an expression whose value is in a unit, conversion factors put in.

    Parameters
    ----------
    expression : sympy.Expr
        In symbols whose units are known.
    units : mapping of str to str
        The unit of each symbol.
    target : str
        The unit wanted.

    Raises
    ------
    ModelError
        When a part, or the whole, measures something else.
    """
    return _converted(measured(expression, units), target, expression)


def measured(expression: sympy.Expr, units: Units) -> Measured:
    """Return an expression with conversion factors put in, and the unit of its value."""
    if expression.is_Symbol:
        return _symbol(expression, units)
    if expression.is_number:
        return expression, PURE
    for kind, measure in MEASURES:
        if isinstance(expression, kind):
            return measure(expression, units)
    raise ModelError(f"{expression}: units of {type(expression).__name__} are not known; write it with other functions")


def _symbol(expression: sympy.Expr, units: Units) -> Measured:
    name = str(expression)
    if name not in units:
        raise ModelError(f"unknown name {name!r}: no component brings a state, parameter, switch or definition of it")
    return expression, units[name]


def _sum(expression: sympy.Expr, units: Units) -> Measured:
    parts = [measured(argument, units) for argument in expression.args]
    target = parts[0][1]
    return expression.func(*(_converted(part, target, expression) for part in parts)), target


def _product(expression: sympy.Expr, units: Units) -> Measured:
    parts = [measured(argument, units) for argument in expression.args]
    product = reduce(operator.mul, (unit(part) for _, part in parts))
    return expression.func(*(part for part, _ in parts)), _named(product)


def _power(expression: sympy.Expr, units: Units) -> Measured:
    base, exponent = expression.args
    if exponent.is_number:
        value, base_unit = measured(base, units)
        return sympy.Pow(value, exponent), _named(unit(base_unit) ** float(exponent))
    return sympy.Pow(in_unit(base, units, PURE), in_unit(exponent, units, PURE)), PURE


def _pure_function(expression: sympy.Expr, units: Units) -> Measured:
    return expression.func(*(in_unit(argument, units, PURE) for argument in expression.args)), PURE


def _piecewise(expression: sympy.Expr, units: Units) -> Measured:
    target = measured(expression.args[0].expr, units)[1]
    pairs = [ExprCondPair(in_unit(pair.expr, units, target), _condition(pair.cond, units)) for pair in expression.args]
    return Piecewise(*pairs), target


def _condition(condition: sympy.Basic, units: Units) -> sympy.Basic:
    if condition in {sympy.true, sympy.false}:
        return condition
    if isinstance(condition, sympy.core.relational.Relational):
        left, left_unit = measured(condition.lhs, units)
        return condition.func(left, in_unit(condition.rhs, units, left_unit))
    return condition.func(*(_condition(part, units) for part in condition.args))


def _converted(value: Measured, target: str, whole: sympy.Expr) -> sympy.Expr:
    expression, found = value
    if expression == 0:
        return expression
    if not same_dimension(found, target):
        raise ModelError(f"{expression} is in {found}, not in {target}, in: {whole}")
    factor = convert(1.0, found, target)
    return expression if abs(factor - 1.0) < ROUNDING else sympy.Float(factor) * expression


def _named(product: pint.Unit) -> str:
    return PURE if product.dimensionless and convert(1.0, str(product), PURE) == 1.0 else str(product)


MEASURES: tuple[tuple[type | tuple[type, ...], Callable[[sympy.Expr, Units], Measured]], ...] = (
    (sympy.Add, _sum),
    (KEEPING, _sum),
    (sympy.Mul, _product),
    (sympy.Pow, _power),
    (Piecewise, _piecewise),
    (PURE_FUNCTIONS, _pure_function),
)
