"""Formulas as MathML, which browsers draw themselves: no script, no font and no LaTeX is needed."""

import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.nodes import get_node_source
from sphinx.writers.html5 import HTML5Translator

SPOKEN = (
    (re.compile(r"\\textit\{"), r"\\text{"),
    (re.compile(r"\\mathrel\{([+-])\}\s*="), r"\\text{ \1= }"),
    (re.compile(r"\\[Bb]igg?[lr]?(?![A-Za-z])"), ""),
)
"""What our formulas say in words that the translator does not know, and how it is told."""


class FormulaError(SphinxError):
    """A formula that could not be translated."""

    category = "formula"


def mathml(formula: str, *, block: bool) -> str:
    """Return a formula of LaTeX as MathML, in a line of its own or within the text."""
    told = formula.strip()
    for known, instead in SPOKEN:
        told = known.sub(instead, told)
    try:
        return str(tex2mathml(told, as_block=block))
    except MathError as fault:
        raise FormulaError(f"{fault}: write it otherwise, or teach docs/site/mathml.py: {formula}") from fault


def _within(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(_drawn(node, block=False))
    raise nodes.SkipNode


def _displayed(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(f'<div class="formula">{_drawn(node, block=True)}</div>\n')
    raise nodes.SkipNode


def _drawn(node: nodes.Element, *, block: bool) -> str:
    try:
        return mathml(node.astext(), block=block)
    except FormulaError as fault:
        raise FormulaError(f"{get_node_source(node)}: {fault}") from fault


def setup(app: Sphinx) -> dict[str, bool]:
    """Make MathML the way in which the site shows formulas."""
    app.add_html_math_renderer("mathml", inline_renderers=(_within, None), block_renderers=(_displayed, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
