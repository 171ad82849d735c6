"""What a component's docstring says, as HTML: paragraphs, code and mathematics."""

import re
from html import escape

from trialeukin.model.component import Component
from trialeukin.report.theory.latex_mathml import latex_to_mathml
from trialeukin.report.theory.prose import prose_of
from trialeukin.report.wording import words

PARTS = re.compile(r"(\$\$.*?\$\$|\$[^$]+\$|`[^`]+`)", re.DOTALL)
PLACE = re.compile(r"^trialeukin\.model\.(?:components|published)\.")


def prose_html(component: Component) -> str:
    """Return the docstring of a component as HTML without a style."""
    told = re.split(r"\n\s*\n", prose_of(component))
    return "".join(f"<p>{''.join(map(_part, PARTS.split(each)))}</p>" for each in told if each.strip())


def _part(part: str) -> str:
    if part.startswith("$$"):
        return f'<math display="block">{latex_to_mathml(part.strip("$"))}</math>'
    if part.startswith("$"):
        return f"<math>{latex_to_mathml(part.strip('$'))}</math>"
    if part.startswith("`"):
        return _code(part.strip("`"))
    return escape(part)


def _code(name: str) -> str:
    """Return a name of the program as code, and a place in it in words."""
    if PLACE.match(name):
        return escape(words(PLACE.sub("", name).split(".")[-1]))
    return f"<code>{escape(name)}</code>"
