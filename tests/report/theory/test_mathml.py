"""Mathematics for a page: each model's expressions and each docstring's formulae can be set, and say what they are."""

import re
from xml.etree import ElementTree

import pytest
import sympy

from trialeukin.model.component import Component
from trialeukin.model.named import all_names, components_of
from trialeukin.report.theory.equation_table import equation_groups
from trialeukin.report.theory.latex_mathml import latex_to_mathml
from trialeukin.report.theory.mathml import mathml
from trialeukin.report.theory.prose_html import prose_html

a, b, c = sympy.symbols("a b c", positive=True)
EVERY = {type(each).__name__: each for name in all_names() for each in components_of(name)}


def plain(text: str) -> str:
    """Return MathML as a line of text, fractions with a stroke."""
    return _said(ElementTree.fromstring(f"<math>{text}</math>"))


def _said(node: ElementTree.Element) -> str:
    parts = [_said(child) for child in node]
    match node.tag:
        case "mfrac":
            return f"[{parts[0]} / {parts[1]}]"
        case "msup":
            return f"{parts[0]}^{parts[1]}"
        case "msub":
            return f"{parts[0]}_{parts[1]}"
        case "msqrt":
            return f"sqrt({''.join(parts)})"
        case _:
            return (node.text or "") + "".join(parts)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (a + b - c, "a+b−c"),
        (-a + b, "b−a"),
        (-a * b, "−a⋅b"),
        (a * (b + c), "a⋅(b+c)"),
        (a * (b - c), "a⋅(b−c)"),
        (-a * (b - c), "−a⋅(b−c)"),
        (a / (b + c), "[a / b+c]"),
        (a**2, "a^2"),
        ((a + b) ** 2, "(a+b)^2"),
        (1 / a, "[1 / a]"),
        (a ** sympy.Rational(1, 2), "sqrt(a)"),
        (sympy.Rational(1, 3), "[1 / 3]"),
        (-2 * a, "−2⋅a"),
        (sympy.exp(-a), "exp(−a)"),
        (sympy.log(a) * b, "b⋅ln(a)"),
        (sympy.Min(1, a), "min(1,a)"),
        (sympy.Float(0.25) * a, "0.25⋅a"),
        (a * sympy.exp(-b) / c, "[a⋅exp(−b) / c]"),
    ],
)
def test_an_expression_is_set_as_it_is_read(expression: sympy.Expr, said: str) -> None:
    assert plain(mathml(expression)) == said


@pytest.mark.parametrize("component", EVERY.values(), ids=EVERY)
def test_every_expression_of_every_component_is_well_formed(component: Component) -> None:
    for group in equation_groups(component.piece()):
        for line in group.lines:
            ElementTree.fromstring(f"<math>{line.left}{line.right}</math>")


@pytest.mark.parametrize("component", EVERY.values(), ids=EVERY)
def test_every_symbol_of_an_equation_is_on_the_page(component: Component) -> None:
    piece = component.piece()
    shown = " ".join(plain(line.right) for group in equation_groups(piece) for line in group.lines).lower()
    symbols = {str(each) for term in piece.terms for each in sympy.sympify(term.rate).free_symbols}

    missing = {each for each in symbols if re.sub(r"[_-]", "", each) not in re.sub(r"[ -]", "", shown)}

    assert missing == set()


@pytest.mark.parametrize("component", EVERY.values(), ids=EVERY)
def test_every_docstring_can_be_set_and_is_well_formed(component: Component) -> None:
    html = prose_html(component)

    ElementTree.fromstring(f"<div>{html}</div>")
    assert "$" not in html
    assert "\\" not in html


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\frac{dX}{dt} = k_X (1 - X)", "[dX / dt]=k_X(1−X)"),
        (r"-\ln(1 - \text{share who die})", "−ln(1−share\N{NO-BREAK SPACE}who\N{NO-BREAK SPACE}die)"),
        (r"d^{\,p}", "d^p"),
        (r"\mathrel{+}= \tau", "+=τ"),
    ],
)
def test_a_formula_is_set_as_it_is_read(latex: str, said: str) -> None:
    assert plain(latex_to_mathml(latex)) == said


def test_lines_are_aligned_at_their_marks() -> None:
    found = latex_to_mathml("\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}")

    assert found.count("<mtr>") == 2
    assert found.count('class="left"') == 2


def test_choices_stand_behind_a_brace() -> None:
    found = latex_to_mathml("x = \\begin{cases} 1 & t < 2 \\\\ 0 & t \\ge 2 \\end{cases}")

    assert plain(found) == "x={1t<20t≥2"
    assert found.count("<mtr>") == 2


def test_a_command_that_is_not_known_is_named() -> None:
    with pytest.raises(ValueError, match=r"no MathML is known of \\oint"):
        latex_to_mathml(r"\oint x")
