r"""Upper boundaries: of a fixed shape (Wang-Tsiatis) or from a spending function.

.. math:: u_k = c\, t_k^{\Delta - 1/2}

with :math:`\Delta = 0` for O'Brien and Fleming (Biometrics 1979;35:549) and :math:`1/2` for Pocock (Biometrika
1977;64:191); Wang and Tsiatis, Biometrics 1987;43:193. The constant c gives the whole of alpha.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.optimize import brentq

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.crossing import BEGINNING, Continuing, Process, proportional, stopping
from trialeukin.survival.design.spending import SpendingFunction

FARTHEST = 38.0  # the normal tail beyond is zero in floating point
LIMIT_ERROR = 1e-11  # of a boundary as Z


class EfficacyRule(Protocol):
    """How an upper boundary is set."""

    @property
    def name(self) -> str:
        """What a protocol calls it."""

    def limits(self, fractions: Floats, alpha: float, *, mirrored: bool) -> Floats:
        """Return the boundary as Z, (k,), for a one-sided level.

        ``mirrored`` says that minus the boundary stops the trial too, as in a two-sided test.
        """


@dataclass(frozen=True, slots=True)
class WangTsiatis:
    """A boundary of the power family.

    Attributes
    ----------
    delta : float, 1
        0 is O'Brien-Fleming, 0.5 Pocock; from -0.5 to 1.
    """

    delta: float

    def __post_init__(self) -> None:
        if not -0.5 <= self.delta <= 1.0:
            raise AnalysisError(f"Wang-Tsiatis delta {self.delta:g}: give -0.5 to 1; 0 is O'Brien-Fleming, 0.5 Pocock")

    @property
    def name(self) -> str:
        """What a protocol calls it."""
        known = {0.0: "O'Brien-Fleming boundary", 0.5: "Pocock boundary"}
        return known.get(self.delta, f"Wang-Tsiatis boundary with delta {self.delta:g}")

    def limits(self, fractions: Floats, alpha: float, *, mirrored: bool) -> Floats:
        """Return the boundary whose crossing has probability alpha."""
        shape, null = fractions ** (self.delta - 0.5), proportional(fractions, 0.0)

        def excess(constant: float) -> float:
            upper = constant * shape
            return stopping(null, upper=upper, lower=-upper if mirrored else None).reject - alpha

        return np.asarray(shape * brentq(excess, 1e-3, FARTHEST, xtol=LIMIT_ERROR))


@dataclass(frozen=True, slots=True)
class AlphaSpending:
    """A boundary that spends alpha as a function of information.

    Attributes
    ----------
    function : SpendingFunction
        How much by when.
    """

    function: SpendingFunction

    @property
    def name(self) -> str:
        """What a protocol calls it."""
        return self.function.name

    def limits(self, fractions: Floats, alpha: float, *, mirrored: bool) -> Floats:
        """Return the boundary whose crossings are the increments of the function."""
        null, going = proportional(fractions, 0.0), BEGINNING
        upper = np.empty(fractions.size)
        for look, share in enumerate(increments(self.function, alpha, fractions)):
            upper[look] = upper_limit(going, null, share)
            going = going.within(null, -upper[look] if mirrored else -np.inf, upper[look])
        return upper


def increments(function: SpendingFunction, total: float, fractions: Floats) -> Floats:
    """Return the error that each look may use, (k,); the last one gets what is left of the total."""
    spent = function.spent(total, fractions)
    spent[-1] = total
    return np.diff(spent, prepend=0.0)


def upper_limit(going: Continuing, process: Process, share: float) -> float:
    """Return the Z that the next look exceeds with a probability; infinite where none or all of it does."""
    if share < np.finfo(float).tiny:
        return np.inf
    if share >= going.masses.sum():
        return -np.inf
    return _where(lambda limit: going.above(process, limit) - share, process, going.look)


def lower_limit(going: Continuing, process: Process, share: float) -> float:
    """Return the Z that the next look falls below with a probability; infinite where none or all of it does."""
    if share < np.finfo(float).tiny:
        return -np.inf
    if share >= going.masses.sum():
        return np.inf
    return _where(lambda limit: going.below(process, limit) - share, process, going.look)


def _where(excess: Callable[[float], float], process: Process, look: int) -> float:
    centre = float(process.expected_z[look])
    return float(brentq(excess, centre - FARTHEST, centre + FARTHEST, xtol=LIMIT_ERROR))
