"""Every form the language has, each with what it means."""

from dataclasses import replace
from typing import Any

import pytest

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.administration import Per, Route
from trialeukin.regimen.course import Cap, Course, Days, Dose, Prescription, Regimen, Repeat
from trialeukin.regimen.parse import parse
from trialeukin.regimen.render import render
from trialeukin.regimen.rules import Action, Adherence, Comparison, Condition, DoseRule

MILLION_A_DAY = Dose(amount=1.0, unit="MIU", per=Per.SQUARE_METRE, daily=True)


def only(text: str) -> Prescription:
    (course,) = parse(text).courses
    (prescription,) = course.prescriptions
    return prescription


def rules(text: str) -> tuple[DoseRule, ...]:
    return parse(f"aldesleukin 1 MIU sc day 1; {text}").rules


def test_a_plain_prescription_is_drug_dose_route_and_days() -> None:
    regimen = parse("aldesleukin 1 MIU/m2/day sc days 1-14, 19-28")

    assert regimen == Regimen(
        courses=(
            Course(
                prescriptions=(
                    Prescription(
                        drug="aldesleukin",
                        dose=MILLION_A_DAY,
                        route=Route.SC,
                        days=(Days(first=1, last=14), Days(first=19, last=28)),
                    ),
                )
            ),
        )
    )


def test_semicolons_part_courses_and_a_plus_joins_prescriptions() -> None:
    regimen = parse("histamine 0.5 mg sc day 1 + aldesleukin 1 MIU sc day 1; cytarabine 3 g/m2 iv over 3 h day 2;")

    assert [[item.drug for item in course.prescriptions] for course in regimen.courses] == [
        ["histamine", "aldesleukin"],
        ["cytarabine"],
    ]


@pytest.mark.parametrize(
    ("words", "route", "minutes"),
    [
        ("iv bolus", Route.IV_BOLUS, 0.0),
        ("iv over 1 h", Route.IV_INFUSION, 60.0),
        ("iv over 1.5 hours", Route.IV_INFUSION, 90.0),
        ("iv over 30 min", Route.IV_INFUSION, 30.0),
        ("iv infusion over 15 minutes", Route.IV_INFUSION, 15.0),
        ("civ", Route.CIV, 0.0),
        ("continuous iv infusion", Route.CIV, 0.0),
        ("sc", Route.SC, 0.0),
        ("SC", Route.SC, 0.0),
        ("s.c.", Route.SC, 0.0),
        ("subcutaneously", Route.SC, 0.0),
        ("im", Route.IM, 0.0),
        ("ip", Route.IP, 0.0),
    ],
)
def test_routes_are_words(words: str, route: Route, minutes: float) -> None:
    item = only(f"aldesleukin 1 MIU {words} days 1-5")

    assert (item.route, item.minutes) == (route, minutes)


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ("", 1),
        ("daily", 1),
        ("once daily", 1),
        ("twice daily", 2),
        ("bid", 2),
        ("three times daily", 3),
        ("four times a day", 4),
        ("every 12 h", 2),
        ("every 8 h", 3),
        ("every 2 hours", 12),
    ],
)
def test_how_often_a_day_divides_the_day(words: str, times: int) -> None:
    assert only(f"aldesleukin 1 MIU sc {words} days 1-5").times_per_day == times


@pytest.mark.parametrize(
    ("words", "every"),
    [("every other day", 2), ("every 2 days", 2), ("every 3 days", 3), ("weekly", 7), ("every 2 weeks", 14)],
)
def test_gaps_of_days_may_stand_before_or_after_the_days(words: str, every: int) -> None:
    before = only(f"aldesleukin 1 MIU sc {words} days 1-11")
    after = only(f"aldesleukin 1 MIU sc days 1-11 {words}")

    assert before == after
    assert before.every == every


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("day 0", [(0, 0)]),
        ("on day 1", [(1, 1)]),
        ("days -1, 1, 3 and 5", [(-1, -1), (1, 1), (3, 3), (5, 5)]),
        ("days -6 to -2", [(-6, -2)]),
        ("days -6--2", [(-6, -2)]),
        ("days −1–3", [(-1, 3)]),
        ("on days 1 to 14, 19-28", [(1, 14), (19, 28)]),
    ],
)
def test_days_are_single_or_ranges_and_may_be_negative(words: str, days: list[tuple[int, int]]) -> None:
    assert [(each.first, each.last) for each in only(f"aldesleukin 1 MIU sc {words}").days] == days


