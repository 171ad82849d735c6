"""Three arms or more: one test of all, each pair from its own two arms, and p-values that count the pairs."""

import json

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from trialeukin.store.analysis_document import analysis_document
from trialeukin.survival.analysis import analyse
from trialeukin.survival.columns import Roles, patients_of
from trialeukin.survival.pairwise import pairwise

TRIALS = 400


def veteran(table):
    return patients_of(pd.DataFrame(table("veteran")), Roles(arm="celltype"))


def test_the_test_of_four_cell_types_is_that_of_r(table) -> None:
    found = analyse(veteran(table)).comparison.log_rank

    # survdiff(Surv(time, status) ~ celltype, veteran) prints 25.4 on 3 degrees of freedom, p = 1e-05
    assert found.test.statistic == pytest.approx(25.4, abs=0.05)
    assert found.test.degrees_of_freedom == 3
    assert found.p_value == pytest.approx(1e-5, rel=0.5)


def test_a_pair_is_the_analysis_of_its_two_arms_alone(table) -> None:
    data = veteran(table)

    pairs = {pair.label: pair for pair in analyse(data, horizon=180.0).pairs}

    chosen = np.isin(data.arms, ["large", "smallcell"])
    alone = analyse(data.where(chosen), horizon=180.0).comparison
    made = pairs["smallcell over large"].comparison
    assert len(pairs) == 6
    assert made.hazards.coefficients == alone.hazards.coefficients
    assert made.log_rank.p_value == alone.log_rank.p_value
    assert made.restricted_means.difference == alone.restricted_means.difference


def test_adjusted_p_values_are_holms_of_statsmodels(table) -> None:
    pairs = analyse(veteran(table)).pairs

    for plain, adjusted in (
        ([p.comparison.log_rank.p_value for p in pairs], [p.log_rank_adjusted for p in pairs]),
        ([p.comparison.restricted_means.difference_p_value for p in pairs], [p.mean_adjusted for p in pairs]),
    ):
        assert adjusted == pytest.approx(multipletests(plain, method="holm")[1], rel=1e-9)


def test_with_a_control_named_each_arm_is_compared_with_it_alone(table) -> None:
    pairs = analyse(veteran(table), control="squamous").pairs

    assert [pair.label for pair in pairs] == [f"{arm} over squamous" for arm in ("adeno", "large", "smallcell")]


def test_two_arms_have_no_pairs_to_adjust_for(table) -> None:
    assert analyse(patients_of(pd.DataFrame(table("veteran")), Roles(arm="trt"))).pairs == ()


def test_a_pair_without_an_event_says_why_and_the_others_stand() -> None:
    data = pd.DataFrame(
        {"time": np.arange(1.0, 13.0), "event": [1, 1, 1, 1] + [0] * 8, "arm": ["a"] * 4 + ["b"] * 4 + ["c"] * 4}
    )

    found = analyse(patients_of(data, Roles()))

    named = {pair.label: pair for pair in found.pairs}
    assert "all 8 patients are censored" in named["c over b"].refused
    assert named["c over b"].comparison is None
    assert named["b over a"].log_rank_adjusted < 0.05
    json.dumps(analysis_document(found, "x"), allow_nan=False)


def test_a_covariate_that_one_pair_does_not_vary_in_is_left_out_there(table) -> None:
    data = pd.DataFrame(table("veteran"))
    data["other"] = np.where(data["celltype"] == "adeno", data["age"], 60.0)

    pairs = analyse(patients_of(data, Roles(arm="celltype", covariates=("karno", "other")))).pairs

    named = {pair.label: pair.comparison.labels for pair in pairs}
    assert named["smallcell over large"] == ("smallcell over large", "karno")
    assert named["large over adeno"] == ("large over adeno", "karno", "other")


def test_under_no_effect_a_pair_is_claimed_no_more_often_than_the_level() -> None:
    rng, claims = np.random.default_rng(4), 0
    arms = np.repeat(["a", "b", "c"], 40)
    for _ in range(TRIALS):
        times = rng.exponential(1.0, 120)
        frame = pd.DataFrame({"time": np.minimum(times, 1.5), "event": times < 1.5, "arm": arms})
        pairs = pairwise(patients_of(frame, Roles()), ("a", "b", "c"), (1.0, 0.5), against_first=False)
        claims += min(pair.log_rank_adjusted for pair in pairs) < 0.05

    assert claims / TRIALS < 0.05 + 3.3 * (0.05 * 0.95 / TRIALS) ** 0.5
