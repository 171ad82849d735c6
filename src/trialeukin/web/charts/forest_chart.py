"""A forest plot for a screen: a row a study, with what stands beside the pool in glyphs of its own."""

from textwrap import wrap
from typing import Any

import numpy as np

from trialeukin.report.forest_figure import FARTHEST, TICKS, Forest, ForestRow, RowKind
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.web.charts.chart import Chart, Trace, error_bars, numbers, token
from trialeukin.web.charts.ratio_axis import NO_EFFECT

HEIGHTS = (230, 300, 360, 460, 560, 680, 820, 980, 1140)  # px; the style sheets have these
ROW, EDGES = 60, 70  # px; a row has room for `LINES` of words above its glyph
LINES, LINE = 2, 16
WORDS_ABOVE = 0.2  # of a row, between its glyph and its words
WIDEST = 46  # characters of a line that a phone shows
NO_BREAK = "\N{NO-BREAK SPACE}"
SMALLEST, LARGEST = 6.0, 16.0
GLYPHS = {
    RowKind.STUDY: ("square", Colour.PUBLISHED),
    RowKind.PUBLISHED: ("diamond-tall", Colour.PUBLISHED),
    RowKind.SIMULATED: ("circle-open", Colour.ARM_2),
}
POOLS = frozenset({RowKind.SUBTOTAL, RowKind.TOTAL, RowKind.OTHER_CHOICE})
SAID = {
    RowKind.STUDY: "trial",
    RowKind.SUBTOTAL: "pool of a part",
    RowKind.TOTAL: "pool of the trials",
    RowKind.OTHER_CHOICE: "the pool under another choice",
    RowKind.PUBLISHED: "as printed",
    RowKind.SIMULATED: "simulated, in no pool of trials",
}


def forest_chart(forest: Forest, name: str) -> Chart:
    """Return the plot; its caption always has k, method and heterogeneity."""
    rows = [row for row in forest.rows if row.kind is not RowKind.HEADING]
    heaviest = max((row.weight or 0.0 for row in rows), default=0.0) or 1.0
    low, high = _span(forest)
    traces = [_trace(row, place, heaviest) for place, row in enumerate(rows)]
    total = next((place for place, row in enumerate(rows) if row.kind is RowKind.TOTAL), None)
    if forest.prediction is not None and total is not None:
        traces.append(_new_trials(forest.prediction, total))
    left, right = forest.better
    return Chart(
        words=Words(
            name=name,
            title=forest.title,
            description="; ".join(f"{row.label} {row.numbers}" for row in rows if row.kind in POOLS) + ".",
            caption=f"{left} left of one, {right} right of it. {'. '.join(map(_sentence, forest.foot))}.",
        ),
        traces=tuple(traces),
        layout={
            "hovermode": "closest",
            "showlegend": False,
            "xaxis": {
                "type": "log",
                "range": [float(np.log10(low)), float(np.log10(high))],
                "tickvals": [tick for tick in TICKS if low <= tick <= high],
                "ticktext": [f"{tick:g}" for tick in TICKS if low <= tick <= high],
                "title": {"text": f"hazard ratio (95 %); left of 1: {left}"},
            },
            "yaxis": {"visible": False, "range": [len(rows) - 0.45, -0.75], "fixedrange": True},
            "shapes": _lines(forest, rows),
            "annotations": [_label(row, place) for place, row in enumerate(rows)],
            "margin": {"l": 10},
        },
        table=_table(forest),
        height=_height(rows),
    )


def _height(rows: list[ForestRow]) -> int:
    most = max((len(_words(row)) for row in rows), default=0)
    needed = EDGES + len(rows) * (ROW + LINE * max(most - LINES, 0))
    return next((each for each in HEIGHTS if each >= needed), HEIGHTS[-1])


def _sentence(note: str) -> str:
    """Return a note as a sentence begins; k is a symbol."""
    return note if note.startswith("k = ") else f"{note[:1].upper()}{note[1:]}"


