"""What a report says where little was computed: no draws of the parameters, few trials, one look, one of a kind."""

import re
from dataclasses import replace

import numpy as np
import pytest

from trialeukin.core.counting import counted
from trialeukin.inference.case import Case
from trialeukin.inference.cases import all_cases
from trialeukin.inference.prediction import Part, Prediction
from trialeukin.report.answer import answer, comparison, headlines
from trialeukin.report.case_words import gap
from trialeukin.report.in_whom_section import in_whom_section
from trialeukin.report.method_section import limits_section, method_section
from trialeukin.report.monitoring_blocks import monitoring_blocks
from trialeukin.report.picture import Picture
from trialeukin.report.ratio_section import ratio_section
from trialeukin.report.response_section import response_section
from trialeukin.report.safety_section import safety_section
from trialeukin.report.study_report import study_report
from trialeukin.report.study_wording import percent_with_error, ratio_with_interval
from trialeukin.report.table import Table
from trialeukin.report.wording import percents, with_digits
from trialeukin.survival.design.group_sequential import Boundaries
from trialeukin.trial.estimate import Estimate, Interval
from trialeukin.trial.in_whom_result import Group, Split
from trialeukin.trial.result import EndpointResult, StudyResult

NOT_KNOWN = float("nan")
CLAIMS_OF_DRAWS = (
    "what is not known of the parameters",
    "parameters drawn",
    "averaged over what",
    "over the parameters",
)


def without_draws(result: StudyResult) -> StudyResult:
    def group(found: Group) -> Group:
        return replace(found, gained_by_draw=None)

    def split(found: Split) -> Split:
        halves = {"without": group(found.without), "having": group(found.having)}
        return replace(found, **halves, difference_by_draw=None, likely=None)

    who = replace(result.in_whom, gained_by_draw=None, splits=tuple(split(each) for each in result.in_whom.splits))
    found = tuple(replace(each, assurance=None, components=each.components[1:]) for each in result.endpoints)
    return replace(
        result,
        comparisons={result.study.treatment.name: found},
        in_whom=who,
        provenance=replace(result.provenance, draws=0),
    )


def said(result: StudyResult) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", study_report(result)))


def with_primary(result: StudyResult, primary: EndpointResult) -> StudyResult:
    return replace(result, comparisons={result.study.treatment.name: (primary, *result.endpoints[1:])})


def test_a_run_without_draws_says_that_all_is_at_the_typical_parameters(result: StudyResult) -> None:
    bare = without_draws(result)

    assert "95 % of trials find 0.57 to 1.47, all at the typical parameters)" in answer(bare)
    assert "were drawn, all at the typical parameters. Each takes patients" in ratio_section(bare).words[0]
    assert ("draws of the parameters", "none") in method_section(bare).blocks[0].rows
    assert "Neither their stated uncertainty nor a wrong structure" in limits_section(bare).notes[0]
    page = said(bare)
    assert [claim for claim in CLAIMS_OF_DRAWS if claim in page.replace("Power averaged over the parameters", "")] == []


def test_a_run_without_an_effect_has_no_predicted_ratio_and_says_where_the_published_one_is_from(
    result: StudyResult,
) -> None:
    null = replace(result, provenance=replace(result.provenance, effect=False))

    assert headlines(null)[0].label == "hazard ratio without an effect, leukaemia-free survival"
    assert "95 % of trials find 0.57 to 1.47, with what is not known of the parameters)" in answer(null)
    assert "comes with the effect that is taken away here" in comparison(null)


def test_groups_without_draws_have_points_and_no_column_of_draws(result: StudyResult) -> None:
    _, picture, splits, _ = in_whom_section(without_draws(result)).blocks

    assert isinstance(picture, Picture)
    assert picture.caption.endswith("up to 60 months: points at the typical parameters.")
    assert isinstance(splits, Table)
    assert splits.head == ("groups", "months", "ratio", "found", "wrongly", "needed")
    assert splits.rows[1][1:] == ("+1.2", "0.92", "4.2 %", "1.5 %", "39,000")


