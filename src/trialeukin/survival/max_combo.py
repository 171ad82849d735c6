r"""MaxCombo: the largest of several weighted log-rank statistics, with its joint distribution.

Under equal hazards the statistics are jointly normal with correlations

.. math:: \rho_{ij} = \frac{\sum_t w_i w_j v(t)}{\sqrt{\sum_t w_i^2 v(t) \sum_t w_j^2 v(t)}}, \qquad
   v = \frac{d (n - d)}{n - 1} \frac{n_1 n_2}{n^2}

and p-values are multivariate normal integrals (see `exceedance`).
Lin et al., Stat Biopharm Res 2020;12:187; Karrison, Stata J 2016;16:678.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.exceedance import exceedance
from trialeukin.survival.log_rank import NOTHING_APART, event_table, stratum_members
from trialeukin.survival.log_rank_weights import FlemingHarrington, Weight
from trialeukin.survival.observations import group_numbers, observations, refuse_all_censored, refuse_other_than_two

USUAL = tuple(FlemingHarrington(rho=rho, gamma=gamma) for rho, gamma in ((0, 0), (0, 1), (1, 0), (1, 1)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaxCombo:
    """Weighted log-rank statistics of two groups and how they depend on each other.

    Attributes
    ----------
    z : (w,), 1
        One a weight; positive when the second group (in sorted order) has more events than expected.
    correlation : (w, w), 1
        Under equal hazards.
    """

    z: Floats
    correlation: Floats

    @property
    def p_fewer(self) -> float:
        """One-sided: of a smallest z as small, the second group having fewer events."""
        return exceedance(-float(self.z.min()), self.correlation, two_sided=False)

    @property
    def p_more(self) -> float:
        """One-sided: of a largest z as large, the second group having more events."""
        return exceedance(float(self.z.max()), self.correlation, two_sided=False)

    @property
    def p_value(self) -> float:
        """Two-sided: of a largest absolute z as large."""
        return exceedance(float(np.abs(self.z).max()), self.correlation, two_sided=True)


def max_combo(
    times: ArrayLike,
    events: ArrayLike,
    groups: ArrayLike,
    *,
    weights: Sequence[Weight] = USUAL,
    strata: ArrayLike | None = None,
) -> MaxCombo:
    """Compare the hazards of two groups by the best of several weights.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen.
    groups : (n,)
        A label a patient, of two kinds.
    weights : sequence of Weight
        The usual ones: Fleming-Harrington (0, 0), (0, 1), (1, 0), (1, 1).
    strata : (n,)
        A label a patient; none given: one stratum.
    """
    observed = observations(times, events)
    labels, places = group_numbers(groups, observed.times, "groups")
    refuse_other_than_two(labels, "MaxCombo compares two; leave the others out, or use log_rank")
    if not weights:
        raise AnalysisError("no weights: give at least one")
    refuse_all_censored(observed.events)
    score, covariance = np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
    for members in stratum_members(strata, observed):
        table = event_table(observed.where(members), places[members], 2)
        rows = np.array([table.weights(weight) for weight in weights])
        shares = table.shares
        score += rows @ (table.events[:, 1] - table.events.sum(axis=1) * shares[:, 1])
        covariance += (rows * (table.dispersion * shares.prod(axis=1))) @ rows.T
    error = np.sqrt(np.diag(covariance))
    if (error <= 0.0).any():
        raise AnalysisError(f"weight {int(error.argmin())} leaves nothing to compare: {NOTHING_APART}")
    return MaxCombo(z=score / error, correlation=covariance / np.outer(error, error))
