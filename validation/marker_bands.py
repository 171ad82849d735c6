"""Visual predictive checks: laboratory results of virtual patients around what laboratories reported.

    python validation/marker_bands.py

Virtual patients are sampled as `trialeukin.trial.laboratory` does it, with the assay's error and limits. Beside each
published median, mean or range stands the interval that the same statistic has in samples of the study's own size.
"""

import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from trialeukin.core.arrays import Floats
from trialeukin.core.random import Stream
from trialeukin.core.sources import Source
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.model.whole import model
from trialeukin.population.cohort import adapted, draw_cohort
from trialeukin.population.description import load_description
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse
from trialeukin.report.palette import Colour
from trialeukin.trial.laboratory.catalogue import assay

HERE = Path(__file__).parent
TABLE = HERE / "marker_bands.csv"
PAGE, FIGURE = HERE.parent / "docs" / "validation-markers.md", HERE.parent / "docs" / "validation-markers.svg"
PATIENTS, SAMPLES, SEED, POINTS = 2_000, 4_000, 1996, 240
LEVELS = (0.05, 0.50, 0.95)
LIBRARY = "library:"
STATISTICS: dict[str, Callable[[Floats], Floats]] = {
    "median": lambda samples: np.median(samples, axis=1),
    "mean": lambda samples: samples.mean(axis=1),
    "lowest": lambda samples: samples.min(axis=1),
    "highest": lambda samples: samples.max(axis=1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One published statistic of a laboratory test."""

    day: float
    statistic: str
    n: int
    value: float
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What was observed of one test in one study, and how it is simulated."""

    study: str
    test: str
    model: str
    cohort: str
    regimen: str
    relative: bool
    shown_to: float
    assumed: str
    observations: tuple[Observation, ...]

    @property
    def unit(self) -> str:
        """What its axis shows."""
        return "times baseline" if self.relative else assay(self.test).unit


def read_panels() -> tuple[Panel, ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        _panel([row for row in rows if row["panel"] == name]) for name in dict.fromkeys(r["panel"] for r in rows)
    )


def _panel(rows: Sequence[dict[str, str]]) -> Panel:
    first = rows[0]
    return Panel(
        study=first["study"],
        test=first["test"],
        model=first["model"],
        cohort=first["cohort"],
        regimen=first["regimen"],
        relative=first["baseline"] == "change",
        shown_to=float(first["shown_to"]),
        assumed=first["assumed"],
        observations=tuple(
            Observation(
                day=float(row["day"]),
                statistic=row["statistic"],
                n=int(row["n"]),
                value=float(row["value"]),
                source=Source(row["key"], row["place"]),
            )
            for row in rows
        ),
    )


def results(panel: Panel, days: Floats) -> Floats:
    """Return the laboratory results of virtual patients, (n, k), on some days; one below the limit is the limit."""
    description, test = load_description(panel.cohort), assay(panel.test)
    system = adapted(model(panel.model), description)
    cohort = draw_cohort(description, system, seed=SEED, patients=np.arange(PATIENTS))
    text = panel.regimen
    regimen = load(text.removeprefix(LIBRARY)) if text.startswith(LIBRARY) else parse(text)
    last = float(days.max())
    given = [each for each in expand(regimen) if each.start / 24.0 <= last]
    times = np.unique(np.concatenate([[0.0], days]))
    found = solve(
        Problem(
            system=system,
            parameters=cohort.parameters,
            doses=planned_doses(system, given, bsa=cohort.bsa, weight=cohort.weight),
            horizon=last + 1e-6,
            save_times=times,
            save=(test.quantity,),
            examinations=np.zeros(0),
        )
    )
    errors = Stream(SEED, f"visual predictive check/{panel.test}").normal(cohort.patients, times.size)
    measured = test.measured(found.value(test.quantity), errors)
    limit = 0.0 if test.lower_limit is None else test.lower_limit.value
    shown = np.where(measured.below, limit, measured.values)
    shown = shown / shown[:, :1] if panel.relative else shown
    return np.asarray(shown[~np.isnan(shown).any(axis=1)][:, np.searchsorted(times, days)])


def predicted(observation: Observation, values: Floats) -> Floats:
    """Return the middle and 90 % of a statistic over samples of the study's size, (3,)."""
    chosen = np.random.default_rng(SEED).integers(values.size, size=(SAMPLES, observation.n))
    return np.asarray(np.quantile(STATISTICS[observation.statistic](values[chosen]), LEVELS))


def page(panels: Sequence[Panel]) -> str:
    head = [
        "# Laboratory markers: visual predictive checks",
        "",
        f"Written by `validation/marker_bands.py`: {PATIENTS:,} virtual patients, sampled with the error and limits of",
        "the assays in `trial/laboratory/catalogue.py`, around what laboratories reported",
        "(`validation/marker_bands.csv`). The band holds 90 % of patients at the typical parameters: it shows how",
        "patients differ, not what we do not know.",
        "",
        "![Laboratory results of virtual patients and what was reported](validation-markers.svg)",
        "",
        "*Line: median; band: 5 to 95 % of patients, error of measurement included. Marks: published medians, means",
        "and ranges.*",
        "",
        "A statistic of few patients is set beside what it would be in samples of the same size.",
        "",
        "| study | test | day | statistic | n | reported | predicted (90 %) | inside | from | assumed |",
        "|---|---|--:|---|--:|--:|--:|---|---|---|",
    ]
    rows = [line for panel in panels for line in lines(panel)]
    inside = sum("| yes |" in line for line in rows)
    return "\n".join([*head, *rows, "", f"{inside} of {len(rows)} reported statistics lie inside.", ""])


def lines(panel: Panel) -> list[str]:
    """Return the rows of the table, one a reported statistic."""
    values = results(panel, np.array([each.day for each in panel.observations]))
    rows = []
    for place, each in enumerate(panel.observations):
        low, middle, high = predicted(each, values[:, place])
        inside = "yes" if low <= each.value <= high else "no"
        shown = f"{_number(middle)} ({_number(low)} to {_number(high)})"
        numbers = f"{_number(each.value)} {panel.unit} | {shown} | {inside}"
        origin = f"{each.source} | {panel.assumed}"
        rows.append(
            f"| {panel.study} | {panel.test} | {each.day:g} | {each.statistic} | {each.n} | {numbers} | {origin} |"
        )
    return rows


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def figure(panels: Sequence[Panel]) -> Figure:
    drawing = Figure(figsize=(9.6, 6.4), layout="constrained")
    FigureCanvasSVG(drawing)
    for axes, panel in zip(drawing.subplots(2, 3).flat, panels, strict=True):
        _draw(axes, panel)
    return drawing


def _draw(axes: Axes, panel: Panel) -> None:
    days = np.linspace(0.0, panel.shown_to, POINTS)
    low, middle, high = np.quantile(results(panel, days), LEVELS, axis=0)
    axes.fill_between(days, low, high, color=Colour.ARM_1.light, alpha=0.2, linewidth=0)
    axes.plot(days, middle, color=Colour.ARM_1.light, linewidth=1.6)
    ranges = [each for each in panel.observations if each.statistic in {"lowest", "highest"}]
    if ranges:
        ends = [each.value for each in ranges]
        axes.plot([ranges[0].day] * 2, ends, color=Colour.PUBLISHED.light, linewidth=1.6, marker="_", markersize=10)
    points = [each for each in panel.observations if each not in ranges]
    axes.plot(
        [each.day for each in points], [each.value for each in points], "D", color=Colour.PUBLISHED.light, markersize=5
    )
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_title(f"{panel.test}\n{panel.study}", fontsize=9.5, loc="left")
    axes.set_xlabel("day", fontsize=9)
    axes.set_ylabel(panel.unit, fontsize=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def main() -> int:
    panels = read_panels()
    PAGE.write_text(page(panels), encoding="utf-8")
    with mpl.rc_context({"svg.hashsalt": "trialeukin", "svg.fonttype": "path"}):
        figure(panels).savefig(FIGURE, metadata=dict.fromkeys(("Date", "Creator")), facecolor="white")
    return 0


if __name__ == "__main__":
    sys.exit(main())
