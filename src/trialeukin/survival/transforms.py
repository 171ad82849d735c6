"""Scales on which a confidence interval of a survival probability is symmetric."""

from enum import Enum

import numpy as np
from scipy.special import expit, logit

from trialeukin.core.arrays import Floats


class Transform(Enum):
    """A scale g; limits are the inverse of g(S) -+ z |g'(S)| se(S), cut to [0, 1].

    LOG_LOG (Kalbfleisch and Prentice) keeps its coverage in small samples and late on the curve.
    A limit is NaN where the scale has none: LOG_LOG, LOGIT and ARCSIN at one, all at zero.
    """

    PLAIN = "plain"
    LOG = "log"
    LOG_LOG = "log-log"
    ARCSIN = "arcsin"
    LOGIT = "logit"

    def limits(self, survival: Floats, error: Floats, z: float) -> tuple[Floats, Floats]:
        """Return lower and upper limits of probabilities.

        Parameters
        ----------
        survival, error : (k,), 1
            Probabilities and their standard errors.
        z : (), 1
            Normal quantile of the level.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            match self:
                case Transform.PLAIN:
                    ends = survival - z * error, survival + z * error
                case Transform.LOG:
                    ends = survival * np.exp(-z * error / survival), survival * np.exp(z * error / survival)
                case Transform.LOG_LOG:
                    width = z * error / (survival * np.log(survival))
                    ends = survival ** np.exp(-width), survival ** np.exp(width)
                case Transform.ARCSIN:
                    angle = np.arcsin(np.sqrt(survival))
                    width = 0.5 * z * error / np.sqrt(survival * (1.0 - survival))
                    ends = _sine_squared(angle - width), _sine_squared(angle + width)
                case Transform.LOGIT:
                    width = z * error / (survival * (1.0 - survival))
                    ends = expit(logit(survival) - width), expit(logit(survival) + width)
        lower, upper = (np.clip(end, 0.0, 1.0) for end in ends)
        return lower, upper


def _sine_squared(angle: Floats) -> Floats:
    return np.asarray(np.sin(np.clip(angle, 0.0, 0.5 * np.pi)) ** 2, dtype=np.float64)
