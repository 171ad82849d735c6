r"""Enlarging a trial whose interim result is promising, with the test left as it is.

With Z = z at n of N planned events, the conditional power at the current trend is

.. math:: \mathrm{CP} = \Phi\!\left(\frac{z \sqrt{N - n}}{\sqrt{n}} - \frac{z_{1-\alpha} \sqrt{N} - z
   \sqrt{n}}{\sqrt{N - n}} \right)

Where CP is below the target but promising, the events are raised to

.. math:: N^* = n + \frac{n}{z^2} \left(\frac{z_{1-\alpha} \sqrt{N} - z \sqrt{n}}{\sqrt{N - n}} + z_{1-\beta}\right)^2

or the most that is affordable. The usual test at the end keeps its level if the promising zone starts where

.. math:: \frac{1}{\sqrt{N^*}} \left[\sqrt{\frac{N^* - n}{N - n}} \, (z_{1-\alpha} \sqrt{N} - z \sqrt{n})
   + z \sqrt{n}\right] \le z_{1-\alpha}

from then on (Mehta and Pocock, Stat Med 2011;30:3267; Chen, DeMets and Lan, Stat Med 2004;23:1023).
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.required_events import refuse_errors

NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)
PANELS = 30
REACH = 9.0  # standard deviations of the interim statistic that are followed


class Zone(Enum):
    """Where an interim result lies."""

    UNFAVOURABLE = "unfavourable"
    PROMISING = "promising"
    FAVOURABLE = "favourable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisingZone:
    """The plan for one unblinded look.

    Attributes
    ----------
    interim, planned, most : float, 1
        Events at the look, as planned for the end, and at most; increasing.
    alpha, target : float, 1
        One-sided level; conditional power that the trial is enlarged for.
    """

    interim: float
    planned: float
    most: float
    alpha: float = 0.025
    target: float = 0.8

    def __post_init__(self) -> None:
        refuse_errors(self.alpha, self.target)
        if self.target <= 0.5:
            raise AnalysisError(f"target {self.target!r}: give a conditional power above 0.5; 0.8 is usual")
        if not 0.0 < self.interim < self.planned < self.most < np.inf:
            raise AnalysisError(
                f"events {self.interim:g}, {self.planned:g}, {self.most:g}: let the look, the plan "
                "and the most increase"
            )

    def conditional_power(self, z: float) -> float:
        """Return the chance of success without change if the current trend goes on."""
        rest = self.planned - self.interim
        return float(ndtr(z * np.sqrt(rest / self.interim) - self._shortfall(np.array(z)) / np.sqrt(rest)))

    def zone(self, z: float) -> Zone:
        """Return where an interim Z lies."""
        if self.conditional_power(z) >= self.target:
            return Zone.FAVOURABLE
        return Zone.PROMISING if z >= self.promising_from else Zone.UNFAVOURABLE

    def events(self, z: float) -> float:
        """Return the events of the end after an interim Z."""
        return float(self._wanted(np.array(z))) if self.zone(z) is Zone.PROMISING else self.planned

    @property
    def promising_from(self) -> float:
        """The least interim Z from which enlarging does not inflate the usual test."""

        def inflates(z: float) -> float:
            wanted = self._wanted(np.array(z))
            stretched = np.sqrt((wanted - self.interim) / (self.planned - self.interim)) * self._shortfall(np.array(z))
            return float(stretched + z * np.sqrt(self.interim) - self._critical * np.sqrt(wanted))

        # At CP = 1/2 and above enlarging never inflates (Chen, DeMets and Lan); at CP near zero it does.
        return float(brentq(inflates, 1e-3, self._of_conditional_power(0.5)))

    @property
    def favourable_from(self) -> float:
        """The least interim Z whose conditional power is the target."""
        return self._of_conditional_power(self.target)

    def type_one_error(self) -> float:
        """Return the level of the usual test with the trial enlarged by this plan; exact, by integration."""
        low, high = self.promising_from, self.favourable_from
        return (
            self._rejected(-REACH, low, enlarged=False)
            + self._rejected(low, high, enlarged=True)
            + self._rejected(high, REACH, enlarged=False)
        )

    @property
    def _critical(self) -> float:
        return float(-ndtri(self.alpha))

    def _shortfall(self, z: Floats) -> Floats:
        return np.asarray(self._critical * np.sqrt(self.planned) - z * np.sqrt(self.interim))

    def _wanted(self, z: Floats) -> Floats:
        reach = self._shortfall(z) / np.sqrt(self.planned - self.interim) + ndtri(self.target)
        return np.asarray(np.clip(self.interim * (1.0 + (reach / z) ** 2), self.planned, self.most))

    def _of_conditional_power(self, power: float) -> float:
        return float(brentq(lambda z: self.conditional_power(z) - power, -9.0, 30.0))

    def _rejected(self, low: float, high: float, *, enlarged: bool) -> float:
        half = 0.5 * (high - low) / PANELS
        z = ((low + half * (2.0 * np.arange(PANELS) + 1.0))[:, None] + half * NODES).ravel()
        ends = self._wanted(z) if enlarged else np.full(z.size, self.planned)
        rest = (self._critical * np.sqrt(ends) - z * np.sqrt(self.interim)) / np.sqrt(ends - self.interim)
        density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi) * np.tile(half * WEIGHTS, PANELS)
        return float(density @ ndtr(-rest))
