"""How often replicate trials find a benefit, or any difference, with the error of having simulated only so much."""

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
        return self._estimate(both=True)

    def power(self) -> Estimate:
        """Return the fraction of trials below alpha with the treatment better: half of alpha without an effect."""
        return self._estimate(both=False)

    def _estimate(self, *, both: bool) -> Estimate:
        """Return the mean over owners; its error is that of their number and that of the population."""
        settled = np.isfinite(self.moves)
        owners, by_set = self.owners[settled], self._found(0.0, both)[settled].mean(axis=1)
        over_owners = fraction(np.array([by_set[owners == owner].mean() for owner in np.unique(owners)]))
        if not np.isfinite(self.doubt):
            return Estimate(value=over_owners.value, error=np.nan)
        higher, lower = (self._found(by, both)[settled].mean() for by in (self.doubt, -self.doubt))
        return Estimate(value=over_owners.value, error=float(np.hypot(over_owners.error, 0.5 * (higher - lower))))

    def _found(self, by: float, both: bool) -> Booleans:
        """(s, m) Whether each test rejects, were all log hazard ratios other by so much."""
        error = self.trials.error
        # a move in standard errors; a trial without a finite hazard ratio has none and stays as it is
        shift = np.divide(self.moves[:, None] + by, error, out=np.zeros(error.shape), where=np.isfinite(error))
        z, limit = self.trials.z + shift, ndtri(1.0 - self.alpha / 2.0)
        return np.asarray((z < -limit) | (both & (z > limit)))
