"""What is wrong is shown at its spot, with what is allowed and the way out."""

import pytest

from trialeukin.core.errors import RegimenError
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse

FAULTS = {
    # what is wrong: (text, what the carets underline, a part of the message)
    "misspelt unit": ("aldesleukin 1.0 MUI/m2 sc on days 1-21", "MUI/m2", "did you mean 'MIU/m2'?"),
    "bare U": ("aldesleukin 9e6 U/m2/day civ days 1-4", "U/m2/day", "write IU or MIU (international units), Cetus U"),
    "million bare U": ("IL-2 1 MU/m2/day sc days 1-4", "MU/m2/day", "has more than one meaning"),
    "a power without its sign": ("IL-2 2 x 106 IU/m2 sc day 1", "2 x 106 IU/m2", "write 2e6 or 2 x 10^6"),
    "a continuous infusion in words": (
        "IL-2 9 MIU/m2/day by continuous infusion days 1-4",
        "by continuous infusion",
        "write 'civ'",
    ),
    "a cap behind a comma": ("IL-2 9 MIU/m2/day civ days 1-4, cap 18 MIU", "cap", "without a comma"),
    "a most in brackets": ("IL-2 9 MIU/m2/day civ days 1-4 (max 18 MIU)", "(max", "'cap 20 MIU' behind the dose"),
    "cycles without an end": ("IL-2 6 MIU sc days 1-5, repeat every 21 days until relapse", "until", "how many cycles"),
    "cycles of a year": ("IL-2 6 MIU sc days 1-5, repeat every 28 days for 1 year", "year", "13 of 28 days are a year"),
    "missed without doses": ("IL-2 6 MIU sc day 1; missed 10 %", "missed 10 %", "write 'missed doses 10 %'"),
    "a grade beyond all": (
        "IL-2 6 MIU sc day 1; stop at capillary leak grade 33",
        "capillary leak grade 33",
        "give a grade from 0 to 5",
    ),
    "a count below zero": (
        "IL-2 6 MIU sc day 1; hold while platelets < -25 G/L",
        "platelets < -25 G/L",
        "give a count of zero or more",
    ),
    "units in full": ("IL-2 9e6 units/m2 sc days 1-4", "units/m2", "Roche U with 'counted as 3 IU'"),
    "a million twice": ("IL-2 1 million MIU sc day 1", "million MIU", "unknown unit 'million MIU'"),
    "a million of what": ("IL-2 1 million U sc day 1", "million U", "has more than one meaning"),
    "unit missing": ("aldesleukin 1 sc days 1-3", "sc", "unknown unit 'sc': known here are IU, kIU, MIU"),
    "unit of another product": ("histamine 1 MIU sc day 1", "MIU", "allowed are ug, mg, g"),
    "unknown divisor": ("aldesleukin 1 MIU/lb sc day 1", "MIU/lb", "may be followed by /m2 or /kg, and by /day"),
    "two scales": ("aldesleukin 1 MIU/m2/kg sc day 1", "MIU/m2/kg", "at most one of /m2 and /kg"),
    "negative dose": ("aldesleukin -1 MIU sc days 1-5", "-1", "dose -1 MIU: give a number above zero"),
    "zero dose": ("aldesleukin 0 MIU sc days 1-5", "0", "give a number above zero"),
    "once a day like four times": ("IL-2 1 MIU sc qd days 1-5", "qd", "easily misread as qid, four times a day"),
    "every other day like once": ("IL-2 1 MIU sc QOD days 1-5", "QOD", "write 'every other day days 1-13'"),
    "thrice a week like thrice a day": (
        "IL-2 1 MIU sc tiw days 1-5",
        "tiw",
        "say on which days: 'days 1, 3, 5' for three a week",
    ),
    "days a week": ("IL-2 1 MIU sc 5 days a week", "5 days a week", "or 'days 1-5' for five"),
    "how many days": ("IL-2 1 MIU sc x 90 days", "x", "write which days"),
    "days of a cycle": ("IL-2 1 MIU sc days 1-5 of each 28-day cycle", "of", "', repeat every 28 days for 3 cycles'"),
    "doses one after the other": ("DLI 1e7 CD3/kg iv day 0, then 5e7 day 90", "then", "write ';' and the next doses"),
    "cells of a kind": ("DLI 1e7 T cells/kg iv day 0", "cells/kg", "cells are counted as CD3/kg"),
    "a word between": ("rIL-2 at 9 MIU/m2/day civ days 1-4", "at", "such words are left out here"),
    "low dose": ("IL-2 low dose 1 MIU sc day 1", "dose", "leave words such as 'high' and 'low dose' out"),
    "weeks": ("IL-2 1 MIU sc weeks 1-4", "weeks 1-4", "weeks 1-4 are 'days 1-28'"),
    "fewer doses than the days hold": (
        "IL-2 1 MIU sc max 14 doses days 1-15",
        "max 14 doses",
        "14 doses at 1 a day end on day 14, not on day 15: write 'from day 1 for 14 doses'",
    ),
    "more doses than the days hold": (
        "IL-2 0.6 MIU/kg iv over 15 min every 8 h days 1-5 for up to 16 doses",
        "for up to 16 doses",
        "16 doses at 3 a day end on day 6, not on day 5: write 'from day 1 for 16 doses'",
    ),
    "doses of two ranges": (
        "IL-2 1 MIU sc q8h days 1-5, 15-19 for 14 doses",
        "for 14 doses",
        "of each or of all? Write one range, and the next behind ';' or as a repeat",
    ),
    "no doses": ("IL-2 1 MIU sc daily day 1 for 0 doses", "for 0 doses", "for 0 doses: give 1 or more"),
    "doses twice": ("IL-2 1 MIU sc day 1 for 2 doses x 3 doses", "x 3 doses", "how many doses is said twice"),
    "a flat dose": ("IL-2 1 flat MIU sc day 1", "flat", "leave it out"),
    "points of thousands": ("IL-2 1.000.000 IU sc day 1", "1.000.000", "as 1000000 or 1e6"),
    "blanks of thousands": ("IL-2 1 000 000 IU sc day 1", "1 000 000", "as 1000000 or 1e6"),
    "a power of ten too many": ("DLI 1 x 10e7 CD3/kg iv day 0", "1 x 10e7", "10e6 is 1e7"),
    "a thousandth for a million": ("IL-2 1 mIU/m2 sc day 1", "mIU/m2", "a small m is a thousandth"),
    "hold until": (
        "IL-2 1 MIU sc day 1; hold until platelets > 50 G/L",
        "hold until platelets > 50 G/L",
        "'hold while platelets < 50 G/L', or when it is put off until that has passed",
    ),
    "a delay in other words": (
        "IL-2 1 MIU sc day 1; postpone IL-2 while platelets < 50 G/L",
        "postpone IL-2 while",
        "write 'delay while platelets < 100 G/L', or 'delay by 7 days while'",
    ),
    "a delay until": (
        "IL-2 1 MIU sc day 1; delay until platelets > 50 G/L",
        "delay until",
        "write 'delay while platelets < 100 G/L'",
    ),
    "a pause": ("IL-2 1 MIU sc day 1; pause if platelets < 50 G/L", "pause if", "'delay while' puts them off"),
    "a delay that resumes": (
        "IL-2 1 MIU sc day 1; delay while platelets < 50 G/L; resume at 50 %",
        ";",
        "beside a delay write 'reduce to 50 % when'",
    ),
    "a delay by nothing": (
        "IL-2 1 MIU sc day 1; delay by 0 days while platelets < 50 G/L",
        "delay by 0 days while platelets < 50 G/L",
        "a delay by 0 days: give 1 or more",
    ),
    "a delay shorter than its step": (
        "IL-2 1 MIU sc day 1; delay by 2 weeks while platelets < 50 G/L; stop after 7 days",
        "delay by 2 weeks while platelets < 50 G/L; stop after 7 days",
        "stop after 7 days: give 14 or more",
    ),
    "a start by a count": (
        "IL-2 1 MIU sc day 1; start when platelets > 100 G/L",
        "start when platelets > 100 G/L",
        "lets the first dose wait until that has passed",
    ),
    "an end in another word": (
        "IL-2 1 MIU sc day 1; discontinue at capillary leak grade 4",
        "discontinue at",
        "write 'stop when capillary leak grade >= 4'",
    ),
    "a reduction by": (
        "IL-2 1 MIU sc day 1; reduce IL-2 by 50 % when fever grade >= 3",
        "by 50 %",
        "say what is left of the dose: 'reduce to 75 % when platelets < 50 G/L' takes a quarter off",
    ),
    "a second time": (
        "IL-2 1 MIU sc day 1; stop at fever grade 3 for the second time",
        "for the second time",
        "a rule does not count how often",
    ),
    "twice": ("IL-2 1 MIU sc day 1; stop when fever grade >= 3 twice", "twice", "a rule does not count how often"),
    "either of two": (
        "IL-2 1 MIU sc day 1; hold while platelets < 50 G/L or fever grade >= 3",
        "or fever grade >= 3",
        "two rules, with ';' between them, act where either holds",
    ),
    "both of two": (
        "IL-2 1 MIU sc day 1; stop at fever grade 3 and capillary leak grade 2",
        "and capillary leak grade 2",
        "a rule looks at one quantity",
    ),
    "thrice weekly": ("IL-2 1 MIU sc thrice weekly days 1-21", "thrice weekly", "'days 1, 3, 5' for three a week"),
    "a month": ("IL-2 1 MIU sc day 1, repeat every month for 2 cycles", "month", "28 days or 4 weeks"),
    "infinite dose": ("aldesleukin 1e999 MIU sc days 1-5", "1e999", "give a number above zero"),
    "decimal comma": ("aldesleukin 1,5 MIU sc day 1", ",", "write decimals with a point, 1.5"),
    "comma of thousands": ("IL-2 16,400 IU/kg sc day 1", ",", "write thousands without a comma, 16400"),
    "range of doses": ("IL-2 12-15 MIU sc day 1", "-15", "a range of doses has no single meaning"),
    "per in a word": ("IL-2 1 MIU per m2 sc day 1", "per", "with a slash, MIU/m2/day"),
    "cycles in another way": ("IL-2 1 MIU sc days 1-5 x 3", "x", "write 'repeat every 28 days for 3 cycles'"),
    "a repeat as a clause of its own": (
        "IL-2 1 MIU sc days 1-5; repeat every 4 weeks for 3 cycles",
        "repeat every 4 weeks for 3 cycles",
        "write a comma before it, not ';': ', repeat every 4 weeks for 3 cycles'",
    ),
    "a repeat as a clause, without a number": (
        "IL-2 1 MIU sc days 1-5; repeat every 35 days",
        "repeat every 35 days",
        "not ';', and say how often: ', repeat every 35 days for 3 cycles'",
    ),
    "times a week": (
        "IL-2 1 MIU sc three times a week",
        "three times a week",
        "say on which days: 'days 1, 3, 5' for three a week",
    ),
    "how long in another way": (
        "IL-2 1 MIU sc for 5 days",
        "for 5 days",
        "write which days: 'days 1-5', if from day 1 on",
    ),
    "how long from a day on": (
        "IL-2 1 MIU sc day 15 for 2 weeks",
        "day 15 for 2 weeks",
        "write which days: 'days 15-28'",
    ),
    "how long a count is low": (
        "IL-2 1 MIU sc day 1; hold while platelets < 25 G/L for 3 days",
        "for 3 days",
        "does not count for how long",
    ),
    "how long an injection takes": (
        "histamine 0.5 mg sc over 5-15 min twice daily days 1-21",
        "over 5-15 min",
        "how long an injection takes is not followed: leave it out",
    ),
    "an infusion from one time to another": (
        "IL-2 1 MIU iv over 5-15 min days 1-5",
        "over 5-15 min",
        "write the one time that is meant, 'iv over 5 min' or 'iv over 15 min'",
    ),
    "a bolus over a time": ("IL-2 1 MIU iv bolus over 5 min day 1", "over 5 min", "write 'iv over 5 min'"),
    "doses from no day on": (
        "IL-2 0.6 MIU/kg iv over 15 min twice daily, up to 14 doses",
        ", up to 14 doses",
        "from which day on? Say so, such as 'from day 1 for 14 doses'",
    ),
    "doses of every other day": (
        "IL-2 1 MIU sc every other day days 3-18 max 7 doses",
        "max 7 doses",
        "7 doses at 1 a day end on day 15, not on day 18: write 'from day 3 for 7 doses'",
    ),
    "doses in brackets": (
        "IL-2 1 MIU sc every other day from day 3 (max 7 doses)",
        "(max",
        "how many doses 'for 14 doses' behind the days",
    ),
    "an event without a number": (
        "IL-2 1 MIU sc day 1; stop at relapse",
        "at relapse",
        "doses end with the relapse that follow-up finds, without a rule",
    ),
    "an event before another clause": (
        "IL-2 1 MIU sc day 1; stop at relapse; missed doses 5 %",
        "at relapse",
        "'relapsed >= 1' holds from then on",
    ),
    "GVHD of several grades": (
        "DLI 1e7 CD3/kg iv day 0; stop at grade II-IV acute GVHD",
        "at grade II-IV acute GVHD",
        "'gvhd >= 1' holds once it has begun",
    ),
    "GVHD behind its grade": (
        "DLI 1e7 CD3/kg iv day 0; stop at grade 2 GVHD",
        "at grade 2 GVHD",
        "'gvhd >= 1' holds once it has begun",
    ),
    "a grade before its harm": (
        "IL-2 1 MIU sc day 1; stop at grade 3 fever",
        "at grade 3 fever",
        "the grade stands last: 'fever grade 3'",
    ),
    "creatinine by its normal range": (
        "IL-2 1 MIU sc day 1; hold while creatinine > 1.5 x ULN",
        "while creatinine > 1.5 x ULN",
        "no model has renal function",
    ),
    "two drugs unparted": (
        "IL-2 1 MIU sc days 1-5 and histamine 1 mg sc day 1",
        "histamine",
        "part two drugs by ';' or join them by '+'",
    ),
    "resuming from nothing": ("IL-2 1 MIU sc day 1; resume at 50 %", "resume", "'resume at' follows a hold"),
    "days backwards": ("aldesleukin 1 MIU sc days 5-1", "5-1", "write the earlier day first, 'days 1 to 5'"),
    "half a day": ("aldesleukin 1 MIU sc days 1.5-5", "1.5-5", "expected a day"),
    "a day too far": ("aldesleukin 1 MIU sc days 1-99999", "1-99999", "within a hundred years"),
    "overlapping days": ("aldesleukin 1 MIU sc days 1-5, 4-8", "days 1-5, 4-8", "overlaps itself on day 4"),
    "overlapping infusions": (
        "aldesleukin 1 MIU iv over 36 h days 1-5",
        "days 1-5",
        "an infusion of 36 h still runs when the next starts 24 h later",
    ),
    "a daily total in a longer infusion": (
        "IL-2 9 MIU/m2/day iv over 48 h every other day days 1-4",
        "iv over 48 h",
        "leave out /day and write what one infusion holds",
    ),
    "days twice": ("IL-2 1 MIU sc days 1-5 days 7-8", "days 7-8", "the list of days is said twice"),
    "overlapping cycles": (
        "aldesleukin 1 MIU sc days 1-30, repeat every 28 days for 2 cycles",
        "28 days for 2 cycles",
        "a course of 30 days overlaps itself when repeated every 28 days: repeat every 30 days or later",
    ),
    "half a cycle": ("IL-2 1 MIU sc day 1, repeat every 28 days for 2.5 cycles", "2.5", "give a whole number"),
    "no cycle": ("IL-2 1 MIU sc day 1, repeat every 28 days for 0 cycles", "28 days for 0 cycles", "1 or more of both"),
    "endless cycles": (
        "IL-2 1 MIU sc day 1, repeat every 28 days for 9999 cycles",
        "28 days for 9999 cycles",
        "give at most 36,525",
    ),
    "unknown route": (
        "aldesleukin 1 MIU orally days 1-5",
        "orally",
        "expected a route (iv bolus, iv over 1 h, civ, sc",
    ),
    "misspelt route": ("aldesleukin 1 MIU subcutaneus days 1-5", "subcutaneus", "did you mean 'subcutaneous'?"),
    "no route": ("aldesleukin 1 MIU days 1-5", "aldesleukin 1 MIU days 1-5", "by which route?"),
    "iv alone": ("aldesleukin 1 MIU iv day 1", "iv", "Say 'iv bolus', 'iv over 1 h', or 'civ'"),
    "a vesicant under the skin": (
        "daunorubicin 60 mg/m2 sc days 1-3",
        "sc",
        "its routes are iv bolus, iv over a time, civ (Daunorubicin hydrochloride injection",
    ),
    "cells under the skin": ("donor lymphocytes 1e8 CD3/kg sc day 0", "sc", "its routes are iv bolus, iv over a time"),
    "instant infusion": ("aldesleukin 1 MIU iv over 0 h day 1", "iv over 0 h", "give more than 0, or say 'iv bolus'"),
    "route twice": ("aldesleukin 1 MIU sc im days 1-5", "im", "the route is said twice"),
    "no days": ("aldesleukin 1 MIU sc", "aldesleukin 1 MIU sc", "on which days?"),
    "civ twice a day": ("aldesleukin 1 MIU civ twice daily day 1", "twice daily", "civ is one 24-h infusion a day"),
    "five-hourly": ("aldesleukin 1 MIU sc every 5 h day 1", "every 5 h", "does not divide the day"),
    "every no days": ("aldesleukin 1 MIU sc every 0 days days 1-9", "every 0 days", "give 1 or more"),
    "unknown drug": ("aldeslukin 1 MIU sc day 1", "aldeslukin", "did you mean 'aldesleukin'?"),
    "politeness": ("aldesleukin 1 MIU sc days 1-5 every other week please", "other", "expected a number"),
    "conversion missing": (
        "teceleukin 1 M Roche U sc day 1",
        "1 M Roche U",
        "add 'counted as N IU' after the dose, N from 3",
    ),
    "conversion of IU missing": ("teceleukin 1 MIU sc day 1", "1 MIU", "is not interchangeable with aldesleukin's IU"),
    "conversion out of range": (
        "teceleukin 1 M Roche U counted as 7 IU sc day 1",
        "counted as 7 IU",
        "known is 3 to 6",
    ),
    "conversion not wanted": ("IL-2 1 MIU counted as 3 IU sc day 1", "counted as 3 IU", "leave out 'counted as 3 IU'"),
    "cap per m2": ("IL-2 1 MIU/m2 cap 2 MIU/m2 sc day 1", "MIU/m2", "leave out /m2"),
    "cap of another kind": ("IL-2 1 MIU/m2 sc day 1 cap 2 mg", "cap 2 mg", "write both amounts in units of one kind"),
    "cap on the unknown": ("IL-2 dose unknown sc day 1 cap 2 MIU", "cap 2 MIU", "leave it out"),
    "dose of nothing": ("5e7 day 120", "5e7 day 120", "Name the drug first"),
    "going on from the unknown": ("IL-2 dose unknown sc day 1; 5 day 2", "5", "write one after the number"),
    "cut off": ("aldesleukin 1 MIU sc days 1-5, repeat every 28 days", " ", "the text ends too early: expected 'for'"),
    "something after nothing": ("none; aldesleukin 1 MIU sc day 1", "aldesleukin", "expected the end"),
    "rules alone": ("hold while platelets < 25 G/L", "hold while platelets < 25 G/L", "rules without a dose"),
    "rule for no drug": (
        "IL-2 1 MIU sc day 1; stop histamine when flush grade 3",
        "stop histamine when flush grade 3",
        "which this regimen does not give: its drugs are aldesleukin",
    ),
    "unit of a threshold": ("IL-2 1 MIU sc day 1; hold while platelets < 25 G/X", "G/X", "unknown unit 'G/X'"),
    "two powers of ten": ("IL-2 1 MIU sc day 1; hold while platelets < 25 x 10e9/L", "25 x 10e9", "10e6 is 1e7"),
    "no power of ten": (
        "IL-2 1 MIU sc day 1; hold while platelets < 25/L",
        "25",
        "25 in a litre: write the power of ten too, 25 x 10^9/L",
    ),
    "a point of thousands": (
        "IL-2 1 MIU sc day 1; hold while platelets < 25.000/µL",
        "25.000",
        "25.000 may be 25000 or 25: write the one that is meant",
    ),
    "thousands of an unknown unit": (
        "IL-2 1 MIU sc day 1; hold while platelets < 25,000; resume at 50 %",
        ",",
        "write thousands without a comma",
    ),
    "no threshold": ("IL-2 1 MIU sc day 1; hold while platelets low", " ", "ends too early: expected a number or <"),
    "more than all": ("IL-2 1 MIU sc day 1; missed doses 120 %", "120", "give a percentage from 0 to 100"),
    "all missed": ("IL-2 1 MIU sc day 1; missed doses 100 %", "missed doses 100 %", "missed 100 %: give 0 to below"),
    "none started": ("IL-2 1 MIU sc day 1; never started 100 %", "never started 100 %", "never started 100 %: give 0"),
    "said twice": (
        "IL-2 1 MIU sc day 1; never started 5 %; never started 6 %",
        "never started 6 %",
        "this is said twice",
    ),
    "reduced to nothing": (
        "IL-2 1 MIU sc day 1; reduce to 0 % when fever grade 3",
        "reduce to 0 % when fever grade 3",
        "give more than 0 and at most 1",
    ),
}