@pytest.mark.parametrize(
    ("words", "last", "doses"),
    [
        ("every 8 h from day 1 for 14 doses", 5, 14),
        ("q8h days 1-5, up to 14 doses", 5, 14),
        ("q8h days 1-5 for a maximum of 14 doses", 5, 14),
        ("tid days 1-5 max 14 injections", 5, 14),
        ("at most 14 doses tid days 1-5", 5, 14),
        ("tid day 1 x 2 doses", 1, 2),
        ("tid days 1-5 for 15 doses", 5, None),
        ("for 15 doses tid from day 1", 5, None),
        ("twice daily every other day from day 1 for 5 doses", 5, 5),
        ("twice daily every other day days 1-6 for 5 doses", 6, 5),
        ("weekly from day 1 for 6 doses", 36, None),
    ],
)
def test_doses_are_counted_from_the_first_day_and_may_leave_the_last_one_short(
    words: str, last: int, doses: int | None
) -> None:
    item = only(f"aldesleukin 1 MIU sc {words}")

    assert item.days == (Days(first=1, last=last),)
    assert item.doses == doses


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("1 MIU", Dose(amount=1.0, unit="MIU")),
        ("1MIU/m2", Dose(amount=1.0, unit="MIU", per=Per.SQUARE_METRE)),
        ("16400 IU/kg", Dose(amount=16400.0, unit="IU", per=Per.KILOGRAM)),
        ("9e6 IU/m²/d", Dose(amount=9e6, unit="IU", per=Per.SQUARE_METRE, daily=True)),
        ("1 µg/kg", Dose(amount=1.0, unit="ug", per=Per.KILOGRAM)),
        ("0.5 mg", Dose(amount=0.5, unit="mg")),
        ("3e6 Cetus U/m2/day", Dose(amount=3e6, unit="Cetus U", per=Per.SQUARE_METRE, daily=True)),
        ("3 M Cetus U/day/m2", Dose(amount=3.0, unit="M Cetus U", per=Per.SQUARE_METRE, daily=True)),
        ("1 million IU/m2", Dose(amount=1.0, unit="MIU", per=Per.SQUARE_METRE)),
        ("3 million Cetus U", Dose(amount=3.0, unit="M Cetus U")),
        ("dose unknown", Dose(amount=None, unit="MIU")),
    ],
)
def test_doses_are_flat_per_m2_or_per_kg_in_a_unit_of_the_product(text: str, dose: Dose) -> None:
    assert only(f"aldesleukin {text} sc days 1-5").dose == dose


def test_roche_units_are_counted_only_by_a_conversion_that_is_named() -> None:
    item = only("teceleukin 1.5 M Roche U/m2/day counted as 3 IU civ days 1-5")

    assert item.dose == Dose(amount=1.5, unit="M Roche U", per=Per.SQUARE_METRE, daily=True, counted_as=3.0)


@pytest.mark.parametrize("words", ["cap 20 MIU", "capped at 20 MIU", "at most 20 MIU"])
def test_a_cap_is_for_the_whole_patient(words: str) -> None:
    assert only(f"aldesleukin 0.6 MIU/kg sc days 1-5 {words}").cap == Cap(amount=20.0, unit="MIU")


def test_repeats_follow_one_another() -> None:
    (course,) = parse(
        "aldesleukin 1 MIU sc days 1-5, repeat every 4 weeks for 12 cycles, then every 63 days for 1 cycle"
    ).courses

    assert course.repeats == (Repeat(every=28, cycles=12), Repeat(every=63, cycles=1))


