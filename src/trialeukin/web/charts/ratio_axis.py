"""The level axis of ratios that plots of a pool share, and a line across it."""

from typing import Any

import numpy as np

from trialeukin.report.forest_figure import TICKS
from trialeukin.report.palette import Colour
from trialeukin.web.charts.chart import token


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
    line = {"color": token(Colour.MUTED), "width": 1, "dash": "dash"}
    return {"type": "line", "x0": ratio, "x1": ratio, "yref": "paper", "y0": 0, "y1": 1, "line": line, "layer": "below"}
