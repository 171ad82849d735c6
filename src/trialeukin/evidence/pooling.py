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
        law = self._new_study(method)
        if law is None:
            return None
        spread, spare = law
        reach = float(norm.ppf(0.5 + LEVEL / 2.0)) if spare is None else _t_quantile(spare)
        return self.estimate - reach * spread, self.estimate + reach * spread

    def p_against(self, effects: Floats) -> Floats:
        """Return two-sided p of the pooled effect against each of some, (n,), by the law of its interval."""
        spare = None if self.interval_method is IntervalMethod.NORMAL else self.k - 1
        return two_sided(effects - self.estimate, self.error, spare)

    def p_in_new_study(self, effects: Floats, method: PredictionMethod = PredictionMethod.T_SPARE) -> Floats | None:
        """Return two-sided p of the effect in a new study against each of some, (n,); None as for its limits."""
        law = self._new_study(method)
        return None if law is None else two_sided(effects - self.estimate, *law)

    def _new_study(self, method: PredictionMethod) -> tuple[float, int | None] | None:
        """Return the spread of a new study's effect and the degrees of freedom of its law, None for the normal."""
        if self.heterogeneity is None or self.method is BetweenMethod.FIXED:
            return None
        spare = {
            PredictionMethod.NORMAL: None,
            PredictionMethod.T_SPARE: self.k - 1,
            PredictionMethod.T_SPARE_LESS_ONE: self.k - 2,
        }[method]
        if spare is not None and spare < 1:
            return None
        return float(np.hypot(self.error, np.sqrt(self.heterogeneity.between))), spare


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
    spare = None
    if interval is not IntervalMethod.NORMAL and effects.k > 1:
        factor = float(np.sqrt(fit.residual / model.spare))
        error *= max(1.0, factor) if interval is IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL else factor
        spare = model.spare
        reach = _t_quantile(spare)
    weights = np.diag(fit.weights)
    return Pooled(
        effects=effects,
        method=method,
        interval_method=interval if effects.k > 1 else IntervalMethod.NORMAL,
        estimate=estimate,
        error=error,
        lower=estimate - reach * error,
        upper=estimate + reach * error,
        p=float(two_sided(np.array(estimate), error, spare)),
        weights=weights / weights.sum(),
        heterogeneity=found,
    )


def _t_quantile(spare: int) -> float:
    return float(t.ppf(0.5 + LEVEL / 2.0, spare))


def two_sided(away: Floats, error: float | Floats, spare: int | None) -> Floats:
    """Return the two-sided p of values so far away from what is asked, (...), by the normal law or that of t.

    With an error of zero, to which Hartung and Knapp's factor can come, p is one at no distance and else zero.
    """
    distance = np.abs(away)
    far = np.divide(distance, error, out=np.where(distance > 0.0, np.inf, 0.0), where=np.asarray(error) > 0.0)
    tail = norm.sf(far) if spare is None else t.sf(far, spare)
    return np.asarray(2.0 * tail, dtype=np.float64)
