"""The picture of counts after transplants: bands of the models, published numbers as points."""

from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from transplant_runs import Target, read_targets

MONTH = 365.25 / 12.0  # days
SIDES = (
    ("autologous", "autologous-blood-aml", "Autograft of blood"),
    ("allogeneic", "allogeneic-blood", "Allograft of blood"),
)
CELLS = (  # quantity, name, lower and upper limit of the reference range, quantities of published points
    ("nk_count", "NK cells", (40.0, 390.0), ("nk_count",)),
    ("cd8_count", "CD8 cells", (260.0, 990.0), ("cd8_count",)),
    ("cd4_count", "CD4 cells but Treg", (560.0, 1490.0), ("cd4_total",)),
    ("treg_count", "Treg", None, ()),
)
COLOURS = {"fitted": "#1b4f72", "held out": "#b9770e"}


def figure(found: dict[str, Any]) -> Figure:
    """Return the picture: a row a transplant, a column a kind of cell."""
    mpl.rcParams["svg.hashsalt"] = "transplant"
    picture = Figure(figsize=(11.0, 5.4), layout="constrained")
    panels = picture.subplots(2, 4, sharex=True, sharey="col")
    for row, (transplant, cohort, title) in zip(panels, SIDES, strict=True):
        for axes, (quantity, name, limits, published) in zip(row, CELLS, strict=True):
            _band(axes, found["bands"][cohort]["counts"][quantity], limits)
            for target in read_targets():
                if target.transplant == transplant and target.quantity in published:
                    _point(axes, target)
            axes.set_title(f"{title}: {name}", fontsize=8)
    for axes in panels[-1]:
        axes.set_xlabel("months after the transplant", fontsize=8)
    for axes in panels[:, 0]:
        axes.set_ylabel("cells/uL", fontsize=8)
    return picture


def _band(axes: Axes, weekly: list[list[float]], limits: tuple[float, float] | None) -> None:
    low, middle, high = zip(*weekly, strict=True)
    months = [7.0 * week / MONTH for week in range(len(weekly))]
    if limits is not None:
        axes.axhspan(*limits, color="#eaeded", linewidth=0.0)
    axes.fill_between(months, low, high, color="#5dade2", alpha=0.4, linewidth=0.0)
    axes.plot(months, middle, color="#1b4f72", linewidth=1.2)
    axes.set_yscale("log")
    axes.set_ylim(2.0, 3000.0)
    axes.set_xticks(range(0, 25, 6))
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def _point(axes: Axes, target: Target) -> None:
    colour = COLOURS[target.role]
    if target.over is None:
        axes.plot(target.day / MONTH, target.value, "o", color=colour, markersize=5)
    elif target.value / MONTH <= 24.0:
        axes.plot(target.value / MONTH, target.over, "s", color=colour, markersize=5)
