"""Every pooling method against a second implementation, where one has it: PyMARE, and statsmodels for what it lacks.

The variance between studies comes from their estimator of the same name. Neither has a sound one of Paule and Mandel
(statsmodels' iteration can end at zero), empirical Bayes, Hunter and Schmidt, or Sidik and Jonkman: of these each term
of the defining equation is theirs. Given the variance, effect, error, interval and p are closed forms of PyMARE's.
Prediction intervals, trim and fill, and Peto's pool are in neither; they are held against metafor and papers elsewhere.
"""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2
from statsmodels.regression.linear_model import OLS, WLS

from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import (
    BetweenMethod,
    between_studies,
    heterogeneity,
    model_of,
    tau_squared_standard_error,
)
from trialeukin.evidence.meta_regression import meta_regression
from trialeukin.evidence.mixed_model import MixedModel
from trialeukin.evidence.pooling import IntervalMethod, pool

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # PyMARE leaves a file of its own open when it is imported
    from pymare import Dataset
    from pymare.estimators import DerSimonianLaird, Hedges, VarianceBasedLikelihoodEstimator, WeightedLeastSquares
    from pymare.results import MetaRegressionResults
    from pymare.stats import q_gen

DATA_SETS = ("bcg_RR", "bcg_OR", "hine1989_RDpct", "normand1999_MD", "viechtbauer2005_ex1", "hackshaw1998")
METHODS = list(BetweenMethod)
CORRECTIONS = {
    IntervalMethod.NORMAL: "wald",
    IntervalMethod.HARTUNG_KNAPP: "knapp-hartung",
    IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL: "knapp-hartung-conservative",
}
CLOSED = 1e-9  # two ways of one closed form in double precision
ROOTED = 1e-8  # PyMARE's roots of Q, by brentq to its default of 2e-12 of a variance of a few units
FLAT = 1e-12  # PyMARE's search of a likelihood l ends where it is flat to this times 1 + |l|, ...
NARROW = 1e-6  # ... or where its bracket is this part of an interval of the scan, and sees nothing nearer to an end


def dataset(model: MixedModel) -> Dataset:
    variances = np.diag(model.sampling)
    return Dataset(y=model.estimates, v=variances, X=model.columns, add_intercept=False)


def summary(
    model: MixedModel, tau_squared: float, interval: IntervalMethod = IntervalMethod.NORMAL
) -> MetaRegressionResults:
    """Return what PyMARE says at a variance between studies."""
    estimator = WeightedLeastSquares(tau2=tau_squared, small_sample_correction=CORRECTIONS[interval])
    return estimator.fit_dataset(dataset(model)).summary()


def theirs(model: MixedModel, method: BetweenMethod) -> float:
    """Return the variance between studies by another implementation, or put together from parts of one."""
    y, v, k = model.estimates, np.diag(model.sampling), len(model.estimates)
    match method:
        case BetweenMethod.FIXED:
            return 0.0
        case BetweenMethod.DERSIMONIAN_LAIRD:
            estimator = DerSimonianLaird()
        case BetweenMethod.HEDGES:
            estimator = Hedges()
        case BetweenMethod.MAXIMUM_LIKELIHOOD | BetweenMethod.RESTRICTED_LIKELIHOOD:
            estimator = VarianceBasedLikelihoodEstimator(method.value)
        case BetweenMethod.HUNTER_SCHMIDT:  # Hunter and Schmidt: (Q - k) / sum w
            return max(0.0, (WLS(y, model.columns, weights=1.0 / v).fit().ssr - k) / float(np.sum(1.0 / v)))
        case BetweenMethod.SIDIK_JONKMAN:  # Sidik and Jonkman: the residual variance under weights 1 / (v / start + 1)
            start = OLS(y, np.ones(k)).fit().ssr / k
            return float(WLS(y, model.columns, weights=1.0 / (v / start + 1.0)).fit().scale) if start else 0.0
        case BetweenMethod.PAULE_MANDEL | BetweenMethod.EMPIRICAL_BAYES:
            return where_their_q_is(model, float(model.degrees_of_freedom))
    return float(np.ravel(estimator.fit_dataset(dataset(model)).summary().tau2)[0])


