r"""Several treatments against one control: at an interim look the best goes on, the others are dropped.

With K treatments, a share t of the information at the look, and r patients in each treatment arm for one in control,
the best interim statistic M is the largest of K normals of correlation :math:`\rho = r / (1 + r)`; the final one is
:math:`\sqrt{t} M + \sqrt{1 - t} W` with an independent standard normal W. The critical value c solves

.. math:: \int \varphi(w) \, P\!\left(M > \frac{c - \sqrt{1 - t}\, w}{\sqrt t}\right) dw = \alpha, \qquad
   P(M \le m) = \int \varphi(x) \prod_k \Phi\!\left(\frac{m - \delta_k \sqrt t + \sqrt\rho x}{\sqrt{1 - \rho}}\right) dx

which keeps the chance of any false claim below alpha whichever treatment is chosen (Thall, Simon and Ellenberg,
Biometrika 1988;75:303; Wason et al., Stat Methods Med 2017;26:508). At t = 1 it is Dunnett's test.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.required_events import refuse_errors

REACH = 8.5
PANELS = 12
LEGENDRE, WEIGHTS = np.polynomial.legendre.leggauss(14)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTheLoser:
    """A trial of two stages.

    Attributes
    ----------
    treatments : int
        Treatment arms at the start, one or more.
    fraction : float, 1
        Share of the information of one comparison at the look; 1: nothing is dropped, all are tested at the end.
    allocation : float, 1
        Patients in each treatment arm for one in control.
    """

    treatments: int
    fraction: float
    allocation: float = 1.0

    def __post_init__(self) -> None:
        if self.treatments < 1:
            raise AnalysisError(f"{self.treatments} treatments: give one or more")
        if not 0.0 < self.fraction <= 1.0:
            raise AnalysisError(f"look at fraction {self.fraction!r}: give above 0, up to 1")
        if not 0.0 < self.allocation < np.inf:
            raise AnalysisError(
                f"allocation {self.allocation!r}: give patients a treatment for one control, above zero"
            )

    def critical_value(self, alpha: float = 0.025) -> float:
        """Return the Z that the treatment that went on has to exceed at the end; alpha one-sided."""
        refuse_errors(alpha)
        null = np.zeros(self.treatments)
        return float(brentq(lambda limit: self._beyond(limit, null) - alpha, ndtri(1.0 - alpha) - 0.1, REACH))

    def power(self, drifts: Floats, *, alpha: float = 0.025) -> float:
        """Return the chance that the first treatment is chosen and found better than control.

        Parameters
        ----------
        drifts : (k,), 1
            Mean of each treatment's Z at full information.
        alpha : (), 1
            One-sided chance of any false claim.
        """
        if drifts.shape != (self.treatments,):
            raise AnalysisError(f"{drifts.size} drifts: give one for each of {self.treatments} treatments")
        return self._chosen_and_beyond(self.critical_value(alpha), drifts)

    def _beyond(self, limit: float, drifts: Floats) -> float:
        """Chance that the one chosen, whichever it is, exceeds a limit at the end."""
        return sum(self._chosen_and_beyond(limit, np.roll(drifts, -arm)) for arm in range(self.treatments))

    def _chosen_and_beyond(self, limit: float, drifts: Floats) -> float:
        """Chance that the first is best at the look and exceeds a limit at the end.

        Given the control's part x of the interim statistics they are independent; y is the first one's own.
        """
        look, correlation = self.fraction, self.allocation / (1.0 + self.allocation)
        own, mean = np.sqrt(1.0 - correlation), drifts[0] * np.sqrt(look)
        x, mass = _normal_nodes(np.array([-REACH]))
        shared = np.sqrt(correlation) * x.T
        # With the whole information at the look, y below its limit does not count, and nothing is left to come.
        start = np.full_like(shared, -REACH) if look < 1.0 else (limit - mean + shared) / own
        y, weight = _normal_nodes(np.clip(start[:, 0], -REACH, REACH))
        chance = np.ones_like(y)
        for drift in drifts[1:]:
            chance *= ndtr((drifts[0] - drift) * np.sqrt(look) / own + y)
        if look < 1.0:
            rest = np.sqrt(1.0 - look)
            first = mean - shared + own * y
            chance *= ndtr((np.sqrt(look) * first - limit) / rest + drifts[0] * rest)
        return float(mass[0] @ (weight * chance).sum(axis=1))


def _normal_nodes(starts: Floats) -> tuple[Floats, Floats]:
    """Quadrature nodes and normal masses from some starts to the reach, one row a start."""
    half = 0.5 * (REACH - starts[:, None]) / PANELS
    steps = ((2.0 * np.arange(PANELS) + 1.0)[:, None] + LEGENDRE).ravel()
    nodes = starts[:, None] + half * steps
    masses = np.exp(-0.5 * nodes * nodes) / np.sqrt(2.0 * np.pi) * half * np.tile(WEIGHTS, PANELS)
    return nodes, masses
