"""Remissions by series: published with the exact interval, predicted with the chance of a series of that size."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

PUBLISHED, LAWS = "#2c3e50", ("#b9770e", "#1f618d")
OFFSET = 0.22


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One series: shares with the ends of their 95 % intervals."""

    label: str
    published: tuple[float, float, float]
    predicted: tuple[tuple[float, float, float], ...]


def draw(marks: list[Mark], laws: tuple[str, ...], path: Path) -> None:
    """Write the figure."""
    mpl.rcParams.update({"svg.hashsalt": "trialeukin", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure = Figure(figsize=(7.6, 0.75 * len(marks) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    for place, mark in enumerate(marks):
        shown = [(mark.published, PUBLISHED, "D"), *((each, LAWS[k], "o") for k, each in enumerate(mark.predicted))]
        for step, ((middle, low, high), colour, marker) in enumerate(shown):
            height = place + (step - 1) * OFFSET
            axes.plot([100 * low, 100 * high], [height, height], color=colour, linewidth=1.4)
            axes.plot(100 * middle, height, marker, color=colour, markersize=6)
    for words, colour, marker in (
        ("published (95 %)", PUBLISHED, "D"),
        *((f"predicted, {law}", LAWS[k], "o") for k, law in enumerate(laws)),
    ):
        axes.plot([], [], marker, color=colour, label=words)
    axes.set_yticks(range(len(marks)), [mark.label for mark in marks], fontsize=8)
    axes.set_ylim(len(marks) - 0.4, -0.6)
    axes.set_xlim(-2, 102)
    axes.set_xlabel(
        "complete remissions, %: published with exact interval, predicted with parameters and chance", fontsize=8
    )
    figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
