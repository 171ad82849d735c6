"""Axes that several figures share: months, per cent, ratios."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, NullFormatter

from trialeukin.report.palette import Colour
from trialeukin.report.picture import Screen

NO_EFFECT: dict[str, Any] = {"color": Colour.MUTED.light, "linewidth": 0.9, "linestyle": (0, (4, 3))}
"""How the line of no effect is drawn."""


def month_ticks(horizon: float, screen: Screen) -> list[float]:
    """Return round months from zero to a horizon: about eight on a desk, five on a phone."""
    wished = 8 if screen is Screen.DESK else 5
    step = next(step for step in (1, 2, 3, 6, 12, 24, 36, 60, 120, 600) if horizon / step <= wished)
    return [float(tick) for tick in range(0, int(horizon + 1e-9) + 1, step)]


def lines_across(axes: Axes) -> None:
    """Draw light lines across, behind everything else."""
    axes.grid(visible=True, axis="y")
    axes.set_axisbelow(True)


def percent_axis(axes: Axes, highest: float = 1.0) -> None:
    """Draw fractions as per cent, with light lines across."""
    step = 0.2 if highest > 0.5 else 0.1 if highest > 0.2 else 0.05
    ticks = [step * index for index in range(round(highest / step) + 1)]
    axes.set_ylim(0.0, highest * 1.02)
    axes.set_yticks(ticks, [f"{100.0 * tick:.0f} %" for tick in ticks])
    lines_across(axes)


def mark_only(axis: Axis, numbers: Sequence[float]) -> None:
    """Write these numbers on a logarithmic axis, and none of its own."""
    axis.set_ticks(numbers, labels=[f"{number:g}" for number in numbers])
    axis.set_minor_locator(FixedLocator([]))
    axis.set_minor_formatter(NullFormatter())