def test_an_error_that_is_not_known_is_not_printed(result: StudyResult) -> None:
    primary = replace(
        result.endpoints[0], ratio_error=NOT_KNOWN, power=Estimate(value=0.1, error=NOT_KNOWN), assurance=None
    )
    looks = result.monitored
    assert looks is not None
    unseen = replace(
        looks.null,
        hazard_ratio=Interval(median=NOT_KNOWN, lower=NOT_KNOWN, upper=NOT_KNOWN),
        months=Estimate(value=12.0, error=NOT_KNOWN),
    )
    found = replace(with_primary(result, primary), monitored=replace(looks, null=unseen))

    first, _, power, *_ = headlines(found)

    assert first.detail == "0.57 to 1.47 in 95 % of trials"
    assert power.detail == ""
    assert not re.search(r"\bnan\b", said(found))


def test_trials_without_a_ratio_are_not_among_those_that_find_one(result: StudyResult) -> None:
    primary = replace(result.endpoints[0], not_estimable=380)

    assert "(95 % of the 20 of 400 trials that have one find 0.57 to 1.47" in answer(with_primary(result, primary))


def test_a_milestone_after_the_end_of_every_trial_is_said_to_be_one(result: StudyResult) -> None:
    primary = result.endpoints[0]
    unseen = replace(primary.milestones[0], trial=Interval(median=NOT_KNOWN, lower=NOT_KNOWN, upper=NOT_KNOWN))
    found = with_primary(result, replace(primary, milestones=(unseen, *primary.milestones[1:])))

    assert headlines(found)[-1].detail == "the study's trials end before it"
    assert not re.search(r"\bnan\b", said(found))


def test_one_look_has_its_table_and_no_picture_of_a_single_point(result: StudyResult) -> None:
    looks = result.monitored
    assert looks is not None
    one = replace(
        looks,
        events=(1,),
        boundaries=Boundaries(fractions=np.ones(1), upper=np.array([1.96]), lower=np.array([1.96])),
    )

    table, operating = monitoring_blocks(replace(result, monitored=one))

    assert isinstance(table, Table)
    assert "the last at 1 event (what these trials see" in table.caption
    assert isinstance(operating, Table)


def test_arms_that_fare_alike_depart_nowhere(result: StudyResult) -> None:
    control = result.arms[1]
    alike = replace(result, arms=(replace(result.arms[0], fans=control.fans), control))

    words = response_section(alike).words[-1]

    assert "NK cells, x baseline within 5 % of each other throughout" in words
    assert "1.0 times" not in words


def test_reasons_have_no_table_where_every_dose_is_given(result: StudyResult) -> None:
    treated, control = result.arms
    assert treated.adherence is not None
    given = replace(treated, adherence=replace(treated.adherence, reasons=()))

    blocks = safety_section(replace(result, arms=(given, control))).blocks

    assert all(block.rows for block in blocks if isinstance(block, Table))


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 months"),
        (1, "1 month"),
        (1.0, "1 month"),
        (2.5, "2.5 months"),
        (12.0, "12 months"),
        (5e6, "5,000,000 months"),
    ],
)
def test_a_count_has_the_number_of_its_noun(count: float, words: str) -> None:
    assert counted(count, "month") == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.85, "0.85"), (0.002, "< 0.01"), (0.0, "0.00"), (NOT_KNOWN, "–"), (None, "–")],
)
def test_what_its_digits_do_not_show_is_said_to_be_below_them(value: float | None, words: str) -> None:
    assert with_digits(value, 2) == words


def test_what_is_not_known_is_a_dash() -> None:
    nothing = Interval(median=NOT_KNOWN, lower=NOT_KNOWN, upper=NOT_KNOWN)

    assert ratio_with_interval(nothing) == percents(NOT_KNOWN, NOT_KNOWN) == "–"
    assert percent_with_error(Estimate(value=0.25, error=NOT_KNOWN)) == "25.0 %"


@pytest.mark.parametrize(
    ("off", "words"), [(-0.4, "0 points"), (0.4, "0 points"), (1.2, "+1 point"), (-3.0, "−3 points")]
)
def test_points_off_an_observation_have_no_signed_zero_and_their_number(off: float, words: str) -> None:
    case = next(each for each in all_cases() if isinstance(each, Case) and each.in_points)
    made = Prediction(case=case, value=case.value + off, low=0.0, high=100.0, part=Part.PARAMETERS, draws=40)

    assert gap(made) == words
