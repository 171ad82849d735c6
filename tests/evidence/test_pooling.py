"""Pools of independent studies: reference case 15 (metafor, papers), a second implementation, laws, refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, multivariate_normal
from statsmodels.stats.meta_analysis import combine_effects

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod, between_studies, heterogeneity, model_of
from trialeukin.evidence.mixed_model import FULL, RESTRICTED
from trialeukin.evidence.pooling import IntervalMethod, PredictionMethod, pool

CLOSED_FORM, ITERATED = 1e-8, 1e-6  # the tolerances of reference case 15
DATA_SETS = ("bcg_RR", "bcg_OR", "hine1989_RDpct", "normand1999_MD", "viechtbauer2005_ex1", "hackshaw1998")
CLOSED = {"FE", "DL", "HE", "HS", "SJ"}
SAME = 1e-9  # two implementations of one closed form


def tolerance(method: BetweenMethod, size: float = 1.0) -> float:
    return (CLOSED_FORM if method.value in CLOSED else ITERATED) * max(1.0, abs(size))


@pytest.mark.parametrize("data", DATA_SETS)
@pytest.mark.parametrize("method", list(BetweenMethod), ids=lambda method: method.value)
def test_case_15_pools_and_heterogeneity_are_those_of_metafor(
    data: str, method: BetweenMethod, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    expected = pairwise[data]["EE" if method is BetweenMethod.FIXED else method.value]

    found = pool(effects_of(data), method)

    assert found.k == pairwise[data]["k"]
    assert found.heterogeneity is not None
    for value, key in (
        (found.estimate, "mu"),
        (found.standard_error, "se"),
        (found.p_value, "p"),
        (found.heterogeneity.tau_squared, "tau2"),
        (found.heterogeneity.q, "Q"),
        (found.heterogeneity.q_p_value, "Qp"),
    ):
        assert value == pytest.approx(expected[key], abs=tolerance(method, expected[key]))
    assert (found.lower, found.upper) == pytest.approx(expected["ci"], abs=tolerance(method, 100.0))
    if method is not BetweenMethod.FIXED:
        assert found.heterogeneity.tau_squared_standard_error == pytest.approx(expected["se_tau2"], rel=ITERATED)
        assert found.heterogeneity.i_squared == pytest.approx(expected["I2"], abs=tolerance(method, 100.0))
        assert found.heterogeneity.h_squared == pytest.approx(expected["H2"], rel=ITERATED)


@pytest.mark.parametrize("data", DATA_SETS)
@pytest.mark.parametrize("method", list(BetweenMethod)[1:], ids=lambda method: method.value)
def test_case_15_hartung_knapp_and_three_prediction_intervals_are_those_of_metafor(
    data: str, method: BetweenMethod, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    expected = pairwise[data][method.value]
    near = tolerance(method, 100.0)

    plain = pool(effects_of(data), method)
    wider = pool(effects_of(data), method, IntervalMethod.HARTUNG_KNAPP)

    assert wider.standard_error == pytest.approx(expected["HK"]["se"], abs=near)
    assert (wider.lower, wider.upper) == pytest.approx(expected["HK"]["ci"], abs=near)
    assert wider.p_value == pytest.approx(expected["HK"]["p"], abs=tolerance(method))
    assert wider.prediction(PredictionMethod.T_K_LESS_ONE) == pytest.approx(expected["HK"]["pi_t_km1"], abs=near)
    assert plain.prediction(PredictionMethod.NORMAL) == pytest.approx(expected["pi_normal"], abs=near)
    assert plain.prediction(PredictionMethod.T_K_LESS_TWO) == pytest.approx(expected["pi_higgins2009_t_km2"], abs=near)


@pytest.mark.parametrize("data", DATA_SETS)
def test_case_15_q_profile_limits_are_those_of_metafor(
    data: str, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    low, high = pairwise[data]["Qprofile_tau2_ci"]
    cut = 10.0 * pairwise[data]["DL"]["tau2"]
    found = heterogeneity(model_of(effects_of(data)), BetweenMethod.DERSIMONIAN_LAIRD)

    assert found.tau_squared_interval[0] == pytest.approx(low, abs=ITERATED * max(1.0, high))
    if data == "normand1999_MD":  # metafor searched to ten times its tau2 and gave that end; the root lies above
        assert high == pytest.approx(cut, abs=1e-9 * cut)
        assert found.tau_squared_interval[1] > high
    else:
        assert found.tau_squared_interval[1] == pytest.approx(high, abs=ITERATED * max(1.0, high))
        assert found.i_squared_interval == pytest.approx(pairwise[data]["Qprofile_I2_ci"], abs=1e-4)


@pytest.mark.parametrize("data", DATA_SETS)
def test_the_upper_q_profile_limit_is_where_q_is_its_quantile(data: str, effects_of: Callable) -> None:
    model = model_of(effects_of(data))

    _, high = model.residual_interval()

    assert model.fit(high).residual == pytest.approx(chi2.ppf(0.025, model.degrees_of_freedom), rel=1e-10)


def test_van_houwelingen_2002_pages_596_to_599_are_met_to_their_digits(effects_of: Callable) -> None:
    effects = effects_of("bcg_OR")
    likely = pool(effects, BetweenMethod.MAXIMUM_LIKELIHOOD)
    wider = pool(effects, BetweenMethod.MAXIMUM_LIKELIHOOD, IntervalMethod.HARTUNG_KNAPP)
    fixed = pool(effects, BetweenMethod.FIXED)
    model = model_of(effects)

    assert np.exp([fixed.estimate, fixed.lower, fixed.upper]) == pytest.approx([0.6465, 0.5951, 0.7024], abs=5e-5)
    assert np.exp([likely.estimate, likely.lower, likely.upper]) == pytest.approx([0.4762, 0.336, 0.6749], abs=5e-5)
    assert likely.heterogeneity is not None
    assert likely.heterogeneity.tau_squared == pytest.approx(0.3025, abs=5e-5)
    assert model.likelihood_interval(restricted=FULL) == pytest.approx([0.1151, 0.8937], abs=5e-5)
    assert likely.heterogeneity.tau_squared_interval == pytest.approx([0.1302, 1.1812], abs=1e-4)  # 0.13015 exactly
    assert np.exp([wider.lower, wider.upper]) == pytest.approx([0.3175, 0.7141], abs=5e-5)
    # the paper's prediction interval leaves out the error of the mean: mu +- 1.96 tau
    reach = 1.959964 * np.sqrt(likely.heterogeneity.tau_squared)
    assert [likely.estimate - reach, likely.estimate + reach] == pytest.approx([-1.8199, 0.3359], abs=2e-4)


@pytest.mark.parametrize(
    ("data", "method", "published"),
    [
        ("bcg_RR", "FE", [-0.4303, -0.5097, -0.3509]),
        ("bcg_RR", "DL", [-0.7141, -1.0644, -0.3638]),
        ("hine1989_RDpct", "DL", [2.9444, 0.3831, 5.5058]),
        ("normand1999_MD", "FE", [-3.4939, -5.0265, -1.9613]),
        ("normand1999_MD", "DL", [-14.0972, -24.4454, -3.749]),
        ("normand1999_MD", "REML", [-15.1217, -32.6716, 2.4282]),
    ],
)
def test_stata_metan_and_normand_1999_tables_iii_vii_to_ix_are_met_to_their_digits(
    data: str, method: str, published: list[float], effects_of: Callable
) -> None:
    found = pool(effects_of(data), BetweenMethod(method))

    assert [found.estimate, found.lower, found.upper] == pytest.approx(published, abs=5.01e-5)


def test_viechtbauer_2005_page_271_is_met_to_its_digits(effects_of: Callable, pairwise: dict[str, Any]) -> None:
    printed = pairwise["published"]["viechtbauer2005_ex1"]

    for place, name in enumerate(printed["order"]):
        found = heterogeneity(model_of(effects_of("viechtbauer2005_ex1")), BetweenMethod(name))
        assert found.tau_squared == pytest.approx(printed["tau2"][place], abs=5.01e-5)
        assert found.i_squared == pytest.approx(printed["I2"][place], abs=2e-4)  # printed from a rounded tau2
        assert found.tau_squared_standard_error == pytest.approx(printed["se_tau2"][place], abs=5.01e-5)


@pytest.mark.parametrize("data", [data for data in DATA_SETS if data != "hine1989_RDpct"])  # statsmodels keeps tau2 < 0
def test_dersimonian_laird_paule_mandel_and_hartung_knapp_are_those_of_statsmodels(
    data: str, effects_of: Callable
) -> None:
    effects = effects_of(data)
    words = {"DL": "chi2", "PM": "iterated"}
    if data == "normand1999_MD":
        del words["PM"]  # statsmodels' iteration ends at zero there, where Q is 241 on 8 degrees of freedom
    for method, word in words.items():
        theirs = combine_effects(effects.estimates, effects.variances, method_re=word, use_t=False, atol=1e-12)
        near = SAME if method == "DL" else 1e-5  # statsmodels iterates Paule and Mandel to its own tolerance

        ours = pool(effects, BetweenMethod(method))
        wider = pool(effects, BetweenMethod(method), IntervalMethod.HARTUNG_KNAPP)

        assert ours.heterogeneity is not None
        assert ours.heterogeneity.tau_squared == pytest.approx(theirs.tau2, rel=near)
        assert ours.estimate == pytest.approx(theirs.mean_effect_re, rel=near)
        assert ours.standard_error == pytest.approx(theirs.sd_eff_w_re, rel=near)
        assert wider.standard_error == pytest.approx(theirs.sd_eff_w_re_hksj, rel=near)
    fixed = pool(effects, BetweenMethod.FIXED)
    assert fixed.estimate == pytest.approx(theirs.mean_effect_fe, rel=SAME)


@pytest.mark.parametrize("data", ["bcg_RR", "viechtbauer2005_ex1", "hackshaw1998"])
def test_likelihood_estimates_are_those_of_a_search_over_scipys_normal_density(data: str, effects_of: Callable) -> None:
    effects = effects_of(data)
    free = np.linalg.svd(np.ones((1, effects.k)))[2][1:]  # contrasts free of the mean: the data of REML

    def restricted(between: float) -> float:
        covariance = free @ np.diag(effects.variances + between) @ free.T
        return -float(multivariate_normal.logpdf(free @ effects.estimates, cov=covariance))

    def full(between: float) -> float:
        weight = 1.0 / (effects.variances + between)
        mean = weight @ effects.estimates / weight.sum()
        return -float(np.sum(-0.5 * np.log(2 * np.pi / weight) - 0.5 * weight * (effects.estimates - mean) ** 2))

    for method, cost in (("REML", restricted), ("ML", full)):
        best = minimize_scalar(cost, bounds=(0.0, 2.0), method="bounded", options={"xatol": 1e-10}).x
        assert between_studies(model_of(effects), BetweenMethod(method)) == pytest.approx(best, abs=1e-6)
    found = between_studies(model_of(effects), BetweenMethod.RESTRICTED_LIKELIHOOD)
    assert model_of(effects).log_likelihood(found, restricted=RESTRICTED) == pytest.approx(
        -restricted(found), abs=1e-10
    )


studies = st.lists(st.tuples(st.floats(-3.0, 3.0), st.floats(0.05, 2.0)), min_size=2, max_size=12)


@given(studies, st.floats(-5.0, 5.0), st.floats(0.1, 10.0), st.sampled_from(list(BetweenMethod)))
@settings(max_examples=60, deadline=None)
def test_a_pool_moves_and_stretches_with_its_studies(
    pairs: list[tuple[float, float]], shift: float, scale: float, method: BetweenMethod
) -> None:
    estimates, errors = (np.array(column) for column in zip(*pairs, strict=True))
    labels = tuple(map(str, range(len(pairs))))
    plain = pool(Effects(labels=labels, estimates=estimates, variances=errors**2), method)

    moved = pool(Effects(labels=labels, estimates=scale * (estimates + shift), variances=(scale * errors) ** 2), method)

    assert moved.estimate == pytest.approx(scale * (plain.estimate + shift), rel=1e-5, abs=1e-5)
    assert moved.standard_error == pytest.approx(scale * plain.standard_error, rel=1e-4)
    assert estimates.min() - 1e-9 <= plain.estimate <= estimates.max() + 1e-9


ROUNDED_SQUARE = 1e-30  # a mean of equal estimates may differ from them by the last digit, some 1e-16


def test_without_heterogeneity_every_method_is_the_fixed_effect() -> None:
    effects = Effects(labels=("a", "b", "c"), estimates=np.full(3, 0.4), variances=np.array([0.1, 0.2, 0.3]))

    for method in BetweenMethod:
        found = pool(effects, method)
        assert found.heterogeneity is not None
        assert found.heterogeneity.tau_squared == pytest.approx(0.0, abs=ROUNDED_SQUARE)
        assert found.standard_error == pytest.approx((1 / 0.1 + 1 / 0.2 + 1 / 0.3) ** -0.5)


def test_a_fixed_effect_hides_no_heterogeneity(effects_of: Callable, pairwise: dict[str, Any]) -> None:
    """tau2 is taken as zero, yet I2 is (Q - df) / Q, which DerSimonian and Laird's is too."""
    found = pool(effects_of("bcg_RR"), BetweenMethod.FIXED)

    assert found.heterogeneity is not None
    assert found.heterogeneity.tau_squared == 0.0
    assert found.heterogeneity.i_squared == pytest.approx(pairwise["bcg_RR"]["DL"]["I2"])
    assert found.prediction() is None


