r"""How compatible every effect is with each study and with their pool: p as a function of the effect.

.. math::

    p_i(\theta) = 2\,\Phi\!\left(-\frac{|y_i - \theta|}{\sqrt{v_i}}\right), \qquad
    p(\theta) = 2\,F\!\left(-\frac{|\hat\mu - \theta|}{SE}\right), \qquad
    p_{new}(\theta) = 2\,F_{k-1}\!\left(-\frac{|\hat\mu - \theta|}{\sqrt{SE^2 + \tau^2}}\right)

with F of the law of the pool's own interval. Each is one at its estimate, and crosses 0.05 at the ends of its 95 %
interval, 0.01 at those of 99 %, and so on: no level is chosen before it is read. Rücker and Schwarzer, Res Synth
Methods 2021;12:13.
"""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.evidence.pooling import Pooled, two_sided

EDGE = 2.8  # standard errors from the estimates that are drawn: p falls to 0.005 there
POINTS = 401


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drapery:
    """Curves of p over n effects.

    Attributes
    ----------
    labels : tuple of k str
        The studies.
    at : (n,), unit of the effect
        Where p is computed; every estimate is among them.
    studies : (k, n), 1
        p of each study.
    pooled : (n,), 1
        p of the pooled effect.
    new_study : (n,) or None, 1
        p of the effect in a new study; None where the pool has no prediction.
    """

    labels: tuple[str, ...]
    at: Floats
    studies: Floats
    pooled: Floats
    new_study: Floats | None


def drapery(found: Pooled, at: Floats | None = None) -> Drapery:
    """Return the curves of a pool, (n,) effects of its unit; as wide as its studies reach where none are given."""
    effects = found.effects
    places = _reach(found) if at is None else at
    return Drapery(
        labels=effects.labels,
        at=places,
        studies=two_sided(effects.estimates[:, None] - places, effects.standard_errors[:, None], None),
        pooled=found.p_against(places),
        new_study=found.p_in_new_study(places),
    )


def _reach(found: Pooled) -> Floats:
    """Return effects evenly from end to end, with every estimate, at which a curve has its tip, among them."""
    effects = found.effects
    tips = np.append(effects.estimates, found.estimate)
    low = float(np.min(effects.estimates - EDGE * effects.standard_errors))
    high = float(np.max(effects.estimates + EDGE * effects.standard_errors))
    return np.unique(np.concatenate([np.linspace(low, high, POINTS), tips]))
