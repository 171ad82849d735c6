"""The sentence, the dose table and the JSON of regimens, word by word."""

import json

import pytest

from trialeukin.core.errors import InputError
from trialeukin.regimen.administration import Per, Route
from trialeukin.regimen.describe import Block, Total, as_json, blocks, sentence, totals
from trialeukin.regimen.library import entry, load, names
from trialeukin.regimen.parse import parse

EXACT = 1e-12  # relative; a few roundings of double precision


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("none", "No treatment: observation only."),
        (
            "aldesleukin 9 MIU/m2/day civ days 1-4; aldesleukin 1.6 MIU/m2/day civ days 9-18",
            "Aldesleukin 9 MIU/m2/day by continuous intravenous infusion on days 1-4. "
            "Aldesleukin 1.6 MIU/m2/day by continuous intravenous infusion on days 9-18. "
            "In all 14 administrations within 18 days.",
        ),
        (
            "IL-2 16400 IU/kg sc bid days 1-21 + histamine 0.5 mg sc bid days 1-21, repeat every 42 days for 3 cycles",
            "Aldesleukin 16400 IU/kg subcutaneously twice daily on days 1-21 together with histamine 0.5 mg "
            "subcutaneously twice daily on days 1-21, these together every 42 days for 3 cycles. "
            "In all 252 administrations within 105 days.",
        ),
        (
            "IL-2 9 MIU/m2/day civ days 1-4; IL-2 1.6 MIU/m2/day civ days 9-18, repeat every 42 days for 3 cycles",
            "Aldesleukin 9 MIU/m2/day by continuous intravenous infusion on days 1-4. "
            "Aldesleukin 1.6 MIU/m2/day by continuous intravenous infusion on days 9-18, only this every 42 days for "
            "3 cycles. In all 34 administrations within 102 days.",
        ),
        (
            "IL-2 6 MIU sc days 1-5, repeat every 28 days for 2 cycles",
            "Aldesleukin 6 MIU subcutaneously on days 1-5, this every 28 days for 2 cycles. "
            "In all 10 administrations within 33 days.",
        ),
        (
            "IL-2 6 MIU sc day 1, repeat every 1 days for 2 cycles",
            "Aldesleukin 6 MIU subcutaneously on day 1, this every 1 day for 2 cycles. "
            "In all 2 administrations within 2 days.",
        ),
        (
            "IL-2 dose unknown iv over 15 min days -1, 1; hold while platelets < 25 G/L; resume at 50 %; "
            "reduce IL-2 to 50 % when fever grade 3; stop at capillary leak grade 4; "
            "missed doses 5 %; never started 23 %",
            "Aldesleukin in a dose that its source does not give by intravenous infusion over 15 min on days -1, 1. "
            "In all 2 administrations within 3 days, counted from day -1. "
            "Hold doses while platelets < 25 G/L and resume at 50 %, also if this came and went between doses. "
            "Reduce doses of aldesleukin to 50 % once fever grade >= 3, also if this came and went between doses. "
            "Stop doses once capillary leak grade >= 4, also if this came and went between doses. "
            "5 % of doses are missed. 23 % of patients never start.",
        ),
        (
            "donor lymphocytes 1e7 CD3/kg iv day 0",
            "Donor lymphocytes 1e7 CD3/kg as an intravenous bolus on day 0. In all 1 administration within 1 day, "
            "counted from day 0.",
        ),
        (
            "IL-2 0.6 MIU/kg cap 50 MIU iv bolus every 8 h days 1-5; hold while leak grade 3",
            "Aldesleukin 0.6 MIU/kg (at most 50 MIU a patient) as an intravenous bolus three times daily on days 1-5. "
            "In all 15 administrations within 5 days. Hold doses while leak grade >= 3 and resume in full.",
        ),
        (
            "IL-2 0.6 MIU/kg iv over 15 min every 8 h from day 1 for 14 doses, repeat every 14 days for 2 cycles",
            "Aldesleukin 0.6 MIU/kg by intravenous infusion over 15 min three times daily on days 1-5 for 14 doses, "
            "this every 14 days for 2 cycles. In all 28 administrations within 19 days.",
        ),
        (
            "aldesleukin 1 MIU sc day 1; delay cycles by 7 days while platelets < 100 G/L; stop after 28 days; "
            "delay aldesleukin while fever grade >= 2",
            "Aldesleukin 1 MIU subcutaneously on day 1. In all 1 administration within 1 day. Put off each cycle by 7 "
            "days at a time while platelets < 100 G/L, and all that follows as much; where 28 days are not enough, "
            "stop doses. Put off doses of aldesleukin day by day while fever grade >= 2, and all that follows as much.",
        ),
    ],
)
def test_a_regimen_is_told_in_plain_english(text: str, words: str) -> None:
    assert sentence(parse(text)) == words


