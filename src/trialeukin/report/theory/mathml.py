"""Expressions as MathML, every symbol in words; a browser sets it without a script, a style or a font of its own."""

from collections.abc import Sequence
from html import escape

import sympy

from trialeukin.report.wording import words

TIMES, MINUS, PLUS = "<mo>⋅</mo>", "<mo>−</mo>", "<mo>+</mo>"
NO_BREAK = "\N{NO-BREAK SPACE}"
FUNCTIONS = {"exp": "exp", "log": "ln", "Min": "min", "Max": "max", "Abs": "abs"}
RELATIONS = {
    sympy.StrictLessThan: "<",
    sympy.LessThan: "≤",
    sympy.StrictGreaterThan: ">",
    sympy.GreaterThan: "≥",
}


def mathml(expression: sympy.Expr) -> str:
    """Return an expression as MathML that may stand inside a ``math`` element.

    Raises
    ------
    ValueError
        When it holds a kind of node that no model has yet.
    """
    return _written(sympy.sympify(expression))


def name(symbol: str) -> str:
    """Return the name of a quantity as MathML."""
    return f"<mi>{escape(words(symbol))}</mi>"


def rate_of(state: str) -> str:
    """Return the rate of change of a state as MathML."""
    return f"<mfrac><mi>d</mi><mrow><mi>d</mi><mi>t</mi></mrow></mfrac><mspace width='0.2em'/>{name(state)}"


def spoken(text: str) -> str:
    """Return words as MathML, their spaces kept."""
    return f"<mtext>{escape(text).replace(' ', NO_BREAK)}</mtext>"


def _written(node: sympy.Basic) -> str:
    if node.is_Symbol:
        return name(str(node))
    if node.is_Number:
        return _number(node)
    if node.is_Add:
        return _sum(node.as_ordered_terms())
    if node.is_Mul:
        return _product(node)
    if node.is_Pow and node.func.__name__ != "exp":
        return _power(node)
    return _other(node)


def _number(node: sympy.Number) -> str:
    if node.is_negative:
        return f"<mrow>{MINUS}{_number(-node)}</mrow>"
    if node.is_Rational and not node.is_Integer:
        return f"<mfrac><mn>{node.p}</mn><mn>{node.q}</mn></mfrac>"
    return f"<mn>{int(node) if node.is_Integer else format(float(node), '.6g')}</mn>"


def _sum(terms: Sequence[sympy.Expr]) -> str:
    parts = []
    positive_first = sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))
    for place, term in enumerate(positive_first):
        minus = term.could_extract_minus_sign()
        sign = MINUS if minus else (PLUS if place else "")
        parts.append(sign + _written(-term if minus else term))
    return f"<mrow>{''.join(parts)}</mrow>"


def _product(node: sympy.Mul) -> str:
    if node.could_extract_minus_sign():
        return f"<mrow>{MINUS}{_as_factor(-node, alone=True)}</mrow>"
    above, below = sympy.fraction(node, exact=True)
    if below == 1:
        return f"<mrow>{TIMES.join(_as_factor(each) for each in above.as_ordered_factors())}</mrow>"
    return f"<mfrac>{_written(above)}{_written(below)}</mfrac>"


def _as_factor(node: sympy.Expr, *, alone: bool = False) -> str:
    bare = node.is_Symbol or node.is_Pow or (node.is_Number and not node.is_negative) or (alone and not node.is_Add)
    return _written(node) if bare or node.is_Function else _fenced(_written(node))


def _power(node: sympy.Pow) -> str:
    base, exponent = node.as_base_exp()
    if exponent.could_extract_minus_sign():
        return f"<mfrac><mn>1</mn>{_written(base**-exponent)}</mfrac>"
    if exponent == sympy.S.Half:
        return f"<msqrt>{_written(base)}</msqrt>"
    below = _written(base) if base.is_Symbol or (base.is_Integer and base >= 0) else _fenced(_written(base))
    return f"<msup>{below}<mrow>{_written(exponent)}</mrow></msup>"


def _other(node: sympy.Basic) -> str:
    if type(node) in RELATIONS:
        left, right = map(_written, node.args)
        return f"<mrow>{left}<mo>{escape(RELATIONS[type(node)])}</mo>{right}</mrow>"
    if isinstance(node, sympy.Piecewise):
        rows = "".join(
            f"<mtr><mtd>{_written(value)}</mtd><mtd>{_condition(when)}</mtd></mtr>" for value, when in node.args
        )
        return f"<mrow><mo>{{</mo><mtable>{rows}</mtable></mrow>"
    called = FUNCTIONS.get(node.func.__name__)
    if called is None:
        raise ValueError(f"no MathML is known of {node.func.__name__} in {node}")
    return f"<mrow><mi>{called}</mi>{_fenced('<mo>,</mo>'.join(map(_written, node.args)))}</mrow>"


def _condition(when: sympy.Basic) -> str:
    return spoken("otherwise") if when == sympy.true else f"<mrow>{spoken('if ')}{_written(when)}</mrow>"


def _fenced(inside: str) -> str:
    return f"<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>"
