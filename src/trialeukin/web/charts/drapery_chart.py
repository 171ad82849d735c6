"""A drapery plot for a screen: p as a function of the hazard ratio, of each trial, of the pool and of a new trial."""

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.drapery import drapery
from trialeukin.evidence.pooling import Pooled
from trialeukin.report.drapery_figure import LEVEL, TICKS
from trialeukin.report.evidence_figures import described
from trialeukin.report.forest_figure import FARTHEST
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.web.charts.chart import Chart, Trace, numbers, token
from trialeukin.web.charts.ratio_axis import across, ratio_axis, upright

POOL, NEW = "the pool", "a new trial"


def drapery_chart(title: str, found: Pooled) -> Chart:
    """Return the chart of a pool; its table has where every curve comes to one and to 0.05, and p against no effect."""
    curves = drapery(found)
    ratios = np.exp(curves.at)
    traces = [_curve(label, ratios, p) for label, p in zip(curves.labels, curves.studies, strict=True)]
    if curves.new_study is not None:
        shade = {"fill": "tozeroy", "fillcolor": token(Colour.ARM_1, 0.14), "line": {"width": 0}}
        traces.insert(0, dict(_curve(NEW, ratios, curves.new_study)) | shade)
    traces.append(dict(_curve(POOL, ratios, curves.pooled)) | {"line": {"color": token(Colour.ARM_1), "width": 3}})
    return Chart(
        words=Words(
            name="drapery",
            title=f"Drapery plot, {title}",
            description=f"The curve of the pool is one at {np.exp(found.estimate):.2f} and crosses 0.05 at "
            f"{np.exp(found.lower):.2f} and {np.exp(found.upper):.2f}; p against no effect {found.p_value:.2f}.",
            caption="Blue: the pool; grey: trials, named where a pointer or finger rests on one; shaded: a new trial. "
            f"Where a curve crosses 0.05 its 95 % interval ends. {described(found)}.",
        ),
        traces=tuple(traces),
        layout={
            "hovermode": "closest",
            "showlegend": False,
            "xaxis": ratio_axis(
                max(float(ratios[0]), 1.0 / FARTHEST), min(float(ratios[-1]), FARTHEST), "hazard ratio"
            ),
            "yaxis": {
                "range": [0.0, 1.02],
                "tickvals": list(TICKS),
                "ticktext": [f"{tick:g}" for tick in TICKS],
                "title": {"text": "p against this hazard ratio"},
            },
            "shapes": [upright(1.0), across(LEVEL, {"color": token(Colour.INK), "width": 1, "dash": "dot"})],
        },
        table=_table(found),
        height=360,
    )


def _curve(label: str, ratios: Floats, p: Floats) -> Trace:
    return {
        "x": numbers(ratios),
        "y": numbers(p),
        "name": label,
        "mode": "lines",
        "line": {"color": token(Colour.MUTED), "width": 1},
        "hovertemplate": f"{label}: p %{{y:.3f}} against %{{x:.2f}}<extra></extra>",
    }


def _table(found: Pooled) -> Table:
    effects = found.effects
    reach = NORMAL_975 * effects.standard_errors
    none = drapery(found, np.zeros(1))
    rows = [
        _row(label, (value - half, value, value + half), float(p))
        for label, value, half, p in zip(effects.labels, effects.estimates, reach, none.studies[:, 0], strict=True)
    ]
    rows.append(_row(POOL, (found.lower, found.estimate, found.upper), float(none.pooled[0])))
    limits = found.prediction()
    if limits is not None and none.new_study is not None:
        rows.append(_row(NEW, (limits[0], found.estimate, limits[1]), float(none.new_study[0])))
    return Table(
        caption="Where each curve comes to one and to 0.05, as hazard ratios, and its p against no effect",
        head=("curve", "p = 1 at", "p = 0.05 at", "p against 1"),
        rows=tuple(rows),
    )


def _row(label: str, points: tuple[float, float, float], p: float) -> tuple[str, ...]:
    low, middle, high = np.exp(points)
    return label, f"{middle:.2f}", f"{low:.2f} and {high:.2f}", f"{p:.3f}"
