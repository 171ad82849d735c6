"""A printed plot of ratios: title above, axes in the middle, lines of words below, nothing cut."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialeukin.core.errors import InputError
from trialeukin.report.axes import NO_EFFECT, mark_only
from trialeukin.report.palette import Colour
from trialeukin.report.printed_figure import TEXT_SIZE, Sheet, as_png, as_svg

WIDTH, HEIGHT = 560.0, 400.0
LINE = 16.0
RATIOS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 10.0)
MARKS = tuple(step * 10.0**power for power in range(-3, 4) for step in (1, 2, 5))
FARTHEST = 5.0
FARTHEST_LEVEL = 10.0
FORMS = {".svg": as_svg, ".png": as_png}


def framed(title: str, foot: tuple[str, ...]) -> tuple[Sheet, Axes]:
    """Return a sheet with its words, as wide as these ask for, and its empty axes."""
    wide = max(WIDTH, 28.0 + Sheet(10.0, 10.0).widest((*foot, title), "bold"))
    sheet = Sheet(wide, HEIGHT + LINE * len(foot))
    sheet.word(title, 14.0, 14.0, fontsize=TEXT_SIZE, fontweight="bold")
    for place, line in enumerate(foot):
        top = sheet.height - 14.0 - LINE * (len(foot) - 1 - place)
        sheet.word(line, 14.0, top, fontsize=TEXT_SIZE, color=Colour.MUTED.light)
    below = 62.0 + LINE * len(foot)
    axes = sheet.figure.add_axes(
        (64.0 / sheet.width, below / sheet.height, 1.0 - 84.0 / sheet.width, 1.0 - (below + 34.0) / sheet.height)
    )
    axes.spines[["top", "right"]].set_visible(False)
    return sheet, axes


def ratio_axis(axes: Axes, ends: Iterable[float]) -> None:
    """Make the upright axis one of hazard ratios that holds some ends, with no effect dashed."""
    inside = list(ends)
    axes.axhline(1.0, **NO_EFFECT, zorder=0)
    axes.set_yscale("log")
    axes.set_ylim(max(1.0 / FARTHEST, min(inside)) / 1.1, min(FARTHEST, max(inside)) * 1.25)
    mark_only(axes.yaxis, _inside(RATIOS, axes.get_ylim()))
    axes.set_ylabel("hazard ratio")


def level_ratios(axes: Axes, ends: tuple[float, float]) -> None:
    """Make the level axis one of ratios from end to end, but no farther from one than is read."""
    axes.set_xscale("log")
    axes.set_xlim(max(ends[0], 1.0 / FARTHEST_LEVEL), min(ends[1], FARTHEST_LEVEL))
    mark_only(axes.xaxis, _inside(RATIOS, axes.get_xlim()))


def logarithmic_axis(axes: Axes) -> None:
    """Make the level axis logarithmic, with marks that people read."""
    axes.set_xscale("log")
    mark_only(axes.xaxis, _inside(MARKS, axes.get_xlim()))


def _inside(numbers: Sequence[float], ends: tuple[float, float]) -> list[float]:
    return [number for number in numbers if ends[0] <= number <= ends[1]]


def named(axes: Axes, label: str, place: tuple[float, float], *, below: bool = False) -> None:
    """Write a name above or below a place, on white, so that lines do not cross it."""
    axes.annotate(
        label,
        place,
        textcoords="offset points",
        xytext=(0, -3 if below else 3),
        ha="center",
        va="top" if below else "bottom",
        fontsize=TEXT_SIZE - 1.5,
        zorder=5,
        bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "linewidth": 0},
    )


def trial(axes: Axes, label: str, exposure: tuple[float, ...], limits: np.ndarray) -> None:
    """Draw a real trial: a square with 95 % of its hazard ratio, and across it 95 % of its exposure."""
    value, lower, upper = exposure
    ratio, low, high = (float(each) for each in limits)
    axes.plot([value, value], [low, high], color=Colour.PUBLISHED.light, linewidth=1.2)
    axes.plot([lower, upper], [ratio, ratio], color=Colour.PUBLISHED.light, linewidth=0.7)
    axes.plot(value, ratio, "s", color=Colour.PUBLISHED.light, markersize=6.0, gid=label)
    named(axes, label, (value, low if ratio < 1.0 else high), below=ratio < 1.0)


def saved(name: str, paint: Callable[[], Figure], path: PurePath) -> bytes:
    """Return a figure in the form that a file's name asks for.

    Raises
    ------
    InputError
        When the name ends in neither .svg nor .png.
    """
    check_form(path)
    return FORMS[path.suffix.lower()](name, paint)


def check_form(path: PurePath) -> None:
    """Refuse a file whose name ends in neither .svg nor .png; ask before the work.

    Raises
    ------
    InputError
        With the endings there are.
    """
    if path.suffix.lower() not in FORMS:
        raise InputError(f"{path.name}: the figure is written as one of {', '.join(FORMS)}: end the name with it")
