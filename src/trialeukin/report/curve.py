"""Lines of figures: their values, and labels where they end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from trialeukin.core.arrays import Floats
from trialeukin.report.palette import Colour
from trialeukin.report.picture import POINTS_PER_INCH, SMALL_TEXT_SIZE, Sheet
from trialeukin.trial.arm_result import Curve

NAME_MARGIN, NAME_CHARACTER, LINE_HEIGHT = 20.0, 7.0, 15.0  # px


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLabel:
    """A line's name, written where the line ends.

    Attributes
    ----------
    height : float
        Where the line ends, in the data's unit.
    text : str
        What is written.
    colour : Colour
        The line's colour.
    """

    height: float
    text: str
    colour: Colour


def room_for(names: Sequence[str], most: float) -> float:
    """Return the width in pixels that the longest of some names takes, with a margin, up to a limit."""
    return min(most, NAME_MARGIN + NAME_CHARACTER * max(map(len, names)))


def fitting(name: str, room: float, *, character: float = NAME_CHARACTER) -> str:
    """Return a name that takes no more than a width in pixels, cut short where it would."""
    most = int(room / character)
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def write_end_labels(page: Sheet, axes: Axes, labels: Sequence[EndLabel]) -> None:
    """Write labels right of the axes at the heights of their lines, moved apart where they would touch."""
    pixels = (
        axes.transData.transform([(0.0, label.height) for label in labels])[:, 1] * POINTS_PER_INCH / page.figure.dpi
    )
    order = sorted(range(len(labels)), key=lambda index: pixels[index])
    spaced = moved_apart(
        [float(pixels[index]) for index in order], [_lines(labels[i].text) * LINE_HEIGHT for i in order]
    )
    box = axes.get_position()
    for index, centre in zip(order, spaced, strict=True):
        page.figure.text(
            box.x1 + 6.0 / page.width,
            centre / page.height,
            labels[index].text,
            color=labels[index].colour.light,
            va="center",
            fontsize=SMALL_TEXT_SIZE,
        )


def _lines(text: str) -> int:
    return text.count("\n") + 1


def moved_apart(centres: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Return where labels stand that wish for centres, increasing, and have heights, so that none touches another."""
    placed: list[float] = []
    for index, centre in enumerate(centres):
        least = placed[-1] + (heights[index - 1] + heights[index]) / 2.0 if placed else centre
        placed.append(max(centre, least))
    excess = sum(now - wished for now, wished in zip(placed, centres, strict=True)) / max(len(centres), 1)
    return [centre - excess for centre in placed]


def value_at(curve: Curve, month: float, *, before: float) -> float:
    """Return a step curve's value at a month; ``before`` is its value ahead of the first jump."""
    passed = int(np.searchsorted(curve.times, month, side="right"))
    return before if passed == 0 else float(curve.values[passed - 1])


def until(curve: Curve, horizon: float, *, before: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return times, values and both limits of a step curve from zero to a horizon, both ends included."""
    inside = curve.times <= horizon
    times = np.concatenate(([0.0], curve.times[inside], [horizon]))
    rows = []
    for values in (curve.values, curve.lower, curve.upper):
        steps = np.concatenate(([before], values[inside]))
        rows.append(np.concatenate((steps, steps[-1:])))
    return times, rows[0], rows[1], rows[2]
