"""Regression, subgroups, influence and asymmetry: reference case 15, statsmodels, and answers known beforehand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.regression.linear_model import OLS, WLS

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.heterogeneity import BetweenMethod
from trialeukin.evidence.influence import cumulative, leave_one_out
from trialeukin.evidence.meta_regression import meta_regression, subgroups
from trialeukin.evidence.pooling import IntervalMethod, pool
from trialeukin.evidence.small_studies import Side, begg, egger, trim_and_fill

CLOSED_FORM, ITERATED = 1e-8, 1e-6  # the tolerances of reference case 15
ERRORS = np.array([0.1, 0.2, 0.4])
DATA_SETS = ("bcg_RR", "bcg_OR", "hine1989_RDpct", "normand1999_MD", "viechtbauer2005_ex1", "hackshaw1998")


def test_case_15_regression_on_latitude_and_year_by_reml_is_metafors(
    column: Callable, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    expected = pairwise["bcg_RR"]["metareg_REML_ablat_year"]
    covariates = {"latitude": column("bcg_RR", "ablat"), "year": column("bcg_RR", "year")}

    found = meta_regression(effects_of("bcg_RR"), covariates)

    assert [slope.value for slope in found.slopes] == pytest.approx(expected["beta"], rel=ITERATED)
    assert [slope.standard_error for slope in found.slopes] == pytest.approx(expected["se"], rel=ITERATED)
    assert found.tau_squared == pytest.approx(expected["tau2"], abs=ITERATED)
    assert found.qm == pytest.approx(expected["QM"], rel=ITERATED)
    assert found.qe == pytest.approx(expected["QE"], rel=CLOSED_FORM)


def test_case_15_regression_on_latitude_by_dersimonian_laird_is_metafors(
    column: Callable, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    expected = pairwise["bcg_RR"]["metareg_DL_ablat"]

    found = meta_regression(
        effects_of("bcg_RR"), {"latitude": column("bcg_RR", "ablat")}, BetweenMethod.DERSIMONIAN_LAIRD
    )

    assert [slope.value for slope in found.slopes] == pytest.approx(expected["beta"], abs=CLOSED_FORM)
    assert [slope.standard_error for slope in found.slopes] == pytest.approx(expected["se"], abs=CLOSED_FORM)
    assert found.tau_squared == pytest.approx(expected["tau2"], abs=CLOSED_FORM)
    assert (found.qm, found.qe) == pytest.approx((expected["QM"], expected["QE"]), abs=1e-7)
    assert found.explained == pytest.approx(1.0 - expected["tau2"] / pairwise["bcg_RR"]["DL"]["tau2"])


def test_fixed_slopes_are_those_of_weighted_least_squares_in_statsmodels(
    column: Callable, effects_of: Callable
) -> None:
    effects, latitude = effects_of("bcg_RR"), column("bcg_RR", "ablat")
    theirs = WLS(effects.estimates, np.column_stack([np.ones(13), latitude]), weights=1.0 / effects.variances).fit()

    found = meta_regression(
        effects, {"latitude": latitude}, BetweenMethod.FIXED, IntervalMethod.HARTUNG_KNAPP
    )  # at tau2 = 0 this is least squares with an estimated scale

    assert [slope.value for slope in found.slopes] == pytest.approx(theirs.params, rel=CLOSED_FORM)
    assert [slope.standard_error for slope in found.slopes] == pytest.approx(theirs.bse, rel=CLOSED_FORM)
    assert [slope.p_value for slope in found.slopes] == pytest.approx(theirs.pvalues, rel=CLOSED_FORM)
    assert found.qm == pytest.approx(theirs.fvalue, rel=CLOSED_FORM)
    assert found.qm_p_value == pytest.approx(theirs.f_pvalue, rel=CLOSED_FORM)


def test_tests_of_covariates_are_chi_square_and_by_hartung_and_knapp_f(column: Callable, effects_of: Callable) -> None:
    effects = effects_of("bcg_RR")
    covariates = {"latitude": column("bcg_RR", "ablat"), "year": column("bcg_RR", "year")}
    theirs = WLS(
        effects.estimates, np.column_stack([np.ones(13), *covariates.values()]), weights=1.0 / effects.variances
    ).fit()

    plain = meta_regression(effects, covariates)
    wider = meta_regression(effects, covariates, BetweenMethod.FIXED, IntervalMethod.HARTUNG_KNAPP)

    assert plain.qm_p_value == pytest.approx(chi2.sf(plain.qm, 2))
    assert plain.qe_p_value == pytest.approx(chi2.sf(plain.qe, 10))
    assert plain.tau_squared_without == pool(effects).heterogeneity.tau_squared
    assert wider.f == pytest.approx(theirs.fvalue, rel=CLOSED_FORM)
    assert wider.qm_p_value == pytest.approx(theirs.f_pvalue, rel=CLOSED_FORM)


@pytest.mark.parametrize("data", DATA_SETS)
def test_case_15_eggers_test_is_that_of_metafor_and_of_least_squares(
    data: str, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    effects, expected = effects_of(data), pairwise[data]["egger_lm"]
    theirs = OLS(
        effects.estimates / effects.standard_errors,
        np.column_stack([np.ones(effects.k), 1.0 / effects.standard_errors]),
    ).fit()

    found = egger(effects)

    assert found.statistic == pytest.approx(expected["t"], abs=CLOSED_FORM)
    assert found.statistic == pytest.approx(theirs.tvalues[0], rel=CLOSED_FORM)
    assert found.degrees_of_freedom == expected["df"]
    assert found.p_value == pytest.approx(expected["p"], abs=CLOSED_FORM)


@pytest.mark.parametrize("data", DATA_SETS)
def test_case_15_beggs_rank_correlation_is_that_of_metafor(
    data: str, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    assert begg(effects_of(data)).statistic == pytest.approx(pairwise[data]["begg_tau"], abs=CLOSED_FORM)


@pytest.mark.parametrize("data", DATA_SETS)
def test_case_15_leaving_each_study_out_gives_the_pools_of_metafor(
    data: str, effects_of: Callable, pairwise: dict[str, Any]
) -> None:
    effects = effects_of(data)

    found = leave_one_out(effects, BetweenMethod.DERSIMONIAN_LAIRD)

    assert [each.without.estimate for each in found] == pytest.approx(
        pairwise[data]["leave1out_DL_mu"], abs=CLOSED_FORM * 100
    )
    assert [each.label for each in found] == list(effects.labels)
    assert all(each.without.k == effects.k - 1 for each in found)
    assert sum(each.weight for each in found) == pytest.approx(1.0)


def test_of_equal_studies_but_one_that_one_has_the_greatest_influence() -> None:
    effects = Effects(
        labels=tuple("abcdef"), estimates=np.array([0.1, 0.1, 0.1, 0.1, 0.1, 1.5]), variances=np.full(6, 0.04)
    )

    found = leave_one_out(effects)

    assert max(found, key=lambda each: each.distance).label == "f"
    assert max(found, key=lambda each: abs(each.deleted_residual)).label == "f"
    assert found[5].deleted_residual == pytest.approx(1.4 / np.sqrt(0.04 + 0.04 / 5))  # the others agree: tau2 is 0


def test_the_last_cumulative_pool_is_the_whole_pool(effects_of: Callable) -> None:
    effects = effects_of("hackshaw1998")

    found = cumulative(effects, range(effects.k))

    assert [each.k for each in found] == list(range(1, 38))
    assert found[0].estimate == effects.estimates[0]
    assert found[-1].estimate == pytest.approx(pool(effects).estimate)


def test_trim_and_fill_rests_where_l0_says_so_and_adds_exact_mirror_images(effects_of: Callable) -> None:
    effects = effects_of("hackshaw1998")

    found = trim_and_fill(effects, BetweenMethod.FIXED)

    k, added = effects.k, found.added
    order = np.argsort(effects.estimates)
    rest = pool(effects.chosen(order[: k - added]), BetweenMethod.FIXED).estimate
    away = effects.estimates - rest
    ranks = np.argsort(np.argsort(np.abs(away))) + 1  # no ties in these data
    assert found.side is Side.LEFT
    assert added == round((4 * ranks[away > 0].sum() - k * (k + 1)) / (2 * k - 1)) > 0
    assert found.filled.estimates[k:] == pytest.approx(2 * rest - effects.estimates[order[k - added :]])
    assert found.filled.variances[k:] == pytest.approx(effects.variances[order[k - added :]])
    assert found.pooled.k == k + added


def test_trim_and_fill_adds_nothing_to_a_mirror_and_looks_at_both_sides() -> None:
    estimates = np.array([0.0, 0.2, -0.2, 0.5, -0.5, 0.8, -0.8])
    effects = Effects(labels=tuple("abcdefg"), estimates=estimates, variances=0.01 + estimates**2 / 4.0)

    for side in Side:
        assert trim_and_fill(effects, BetweenMethod.FIXED, side).added == 0


def test_subgroups_are_pools_of_their_own_and_the_test_between_them_is_chi_square(
    table: Callable, effects_of: Callable
) -> None:
    groups = [row["alloc"] for row in table("bcg_RR")]
    effects = effects_of("bcg_RR")

    found = subgroups(effects, groups, BetweenMethod.FIXED)

    inside = sum(each.heterogeneity.q for each in found.pools if each.heterogeneity)
    whole = pool(effects, BetweenMethod.FIXED).heterogeneity
    assert whole is not None
    assert found.q_between == pytest.approx(whole.q - inside)  # Q of fixed effects falls into parts
    assert found.degrees_of_freedom == 2
    assert sum(each.k for each in found.pools) == 13


def test_what_cannot_be_regressed_or_compared_is_refused(effects_of: Callable) -> None:
    effects = effects_of("bcg_RR")

    with pytest.raises(AnalysisError, match="all 13 studies are in one subgroup, 'random'"):
        subgroups(effects, ["random"] * 13)
    with pytest.raises(AnalysisError, match="a covariate does not vary"):
        meta_regression(effects, {"dose": np.ones(13)})
    with pytest.raises(AnalysisError, match="2 studies and 2 coefficients"):
        meta_regression(effects.chosen(np.array([0, 1])), {"dose": np.array([1.0, 2.0])})
    with pytest.raises(AnalysisError, match="leaving it out leaves none"):
        leave_one_out(effects.chosen(np.array([0])))
    with pytest.raises(AnalysisError, match="2 studies: asymmetry needs at least three"):
        egger(effects.chosen(np.array([0, 1])))
    for test in (egger, begg):
        with pytest.raises(AnalysisError, match=r"all studies have one standard error, 0\.2: small and large"):
            test(Effects(labels=tuple("abc"), estimates=np.array([0.1, 0.2, 0.4]), variances=np.full(3, 0.04)))


def of_three(estimates: Floats) -> Effects:
    return Effects(labels=tuple("abc"), estimates=estimates, variances=ERRORS**2)


@pytest.mark.parametrize("estimates", [np.zeros(3), np.full(3, 0.3), 0.1 + 0.7 * ERRORS], ids=["none", "one", "line"])
def test_effects_on_eggers_own_line_leave_nothing_to_test_against(estimates: Floats) -> None:
    with pytest.raises(AnalysisError, match="the effects of all 3 studies are a straight line over their standard err"):
        egger(of_three(estimates))


def test_effects_that_are_all_one_have_no_ranks() -> None:
    with pytest.raises(AnalysisError, match=r"all 3 studies found 0\.3"):
        begg(of_three(np.full(3, 0.3)))


@pytest.mark.parametrize("estimates", [np.zeros(3), np.full(3, 0.3), 0.1 + 0.7 * ERRORS], ids=["none", "one", "line"])
def test_covariates_that_give_every_effect_leave_hartung_and_knapp_no_error(estimates: Floats) -> None:
    with pytest.raises(AnalysisError, match=r"all 3 effects exactly.*ask for 'Hartung-Knapp, never narrower'"):
        meta_regression(of_three(estimates), {"error": ERRORS}, interval=IntervalMethod.HARTUNG_KNAPP)
    never = meta_regression(
        of_three(estimates), {"error": ERRORS}, interval=IntervalMethod.HARTUNG_KNAPP_AT_LEAST_NORMAL
    )

    plain = meta_regression(of_three(estimates), {"error": ERRORS})

    assert [each.standard_error for each in never.slopes] == [each.standard_error for each in plain.slopes]
