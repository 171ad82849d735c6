"""Baujat plot: what part of the heterogeneity each study makes, against how far it moves the pool."""

import numpy as np
from matplotlib.figure import Figure

from trialeukin.evidence.baujat import Contribution
from trialeukin.report.framed_plot import framed
from trialeukin.report.palette import Colour
from trialeukin.report.point_names import name_points

ROOM = 1.18  # of the largest value, so that names stand inside


def baujat_figure(title: str, found: tuple[Contribution, ...], foot: str) -> Figure:
    """Return the plot: studies far right disagree with the others, those high up move their pool.

    Parameters
    ----------
    title : str
        What was pooled.
    found : tuple of Contribution
        A point each.
    foot : str
        A line below: k, method and heterogeneity of the pool.
    """
    q = sum(each.heterogeneity for each in found)
    sheet, axes = framed(title, (foot, f"fixed effects in this plot: the parts across add up to Q = {q:.2f}"))
    points = np.array([[each.heterogeneity, each.shift] for each in found])
    for each in found:
        axes.plot(each.heterogeneity, each.shift, "o", color=Colour.PUBLISHED.light, markersize=5.5, gid=each.label)
    far, high = (float(edge) or 1.0 for edge in ROOM * points.max(axis=0))
    axes.set_xlim(-0.02 * far, far)
    axes.set_ylim(-0.02 * high, high)
    axes.set_xticks([tick for tick in axes.get_xticks() if 0.0 <= tick <= far])
    axes.set_yticks([tick for tick in axes.get_yticks() if 0.0 <= tick <= high])
    axes.set_xlabel("part of Q")
    axes.set_ylabel("squared shift of the pool without it, in its variances")
    name_points(axes, tuple(each.label for each in found), points)
    return sheet.figure
