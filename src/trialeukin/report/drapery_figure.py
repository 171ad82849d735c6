"""Drapery plot: p as a function of the effect, of every study, of their pool and of a new study."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import isotonic_regression

from trialeukin.core.arrays import Floats
from trialeukin.evidence.drapery import Drapery
from trialeukin.report.axes import NO_EFFECT
from trialeukin.report.framed_plot import framed, level_ratios
from trialeukin.report.palette import Colour
from trialeukin.report.point_names import LINE
from trialeukin.report.printed_figure import TEXT_SIZE

LEVEL = 0.05
APART, JOINT, GAP = 12.0, 14.0, 4.0  # points from name to name, from a tip up to a name, and left free
TICKS = (0.05, 0.2, 0.4, 0.6, 0.8, 1.0)


def drapery_figure(title: str, found: Drapery, foot: str) -> Figure:
    """Return the plot of log ratios as ratios.

    Parameters
    ----------
    title : str
        What was pooled.
    found : Drapery
        The curves.
    foot : str
        A line below: k, method and heterogeneity of the pool.
    """
    said = "blue: the pool; grey: trials; shaded: a new trial; where a curve crosses 0.05 its 95 % interval ends"
    sheet, axes = framed(title, (foot, said))
    ratios = np.exp(found.at)
    if found.new_study is not None:
        axes.fill_between(ratios, found.new_study, color=Colour.ARM_1.light, alpha=0.14, linewidth=0, gid="new trial")
    for label, curve in zip(found.labels, found.studies, strict=True):
        axes.plot(ratios, curve, color=Colour.MUTED.light, linewidth=0.9, gid=label)
    axes.plot(ratios, found.pooled, color=Colour.ARM_1.light, linewidth=2.2, gid="pool")
    level_ratios(axes, (float(ratios[0]), float(ratios[-1])))
    axes.plot([1.0, 1.0], [0.0, 1.0], **NO_EFFECT, zorder=0)
    axes.axhline(LEVEL, color=Colour.INK.light, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
    high = axes.get_position().height * sheet.height
    axes.set_ylim(0.0, 1.0 / (1.0 - (sheet.widest(found.labels) + JOINT + 2.0 * GAP) / high))
    axes.set_yticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.spines["left"].set_bounds(0.0, 1.0)
    axes.set_xlabel("hazard ratio, log scale")
    axes.set_ylabel("p against this hazard ratio")
    _name_tips(axes, found.labels, ratios[np.argmax(found.studies, axis=1)])
    return sheet.figure


def _name_tips(axes: Axes, labels: tuple[str, ...], tips: Floats) -> None:
    """Write names upright above the curves, as near over their tips as they stand apart, each joined to its own."""
    order = np.argsort(tips)
    across = axes.transData.transform(np.column_stack([tips[order], np.ones(len(tips))]))[:, 0]
    apart = APART * np.arange(len(tips))
    spread = isotonic_regression(across - apart).x + apart  # the nearest places that keep order and distance
    for place, left in zip(order.tolist(), (spread - across).tolist(), strict=True):
        tip = (float(tips[place]), 1.0)
        axes.annotate("", tip, (left, JOINT), textcoords="offset points", arrowprops=LINE)
        axes.annotate(
            labels[place], tip, (left, JOINT + GAP), textcoords="offset points", rotation=90.0, ha="center",
            va="bottom", fontsize=TEXT_SIZE - 1.0,
        )  # fmt: skip
