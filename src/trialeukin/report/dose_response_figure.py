"""Hazard ratios of trials against an exposure that the model computes: points, the line and its band."""

import numpy as np
from matplotlib.figure import Figure

from trialeukin.core.arrays import Floats
from trialeukin.core.normal import NORMAL_975
from trialeukin.evidence.dose_response import DoseResponse
from trialeukin.evidence.synthesis import Synthesis
from trialeukin.report.evidence_figures import described
from trialeukin.report.framed_plot import framed, logarithmic_axis, ratio_axis, trial
from trialeukin.report.palette import Colour

STEPS = 80


def dose_response_figure(found: DoseResponse, pooled: Synthesis) -> Figure:
    """Return hazard ratios with 95 % limits against exposure with its own, the line, its band, and the verdict."""
    foot = (
        f"the pool: {described(pooled.pooled)}",
        f"P(better with more) {found.better_with_more:.2f}; it {found.verdict.value}",
        "bars across: 95 % of exposure over what is not known of the model; band: 95 % of the line",
    )
    sheet, axes = framed(f"{pooled.title}: {pooled.selection.endpoint.value.upper()}", foot)
    grid = np.linspace(*_span(found.exposure[:, 0], found.logarithmic), STEPS)
    along = np.exp(grid) if found.logarithmic else grid
    middle, low, high = np.exp(found.line(along))
    axes.fill_between(along, low, high, color=Colour.ARM_1.light, alpha=0.16, linewidth=0, zorder=0)
    axes.plot(along, middle, color=Colour.ARM_1.light, linewidth=1.4)
    effects = {each.name: each.effect for each in pooled.selection.taken}
    ends = [float(low.min()), float(high.max())]
    for label, exposure in zip(found.trials, found.exposure, strict=True):
        error = NORMAL_975 * (effects[label].se or 0.0)
        limits = np.exp(effects[label].log_hazard_ratio + np.array([0.0, -error, error]))
        trial(axes, label, tuple(exposure), limits)
        ends += limits.tolist()
    ratio_axis(axes, ends)
    if found.logarithmic:
        logarithmic_axis(axes)
    axes.set_xlabel(f"{found.measure.label}, computed by the model")
    return sheet.figure


def _span(values: Floats, logarithmic: bool) -> tuple[float, float]:
    inside = np.log(values) if logarithmic else values
    margin = 0.08 * float(np.ptp(inside))
    return float(inside.min()) - margin, float(inside.max()) + margin
