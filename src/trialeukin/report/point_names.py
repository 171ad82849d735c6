"""Names of points, each near its own and on no other."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from trialeukin.core.arrays import Floats
from trialeukin.report.palette import Colour
from trialeukin.report.printed_figure import TEXT_SIZE

MARK = 4.0  # half the side of the square that a mark takes, in points
REACHES = tuple(7.0 + 8.0 * step for step in range(16))  # points from a mark to its name, the nearest first
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
FAR = 12.0
LINE = {"arrowstyle": "-", "color": Colour.MUTED.light, "linewidth": 0.6, "shrinkA": 0.0, "shrinkB": 3.0}
ACROSS: Mapping[int, Literal["left", "center", "right"]] = {1: "left", 0: "center", -1: "right"}
UP: Mapping[int, Literal["bottom", "center", "top"]] = {1: "bottom", 0: "center", -1: "top"}


def name_points(axes: Axes, labels: tuple[str, ...], points: Floats) -> None:
    """Write every name as near to its point as it stands on no point and on no other name.

    A name that had to go farther than beside its point is joined to it by a thin line; axes have their limits already.

    Parameters
    ----------
    labels : tuple of k str
        Names.
    points : (k, 2), units of the axes
        What they name.
    """
    figure = axes.figure
    if not isinstance(figure, Figure):
        raise TypeError("names stand in the axes of a whole figure")
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    inside = axes.get_window_extent(renderer)
    marks = axes.transData.transform(points)
    taken = [Bbox.from_extents(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in marks]
    for label, (x, y) in zip(labels, points, strict=True):
        at = (float(x), float(y))
        name = axes.annotate(label, at, (0.0, 0.0), textcoords="offset points", fontsize=TEXT_SIZE - 1.0, zorder=5)
        taken.append(_settled(name, renderer, inside, taken))
        if np.hypot(*name.get_position()) > FAR:
            axes.annotate("", at, name.get_position(), textcoords="offset points", arrowprops=LINE)


def _settled(name: Annotation, renderer: RendererAgg, inside: Bbox, taken: Sequence[Bbox]) -> Bbox:
    """Move a name to the first place that is free and return what it takes; the last that was tried if none is."""
    box = inside
    for reach in REACHES:
        for across, up in SIDES:
            name.set_horizontalalignment(ACROSS[across])
            name.set_verticalalignment(UP[up])
            name.set_position((reach * across, reach * up))
            box = name.get_window_extent(renderer)
            if _within(box, inside) and not any(box.overlaps(other) for other in taken):
                return box
    return box


def _within(box: Bbox, inside: Bbox) -> bool:
    return bool(
        np.all(np.asarray(box.min) >= np.asarray(inside.min)) and np.all(np.asarray(box.max) <= np.asarray(inside.max))
    )
