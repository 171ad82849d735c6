r"""The sandwich variance of a proportional-hazards fit: right when rows are weighted or belong together.

.. math:: V = I^{-1} \left(\sum_c u_c u_c^\top\right) I^{-1}, \qquad u_c = \sum_{i \in c} w_i U_i

with U the score residuals of the rows i of a patient (or centre) c. Lin and Wei, J Am Stat Assoc 1989;84:1074.
"""

import numpy as np
from numpy.typing import ArrayLike

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import CoxFit, CoxStatus, approximate_likelihoods
from trialeukin.survival.cox_sample import CoxSample, cluster_places
from trialeukin.survival.partial_likelihood import Ties


def robust_covariance(
    sample: CoxSample, fit: CoxFit, *, ties: Ties = Ties.EFRON, patients: ArrayLike | None = None
) -> Floats:
    """Return the sandwich covariance of the coefficients, (p, p).

    Parameters
    ----------
    sample : CoxSample
        What was fitted, n rows.
    fit : CoxFit
        The fit of that sample with the same ties; it must have converged.
    ties : Ties
        EFRON or BRESLOW.
    patients : (n,)
        A label a row; rows with the same label are taken to depend on each other. None given: a patient a row.
    """
    influence = dfbeta(sample, fit, ties=ties)
    places = cluster_places(patients, influence.shape[0])
    together: Floats = np.zeros((int(places.max()) + 1, influence.shape[1]))
    np.add.at(together, places, influence)
    return np.asarray(together.T @ together)


def dfbeta(sample: CoxSample, fit: CoxFit, *, ties: Ties = Ties.EFRON) -> Floats:
    """Return about how much each row moves each coefficient, (n, p): its weighted score over the information."""
    refuse_unconverged(fit)
    if ties is Ties.EXACT:
        raise AnalysisError("exact ties have no score residuals: take Efron's or Breslow's for a robust variance")
    rows = np.zeros_like(sample.covariates)
    for members, part in approximate_likelihoods(sample, ties):
        rows[members] = part.score_residuals(fit.coefficients)
    if sample.weights is not None:
        rows *= sample.weights[:, None]
    return np.asarray(rows @ fit.covariance)


def refuse_unconverged(fit: CoxFit) -> None:
    """Refuse to go on from a fit that has no estimate."""
    if fit.status is not CoxStatus.CONVERGED:
        raise AnalysisError(
            f"the fit ended as {fit.status.name}: it has no estimate to go on from; "
            "leave out the covariate that has no finite effect"
        )
