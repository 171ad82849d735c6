"""Which drug on which day: what both the terminal and the page draw."""

import re
from dataclasses import replace

import pytest

from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.report.calendar import Calendar, calendar_of
from trialeukin.report.picture import Picture
from trialeukin.report.trial_section import trial_section
from trialeukin.trial.result import StudyResult


def calendar(text: str) -> Calendar:
    return calendar_of(expand(parse(text)))


def test_a_daily_dose_stands_on_each_of_its_days() -> None:
    seen = calendar("aldesleukin 1 MIU/m2/day sc days 2-4")

    assert sorted(seen.days) == [1, 2, 3]
    assert seen.length == 4
    assert [str(level) for level in seen.levels] == ["aldesleukin 1 MIU/m2/day sc"]


def test_two_doses_of_a_day_are_added() -> None:
    seen = calendar("aldesleukin 0.5 MIU sc twice daily days 1-2")

    assert [level.amount for level in seen.levels] == [1.0]


def test_continuous_infusion_counts_on_each_day_it_runs() -> None:
    seen = calendar("aldesleukin 9 MIU/m2/day civ days 1-4")

    assert sorted(seen.days) == [0, 1, 2, 3]
    assert [level.amount for level in seen.levels] == [9.0]


def test_an_infusion_over_two_days_is_shared_by_time() -> None:
    seen = calendar("aldesleukin 12 MIU iv over 36 h day 1")

    assert [level.amount for day in (0, 1) for level in seen.days[day]] == pytest.approx([8.0, 4.0])


def test_levels_of_a_drug_are_ranked_from_weak_to_strong() -> None:
    seen = calendar("aldesleukin 12 MIU sc day 1; aldesleukin 1 MIU sc day 2; histamine 0.5 mg sc day 2")

    assert seen.drugs() == ("aldesleukin", "histamine")
    assert [seen.strength(level) for level in seen.levels] == [0, 1, 0]
    assert [level.amount for level in seen.levels] == [1.0, 12.0, 0.5]


def test_levels_in_other_units_are_ranked_by_what_a_patient_gets() -> None:
    seen = calendar(
        "aldesleukin 20 ug/m2 sc days 1-3; aldesleukin 0.3 mg sc days 4-6; aldesleukin 72000 IU/kg iv bolus day 7"
    )  # 0.6, 4.9 and 5.0 MIU for 1.84 m2 and 70 kg

    assert [level.unit for level in seen.levels] == ["ug/m2", "mg", "IU/kg"]
    assert [seen.strength(level) for day in (0, 3, 6) for level in seen.days[day]] == [0, 1, 2]


def test_a_capped_dose_is_ranked_by_its_cap() -> None:
    seen = calendar("aldesleukin 12 MIU/m2 sc cap 2 MIU day 1; aldesleukin 3 MIU sc day 2")

    assert [level.amount for level in seen.levels] == [12.0, 3.0]


def test_an_unknown_dose_is_called_unknown() -> None:
    seen = calendar("aldesleukin dose unknown sc days 1-5")

    assert [str(level) for level in seen.levels] == ["aldesleukin dose unknown sc"]


def test_no_dose_is_an_empty_calendar() -> None:
    seen = calendar("none")

    assert seen.length == 0
    assert seen.levels == ()


@pytest.mark.parametrize(("days", "first"), [("day 0; aldesleukin 1 MIU sc day 20", "0"), ("days 1-21", "1")])
def test_a_report_counts_the_days_of_a_calendar_as_the_protocol_does(
    days: str, first: str, result: StudyResult
) -> None:
    text = f"aldesleukin 1 MIU sc {days}"
    treated, control = result.arms
    arm = replace(treated, regimen=text, planned=expand(parse(text)))

    (drawn,) = [
        each for each in trial_section(replace(result, arms=(arm, control))).blocks if isinstance(each, Picture)
    ]

    assert re.findall(r"<text[^>]*>(\d+)</text>", drawn.desk) == [first, str(int(first) + 14)]
