"""The diagram of a model as an element of a page: no style of its own, and colours that follow the page's theme."""

import re
from collections.abc import Sequence
from html import escape

import matplotlib as mpl

from trialeukin.model.component import Component
from trialeukin.report.palette import Colour, themed
from trialeukin.report.picture import svg_inside
from trialeukin.report.theory.diagram import diagram
from trialeukin.report.theory.influence import arrows_between
from trialeukin.report.theory.prose import title_of

STYLE = re.compile(r'style="([^"]*)"')
WHITE = "#ffffff"


def inline_diagram(components: Sequence[Component], title: str) -> str:
    """Return the diagram as SVG whose looks are attributes, as a policy without inline styles asks for."""
    with mpl.rc_context({"svg.hashsalt": title, "svg.fonttype": "path"}):
        box, inside = svg_inside(diagram(components, title))
    inside = STYLE.sub(lambda found: _attributes(found.group(1)), inside).replace("xlink:href", "href")
    inside = re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found.group()):.5g}", inside)
    width, height = box.split()[2:]
    return themed(
        f'<svg viewBox="{box}" width="{float(width):.0f}" height="{float(height):.0f}" role="img" '
        f'fill="{Colour.INK.light}" stroke-linejoin="round" stroke-linecap="butt" '
        f'aria-label="{escape(said(components))}">{inside}'
    ).replace(WHITE, "var(--paper,#ffffff)")


def acting(components: Sequence[Component]) -> tuple[tuple[str, str, str], ...]:
    """Return who acts on whom and how, as (source, target, how)."""
    titles = [title_of(component) for component in components]
    return tuple(
        (titles[each.source], titles[each.target], "passes over" if each.flow else "acts on")
        for each in arrows_between(components)
    )


def said(components: Sequence[Component]) -> str:
    """Return what the diagram shows for who does not see it."""
    arrows = arrows_between(components)
    flows = sum(each.flow for each in arrows)
    return f"{len(components)} components, {flows} flows and {len(arrows) - flows} effects; the table below has them."


def _attributes(style: str) -> str:
    pairs = (each.split(":", 1) for each in style.split(";") if ":" in each)
    return " ".join(f'{key.strip()}="{value.strip()}"' for key, value in pairs)
