"""Funnel plot: effects against their standard errors, with the pseudo-limits of the pooled effect."""

import numpy as np
from matplotlib.figure import Figure

from trialeukin.core.arrays import Floats
from trialeukin.core.normal import NORMAL_975
from trialeukin.report.axes import NO_EFFECT, mark_only
from trialeukin.report.palette import Colour
from trialeukin.report.printed_figure import TEXT_SIZE, Sheet

TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0)
WIDTH, HEIGHT = 470.0, 380.0


def funnel_figure(title: str, labels: tuple[str, ...], points: Floats, foot: str) -> Figure:
    """Return the plot of log ratios and standard errors.

    Parameters
    ----------
    title : str
        What was pooled.
    labels : tuple of k str
        Names of the studies; each stands at its point.
    points : (k + 1, 2)
        Log ratio and standard error of every study, and in the last row the pooled log ratio (its error is not used).
    foot : str
        A line below: k, method and heterogeneity.
    """
    sheet = Sheet(max(WIDTH, 28.0 + Sheet(10.0, 10.0).widest((foot, title), "bold")), HEIGHT)
    sheet.word(title, 14.0, 14.0, fontsize=TEXT_SIZE, fontweight="bold")
    sheet.word(foot, 14.0, HEIGHT - 12.0, fontsize=TEXT_SIZE, color=Colour.MUTED.light)
    axes = sheet.figure.add_axes((64.0 / sheet.width, 72.0 / HEIGHT, 1.0 - 84.0 / sheet.width, 1.0 - 108.0 / HEIGHT))
    centre, studies = float(points[-1, 0]), points[:-1]
    deepest = float(studies[:, 1].max()) * 1.12
    reach = max(NORMAL_975 * deepest, float(np.abs(studies[:, 0] - centre).max()) * 1.1)
    edges = np.exp([centre - NORMAL_975 * deepest, centre, centre + NORMAL_975 * deepest])
    axes.fill(edges, [deepest, 0.0, deepest], color=Colour.GRID.light, alpha=0.5, linewidth=0, zorder=0)
    axes.plot([np.exp(centre)] * 2, [0.0, deepest], color=Colour.ARM_1.light, linewidth=1.2)
    axes.axvline(1.0, **NO_EFFECT)
    for label, (log_ratio, error) in zip(labels, studies, strict=True):
        axes.plot(np.exp(log_ratio), error, "o", color=Colour.PUBLISHED.light, markersize=5.5, gid=label)
        left = log_ratio < centre
        axes.annotate(
            label, (float(np.exp(log_ratio)), float(error)), textcoords="offset points", va="center",
            xytext=(-7 if left else 7, 0), ha="right" if left else "left", fontsize=TEXT_SIZE - 1.0,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(float(np.exp(centre - 1.15 * reach)), float(np.exp(centre + 1.15 * reach)))
    axes.set_ylim(deepest, 0.0)
    shown = [tick for tick in TICKS if axes.get_xlim()[0] <= tick <= axes.get_xlim()[1]]
    mark_only(axes.xaxis, shown)
    axes.set_xlabel("hazard ratio, log scale")
    axes.set_ylabel("standard error of its logarithm")
    axes.spines[["top", "right"]].set_visible(False)
    return sheet.figure
