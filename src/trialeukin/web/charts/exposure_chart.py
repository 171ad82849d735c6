"""Hazard ratios of trials against the exposure that the model computes of their arms."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.arm_exposure import ArmExposure, ExposureMeasure
from trialeukin.evidence.dose_response import LOGARITHMIC, DoseResponse
from trialeukin.evidence.pooling import Pooled
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import shortly, with_limits
from trialeukin.web.charts.chart import Chart, error_bars, token
from trialeukin.web.charts.point_names import marks, names
from trialeukin.web.charts.ratio_axis import NO_EFFECT, across, ratio_axis

ROOM = 1.15  # beyond the outermost interval
DOSES = (0.01, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 7, 10, 20, 50, 100, 150, 200, 300, 500, 1000)


def exposure_chart(found: DoseResponse, pooled: Pooled, exposures: dict[str, ArmExposure], name: str) -> Chart:
    """Return the chart: a mark a trial with the 95 % of both; no line is drawn where none can be read."""
    measure, labels = found.measure, found.trials
    places = [pooled.effects.labels.index(label) for label in labels]
    logs, errors = pooled.effects.estimates[places], pooled.effects.standard_errors[places]
    ratios, lows, highs = np.exp(logs), np.exp(logs - NORMAL_975 * errors), np.exp(logs + NORMAL_975 * errors)
    at = np.array([exposures[label].typical(measure) for label in labels])
    limits = np.array([exposures[label].interval(measure) for label in labels])
    low, high = float(min(lows.min(), 0.7)) / 1.1, float(max(highs.max(), 1.4)) * 1.1
    level, upright = _exposure_axis(measure, at, limits), ratio_axis(low, high, "hazard ratio; below 1 favours IL-2")
    scaled = np.log10 if measure in LOGARITHMIC else np.asarray
    drawn = scaled(np.column_stack([at, limits])), np.log10(np.column_stack([ratios, lows, highs]))
    rows = tuple(
        (
            label,
            f"{shortly(x)} ({shortly(span[0])} to {shortly(span[1])})",
            with_limits(ratio, below, above),
        )
        for label, x, span, ratio, below, above in zip(labels, at, limits, ratios, lows, highs, strict=True)
    )
    return Chart(
        words=Words(
            name=name,
            title=f"Hazard ratio against {measure.label}",
            description="; ".join(f"{label}: {x}, hazard ratio {ratio}" for label, x, ratio in rows) + ".",
            caption="Marks: trials, named; lines: 95 % of the hazard ratio, and of what is not known of the model. "
            f"Exposure is computed, not measured. {_slope(found)}",
        ),
        traces=(
            marks(labels, (at, ratios), "%{x:.3g}, HR %{y:.2f}")
            | {
                "error_x": _bars(limits[:, 1] - at, at - limits[:, 0]),
                "error_y": _bars(highs - ratios, ratios - lows),
            },
        ),
        layout={
            "hovermode": "closest",
            "showlegend": False,
            "xaxis": level,
            "annotations": _names(labels, (drawn[0], level["range"]), (drawn[1], upright["range"])),
            "yaxis": upright,
            "shapes": [across(1, NO_EFFECT)],
        },
        table=Table(
            caption="Exposure of each trial's arm with IL-2, and its hazard ratio",
            head=("trial", measure.label, "hazard ratio (95 %)"),
            rows=rows,
        ),
        height=360,
    )


def _slope(found: DoseResponse) -> str:
    """Return the slope with its interval and the chance that more is better, in a sentence."""
    slope = found.regression.slopes[1]
    return (
        f"Log hazard ratio per standard deviation of exposure {slope.value:+.2f} ({slope.lower:+.2f} to "
        f"{slope.upper:+.2f}), k = {found.regression.k}; probability that more goes with a lower hazard "
        f"{found.better_with_more:.2f}."
    )


def _bars(above: Floats, below: Floats) -> dict[str, Any]:
    return error_bars(np.maximum(above, 0.0), np.maximum(below, 0.0), token(Colour.MUTED), 1.2)


def _names(
    labels: tuple[str, ...], level: tuple[Floats, Sequence[float]], up: tuple[Floats, Sequence[float]]
) -> list[dict[str, Any]]:
    """Return the names of trials, from each axis' k marks with their limits, (k, 3), and its ends."""
    (x, left, right), (y, bottom, top) = (((values - ends[0]) / (ends[1] - ends[0])).T for values, ends in (level, up))
    lines = np.concatenate([np.column_stack([left, y, right, y]), np.column_stack([x, bottom, x, top])])
    return names(labels, np.column_stack([level[0][:, 0], up[0][:, 0]]), np.column_stack([x, y]), lines)


def _exposure_axis(measure: ExposureMeasure, at: Floats, limits: Floats) -> dict[str, Any]:
    axis = {"title": {"text": measure.label}}
    least, most = float(min(at.min(), limits.min())) / ROOM, float(max(at.max(), limits.max())) * ROOM
    if measure not in LOGARITHMIC:
        return axis | {"range": [0.0, most]}
    ticks = [tick for tick in DOSES if least <= tick <= most]
    return axis | {
        "type": "log",
        "range": [float(np.log10(least)), float(np.log10(most))],
        "tickvals": ticks,
        "ticktext": [f"{tick:g}" for tick in ticks],
    }
