"""Predicted against observed: one mark a case, its interval as a line, the yardstick as a band."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialeukin.inference.case import Bound, Use
from trialeukin.inference.prediction import Prediction
from trialeukin.inference.score import POINTS, TWO_FOLD, meets
from trialeukin.report.case_words import gap
from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Words, picture, sheet
from trialeukin.report.table import Table

MARKS = {
    Use.FITTED: ("o", Colour.ARM_1),
    Use.HELD_OUT: ("D", Colour.ARM_2),
    Use.UNUSED: ("s", Colour.MUTED),
    Use.OWN: ("*", Colour.ARM_3),
}
LIMITS = {Bound.AT_LEAST: "^", Bound.AT_MOST: "v"}
WIDER = 1.6  # factor of room beyond the extreme marks


def observed_figure(words: Words, predictions: Sequence[Prediction], table: Table) -> Picture:
    """Return predicted against observed; on log scales, or 0 to 100 where all are in percent.

    Filled marks meet their yardstick, open ones miss it; a triangle points to the side that a limit allows.
    """
    in_points = all(each.case.in_points for each in predictions)

    def paint(screen: Screen) -> Figure:
        size = 460.0 if screen is Screen.DESK else 350.0
        page = sheet(screen, size)
        axes = page.axes(left=64.0, right=page.width - size + 24.0 if page.wide else 20.0, top=12.0, bottom=52.0)
        low, high = (0.0, 100.0) if in_points else _range(predictions)
        _band(axes, low, high, in_points=in_points)
        for each in predictions:
            _mark(axes, each, low, high)
        if not in_points:
            axes.set_xscale("log")
            axes.set_yscale("log")
        margin = 3.0 if in_points else 0.0
        axes.set_xlim(low - margin, high + margin)
        axes.set_ylim(low - margin, high + margin)
        unit = ", % of patients" if in_points else ", in the unit of each"
        axes.set_xlabel(f"observed{unit}")
        axes.set_ylabel(f"predicted{unit}")
        _legend(axes, predictions)
        if page.wide:
            _name_misses(axes, predictions)
        return page.figure

    return picture(words, paint, table)


def _legend(axes: Axes, predictions: Sequence[Prediction]) -> None:
    used = [use for use in MARKS if any(each.case.use is use for each in predictions)]
    for place, use in enumerate(used):
        marker, colour = MARKS[use]
        height = 0.95 - 0.055 * place
        axes.plot(0.05, height, marker=marker, color=colour.light, transform=axes.transAxes, clip_on=False)
        axes.text(0.08, height, use.value, transform=axes.transAxes, va="center", fontsize=SMALL_TEXT_SIZE)


def _name_misses(axes: Axes, predictions: Sequence[Prediction]) -> None:
    """Write beside the plot which cases are open marks, from the lowest observation up."""
    missed = sorted((each for each in predictions if not meets(each)), key=lambda each: each.case.value)
    for place, each in enumerate(missed):
        text = f"{each.case.name.replace('_', ' ')}: {gap(each)}"
        colour = MARKS[each.case.use][1].light
        axes.text(
            1.06, 0.95 - 0.055 * place, text, transform=axes.transAxes, va="center", fontsize=SMALL_TEXT_SIZE - 1.5,
            color=colour,
        )  # fmt: skip


def _range(predictions: Sequence[Prediction]) -> tuple[float, float]:
    marks = np.array([(each.case.value, each.value) for each in predictions]).ravel()
    seen = marks[np.isfinite(marks) & (marks > 0.0)]
    return float(seen.min() / WIDER), float(seen.max() * WIDER)


def _band(axes: Axes, low: float, high: float, *, in_points: bool) -> None:
    line = np.array([low, high])
    below, above = (line - POINTS, line + POINTS) if in_points else (line / TWO_FOLD, line * TWO_FOLD)
    axes.fill_between(line, below, above, color=Colour.GRID.light, linewidth=0.0, zorder=0)
    axes.plot(line, line, color=Colour.MUTED.light, linewidth=0.8, zorder=1)


def _mark(axes: Axes, prediction: Prediction, low: float, high: float) -> None:
    case = prediction.case
    marker, colour = MARKS[case.use]
    ends = np.clip([prediction.low, prediction.high], low, high)
    axes.plot([case.value, case.value], ends, color=colour.light, linewidth=0.8, zorder=2)
    face = colour.light if meets(prediction) else "none"
    axes.plot(
        case.value,
        prediction.value,
        LIMITS.get(case.bound, marker),
        markerfacecolor=face,
        markeredgecolor=colour.light,
        markersize=6.0,
        zorder=3,
    )
