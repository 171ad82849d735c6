"""Predicted over observed, one line a case, for the page of the documentation."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from trialeukin.inference.case import Bound, Use
from trialeukin.inference.prediction import Prediction
from trialeukin.inference.score import TWO_FOLD, meets, ratio

MARKS = {Use.FITTED: ("o", "#1b4f72"), Use.HELD_OUT: ("D", "#b9770e"), Use.UNUSED: ("X", "#7b7d7d")}
LIMITS = {Bound.AT_LEAST: ">", Bound.AT_MOST: "<"}
LOW, HIGH = 0.01, 20.0
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


def figure(predictions: Sequence[Prediction]) -> Figure:
    """Return the figure; cases in percent are left out, they are compared in points."""
    mpl.rcParams.update({"svg.hashsalt": "trialeukin", "svg.fonttype": "none"})
    shown = [each for use in Use for each in predictions if each.case.use is use and not each.case.in_points]
    drawing = Figure(figsize=(7.2, 0.19 * len(shown) + 1.2), layout="constrained")
    axes = drawing.add_subplot()
    axes.axvspan(1.0 / TWO_FOLD, TWO_FOLD, color="#eaecee", zorder=0)
    axes.axvline(1.0, color="#2c3e50", linewidth=0.8)
    for place, each in enumerate(shown):
        case = each.case
        marker, colour = MARKS[case.use]
        ends = np.clip(np.array([each.low, each.high]) / case.value, LOW, HIGH)
        axes.plot(ends, [place, place], color=colour, linewidth=0.8, zorder=2)
        face = colour if meets(each) else "white"
        axes.plot(ratio(each), place, LIMITS.get(case.bound, marker), color=colour, markerfacecolor=face, markersize=5)
    for use, (marker, colour) in MARKS.items():
        axes.plot([], [], marker, color=colour, label=use.value)
    axes.set_yticks(range(len(shown)), [each.case.name.replace("_", " ") for each in shown], fontsize=6.5)
    axes.set_xscale("log")
    axes.set_xlim(LOW, HIGH)
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.set_xlabel("predicted over observed (line: 95 % interval)")
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return drawing
