"""The hazard ratios that the replicate trials of a run found, beside what was expected and published."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import compute, parquet

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.counting import counted
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import percent
from trialeukin.web.charts.chart import Chart, Trace, numbers, token
from trialeukin.web.charts.ratio_axis import NO_EFFECT

LABELS = {"lfs": "leukaemia-free survival", "os": "overall survival"}
DRAWN, TYPICAL = "parameters drawn", "typical parameters"
MOST_CLASSES = 40
ENDS = (0.002, 0.998)
TICKS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0)
WIDEST_TICK = 0.09  # of the axis, between two named ratios


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A ratio that is drawn as a line across the histogram."""

    name: str
    value: float
    colour: Colour
    dash: str


def ratio_charts(table: Path, summary: Mapping[str, Any]) -> tuple[Chart, ...]:
    """Return the histogram of hazard ratios of each endpoint in which a trial has one.

    Parameters
    ----------
    table : Path
        The run's ``replicates.parquet``.
    summary : mapping
        The run's ``summary.json``.
    """
    rows = parquet.read_table(table)
    if "treatment" in rows.column_names:  # runs from before there were several have no such column
        rows = rows.filter(compute.field("treatment") == summary["comparison"]["treatment"])
    charts = []
    for endpoint in summary["endpoints"]:
        of_endpoint = rows.filter(compute.field("PARAMCD") == endpoint.upper())
        groups = {
            name: of_endpoint.filter(compute.field("parameters") == group)["hazard_ratio"].drop_null().to_numpy()
            for name, group in ((DRAWN, "drawn"), (TYPICAL, "typical"))
        }
        found = {name: ratios for name, ratios in groups.items() if ratios.size}
        if found:
            charts.append(_chart(endpoint, found, summary))
    return tuple(charts)


def _chart(endpoint: str, groups: dict[str, Floats], summary: Mapping[str, Any]) -> Chart:
    marks = _marks(endpoint, summary)
    edges = _edges(groups, marks)
    counts = {name: _counts(ratios, edges) for name, ratios in groups.items()}
    shares = {name: 100.0 * count / count.sum() for name, count in counts.items()}
    top = max(float(share.max()) for share in shares.values())
    interval = summary["endpoints"][endpoint]["hazard_ratio"]
    said = "; ".join(f"{mark.name} {mark.value:.2f}" for mark in marks)
    trials = next(iter(groups.values())).size
    return Chart(
        words=Words(
            name=f"ratios-{endpoint}",
            title=f"Hazard ratio for {LABELS[endpoint]} over {counted(trials, 'trial')}",
            description=f"Share of trials by the hazard ratio they find; {said}; central 95 % of trials "
            f"{interval['lower']:.2f} to {interval['upper']:.2f}.",
            caption=_caption(endpoint, groups, summary),
        ),
        traces=(*_histograms(shares, edges), *(_line(mark, top) for mark in marks)),
        layout=_layout(edges, (interval["lower"], interval["upper"])),
        table=_table(endpoint, edges, counts),
        height=360,
    )


def _caption(endpoint: str, groups: dict[str, Floats], summary: Mapping[str, Any]) -> str:
    below = next(iter(groups.values())) < 1.0
    comparison = summary["comparison"]
    drawn = (
        "Filled: parameters drawn from what is known of them, which the 95 % interval (shaded) is of; outlined: the "
        "typical parameters, which power is counted in. "
        if DRAWN in groups
        else "At the typical parameters; none were drawn. Shaded: the central 95 %. "
    )
    return (
        f"Ratios below one favour {comparison['treatment']} over {comparison['control']}: so do "
        f"{percent(float(below.mean()))} of the trials. {drawn}The end classes hold what lies beyond. "
        f"{counted(summary['endpoints'][endpoint]['not_estimable'], 'trial')} without a finite ratio."
    )


