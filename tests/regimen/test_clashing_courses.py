"""Courses of one drug that meet, though a ';' parts them, are warned of with their days and what they sum to."""

import pytest

from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.regimen.plausible import warnings

HIGH = "aldesleukin 9 MIU/m2/day civ days 1-4"
LOW = "aldesleukin 1.6 MIU/m2/day civ days 9-18"
REPEAT = ", repeat every 42 days for 3 cycles"


def test_a_part_that_is_left_out_of_a_repeat_is_warned_of_with_what_includes_it() -> None:
    (said,) = warnings(parse(f"{HIGH}; {LOW}{REPEAT}"))

    assert said == (
        "aldesleukin on days 1-4 is given once, and only that on days 9-18 is repeated: write '+' instead of ';' "
        "between them to repeat both"
    )
    assert warnings(parse(f"{HIGH} + {LOW}{REPEAT}")) == ()
    assert len(expand(parse(f"{HIGH} + {LOW}{REPEAT}"))) == 3 * (4 + 10)


def test_all_earlier_days_that_are_given_once_are_named() -> None:
    (said,) = warnings(parse(f"{HIGH}; aldesleukin 1 MIU sc day 6; {LOW}{REPEAT}"))

    assert said.startswith("aldesleukin on days 1-4, 6 is given once")


@pytest.mark.parametrize(
    "text",
    [
        f"{HIGH}; histamine 0.5 mg sc days 9-18{REPEAT}",  # of another drug
        f"{HIGH}; aldesleukin 1.6 MIU/m2/day civ days 71-80{REPEAT}",  # all of it is longer than the cycle
        f"{HIGH}{REPEAT}; {LOW}{REPEAT}",  # both repeat
        f"{HIGH}; {LOW}",  # neither does
    ],
)
def test_what_no_plus_would_repeat_is_not_warned_of(text: str) -> None:
    assert warnings(parse(text)) == ()


def test_days_that_two_courses_share_are_warned_of_with_the_sum() -> None:
    (said,) = warnings(parse("IL-2 1 MIU/m2/day sc twice daily days 1-90; IL-2 2 MIU/m2/day sc days 50-100"))

    assert said == (
        "aldesleukin of more than one clause falls on days 50-90 and adds up there, to 3 MIU/m2 a day: write other "
        "days if one is to follow the other; write '+' instead of ';' between them if both are meant"
    )


def test_a_sum_of_several_units_is_that_of_a_usual_patient() -> None:
    (said,) = warnings(parse("IL-2 1 MIU sc days 1-9; IL-2 2 MIU/m2 sc days 5, 7-12; IL-2 3 MIU iv bolus day 9"))

    assert "falls on days 5, 7-9 and adds up there" in said
    assert "to at most 7.68 MIU a day for a patient of 1.84 m2 and 70 kg" in said  # 1 + 2 x 1.84 + 3


def test_days_are_those_of_the_text_where_it_has_a_day_zero() -> None:
    (said,) = warnings(parse("IL-2 dose unknown sc days 0-4; IL-2 1 MIU sc days 3-8"))

    assert "falls on days 3-4 and adds up there: write other days" in said


def test_cycles_that_reach_another_course_are_seen_and_no_plus_is_offered() -> None:
    (said,) = warnings(parse("IL-2 1 MIU sc days 1-5, repeat every 28 days for 3 cycles; IL-2 1 MIU sc days 30-40"))

    assert "falls on days 30-33" in said
    assert "go on if both are meant" in said


@pytest.mark.parametrize("text", ["IL-2 1 MIU sc days 1-9 + IL-2 2 MIU sc days 5-6", "IL-2 1 MIU sc day 1; 2 day 2"])
def test_what_a_plus_joins_or_days_part_is_not_warned_of(text: str) -> None:
    assert warnings(parse(text)) == ()
