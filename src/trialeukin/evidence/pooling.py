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

    T_K_LESS_ONE = "t with k - 1"
    T_K_LESS_TWO = "t with k - 2"
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
    estimate, standard_error, lower, upper : float, unit of the effect
        The pooled effect, its standard error and 95 % limits.
    p_value : float, 1
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
    standard_error: float
    lower: float
    upper: float
    p_value: float
    weights: Floats
    heterogeneity: Heterogeneity | None

    @property
    def k(self) -> int:
        """How many studies were pooled."""
        return self.effects.k

    def prediction(self, method: PredictionMethod = PredictionMethod.T_K_LESS_ONE) -> tuple[float, float] | None:
        """Return the 95 % limits of the effect in a new study; None for fixed effects or with no freedom left."""
        law = self._new_study(method)
        if law is None:
            return None
        spread, degrees_of_freedom = law
        reach = float(norm.ppf(0.5 + LEVEL / 2.0)) if degrees_of_freedom is None else _t_quantile(degrees_of_freedom)
        return self.estimate - reach * spread, self.estimate + reach * spread

    def p_against(self, effects: Floats) -> Floats:
        """Return two-sided p of the pooled effect against each of some, (n,), by the law of its interval."""
        degrees_of_freedom = None if self.interval_method is IntervalMethod.NORMAL else self.k - 1
        return two_sided(effects - self.estimate, self.standard_error, degrees_of_freedom)

    def p_in_new_study(
        self, effects: Floats, method: PredictionMethod = PredictionMethod.T_K_LESS_ONE
    ) -> Floats | None:
        """Return two-sided p of the effect in a new study against each of some, (n,); None as for its limits."""
        law = self._new_study(method)
        return None if law is None else two_sided(effects - self.estimate, *law)

    def _new_study(self, method: PredictionMethod) -> tuple[float, int | None] | None:
        """Return the spread of a new study's effect and the degrees of freedom of its law, None for the normal."""
        if self.heterogeneity is None or self.method is BetweenMethod.FIXED:
            return None
        degrees_of_freedom = {
            PredictionMethod.NORMAL: None,
            PredictionMethod.T_K_LESS_ONE: self.k - 1,
            PredictionMethod.T_K_LESS_TWO: self.k - 2,
        }[method]
        if degrees_of_freedom is not None and degrees_of_freedom < 1:
            return None
        return float(np.hypot(self.standard_error, np.sqrt(self.heterogeneity.tau_squared))), degrees_of_freedom


def pool(
    effects: Effects,
    method: BetweenMethod = BetweenMethod.RESTRICTED_LIKELIHOOD,
    interval: IntervalMethod = IntervalMethod.NORMAL,
) -> Pooled:
    """Return the pooled effect; of a single study, that study's own."""
    model = model_of(effects)
    found = None if effects.k == 1 else heterogeneity(model, method)
    tau_squared = 0.0 if found is None else found.tau_squared
    fit = model.fit(tau_squared)
    estimate, standard_error = float(fit.coefficients[0]), float(np.sqrt(fit.covariance[0, 0]))
    reach = float(norm.ppf(0.5 + LEVEL / 2.0))
    degrees_of_freedom = None
    if interval is not IntervalMethod.NORMAL and effects.k > 1:
        factor = float(np.sqrt(fit.residual / model.degrees_of_freedom))
        standard_error *= max(1.0, factor) if interval is IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL else factor
        degrees_of_freedom = model.degrees_of_freedom
        reach = _t_quantile(degrees_of_freedom)
    weights = np.diag(fit.weights)
    return Pooled(
        effects=effects,
        method=method,
        interval_method=interval if effects.k > 1 else IntervalMethod.NORMAL,
        estimate=estimate,
        standard_error=standard_error,
        lower=estimate - reach * standard_error,
        upper=estimate + reach * standard_error,
        p_value=float(two_sided(np.array(estimate), standard_error, degrees_of_freedom)),
        weights=weights / weights.sum(),
        heterogeneity=found,
    )


def _t_quantile(degrees_of_freedom: int) -> float:
    return float(t.ppf(0.5 + LEVEL / 2.0, degrees_of_freedom))


def two_sided(away: Floats, standard_error: float | Floats, degrees_of_freedom: int | None) -> Floats:
    """Return the two-sided p of values so far away from what is asked, (...), by the normal law or that of t.

    With an error of zero, to which Hartung and Knapp's factor can come, p is one at no distance and else zero.
    """
    distance = np.abs(away)
    far = np.divide(
        distance, standard_error, out=np.where(distance > 0.0, np.inf, 0.0), where=np.asarray(standard_error) > 0.0
    )
    tail = norm.sf(far) if degrees_of_freedom is None else t.sf(far, degrees_of_freedom)
    return np.asarray(2.0 * tail, dtype=np.float64)
