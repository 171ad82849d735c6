r"""What a trial that stopped at a look may say: p-value, median-unbiased estimate and intervals.

In the stage-wise ordering, a result is more extreme than another if the upper boundary was crossed earlier, or at the
same look with a larger Z. Its probability under drift :math:`\delta`,

.. math:: p_k(z; \delta) = \sum_{j < k} P_\delta(\text{first crossing at } j) + P_\delta(\text{no crossing before } k,
   Z_k \ge z),

is the p-value at :math:`\delta = 0`, and rises in :math:`\delta`; where it is 1/2 and alpha, 1 - alpha are the
estimate and the limits (Tsiatis, Rosner and Mehta, Biometrics 1984;40:797). Futility limits are not counted on. A
repeated interval (Jennison and Turnbull, J R Stat Soc B 1989;51:305) holds at every look whether or not the trial
stops.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.crossing import proportional, stopping
from trialeukin.survival.design.group_sequential import Boundaries

FARTHEST = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a trial stands at a look.

    Attributes
    ----------
    look : int
        Counted from one.
    z : float, 1
        The statistic.
    """

    look: int
    z: float


def stagewise_probability(boundaries: Boundaries, found: Found, *, drift: float = 0.0) -> float:
    """Return the chance of a result as extreme or more; at drift zero, the p-value of one side."""
    _refuse(boundaries, found)
    upper = boundaries.upper[: found.look].copy()
    upper[-1] = found.z
    return stopping(proportional(boundaries.fractions[: found.look], drift), upper=upper).reject


def stagewise_drift(boundaries: Boundaries, found: Found, *, probability: float) -> float:
    """Return the drift at which a result as extreme or more has a probability: 0.5 for the estimate.

    The limits of a 95 % interval are those of 0.025 and 0.975.
    """
    if not 0.0 < probability < 1.0:
        raise AnalysisError(f"probability {probability!r}: give a fraction between 0 and 1")
    return float(
        brentq(lambda drift: stagewise_probability(boundaries, found, drift=drift) - probability, -FARTHEST, FARTHEST)
    )


def repeated_interval(boundaries: Boundaries, found: Found) -> tuple[float, float]:
    """Return the limits of the drift that hold at all looks together, at the level of the boundary's two sides."""
    _refuse(boundaries, found)
    root, limit = np.sqrt(boundaries.fractions[found.look - 1]), boundaries.upper[found.look - 1]
    return float((found.z - limit) / root), float((found.z + limit) / root)


def _refuse(boundaries: Boundaries, found: Found) -> None:
    if not 1 <= found.look <= boundaries.fractions.size:
        raise AnalysisError(f"look {found.look}: there are looks 1 to {boundaries.fractions.size}")
    if not np.isfinite(found.z):
        raise AnalysisError(f"z {found.z!r}: give a finite statistic")
