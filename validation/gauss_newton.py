"""Maximum of a posterior with normal errors and normal priors, and what the data say of each parameter."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats

STEP = 1e-3
DAMPING_START, DAMPING_DOWN, DAMPING_UP, DAMPING_MOST = 1e-2, 0.2, 5.0, 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """The most probable parameters and their spread.

    Attributes
    ----------
    deviations : (p,), 1
        Distance of the maximum from the prior means, in prior standard deviations.
    spreads : (p,), 1
        Posterior standard deviations in prior ones, after inflation.
    misfit : float, 1
        Root of the mean square of the residuals over the degrees of freedom that are left; one or less
        says that the stated errors explain the misfit. Above one the errors were inflated by it.
    residuals : (t,), 1
        Misfit of each observation in its standard deviations.
    gradient : (p,), 1
        Slope of half the sum of squares at the maximum; a proof of being there.
    converged : bool
        Whether the last steps gained nothing.
    """

    deviations: Floats
    spreads: Floats
    misfit: float
    residuals: Floats
    gradient: Floats
    converged: bool


def jacobian(residuals: Callable[[Floats], Floats], at: Floats) -> tuple[Floats, Floats]:
    """Return residuals (t,) and their central differences (t, p) from one call on many rows."""
    count = at.size
    shifts = STEP * np.eye(count)
    rows = residuals(np.vstack([at, at + shifts, at - shifts]))
    slopes = (rows[1 : count + 1] - rows[count + 1 :]) / (2.0 * STEP)
    return rows[0], slopes.T


def maximise(residuals: Callable[[Floats], Floats], count: int, *, iterations: int, gain: float = 1e-4) -> Posterior:
    """Return the maximum by Levenberg-Marquardt, from the prior means.

    Parameters
    ----------
    residuals : callable
        Rows of deviations from the priors, (r, p), to residuals of the observations, (r, t).
    count : int
        p.
    iterations : int
        At most.
    gain : float
        Fall of half the sum of squares below which a step gains nothing.
    """
    at = np.zeros(count)
    damping, converged = DAMPING_START, False
    misses, slopes = jacobian(residuals, at)
    for _ in range(iterations):
        before = _cost(misses, at)
        step, damping = _step(residuals, at, (misses, slopes), damping)
        at = at + step
        misses, slopes = jacobian(residuals, at)
        if before - _cost(misses, at) < gain:
            converged = True
            break
    return _posterior(at, misses, slopes, converged=converged)


def _cost(misses: Floats, at: Floats) -> float:
    return 0.5 * float(misses @ misses + at @ at)


def _step(
    residuals: Callable[[Floats], Floats], at: Floats, known: tuple[Floats, Floats], damping: float
) -> tuple[Floats, float]:
    misses, slopes = known
    gradient = slopes.T @ misses + at
    curvature = slopes.T @ slopes + np.eye(at.size)
    while damping < DAMPING_MOST:
        step = -np.linalg.solve(curvature + damping * np.diag(np.diag(curvature)), gradient)
        if _cost(residuals((at + step)[None, :])[0], at + step) < _cost(misses, at):
            return step, damping * DAMPING_DOWN
        damping *= DAMPING_UP
    return np.zeros_like(at), damping


def _posterior(at: Floats, misses: Floats, slopes: Floats, *, converged: bool) -> Posterior:
    information = slopes.T @ slopes
    spent = float(np.trace(np.linalg.solve(information + np.eye(at.size), information)))
    misfit = float(np.sqrt(misses @ misses / (misses.size - spent)))
    covariance = np.linalg.inv(information / max(1.0, misfit) ** 2 + np.eye(at.size))
    return Posterior(
        deviations=at,
        spreads=np.sqrt(np.diag(covariance)),
        misfit=misfit,
        residuals=misses,
        gradient=slopes.T @ misses + at,
        converged=converged,
    )
