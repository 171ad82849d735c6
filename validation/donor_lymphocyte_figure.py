"""The figure of donor lymphocytes: observed and predicted, under both structures."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from donor_lymphocyte_arms import Target, read_targets
from matplotlib.figure import Figure
from scipy.stats import beta

from trialeukin.report.palette import Colour

APART = 0.2
COLOURS = {"growth": Colour.ARM_1.light, "potency": Colour.ARM_2.light}
NAMES = {"growth": "growth decides", "potency": "potency decides"}
WORDS = {"gvhd": "GVHD", "aml": "AML", "all": "ALL", "cml": "CML", "dfs": "disease-free", "a": "A", "b": "B", "c": "C"}
SECTIONS = ("Response", "Graft-versus-host disease", "Survival and durability")


def section_of(target: Target) -> str:
    """Return which panel a target is in."""
    if target.event in {"gvhd_onset", "acute_gvhd_2_to_4", "aplasia"}:
        return SECTIONS[1]
    if target.event in {"survival", "disease_free", "molecular_relapse", "death_of_gvhd"}:
        return SECTIONS[2]
    return SECTIONS[0]


def label(target: Target) -> str:
    """Return what a target is called on the page."""
    words = [WORDS.get(word, word) for word in target.name.split("_")]
    return " ".join([words[0].capitalize() if words[0].islower() else words[0], *words[1:]])


def exact_interval(target: Target) -> tuple[float, float]:
    """Return the exact binomial 95 % interval of an observed share, per cent (Clopper and Pearson)."""
    seen = round(target.value / 100.0 * target.n)
    low = 0.0 if seen == 0 else float(beta.ppf(0.025, seen, target.n - seen + 1))
    high = 1.0 if seen == target.n else float(beta.ppf(0.975, seen + 1, target.n - seen))
    return 100.0 * low, 100.0 * high


def draw(found: dict[str, Any], file: Path) -> None:
    """Write observed and predicted shares as SVG."""
    shares = [target for target in read_targets() if not target.in_weeks]
    counts = [sum(section_of(target) == section for target in shares) for section in SECTIONS]
    with mpl.rc_context({"svg.hashsalt": file.stem, "svg.fonttype": "path", "font.size": 9.5}):
        figure = Figure(figsize=(8.0, 0.27 * sum(counts) + 2.2), layout="constrained")
        panels = figure.subplots(3, 1, sharex=True, height_ratios=[count + 1 for count in counts])
        for axes, section in zip(panels, SECTIONS, strict=True):
            _panel(axes, [target for target in shares if section_of(target) == section], found)
            axes.set_title(section, loc="left", fontsize=10.5, fontweight="bold")
        panels[-1].set_xlabel(
            "share of patients, %\nlines: exact 95 % interval (published), 95 % over parameters (predicted)"
        )
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
        figure.savefig(file, format="svg", facecolor="white", metadata=dict.fromkeys(("Date", "Creator")))


def _panel(axes: mpl.axes.Axes, targets: list[Target], found: dict[str, Any]) -> None:
    heights = -np.arange(len(targets), dtype=np.float64)
    limits = np.array([exact_interval(target) for target in targets])
    values = np.array([target.value for target in targets])
    axes.hlines(heights + APART, *limits.T, color=Colour.PUBLISHED.light, linewidth=1.3)
    axes.plot(values, heights + APART, "D", color=Colour.PUBLISHED.light, markersize=4, label="published")
    for place, (structure, colour) in enumerate(COLOURS.items()):
        rows = np.array([found[structure]["targets"][target.name] for target in targets])
        at = heights - place * APART
        axes.hlines(at, rows[:, 1], rows[:, 2], color=colour, linewidth=1.3)
        axes.plot(rows[:, 0], at, "o", color=colour, markersize=3.5, label=NAMES[structure])
    marks = {"fitted": "", "held out": " (held out)", "compared": " (not fitted)"}
    axes.set_yticks(heights, [f"{label(target)}{marks[target.use]}" for target in targets])
    axes.set_ylim(heights[-1] - 0.7, 0.7)
    axes.set_xlim(0, 100)
    axes.grid(axis="x", color=Colour.GRID.light, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
