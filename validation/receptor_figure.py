"""EC50 of pSTAT5, predicted against observed, one panel a ligand."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from receptor_predictions import Ligand, Observation, Use

from trialeukin.core.arrays import Floats

COLOURS = {0.5: "#7fb3d5", 1.0: "#2980b9", 2.0: "#1b4f72", 4.0: "#b9770e"}
WORDS = {0.5: "30 min", 1.0: "1 h", 2.0: "2 h", 4.0: "4 h"}
MARKERS = {Use.FITTED: "o", Use.HELD_OUT: "D"}
LIMITS = (2.0, 8000.0)


def draw(found: Sequence[Observation], predicted: Floats) -> Figure:
    """Return the figure."""
    mpl.rcParams.update({"svg.hashsalt": "trialeukin", "svg.fonttype": "none"})
    drawing = Figure(figsize=(7.2, 3.9), layout="constrained")
    panels = drawing.subplots(1, 2, sharex=True, sharey=True)
    line = np.array(LIMITS)
    for axes, ligand in zip(panels, Ligand, strict=True):
        axes.fill_between(line, line / 2.0, line * 2.0, color="#eaecee", zorder=0, linewidth=0)
        axes.plot(line, line, color="#2c3e50", linewidth=0.8)
        for use, marker in MARKERS.items():
            for hours, colour in COLOURS.items():
                mine = [
                    (each.ec50, value)
                    for each, value in zip(found, predicted, strict=True)
                    if (each.ligand, each.use, each.hours) == (ligand, use, hours)
                ]
                axes.scatter(*zip(*mine, strict=True), marker=marker, s=17, color=colour, edgecolor="none", zorder=3)
        axes.set_title(ligand.value, fontsize=10, loc="left")
        axes.set_xlabel("observed EC50, pM")
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(LIMITS)
        axes.set_ylim(LIMITS)
        axes.set_aspect("equal")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    panels[0].set_ylabel("predicted EC50, pM")
    for hours, colour in COLOURS.items():
        panels[1].scatter([], [], color=colour, s=17, label=WORDS[hours])
    for use, marker in MARKERS.items():
        panels[1].scatter([], [], color="#7b7d7d", marker=marker, s=17, label=use.value)
    panels[1].legend(loc="upper left", frameon=False, fontsize=7.5, handletextpad=0.2)
    return drawing
