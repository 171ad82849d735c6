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
Whitehead, Biometrika 2012;99:494; Wason et al., Stat Methods Med 2017;26:508). With one look after a selection without
a claim it is the design of Thall, Simon and Ellenberg (Biometrika 1988;75:303), with one treatment `group_sequential`.

A futility boundary stops the trial where the best treatment is below it, which spends an error look by look where one
treatment works (or under no effect), as `group_sequential` does with one treatment; the last limit is that of efficacy.
With a binding one the efficacy boundary counts on these stops. A wrong choice at the first look loses power that
futility does not spend.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.crossing import BEGINNING, PANEL, REACH, Continuing, Process, proportional, quadrature
from trialeukin.survival.design.efficacy import FARTHEST, LIMIT_ERROR, increments
from trialeukin.survival.design.futility import Spent
from trialeukin.survival.design.group_sequential import Boundaries, ErrorShares, refuse_fractions
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

    def limits(self, shares: ErrorShares, drift: float) -> Boundaries:
        """Return boundaries that spend alpha under no effect and the futility error where one treatment works.

        Parameters
        ----------
        shares : ErrorShares
            What each look spends of both, and whether futility binds; the last loss is not used.
        drift : (), 1
            Mean of the first treatment's Z at full information, the others doing nothing.
        """
        rule, looks = shares.rule, self.fractions.size
        upper, lower = np.empty(looks), np.empty(looks)
        none, one = np.zeros(self.treatments), self.one_works(drift)
        testing = _Field.of(self, none)
        stopping_early = _Field.of(self, one if rule.spends is Spent.BETA else none)
        for look in range(looks):
            upper[look] = testing.limit_above(float(shares.gains[look]))
            below = stopping_early.limit_below(float(shares.losses[look])) if look < looks - 1 else np.inf
            lower[look] = min(below, upper[look])
            testing = testing.within(lower[look] if rule.binding else -np.inf, upper[look])
            stopping_early = stopping_early.within(lower[look], upper[look])
        return Boundaries(fractions=self.fractions, upper=upper, lower=lower)

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

    def drift_for(self, limits: Callable[[float], Boundaries], power: float) -> float:
        """Return the drift of one treatment, the others doing nothing, at which it is chosen and claimed with power.

        Parameters
        ----------
        limits : callable
            The boundaries of a drift: those of `limits`, or the same for all.
        power : (), 1
            Chance of the right choice and claim.
        """

        def excess(drift: float) -> float:
            return float(self.outcomes(limits(drift), self.one_works(drift)).claims[0].sum()) - power

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
            return float(ndtr(self._standing(np.array([limit]))[0]).prod(axis=1) @ SHARED_MASSES)
        return sum(each.below(process, limit) for each, process in zip(self.going, self.processes, strict=True))

    def limit_above(self, share: float) -> float:
        if share < np.finfo(float).tiny:
            return np.inf
        if float(self.above(-REACH).sum()) <= share:
            return -np.inf
        return float(brentq(lambda z: float(self.above(z).sum()) - share, -REACH, FARTHEST, xtol=LIMIT_ERROR))

    def limit_below(self, share: float) -> float:
        if share < np.finfo(float).tiny:
            return -np.inf
        centre = max(float(process.expected_z[self.look]) for process in self.processes)
        if self.below(centre + REACH) <= share:
            return np.inf
        return float(brentq(lambda z: self.below(z) - share, -REACH, centre + REACH, xtol=LIMIT_ERROR))

    def within(self, lower: float, upper: float) -> "_Field":
        if self.look > 0:
            pairs = zip(self.going, self.processes, strict=True)
            return _Field(self.design, self.processes, tuple(e.within(p, lower, upper) for e, p in pairs))
        if self.design.fractions.size == 1:
            return _Field(self.design, self.processes, tuple(e.within(self.processes[0], 0.0, 0.0) for e in self.going))
        return _Field(self.design, self.processes, self._chosen(lower, upper))

    @property
    def _size(self) -> int:
        return len(self.processes)

    def _means(self) -> Floats:
        return np.array([process.expected_z[0] for process in self.processes])

    def _standing(self, z: Floats) -> Floats:
        """Z of each treatment at the first look, less its mean, over what the control leaves of its deviation."""
        own, shared = np.sqrt(1.0 - self.design.correlation), np.sqrt(self.design.correlation) * SHARED
        return np.asarray((z[:, None, None] - self._means() + shared[:, None]) / own)

    def _density(self, arm: int, z: Floats) -> Floats:
        own, standing = np.sqrt(1.0 - self.design.correlation), self._standing(z)
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
        return np.array([weights @ density for density in self._densities(nodes)])

    def _densities(self, z: Floats) -> list[Floats]:
        """Return the density of each treatment's being best at z; treatments of one drift share one."""
        means = [float(mean) for mean in self._means()]
        distinct = {mean: self._density(means.index(mean), z) for mean in set(means)}
        return [distinct[mean] for mean in means]

    def _chosen(self, lower: float, upper: float) -> tuple[Continuing, ...]:
        nodes, weights = self._nodes(lower, upper)
        scores = nodes * np.sqrt(self.design.fractions[0])
        return tuple(Continuing(look=1, scores=scores, masses=weights * each) for each in self._densities(nodes))
