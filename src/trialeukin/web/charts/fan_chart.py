"""Fans of patients over time, as the printed ones have them: the median, the middle half and nine in ten."""

from typing import Any

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.report.curve import moved_apart
from trialeukin.report.fan_figure import FanOfArm, Panel, Ruler, Zone
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import shortly
from trialeukin.web.charts.chart import Chart, Trace, logarithmic, numbers, token

BANDS = ((0, 4, 0.14, "nine in ten"), (1, 3, 0.28, "middle half"))
ROWS = 9
INNER, LINE = 220.0, 14.0  # px of the axes of a figure of usual height, and of a line of text


def fan_chart(words: Words, panel: Panel, time_label: str) -> Chart:
    """Return one pair of axes with a fan an arm; a fan of one row is a single course, drawn dashed.

    Where several arms stand together, only the middle half of each is shaded, and single courses go unnamed.
    """
    several = sum(len(fan.quantiles) > 1 for fan in panel.fans) > 1
    traces = [trace for fan in panel.fans for trace in _traces(fan, several=several)]
    return Chart(
        words=words,
        traces=tuple(traces),
        layout={
            "xaxis": {"title": {"text": time_label}},
            "yaxis": _vertical(panel),
            "shapes": [_area(zone) for zone in panel.zones],
            "annotations": _names(panel),
            "showlegend": len(panel.fans) > 1,
            "legend": {"traceorder": "normal"},  # filled traces are listed from the last to the first otherwise
            "margin": {"r": 74 if panel.zones else 14},
        },
        table=_table(panel, time_label),
    )


def _traces(fan: FanOfArm, *, several: bool) -> list[Trace]:
    times = numbers(fan.times)
    if len(fan.quantiles) == 1:
        line = {"color": token(fan.colour), "width": 1.6, "dash": "dot"}
        return [{**_line(fan.label, times, fan.quantiles[0], line), "showlegend": not several}]
    traces: list[Trace] = []
    for low, high, opacity, share in BANDS[1:] if several else BANDS:
        edge = {"x": times, "mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
        fill = {"fill": "tonexty", "fillcolor": token(fan.colour, opacity), "name": f"{fan.label}, {share}"}
        traces.append({**edge, "y": numbers(fan.quantiles[low])})
        traces.append({**edge, **fill, "y": numbers(fan.quantiles[high])})
    return [*traces, _line(fan.label, times, fan.quantiles[2], {"color": token(fan.colour), "width": 2})]


def _line(label: str, times: list[float], values: Floats, line: dict[str, Any]) -> Trace:
    return {"x": times, "y": numbers(values), "mode": "lines", "name": label, "line": line}


def _vertical(panel: Panel) -> dict[str, Any]:
    if panel.ruler is Ruler.LINEAR:
        limits = {} if panel.low is None else {"rangemode": "tozero"}
        return {"title": {"text": ""}, **limits}
    return logarithmic(_least(panel), _most(panel), floor=panel.floor)


def _least(panel: Panel) -> float:
    return panel.low or min(float(np.nanmin(fan.quantiles)) for fan in panel.fans)


def _most(panel: Panel) -> float:
    return panel.high or max(float(np.nanmax(fan.quantiles)) for fan in panel.fans)


def _area(zone: Zone) -> dict[str, Any]:
    sides = {"xref": "paper", "x0": 0, "x1": 1, "y0": zone.low, "y1": zone.high}
    return {"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": token(zone.colour, 0.2), **sides}


def _names(panel: Panel) -> list[dict[str, Any]]:
    """Return the names of zones, right of the middle of what is seen of them, moved apart where zones overlap."""
    low, high = _scaled(_least(panel), panel.ruler), _scaled(_most(panel), panel.ruler)
    seen = [
        (max(_scaled(zone.low, panel.ruler), low), min(_scaled(zone.high, panel.ruler), high), zone)
        for zone in panel.zones
    ]
    middles = sorted(
        ((0.5 * (bottom + top), zone) for bottom, top, zone in seen if bottom < top), key=lambda each: each[0]
    )
    wished = [INNER * (middle - low) / (high - low) for middle, _ in middles]
    placed = moved_apart(wished, [LINE] * len(middles))
    moves = (at - wish for at, wish in zip(placed, wished, strict=True))
    return [_name(zone, middle, up) for (middle, zone), up in zip(middles, moves, strict=True)]


def _scaled(value: float, ruler: Ruler) -> float:
    """Return a height as Plotly's annotations take it: in powers of ten on a logarithmic axis."""
    return float(np.log10(value)) if ruler is Ruler.LOGARITHMIC else value


def _name(zone: Zone, middle: float, up: float) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 1.01,
        "xanchor": "left",
        "y": middle,
        "yshift": up,
        "text": zone.label,
        "showarrow": False,
        "font": {"color": token(zone.colour), "size": 12},
    }


def _table(panel: Panel, time_label: str) -> Table:
    longest = max(panel.fans, key=lambda fan: fan.times[-1])
    shown = np.unique(np.linspace(0, len(longest.times) - 1, ROWS).astype(int))
    rows = []
    for time in longest.times[shown]:
        at = [int(np.argmin(np.abs(fan.times - time))) for fan in panel.fans]
        cells = [_cell(fan.quantiles[:, place]) for fan, place in zip(panel.fans, at, strict=True)]
        rows.append((f"{time:.4g}", *cells))
    return Table(
        caption=f"{panel.title}: median (5th to 95th percentile)",
        head=(time_label, *(fan.label for fan in panel.fans)),
        rows=tuple(rows),
    )


def _cell(levels: Floats) -> str:
    middle = levels[len(levels) // 2]
    if not np.isfinite(middle):
        return "–"
    if len(levels) == 1:
        return shortly(middle)
    return f"{shortly(middle)} ({shortly(levels[0])} to {shortly(levels[-1])})"
