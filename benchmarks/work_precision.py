"""The figure of work and precision: what every solver takes for which true error."""

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from trialeukin.report.palette import Colour

OURS = "ours"
NAMES = {
    OURS: "trialeukin",
    "sundials": "CVODE (scikit-sundae)",
    "lsoda": "LSODA (SciPy)",
    "numbalsoda": "LSODA (numbalsoda)",
    "heyoka": "heyoka",
    "libroadrunner": "libRoadRunner",
    "diffrax": "Kvaerno5 (diffrax)",
    "diffrax_tsit5": "Tsit5 (diffrax)",
}
PEER_COLOURS = (Colour.ARM_1, Colour.ARM_3, Colour.ARM_4, Colour.BAND_CD8, Colour.MUTED, Colour.INK)
MARKERS = "sD^vPXh"
SIZE = (8.2, 5.4)  # inch
PLACE = (0.085, 0.11, 0.66, 0.78)  # of the axes in the figure: labels stand right of them
APART = 0.055  # least distance of two labels, of the height of the axes
GAP = 0.05  # from the axes to the labels, of their width


def work_precision_figure(ladders: Mapping[str, Sequence[Mapping[str, float]]], target: float) -> Figure:
    """Return the figure.

    Parameters
    ----------
    ladders : mapping of str to sequence of rungs
        Of ours and each peer: ``error`` (1) and ``milliseconds`` a patient at each tolerance, from loose to tight.
    target : float, 1
        The true error at which solvers are compared.
    """
    figure = Figure(figsize=SIZE)
    axes = figure.add_axes(PLACE)
    axes.set(xscale="log", yscale="log", xlabel="true error: more precise to the right")
    axes.set_title("Milliseconds a patient, one core", loc="left", color=Colour.INK.light, fontsize=11, pad=20)
    axes.grid(visible=True, which="major", color=Colour.GRID.light, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.invert_xaxis()
    ends = {}
    looks = zip(cycle(PEER_COLOURS), cycle(MARKERS), strict=False)
    for name, rungs in sorted(ladders.items(), key=lambda each: each[0] != OURS):
        colour, marker = (Colour.ARM_2, "o") if name == OURS else next(looks)
        points = [(each["error"], each["milliseconds"]) for each in rungs if math.isfinite(each["error"])]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour.light, marker=marker, **_weight(name))
            ends[name] = (*points[-1], colour)
    axes.axvline(target, color=Colour.INK.light, linewidth=0.9, linestyle=(0, (4, 3)))
    above = axes.get_xaxis_transform()
    axes.text(target, 1.01, f"compared at {target:.0e}", transform=above, va="bottom", ha="center", fontsize=9)
    _label(axes, ends)
    return figure


def _weight(name: str) -> dict[str, Any]:
    ours = name == OURS
    return {"linewidth": 2.6 if ours else 1.4, "markersize": 6.0 if ours else 4.5, "zorder": 4 if ours else 3}


def _label(axes: Axes, ends: Mapping[str, tuple[float, float, Colour]]) -> None:
    """Write each line's name right of the axes, no two of them touching, with a thin line to where it ends."""
    to_share = axes.transData + axes.transAxes.inverted()
    shares = {name: to_share.transform((error, work)) for name, (error, work, _) in ends.items()}
    order = sorted(shares, key=lambda name: float(shares[name][1]))
    heights: list[float] = []
    for name in order:
        heights.append(max(float(shares[name][1]), heights[-1] + APART if heights else 0.0))
    for name, height in zip(order, _below_the_top(heights), strict=True):
        colour = ends[name][2].light
        line = [(float(shares[name][0]), float(shares[name][1])), (1.0 + 0.8 * GAP, height)]
        axes.plot(
            *zip(*line, strict=True),
            transform=axes.transAxes,
            color=colour,
            linewidth=0.6,
            linestyle=":",
            clip_on=False,
            zorder=2,
        )
        axes.text(
            1.0 + GAP,
            height,
            NAMES.get(name, name),
            transform=axes.transAxes,
            color=colour,
            va="center",
            fontsize=10.5,
            fontweight="bold" if name == OURS else "normal",
        )


def _below_the_top(heights: Sequence[float]) -> list[float]:
    """Return heights, rising, moved down where the highest is above the axes."""
    top, moved = 1.0, []
    for height in reversed(heights):
        moved.append(min(height, top))
        top = moved[-1] - APART
    return moved[::-1]


def draw(ladders: Mapping[str, Sequence[Mapping[str, float]]], target: float, file: Path) -> None:
    """Write the figure: the same data give the same bytes."""
    with mpl.rc_context({"svg.hashsalt": file.stem, "svg.fonttype": "path", "font.size": 10.5}):
        figure = work_precision_figure(ladders, target)
        FigureCanvasSVG(figure)
        figure.savefig(file, format="svg", facecolor="white", metadata=dict.fromkeys(("Date", "Creator")))
