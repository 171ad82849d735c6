r"""Which studies make a pool heterogeneous, and which move it: the two axes of Baujat's plot.

With w = 1/v, the fixed effect :math:`\hat\mu = \sum w y / \sum w` and (i) for a pool without study i:

.. math::

    x_i = w_i (y_i - \hat\mu)^2, \qquad \sum x_i = Q, \qquad
    z_i = (\hat\mu - \hat\mu_{(i)})^2 \sum_{j \neq i} w_j

Fixed effects in both, whatever the pool itself is made by: with a variance between studies the first would not add up
to Q. Baujat, Mahé, Pignon and Hill, Stat Med 2002;21:2641.
"""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one study does to a pool.

    Attributes
    ----------
    label : str
        The study.
    heterogeneity : float, 1
        Its part of Cochran's Q, :math:`x_i`; the parts add up to Q.
    shift : float, 1
        How far the pooled effect moves without it, squared, in variances of the pool of the others, :math:`z_i`.
    """

    label: str
    heterogeneity: float
    shift: float


def contributions(effects: Effects) -> tuple[Contribution, ...]:
    """Return what every study does to the pool, in their order.

    Raises
    ------
    AnalysisError
        When there are fewer than two studies, so that nothing is left without one.
    """
    if effects.k < 2:
        raise AnalysisError("one study: it has no heterogeneity, and without it nothing is left; give at least two")
    weights = 1.0 / effects.variances
    centre = float(weights @ effects.estimates / weights.sum())
    away = effects.estimates - centre
    others = weights.sum() - weights
    moved = weights * away / others  # centre less the centre without each: of sums alone it would cancel
    return tuple(
        Contribution(label=label, heterogeneity=float(part), shift=float(shift))
        for label, part, shift in zip(effects.labels, weights * away**2, np.square(moved) * others, strict=True)
    )
