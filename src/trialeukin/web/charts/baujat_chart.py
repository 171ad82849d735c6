"""A Baujat plot for a screen: what part of the heterogeneity each trial makes, and how far it moves the pool."""

import numpy as np

from trialeukin.evidence.baujat import contributions
from trialeukin.evidence.pooling import Pooled
from trialeukin.report.evidence_figures import described
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.web.charts.chart import Chart
from trialeukin.web.charts.point_names import marks, names

ROOM = 1.2  # of the largest value, so that names stand inside
FLOOR = 0.04  # of the axes, below zero, so that a trial that does nothing has its name beside it
LEAST = 1e-9  # a plot of studies that agree has axes, too


def baujat_chart(title: str, found: Pooled) -> Chart:
    """Return the chart of a pool of two studies or more; its table adds up to Q."""
    parts, labels = contributions(found.effects), found.effects.labels
    across, up = np.array([each.heterogeneity for each in parts]), np.array([each.shift for each in parts])
    q = float(across.sum())
    far, high = ROOM * max(float(across.max()), LEAST), ROOM * max(float(up.max()), LEAST)
    left, low = -FLOOR * far, -FLOOR * high
    places = np.column_stack([(across - left) / (far - left), (up - low) / (high - low)])
    first = max(parts, key=lambda each: each.heterogeneity)
    return Chart(
        words=Words(
            name="baujat",
            title=f"Baujat plot, {title}",
            description=f"{first.label} makes the greatest part of Q, {first.heterogeneity:.2f} of {q:.2f}.",
            caption="Trials far right disagree with the others; those high up move the pool most when they are left "
            f"out. Fixed effects in this plot, so that its parts add up to Q. {described(found)}.",
        ),
        traces=(marks(labels, (across, up), "%{x:.2f} of Q, shift %{y:.3f}"),),
        layout={
            "hovermode": "closest",
            "showlegend": False,
            "xaxis": {"range": [left, far], "title": {"text": "part of Q"}},
            "yaxis": {"range": [low, high], "title": {"text": "squared shift without it"}},
            "annotations": names(labels, np.column_stack([across, up]), places),
        },
        table=Table(
            caption=f"What each trial makes of Q = {q:.2f}, and the squared shift of the pool without it, in variances",
            head=("trial", "part of Q", "share of Q", "squared shift"),
            rows=tuple(
                (
                    each.label,
                    f"{each.heterogeneity:.3f}",
                    f"{100.0 * each.heterogeneity / q:.0f} %" if q else "–",
                    f"{each.shift:.3f}",
                )
                for each in parts
            ),
        ),
        height=360,
    )