def where_their_q_is(model: MixedModel, target: float) -> float:
    """Return by halving where PyMARE's generalised Q, which falls, comes to a target: to the last digit."""
    y, v = model.estimates[:, None], np.diag(model.sampling)[:, None]

    def q(tau_squared: float) -> float:
        return float(np.ravel(q_gen(y, v, model.columns, tau_squared))[0])

    low, high = 0.0, float(np.ptp(model.estimates) ** 2 + v.max()) * len(y) / min(1.0, target)
    if q(low) <= target:
        return 0.0
    while high - low > 1e-15 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if q(middle) > target else (low, middle)
        if middle in {low, high} and not low < 0.5 * (low + high) < high:
            break
    return high


def nearness(model: MixedModel, method: BetweenMethod, tau_squared: float) -> float:
    """Return how far their variance between studies may be from ours: rounding, or where PyMARE's search ends.

    A likelihood of curvature 1/se2 is flat to f within se sqrt(2 f); the search is over u = tau2/(s + tau2) of s, the
    variance by DerSimonian and Laird and the mean sampling variance, whose scan has intervals of 1/24.
    """
    size = tau_squared + float(np.mean(np.diag(model.sampling)))
    if method not in {BetweenMethod.MAXIMUM_LIKELIHOOD, BetweenMethod.RESTRICTED_LIKELIHOOD}:
        return CLOSED * size
    restricted = method is BetweenMethod.RESTRICTED_LIKELIHOOD
    likelihood = model.log_likelihood(tau_squared, restricted=restricted)
    error = tau_squared_standard_error(model, method, tau_squared) or 0.0
    scale = model.by_moments() + float(np.mean(np.diag(model.sampling)))
    narrow = (scale + tau_squared) ** 2 / scale * NARROW / 12.0
    return error * float(np.sqrt(2.0 * FLAT * (1.0 + abs(likelihood)))) + narrow


@pytest.mark.parametrize("data", DATA_SETS)
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.value)
def test_variance_between_studies_and_every_interval_are_those_of_a_second_implementation(
    data: str, method: BetweenMethod, effects_of: Callable
) -> None:
    effects = effects_of(data)
    model = model_of(effects)

    tau_squared = between_studies(model, method)

    assert tau_squared == pytest.approx(theirs(model, method), abs=nearness(model, method, tau_squared))
    for interval in IntervalMethod:
        same_pool(effects, method, interval)


def same_pool(effects: Effects, method: BetweenMethod, interval: IntervalMethod) -> None:
    found = pool(effects, method, interval)
    assert found.heterogeneity is not None
    expected = summary(model_of(effects), found.heterogeneity.tau_squared, interval).get_fe_stats()

    reach = float(np.ptp(effects.estimates)) + found.standard_error
    for value, key in (
        (found.estimate, "est"),
        (found.standard_error, "se"),
        (found.lower, "ci_l"),
        (found.upper, "ci_u"),
    ):
        assert value == pytest.approx(float(expected[key].item()), rel=CLOSED, abs=CLOSED * reach), (interval, key)
    assert found.p_value == pytest.approx(float(expected["p"].item()), rel=1e-6, abs=CLOSED)


