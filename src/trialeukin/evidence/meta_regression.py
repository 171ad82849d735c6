r"""Effects of studies against their covariates, and pools of subgroups.

.. math:: y_i = x_i'\beta + u_i + \epsilon_i, \qquad u_i \sim N(0, \tau^2), \; \epsilon_i \sim N(0, v_i)

QM is Wald's statistic of all m coefficients but the intercept, by the covariance of the slopes: chi-square where
their interval is normal, and by that of Hartung and Knapp QM / m is F with m and k - m - 1 degrees of freedom. QE is
Cochran's Q of the residuals, and R2 = (tau2_0 - tau2)/tau2_0 the share of the variance between studies that the
covariates account for, which is not defined where the plain pool has none. Subgroups are pooled apart; with pooled
effects m_g of errors s_g,

.. math:: Q_B = \sum_g \frac{(m_g - \bar m)^2}{s_g^2}, \qquad \bar m = \frac{\sum m_g/s_g^2}{\sum 1/s_g^2}

is chi-square with as many degrees of freedom as subgroups less one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc
from scipy.stats import norm, t

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod, between_studies, model_of
from trialeukin.evidence.mixed_model import MixedModel
from trialeukin.evidence.pooling import LEVEL, IntervalMethod, Pooled, pool

ONE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """A coefficient with its standard error, 95 % limits and two-sided p value."""

    name: str
    value: float
    standard_error: float
    lower: float
    upper: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetaRegression:
    """A regression of k effects on covariates.

    Attributes
    ----------
    k : int
        Studies.
    method, interval_method : BetweenMethod, IntervalMethod
        How the variance between studies, and the errors of the slopes, were found.
    slopes : tuple of Slope
        The intercept first.
    covariance : (p, p)
        Of the slopes, by the same method as their errors.
    tau_squared, tau_squared_without : float
        tau2 with the covariates and without.
    explained : float or None, 1
        R2, from 0 to 1; None where nothing is there to explain.
    qm, qm_degrees_of_freedom, qm_p_value : float, int, float
        The test of all covariates together; an F statistic has those of ``qe`` beside its own degrees of freedom.
    qe, qe_degrees_of_freedom, qe_p_value : float, int, float
        What they leave.
    """

    k: int
    method: BetweenMethod
    interval_method: IntervalMethod
    slopes: tuple[Slope, ...]
    covariance: Floats
    tau_squared: float
    tau_squared_without: float
    explained: float | None
    qm: float
    qm_degrees_of_freedom: int
    qm_p_value: float
    qe: float
    qe_degrees_of_freedom: int
    qe_p_value: float

    @property
    def f(self) -> float:
        """F of all covariates together, with the degrees of freedom of ``qm`` and ``qe``."""
        return self.qm / self.qm_degrees_of_freedom


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroups:
    """Pools of subgroups and the test that they differ."""

    names: tuple[str, ...]
    pools: tuple[Pooled, ...]
    q_between: float
    degrees_of_freedom: int
    p_value: float


def meta_regression(
    effects: Effects,
    covariates: dict[str, Floats],
    method: BetweenMethod = BetweenMethod.RESTRICTED_LIKELIHOOD,
    interval: IntervalMethod = IntervalMethod.NORMAL,
) -> MetaRegression:
    """Return the regression of effects on covariates by name, (k,) each; an intercept is added.

    Raises
    ------
    AnalysisError
        When too few studies are left, a covariate does not vary or repeats others, or the covariates give every effect,
        so that Hartung and Knapp's factor is zero, and that is asked.
    """
    if not covariates:
        raise AnalysisError("no covariate: give at least one, or pool")
    columns = np.column_stack([np.ones(effects.k), *covariates.values()])
    if effects.k <= columns.shape[1]:
        raise AnalysisError(
            f"{effects.k} studies and {columns.shape[1]} coefficients: a regression needs more studies than that"
        )
    model = model_of(effects, columns)
    tau_squared = between_studies(model, method)
    without = between_studies(model_of(effects), method)
    slopes, covariance = _slopes(model, ("intercept", *covariates), tau_squared, interval)
    rest = np.array([each.value for each in slopes[1:]])
    qm, together = float(rest @ np.linalg.solve(covariance[1:, 1:], rest)), len(covariates)
    chance = _chance_of(qm, together, model.degrees_of_freedom, interval)
    qe = model.fit(0.0).residual
    return MetaRegression(
        k=effects.k,
        method=method,
        interval_method=interval,
        slopes=slopes,
        covariance=covariance,
        tau_squared=tau_squared,
        tau_squared_without=without,
        explained=None if without <= ONE else max(0.0, 1.0 - tau_squared / without),
        qm=qm,
        qm_degrees_of_freedom=together,
        qm_p_value=chance,
        qe=qe,
        qe_degrees_of_freedom=model.degrees_of_freedom,
        qe_p_value=float(chdtrc(model.degrees_of_freedom, qe)),
    )


def _slopes(
    model: MixedModel, names: Sequence[str], tau_squared: float, interval: IntervalMethod
) -> tuple[tuple[Slope, ...], Floats]:
    fit = model.fit(tau_squared)
    if interval is IntervalMethod.HARTUNG_KNAPP and model.is_exact(fit):
        raise AnalysisError(
            f"the covariates give all {len(model.estimates)} effects exactly, so that '{interval.value}' takes their "
            f"errors as zero: ask for '{IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL.value}'"
        )
    covariance, reach = fit.covariance, float(norm.ppf(0.5 + LEVEL / 2.0))
    law = norm if interval is IntervalMethod.NORMAL else t(model.degrees_of_freedom)
    if interval is not IntervalMethod.NORMAL:
        factor = fit.residual / model.degrees_of_freedom
        covariance = covariance * (max(1.0, factor) if interval is not IntervalMethod.HARTUNG_KNAPP else factor)
        reach = float(law.ppf(0.5 + LEVEL / 2.0))
    slopes = []
    for place, name in enumerate(names):
        value, standard_error = float(fit.coefficients[place]), float(np.sqrt(covariance[place, place]))
        slopes.append(
            Slope(
                name=name,
                value=value,
                standard_error=standard_error,
                lower=value - reach * standard_error,
                upper=value + reach * standard_error,
                p_value=2.0 * float(law.sf(abs(value) / standard_error)),
            )
        )
    return tuple(slopes), covariance


def _chance_of(qm: float, together: int, degrees_of_freedom: int, interval: IntervalMethod) -> float:
    if interval is IntervalMethod.NORMAL:
        return float(chdtrc(together, qm))
    return float(fdtrc(together, degrees_of_freedom, qm / together))


def nothing_to_compare(groups: Sequence[str]) -> str | None:
    """Return that all studies are in one subgroup, by the words that name that of each; None where they are not."""
    if len(set(groups)) > 1:
        return None
    studies = "the only study is" if len(groups) == 1 else f"all {len(groups)} studies are"
    return f"{studies} in one subgroup, {groups[0]!r}: there is nothing to compare"


def subgroups(
    effects: Effects,
    groups: Sequence[str],
    method: BetweenMethod = BetweenMethod.RESTRICTED_LIKELIHOOD,
    interval: IntervalMethod = IntervalMethod.NORMAL,
) -> Subgroups:
    """Return the pool of every subgroup, each with its own variance between studies, and the test between them.

    Parameters
    ----------
    effects : Effects
        All studies.
    groups : (k,) words
        The subgroup of each study.

    Raises
    ------
    AnalysisError
        When all studies are in one subgroup.
    """
    if len(groups) != effects.k:
        raise AnalysisError(f"{len(groups)} words for {effects.k} studies: name the subgroup of each")
    if (why := nothing_to_compare(groups)) is not None:
        raise AnalysisError(why)
    names = tuple(dict.fromkeys(groups))
    pools = tuple(
        pool(effects.chosen(np.array([group == name for group in groups])), method, interval) for name in names
    )
    means = np.array([found.estimate for found in pools])
    weights = np.array([found.standard_error**-2 for found in pools])
    q = float(weights @ (means - weights @ means / weights.sum()) ** 2)
    degrees_of_freedom = len(names) - 1
    return Subgroups(
        names=names,
        pools=pools,
        q_between=q,
        degrees_of_freedom=degrees_of_freedom,
        p_value=float(chdtrc(degrees_of_freedom, q)),
    )