def test_equal_days_in_a_row_are_one_block_whatever_courses_they_come_from() -> None:
    found = blocks(parse("IL-2 1 MIU sc days 1-3; IL-2 1 MIU sc days 4-5, 8; IL-2 2 MIU sc day 3"))

    assert [(each.start_day, each.end_day, each.amount) for each in found] == [(1, 5, 1.0), (3, 3, 2.0), (8, 8, 1.0)]


def test_a_block_says_days_as_the_text_counts_them() -> None:
    found = blocks(parse("IL-2 2 MIU/m2/day cap 3 MIU iv over 30 min twice daily days -1-0"))

    assert found == (
        Block(
            drug="aldesleukin",
            route=Route.IV_INFUSION,
            start_day=-1,
            end_day=0,
            amount=1.0,
            unit="MIU",
            per=Per.SQUARE_METRE,
            times_per_day=2,
            duration_h=0.5,
            cap=3.0,
        ),
    )


def test_totals_add_units_of_one_product_up() -> None:
    found = totals(parse("IL-2 1e6 IU/kg sc day 1; IL-2 1 M Cetus U/m2 sc day 2; IL-2 1.1 mg sc day 3"), 2.0, 60.0)

    assert found == {"aldesleukin": Total(amount=pytest.approx(60.0 + 12.0 + 18.0, rel=EXACT), unit="MIU")}


def test_the_total_of_an_unknown_dose_is_unknown() -> None:
    assert totals(load("whangbo-2019"), 1.84, 70.0) == {"aldesleukin": Total(amount=None, unit="MIU")}


def test_the_json_of_a_regimen_has_its_text_words_table_events_and_totals() -> None:
    found = as_json(parse("IL-2 2 MIU/m2/day sc twice daily day 1"), bsa=2.0, weight=80.0)

    assert json.loads(json.dumps(found)) == {
        "canonical": "aldesleukin 2 MIU/m2/day sc twice daily day 1",
        "sentence": "Aldesleukin 2 MIU/m2/day subcutaneously twice daily on day 1. "
        "In all 2 administrations within 1 day.",
        "warnings": [],
        "patient": {"bsa_m2": 2.0, "weight_kg": 80.0},
        "blocks": [
            {
                "drug": "aldesleukin",
                "route": "sc",
                "start_day": 1,
                "end_day": 1,
                "amount": 1.0,
                "unit": "MIU",
                "per": "m2",
                "times_per_day": 2,
                "duration_h": 0.0,
                "cap": None,
            }
        ],
        "events": [
            {"time_h": hour, "duration_h": 0.0, "drug": "aldesleukin", "amount": 2.0, "unit": "MIU", "route": "sc"}
            for hour in (0.0, 12.0)
        ],
        "total": {"aldesleukin": {"amount": 4.0, "unit": "MIU"}},
    }


def test_json_without_a_body_is_for_the_body_the_evidence_is_converted_with() -> None:
    assert as_json(parse("none")) == {
        "canonical": "none",
        "sentence": "No treatment: observation only.",
        "warnings": [],
        "patient": {"bsa_m2": 1.84, "weight_kg": 70.0},
        "blocks": [],
        "events": [],
        "total": {},
    }


def test_json_for_a_body_without_size_is_refused() -> None:
    with pytest.raises(InputError, match="bsa 0 m2: give a number above zero"):
        as_json(load("calgb-19808"), bsa=0.0)


@pytest.mark.parametrize("name", names())
def test_every_library_file_names_its_study_and_its_sources(name: str) -> None:
    found = entry(name)

    assert found.title
    assert found.sources
    assert all(not source.assumed and source.place for source in found.sources)
    assert ("dose unknown" in found.text) == bool(found.missing)


def test_the_gap_of_the_escalation_trial_is_said() -> None:
    (gap,) = entry("whangbo-2019").missing

    assert "the dose of weeks 3-4 (days 15-28)" in gap
