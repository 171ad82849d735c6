"""Forest plot: a row a study, subgroups, the pool and its prediction interval.

What stands beside the pool (other choices, what papers printed, simulated trials) has a glyph of its own each.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from trialeukin.core.arrays import Floats
from trialeukin.report.axes import NO_EFFECT, mark_only
from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Screen
from trialeukin.report.printed_figure import TEXT_SIZE, Sheet
from trialeukin.report.wording import with_limits

ROW, TOP, GAP, EDGE = 19.0, 46.0, 16.0, 14.0
PLOT = 250.0
FOOT = 15.0
ASIDE, BELOW = 8.0, 24.0  # of the words which side is better for whom, from the line of no effect and the axis
TICKS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0, 20.0)
FARTHEST = 12.0  # a limit farther from one than this many times is an arrow
SMALLEST_BOX, LARGEST_BOX = 3.0, 9.5
NARROW_LINE, NARROW_GLYPH, NARROW_BELOW = 17.0, 21.0, 52.0
UNWEIGHTED_BOX = 0.5  # of the way from the smallest to the largest


class RowKind(Enum):
    """What a row shows, and so its glyph."""

    HEADING = "heading"
    STUDY = "study"
    SUBTOTAL = "subtotal"
    TOTAL = "total"
    OTHER_CHOICE = "other choice"
    PUBLISHED = "published"
    SIMULATED = "simulated"


MARKED: dict[str, Any] = {"color": Colour.ARM_2.light, "linewidth": 0.9, "gid": "mark"}
STRONG = frozenset({RowKind.HEADING, RowKind.TOTAL, RowKind.SUBTOTAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One row; a heading has words alone.

    Attributes
    ----------
    kind : RowKind
        Its glyph.
    label : str
        What stands left.
    value, lower, upper : float or None, ratio
        The estimate and its 95 % limits.
    weight : float or None, 1
        Share of the pool.
    bias : str
        Risk of bias, in words; empty for rows that are no study.
    """

    kind: RowKind
    label: str
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    weight: float | None = None
    bias: str = ""

    @property
    def numbers(self) -> str:
        """The estimate with its limits in words."""
        if self.value is None or self.lower is None or self.upper is None:
            return ""
        return with_limits(self.value, self.lower, self.upper)

    @property
    def share(self) -> str:
        """The weight in words."""
        return "" if self.weight is None else f"{100.0 * self.weight:.1f} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Everything a forest plot shows.

    Attributes
    ----------
    title : str
        What was pooled.
    better : (left, right)
        Who fares better on either side of one.
    rows : tuple of ForestRow
        From top to bottom.
    prediction : (lower, upper) or None
        Of a new study; drawn under the total.
    foot : tuple of str
        Lines below: k, method and heterogeneity are never left out.
    heads : (str, str)
        What the shares and the last column are.
    mark : float or None, ratio
        A ratio that a line stands at, beside that at one.
    """

    title: str
    better: tuple[str, str]
    rows: tuple[ForestRow, ...]
    prediction: tuple[float, float] | None
    foot: tuple[str, ...]
    heads: tuple[str, str] = ("weight", "risk of bias / GRADE")
    mark: float | None = None


def forest_figure(forest: Forest) -> Figure:
    """Return the plot, as wide as its words ask for and as high as its rows."""
    heads = ("study", "hazard ratio (95 %)", *forest.heads)
    cells = tuple(zip(*((row.label, row.numbers, row.share, row.bias) for row in forest.rows), strict=True))
    probe = Sheet(100.0, 100.0)
    widths = [probe.widest((head, *column), "bold") for head, column in zip(heads, cells, strict=True)]
    lefts = [EDGE, *(EDGE + np.cumsum([widths[0] + GAP, PLOT + GAP])).tolist()]
    numbers = lefts[2]
    columns = [EDGE, numbers, numbers + widths[1] + GAP, numbers + widths[1] + widths[2] + 2.0 * GAP]
    below = 40.0 + FOOT * len(forest.foot) + EDGE
    wide = max(columns[3] + widths[3] + EDGE, 2.0 * EDGE + probe.widest((forest.title,), "bold"))
    wide = max(wide, 2.0 * EDGE + probe.widest(forest.foot))
    sheet = Sheet(wide, TOP + ROW * len(forest.rows) + below)
    sheet.word(forest.title, EDGE, 14.0, fontsize=TEXT_SIZE, fontweight="bold")
    for head, left in zip(heads, columns, strict=True):
        sheet.word(head, left, TOP - 10.0, fontsize=TEXT_SIZE, fontweight="bold", color=Colour.MUTED.light)
    for place, row in enumerate(forest.rows):
        _words(sheet, row, TOP + ROW * (place + 0.5), columns)
    for place, line in enumerate(forest.foot):
        top = sheet.height - EDGE - FOOT * (len(forest.foot) - place - 0.5)
        sheet.word(line, EDGE, top, fontsize=TEXT_SIZE, color=Colour.MUTED.light)
    high = ROW * len(forest.rows)
    axes = sheet.figure.add_axes(
        (lefts[1] / sheet.width, 1.0 - (TOP + high) / sheet.height, PLOT / sheet.width, high / sheet.height)
    )
    _plot(axes, forest, np.arange(0.5, len(forest.rows)) * ROW, half=0.5 * ROW)
    axes.set_ylim(high, 0.0)
    for side, words, anchor in ((-1.0, f"← {forest.better[0]}", "right"), (1.0, f"{forest.better[1]} →", "left")):
        axes.annotate(
            words, (1.0, 0.0), (side * ASIDE, -BELOW), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
            ha=anchor, va="center", fontsize=TEXT_SIZE,
        )  # fmt: skip
    return sheet.figure


def forest_on(screen: Screen, forest: Forest) -> Figure:
    """Return the plot without its foot, as a page shows it on a screen."""
    bare = replace(forest, foot=())
    return forest_figure(bare) if screen is Screen.DESK else narrow_forest_figure(bare)


def narrow_forest_figure(forest: Forest) -> Figure:
    """Return the plot for a phone: label and numbers of a row above its glyph; shares and bias stand in the table."""
    wide, probe = float(Screen.PHONE.value), Sheet(100.0, 100.0)
    room = (wide - 2.0 * EDGE) * TEXT_SIZE / SMALL_TEXT_SIZE
    lines = [1 + (probe.widest((f"{row.label}  {row.numbers}",), "bold") > room) for row in forest.rows]
    ends = np.cumsum([NARROW_LINE * count + (NARROW_GLYPH if row.numbers else 0.0)
                      for count, row in zip(lines, forest.rows, strict=True)])  # fmt: skip
    high = float(ends[-1])
    sheet = Sheet(wide, high + NARROW_BELOW)
    for row, count, top in zip(forest.rows, lines, np.append(0.0, ends).tolist(), strict=False):
        weight = "bold" if row.kind in STRONG else "normal"
        first, last = top + 0.5 * NARROW_LINE, top + (count - 0.5) * NARROW_LINE
        sheet.word(row.label, EDGE, first, fontsize=SMALL_TEXT_SIZE, fontweight=weight)
        sheet.word(row.numbers, wide - EDGE, last, fontsize=SMALL_TEXT_SIZE, fontweight=weight, ha="right")
    axes = sheet.figure.add_axes(
        (EDGE / wide, NARROW_BELOW / sheet.height, 1.0 - 2.0 * EDGE / wide, high / sheet.height)
    )
    _plot(axes, forest, ends - 0.5 * NARROW_GLYPH, half=0.5 * NARROW_GLYPH)
    axes.set_ylim(high, 0.0)
    axes.set_xlabel(f"below 1 {forest.better[0]}, above 1 {forest.better[1]}")
    return sheet.figure


def _words(sheet: Sheet, row: ForestRow, top: float, columns: list[float]) -> None:
    strong = row.kind in STRONG
    for cell, left in zip((row.label, row.numbers, row.share, row.bias), columns, strict=True):
        if cell:
            sheet.word(cell, left, top, fontsize=TEXT_SIZE, fontweight="bold" if strong else "normal")


def _plot(axes: Axes, forest: Forest, middles: Floats, *, half: float) -> None:
    """Draw each row's glyph at its middle; what it draws keeps to ``half`` above and below."""
    axes.set_facecolor("none")
    low, far = _span(forest)
    axes.set_xscale("log")
    axes.set_xlim(low, far)
    axes.set_yticks([])
    axes.spines[["left", "right", "top"]].set_visible(False)
    mark_only(axes.xaxis, [tick for tick in TICKS if low <= tick <= far])
    drawn = middles[[row.kind is not RowKind.HEADING for row in forest.rows]]
    for across, look in ((1.0, NO_EFFECT), (forest.mark, MARKED)):
        if across is not None:
            axes.vlines(np.full(drawn.size, across), drawn - half, drawn + half, **look, zorder=0)
    heaviest = max((row.weight or 0.0 for row in forest.rows if row.kind is RowKind.STUDY), default=1.0)
    for middle, row in zip(middles.tolist(), forest.rows, strict=True):
        if row.value is not None and row.lower is not None and row.upper is not None:
            _glyph(axes, middle, row, heaviest, half)
        if row.kind is RowKind.TOTAL and forest.prediction is not None:
            axes.plot(
                np.clip(forest.prediction, low, far), [middle + 0.76 * half] * 2, color=Colour.ARM_1.light,
                linewidth=2.4, solid_capstyle="butt", gid="prediction",
            )  # fmt: skip