def _trace(row: ForestRow, place: int, heaviest: float) -> Trace:
    value, lower, upper = float(row.value or 1.0), float(row.lower or 1.0), float(row.upper or 1.0)
    said = {"name": row.label, "hovertemplate": f"{row.label}: {row.numbers}<extra>{SAID[row.kind]}</extra>"}
    if row.kind in POOLS:
        return {**said, **_diamond(row.kind, place, (lower, value, upper))}
    glyph, colour = GLYPHS[row.kind]
    share = ((row.weight or heaviest / 4.0) / heaviest) ** 0.5
    return said | {
        "x": numbers(np.array([value])),
        "y": [place],
        "mode": "markers",
        "marker": {"symbol": glyph, "size": SMALLEST + (LARGEST - SMALLEST) * share, "color": token(colour)},
        "error_x": error_bars(np.array([upper - value]), np.array([value - lower]), token(colour), 1.4),
    }


def _diamond(kind: RowKind, place: int, points: tuple[float, float, float]) -> Trace:
    lower, value, upper = points
    return {
        "x": numbers(np.array([lower, value, upper, value, lower])),
        "y": [place, place - 0.16, place, place + 0.16, place],
        "mode": "lines",
        "fill": "toself" if kind is not RowKind.OTHER_CHOICE else "none",
        "fillcolor": token(Colour.ARM_1),
        "line": {"color": token(Colour.ARM_1), "width": 1.5},
    }


def _new_trials(limits: tuple[float, float], place: int) -> Trace:
    low, high = limits
    return {
        "x": numbers(np.array(limits)),
        "y": [place + 0.2, place + 0.2],
        "mode": "lines",
        "line": {"color": token(Colour.ARM_1), "width": 4},
        "hovertemplate": f"95 % prediction interval: {low:.2f} to {high:.2f}<extra></extra>",
        "name": "prediction interval",
    }


def _lines(forest: Forest, rows: list[ForestRow]) -> list[dict[str, Any]]:
    """Return the line of no effect, and that of the ratio that is marked, through glyphs and not through words."""
    looks = {1.0: NO_EFFECT}
    if forest.mark is not None:
        looks[forest.mark] = {"color": token(Colour.ARM_2), "width": 1}
    starts = [place - WORDS_ABOVE for place in range(len(rows))]
    ends = [start + 1.0 - len(_words(row)) * LINE / ROW for start, row in zip(starts, rows[1:], strict=False)]
    return [
        {"type": "line", "x0": at, "x1": at, "y0": start, "y1": end, "line": line, "layer": "below"}
        for at, line in looks.items()
        for start, end in zip(starts, [*ends, len(rows) - 0.45], strict=True)
    ]


def _label(row: ForestRow, place: int) -> dict[str, Any]:
    """Return a row's words, above its glyph, so that a phone has room for both."""
    strong = row.kind in {RowKind.TOTAL, RowKind.SUBTOTAL}
    return {
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "y": place - WORDS_ABOVE,
        "yanchor": "bottom",
        "align": "left",
        "showarrow": False,
        "text": "<br>".join(_words(row)),
        "font": {
            "size": 12,
            "weight": 700 if strong else 400,
            "color": token(Colour.ARM_2 if row.kind is RowKind.SIMULATED else Colour.INK),
        },
    }


def _words(row: ForestRow) -> list[str]:
    """Return the lines of a row's words."""
    predicted = "predicted: " if row.kind is RowKind.SIMULATED else ""
    return wrap(f"{predicted}{row.label}: {row.numbers.replace(' ', NO_BREAK)}", WIDEST)


def _span(forest: Forest) -> tuple[float, float]:
    ends = [end for row in forest.rows for end in (row.lower, row.upper) if end is not None]
    near = [min(max(end, 1.0 / FARTHEST), FARTHEST) for end in (*ends, *(forest.prediction or ()))]
    return min([*near, 0.7]) / 1.08, max([*near, 1.4]) * 1.08


def _table(forest: Forest) -> Table:
    return Table(
        caption=f"{forest.title}: hazard ratio",
        head=("", "what it is", "estimate (95 %)", *forest.heads),
        rows=tuple((row.label, SAID.get(row.kind, ""), row.numbers, row.share, row.bias) for row in forest.rows),
        numeric=(False, False, True, True, False),
    )
