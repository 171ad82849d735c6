r"""How likely a sequence of test statistics first leaves its boundaries at each look: exact, by integration.

On the score scale, :math:`B_k = Z_k \sqrt{I_k}`, a log-rank statistic looked at k = 1..K times moves as a Brownian
motion in information. The part of its distribution that is still inside after look k,

.. math:: g_k(b) = \int_{l_{k-1}\sqrt{I_{k-1}}}^{u_{k-1}\sqrt{I_{k-1}}} g_{k-1}(a)\,
   \frac{1}{\sqrt{\Delta_k}} \varphi\!\left(\frac{b - a - m_k + m_{k-1}}{\sqrt{\Delta_k}}\right) da,
   \qquad \Delta_k = I_k - I_{k-1}, \quad m_k = E[B_k],

is carried from look to look (Armitage, McPherson and Rowe, J R Stat Soc A 1969;132:235; Jennison and Turnbull, Group
Sequential Methods, 2000, chapter 19). It is smooth inside the boundaries, so Gauss-Legendre panels no wider than the
narrower of the two neighbouring increments take it to rounding error, where Simpson's rule takes it to 1e-6.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from trialeukin.core.arrays import Floats, listed
from trialeukin.core.errors import AnalysisError

REACH = 9.0
"""Standard deviations from its mean beyond which a statistic is not followed; 1e-19 of it lies there."""
PANEL = 3.0
"""Width of a panel in standard deviations of the narrower neighbouring increment."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(14)
CLOSEST = 1e-3
"""Least share of the information between two looks; closer ones are one look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A test statistic as it is looked at under one hypothesis.

    Attributes
    ----------
    information : (k,)
        Information at the looks, increasing; any unit, since only ratios count.
    expected_z : (k,), 1
        Mean of the statistic at each look; positive is what the upper boundary is for.
    deviations : (k,), 1, or None
        Its standard deviation; None: one. It differs from one where a statistic is standardised by the information
        that holds under another hypothesis than this.
    """

    information: Floats
    expected_z: Floats
    deviations: Floats | None = None

    def __post_init__(self) -> None:
        steps = np.diff(self.information, prepend=0.0)
        if self.information.ndim != 1 or self.information.size == 0 or self.information.shape != self.expected_z.shape:
            raise AnalysisError("information and expected z: give one number of each for every look, one look or more")
        if not (np.all(np.isfinite(self.expected_z)) and np.all(steps >= CLOSEST * self.information[-1])):
            raise AnalysisError(
                f"information {listed(self.information)}: let it increase from above zero, by {CLOSEST:g} of the "
                "last or more; looks closer than that are one look"
            )

    @property
    def looks(self) -> int:
        """Number of looks."""
        return int(self.information.size)

    def score(self, look: int, z: float) -> float:
        """Return where the score stands when the statistic is z at a look counted from zero."""
        deviation = 1.0 if self.deviations is None else self.deviations[look]
        return float(z / deviation * np.sqrt(self.information[look]))

    def mean_score(self, look: int) -> float:
        """Return the mean of the score at a look; before the first, look -1, it is zero."""
        return self.score(look, self.expected_z[look]) if look >= 0 else 0.0


def proportional(fractions: Floats, drift: float) -> Process:
    """Return the process of a constant effect: its mean at fraction t is drift times the root of t."""
    return Process(information=fractions, expected_z=drift * np.sqrt(np.maximum(fractions, 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuing:
    """Where the score stands among the trials that are still going.

    Attributes
    ----------
    look : int
        Looks that they went through.
    scores : (n,)
        Quadrature nodes on the score scale.
    masses : (n,), 1
        Density times weight; their sum is the probability of still going.
    """

    look: int
    scores: Floats
    masses: Floats

    def above(self, process: Process, limit: float) -> float:
        """Return the probability of going on to the next look and finding Z above a limit there."""
        distance, spread = self._next(process, limit)
        return float(self.masses @ ndtr(-distance / spread))

    def below(self, process: Process, limit: float) -> float:
        """Return the probability of going on to the next look and finding Z below a limit there."""
        distance, spread = self._next(process, limit)
        return float(self.masses @ ndtr(distance / spread))

    def within(self, process: Process, lower: float, upper: float) -> "Continuing":
        """Return the trials that go on past the next look too, since Z is inside its limits there."""
        look, information = self.look, process.information
        centre, reach = process.mean_score(look), REACH * np.sqrt(information[look])
        low = max(process.score(look, lower), centre - reach)
        high = min(process.score(look, upper), centre + reach)
        if look + 1 == process.looks or high <= low:
            return Continuing(look=look + 1, scores=np.empty(0), masses=np.empty(0))
        steps = np.diff(information, prepend=0.0)
        spread = np.sqrt(steps[look])
        panels = int(np.ceil((high - low) / (PANEL * min(spread, np.sqrt(steps[look + 1])))))
        scores, weights = quadrature(low, high, panels)
        moved = (scores[:, None] - self.scores - self._shift(process)) / spread
        density = np.exp(-0.5 * moved * moved) @ self.masses / (spread * np.sqrt(2.0 * np.pi))
        return Continuing(look=look + 1, scores=scores, masses=weights * density)

    def _next(self, process: Process, limit: float) -> tuple[Floats, float]:
        here = process.information[self.look]
        before = process.information[self.look - 1] if self.look else 0.0
        distance = process.score(self.look, limit) - self.scores - self._shift(process)
        return distance, float(np.sqrt(here - before))

    def _shift(self, process: Process) -> float:
        return process.mean_score(self.look) - process.mean_score(self.look - 1)


BEGINNING = Continuing(look=0, scores=np.zeros(1), masses=np.ones(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """Probabilities of stopping at each look.

    Attributes
    ----------
    upper, lower : (k,), 1
        First crossing of the upper and of the lower boundary. At the last look the trial ends in any case;
        what is between the boundaries there is in neither.
    """

    upper: Floats
    lower: Floats

    @property
    def reject(self) -> float:
        """Probability of ever crossing the upper boundary."""
        return float(self.upper.sum())

    def expected_information(self, information: Floats) -> float:
        """Return the mean information at the stop; with events as information, the mean events (ASN)."""
        stops = self.upper + self.lower
        return float(stops[:-1] @ information[:-1] + (1.0 - stops[:-1].sum()) * information[-1])


def stopping(process: Process, *, upper: Floats, lower: Floats | None = None) -> Stopping:
    """Return the probabilities of first crossing each boundary at each look.

    Parameters
    ----------
    process : Process
        The statistic under a hypothesis.
    upper : (k,), 1
        Upper boundary as Z; infinite where nothing is tested.
    lower : (k,), 1
        Lower boundary; none given: minus infinity.
    """
    low = np.full(process.looks, -np.inf) if lower is None else lower
    if upper.shape != process.information.shape or low.shape != upper.shape:
        raise AnalysisError(
            f"{upper.size} upper and {low.size} lower limits: give one for each of {process.looks} looks"
        )
    going, above, below = BEGINNING, np.empty(process.looks), np.empty(process.looks)
    for look in range(process.looks):
        above[look] = going.above(process, upper[look])
        below[look] = going.below(process, min(low[look], upper[look]))
        going = going.within(process, low[look], upper[look])
    return Stopping(upper=above, lower=below)


def quadrature(low: float, high: float, panels: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss and Legendre in equal panels between two ends."""
    half = 0.5 * (high - low) / panels
    centres = low + half * (2.0 * np.arange(panels) + 1.0)
    return (centres[:, None] + half * NODES).ravel(), np.tile(half * WEIGHTS, panels)