def test_hartung_knapp_never_narrower_keeps_the_normal_error_where_studies_agree(effects_of: Callable) -> None:
    effects = effects_of("hine1989_RDpct")

    floored = pool(effects, interval=IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL)

    assert pool(effects, interval=IntervalMethod.HARTUNG_KNAPP).standard_error < floored.standard_error
    assert floored.standard_error == pytest.approx(pool(effects).standard_error)


def test_one_study_is_its_own_pool_and_says_nothing_of_heterogeneity() -> None:
    one = Effects(labels=("a",), estimates=np.array([0.3]), variances=np.array([0.04]))

    found = pool(one)

    assert (found.k, found.estimate, found.standard_error) == (1, 0.3, pytest.approx(0.2))
    assert found.heterogeneity is None
    assert found.prediction() is None


@pytest.mark.parametrize(
    ("estimates", "variances", "labels", "words"),
    [
        ([], [], [], "no study is left"),
        ([0.1, 0.2], [0.1, 0.0], ["a", "b"], "b: variance 0"),
        ([0.1, np.nan], [0.1, 0.1], ["a", "b"], "b: estimate nan"),
        ([0.1, 0.2], [0.1, 0.1], ["a", "a"], "a is there twice"),
        ([0.1, 0.2], [0.1], ["a", "b"], "give as many of each"),
    ],
)
def test_what_cannot_be_pooled_is_refused_by_name(
    estimates: list[float], variances: list[float], labels: list[str], words: str
) -> None:
    with pytest.raises(AnalysisError, match=words):
        Effects(labels=tuple(labels), estimates=np.array(estimates), variances=np.array(variances))


@given(studies, st.sampled_from(["ML", "REML"]))
@settings(max_examples=40, deadline=None)
def test_no_variance_between_studies_is_likelier_than_the_one_that_is_found(
    pairs: list[tuple[float, float]], name: str
) -> None:
    """However many roots the score has, and however small or large the errors are: it always converges."""
    estimates, errors = (np.array(column) for column in zip(*pairs, strict=True))
    effects = Effects(labels=tuple(map(str, range(len(pairs)))), estimates=estimates, variances=errors**2)
    model, restricted = model_of(effects), name == "REML"

    best = model.log_likelihood(between_studies(model, BetweenMethod(name)), restricted=restricted)

    others = [model.log_likelihood(between, restricted=restricted) for between in (0.0, *np.geomspace(1e-4, 1e3, 60))]
    assert best >= max(others) - 1e-9
