"""Months gained in groups of patients: a row a group, a point on the interval of what is not known."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Words, picture, sheet
from trialeukin.report.table import Table

ROW, GAP = 40.0, 14.0  # pixels: of a group, and before the first group of a split
MOST_PARTS = {Screen.DESK: 8, Screen.PHONE: 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class GainOfGroup:
    """The mean gain of one group.

    Attributes
    ----------
    label : str
        Whose, in words.
    value, lower, upper : float, month
        At the typical parameters, and the interval over draws of them, the value twice where there is none.
    """

    label: str
    value: float
    lower: float
    upper: float


def gain_figure(words: Words, blocks: Sequence[Sequence[GainOfGroup]], table: Table) -> Picture:
    """Return blocks of groups, everybody first, over one axis of months gained.

    Parameters
    ----------
    words : Words
        Name, title, description and caption.
    blocks : sequence of sequences of GainOfGroup
        Each is set apart from the one before.
    table : Table
        The data behind it.
    """
    heights: list[float] = []
    for number, block in enumerate(blocks):
        for place, _ in enumerate(block):
            before = heights[-1] + ROW if heights else 0.0
            heights.append(before + (GAP if number and not place else 0.0))
    rows = [row for block in blocks for row in block]

    def paint(screen: Screen) -> Figure:
        height = heights[-1] + ROW
        page = sheet(screen, height + 68.0)
        axes = page.axes(left=14.0, right=14.0, top=6.0, bottom=62.0)
        axes.set_ylim(height, 0.0)
        _span(axes, rows)
        for number, (top, row) in enumerate(zip(heights, rows, strict=True)):
            colour = Colour.ARM_1 if number == 0 else Colour.ARM_2
            axes.plot([0.0, 0.0], [top + 20.0, top + 36.0], color=Colour.MUTED.light, linewidth=1.0)
            axes.plot([row.lower, row.upper], [top + 28.0] * 2, color=colour.light, linewidth=2.2)
            axes.plot(row.value, top + 28.0, "o", color=colour.light, markersize=7)
            axes.text(
                0.0, top + 11.0, row.label, va="center", fontsize=SMALL_TEXT_SIZE,
                transform=axes.get_yaxis_transform(),
            )  # fmt: skip
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=MOST_PARTS[screen]))
        axes.set_xlabel("months gained by the treatment\nbelow 0 the treatment loses")
        return page.figure

    return picture(words, paint, table)


def _span(axes: Axes, rows: Sequence[GainOfGroup]) -> None:
    low = min(0.0, *(row.lower for row in rows))
    high = max(0.0, *(row.upper for row in rows))
    room = 0.04 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
