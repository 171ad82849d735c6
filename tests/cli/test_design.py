"""``trialeukin design``: what it prints, what it finds, what it refuses."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from trialeukin.cli.design_options import Asked, design
from trialeukin.report.design_result import WHOLE, shared_out, whole
from trialeukin.survival.design.required_events import Contrast, events_needed, power_of_events

STUDIES = Path(__file__).parents[2] / "studies"
CALGB = str(STUDIES / "calgb-19808.toml")
PLAIN = ("--hazard-ratio", "0.7", "--control-median", "12", "--accrual-months", "24", "--follow-up-months", "18")
NORMAL_LIMIT = 0.015  # what the limit of a log-rank statistic with some hundred events leaves out of a power
LOOKS = ("--looks", "0.5,0.75,1", "--futility", "hsd:-2")


def test_one_analysis_has_schoenfelds_events(document: Callable) -> None:
    found = document(*PLAIN)

    assert found["events"] == pytest.approx(events_needed(Contrast(hazard_ratio=0.7), power=0.9), rel=1e-8)
    assert found["months"] == 42.0
    assert [each["formula"] for each in found["one_analysis"]] == [
        "Lachin-Foulkes", "Schoenfeld", "Freedman", "Bernstein-Lagakos",
    ]  # fmt: skip
    assert found["patients"] == pytest.approx(found["one_analysis"][1]["patients"], rel=1e-8)


def test_looks_show_both_boundaries_in_three_scales_and_their_chances(document: Callable) -> None:
    found = document(*PLAIN, *LOOKS)
    *_, last = found["analyses"]

    assert [each["fraction"] for each in found["analyses"]] == [0.5, 0.75, 1.0]
    assert last["efficacy"]["under_effect"] == pytest.approx(0.9, abs=1e-8)
    assert last["futility"]["under_effect"] == pytest.approx(0.1, abs=1e-8)
    assert last["efficacy"]["under_null"] + last["futility"]["under_null"] == pytest.approx(1.0, abs=1e-8)
    for look in found["analyses"]:
        limit = look["efficacy"]
        # with equal arms, Z at d events is about -log(HR) sqrt(d) / 2
        assert limit["hazard_ratio_at_limit"] == pytest.approx(
            np.exp(-2.0 * limit["z"] / np.sqrt(look["events"])), rel=1e-9
        )


def test_the_same_patients_have_the_power_they_were_found_for(document: Callable) -> None:
    size = document(*PLAIN, *LOOKS)

    again = document(*PLAIN, *LOOKS, "--patients", str(round(size["patients"])))

    assert again["power"] == pytest.approx(0.9, abs=0.002)  # half a patient


def test_a_rate_alone_finds_the_months_of_accrual(document: Callable) -> None:
    at_rate = document("--hazard-ratio", "0.7", "--control-median", "12", "--follow-up-months", "18", "--accrual", "10")

    even = document(*PLAIN[:4], "--follow-up-months", "18", "--accrual-months", f"{at_rate['accrual_months']!r}")
    assert at_rate["patients"] == pytest.approx(10.0 * at_rate["accrual_months"])
    assert even["patients"] == pytest.approx(at_rate["patients"], rel=1e-6)


def test_a_ramp_of_accrual_keeps_its_shape(document: Callable) -> None:
    words = ("--hazard-ratio", "0.7", "--control-median", "12", "--follow-up-months", "18")

    slow, fast = (document(*words, "--accrual", ramp) for ramp in ("1x6,4x18", "2x6,8x18"))

    assert slow["patients"] == pytest.approx(fast["patients"], rel=1e-9)
    assert slow["accrual_months"] == 24.0


def test_calgb_19808_anew_rests_on_what_its_file_says_and_says_so(trialeukin: Callable, document: Callable) -> None:
    found, printed = document(CALGB, *LOOKS), trialeukin("design", CALGB, *LOOKS)

    assert found["name"] == "calgb-19808"
    assert printed.code == 0
    assert "what it was planned for is not stated" in printed.out
    assert "assumed: not stated; four years" in printed.out
    assert "patients are randomised 1:1" in printed.out
    # its own 214 patients: the power of their expected events by Schoenfeld
    assert "With one analysis, the study's own 214 patients give 114 events" in printed.out
    assert found["own_power"] == pytest.approx(power_of_events(Contrast(hazard_ratio=0.75), events=113.65), abs=5e-4)


@pytest.mark.parametrize("study", sorted(STUDIES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_study_can_be_designed_anew_for_an_effect(study: Path, document: Callable) -> None:
    found = document(str(study), "--hazard-ratio", "0.7", "--looks", "0.5,1")

    assert found["power"] == pytest.approx(0.9, abs=1e-8)
    assert 0.0 < found["own_power"] < 1.0


def test_a_study_that_found_harm_asks_for_the_effect_to_detect(trialeukin: Callable) -> None:
    called = trialeukin("design", str(STUDIES / "ccg-2961.toml"))

    assert called.code == 2
    assert "hazard ratio 1.13 is not below 1 (the study found it)" in called.err
    assert "--hazard-ratio" in called.err


def test_a_cure_or_a_delay_takes_more_than_proportional_hazards(document: Callable) -> None:
    plain = document(*PLAIN)
    delayed = document(*PLAIN, "--delay", "4")
    cured = document(*PLAIN, "--cure", "0.4")
    only_cure = document(
        "--control-median", "12", "--cure", "0.3", "--treated-cure", "0.45", "--accrual-months", "24",
        "--follow-up-months", "36",
    )  # fmt: skip

    assert delayed["events"] > plain["events"]
    assert cured["events"] == pytest.approx(plain["events"], rel=1e-8)  # Schoenfeld's events know no hazard
    assert cured["patients"] > plain["patients"]
    assert only_cure["one_analysis"] == []
    assert only_cure["average_hazard_ratio"] < 1.0


def test_the_sentence_says_the_effect_also_where_hazards_are_not_proportional(trialeukin: Callable) -> None:
    delayed, only_cure = (
        " ".join(trialeukin("design", "--control-median", "12", "--accrual-months", "24", *words).out.split())
        for words in (
            ("--follow-up-months", "12", "--hazard-ratio", "0.5", "--delay", "4"),
            ("--follow-up-months", "36", "--cure", "0.3", "--treated-cure", "0.45"),
        )
    )

    # control: a half, and an eighth after three medians
    late = 100.0 * 0.5 ** (4 / 12) * 0.5 ** (0.5 * 8 / 12), 100.0 * 0.5 ** (4 / 12) * 0.5 ** (0.5 * 32 / 12)
    assert "for a hazard ratio of 0.5 after 4 months without effect, 0." in delayed
    assert f"50 % and 13 % of the control arm and {late[0]:.0f} % and {late[1]:.0f} % of the treated arm" in delayed
    cured = (100.0 * (share + (1.0 - share) * 0.5) for share in (0.3, 0.45))
    assert f"assumes that {next(cured):.0f} %, " in only_cure
    assert f" of the control arm and {next(cured):.0f} %, " in only_cure


CURED = ("--control-median", "12", "--cure", "0.4", "--follow-up-months", "36")


@pytest.mark.parametrize("size", [("--accrual", "10"), ("--patients", "500", "--accrual-months", "24")])
def test_a_treatment_that_cures_fewer_would_be_worse_whatever_the_size(size, trialeukin: Callable) -> None:
    worse = trialeukin("design", *CURED, "--treated-cure", "0.3", *size)
    alike = trialeukin("design", *CURED, "--treated-cure", "0.4", *size)

    assert worse.code == alike.code == 2
    assert "--treated-cure 0.3 is not above --cure 0.4 (the treatment would be worse)" in worse.err
    assert "(the treatment would be no better): give the larger fraction to detect" in alike.err


def test_a_size_that_shows_a_treatment_beyond_the_margin_has_no_power(trialeukin: Callable) -> None:
    called = trialeukin("design", *CURED, "--treated-cure", "0.3", "--margin", "1.05", "--patients", "500",
                        "--accrual-months", "24")  # fmt: skip

    assert called.code == 2
    assert "at the end is not below 1.05 (the treatment would be worse)" in called.err


def test_of_given_patients_every_formula_says_the_power_and_labels_what_another_would_take(
    trialeukin: Callable, document: Callable
) -> None:
    found, printed = document(*PLAIN, "--patients", "200"), trialeukin("design", *PLAIN, "--patients", "200")

    schoenfeld = found["one_analysis"][1]
    assert schoenfeld["power_of_patients"] == pytest.approx(found["power"], abs=1e-9)
    assert schoenfeld["power_aimed_at"] == 0.9
    assert "power with 200 patients  patients for 90.0 %  events for 90.0 %" in printed.out


def test_events_of_the_arms_add_up_to_the_events(trialeukin: Callable) -> None:
    for words in (PLAIN, (*PLAIN, *LOOKS), (*PLAIN, "--ratio", "2"), ("--hazard-ratio", "0.001", *PLAIN[2:])):
        rows = [
            line.split() for line in trialeukin("design", *words).out.splitlines()
            if line.startswith(("final", "interim"))
        ]  # fmt: skip
        for row in rows:
            slash = row.index("/")
            assert int(row[slash - 1]) + int(row[slash + 1]) == int(row[slash - 2])


@given(parts=st.lists(st.floats(0.0, 1e6), min_size=1, max_size=4))
def test_what_is_shared_out_adds_up_and_no_part_moves_by_one(parts: list[float]) -> None:
    total = whole(sum(parts))

    found = shared_out(total, *parts)

    assert sum(found) == total
    assert all(abs(one - part) <= 1.0 + WHOLE for one, part in zip(found, parts, strict=True))


def test_formulas_that_disagree_grossly_are_pointed_out(trialeukin: Callable) -> None:
    hopeful, plain = trialeukin("design", "--hazard-ratio", "0.001", *PLAIN[2:]), trialeukin("design", *PLAIN)

    assert "with 1 event the log-rank test" in hopeful.out
    assert "The formulas for one analysis ask for 2.2 to 49.9 patients" in hopeful.out
    assert "The formulas for one analysis" not in plain.out


def test_the_sentence_says_the_loss_as_it_was_given(trialeukin: Callable) -> None:
    called = trialeukin("design", *PLAIN, "--drop-out", "0.9")

    assert "loss to follow-up of 90.0 % of the patients a year (a constant rate of 2.3 a year)" in called.out


def test_a_study_that_publishes_no_control_says_where_a_curve_can_come_from(trialeukin: Callable, tmp_path) -> None:
    text, study = Path(CALGB).read_text(encoding="utf-8"), tmp_path / "mine.toml"
    study.write_text(text[: text.index("[[published")], encoding="utf-8")

    called = trialeukin("design", str(study), "--hazard-ratio", "0.7")

    assert called.code == 2
    assert "the study publishes none of leukaemia-free survival in control" in called.err
    assert f"such as the survival of control that `trialeukin run {study}` prints" in called.err


def test_assurance_of_one_analysis_is_the_normal_probability_of_each_part(document: Callable) -> None:
    found = document(*PLAIN, "--prior", "0.6:0.7,0.15;0.4:1,0.05")

    information = found["events"] / 4.0
    expected = sum(
        weight * ndtr((-np.log(ratio) * np.sqrt(information) - ndtri(0.975)) / np.sqrt(1.0 + spread**2 * information))
        for weight, ratio, spread in ((0.6, 0.7, 0.15), (0.4, 1.0, 0.05))
    )
    assert found["assurance"] == pytest.approx(expected, abs=1e-8)


def test_a_page_holds_the_pictures_and_needs_nothing_else(trialeukin: Callable, tmp_path: Path) -> None:
    called = trialeukin("design", CALGB, *LOOKS, "--output", str(tmp_path / "page"))

    page = (tmp_path / "page" / "design.html").read_text(encoding="utf-8")
    assert called.code == 0
    assert page.count("<svg") == 6  # three pictures, each for a desk and a phone
    assert "http://" not in page.replace("http://www.w3.org", "")
    for name in ("boundaries", "calendar", "power"):
        assert (tmp_path / "page" / f"{name}.svg").read_text(encoding="utf-8").startswith('<svg xmlns="http')


def test_a_full_design_takes_a_second() -> None:
    asked = Asked(
        study=None, hazard_ratio=0.7, margin=1.0, control_median=12.0, control_survival=None, cure=0.3,
        treated_cure=None, delay=3.0, power=0.9, alpha=None, one_sided=False, ratio=1.0, accrual=None,
        accrual_months=36.0, patients=None, follow_up_months=24.0, drop_out=0.02, looks="0.25,0.5,0.75,1",
        spending="obf", futility="hsd:-2", binding=False, prior=None,
    )  # fmt: skip

    start = time.process_time()
    found = design(asked)
    spent = time.process_time() - start

    assert found.schedule.alternative.reject == pytest.approx(0.9, abs=1e-8)
    assert spent < 2.0  # the target; it takes a tenth of it on one core


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--hazard-ratio", "1"), "give one that is not 1"),
        (("--hazard-ratio", "1.2"), "hazard ratio 1.2 is not below 1"),
        (("--hazard-ratio", "-1"), "give one above zero"),
        (("--alpha", "0"), "--alpha 0, two-sided: give a fraction above 0 and below 1"),
        (("--alpha", "5"), "--alpha 5, two-sided: give a fraction above 0 and below 1"),
        (("--alpha", "0.5", "--one-sided"), "--alpha 0.5, one-sided: give a fraction above 0 and below 0.5"),
        (("--power", "0.9", "--patients", "200"), "--power 0.9 beside --patients 200: of patients that are given"),
        (("--power", "0.9", "--accrual", "9"), "--power 0.9 beside --accrual with --accrual-months: of patients"),
        (("--power", "0.02"), "power 0.02: give a fraction above alpha (0.025)"),
        (("--looks", "0.5,0.4,1"), "information fractions 0.5, 0.4, 1: let them increase"),
        (("--looks", "0.5,0.9"), "the last look is the whole information, 1"),
        (("--looks", "half,1"), "--looks 'half': not a number"),
        (("--looks", "nan,1"), "--looks 'nan': not finite"),
        (("--spending", "ob"), "--spending 'ob': choose obf, pocock"),
        (("--spending", "hsd:99"), "gamma 99: give -40 to 40"),
        (("--futility", "wt:0"), "--futility 'wt:0': choose obf, pocock"),
        (("--binding",), "--binding without --futility"),
        (("--spending", "wang-tsiatis:0", "--futility", "obf"), "it goes with alpha spending"),
        (("--accrual", "0"), "--accrual '0': give patients a month, above zero"),
        (("--accrual", "2x6,4"), "give patients a month such as 4, or RATExMONTHS"),
        (("--accrual", "2x6,4x6"), "the stretches say the months already"),
        (("--accrual-months", "0"), "accrual of 0.0 months: give a time above zero"),
        (("--follow-up-months", "-3"), "follow-up of -3.0 months: give 0 or more"),
        (("--patients", "1"), "--patients 1: give 2 or more"),
        (("--drop-out", "1"), "drop-out 1.0 a year: give a fraction"),
        (("--ratio", "0"), "allocation 0.0: give treated patients"),
        (("--control-median", "-2"), "median -2.0 months: give a time above zero"),
        (("--cure", "1"), "cured fraction 1.0: give 0 or more and below 1"),
        (("--delay", "0"), "--delay 0: give months above zero"),
        (("--control-survival", "0.5@12"), "give the curve in one way"),
        (("--treated-cure", "0.5"), "without --hazard-ratio and --delay"),
        (("--prior", "0.7"), "--prior '0.7': give HR,SD"),
        (("--prior", "0,1"), "the hazard ratio 0 is not above zero"),
    ],
)
def test_wrong_input_gets_the_value_and_the_way_out(words: tuple[str, ...], message: str, trialeukin: Callable) -> None:
    called = trialeukin("design", *PLAIN, *words)

    assert called.code == 2
    assert message in called.err
    assert called.out == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "--control-median 12"),
        (("--control-median", "12"), "--hazard-ratio is not given"),
        (("--control-median", "12", "--hazard-ratio", "0.7"), "--accrual-months is not given"),
        (("--control-survival", "0.5-12"), "survival at months such as"),
        (("--cure", "0.3"), "name the median of the others"),
    ],
)
def test_what_is_missing_is_asked_for(words: tuple[str, ...], message: str, trialeukin: Callable) -> None:
    called = trialeukin("design", *words)

    assert called.code == 2
    assert message in called.err


def test_simulated_trials_stand_beside_what_was_integrated(trialeukin: Callable) -> None:
    options = ("--hazard-ratio", "0.7", "--control-median", "12", "--accrual-months", "24", "--follow-up-months", "24")

    called = trialeukin("design", *options, "--looks", "0.5,1", "--simulate", "1000", "--json")

    document = json.loads(called.out)
    power, simulated = document["power"], document["simulated"]["effect"]["rejected"]
    assert called.code == 0
    assert simulated["value"] == pytest.approx(
        power, abs=4.0 * simulated["error"] + 0.015
    )  # the normal limit's own error
    assert document["simulated"]["no_effect"]["trials"] == 1_000


def test_too_few_simulated_trials_and_a_margin_are_refused(trialeukin: Callable) -> None:
    options = ("--hazard-ratio", "0.7", "--control-median", "12", "--accrual-months", "24", "--follow-up-months", "24")

    few, margin = (
        trialeukin("design", *options, "--simulate", "10"),
        trialeukin("design", *options, "--margin", "1.2", "--simulate", "1000"),
    )

    assert few.code == margin.code == 2
    assert "--simulate 10: give 1,000 to 1,000,000 trials" in few.err
    assert "margin 1.2: simulated trials test superiority" in margin.err


def test_a_design_with_a_margin_names_its_hypotheses_by_hazard_ratios_and_claims_non_inferiority(
    trialeukin: Callable, tmp_path: Path
) -> None:
    """ "No effect" would be a hazard ratio of one, which is what such a trial hopes for."""
    options = ("--hazard-ratio", "1", "--margin", "1.3", *PLAIN[2:], "--looks", "0.5,1", "--futility", "hsd:-2")

    called = trialeukin("design", *options, "--output", str(tmp_path))

    assert "stop, HR 1.3  stop, as planned" in called.out
    assert "non-inferiority is claimed at a one-sided p-value" in called.out
    assert "effect" not in called.out
    page = tmp_path.joinpath("design.html").read_text(encoding="utf-8")
    assert "What does it take to show non-inferiority with a margin of 1.3?" in page
    assert "events, HR 1.3" in page


def test_a_margin_below_one_is_one_of_superiority(trialeukin: Callable) -> None:
    called = trialeukin("design", *PLAIN, "--margin", "0.9")

    assert "against a superiority margin of 0.9" in called.out


def test_a_hazard_ratio_beyond_the_margin_is_refused_for_showing_nothing(trialeukin: Callable) -> None:
    called = trialeukin("design", "--hazard-ratio", "1.4", "--margin", "1.3", *PLAIN[2:])

    assert "hazard ratio 1.4 is not below 1.3 (the margin: nothing would be shown)" in called.err


def test_the_page_of_a_design_shows_futility_in_a_table_of_its_own(trialeukin: Callable, tmp_path: Path) -> None:
    trialeukin("design", *PLAIN, *LOOKS, "--output", str(tmp_path))

    page = tmp_path.joinpath("design.html").read_text(encoding="utf-8")
    assert "Limits of futility, in the same way" in page
    assert page.index("efficacy: Z") < page.index("Limits of futility") < page.index("futility: Z")


def test_one_patient_a_month_is_one_and_an_empty_difference_has_no_sign(trialeukin: Callable) -> None:
    asked = ("--control-median", "12", "--follow-up-months", "1")

    slow = trialeukin("design", "--hazard-ratio", "0.999", "--accrual", "1", *asked)
    short = trialeukin("design", "--hazard-ratio", "0.7", "--accrual-months", "1", "--patients", "100", *asked)
    vast = trialeukin("design", "--hazard-ratio", "0.999", "--accrual-months", "12", *asked)

    assert "accrual of 1 patient a month: power 0.9 is not reached" in slow.err
    assert "on average over 1 month, follow-up for 1 month after the last entry" in short.out
    assert " patients a month on average over 12 months" in vast.out
    assert "e+" not in vast.out
    assert "0.0 (0.0 %)" in vast.out
    assert "-0.0" not in vast.out


def test_one_analysis_has_no_picture_of_a_single_limit(trialeukin: Callable, tmp_path: Path) -> None:
    for looks, drawn in (("1", False), ("0.5,1", True)):
        called = trialeukin("design", *PLAIN, "--looks", looks, "-o", str(tmp_path / looks))

        assert called.code == 0
        assert (tmp_path / looks / "boundaries.svg").exists() is drawn
        page = (tmp_path / looks / "design.html").read_text(encoding="utf-8")
        assert ("Boundaries as estimated hazard ratios" in page) is drawn
