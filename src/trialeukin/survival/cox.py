r"""Cox's proportional-hazards model, :math:`\lambda(t | x) = \lambda_0(t) e^{x \beta}`.

Newton-Raphson on the log partial likelihood, with steps halved while they go downhill. What does not
converge has a status that says why, and no estimate.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.chi_square import ChiSquare
from trialeukin.survival.cox_sample import CoxSample, cox_sample
from trialeukin.survival.exact_partial_likelihood import ExactLikelihood
from trialeukin.survival.observations import two_sided
from trialeukin.survival.partial_likelihood import ApproximateLikelihood, Likelihood, Ties

MOST_STEPS = 50
MOST_HALVINGS = 30
SMALL_DECREMENT = 1e-12  # squared distance to the maximum in standard errors; one step more squares it
FLAT_DECREMENT = 1e-6
FLAT_INFORMATION = 1e-8  # of that at zero: along a likelihood that rises for ever, decrement and this fall together
NO_INFORMATION = 1e-10  # of a covariate's own variance: what rounding leaves of one that others determine
ROUNDING = 1e-12  # of the likelihood's value: differences below it are not downhill


class CoxStatus(IntEnum):
    """How a fit ended; only CONVERGED has an estimate.

    INFINITE_ESTIMATE: the likelihood rises for ever, as when one arm has no event. NO_INFORMATION: at no
    event time are patients that differ at risk together.
    """

    CONVERGED = 0
    INFINITE_ESTIMATE = 1
    TOO_MANY_STEPS = 2
    NOT_FINITE = 3
    NO_INFORMATION = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoxFit:
    """A fitted proportional-hazards model with p covariates.

    Attributes
    ----------
    status : CoxStatus
        Whether there is an estimate, and if not, why.
    coefficients : (p,)
        Log hazard ratios per unit of each covariate; NaN unless converged.
    covariance : (p, p)
        Inverse information at the estimate, or what takes its place as robust; NaN unless converged.
    information : (p, p)
        Minus the second derivatives where the search ended.
    log_likelihood : float, 1
        Where the search ended: for an infinite estimate, the height that the likelihood tends to.
    at_zero : Likelihood
        Value, score and information where all coefficients are zero.
    patients, events : int
        How many went in.
    steps : int
        Newton steps taken.
    """

    status: CoxStatus
    coefficients: Floats
    covariance: Floats
    information: Floats
    log_likelihood: float
    at_zero: Likelihood
    patients: int
    events: int
    steps: int

    @property
    def standard_errors(self) -> Floats:
        """(p,) Of the coefficients."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def hazard_ratios(self) -> Floats:
        """(p,) Per unit of each covariate."""
        return np.asarray(np.exp(self.coefficients))

    @property
    def p_values(self) -> Floats:
        """(p,) Two-sided, of each coefficient alone (Wald)."""
        return np.asarray(2.0 * ndtr(-np.abs(self.coefficients / self.standard_errors)))

    def interval(self, *, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return lower and upper limits of the hazard ratios, (p,) each (Wald)."""
        width = two_sided(level) * self.standard_errors
        return np.exp(self.coefficients - width), np.exp(self.coefficients + width)

    @property
    def wald_test(self) -> ChiSquare:
        """All coefficients zero: squared distance of the estimate, by its covariance, which may be a robust one."""
        z, errors = self.coefficients / self.standard_errors, self.standard_errors
        statistic = float(z @ np.linalg.solve(self.covariance / np.outer(errors, errors), z))
        return ChiSquare(statistic=statistic, degrees_of_freedom=self.coefficients.size)

    @property
    def score_test(self) -> ChiSquare:
        """All coefficients zero: slope of the likelihood there; needs no estimate."""
        statistic = float(self.at_zero.score @ np.linalg.solve(self.at_zero.information, self.at_zero.score))
        return ChiSquare(statistic=statistic, degrees_of_freedom=self.coefficients.size)

    @property
    def likelihood_ratio_test(self) -> ChiSquare:
        """All coefficients zero: twice the gain in log likelihood; holds for an infinite estimate too."""
        statistic = 2.0 * (self.log_likelihood - self.at_zero.value)
        return ChiSquare(statistic=statistic, degrees_of_freedom=self.coefficients.size)


def cox(
    times: ArrayLike,
    events: ArrayLike,
    covariates: ArrayLike,
    *,
    ties: Ties = Ties.EFRON,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
) -> CoxFit:
    """Fit a proportional-hazards model.

    Parameters
    ----------
    times : (n,), any unit of time
        Time of the event or of censoring, zero or more.
    events : (n,), 1
        1 or True where the event was seen.
    covariates : (n, p) or (n,)
        Finite numbers; a constant or collinear column is refused.
    ties : Ties
        What deaths at one time mean.
    strata : (n,)
        A label a patient; each stratum has a baseline hazard of its own. None given: one stratum.
    entry : (n,), unit of ``times``
        When each came under observation: left truncation, and covariates that change (a row per stretch).
    """
    return fit_cox(cox_sample(times, events, covariates, strata=strata, entry=entry), ties=ties)


def fit_cox(sample: CoxSample, *, ties: Ties = Ties.EFRON) -> CoxFit:
    """Fit a proportional-hazards model to a sample that may be weighted; see `cox`."""
    columns, scale = sample.covariates, sample.scale
    parts = likelihoods(replace(sample, covariates=(columns - columns.mean(axis=0)) / scale), ties)

    def likelihood(coefficients: Floats) -> Likelihood:
        return reduce(Likelihood.plus, (part(coefficients) for part in parts))

    at_zero = likelihood(np.zeros(scale.size))
    refuse_collinear(at_zero.information, sample.names)
    status, place, end, steps = climb(likelihood, at_zero)
    found = status is CoxStatus.CONVERGED
    return CoxFit(
        status=status,
        coefficients=place / scale if found else np.full(scale.size, np.nan),
        covariance=np.linalg.inv(end.information) / np.outer(scale, scale)
        if found
        else np.full((scale.size, scale.size), np.nan),
        information=end.information * np.outer(scale, scale),
        log_likelihood=end.value,
        at_zero=Likelihood(at_zero.value, at_zero.score * scale, at_zero.information * np.outer(scale, scale)),
        patients=sample.observed.times.size,
        events=int(sample.observed.events.sum()),
        steps=steps,
    )


def likelihoods(sample: CoxSample, ties: Ties) -> Sequence[Callable[[Floats], Likelihood]]:
    """Return the partial likelihood of each stratum that has an event."""
    if ties is not Ties.EXACT:
        return [part for _, part in approximate_likelihoods(sample, ties)]
    if sample.weights is not None:
        raise AnalysisError("exact ties with case weights: a set of deaths has no weight; take Efron's or Breslow's")
    return [ExactLikelihood(sample.observed.where(rows), sample.covariates[rows]) for rows in sample.strata_with_events]


def approximate_likelihoods(sample: CoxSample, ties: Ties) -> list[tuple[Integers, ApproximateLikelihood]]:
    """Return the rows of each stratum that has an event, and its partial likelihood (Efron or Breslow)."""
    return [
        (
            np.flatnonzero(rows).astype(np.int64),
            ApproximateLikelihood(
                sample.observed.where(rows),
                sample.covariates[rows],
                ties,
                None if sample.weights is None else sample.weights[rows],
            ),
        )
        for rows in sample.strata_with_events
    ]


def climb(
    likelihood: Callable[[Floats], Likelihood], at_start: Likelihood, start: Floats | None = None
) -> tuple[CoxStatus, Floats, Likelihood, int]:
    """Climb a log likelihood by Newton-Raphson, from zero or from a start; returns how and where it ended."""
    place, here = np.zeros(at_start.score.size) if start is None else start, at_start
    whitening = np.linalg.inv(np.linalg.cholesky(at_start.information))
    for steps in range(1, MOST_STEPS + 1):
        try:
            step: Floats = np.asarray(np.linalg.solve(here.information, here.score), dtype=np.float64)
        except np.linalg.LinAlgError:
            return CoxStatus.NOT_FINITE, place, here, steps
        decrement = float(step @ here.score)
        place, here = _uphill(likelihood, place, here, step)
        if not _is_finite(here):
            return CoxStatus.NOT_FINITE, place, here, steps
        left = np.linalg.eigvalsh(whitening @ here.information @ whitening.T)[0]
        if decrement < FLAT_DECREMENT and left < FLAT_INFORMATION:
            return CoxStatus.INFINITE_ESTIMATE, place, here, steps
        if 0.0 <= decrement < SMALL_DECREMENT:
            return CoxStatus.CONVERGED, place, here, steps
    return CoxStatus.TOO_MANY_STEPS, place, here, MOST_STEPS


def _uphill(
    likelihood: Callable[[Floats], Likelihood], place: Floats, here: Likelihood, step: Floats
) -> tuple[Floats, Likelihood]:
    """Take a step, halved while it is not finite or goes down."""
    slack = ROUNDING * (1.0 + abs(here.value))
    there = likelihood(place + step)
    for _ in range(MOST_HALVINGS):
        if _is_finite(there) and there.value >= here.value - slack:
            break
        step = 0.5 * step
        there = likelihood(place + step)
    return place + step, there


def _is_finite(here: Likelihood) -> bool:
    return bool(np.isfinite(here.value) and np.isfinite(here.score).all() and np.isfinite(here.information).all())


def refuse_collinear(information: Floats, names: tuple[str, ...] = ()) -> None:
    """Refuse what the data cannot tell apart: covariates have variance one, so zero information is rounding."""
    own = np.diag(information)
    dead = np.flatnonzero(own <= NO_INFORMATION * max(1.0, float(own.max())))
    if dead.size:
        called = repr(names[dead[0]]) if names else f"covariate {dead[0]}"
        raise AnalysisError(
            f"{called} is the same for all patients at risk at every event time: "
            "its hazard ratio has no estimate; leave it out, or use fewer strata"
        )
    correlation = information / np.sqrt(np.outer(own, own))
    values, vectors = np.linalg.eigh(correlation)
    if values[0] <= NO_INFORMATION:
        involved = np.flatnonzero(np.abs(vectors[:, 0]) > 0.1 * np.abs(vectors[:, 0]).max())
        called = ", ".join(repr(names[place]) if names else str(place) for place in involved)
        kind = "" if names else "covariates "
        raise AnalysisError(f"{kind}{called} determine each other (collinear): leave one of them out")