def _marks(endpoint: str, summary: Mapping[str, Any]) -> tuple[_Mark, ...]:
    found = summary["endpoints"][endpoint]
    expected = found["hazard_ratio_at_typical_parameters"]
    marks = [_Mark(name="median of trials", value=found["hazard_ratio"]["value"], colour=Colour.ARM_2, dash="dash")]
    if expected is not None:
        marks.insert(0, _Mark(name="whole population", value=expected, colour=Colour.INK, dash="solid"))
    marks += [
        _Mark(name=f"published ({each['origin']})", value=each["value"], colour=Colour.ARM_1, dash="dot")
        for each in summary["published"].get("hazard_ratios", [])
        if each["endpoint"] == endpoint
    ]
    return tuple(marks)


def _edges(groups: dict[str, Floats], marks: tuple[_Mark, ...]) -> Floats:
    ends = np.concatenate([np.quantile(ratios, ENDS) for ratios in groups.values()])
    known = np.array([1.0, *(mark.value for mark in marks)])
    low, high = min(ends.min(), known.min()) / 1.03, max(ends.max(), known.max()) * 1.03
    fewest = min(ratios.size for ratios in groups.values())
    return np.geomspace(low, high, 1 + min(MOST_CLASSES, max(6, int(2.0 * np.sqrt(fewest)))))


def _counts(ratios: Floats, edges: Floats) -> Integers:
    return np.histogram(np.clip(ratios, edges[0], edges[-1]), edges)[0].astype(np.int64)


def _histograms(shares: dict[str, Floats], edges: Floats) -> list[Trace]:
    traces: list[Trace] = []
    for place, (name, share) in enumerate(shares.items()):
        traces.append(
            {
                "x": numbers(np.concatenate((edges[:1], edges))),
                "y": numbers(np.concatenate(([0.0], share, [0.0]))),
                "mode": "lines",
                "name": name,
                "line": {"shape": "hv", "width": 1.2, "color": token(Colour.ARM_2 if place == 0 else Colour.ARM_3)},
                "fill": "tozeroy" if place == 0 else "none",
                "fillcolor": token(Colour.ARM_2, 0.35),
                "hovertemplate": "from %{x:.2f}: %{y:.1f} % of trials",
            }
        )
    return traces


def _line(mark: _Mark, top: float) -> Trace:
    return {
        "x": numbers(np.array([mark.value, mark.value])),
        "y": [0.0, round(1.05 * top, 2)],
        "mode": "lines",
        "name": f"{mark.name}: {mark.value:.2f}",
        "line": {"color": token(mark.colour), "width": 2, "dash": mark.dash},
        "hoverinfo": "name",
    }


def _layout(edges: Floats, interval: tuple[float, float]) -> dict[str, object]:
    low, high = np.log10(edges[0]), np.log10(edges[-1])
    ticks: list[float] = []
    for tick in sorted(TICKS, key=lambda each: abs(np.log10(each))):
        apart = all(abs(np.log10(tick / other)) > WIDEST_TICK * (high - low) for other in ticks)
        if low <= np.log10(tick) <= high and apart:
            ticks.append(tick)
    across = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": 1, "x1": 1, "layer": "below"}
    band = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": interval[0], "x1": interval[1], "layer": "below"}
    return {
        "xaxis": {
            "type": "log",
            "range": [float(low), float(high)],
            "tickvals": sorted(ticks),
            "ticktext": [f"{tick:g}" for tick in sorted(ticks)],
            "title": {"text": "hazard ratio (logarithmic)"},
        },
        "yaxis": {"title": {"text": "trials, %"}, "rangemode": "tozero"},
        "shapes": [
            band | {"fillcolor": token(Colour.ARM_2, 0.1), "line": {"width": 0}},
            across | {"line": NO_EFFECT},
        ],
        "showlegend": True,
        "hovermode": "closest",
    }


def _table(endpoint: str, edges: Floats, counts: dict[str, Integers]) -> Table:
    last = edges.size - 2
    names = [
        f"below {edges[1]:.3f}"
        if place == 0
        else f"{edges[place]:.3f} or more"
        if place == last
        else f"{edges[place]:.3f} to {edges[place + 1]:.3f}"
        for place in range(edges.size - 1)
    ]
    return Table(
        caption=f"Trials by the hazard ratio they find for {LABELS[endpoint]}",
        head=("hazard ratio", *counts),
        rows=tuple((name, *(f"{count[place]:,}" for count in counts.values())) for place, name in enumerate(names)),
    )
