"""A funnel plot for a screen: hazard ratios against their standard errors."""

import numpy as np

from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.pooling import Pooled
from trialeukin.report.evidence_figures import described
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.web.charts.chart import Chart, numbers, token
from trialeukin.web.charts.point_names import marks, names
from trialeukin.web.charts.ratio_axis import ratio_axis, upright

DEEPER = 1.12  # than the least precise trial, so that its name stands inside


def funnel_chart(title: str, found: Pooled) -> Chart:
    """Return the chart of a pool; within the triangle lie 95 % of trials of one true effect."""
    effects = found.effects
    ratios, errors = np.exp(effects.estimates), effects.standard_errors
    deepest = DEEPER * float(errors.max())
    centre = found.estimate
    reach = 1.15 * max(NORMAL_975 * deepest, float(np.abs(effects.estimates - centre).max()))
    low, high = centre - reach, centre + reach
    places = np.column_stack([(effects.estimates - low) / (high - low), 1.0 - errors / deepest])
    inside = np.abs(effects.estimates - centre) <= NORMAL_975 * errors
    rows = tuple(
        (label, f"{ratio:.2f}", f"{error:.3f}", "yes" if within else "no")
        for label, ratio, error, within in zip(effects.labels, ratios, errors, inside, strict=True)
    )
    return Chart(
        words=Words(
            name="funnel",
            title=f"Funnel plot, {title}",
            description=f"{int(inside.sum())} of {effects.k} trials lie within the limits about the pooled effect.",
            caption="Points: trials, the more precise the higher; shaded: where 95 % of trials of the pooled effect "
            f"would lie. {described(found)}.",
        ),
        traces=(
            {
                "x": numbers(np.exp([centre - NORMAL_975 * deepest, centre, centre + NORMAL_975 * deepest])),
                "y": numbers(np.array([deepest, 0.0, deepest])),
                "mode": "lines",
                "fill": "toself",
                "fillcolor": token(Colour.MUTED, 0.12),
                "line": {"width": 0},
                "hoverinfo": "skip",
            },
            {
                "x": numbers(np.exp([centre, centre])),
                "y": numbers(np.array([0.0, deepest])),
                "mode": "lines",
                "line": {"color": token(Colour.ARM_1), "width": 1.5},
                "hoverinfo": "skip",
            },
            marks(effects.labels, (ratios, errors), "HR %{x:.2f}, SE %{y:.3f}"),
        ),
        layout={
            "hovermode": "closest",
            "showlegend": False,
            "xaxis": ratio_axis(float(np.exp(low)), float(np.exp(high)), "hazard ratio"),
            "yaxis": {"range": [deepest, 0.0], "title": {"text": "standard error of its logarithm"}},
            "shapes": [upright(1.0)],
            "annotations": names(effects.labels, np.column_stack([np.log10(ratios), errors]), places),
        },
        table=Table(
            caption="Trials by their precision",
            head=("trial", "hazard ratio", "standard error of its logarithm", "within the limits"),
            rows=rows,
            numeric=(False, True, True, False),
        ),
        height=360,
    )
