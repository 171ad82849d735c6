"""Frozen predictions stay as they were, say what was known, and are scored against what was published."""

import math
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from trialeukin.core.errors import AnalysisError, StudyError
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.frozen import (
    FrozenPrediction,
    Known,
    Measure,
    chances_of,
    file_name,
    frozen,
    frozen_predictions,
    in_toml,
    latest,
    predictions_from_text,
)
from trialeukin.evidence.scoreboard import published_result, scoreboard, totals
from trialeukin.trial.endpoint import Endpoint

RATIO = {
    "of": "LANGE2008",
    "measure": Measure.HAZARD_RATIO,
    "endpoint": Endpoint.LFS,
    "treatment": "IL-2",
    "population": "all randomised",
    "n": 289,
    "made": date(2026, 1, 31),
    "result_known": Known.NUMBER,
    "model": "aml-maintenance",
    "structure": "saturating; oxygen of the marrow",
    "model_sha256": "a" * 64,
    "inputs": "studies/ccg-2961.toml",
    "effort": "100 patients",
    "value": 0.9,
    "lower": 0.6,
    "upper": 1.35,
}
COUNT = RATIO | {
    "of": "FOA1991",
    "measure": Measure.REMISSIONS,
    "endpoint": None,
    "population": "limited, 8-15% marrow blasts",
    "n": 5,
    "value": 0.4,
    "lower": 0.0,
    "upper": 0.8,
    "chances": (0.1, 0.2, 0.3, 0.2, 0.1, 0.1),
}


@pytest.mark.parametrize("content", [RATIO, COUNT])
def test_what_is_written_is_read_back(content: dict) -> None:
    prediction = frozen(content)

    assert predictions_from_text(in_toml(prediction), name="test") == (prediction,)


