"""Maximum of a posterior with normal errors and normal priors, and what the data say of each parameter."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats

STEP = 1e-3
DAMPING_START, DAMPING_DOWN, DAMPING_UP, DAMPING_MOST = 1e-2, 0.2, 5.0, 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """The most probable parameters.

    Attributes
    ----------
    deviations : (p,), 1
        Distance of the maximum from the prior means, in prior standard deviations.
    misfit : float, 1
        Root of the mean square of the residuals over the degrees of freedom that are left; one or less
        says that the stated errors explain the misfit.
    residuals : (t,), 1
        Misfit of each observation in its standard deviations.
    gradient : (p,), 1
        Slope of half the sum of squares at the maximum; a proof of being there.
    converged : bool
        Whether the last step gained nothing.
    """

    deviations: Floats
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


def maximise(residuals: Callable[[Floats], Floats], count: int, *, iterations: int, gain: float = 1e-4) -> Maximum:
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
    return _maximum(at, misses, slopes, converged=converged)


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


def _maximum(at: Floats, misses: Floats, slopes: Floats, *, converged: bool) -> Maximum:
    information = slopes.T @ slopes
    spent = float(np.trace(np.linalg.solve(information + np.eye(at.size), information)))
    return Maximum(
        deviations=at,
        misfit=float(np.sqrt(misses @ misses / (misses.size - spent))),
        residuals=misses,
        gradient=slopes.T @ misses + at,
        converged=converged,
    )


def covariance(residuals: Callable[[Floats], Floats], at: Floats, *, misfit: float) -> Floats:
    r"""Return the posterior covariance, (p, p), in prior standard deviations.

    .. math:: \left( J^T J / \max(1, m)^2 + I \right)^{-1}

    of a normal approximation at ``at``, every error inflated by the misfit m between studies. No
    parameter is left less certain than its prior.
    """
    _, slopes = jacobian(residuals, at)
    inverse = np.linalg.inv(slopes.T @ slopes / max(1.0, misfit) ** 2 + np.eye(at.size))
    return np.asarray(inverse)
