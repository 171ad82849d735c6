"""Fans of patients over time: the median, the middle half and nine in ten."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from trialeukin.core.arrays import Floats
from trialeukin.report.axes import lines_across
from trialeukin.report.curve import NAME_CHARACTER, EndLabel, fitting, write_end_labels
from trialeukin.report.palette import Colour
from trialeukin.report.picture import POINTS_PER_INCH, SMALL_TEXT_SIZE, Picture, Screen, Sheet, Words, picture, sheet
from trialeukin.report.table import Table
from trialeukin.report.wording import power_of_ten

PANEL = 215.0
GAP = 74.0
LEFT, LINE = 52.0, 16.0
TITLE_CHARACTER = 6.5  # px on average over a sentence; a name alone may be of wide letters


class Ruler(Enum):
    """How the vertical axis is divided."""

    LINEAR = "linear"
    LOGARITHMIC = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOfArm:
    """Quantiles over the patients of one arm.

    Attributes
    ----------
    label : str
        Name of the arm.
    colour : Colour
        Its colour.
    times : (k,)
        In the unit of the panel's axis.
    quantiles : (5, k) or (1, k)
        The 5th, 25th, 50th, 75th and 95th percentile at each time, or the course of one patient.
    """

    label: str
    colour: Colour
    times: Floats
    quantiles: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A horizontal band with a name, such as the range of an EC50.

    Attributes
    ----------
    label : str
        Its name.
    colour : Colour
        Its colour.
    low, high : float
        Where it lies, in the unit of the panel.
    """

    label: str
    colour: Colour
    low: float
    high: float

    def middle(self, ruler: Ruler) -> float:
        """Return where it looks halved."""
        return math.sqrt(self.low * self.high) if ruler is Ruler.LOGARITHMIC else (self.low + self.high) / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One pair of axes with its fans.

    Attributes
    ----------
    title : str
        What the vertical axis shows, with its unit.
    fans : tuple of FanOfArm
        One an arm; values that are not finite leave a gap.
    ruler : Ruler
        How the vertical axis is divided.
    zones : tuple of Zone
        Bands behind the fans.
    low, high : float or None
        Where the vertical axis begins and ends; None leaves it to the data.
    floor : str
        What the lowest value means, where it has a meaning of its own, such as ``none left``.
    """

    title: str
    fans: tuple[FanOfArm, ...]
    ruler: Ruler = Ruler.LINEAR
    zones: tuple[Zone, ...] = ()
    low: float | None = None
    high: float | None = None
    floor: str = ""


def fan_figure(words: Words, panels: tuple[Panel, ...], time_label: str, table: Table | None = None) -> Picture:
    """Return panels under each other (two abreast on a desk where there are several)."""

    def paint(screen: Screen) -> Figure:
        abreast = 2 if screen is Screen.DESK and len(panels) > 1 else 1
        rows = -(-len(panels) // abreast)
        width = screen.value / abreast
        lines = max(_lines(panel, width) for panel in panels)
        high = PANEL + GAP + LINE * max(lines - 1, 0)
        page = sheet(screen, rows * high)
        for index, panel in enumerate(panels):
            row, column = divmod(index, abreast)
            own = lines if len(panel.fans) > 1 else 0
            axes = page.axes(
                left=column * width + LEFT,
                right=page.width - (column + 1) * width + _right(panel),
                top=row * high + 28.0 + LINE * own,
                bottom=(rows - 1 - row) * high + 44.0,
            )
            _fill(page, axes, panel, time_label)
            _name(axes, panel, width - LEFT - _right(panel), own)
        return page.figure

    return picture(words, paint, table)


def _fill(page: Sheet, axes: Axes, panel: Panel, time_label: str) -> None:
    for zone in panel.zones:
        axes.axhspan(zone.low, zone.high, color=zone.colour.light, alpha=0.22, linewidth=0)
    for fan in panel.fans:
        _fan(axes, fan)
    first, last = (limit(float(fan.times[end]) for fan in panel.fans) for limit, end in ((min, 0), (max, -1)))
    axes.set_xlim(first, last)
    axes.set_xlabel(time_label, labelpad=3)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
    _vertical(axes, panel)
    labels = [EndLabel(height=zone.middle(panel.ruler), text=zone.label, colour=zone.colour) for zone in panel.zones]
    if labels:
        write_end_labels(page, axes, labels)


def _fan(axes: Axes, fan: FanOfArm) -> None:
    levels = len(fan.quantiles)
    for edge, opacity in zip(range(levels // 2), (0.13, 0.26), strict=False):
        low, high = fan.quantiles[edge], fan.quantiles[levels - 1 - edge]
        axes.fill_between(fan.times, low, high, color=fan.colour.light, alpha=opacity, linewidth=0)
    axes.plot(fan.times, fan.quantiles[levels // 2], color=fan.colour.light)


def _vertical(axes: Axes, panel: Panel) -> None:
    if panel.ruler is Ruler.LOGARITHMIC:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _power(value, panel)))
        axes.minorticks_off()
    axes.set_ylim(panel.low, panel.high)
    if panel.floor and panel.low is not None:
        axes.set_yticks(
            [panel.low, *(tick for tick in axes.get_yticks() if panel.low * 5.0 < tick <= axes.get_ylim()[1])]
        )
    lines_across(axes)


def _power(value: float, panel: Panel) -> str:
    if panel.floor and panel.low is not None and value <= panel.low * 1.5:
        return panel.floor
    exponent = round(float(np.log10(value)))
    if -3 <= exponent <= 3:
        return f"{value:g}"
    return power_of_ten(exponent)


def _right(panel: Panel) -> float:
    return 76.0 if panel.zones else 14.0


def _lines(panel: Panel, width: float) -> int:
    """Return how many lines the arms' names take: none for one arm, one where all fit abreast, else one an arm."""
    count = len(panel.fans)
    if count < 2:
        return 0
    longest = max(len(fan.label) for fan in panel.fans) * NAME_CHARACTER
    return 1 if longest <= (width - LEFT - _right(panel)) / count else count


def _name(axes: Axes, panel: Panel, width: float, lines: int) -> None:
    size = axes.get_window_extent()
    scale = POINTS_PER_INCH / axes.figure.dpi
    left, top = -44.0 / (size.width * scale), 1.0 / (size.height * scale)
    above = 10.0 if lines == 0 else 12.0 + LINE * lines
    title = fitting(panel.title, LEFT + width + _right(panel), character=TITLE_CHARACTER)
    axes.text(left, 1.0 + above * top, title, transform=axes.transAxes, va="bottom")
    if lines == 0:
        return
    for index, fan in enumerate(panel.fans):
        across, up = (index / len(panel.fans), 0) if lines == 1 else (0.0, lines - 1 - index)
        axes.text(across, 1.0 + (9.0 + LINE * up) * top, fitting(fan.label, width), transform=axes.transAxes,
                  va="bottom", color=fan.colour.light, fontsize=SMALL_TEXT_SIZE)  # fmt: skip