@pytest.mark.parametrize(
    ("old", "new"),
    [("value = 0.9", "value = 0.8"), ("2026-01-31", "2025-01-31"), ('result_known = "yes"', 'result_known = "no"')],
)
def test_a_prediction_that_was_changed_after_it_was_frozen_is_refused(old: str, new: str) -> None:
    text = in_toml(frozen(RATIO))
    assert old in text

    with pytest.raises(StudyError, match="was changed after it was frozen"):
        predictions_from_text(text.replace(old, new), name="test")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (RATIO | {"lower": 0.95}, "0.9 lies outside 0.95 to 1.35"),
        (RATIO | {"endpoint": None}, "needs an endpoint"),
        (COUNT | {"chances": (0.5, 0.5)}, "chance of each count from 0 to 5"),
        (COUNT | {"chances": (0.1, 0.2, 0.3, 0.2, 0.1, 0.2)}, "add up to one"),
    ],
)
def test_a_prediction_that_contradicts_itself_is_refused(content: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        frozen(content)


def test_predictions_are_added_at_the_end_of_their_own_file() -> None:
    older, newer = frozen(RATIO), frozen(RATIO | {"made": date(2026, 2, 1), "value": 1.0, "model_sha256": "b" * 64})

    both = predictions_from_text(f"{in_toml(older)}\n{in_toml(newer)}", name="test")

    assert latest(both) == (newer,)
    with pytest.raises(StudyError, match="add new ones at the end"):
        predictions_from_text(f"{in_toml(newer)}\n{in_toml(older)}", name="test")
    with pytest.raises(StudyError, match="has a file of its own"):
        predictions_from_text(f"{in_toml(older)}\n{in_toml(frozen(COUNT))}", name="test")


def test_every_frozen_prediction_of_the_package_is_whole_and_of_a_study_or_pool_that_is_there() -> None:
    found = frozen_predictions()

    scores = scoreboard(found, own_studies())

    assert len(scores) == len(found) > 0
    assert {file_name(each.of) for each in found} >= {"kolitz2014.toml", "foa1991.toml", "aml-cr1-ipd.toml"}
    assert {each.result_known for each in found} == {Known.NUMBER, Known.IN_PART}


def test_a_hazard_ratio_is_scored_by_its_predictive_density_and_by_knowing_nothing() -> None:
    prediction = frozen(RATIO)
    spread = math.log(1.35 / 0.6) / (2.0 * norm.ppf(0.975))
    effect = own_studies()["LANGE2008"].effects[0]

    found = scoreboard((prediction,), own_studies())[0]

    assert found.model == pytest.approx(norm.logpdf(effect.log_hazard_ratio, math.log(0.9), spread), rel=1e-6)
    assert found.null == pytest.approx(norm.logpdf(effect.log_hazard_ratio, 0.0, effect.se), rel=1e-6)
    assert found.inside


def test_a_skewed_prediction_is_scored_by_a_law_with_its_own_median_and_limits() -> None:
    prediction = next(each for each in frozen_predictions() if each.of == "aml-cr1-ipd")
    middle = math.log(prediction.value)

    def below(ratio: float) -> float:
        edges = (-4.0, min(middle, math.log(ratio)), math.log(ratio))  # the law's two halves meet in its middle
        return sum(quad(lambda at: math.exp(prediction.law.log_density(at)), *pair)[0] for pair in pairwise(edges))

    stated = (prediction.lower, prediction.value, prediction.upper)
    assert tuple(map(below, stated)) == pytest.approx((0.025, 0.5, 0.975), abs=1e-8)  # what the quadrature promises
    score = scoreboard((prediction,), own_studies())[0]
    assert score.published is not None
    assert score.model == prediction.law.log_density(score.published.value)
    wide = math.log(prediction.upper / prediction.lower) / (2.0 * norm.ppf(0.975))
    symmetric = norm.logpdf(score.published.value, math.log(prediction.value), wide)
    assert score.model > symmetric + 0.2  # what was found lies on the narrow side


def test_a_count_is_scored_by_its_chance_and_by_any_share_alike() -> None:
    found = scoreboard((frozen(COUNT),), own_studies())[0]

    assert found.published is not None
    assert found.published.words == "3 of 5"
    assert found.model == pytest.approx(math.log(0.2), rel=1e-12)
    assert found.null == pytest.approx(-math.log(6.0), rel=1e-12)
    assert found.inside


def test_without_a_published_number_there_is_no_score() -> None:
    of_baer = frozen(RATIO | {"of": "BAER2008", "result_known": Known.IN_PART})

    found = scoreboard((of_baer,), own_studies())[0]

    assert found.published is found.inside is found.model is found.null is None
    assert totals((found,)) == ()


def test_the_pool_is_set_against_the_pool_as_printed() -> None:
    of_pool = frozen(RATIO | {"of": "aml-cr1-ipd", "population": "five trials with individual data, n 905"})

    found = published_result(of_pool, own_studies())

    assert found is not None
    assert found.value == pytest.approx(math.log(0.97), abs=1e-4)


def test_sums_count_no_patient_twice_and_no_pool() -> None:
    whole = {"population": "all", "chances": None}
    rows = [
        frozen(COUNT | whole | {"of": of, "n": n, "chances": tuple(chances_of(np.array([0.4]), n))})
        for of, n in (("MELONI1994", 14), ("MELONI1997", 24))
    ]

    found = totals(scoreboard((*rows, frozen(COUNT), frozen(RATIO)), own_studies()))

    assert [(each.what, each.judged) for each in found] == [("hazard ratio LFS", 1), ("share in remission", 1)]
    assert found[1].model == pytest.approx(binom.logpmf(13, 24, 0.4), abs=1e-9)


def test_a_prediction_of_nothing_that_is_there_is_refused_with_what_was_meant() -> None:
    with pytest.raises(AnalysisError, match="did you mean 'LANGE2008'"):
        scoreboard((FrozenPrediction.model_construct(**(RATIO | {"of": "LANGE2009"})),), own_studies())