def _span(forest: Forest) -> tuple[float, float]:
    ends = [end for row in forest.rows for end in (row.lower, row.upper) if end is not None]
    ends += list(forest.prediction or ())
    near = [min(max(end, 1.0 / FARTHEST), FARTHEST) for end in ends]
    low, far = min([*near, 0.7]), max([*near, 1.4])
    return low / 1.08, far * 1.08


def _glyph(axes: Axes, height: float, row: ForestRow, heaviest: float, half: float) -> None:
    value, lower, upper = float(row.value or 1.0), float(row.lower or 1.0), float(row.upper or 1.0)
    if row.kind in {RowKind.TOTAL, RowKind.SUBTOTAL, RowKind.OTHER_CHOICE}:
        _diamond(axes, (height, 0.6 * half), (lower, value, upper), row.kind)
        return
    low, far = axes.get_xlim()
    colour = Colour.ARM_2.light if row.kind is RowKind.SIMULATED else Colour.PUBLISHED.light
    axes.plot(np.clip([lower, upper], low, far), [height] * 2, color=colour, linewidth=1.3, gid=f"limits {row.label}")
    for end, mark, edge in ((lower, "<", low), (upper, ">", far)):
        if not low <= end <= far:
            axes.plot(edge, height, mark, color=colour, markersize=5.0, clip_on=False)
    share = np.sqrt(row.weight / heaviest) if row.weight else UNWEIGHTED_BOX
    size = SMALLEST_BOX + (LARGEST_BOX - SMALLEST_BOX) * float(share)
    mark = {RowKind.SIMULATED: "o", RowKind.PUBLISHED: "D"}.get(row.kind, "s")
    if low <= value <= far:
        axes.plot(value, height, mark, color=colour, markersize=size, gid=row.label)


def _diamond(axes: Axes, place: tuple[float, float], points: tuple[float, float, float], kind: RowKind) -> None:
    height, half = place
    lower, value, upper = np.clip(points, *axes.get_xlim())
    filled = kind is not RowKind.OTHER_CHOICE
    axes.add_patch(
        Polygon(
            [(lower, height), (value, height - half), (upper, height), (value, height + half)],
            closed=True,
            facecolor=Colour.ARM_1.light if filled else "white",
            edgecolor=Colour.ARM_1.light,
            linewidth=1.2,
        )
    )