def test_a_dose_without_a_drug_goes_on_from_the_one_before() -> None:
    regimen = parse("donor lymphocytes 1e7 CD3/kg iv day 0; 5e7 day 120; 1e8 CD3/kg day 240")

    items = [course.prescriptions[0] for course in regimen.courses]
    assert [item.dose for item in items] == [
        Dose(amount=amount, unit="CD3", per=Per.KILOGRAM) for amount in (1e7, 5e7, 1e8)
    ]
    assert {item.route for item in items} == {Route.IV_BOLUS}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Proleukin", "aldesleukin"),
        ("IL-2", "aldesleukin"),
        ("rIL-2", "aldesleukin"),
        ("Interleukin-2", "aldesleukin"),
        ("interleukin 2", "aldesleukin"),
        ("RU 49637", "RU 49637"),
        ("RU49637", "RU 49637"),
    ],
)
def test_a_drug_answers_to_its_other_names(written: str, name: str) -> None:
    assert only(f"{written} 1 MIU sc days 1-5").drug == name


@pytest.mark.parametrize("words", ["none", "observation", "no treatment", "No further treatment  # control arm\n"])
def test_no_treatment_is_an_empty_regimen(words: str) -> None:
    assert parse(words) == Regimen()
    assert render(parse(words)) == "none"


def test_comments_and_line_breaks_do_not_count() -> None:
    plain = parse("aldesleukin 1 MIU sc days 1-5; aldesleukin 2 MIU sc days 8-12")

    spread = parse(
        "# title\naldesleukin 1 MIU sc  # low\n  days 1-5;\n\n# high; not read\naldesleukin 2 MIU\tsc days 8-12\n"
    )

    assert spread == plain


def test_hold_skips_doses_and_may_resume_at_a_fraction() -> None:
    (rule,) = rules("hold while platelets < 25 G/L; resume at 50 %")

    assert rule == DoseRule(
        drug=None,
        action=Action.HOLD,
        condition=Condition(quantity="platelets", comparison=Comparison.BELOW, threshold=25.0, unit="G/L"),
        fraction=0.5,
    )


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("delay while platelets < 25 G/L", {}),
        ("delay by 1 week while platelets below 25/nL, stop after 4 weeks", {"step": 7, "limit": 28}),
        ("delay cycles by 7 days while platelets < 25 G/L", {"step": 7, "cycles": True}),
        ("delay IL-2 while platelets < 25 G/L; stop after 1 day", {"drug": "aldesleukin", "limit": 1}),
    ],
)
def test_delay_puts_off_doses_or_cycles_and_may_end(text: str, given: dict[str, Any]) -> None:
    (rule,) = rules(text)

    condition = Condition(quantity="platelets", comparison=Comparison.BELOW, threshold=25.0, unit="G/L")
    assert rule == DoseRule(**({"drug": None, "action": Action.DELAY, "condition": condition} | given))


def test_only_a_delay_has_steps_and_a_cycle_has_all_its_drugs() -> None:
    regimen = parse("aldesleukin 1 MIU sc day 1; delay cycles while platelets < 25 G/L")
    (rule,) = regimen.rules

    with pytest.raises(RegimenError, match="a cycle is put off with all its drugs; leave the drug out"):
        replace(regimen, rules=(replace(rule, drug="aldesleukin"),))
    with pytest.raises(RegimenError, match="hold with steps, cycles or a limit: only a delay has them"):
        replace(regimen, rules=(replace(rule, action=Action.HOLD),))
    with pytest.raises(RegimenError, match=r"delay at 0\.5 of the dose: a delay has no fraction; use 'reduce to'"):
        replace(regimen, rules=(replace(rule, fraction=0.5),))


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("25 x 10^9/L", "25 G/L"),
        ("25 × 10⁹/L", "25 G/L"),
        ("25*10^9 / L", "25 G/L"),
        ("25e9/l", "25 G/L"),
        ("25 x 10^9 cells/L", "25 G/L"),
        ("0.3 x 10^9/L", "0.3 G/L"),
        ("25/nL", "25 G/L"),
        ("25 K/uL", "25 G/L"),
        ("25,000/uL", "25000 /uL"),
        ("25,000 /µL", "25000 /uL"),
        ("25,000 cells/μl", "25000 /uL"),
        ("25 x 10^3/uL", "25000 /uL"),
        ("25,000/mm3", "25000 /uL"),
        ("1,250,000/mm³", "1.25e6 /uL"),
    ],
)
def test_a_count_of_cells_is_read_as_protocols_write_it(written: str, canonical: str) -> None:
    regimen = parse(f"aldesleukin 1 MIU sc day 1; hold while platelets < {written}; resume at 50 %")

    assert render(regimen) == f"aldesleukin 1 MIU sc day 1; hold while platelets < {canonical}; resume at 50 %"
    assert parse(render(regimen)) == regimen


