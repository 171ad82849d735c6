"""Days, daily totals, infusions and repeats, each against hours counted by hand."""

from dataclasses import replace

import pytest

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.administration import Administration, Per, Route
from trialeukin.regimen.course import Course, Days, Dose, Prescription, Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse
from trialeukin.regimen.rules import Comparison, Condition


def only(text: str) -> Prescription:
    return parse(text).courses[0].prescriptions[0]


def starts(text: str) -> list[float]:
    return [each.start for each in expand(parse(text))]


def test_days_a_to_b_fill_the_hours_from_24_a_minus_24_to_24_b() -> None:
    given = expand(parse("aldesleukin 1 MIU civ days 3-5"))

    assert [(each.start, each.start + each.duration) for each in given] == [(48.0, 72.0), (72.0, 96.0), (96.0, 120.0)]


def test_day_zero_starts_at_zero_hours_and_day_one_at_24() -> None:
    assert starts("aldesleukin 1 MIU sc days 0-2") == [0.0, 24.0, 48.0]


def test_a_negative_day_moves_the_calendar_so_that_the_first_day_named_starts_at_zero() -> None:
    assert starts("aldesleukin 1 MIU sc days -1, 1, 3, 5, 7, 9") == [0.0, 48.0, 96.0, 144.0, 192.0, 240.0]


def test_all_courses_share_one_calendar() -> None:
    assert starts("donor lymphocytes 1e7 CD3/kg iv day 0; 5e7 day 120; 1e8 day 240") == [0.0, 2880.0, 5760.0]


def test_a_regimen_without_day_zero_starts_with_day_one_even_if_that_is_empty() -> None:
    assert starts("aldesleukin 1 MIU sc day 4") == [72.0]


def test_a_daily_total_is_split_evenly_over_the_day() -> None:
    given = expand(parse("aldesleukin 3 MIU/m2/day sc three times daily day 1"))

    assert [(each.start, each.amount) for each in given] == [(0.0, 1.0), (8.0, 1.0), (16.0, 1.0)]


def test_without_per_day_the_amount_is_one_administration() -> None:
    given = expand(parse("aldesleukin 3 MIU/m2 sc twice daily day 1"))

    assert [(each.start, each.amount) for each in given] == [(0.0, 3.0), (12.0, 3.0)]


def test_a_continuous_infusion_means_the_same_with_and_without_per_day() -> None:
    assert expand(parse("IL-2 9 MIU/m2/day civ days 1-4")) == expand(parse("IL-2 9 MIU/m2 civ days 1-4"))


def test_every_other_day_counts_from_the_first_day_of_each_range() -> None:
    assert starts("aldesleukin 1 MIU sc every other day days 1-4, 8-10") == [0.0, 48.0, 168.0, 216.0]


