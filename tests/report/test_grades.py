"""Toxicity over time in the report: the picture, the tables behind it, and what is left out of the picture."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.report.grade_figure import LINES, grade_figure
from trialeukin.report.picture import Picture, Words
from trialeukin.report.safety_section import safety_section
from trialeukin.report.table import Table
from trialeukin.trial.arm_result import GradeCourse
from trialeukin.trial.result import StudyResult

WORDS = Words(name="grades", title="Toxicity", description="What it shows", caption="Caption")


def course(share: float) -> GradeCourse:
    days = np.arange(0.0, 57.0)
    return GradeCourse(
        item="fever_grade",
        meaning="fever",
        times=days,
        moderate=share * (days == 28.0),
        severe=0.5 * share * (days == 28.0),
        ever_severe=0.5 * share * (days >= 28.0),
        median_days_to_severe=28.0,
        patients=100,
    )


def tables(result: StudyResult) -> dict[str, Table]:
    return {block.caption: block for block in safety_section(result).blocks if isinstance(block, Table)}


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_every_line_is_named_in_the_drawing(screen: str) -> None:
    svg = getattr(grade_figure(WORDS, (("fever", course(0.4)),)), screen)

    assert all(label in svg for label, _, _ in LINES)
    assert "fever, % of patients" in svg


def test_a_toxicity_that_nobody_has_is_in_the_table_only() -> None:
    drawn = grade_figure(WORDS, (("fever", course(0.4)), ("hypotension", course(0.0))))

    assert "hypotension" not in drawn.desk
    assert drawn.table is not None
    assert {row[0] for row in drawn.table.rows} == {"fever", "hypotension"}


def test_an_arm_without_any_toxicity_still_has_a_picture() -> None:
    assert "fever, % of patients" in grade_figure(WORDS, (("fever", course(0.0)),)).desk


def test_the_table_reads_the_shares_of_its_day() -> None:
    drawn = grade_figure(WORDS, (("fever", course(0.4)),))

    assert drawn.table is not None
    assert drawn.table.rows[:3] == (
        ("fever", "0", "0.0 %", "0.0 %", "0.0 %"),
        ("fever", "14", "0.0 %", "0.0 %", "0.0 %"),
        ("fever", "28", "40.0 %", "20.0 %", "20.0 %"),
    )


def test_a_day_on_which_nobody_is_alive_has_a_dash() -> None:
    empty = replace(course(0.4), moderate=np.where(np.arange(57.0) < 50.0, 0.1, np.nan))

    drawn = grade_figure(WORDS, (("fever", empty),))

    assert drawn.table is not None
    assert drawn.table.rows[-1] == ("fever", "56", "–", "0.0 %", "20.0 %")


def test_the_section_says_who_has_a_first_grade_3_and_when(result: StudyResult) -> None:
    (first,) = [table for caption, table in tables(result).items() if caption.startswith("First grade 3")]

    assert first.rows == (
        ("interleukin-2, low platelets", "20.0 %", "20", "20.0 % on day 20"),
        ("interleukin-2, fever", "10.0 %", "20", "10.0 % on day 20"),
        ("interleukin-2, hypotension", "0.0 %", "–", "–"),
    )


def test_doses_over_the_regimen_stand_with_their_reasons(result: StudyResult) -> None:
    (periods,) = [table for caption, table in tables(result).items() if caption.startswith("Doses of the studied drug")]

    assert periods.rows == (("interleukin-2", "14 to 42", "30", "81 %", "never started 20.0 %"),)


def test_only_arms_with_a_drug_have_a_picture_over_time(result: StudyResult) -> None:
    names = [block.name for block in safety_section(result).blocks if isinstance(block, Picture)]

    assert [name for name in names if name.startswith("grades-")] == ["grades-0"]