@pytest.mark.parametrize(("text", "underlined", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_underlined_and_explained(text: str, underlined: str, said: str) -> None:
    with pytest.raises(RegimenError) as fault:
        parse(text, name="trial.regimen")

    message, line, carets = str(fault.value).split("\n")
    assert message.startswith("trial.regimen, line 1: ")
    assert said in message
    assert line == f"  | {text}"
    assert carets.strip("|^ ") == ""
    assert (line + " ")[carets.index("^") : len(carets)] == underlined


@pytest.mark.parametrize(
    "text",
    [
        "IL-2 1 MIU sc qxd days 1-5",
        "IL-2 1 MIU sc tiw. days 1-5",
        "IL-2 1 MIU sc bud days 1-5",
        "IL-2 1 MIU ix days 1-5",
        "IL-2 1 ng/kg sc day 1",
        "IL-2 1 MIU/m2/dy sc day 1",
        "IL-12 1 MIU sc day 1",
        "idarubicin 12 mg/m2 iv over 1 h day 1",
    ],
)
def test_no_suggestion_changes_a_frequency_a_route_a_unit_or_a_drug(text: str) -> None:
    with pytest.raises(RegimenError) as fault:
        parse(text)

    assert "did you mean" not in str(fault.value)


def test_a_fault_on_a_later_line_names_that_line() -> None:
    with pytest.raises(RegimenError) as fault:
        parse("# maintenance\naldesleukin 1 MIU sc days 1-5;\r\n\taldesleukin 2 MUI sc day 8\n", name="two.regimen")

    assert str(fault.value) == (
        "two.regimen, line 3: unknown unit 'MUI': known here are IU, kIU, MIU, Cetus U, M Cetus U, ug, mg, g; "
        "did you mean 'MIU'?\n"
        "  |  aldesleukin 2 MUI sc day 8\n"
        "  |                ^^^"
    )


def test_a_fault_over_several_lines_is_underlined_to_the_end_of_its_first() -> None:
    with pytest.raises(RegimenError) as fault:
        parse("aldesleukin 1 MIU sc days 1-5,\n  3-8")

    assert str(fault.value).endswith("  | aldesleukin 1 MIU sc days 1-5,\n  |                      ^^^^^^^^^")


@pytest.mark.parametrize("text", ["", "  \n\t", "# only a comment\n"])
def test_an_empty_text_says_how_to_write_no_treatment(text: str) -> None:
    with pytest.raises(
        RegimenError, match=r"^empty\.regimen: empty: name a drug, .* or write 'none' for no treatment$"
    ):
        parse(text, name="empty.regimen")


def test_an_unknown_library_name_gets_a_suggestion() -> None:
    with pytest.raises(RegimenError, match=r"no regimen 'calgb-1980' in the library.*did you mean 'calgb-19808'"):
        load("calgb-1980")