@pytest.mark.parametrize("data", DATA_SETS)
def test_q_i2_and_the_q_profile_are_those_of_pymare(data: str, effects_of: Callable) -> None:
    model = model_of(effects_of(data))
    result = DerSimonianLaird().fit_dataset(dataset(model)).summary()
    spread, limits = result.get_heterogeneity_stats(), result.get_re_stats()

    found = heterogeneity(model, BetweenMethod.DERSIMONIAN_LAIRD)  # PyMARE's I2 is of this method whatever is asked

    assert found.q == pytest.approx(spread["Q"].item(), rel=CLOSED)
    assert found.q_p_value == pytest.approx(spread["p(Q)"].item(), rel=CLOSED)
    assert found.i_squared == pytest.approx(spread["I^2"].item(), abs=100.0 * CLOSED)
    assert max(1.0, found.h_squared) == pytest.approx(spread["H"].item() ** 2, rel=CLOSED)
    assert found.tau_squared_interval == pytest.approx(
        [limits["ci_l"].item(), limits["ci_u"].item()], rel=ROOTED, abs=1e-12
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.value)
@pytest.mark.parametrize("names", [("ablat",), ("ablat", "year")], ids="-".join)
def test_regression_on_covariates_is_that_of_a_second_implementation(
    method: BetweenMethod, names: tuple[str, ...], effects_of: Callable, column: Callable
) -> None:
    effects = effects_of("bcg_RR")
    covariates = {name: column("bcg_RR", name) - column("bcg_RR", name).mean() for name in names}
    model = model_of(effects, np.column_stack([np.ones(effects.k), *covariates.values()]))

    found = meta_regression(effects, covariates, method)
    wider = meta_regression(effects, covariates, method, IntervalMethod.HARTUNG_KNAPP)

    assert found.tau_squared == pytest.approx(theirs(model, method), abs=nearness(model, method, found.tau_squared))
    for ours, interval in ((found, IntervalMethod.NORMAL), (wider, IntervalMethod.HARTUNG_KNAPP)):
        expected = summary(model, found.tau_squared, interval).get_fe_stats()
        assert [each.value for each in ours.slopes] == pytest.approx(expected["est"].ravel(), rel=CLOSED)
        assert [each.standard_error for each in ours.slopes] == pytest.approx(expected["se"].ravel(), rel=CLOSED)
        assert [each.lower for each in ours.slopes] == pytest.approx(expected["ci_l"].ravel(), rel=ROOTED)
        assert [each.p_value for each in ours.slopes] == pytest.approx(expected["p"].ravel(), rel=1e-6)
    assert found.qe == pytest.approx(summary(model, 0.0).get_heterogeneity_stats()["Q"].item(), rel=CLOSED)


studies = st.lists(st.tuples(st.floats(-3.0, 3.0), st.floats(0.05, 2.0)), min_size=2, max_size=12)


@given(studies, st.sampled_from(METHODS), st.sampled_from(list(IntervalMethod)))
@settings(max_examples=150, deadline=None)
def test_any_studies_have_the_pool_of_a_second_implementation(
    pairs: list[tuple[float, float]], method: BetweenMethod, interval: IntervalMethod
) -> None:
    effects = effects_from(pairs)
    # of studies that agree to their last digits an estimated scale is rounding alone, and PyMARE's is not a number
    assume(interval is IntervalMethod.NORMAL or np.ptp(effects.estimates) > 1e-3)
    model = model_of(effects)

    tau_squared, other = between_studies(model, method), theirs(model, method)

    if method in {BetweenMethod.MAXIMUM_LIKELIHOOD, BetweenMethod.RESTRICTED_LIKELIHOOD}:
        # a likelihood may be flat or have two maxima of one height, so that heights are compared, not places
        restricted = method is BetweenMethod.RESTRICTED_LIKELIHOOD
        height, reached = (model.log_likelihood(each, restricted=restricted) for each in (tau_squared, other))
        assert height >= reached - CLOSED * (1.0 + abs(height))
        assert reached == pytest.approx(height, abs=effects.k * NARROW)
    else:
        assert tau_squared == pytest.approx(other, abs=nearness(model, method, tau_squared) + CLOSED)
    same_pool(effects, method, interval)


@given(studies)
@settings(max_examples=60, deadline=None)
def test_the_q_profile_of_any_studies_is_where_pymares_q_is_a_quantile(pairs: list[tuple[float, float]]) -> None:
    model = model_of(effects_from(pairs))

    found = model.residual_interval()

    for limit, tail in zip(found, (0.975, 0.025), strict=True):
        other = where_their_q_is(model, float(chi2.ppf(tail, model.degrees_of_freedom)))
        assert limit == pytest.approx(other, rel=ROOTED, abs=1e-12)


def effects_from(pairs: list[tuple[float, float]]) -> Effects:
    estimates, errors = (np.array(column) for column in zip(*pairs, strict=True))
    return Effects(labels=tuple(map(str, range(len(pairs)))), estimates=estimates, variances=errors**2)