def test_a_grade_without_a_comparison_is_reached_or_passed() -> None:
    (rule,) = rules("stop at capillary leak grade 4")

    assert rule.action is Action.STOP
    assert rule.condition == Condition(
        quantity="capillary_leak_grade", comparison=Comparison.AT_LEAST, threshold=4.0, unit="1"
    )


def test_reduce_and_stop_may_be_for_one_drug() -> None:
    reduced, stopped = rules(
        "reduce aldesleukin to 50 % when creatinine at least 2 mg/dL; stop IL-2 when dim NK cells > 5e3 /uL"
    )

    assert (reduced.drug, reduced.action, reduced.fraction) == ("aldesleukin", Action.REDUCE, 0.5)
    assert reduced.condition.unit == "mg/dL"
    assert (stopped.drug, stopped.action) == ("aldesleukin", Action.STOP)
    assert (stopped.condition.quantity, stopped.condition.unit) == ("dim_NK_cells", "cell/uL")


def test_missed_and_never_started_are_fractions() -> None:
    regimen = parse("aldesleukin 1 MIU sc day 1; missed doses 5 %; never started 23 %")

    assert regimen.adherence == Adherence(missed=0.05, never_started=0.23)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Proleukin 1.0 MIU/m2/d on days 1 to 5 s.c.", "aldesleukin 1 MIU/m2/day sc days 1-5"),
        ("IL-2 1e6 IU iv over 90 min bid days 3 to 3", "aldesleukin 1e6 IU iv over 90 min twice daily day 3"),
        ("IL-2 1 MIU iv over 120 min day -3", "aldesleukin 1 MIU iv over 2 h day -3"),
        (
            "aldesleukin 1 MIU sc day 1; hold while platelets below 25 G/L, resume at 50%; stop at leak grade 4",
            "aldesleukin 1 MIU sc day 1; hold while platelets < 25 G/L; resume at 50 %; stop when leak grade >= 4",
        ),
        ("IL-2 1 MIU sc every 7 days days 1-29", "aldesleukin 1 MIU sc weekly days 1-29"),
        ("donor lymphocytes 1e7 CD3+/kg iv day 0", "donor lymphocytes 1e7 CD3/kg iv bolus day 0"),
        ("DLI 1 x 10^7 CD3+ cells/kg iv day 0", "donor lymphocytes 1e7 CD3/kg iv bolus day 0"),
        (
            "DLI 1e7 CD3+ T-cells/kg iv day 0; 5e7 CD3 cells/kg day 90",
            "donor lymphocytes 1e7 CD3/kg iv bolus day 0; donor lymphocytes 5e7 CD3/kg iv bolus day 90",
        ),
    ],
)
def test_the_canonical_text_is_one_way_to_say_it(written: str, canonical: str) -> None:
    assert render(parse(written)) == canonical
    assert render(parse(canonical)) == canonical


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("1 MIU sc q8h days 1-5", "1 MIU sc three times daily days 1-5"),
        ("1 MIU sc q24h days 1-5", "1 MIU sc days 1-5"),
        ("1 MIU SQ days 1-5", "1 MIU sc days 1-5"),
        ("1 MIU/m2/24 h intravenously over 1 h days 1-5", "1 MIU/m2/day iv over 1 h days 1-5"),
        ("1 Mio. IU/m2 sc days 1-5", "1 MIU/m2 sc days 1-5"),
        ("1.6 x 10^6 IU sc days 1-5", "1.6e6 IU sc days 1-5"),
        ("10⁶ IU sc days 1-5", "1e6 IU sc days 1-5"),
        ("1000 kIU sc days 1-5", "1000 kIU sc days 1-5"),
        ("1 MIU sc days 1-5, repeat every week for 2 cycles", "1 MIU sc days 1-5, repeat every 7 days for 2 cycles"),
    ],
)
def test_other_words_for_the_same_have_one_canonical_text(written: str, canonical: str) -> None:
    assert render(parse(f"aldesleukin {written}")) == f"aldesleukin {canonical}"


