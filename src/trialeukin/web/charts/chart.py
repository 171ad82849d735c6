"""A figure that the browser paints with Plotly, and what stands beside it: its words and its table.

A colour is written as a token, ``@arm-1`` or ``@arm-1/0.26`` with its opacity, which the page resolves for light, dark
and paper.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from trialeukin.core.arrays import Floats
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import power_of_ten

Trace = Mapping[str, Any]
DIGITS = 5
LEAST = 1e-300  # what is smaller is shown as nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One figure.

    Attributes
    ----------
    words : Words
        Its anchor, its title, what it shows for who does not see it, and its caption.
    traces : tuple of Trace
        What is drawn, as Plotly's schema has it.
    layout : mapping
        Axes and shapes, as Plotly's schema has it.
    table : Table
        What is drawn, in numbers.
    height : int, px
        How high it is drawn.
    below : Table or None
        A table that belongs under the figure, such as the patients at risk, and is always seen.
    """

    words: Words
    traces: tuple[Trace, ...]
    layout: Mapping[str, Any]
    table: Table
    height: int = 300
    below: Table | None = None

    def json(self) -> Markup:
        """Return the figure as JSON that may stand in a script element; what is not finite is null."""
        figure = {"data": self.traces, "layout": self.layout}
        try:
            text = _strictly(figure)
        except ValueError:  # something is not finite; to look at every number first takes as long as to write them
            text = _strictly(_plain(figure))
        return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def token(colour: Colour, opacity: float = 1.0) -> str:
    """Return a colour as a figure names it."""
    return f"@{colour.label}" if opacity == 1.0 else f"@{colour.label}/{opacity:g}"


def numbers(values: Floats) -> list[float]:
    """Return an array as plain numbers, rounded to what a screen shows."""
    plain = np.asarray(values, dtype=np.float64)
    size = np.log10(np.abs(plain), out=np.zeros_like(plain), where=np.isfinite(plain) & (np.abs(plain) > LEAST))
    digits = DIGITS - 1 - np.floor(size)
    up, down = 10.0 ** np.maximum(digits, 0.0), 10.0 ** np.maximum(-digits, 0.0)
    rounded: list[float] = (np.rint(plain * up / down) / up * down).tolist()
    return rounded


def logarithmic(low: float, high: float, *, floor: str = "") -> dict[str, Any]:
    """Return an axis divided by powers of ten, at most seven of them named.

    ``floor`` names the lowest, where that says more than its number. Plotly's own names of powers carry styles, which
    the pages' policy forbids.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    powers = range(first, last + 1, -(-(last - first) // 7) or 1)
    named = [_power(each) for each in powers]
    return {
        "type": "log",
        "range": [first, last],
        "tickvals": [10.0**each for each in powers],
        "ticktext": [floor or named[0], *named[1:]],
    }


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -3 <= exponent <= 4 else power_of_ten(exponent)


def numbers_or_none(values: Floats) -> list[float | None]:
    """Return an array as plain numbers; what is not finite is None."""
    return [value if math.isfinite(value) else None for value in numbers(values)]


def error_bars(above: Floats, below: Floats, colour: str, thickness: float) -> dict[str, Any]:
    """Return lines from points so far up and down, or right and left; none where that is not finite."""
    return {
        "type": "data",
        "symmetric": False,
        "array": numbers_or_none(above),
        "arrayminus": numbers_or_none(below),
        "color": colour,
        "thickness": thickness,
        "width": 0,
    }


def _strictly(figure: Any) -> str:
    return json.dumps(figure, allow_nan=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """Return a value with every number that is not finite made null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
