r"""Surrogacy over trials: whether a larger effect on a marker goes with a larger effect on survival.

.. math::

    y_i = \beta_0 + \beta_1 x_i + u_i + \epsilon_i, \qquad u_i \sim N(0, \tau^2), \; \epsilon_i \sim N(0, v_i) \\
    R^2 = \operatorname{cor}_w(x, y)^2, \qquad w_i = 1 / v_i

x is the log ratio of the marker, treated over control, y the log hazard ratio with its sampling variance v, tau2 by
REML and the errors of the line by Hartung and Knapp, never narrower. The limits of R2 are Fisher's of the
correlation, whose inverse hyperbolic tangent errs by 1/sqrt(k - 3). The surrogate threshold effect (Burzykowski
and Buyse 2006) is the least effect on the marker whose 95 % band for the true effect of a new trial,

.. math:: x'\hat\beta \pm t_{k-2} \sqrt{x' \hat V x + \tau^2},

lies wholly below no effect. Errors of x are taken as none, so that the line is too flat where they are not.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm, t

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod, between_studies, model_of
from trialeukin.evidence.pooling import LEVEL

FEWEST = 5
FARTHEST = 5.0  # ranges of the effects that were seen; a threshold beyond is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line through trials and its band.

    Attributes
    ----------
    intercept, slope : float
        At no effect on the marker, and a unit of log ratio of the marker.
    covariance : (2, 2)
        Of both.
    tau_squared : float
        Variance tau2 of true effects about the line.
    degrees_of_freedom : int
        Degrees of freedom.
    """

    intercept: float
    slope: float
    covariance: Floats
    tau_squared: float
    degrees_of_freedom: int

    def at(self, marker: Floats) -> Floats:
        """Return log hazard ratios at effects on the marker, (n,), and the limits of a new trial's, (3, n)."""
        rows = np.column_stack([np.ones_like(marker), marker])
        middle = rows @ np.array([self.intercept, self.slope])
        variance = np.einsum("ij,jk,ik->i", rows, self.covariance, rows) + self.tau_squared
        reach = float(t.ppf(0.5 + LEVEL / 2.0, self.degrees_of_freedom)) * np.sqrt(variance)
        return np.stack([middle, middle - reach, middle + reach])


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLevel:
    """Surrogacy over k trials.

    Attributes
    ----------
    k : int
        Trials with both effects.
    explained : (value, lower, upper), 1
        R2 over trials.
    line : Line
        Log hazard ratio by log ratio of the marker.
    threshold : float or None, log ratio of the marker
        The surrogate threshold effect; None where no effect on the marker that is at all near would be enough.
    """

    k: int
    explained: tuple[float, float, float]
    line: Line
    threshold: float | None


def trial_level(effects: Effects, marker: Floats) -> TrialLevel:
    """Return surrogacy over trials.

    Parameters
    ----------
    effects : Effects
        Log hazard ratios.
    marker : (k,), 1
        Log ratios of the marker, treated over control, in their order.

    Raises
    ------
    AnalysisError
        When fewer than five trials have both, or the marker's effect is the same in all.
    """
    if effects.k < FEWEST:
        raise AnalysisError(
            f"{effects.k} trials with an effect on the marker and on survival: surrogacy over trials asks for "
            f"{FEWEST} or more"
        )
    if marker.shape != (effects.k,) or not np.isfinite(marker).all():
        raise AnalysisError(f"{marker.size} effects on the marker for {effects.k} trials: give a finite one for each")
    if np.ptp(marker) <= 1e-12:
        raise AnalysisError("the effect on the marker is the same in all trials: nothing can go with it")
    line = _line(effects, marker)
    return TrialLevel(k=effects.k, explained=_explained(effects, marker), line=line, threshold=_threshold(line, marker))


def _line(effects: Effects, marker: Floats) -> Line:
    model = model_of(effects, np.column_stack([np.ones(effects.k), marker]))
    tau_squared = between_studies(model, BetweenMethod.RESTRICTED_LIKELIHOOD)
    fit = model.fit(tau_squared)
    return Line(
        intercept=float(fit.coefficients[0]),
        slope=float(fit.coefficients[1]),
        covariance=fit.covariance * max(1.0, fit.residual / model.degrees_of_freedom),
        tau_squared=tau_squared,
        degrees_of_freedom=model.degrees_of_freedom,
    )


def _explained(effects: Effects, marker: Floats) -> tuple[float, float, float]:
    weights = 1.0 / effects.variances
    x, y = (values - np.average(values, weights=weights) for values in (marker, effects.estimates))
    spreads = np.sqrt(np.sum(weights * x**2) * np.sum(weights * y**2))
    correlation = float(np.clip(np.sum(weights * x * y) / spreads, -1.0, 1.0)) if spreads > 0.0 else 0.0
    if abs(correlation) >= 1.0:
        return 1.0, 1.0, 1.0
    reach = float(norm.ppf(0.5 + LEVEL / 2.0)) / np.sqrt(effects.k - 3.0)
    low, high = np.tanh(np.arctanh(correlation) + np.array([-reach, reach]))
    squares = sorted((float(low) ** 2, float(high) ** 2))
    return correlation**2, 0.0 if low * high < 0.0 else squares[0], squares[1]


def _threshold(line: Line, marker: Floats) -> float | None:
    """Return where the band's upper limit falls below no effect, on the side to which the line falls."""
    if line.slope == 0.0:
        return None
    way = -float(np.sign(line.slope))
    reach = FARTHEST * float(np.abs(marker).max())
    steps = np.linspace(0.0, way * reach, 400)
    below = line.at(steps)[2] < 0.0
    if not below.any():
        return None
    first = int(np.flatnonzero(below)[0])
    if first == 0:
        return 0.0
    return float(brentq(lambda x: float(line.at(np.array([x]))[2, 0]), steps[first - 1], steps[first]))
