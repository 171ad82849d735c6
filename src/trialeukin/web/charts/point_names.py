"""The names of points, placed so that on a phone, and the more on a desk, none stands on another or on a point."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.report.palette import Colour
from trialeukin.web.charts.chart import numbers, token

INNER = (286.0, 300.0)  # px that the axes of a figure of 360 px have on a phone of 390 px
SIZE, LETTER, LINE = 11, 7.2, 14.0  # px of the type, of the widest of its letters in common use and of a line
MARK = 5.0  # px from a point's middle to its edge
REACHES = (8.0, 18.0, 30.0, 44.0, 60.0, 80.0)  # px from a point to its name; from the second on a line joins them
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
ACROSS, UP = {1: "left", 0: "center", -1: "right"}, {1: "bottom", 0: "middle", -1: "top"}
Box = tuple[float, float, float, float]
NO_LINES: Floats = np.empty((0, 4))


def marks(labels: tuple[str, ...], at: tuple[Floats, Floats], told: str) -> dict[str, Any]:
    """Return a trace of k points, each a trial, that says something where a pointer or finger rests on one."""
    return {
        "x": numbers(at[0]),
        "y": numbers(at[1]),
        "text": list(labels),
        "mode": "markers",
        "marker": {"color": token(Colour.PUBLISHED), "size": 8},
        "hovertemplate": f"%{{text}}: {told}<extra></extra>",
        "cliponaxis": False,
    }


def names(labels: tuple[str, ...], at: Floats, points: Floats, lines: Floats = NO_LINES) -> list[dict[str, Any]]:
    """Return Plotly's annotations that name points.

    Parameters
    ----------
    labels : tuple of k str
        Names.
    at : (k, 2)
        Points as annotations have them: on a logarithmic axis, powers of ten.
    points : (k, 2), 1
        The same as parts of the axes from 0 to 1, left to right and upwards.
    lines : (m, 4), 1
        What is drawn besides, such as intervals, as (left, low, right, high): names keep off them where there is room.
    """
    drawn = (lines * np.array((*INNER, *INNER))).tolist()
    boxes = [(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in (points * np.array(INNER)).tolist()]
    taken: list[Box] = list(boxes)
    found = []
    for label, (x, y), mark in zip(labels, at.tolist(), boxes, strict=True):
        tries = list(_tries(label, mark))
        room = [each for each in tries if _free(each[2], taken)] or tries[:1]
        reach, side, box = next((each for each in room if _free(each[2], drawn)), room[0])
        taken.append(box)
        found.append({"x": x, "y": y, "text": label, "font": {"size": SIZE}} | _placed(reach, side))
    return found


def _tries(label: str, mark: Box) -> Iterator[tuple[float, tuple[int, int], Box]]:
    """Yield places for a name, the nearest first: how far, on which side, and what it takes."""
    x, y, wide = (mark[0] + mark[2]) / 2.0, (mark[1] + mark[3]) / 2.0, LETTER * len(label)
    for reach in REACHES:
        for across, up in SIDES:
            left = x + reach * across - wide * (1 - across) / 2.0
            low = y + reach * up - LINE * (1 - up) / 2.0
            yield reach, (across, up), (left, low, left + wide, low + LINE)


def _placed(reach: float, side: tuple[int, int]) -> dict[str, Any]:
    across, up = side
    anchors = {"xanchor": ACROSS[across], "yanchor": UP[up]}
    if reach == REACHES[0]:
        return anchors | {"showarrow": False, "xshift": reach * across, "yshift": reach * up, "borderpad": 0}
    line = {"arrowhead": 0, "arrowwidth": 0.7, "arrowcolor": token(Colour.MUTED), "standoff": MARK}
    return anchors | line | {"showarrow": True, "ax": reach * across, "ay": -reach * up, "borderpad": 0}


def _free(box: Box, taken: Sequence[Sequence[float]]) -> bool:
    inside = box[0] >= 0.0 and box[1] >= 0.0 and box[2] <= INNER[0] and box[3] <= INNER[1]
    return inside and not any(overlap(box, other) for other in taken)


def overlap(one: Sequence[float], other: Sequence[float]) -> bool:
    """Say whether two boxes, (left, low, right, high), share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
