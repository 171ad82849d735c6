r"""The variance between studies: nine estimators, its error and interval, and what share of the spread it is.

With k estimates y of variances v, p columns X (one of ones for a plain pool), w = 1/v, P the projection of
`mixed_model` and Q = y'Py, at :math:`\tau^2 = 0` unless said:

.. math::

    DL &: \frac{Q - (k-p)}{tr P} &
    HS &: \frac{Q - k}{\sum w} &
    HE &: \frac{y'My - \sum v_i M_{ii}}{k-p}, \; M = I - X(X'X)^{-1}X' \\
    SJ &: \tau_0^2 \, \frac{y'P_0y}{k-p}, \; \tau_0^2 = \frac{\sum (y - \bar y)^2}{k} &
    PM, EB &: Q(\tau^2) = k - p &
    ML, REML &: \text{greatest likelihood}

DerSimonian and Laird 1986, Hunter and Schmidt 2004, Hedges and Olkin 1985, Sidik and Jonkman 2005, Paule and
Mandel 1982, Morris 1983 (empirical Bayes, the same equation); errors as in Viechtbauer 2005.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.special import chdtrc

from trialeukin.core.arrays import Floats
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.mixed_model import FULL, RESTRICTED, Fit, MixedModel


class BetweenMethod(Enum):
    """How tau2, the variance between studies, is estimated; the values are what the literature calls them."""

    FIXED = "FE"
    DERSIMONIAN_LAIRD = "DL"
    HEDGES = "HE"
    HUNTER_SCHMIDT = "HS"
    SIDIK_JONKMAN = "SJ"
    MAXIMUM_LIKELIHOOD = "ML"
    RESTRICTED_LIKELIHOOD = "REML"
    EMPIRICAL_BAYES = "EB"
    PAULE_MANDEL = "PM"

    @property
    def label(self) -> str:
        """Its name in words."""
        return {
            "FE": "fixed effect (inverse variance)",
            "DL": "random effects, DerSimonian-Laird",
            "HE": "random effects, Hedges",
            "HS": "random effects, Hunter-Schmidt",
            "SJ": "random effects, Sidik-Jonkman",
            "ML": "random effects, maximum likelihood",
            "REML": "random effects, restricted maximum likelihood",
            "EB": "random effects, empirical Bayes",
            "PM": "random effects, Paule-Mandel",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """How much studies differ beyond their sampling errors.

    Attributes
    ----------
    q, degrees_of_freedom, q_p_value : float, int, float
        Cochran's Q, its degrees of freedom and its p value.
    tau_squared, tau_squared_standard_error : float, square of the effect's unit
        tau2 and its standard error (no error for fixed effects).
    i_squared, h_squared : float, % and 1
        I2 = tau2 / (tau2 + typical sampling variance), in per cent, and H2 = 1 / (1 - I2). Fixed effects take tau2 as
        zero, not the spread: there I2 is (Q - df) / Q, that of DerSimonian and Laird.
    tau_squared_interval, i_squared_interval : (low, high)
        95 % limits by the Q profile.
    """

    q: float
    degrees_of_freedom: int
    q_p_value: float
    tau_squared: float
    tau_squared_standard_error: float | None
    i_squared: float
    h_squared: float
    tau_squared_interval: tuple[float, float]
    i_squared_interval: tuple[float, float]


def model_of(effects: Effects, columns: Floats | None = None) -> MixedModel:
    """Return the model of independent studies, with a column of ones where none is given, (k, p)."""
    return MixedModel(
        estimates=effects.estimates,
        sampling=np.diag(effects.variances),
        shared=np.eye(effects.k),
        columns=np.ones((effects.k, 1)) if columns is None else columns,
    )


def between_studies(model: MixedModel, method: BetweenMethod) -> float:
    """Return tau2 of independent studies by a method, zero or more; zero for fixed effects.

    Raises
    ------
    AnalysisError
        When no degree of freedom is left.
    """
    match method:
        case BetweenMethod.FIXED:
            return 0.0
        case BetweenMethod.DERSIMONIAN_LAIRD:
            return model.by_moments()
        case BetweenMethod.HEDGES:
            return _hedges(model)
        case BetweenMethod.HUNTER_SCHMIDT:
            model.need_degrees_of_freedom()
            found = model.fit(0.0)
            return max(0.0, (found.residual - len(model.estimates)) / float(np.trace(found.weights)))
        case BetweenMethod.SIDIK_JONKMAN:
            start, found = _sidik_jonkman_start(model)
            return start * found.residual / model.degrees_of_freedom
        case BetweenMethod.MAXIMUM_LIKELIHOOD:
            return model.most_likely(restricted=FULL)
        case BetweenMethod.RESTRICTED_LIKELIHOOD:
            return model.most_likely(restricted=RESTRICTED)
        case BetweenMethod.EMPIRICAL_BAYES | BetweenMethod.PAULE_MANDEL:
            return model.where_residual_is(float(model.degrees_of_freedom))


def tau_squared_standard_error(model: MixedModel, method: BetweenMethod, tau_squared: float) -> float | None:
    """Return the standard error of tau2 at its estimate; None for fixed effects."""
    k, degrees_of_freedom = len(model.estimates), model.degrees_of_freedom
    fitted, plain = model.fit(tau_squared), model.fit(0.0)
    match method:
        case BetweenMethod.FIXED:
            return None
        case BetweenMethod.MAXIMUM_LIKELIHOOD:
            return float(np.sqrt(2.0 / np.sum(fitted.weights**2)))
        case BetweenMethod.RESTRICTED_LIKELIHOOD:
            return float(np.sqrt(2.0 / np.sum(fitted.projection**2)))
        case BetweenMethod.EMPIRICAL_BAYES | BetweenMethod.PAULE_MANDEL:
            return float(np.sqrt(2.0 * k**2 / degrees_of_freedom) / np.trace(fitted.weights))
        case BetweenMethod.DERSIMONIAN_LAIRD:
            return _quadratic_error(model, plain.projection, tau_squared) / float(np.trace(plain.projection))
        case BetweenMethod.HUNTER_SCHMIDT:
            return _quadratic_error(model, plain.projection, tau_squared) / float(np.trace(plain.weights))
        case BetweenMethod.HEDGES:
            return _quadratic_error(model, _residual_maker(model), tau_squared) / degrees_of_freedom
        case BetweenMethod.SIDIK_JONKMAN:
            start, found = _sidik_jonkman_start(model)
            return start / degrees_of_freedom * _quadratic_error(model, found.projection, tau_squared)


def heterogeneity(model: MixedModel, method: BetweenMethod) -> Heterogeneity:
    """Return Q, tau2, I2 and H2 with their 95 % limits."""
    from_q = model.fit(0.0)
    tau_squared = between_studies(model, method)
    typical = model.degrees_of_freedom / float(np.trace(from_q.projection))
    seen = model.by_moments() if method is BetweenMethod.FIXED else tau_squared
    low, high = model.residual_interval()
    return Heterogeneity(
        q=from_q.residual,
        degrees_of_freedom=model.degrees_of_freedom,
        q_p_value=float(chdtrc(model.degrees_of_freedom, from_q.residual)),
        tau_squared=tau_squared,
        tau_squared_standard_error=tau_squared_standard_error(model, method, tau_squared),
        i_squared=_i_squared(seen, typical),
        h_squared=seen / typical + 1.0,
        tau_squared_interval=(low, high),
        i_squared_interval=(_i_squared(low, typical), _i_squared(high, typical)),
    )


def _i_squared(tau_squared: float, typical: float) -> float:
    return 100.0 * tau_squared / (tau_squared + typical)


def _hedges(model: MixedModel) -> float:
    model.need_degrees_of_freedom()
    maker = _residual_maker(model)
    spread = model.estimates @ maker @ model.estimates - np.sum(maker * model.sampling)
    return max(0.0, float(spread) / model.degrees_of_freedom)


def _residual_maker(model: MixedModel) -> Floats:
    x = model.columns
    return np.eye(len(x)) - x @ np.linalg.inv(x.T @ x) @ x.T


def _sidik_jonkman_start(model: MixedModel) -> tuple[float, Fit]:
    """Return the crude variance that the method starts from, and the fit there."""
    model.need_degrees_of_freedom()
    start = float(np.var(model.estimates))
    return start, model.fit(start)


def _quadratic_error(model: MixedModel, form: Floats, tau_squared: float) -> float:
    """Return the standard deviation of y'Ay: sqrt(2 tr(A S A S)) with S the covariance at tau2."""
    both = form @ (model.sampling + tau_squared * model.shared)
    return float(np.sqrt(2.0 * np.sum(both * both.T)))
