"""Groups of patients side by side, and schedules as nodes of a network."""

import re

import numpy as np
import pytest
from scipy.special import expit, logit

from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.comparisons import Comparison, Question, Scale, comparisons
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.grouping import schedule_of
from trialeukin.evidence.treatment_network import NONE, Nodes, treatment_network
from trialeukin.evidence.vocabulary import Setting
from trialeukin.report.comparison_words import difference_line, side_lines
from trialeukin.trial.endpoint import Endpoint

NORMAL = 1.959964  # 97.5th percentile of the standard normal distribution


@pytest.fixture(scope="module")
def found() -> dict[Question, Comparison]:
    return {each.question: each for each in comparisons(own_studies(), frozen_predictions())}


def test_every_side_has_a_published_answer_or_says_that_none_is_printed_and_a_model_or_why_not(
    found: dict[Question, Comparison],
) -> None:
    assert set(found) == set(Question)
    for comparison in found.values():
        for side in comparison.sides:
            assert side.pooled is not None or side.statements
            assert bool(side.predictions) != bool(side.no_model)
        assert (comparison.test is None) == bool(comparison.not_tested)


def test_myeloid_and_lymphoid_are_tested_against_each_other_and_only_one_has_a_model(
    found: dict[Question, Comparison],
) -> None:
    comparison = found[Question.LINEAGE]
    myeloid, lymphoid = comparison.sides

    assert comparison.test is not None
    assert [each.k for each in comparison.test.pools] == [6, 1]
    assert lymphoid.pooled is not None
    assert lymphoid.pooled.effects.labels == ("ATTAL1995",)
    difference = myeloid.pooled.estimate - lymphoid.pooled.estimate
    spread = myeloid.pooled.standard_error**2 + lymphoid.pooled.standard_error**2
    assert comparison.test.q_between == pytest.approx(difference**2 / spread, rel=1e-9)
    assert "growth and residual burden of adult ALL" in lymphoid.no_model


def test_series_of_active_disease_are_pooled_by_their_logits_and_the_variance_between_them(
    found: dict[Question, Comparison],
) -> None:
    """Of two series restricted likelihood has a closed form: the squared difference less both variances, halved."""
    events, sizes = np.array([2, 13]), np.array([27, 24])
    logits, variances = logit(events / sizes), 1.0 / events + 1.0 / (sizes - events)
    between = (np.diff(logits).item() ** 2 - variances.sum()) / 2.0
    weights = 1.0 / (variances + between)
    middle, half = weights @ logits / weights.sum(), NORMAL / np.sqrt(weights.sum())

    pooled = found[Question.REMISSION].sides[1].pooled

    assert pooled is not None
    assert pooled.effects.labels == ("MARANINCHI1998", "MELONI1997")
    assert pooled.effects.estimates == pytest.approx(logits, abs=1e-12)
    assert [pooled.estimate, pooled.lower, pooled.upper] == pytest.approx(
        [middle, middle - half, middle + half], rel=1e-6
    )
    assert expit([middle, middle - half, middle + half]) == pytest.approx([0.25, 0.02, 0.82], abs=0.005)


def test_a_series_that_counts_patients_in_remission_is_not_pooled_with_those_of_active_disease_and_says_so(
    found: dict[Question, Comparison],
) -> None:
    statements = found[Question.REMISSION].sides[1].statements

    assert [words for study, words in statements if study == "LIM1992"] == [
        "1 of 13 (differing status, relapse and remission)",
        "not pooled: it counts patients in later remission with those whose disease is active",
    ]
    assert own_studies()["MELONI1997"].settings_of("pilot_il2") == (Setting.ACTIVE,)


def test_of_overlapping_series_one_is_pooled_and_the_others_stand_beside_it(
    found: dict[Question, Comparison],
) -> None:
    side = found[Question.REMISSION].sides[1]

    assert side.scale is Scale.SHARE
    assert side.pooled is not None
    for name, other in (("FOA1991", "MELONI1997"), ("HDIL2_RELAPSE1991", "MARANINCHI1998")):
        assert name not in side.pooled.effects.labels
        assert any(study == name and f"not pooled: it overlaps {other}" in words for study, words in side.statements)
    assert ("FOA1991", "3 of 5 (limited, 8-15% marrow blasts)") in side.statements
    assert {each.of for each in side.predictions} == {"FOA1991", "MELONI1997"}


def test_subtypes_have_directions_and_predictions_of_both_drugs_under_four_structures(
    found: dict[Question, Comparison],
) -> None:
    monocytic, others = found[Question.MONOCYTIC].sides

    assert monocytic.statements == (("AURELIUS2012", "FAB M4/M5: strong improvement"),)
    assert others.statements == (("AURELIUS2012", "FAB M2: no improvement"),)
    for side in (monocytic, others):
        assert len({(each.structure, each.treatment) for each in side.predictions}) == 8


def test_a_pooled_answer_is_never_in_words_without_k_method_and_heterogeneity(
    found: dict[Question, Comparison],
) -> None:
    for comparison in found.values():
        for side in comparison.sides:
            published = side_lines(side)[1]
            said = "k = " in published and ("tau² " in published or "heterogeneity: nothing" in published)
            assert said or "no number printed" in published
        tested = r", p \d\.\d\d; k = " if comparison.test is not None else r": not tested: \w"
        assert re.search(tested, difference_line(comparison))


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ("KOLITZ2014", "daily sc"),
        ("BAER2008", "daily sc"),
        ("PAUTAS2010", "repeated courses sc"),
        ("BLAISE2000", "repeated courses civ"),
        ("LANGE2008", "a short course civ"),
        ("ATTAL1995", "schedule not known"),
    ],
)
def test_a_schedule_is_named_by_its_days_and_route(study: str, words: str) -> None:
    assert schedule_of(own_studies()[study].arm("il2")) == words


def test_schedules_as_nodes_share_one_control_and_add_up_to_the_same_trials() -> None:
    by_treatment = treatment_network(own_studies(), Endpoint.LFS)
    by_schedule = treatment_network(own_studies(), Endpoint.LFS, nodes=Nodes.SCHEDULE)

    assert by_schedule.studies == by_treatment.studies
    assert len(by_schedule.treatments) == 6
    alone = by_schedule.result.comparison("IL-2, daily sc", NONE)
    kolitz = own_studies()["KOLITZ2014"].effects[0]
    assert alone.value == pytest.approx(kolitz.log_hazard_ratio, abs=1e-9)  # its only trial
    assert alone.standard_error == pytest.approx(kolitz.se, rel=1e-6)
    assert by_schedule.inconsistency.verdict.startswith("not testable")
    assert by_schedule.left_out == (("BAER2008", "the sign of its hazard ratio is not known"),)
