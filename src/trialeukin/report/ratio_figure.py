"""Hazard ratios that replicate trials would find, beside the one that was published."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from trialeukin.core.arrays import Floats
from trialeukin.report.axes import mark_only
from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Words, picture, sheet
from trialeukin.report.table import Table

CLASSES = 41
TICKS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioWithInterval:
    """A hazard ratio and, where known, its 95 % interval, with the words that stand beside it."""

    label: str
    value: float
    lower: float | None = None
    upper: float | None = None


def ratio_figure(
    words: Words, ratios: Floats, predicted: RatioWithInterval, published: tuple[RatioWithInterval, ...]
) -> Picture:
    """Return the histogram of replicate hazard ratios over the rows of predicted and published ones.

    Parameters
    ----------
    words : Words
        Name, title, description and caption.
    ratios : (r,), 1
        One a replicate trial, treatment over control; those that are not finite are left out.
    predicted : RatioWithInterval
        Median and 95 % predictive interval.
    published : tuple of RatioWithInterval
        What studies printed, or what was reconstructed and is labelled so.
    """
    rows, finite = (predicted, *published), ratios[np.isfinite(ratios)]

    def paint(screen: Screen) -> Figure:
        above = 150.0
        page = sheet(screen, above + 46.0 * len(rows) + 92.0)
        left, right = 66.0, 22.0
        axes = page.axes(left=left, right=right, top=30.0, bottom=56.0 + 46.0 * len(rows) + 14.0)
        below = page.axes(left=left, right=right, top=30.0 + above, bottom=56.0)
        span = _span(finite, rows)
        edges = list(np.geomspace(*span, CLASSES))
        axes.hist(finite, bins=edges, color=Colour.ARM_2.light, alpha=0.55, linewidth=0)
        _rows(below, rows, span)
        for one in (axes, below):
            _log_axis(one, span, room=0.09 if screen is Screen.DESK else 0.14)
            one.axvline(1.0, color=Colour.MUTED.light, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.tick_params(labelbottom=False)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.set_ylabel("trials")
        below.set_yticks([])
        below.spines["left"].set_visible(False)
        axes.set_title("Replicate trials by the hazard ratio they find", pad=8)
        below.set_xlabel("hazard ratio (logarithmic)\nbelow 1 favours treatment, above 1 control")
        return page.figure

    return picture(words, paint, _table(rows))


def _span(ratios: Floats, rows: tuple[RatioWithInterval, ...]) -> tuple[float, float]:
    ends = [float(np.quantile(ratios, share)) for share in (0.002, 0.998)]
    known = [bound for row in rows for bound in (row.value, row.lower, row.upper) if bound is not None]
    low, high = min(*ends, *known, 0.8), max(*ends, *known, 1.25)
    return low / 1.06, high * 1.06


def _rows(axes: Axes, rows: tuple[RatioWithInterval, ...], span: tuple[float, float]) -> None:
    for place, row in enumerate(rows):
        colour = Colour.ARM_2 if place == 0 else Colour.PUBLISHED
        height = len(rows) - place - 0.75
        ends = [row.value if bound is None else bound for bound in (row.lower, row.upper)]
        axes.plot(ends, [height, height], color=colour.light, linewidth=2.2)
        axes.plot(row.value, height, "o" if place == 0 else "D", color=colour.light, markersize=7)
        axes.text(
            span[0], height + 0.3, f"{row.label}: {ratio_text(row)}", color=colour.light, va="center",
            fontsize=SMALL_TEXT_SIZE,
        )  # fmt: skip
    axes.set_ylim(-0.15, len(rows))


def _log_axis(axes: Axes, span: tuple[float, float], room: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(*span)
    ticks: list[float] = []
    order = sorted((tick for tick in TICKS if span[0] <= tick <= span[1]), key=lambda tick: abs(np.log(tick)))
    for tick in order:
        if all(abs(np.log(tick / other)) > room * np.log(span[1] / span[0]) for other in ticks):
            ticks.append(tick)
    mark_only(axes.xaxis, ticks)


def ratio_text(row: RatioWithInterval) -> str:
    """Return a ratio in words, such as ``0.75 (0.52 to 1.09)``; what is not known is a question mark."""
    if row.lower is None and row.upper is None:
        return f"{row.value:.2f}"
    low, high = (f"{bound:.2f}" if bound is not None else "?" for bound in (row.lower, row.upper))
    return f"{row.value:.2f} ({low} to {high})"


def _table(rows: tuple[RatioWithInterval, ...]) -> Table:
    return Table(
        caption="Hazard ratio, treatment over control, with its 95 % interval where one is known",
        head=("what", "hazard ratio", "lower", "upper"),
        rows=tuple(
            (row.label, f"{row.value:.2f}", *("–" if b is None else f"{b:.2f}" for b in (row.lower, row.upper)))
            for row in rows
        ),
    )
