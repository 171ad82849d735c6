"""The axis of ratios that charts share, and the line of no effect across it."""

from typing import Any

import numpy as np

from trialeukin.report.forest_figure import TICKS
from trialeukin.report.palette import Colour
from trialeukin.web.charts.chart import token

NO_EFFECT: dict[str, Any] = {"color": token(Colour.MUTED), "width": 1, "dash": "dash"}
"""How the line of no effect is drawn."""


def ratio_axis(low: float, high: float, title: str) -> dict[str, Any]:
    """Return a logarithmic axis from ratio to ratio with the marks that people read."""
    shown = [tick for tick in TICKS if low <= tick <= high]
    return {
        "type": "log",
        "range": [float(np.log10(low)), float(np.log10(high))],
        "tickvals": shown,
        "ticktext": [f"{tick:g}" for tick in shown],
        "title": {"text": title},
    }


def upright(ratio: float) -> dict[str, Any]:
    """Return a dashed line over the whole height, such as that of no effect."""
    at = {"type": "line", "x0": ratio, "x1": ratio, "yref": "paper", "y0": 0, "y1": 1}
    return at | {"line": NO_EFFECT, "layer": "below"}


def across(height: float, line: dict[str, Any]) -> dict[str, Any]:
    """Return a line over the whole width."""
    at = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height}
    return at | {"line": line, "layer": "below"}
