"""The README's figure: hazard ratios of the published trials, predicted and published."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from trialeukin.report.palette import Colour

TICKS = (0.3, 0.5, 0.7, 1.0, 1.4, 2.0)
SPAN = (0.25, 2.6)
STEP, APART = 1.0, 0.17


def draw(studies: list[dict[str, Any]], file: Path) -> None:
    """Write the figure of leukaemia-free survival as SVG."""
    with mpl.rc_context({"svg.hashsalt": file.stem, "svg.fonttype": "path", "font.size": 10.5}):
        figure = Figure(figsize=(8.0, 0.62 * len(studies) + 1.3))
        axes = figure.add_axes((0.25, 0.2, 0.52, 0.68))
        for place, study in enumerate(reversed(studies)):
            _rows(axes, place * STEP, study)
        axes.axvline(1.0, color=Colour.MUTED.light, linewidth=1.0, linestyle=(0, (4, 3)), zorder=0)
        axes.set_xscale("log")
        axes.set_xlim(*SPAN)
        axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_ylim(-0.6, len(studies) - 0.4)
        axes.set_yticks([])
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.set_xlabel("hazard ratio for leukaemia-free survival, log scale\n← IL-2 better     |     control better →")
        figure.text(0.25, 0.93, "● predicted, 95 % of trials", color=Colour.ARM_2.light)
        figure.text(0.53, 0.93, "◆ published, 95 % interval", color=Colour.PUBLISHED.light)
        figure.savefig(file, format="svg", facecolor="white", metadata=dict.fromkeys(("Date", "Creator")))


def _rows(axes: mpl.axes.Axes, height: float, study: dict[str, Any]) -> None:
    found = study["endpoints"]["lfs"]
    drug = "IL-2 + histamine" if study["study"] == "mp-ma-0201" else "IL-2"
    axes.text(0.24, height, f"{study['study']}\n{drug}, n = {sum(study['n'])}", ha="right", va="center")
    _one(axes, height + APART, found["predicted"], "o", Colour.ARM_2.light)
    if found["published"] is None:
        axes.text(2.7, height - APART, "none published", va="center", color=Colour.MUTED.light)
    else:
        _one(axes, height - APART, found["published"], "D", Colour.PUBLISHED.light)


def _one(axes: mpl.axes.Axes, height: float, ratio: list[float | None], marker: str, colour: str) -> None:
    value, lower, upper = (ratio[0] if limit is None else limit for limit in ratio)
    assert value is not None
    axes.plot([lower, upper], [height, height], color=colour, linewidth=1.8)
    axes.plot(value, height, marker, color=colour, markersize=5.5)
    limits = " to ".join("?" if limit is None else f"{limit:.2f}" for limit in ratio[1:])
    axes.text(2.7, height, f"{value:.2f} ({limits})", va="center", color=colour)
