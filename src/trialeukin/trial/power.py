"""How often replicate trials find a benefit, or any difference, with the error of having simulated only so much."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.trial.estimate import Estimate, fraction
from trialeukin.trial.replicate import Replicates


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRankTests:
    """Two-sided log-rank tests of s sets of patients, each randomised m times.

    Attributes
    ----------
    trials : Replicates
        What the trials show.
    moves : (s,), 1
        What the log hazard ratio of each set is moved by first; NaN leaves a set out.
    owners : (s,), 1
        Sets of one owner are not independent: those at one draw of the parameters.
    alpha : float
        Two-sided level.
    doubt : float
        Standard error of the log hazard ratio of the large population, which sets were drawn from or moved to;
        NaN where that has none, and then no fraction has an error either.
    """

    trials: Replicates
    moves: Floats
    owners: Integers
    alpha: float
    doubt: float

    def significant(self) -> Estimate:
        """Return the fraction of trials below alpha, in either direction."""
        return share_of_trials((self,), lambda z: np.abs(z[..., 0]) > self._limit)

    def power(self) -> Estimate:
        """Return the fraction of trials below alpha with the treatment better: half of alpha without an effect."""
        return share_of_trials((self,), lambda z: z[..., 0] < -self._limit)

    @property
    def _limit(self) -> float:
        return float(ndtri(1.0 - self.alpha / 2.0))

    def moved(self, by: float) -> Floats:
        """(s, m) What the statistics would be, were all log hazard ratios other by so many of the population's errors.

        A trial without a finite hazard ratio has no standard error and stays as it is.
        """
        error = self.trials.error
        other = self.moves[:, None] + (by * self.doubt if by else 0.0)
        shift = np.divide(other, error, out=np.zeros(error.shape), where=np.isfinite(error))
        return np.asarray(self.trials.z + shift)


def share_of_trials(tests: Sequence[LogRankTests], decide: Callable[[Floats], Booleans]) -> Estimate:
    """Return the fraction of trials of which something is decided from the statistics of one test or several.

    The mean over owners; its error is that of their number and that of the population, whose errors are taken to move
    all comparisons of a trial together, as those of one control do.

    Parameters
    ----------
    tests : sequence of k LogRankTests
        Of the same trials.
    decide : callable
        From statistics, (s, m, k), to whether it is so, (s, m).
    """
    settled, doubts = np.isfinite([each.moves for each in tests]).all(axis=0), [each.doubt for each in tests]
    owners = tests[0].owners[settled]

    def decided(by: float) -> Floats:
        found = decide(np.stack([each.moved(by) for each in tests], axis=-1))
        return np.asarray(found[settled].mean(axis=1))

    by_set = decided(0.0)
    over_owners = fraction(np.array([by_set[owners == owner].mean() for owner in np.unique(owners)]))
    if not np.isfinite(doubts).all():
        return Estimate(value=over_owners.value, error=np.nan)
    higher, lower = (decided(by).mean() for by in (1.0, -1.0))
    return Estimate(value=over_owners.value, error=float(np.hypot(over_owners.error, 0.5 * (higher - lower))))
