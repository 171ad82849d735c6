r"""What one study does to a pool: leaving each out, adding one after another, and measures of influence.

With (i) for a quantity without study i:

.. math::

    r_i = \frac{y_i - \hat\mu_{(i)}}{\sqrt{v_i + \tau^2_{(i)} + SE_{(i)}^2}}, \qquad
    D_i = \frac{(\hat\mu - \hat\mu_{(i)})^2}{SE^2}

Viechtbauer and Cheung, Res Synth Methods 2010;1:112.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.pooling import IntervalMethod, Pooled, pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """One study's influence on a pool.

    Attributes
    ----------
    label : str
        The study.
    weight : float, 1
        Its share of the pool.
    deleted_residual, distance : float, 1
        Its residual from the pool of the others, in standard errors, and Cook's distance.
    without : Pooled
        The pool of the others.
    """

    label: str
    weight: float
    deleted_residual: float
    distance: float
    without: Pooled


def leave_one_out(
    effects: Effects,
    method: BetweenMethod = BetweenMethod.RESTRICTED_LIKELIHOOD,
    interval: IntervalMethod = IntervalMethod.NORMAL,
) -> tuple[Influence, ...]:
    """Return the influence of every study, in their order.

    Raises
    ------
    AnalysisError
        When there are fewer than two studies, so that leaving one out leaves none.
    """
    if effects.k < 2:
        raise AnalysisError("one study: leaving it out leaves none; leave-one-out needs at least two")
    whole = pool(effects, method, interval)
    plain = pool(effects, method)
    found = []
    for place, label in enumerate(effects.labels):
        others = pool(effects.without(place), method, interval)
        plainly = pool(effects.without(place), method)
        left = 0.0 if plainly.heterogeneity is None else plainly.heterogeneity.tau_squared
        estimate, variance = float(effects.estimates[place]), float(effects.variances[place])
        moved = plain.estimate - plainly.estimate
        found.append(
            Influence(
                label=label,
                weight=float(whole.weights[place]),
                deleted_residual=(estimate - plainly.estimate)
                / float(np.sqrt(variance + left + plainly.standard_error**2)),
                distance=(moved / plain.standard_error) ** 2,
                without=others,
            )
        )
    return tuple(found)


def cumulative(
    effects: Effects,
    order: Sequence[int],
    method: BetweenMethod = BetweenMethod.RESTRICTED_LIKELIHOOD,
    interval: IntervalMethod = IntervalMethod.NORMAL,
) -> tuple[Pooled, ...]:
    """Return the pools of the first study, the first two, ... in an order of places, such as by year."""
    if sorted(order) != list(range(effects.k)):
        raise AnalysisError(f"order {list(order)}: name each place from 0 to {effects.k - 1} once")
    places = np.asarray(order, dtype=np.int64)
    return tuple(pool(effects.chosen(places[:count]), method, interval) for count in range(1, effects.k + 1))