def test_a_byte_order_mark_at_the_start_says_nothing() -> None:
    assert parse("\ufeffaldesleukin 1 MIU sc day 1") == parse("aldesleukin 1 MIU sc day 1")


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        ("IL-2 9 MIU/m2/day civ from day 1 to day 4", "IL-2 9 MIU/m2/day civ days 1-4"),
        ("IL-2 9 MIU/m2/day civ d1-90", "IL-2 9 MIU/m2/day civ days 1-90"),
        ("IL-2 9 MIU/m2/day civ d 1-4, d8 and day 9", "IL-2 9 MIU/m2/day civ days 1-4, 8, 9"),
        ("DLI 1e7 CD3/kg iv d0; 5e7 d120", "DLI 1e7 CD3/kg iv day 0; 5e7 day 120"),
        ("IL-2 6 MIU sc on alternate days 1-13", "IL-2 6 MIU sc every other day days 1-13"),
        ("IL-2 6 MIU sc days 1-13 on alternate days", "IL-2 6 MIU sc days 1-13 every other day"),
        ("IL-2 9 MIU/m2/day civ day 1 - day 4", "IL-2 9 MIU/m2/day civ days 1-4"),
        ("IL-2 9 MIU/m2/day civ days 1 through 4", "IL-2 9 MIU/m2/day civ days 1-4"),
        ("IL-2 9 MIU/m2/day c.i.v. day -3 to day 2", "IL-2 9 MIU/m2/day civ days -3 to 2"),
        (
            "IL-2 6 MIU sc day 1; reduce to 50 % at capillary leak grade 3",
            "IL-2 6 MIU sc day 1; reduce to 50 % when capillary leak grade >= 3",
        ),
    ],
)
def test_days_routes_and_grades_as_protocols_word_them_mean_the_same(written: str, usual: str) -> None:
    assert parse(written) == parse(usual)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("hold when platelets < 25 G/L", "hold while platelets < 25 G/L"),
        ("hold if platelets < 25 G/L; resume at 50 %", "hold while platelets < 25 G/L; resume at 50 %"),
        ("delay if platelets < 25 G/L", "delay while platelets < 25 G/L"),
        ("hold while ANC < 1 G/L", "hold while neutrophils < 1 G/L"),
        ("hold while absolute neutrophil count < 500/uL", "hold while neutrophils < 500 /uL"),
        ("hold while PLT below 25 G/L", "hold while platelets < 25 G/L"),
        ("hold while Platelet count < 25 G/L", "hold while platelets < 25 G/L"),
        ("hold while thrombocytes < 25 G/L", "hold while platelets < 25 G/L"),
        ("stop when GVHD >= 1", "stop when gvhd >= 1"),
    ],
)
def test_rules_and_markers_have_one_canonical_name(written: str, canonical: str) -> None:
    assert render(parse(f"aldesleukin 1 MIU sc day 1; {written}")) == f"aldesleukin 1 MIU sc day 1; {canonical}"


def test_a_marker_by_another_name_is_for_texts_only() -> None:
    with pytest.raises(RegimenError, match="quantity 'ANC' is for texts only: give 'neutrophils'"):
        Condition(quantity="ANC", comparison=Comparison.BELOW, threshold=1.0, unit="G/L")