def test_the_cycles_of_histamine_and_interleukin_2_start_as_settled() -> None:
    """The language's own example: N cycles last N x D days, counting the first."""
    given = expand(load("mp-ma-0201"))

    days = sorted({int(each.start // 24) + 1 for each in given})
    firsts = [day for day in days if day - 1 not in days]
    assert firsts == [1, 43, 85, 127, 190, 253, 316, 379, 442, 505]
    assert len(given) == 2 * 2 * 210


def test_a_repeat_covers_its_course_and_no_other() -> None:
    text = "IL-2 5 MIU sc day 50; IL-2 1 MIU sc day 1 + histamine 1 mg sc day 2, repeat every 7 days for 2 cycles"

    given = [(each.drug, each.start / 24 + 1) for each in expand(parse(text))]

    assert given == [("aldesleukin", 1), ("histamine", 2), ("aldesleukin", 8), ("histamine", 9), ("aldesleukin", 50)]


def test_prescriptions_and_courses_of_one_drug_add_up() -> None:
    given = expand(parse("IL-2 1 MIU sc days 1-3 + IL-2 2 MIU sc day 2; IL-2 4 MIU sc day 2"))

    assert [each.amount for each in given if each.start == 24.0] == [1.0, 2.0, 4.0]


def test_a_course_may_start_late_and_still_repeat() -> None:
    assert starts("aldesleukin 1 MIU sc days 101-102, repeat every 28 days for 2 cycles") == [
        2400.0,
        2424.0,
        3072.0,
        3096.0,
    ]


def test_an_infusion_into_the_next_day_counts_towards_the_length_of_its_course() -> None:
    with pytest.raises(RegimenError, match="a course of 2 days overlaps itself when repeated every 1 days"):
        parse("aldesleukin 1 MIU iv over 30 h day 1, repeat every 1 days for 2 cycles")


def test_units_that_were_counted_come_out_as_miu() -> None:
    (given,) = expand(parse("teceleukin 1.5e6 Roche U/m2/day counted as 3 IU cap 6e6 Roche U civ day 1"))

    assert (given.amount, given.unit, given.cap) == (
        pytest.approx(4.5, rel=1e-15),
        "MIU",
        pytest.approx(18.0, rel=1e-15),
    )


def test_a_cap_is_given_in_the_unit_of_its_dose_and_split_if_it_is_daily() -> None:
    (single,) = expand(parse("IL-2 600000 IU/kg cap 50 MIU sc day 1"))
    first, second = expand(parse("IL-2 600000 IU/kg cap 50 MIU/day sc twice daily day 1"))

    assert single.cap == 50e6
    assert (first.cap, second.cap) == (25e6, 25e6)


def test_a_cycle_of_so_many_doses_breaks_off_within_its_last_day() -> None:
    given = expand(
        parse("IL-2 0.6 MIU/kg iv over 15 min every 8 h from day 1 for 14 doses, repeat every 14 days for 2 cycles")
    )
    cycle = [8.0 * turn for turn in range(14)]

    assert [each.start for each in given] == [*cycle, *(336.0 + start for start in cycle)]


def test_an_unknown_dose_is_planned_all_the_same() -> None:
    given = expand(load("meloni-1994"))

    assert len(given) == 20
    assert {(each.amount, each.unit) for each in given} == {(None, "MIU")}


def test_no_treatment_expands_to_nothing() -> None:
    assert expand(Regimen()) == ()


def test_values_built_without_text_are_checked_alike() -> None:
    with pytest.raises(RegimenError, match="overlaps itself on day 2"):
        Prescription(
            drug="aldesleukin",
            dose=Dose(amount=1.0, unit="MIU"),
            route=Route.SC,
            days=(Days(first=1, last=2), Days(first=2, last=3)),
        )
    with pytest.raises(RegimenError, match="15 doses fill days 1 to 5: leave out how many"):
        replace(only("aldesleukin 1 MIU sc three times daily days 1-5"), doses=15)
    with pytest.raises(RegimenError, match="a course without a drug"):
        Course(prescriptions=())
    with pytest.raises(RegimenError, match="unit '/uL' is for texts only: give 'cell/uL'"):
        Condition(quantity="platelets", comparison=Comparison.BELOW, threshold=25.0, unit="/uL")
    with pytest.raises(RegimenError, match="quantity 'capillary leak': give letters, digits and single underscores"):
        Condition(quantity="capillary leak", comparison=Comparison.BELOW, threshold=25.0, unit="1")
    with pytest.raises(RegimenError, match="drug 'IL-2' is called 'aldesleukin' here"):
        replace(only("aldesleukin 1 MIU sc day 1"), drug="IL-2")
    with pytest.raises(RegimenError, match="histamine is not given in MIU"):
        replace(only("aldesleukin 1 MIU sc day 1"), drug="histamine")


def test_an_administration_says_everything_about_one_dose() -> None:
    (given,) = expand(parse("daunorubicin 60 mg/m2 iv over 1 h day 1"))

    assert given == Administration(
        drug="daunorubicin",
        amount=60.0,
        unit="mg",
        per=Per.SQUARE_METRE,
        route=Route.IV_INFUSION,
        start=0.0,
        duration=1.0,
        begins_cycle=True,
    )


def test_a_cycle_begins_with_what_is_given_first_in_each_repeat_and_in_each_clause() -> None:
    text = (
        "cytarabine 100 mg/m2/day civ days 2-4 + daunorubicin 60 mg/m2 iv over 1 h days 2, 3, repeat every 28 days for "
        "2 cycles; aldesleukin 1 MIU sc twice daily days 60-62"
    )

    begin = [(each.drug, each.start) for each in expand(parse(text)) if each.begins_cycle]

    both = [(drug, start) for start in (24.0, 29 * 24.0) for drug in ("cytarabine", "daunorubicin")]
    assert begin == [*both, ("aldesleukin", 59 * 24.0)]
