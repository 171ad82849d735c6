r"""Several treatments against one control, looked at more than once: at the first look the best one goes on.

With shares :math:`t_1 < \ldots < t_J = 1` of the information of one comparison, drifts :math:`\delta_k` at full
information and r patients in each treatment arm for one in control, the first look's statistics are normal with means
:math:`\delta_k \sqrt{t_1}` and correlation :math:`\rho = r / (1 + r)`. That treatment k is best there at z has density

.. math:: f_k(z) = \int \varphi(x) \frac{1}{\sqrt{1 - \rho}}
   \varphi\!\left(\frac{z - \delta_k \sqrt{t_1} + \sqrt\rho x}{\sqrt{1 - \rho}}\right)
   \prod_{l \ne k} \Phi\!\left(\frac{z - \delta_l \sqrt{t_1} + \sqrt\rho x}{\sqrt{1 - \rho}}\right) dx

and from there on its score is a Brownian motion, whose increments selection does not touch: the chances at the later
looks follow by the integration of `crossing`, exactly. The efficacy boundary spends the chance of any false claim
(familywise error) under no effect of all; where some treatment works a false claim is rarer (Magirr, Jaki and
Whitehead, Biometrika 2012;99:494; Wason et al., Stat Methods Med 2017;26:508). With one look after the selection this
is `drop_the_loser`, with one treatment `group_sequential`.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.crossing import BEGINNING, PANEL, REACH, Continuing, Process, proportional, quadrature
from trialeukin.survival.design.efficacy import FARTHEST, LIMIT_ERROR, increments
from trialeukin.survival.design.group_sequential import Boundaries, refuse_fractions
from trialeukin.survival.design.required_events import refuse_errors
from trialeukin.survival.design.spending import SpendingFunction

SHARED, SHARED_WEIGHTS = quadrature(-REACH, REACH, 12)
SHARED_MASSES = np.exp(-0.5 * SHARED**2) / np.sqrt(2.0 * np.pi) * SHARED_WEIGHTS
MOST_DRIFT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiArm:
    """A trial of several treatments and one control.

    Attributes
    ----------
    treatments : int
        Treatment arms at the start, one or more.
    fractions : (k,), 1
        Share of the information of one comparison at each look; at the first of two or more all but the best are
        dropped.
    allocation : float, 1
        Patients in each treatment arm for one in control.
    """

    treatments: int
    fractions: Floats
    allocation: float = 1.0

    def __post_init__(self) -> None:
        refuse_fractions(self.fractions)
        if self.treatments < 1:
            raise AnalysisError(f"{self.treatments} treatments: give one or more")
        if not 0.0 < self.allocation < np.inf:
            raise AnalysisError(
                f"allocation {self.allocation!r}: give patients a treatment for one control, above zero"
            )

    @property
    def correlation(self) -> float:
        """Of two treatments' statistics, through the control they share."""
        return self.allocation / (1.0 + self.allocation)

    def efficacy_limits(self, spending: SpendingFunction, alpha: float = 0.025) -> Floats:
        """Return the Z that the best treatment has to exceed at each look, (k,); alpha is of any false claim."""
        refuse_errors(alpha)
        field, upper = _Field.of(self, np.zeros(self.treatments)), np.empty(self.fractions.size)
        for look, share in enumerate(increments(spending, alpha, self.fractions)):
            upper[look] = field.limit_above(float(share))
            field = field.within(-np.inf, upper[look])
        return upper

    def outcomes(self, boundaries: Boundaries, drifts: Floats) -> "MultiArmOutcomes":
        """Return what happens at each look.

        Parameters
        ----------
        boundaries : Boundaries
            Limits for the best treatment; below the lower one the trial stops.
        drifts : (treatments,), 1
            Mean of each treatment's Z at full information.
        """
        if drifts.shape != (self.treatments,):
            raise AnalysisError(f"{drifts.size} drifts: give one for each of {self.treatments} treatments")
        looks = self.fractions.size
        field, claims, futile = _Field.of(self, drifts), np.empty((self.treatments, looks)), np.empty(looks)
        for look in range(looks):
            upper, lower = float(boundaries.upper[look]), float(boundaries.lower[look])
            claims[:, look] = field.above(upper)
            futile[look] = field.below(min(lower, upper))
            field = field.within(lower, upper)
        return MultiArmOutcomes(claims=claims, futile=futile)

    def drift_for(self, boundaries: Boundaries, power: float) -> float:
        """Return the drift of one treatment, the others doing nothing, at which it is chosen and claimed with power."""

        def excess(drift: float) -> float:
            return float(self.outcomes(boundaries, self.one_works(drift)).claims[0].sum()) - power

        if excess(MOST_DRIFT) < 0.0:
            raise AnalysisError(f"power {power:g} is not reached by any effect: lower the futility limits")
        return float(brentq(excess, 0.0, MOST_DRIFT, xtol=1e-10))

    def one_works(self, drift: float) -> Floats:
        """Return drifts of the first treatment alone, (treatments,)."""
        return np.concatenate(([drift], np.zeros(self.treatments - 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiArmOutcomes:
    """Chances at each look.

    Attributes
    ----------
    claims : (treatments, k), 1
        That a treatment, the best at the first look, is first found better than control at a look.
    futile : (k,), 1
        That the trial stops below the lower limit.
    """

    claims: Floats
    futile: Floats

    @property
    def any_claim(self) -> float:
        """Chance of a claim for whichever treatment."""
        return float(self.claims.sum())


@dataclass(frozen=True, slots=True)
class _Field:
    """Trials still going: before the first look all treatments, after it the one that was best."""

    design: MultiArm
    processes: tuple[Process, ...]
    going: tuple[Continuing, ...]

    @classmethod
    def of(cls, design: MultiArm, drifts: Floats) -> "_Field":
        processes = tuple(proportional(design.fractions, float(drift)) for drift in drifts)
        return cls(design, processes, (BEGINNING,) * drifts.size)

    @property
    def look(self) -> int:
        return self.going[0].look

    def above(self, limit: float) -> Floats:
        """Chance that each treatment is the one that goes on and exceeds a limit at the next look."""
        if self.look == 0:
            return self._best_between(limit, np.inf)
        return np.array([each.above(process, limit) for each, process in zip(self.going, self.processes, strict=True)])

    def below(self, limit: float) -> float:
        if self.look == 0:
            return float(self._best_between(-np.inf, limit).sum())
        return sum(each.below(process, limit) for each, process in zip(self.going, self.processes, strict=True))

    def limit_above(self, share: float) -> float:
        if share < np.finfo(float).tiny:
            return np.inf
        return float(brentq(lambda z: float(self.above(z).sum()) - share, -REACH, FARTHEST, xtol=LIMIT_ERROR))

    def within(self, lower: float, upper: float) -> "_Field":
        if self.look > 0:
            pairs = zip(self.going, self.processes, strict=True)
            return _Field(self.design, self.processes, tuple(e.within(p, lower, upper) for e, p in pairs))
        if self.design.fractions.size == 1:
            return _Field(self.design, self.processes, tuple(e.within(self.processes[0], 0.0, 0.0) for e in self.going))
        return _Field(self.design, self.processes, tuple(self._chosen(arm, lower, upper) for arm in range(self._size)))

    @property
    def _size(self) -> int:
        return len(self.processes)

    def _means(self) -> Floats:
        return np.array([process.expected_z[0] for process in self.processes])

    def _density(self, arm: int, z: Floats) -> Floats:
        own, shared = np.sqrt(1.0 - self.design.correlation), np.sqrt(self.design.correlation) * SHARED
        standing = (z[:, None, None] - self._means() + shared[:, None]) / own
        others = ndtr(np.delete(standing, arm, axis=2)).prod(axis=2)
        alone = np.exp(-0.5 * standing[:, :, arm] ** 2) / (np.sqrt(2.0 * np.pi) * own)
        return np.asarray((alone * others) @ SHARED_MASSES)

    def _nodes(self, lower: float, upper: float) -> tuple[Floats, Floats]:
        means, fractions = self._means(), self.design.fractions
        low, high = max(lower, float(means.min()) - REACH), min(upper, float(means.max()) + REACH)
        if high <= low:
            return np.empty(0), np.empty(0)
        after = fractions[1] / fractions[0] - 1.0 if fractions.size > 1 else 1.0
        return quadrature(low, high, int(np.ceil((high - low) / (0.5 * PANEL * min(1.0, np.sqrt(after))))))

    def _best_between(self, lower: float, upper: float) -> Floats:
        nodes, weights = self._nodes(lower, upper)
        return np.array([weights @ self._density(arm, nodes) for arm in range(self._size)])

    def _chosen(self, arm: int, lower: float, upper: float) -> Continuing:
        nodes, weights = self._nodes(lower, upper)
        return Continuing(
            look=1, scores=nodes * np.sqrt(self.design.fractions[0]), masses=weights * self._density(arm, nodes)
        )
