r"""One pooled effect of several studies, with its interval and the interval of the next study.

With w* = 1/(v + tau2):

.. math::

    \hat\mu = \frac{\sum w^* y}{\sum w^*}, \qquad SE = (\sum w^*)^{-1/2}, \qquad
    SE_{HK} = SE \sqrt{\frac{\sum w^* (y - \hat\mu)^2}{k - 1}}

with the normal quantile for SE and that of t with k - 1 degrees of freedom for Hartung and Knapp (Stat Med
2001;20:3875), or with their factor never below one (Röver, Knapp and Friede, BMC Med Res Methodol 2015;15:99).
A new study lies within mu +- q sqrt(SE^2 + tau2).
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.stats import norm, t

from trialeukin.core.arrays import Floats
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod, Heterogeneity, heterogeneity, model_of

LEVEL = 0.95


class IntervalMethod(Enum):
    """How the error of the pooled effect is turned into an interval."""

    NORMAL = "normal"
    HARTUNG_KNAPP = "Hartung-Knapp"
    HARTUNG_KNAPP_AT_LEAST_NORMAL = "Hartung-Knapp, never narrower"


class PredictionMethod(Enum):
    """Which law the interval of a new study is of; software differs, so the name stands beside the numbers."""

    T_SPARE = "t with k - 1"
    T_SPARE_LESS_ONE = "t with k - 2"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pooled:
    """A pooled effect; it is never without its k, its method and, from two studies on, its heterogeneity.

    Attributes
    ----------
    effects : Effects
        What was pooled.
    method, interval_method : BetweenMethod, IntervalMethod
        How.
    estimate, error, lower, upper : float, unit of the effect
        The pooled effect, its standard error and 95 % limits.
    p : float, 1
        Two-sided, against no effect.
    weights : (k,), 1
        Shares of the studies; they sum to one.
    heterogeneity : Heterogeneity or None
        None for a single study, of which nothing can be said.
    """

    effects: Effects
    method: BetweenMethod
    interval_method: IntervalMethod
    estimate: float
    error: float
    lower: float
    upper: float
    p: float
    weights: Floats
    heterogeneity: Heterogeneity | None

    @property
    def k(self) -> int:
        """How many studies were pooled."""
        return self.effects.k

    def prediction(self, method: PredictionMethod = PredictionMethod.T_SPARE) -> tuple[float, float] | None:
        """Return the 95 % limits of the effect in a new study; None for fixed effects or with no freedom left."""
        if self.heterogeneity is None or self.method is BetweenMethod.FIXED:
            return None
        spread = float(np.hypot(self.error, np.sqrt(self.heterogeneity.between)))
        match method:
            case PredictionMethod.NORMAL:
                reach = float(norm.ppf(0.5 + LEVEL / 2.0))
            case PredictionMethod.T_SPARE:
                reach = _t_quantile(self.k - 1)
            case PredictionMethod.T_SPARE_LESS_ONE:
                if self.k < 3:
                    return None
                reach = _t_quantile(self.k - 2)
        return self.estimate - reach * spread, self.estimate + reach * spread


def pool(
    effects: Effects,
    method: BetweenMethod = BetweenMethod.RESTRICTED_LIKELIHOOD,
    interval: IntervalMethod = IntervalMethod.NORMAL,
) -> Pooled:
    """Return the pooled effect; of a single study, that study's own."""
    model = model_of(effects)
    found = None if effects.k == 1 else heterogeneity(model, method)
    between = 0.0 if found is None else found.between
    fit = model.fit(between)
    estimate, error = float(fit.coefficients[0]), float(np.sqrt(fit.covariance[0, 0]))
    reach = float(norm.ppf(0.5 + LEVEL / 2.0))
    tail = 2.0 * float(norm.sf(abs(estimate) / error))
    if interval is not IntervalMethod.NORMAL and effects.k > 1:
        factor = float(np.sqrt(fit.residual / model.spare))
        error *= max(1.0, factor) if interval is IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL else factor
        reach = _t_quantile(model.spare)
        tail = 2.0 * float(t.sf(abs(estimate) / error, model.spare)) if error > 0.0 else 0.0
    weights = np.diag(fit.weights)
    return Pooled(
        effects=effects,
        method=method,
        interval_method=interval if effects.k > 1 else IntervalMethod.NORMAL,
        estimate=estimate,
        error=error,
        lower=estimate - reach * error,
        upper=estimate + reach * error,
        p=tail,
        weights=weights / weights.sum(),
        heterogeneity=found,
    )


def _t_quantile(spare: int) -> float:
    return float(t.ppf(0.5 + LEVEL / 2.0, spare))
