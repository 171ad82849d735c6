"""``trialeukin design --treatments K``: sizes, chances, and what it refuses."""

import math
import re

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from trialeukin.survival.design.multi_arm import MultiArm
from trialeukin.survival.design.required_events import Contrast, events_needed
from trialeukin.survival.design.spending import HwangShihDeCani

PLAIN = ("--hazard-ratio", "0.7", "--control-median", "12", "--accrual-months", "36", "--follow-up-months", "24")
THREE = ("--treatments", "3", "--looks", "0.4,0.7,1")


def test_alpha_is_of_any_claim_and_power_of_the_right_one(document) -> None:
    found = document(*PLAIN, *THREE)

    last = found["analyses"][-1]
    assert last["any_claim_no_effect"] == pytest.approx(0.025, abs=1e-8)
    assert last["right_claim_one_works"] == found["power"] == pytest.approx(0.9, abs=1e-8)
    assert last["wrong_claim_one_works"] < 0.025


def test_events_follow_from_the_drift_and_patients_from_the_arms_that_are_dropped(document) -> None:
    found = document(*PLAIN, *THREE)
    pair = document(*PLAIN, "--looks", "0.4,0.7,1")

    design = MultiArm(treatments=3, fractions=np.array([0.4, 0.7, 1.0]))
    scale = found["analyses"][-1]["events_of_a_comparison"] / pair["events"]
    first, last = (pair["analyses"][place]["entered"] * scale for place in (0, -1))
    z = -np.log(0.7) * np.sqrt(found["analyses"][-1]["events_of_a_comparison"]) / 2.0  # Schoenfeld, 1:1
    assert z > events_needed(Contrast(hazard_ratio=0.7), power=0.9) ** 0.5 * -np.log(0.7) / 2.0
    assert found["patients"] == pytest.approx(last + first, rel=1e-9)  # two halves of a pair are dropped
    assert found["analyses"][0]["entered"] == pytest.approx(2.0 * first, rel=1e-9)  # four arms
    assert design.correlation == 0.5


def test_the_terminal_says_it_in_a_sentence(trialeukin) -> None:
    called = trialeukin("design", *PLAIN, *THREE)

    assert called.code == 0
    assert "3 treatments and one control" in called.out
    assert "any false claim" in called.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--treatments", "0"), "--treatments 0: give 1 to 12"),
        (("--treatments", "2"), "--treatments 2 with one analysis: give two or more with --looks, such as 0.5,1"),
        ((*THREE, "--prior", "0.7,0.2"), "--prior beside --treatments 3"),
        ((*THREE, "--simulate", "10"), "--simulate 10: give 1,000 to 1,000,000 trials"),
        ((*THREE, "--futility", "never"), "--futility 'never': choose obf"),
        ((*THREE, "--spending", "wang-tsiatis:0"), "a boundary of fixed shape: give a spending function such as obf"),
        ((*THREE, "--margin", "1.2"), "a hazard ratio that is the same at all times, and no margin"),
        ((*THREE, "--patients", "100"), "--patients beside --treatments 3"),
    ],
)
def test_what_it_does_not_take_is_refused_with_the_way_out(trialeukin, words, message) -> None:
    called = trialeukin("design", *PLAIN, *words)

    assert called.code == 2
    assert message in called.err


def test_the_page_on_design_recomputes_the_published_plan_of_aml_12(document) -> None:
    plan = ("--control-survival", "0.5@36", "--hazard-ratio", "0.7", "--power", "0.8")
    found = document(*plan, "--accrual-months", "97", "--follow-up-months", "36")

    # Willemze 2011 (willemze2011): 255 events, hazard ratio 0.70, from 50 % to 61.5 % at 3 years, 80 %, two-sided 5 %
    events = {each["formula"]: each["events"] for each in found["one_analysis"]}
    assert events["Schoenfeld"] == pytest.approx(246.8, abs=0.05)
    assert events["Freedman"] == pytest.approx(252.0, abs=0.05)
    assert pow(0.5, 0.7) == pytest.approx(0.616, abs=0.0005)
    assert ndtr(0.5 * np.sqrt(255.0) * -np.log(0.7) - ndtri(0.975)) == pytest.approx(0.813, abs=0.0005)
    assert ndtr(np.sqrt(255.0) * 0.3 / 1.7 - ndtri(0.975)) == pytest.approx(0.805, abs=0.0005)


@pytest.mark.parametrize("binding", [(), ("--binding",)])
def test_futility_costs_patients_and_stops_useless_trials(document, binding) -> None:
    plain, found = document(*PLAIN, *THREE), document(*PLAIN, *THREE, "--futility", "hsd:-2", *binding)

    looks = [each["futility"] for each in found["analyses"]]
    spent = HwangShihDeCani(-2.0).spent(0.1, np.array([0.4, 0.7]))
    assert found["power"] == pytest.approx(0.9, abs=1e-8)
    assert found["patients"] > plain["patients"]
    assert [look["one_works"] for look in looks[:2]] == pytest.approx(spent.tolist(), abs=1e-8)
    assert looks[1]["no_effect"] > 0.8
    assert found["analyses"][-1]["any_claim_no_effect"] <= 0.025 + 1e-9
    lowered = found["analyses"][1]["z"] < plain["analyses"][1]["z"] - 1e-6
    assert lowered == bool(binding)
    assert ("non-binding" in found["statement"]) == (not binding)
    assert plain["analyses"][0]["futility"] is plain["futility"] is None


def test_simulated_trials_stand_beside_what_was_integrated(trialeukin, document) -> None:
    asked = (*PLAIN, *THREE, "--futility", "hsd:-2", "--simulate", "1000")

    found, shown = document(*asked), trialeukin("design", *asked).out

    one = found["simulated"]["one_works"]
    assert one["right"]["value"] == pytest.approx(found["power"], abs=4.0 * one["right"]["error"] + 0.015)
    assert found["simulated"]["no_effect"]["trials"] == 1_000
    assert re.search(r"stopped for futility at interim 2 +4\d\.\d\d %", shown)
    assert f"{100.0 * one['right']['value']:.2f} % ±" in shown


def test_three_trials_of_two_arms_take_more_patients(document) -> None:
    pair = document(*PLAIN, "--looks", "0.4,0.7,1")

    assert 3 * math.ceil(pair["patients"]) == 1188
