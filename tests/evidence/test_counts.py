"""Effect sizes of counts, proportions and means; Mantel-Haenszel and Peto: reference case 15, statsmodels, refusals."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.meta_analysis import effectsize_2proportions, effectsize_smd

from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.mantel_haenszel import PooledCounts, mantel_haenszel, peto
from trialeukin.evidence.pooling import pool
from trialeukin.evidence.single_group import (
    MeanMeasure,
    Means,
    ProportionScale,
    mean_effects,
    proportion_of,
    proportions,
)
from trialeukin.evidence.two_by_two import RiskMeasure, TwoByTwo, effect_sizes

EXACT = 1e-10
CLOSED_FORM = 1e-8


def counts(*studies: tuple[float, float, float, float]) -> TwoByTwo:
    a, n1, c, n0 = (np.array(column, dtype=float) for column in zip(*studies, strict=True))
    labels = tuple(f"trial {place + 1}" for place in range(len(studies)))
    return TwoByTwo(labels=labels, events_treated=a, n_treated=n1, events_control=c, n_control=n0)


def pooled_counts(table: TwoByTwo, measure: RiskMeasure) -> PooledCounts:
    return peto(table) if measure is RiskMeasure.PETO else mantel_haenszel(table, measure)


@pytest.mark.parametrize(("data", "measure"), [("bcg_RR", RiskMeasure.RISK_RATIO), ("bcg_OR", RiskMeasure.ODDS_RATIO)])
def test_case_15_ratios_of_counts_are_those_of_metafor(
    data: str, measure: RiskMeasure, bcg: TwoByTwo, effects_of: Callable
) -> None:
    found = effect_sizes(bcg, measure)

    assert found.estimates == pytest.approx(effects_of(data).estimates, abs=EXACT)
    assert found.variances == pytest.approx(effects_of(data).variances, abs=EXACT)


def test_case_15_differences_of_risks_are_those_of_normand_1999(column: Callable, effects_of: Callable) -> None:
    risks = counts(*zip(*(column("hine1989_RDpct", key) for key in ("ai", "n1i", "ci", "n2i")), strict=True))

    found = effect_sizes(risks, RiskMeasure.RISK_DIFFERENCE)

    assert 100.0 * found.estimates == pytest.approx(effects_of("hine1989_RDpct").estimates, abs=EXACT)
    assert 1e4 * found.variances == pytest.approx(effects_of("hine1989_RDpct").variances, abs=1e-8)


@pytest.mark.parametrize(
    ("key", "measure"),
    [
        ("bcg_mantel_haenszel_RR", RiskMeasure.RISK_RATIO),
        ("bcg_mantel_haenszel_OR", RiskMeasure.ODDS_RATIO),
        ("bcg_mantel_haenszel_RD", RiskMeasure.RISK_DIFFERENCE),
        ("bcg_peto", RiskMeasure.PETO),
    ],
)
def test_case_15_mantel_haenszel_and_peto_are_those_of_metafor(
    key: str, measure: RiskMeasure, bcg: TwoByTwo, pairwise: dict[str, Any]
) -> None:
    expected = pairwise[key]

    found = pooled_counts(bcg, measure)

    assert found.estimate == pytest.approx(expected["beta"], abs=CLOSED_FORM)
    assert found.standard_error == pytest.approx(expected["se"], abs=CLOSED_FORM)
    assert (found.lower, found.upper) == pytest.approx(expected["ci"], abs=CLOSED_FORM)
    assert found.q == pytest.approx(expected["QE"], abs=1e-6)
    assert found.k == 13


def test_mantel_haenszels_odds_ratio_and_its_error_are_those_of_statsmodels(bcg: TwoByTwo) -> None:
    tables = [np.array([[a, b], [c, d]]) for a, b, c, d in zip(*bcg.cells, strict=True)]
    theirs = StratifiedTable(tables)

    found = mantel_haenszel(bcg, RiskMeasure.ODDS_RATIO)

    assert np.exp(found.estimate) == pytest.approx(theirs.oddsratio_pooled, rel=EXACT)
    assert found.standard_error == pytest.approx(theirs.logodds_pooled_se, rel=EXACT)


@pytest.mark.parametrize(
    ("measure", "word"),
    [
        (RiskMeasure.RISK_RATIO, "risk-ratio"),
        (RiskMeasure.ODDS_RATIO, "odds-ratio"),
        (RiskMeasure.RISK_DIFFERENCE, "diff"),
    ],
)
def test_effect_sizes_of_counts_are_those_of_statsmodels(measure: RiskMeasure, word: str, bcg: TwoByTwo) -> None:
    theirs = effectsize_2proportions(
        bcg.events_treated, bcg.n_treated, bcg.events_control, bcg.n_control, statistic=word
    )

    found = effect_sizes(bcg, measure)

    assert found.estimates == pytest.approx(theirs[0], rel=EXACT)
    assert found.variances == pytest.approx(theirs[1], rel=EXACT)


def test_a_study_with_one_empty_cell_gets_half_an_event_in_all_four() -> None:
    found = effect_sizes(counts((0, 10, 4, 10), (5, 10, 4, 10)), RiskMeasure.ODDS_RATIO)

    assert found.estimates == pytest.approx([np.log(0.5 * 6.5 / (10.5 * 4.5)), np.log(5 * 6 / (5 * 4))])
    assert found.variances[0] == pytest.approx(1 / 0.5 + 1 / 10.5 + 1 / 4.5 + 1 / 6.5)


def test_mantel_haenszel_needs_no_event_added_to_an_empty_cell() -> None:
    """By hand: sum(a d / N) / sum(b c / N) with (0,10,4,10) and (5,10,4,10) is (0 + 1.5) / (2 + 1)."""
    found = mantel_haenszel(counts((0, 10, 4, 10), (5, 10, 4, 10)), RiskMeasure.ODDS_RATIO)

    assert np.exp(found.estimate) == pytest.approx(0.5)


def test_a_study_without_any_event_has_no_effect_size_of_its_own() -> None:
    empty = counts((0, 10, 0, 12), (2, 10, 4, 10))

    for measure in (RiskMeasure.RISK_RATIO, RiskMeasure.ODDS_RATIO, RiskMeasure.PETO):
        with pytest.raises(AnalysisError, match="trial 1: no event in either arm"):
            effect_sizes(empty, measure)
    with pytest.raises(AnalysisError, match="trial 1: variance 0"):
        effect_sizes(empty, RiskMeasure.RISK_DIFFERENCE)  # an inverse-variance pool would be this study alone


@pytest.mark.parametrize("measure", [RiskMeasure.RISK_RATIO, RiskMeasure.ODDS_RATIO, RiskMeasure.PETO])
def test_a_study_without_events_adds_nothing_to_a_pooled_ratio_and_is_named(measure: RiskMeasure) -> None:
    alone = pooled_counts(counts((3, 20, 5, 20)), measure)

    found = pooled_counts(counts((3, 20, 5, 20), (0, 10, 0, 10)), measure)

    assert (found.estimate, found.standard_error, found.q) == (alone.estimate, alone.standard_error, alone.q)
    assert (found.k, found.silent, found.left_out_of_q) == (1, ("trial 2",), ())
    assert (found.degrees_of_freedom, found.q_p_value) == (0, 1.0)


def test_a_study_in_which_all_had_the_event_draws_a_risk_ratio_to_one_and_says_nothing_of_odds() -> None:
    """By hand: sum(a n0 / N) / sum(c n1 / N) with (3,20,5,20) and (10,10,10,10) is (1.5 + 5) / (2.5 + 5)."""
    everybody = counts((3, 20, 5, 20), (10, 10, 10, 10))

    risks, odds = (mantel_haenszel(everybody, each) for each in (RiskMeasure.RISK_RATIO, RiskMeasure.ODDS_RATIO))

    assert np.exp(risks.estimate) == pytest.approx(6.5 / 7.5)
    assert risks.standard_error**2 == pytest.approx(
        (400 * 8 - 15 * 40) / 1600 / (6.5 * 7.5)
    )  # the other study adds no variance
    assert (risks.k, risks.silent, risks.left_out_of_q) == (2, (), ("trial 2",))
    assert (odds.k, odds.silent, odds.left_out_of_q) == (1, ("trial 2",), ())


@pytest.mark.parametrize(
    ("sparse", "difference", "variance"),
    [
        # (a n0 - c n1)/N: 0 and -1; n1 n0/N: 5 and 10; P: 0 and 0.5; Q: 0 and 1.625
        ((0, 10, 0, 10), -1 / 15, (-1 / 15 * 0.5 + 1.625) / 15**2),
        # (a n0 - c n1)/N: 5 and -1; n1 n0/N: 5 and 10; P: -2.5 and 0.5; Q: 2.5 and 1.625
        ((10, 10, 0, 10), 4 / 15, (4 / 15 * -2.0 + 4.125) / 15**2),
    ],
)
def test_a_pooled_difference_takes_studies_without_spread_and_its_q_does_not(
    sparse: tuple[float, float, float, float], difference: float, variance: float
) -> None:
    found = mantel_haenszel(counts(sparse, (3, 20, 5, 20)), RiskMeasure.RISK_DIFFERENCE)

    assert found.estimate == pytest.approx(difference)
    assert found.standard_error**2 == pytest.approx(variance)
    assert (found.k, found.silent, found.left_out_of_q, found.degrees_of_freedom) == (2, (), ("trial 1",), 0)


def test_ratios_of_sparse_tables_are_those_of_statsmodels() -> None:
    sparse = counts((10, 10, 0, 10), (3, 20, 5, 20), (0, 15, 4, 30), (1, 12, 0, 9))
    theirs = StratifiedTable([np.array([[a, b], [c, d]]) for a, b, c, d in zip(*sparse.cells, strict=True)])

    odds, risks = (mantel_haenszel(sparse, each) for each in (RiskMeasure.ODDS_RATIO, RiskMeasure.RISK_RATIO))

    assert np.exp(odds.estimate) == pytest.approx(theirs.oddsratio_pooled, rel=EXACT)
    assert odds.standard_error == pytest.approx(theirs.logodds_pooled_se, rel=EXACT)
    assert np.exp(risks.estimate) == pytest.approx(theirs.riskratio_pooled, rel=EXACT)
    assert (odds.k, odds.degrees_of_freedom) == (4, 3)


def test_counts_of_which_no_ratio_or_no_error_can_be_had_are_refused_with_a_way_out_that_is_open() -> None:
    with pytest.raises(AnalysisError, match="ratio is zero and has no error; pool risk differences"):
        mantel_haenszel(counts((0, 10, 4, 10)), RiskMeasure.RISK_RATIO)
    assert mantel_haenszel(counts((0, 10, 4, 10)), RiskMeasure.RISK_DIFFERENCE).estimate == pytest.approx(-0.4)
    with pytest.raises(AnalysisError, match="ratio is infinite"):
        mantel_haenszel(counts((3, 10, 0, 10), (10, 10, 10, 10)), RiskMeasure.ODDS_RATIO)
    for measure in (RiskMeasure.RISK_RATIO, RiskMeasure.ODDS_RATIO, RiskMeasure.PETO):
        with pytest.raises(AnalysisError, match="all patients had the event or none had: there is nothing to pool"):
            pooled_counts(counts((0, 10, 0, 12), (7, 7, 9, 9)), measure)
    for alike in ((0, 10, 0, 12), (7, 7, 0, 9), (0, 13, 11, 11)):
        with pytest.raises(AnalysisError, match="all patients of an arm are alike"):
            mantel_haenszel(counts(alike), RiskMeasure.RISK_DIFFERENCE)


def test_more_events_than_patients_are_refused() -> None:
    with pytest.raises(AnalysisError, match="trial 1: 11 events of 10 patients"):
        counts((11, 10, 4, 10))


def test_differences_of_means_are_those_of_normand_1999_and_hedges_g_of_statsmodels(
    column: Callable, effects_of: Callable
) -> None:
    m1, s1, n1, m0, s0, n0 = (column("normand1999_MD", key) for key in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"))
    means = Means(
        labels=effects_of("normand1999_MD").labels,
        mean_treated=m1,
        deviation_treated=s1,
        n_treated=n1,
        mean_control=m0,
        deviation_control=s0,
        n_control=n0,
    )

    plain = mean_effects(means, MeanMeasure.DIFFERENCE_OF_EQUAL_SPREADS)  # as Normand took them
    apart = mean_effects(means, MeanMeasure.DIFFERENCE)
    standardised = mean_effects(means, MeanMeasure.STANDARDISED)

    assert plain.estimates == pytest.approx(effects_of("normand1999_MD").estimates, abs=EXACT)
    assert plain.variances == pytest.approx(effects_of("normand1999_MD").variances, abs=CLOSED_FORM)
    assert apart.variances == pytest.approx(s1**2 / n1 + s0**2 / n0)
    assert standardised.estimates == pytest.approx(effectsize_smd(m1, s1, n1, m0, s0, n0)[0], rel=EXACT)


@pytest.mark.parametrize("scale", list(ProportionScale), ids=lambda scale: scale.value)
def test_a_proportion_goes_to_its_scale_and_back(scale: ProportionScale) -> None:
    events, n = np.array([3.0, 0.0, 20.0]), np.array([10.0, 15.0, 20.0])

    for with_it, size in zip(events, n, strict=True):
        sent = proportions(("one",), np.array([with_it]), np.array([size]), scale)
        back = proportion_of(float(sent.estimates[0]), scale, np.array([size]))
        half = 0.5 / (size + 1) if scale is ProportionScale.LOGIT and with_it in {0.0, size} else 0.0
        assert back == pytest.approx(abs(with_it / size - half), abs=1e-9)


def test_pooled_logits_of_equal_proportions_are_that_proportion() -> None:
    effects = proportions(("a", "b"), np.array([5.0, 50.0]), np.array([20.0, 200.0]), ProportionScale.LOGIT)

    assert proportion_of(pool(effects).estimate, ProportionScale.LOGIT, np.array([20.0, 200.0])) == pytest.approx(0.25)
