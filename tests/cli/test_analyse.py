"""``trialeukin analyse`` on the data of Freireich: tables, JSON, the page, and what it refuses."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trialeukin.survival.case_weights import sampling
from trialeukin.survival.cox import fit_cox
from trialeukin.survival.cox_sample import cox_sample
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.robust import robust_covariance
from trialeukin.survival.weighted_log_rank import weighted_log_rank

DATA = Path(__file__).parents[1] / "survival" / "data"
FREIREICH = str(DATA / "freireich.csv")


def test_the_tables_hold_curves_effects_tests_and_checks(trialeukin) -> None:
    called = trialeukin("analyse", FREIREICH, "--arm", "trt")

    assert called.code == 0
    for words in (
        "median",
        "hazard ratio, 1 over 0",
        "0.208",
        "16.79",
        "MaxCombo",
        "restricted mean to 23, difference",
        "Proportional hazards",
        "The end of the curves",
        "From the data came: horizon and milestone. A protocol fixes such times beforehand: give --horizon and "
        "--milestone.",
        "No control was named: the first arm in order, '0', is taken; --control names it.",
    ):
        assert words in called.out


def test_json_holds_the_same_figures_and_nothing_that_is_not_a_number(trialeukin, reference_values) -> None:
    called = trialeukin("analyse", FREIREICH, "--arm", "trt", "--horizon", "20", "--milestone", "10", "--json")

    found = json.loads(called.out, parse_constant=pytest.fail)
    term = found["comparison"]["cox"]["terms"][0]
    assert term["log_hazard_ratio"] == pytest.approx(reference_values["cox_trt_efron"]["coef"]["trt"], rel=1e-6)
    assert term["hazard_ratio"]["value"] == pytest.approx(np.exp(term["log_hazard_ratio"]), rel=1e-9)
    assert term["hazard_ratio"]["lower"] < term["hazard_ratio"]["value"] < term["hazard_ratio"]["upper"]
    assert found["comparison"]["log_rank"]["chi_square"] == pytest.approx(
        reference_values["logrank"]["chisq"], rel=1e-9
    )
    assert found["arms"][1]["median"] == {"value": 23.0, "interval": [13.0, None]}  # log-log; the upper is not reached
    assert found["chosen_from_the_data"] == []
    assert found["arms"][0]["cure_model"]["status"] == "edge"
    assert found["arms"][0]["cure_model"]["cured"] is None


@pytest.fixture
def reference_values():
    return json.loads((DATA / "core.json").read_text())["freireich"]


def test_the_page_stands_alone_and_shows_the_curves_with_numbers_at_risk(trialeukin, tmp_path) -> None:
    called = trialeukin(
        "analyse", str(DATA / "aml.csv"), "--arm", "arm", "--control", "Nonmaintained", "-o", str(tmp_path)
    )

    page = (tmp_path / "analysis.html").read_text(encoding="utf-8")
    assert called.code == 0
    assert "Kaplan-Meier curves" in page
    assert "At risk" in page
    assert "Maintained over Nonmaintained" in page
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)  # nothing is fetched
    assert json.loads((tmp_path / "analysis.json").read_text(encoding="utf-8"))["table"] == "aml.csv"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((FREIREICH,), "the arm could be column 'arm' or 'trt': say which with --arm"),
        ((FREIREICH, "--time", "weeks"), "no column 'weeks': the table has 'time', 'status', 'arm' and 'trt'"),
        (("nowhere.csv",), "nowhere.csv: there is no such file"),
        ((FREIREICH, "--arm", "trt", "--horizon", "40"), "horizon 40: give a time above zero and up to 23"),
    ],
)
def test_wrong_input_exits_with_2_and_the_way_out(trialeukin, arguments, message) -> None:
    called = trialeukin("analyse", *arguments)

    assert called.code == 2
    assert message in called.err
    assert called.out == ""


def test_a_ragged_file_is_refused(trialeukin, tmp_path) -> None:
    (tmp_path / "bad.csv").write_text("time,event\n1,1\n2\n")

    called = trialeukin("analyse", str(tmp_path / "bad.csv"))

    assert called.code == 2
    assert "not a CSV table" in called.err


def test_one_arm_alone_is_described(trialeukin, tmp_path) -> None:
    (tmp_path / "one.csv").write_text("months,event\n1,1\n2,0\n4,1\n6,0\n")

    called = trialeukin("analyse", str(tmp_path / "one.csv"), "-o", str(tmp_path / "out"))

    assert called.code == 0
    assert "all patients" in called.out
    assert "Effects" not in called.out
    assert (tmp_path / "out" / "analysis.html").exists()


def test_more_arms_than_two_are_compared_at_once_and_two_at_a_time(trialeukin, tmp_path) -> None:
    called = trialeukin("analyse", str(DATA / "veteran.csv"), "--arm", "celltype", "-o", str(tmp_path))

    page = (tmp_path / "analysis.html").read_text(encoding="utf-8")
    document = json.loads((tmp_path / "analysis.json").read_text(encoding="utf-8"))
    assert called.code == 0
    for words in ("25.4", "on 3 df", "smallcell over large"):
        assert words in called.out
        assert words in page
    assert "Effects and tests, one model of all arms" in called.out
    assert "Two arms at a time, each pair alone" in called.out
    assert "Pairs of arms" in page
    assert len(document["pairs"]) == 6
    assert document["pairs"][0]["log_rank_p_holm"] >= document["pairs"][0]["comparison"]["log_rank"]["p"]


def weighed(name: str, tmp_path: Path, weights: Callable[[int], object]) -> str:
    """Write a table with a column of weights, and return where."""
    head, *rows = (DATA / name).read_text(encoding="utf-8").splitlines()
    lines = [f"{head},weight", *(f"{row},{weights(place)}" for place, row in enumerate(rows))]
    path = tmp_path / "weighed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_many_small_strata_are_warned_of(trialeukin, tmp_path) -> None:
    path = tmp_path / "many.csv"
    lines = [
        f"{place % 17 + 1},{place % 3 > 0:d},{'ab'[place % 2]},{place // 4},{place % 4 // 2}" for place in range(80)
    ]
    path.write_text("time,event,arm,age,sex\n" + "\n".join(lines), encoding="utf-8")

    many, few = (trialeukin("analyse", str(path), "--arm", "arm", "--strata", each).out for each in ("age", "sex"))

    assert "80 patients in 20 strata, fewer than 10 each" in many
    assert "strata" not in few


def test_weights_of_one_change_the_error_and_no_estimate(trialeukin, tmp_path) -> None:
    table = weighed("freireich.csv", tmp_path, lambda _: 1)

    plain, found = (
        json.loads(trialeukin("analyse", *words, "--arm", "trt", "--milestone", "10", "--json").out)
        for words in ((FREIREICH,), (table, "--weights", "weight"))
    )

    for place in (0, 1):
        curves = [made["arms"][place]["kaplan_meier"] for made in (plain, found)]
        for name in curves[0]:  # null where there is no limit
            one, other = (np.array(curve[name], dtype=float) for curve in curves)
            np.testing.assert_allclose(other, one, rtol=1e-10)
    one, other = (made["comparison"]["cox"]["terms"][0] for made in (plain, found))
    assert other["log_hazard_ratio"] == pytest.approx(one["log_hazard_ratio"], rel=1e-9)
    assert other["standard_error"] != pytest.approx(one["standard_error"], rel=1e-3)
    assert found["comparison"]["cox"]["errors"] == "robust"
    assert found["comparison"]["milestone"] == pytest.approx(plain["comparison"]["milestone"], rel=1e-9)


def test_weighted_figures_are_those_of_the_weighted_statistics(trialeukin, tmp_path) -> None:
    table = weighed("freireich.csv", tmp_path, lambda place: 0.5 + 0.25 * (place % 5))
    data = np.genfromtxt(table, delimiter=",", names=True)
    arm = data["trt"].astype(int)
    sample = cox_sample(data["time"], data["status"], arm, weights=data["weight"])
    fit = fit_cox(sample)

    found = json.loads(trialeukin("analyse", table, "--arm", "trt", "--weights", "weight", "--json").out)

    term, tested = found["comparison"]["cox"]["terms"][0], found["comparison"]["log_rank"]
    expected = weighted_log_rank(data["time"], data["status"], arm, sampling(data["weight"]))
    curve = kaplan_meier(data["time"][arm == 1], data["status"][arm == 1], weights=sampling(data["weight"][arm == 1]))
    assert term["log_hazard_ratio"] == pytest.approx(fit.coefficients[0], rel=1e-9)
    assert term["standard_error"] == pytest.approx(np.sqrt(robust_covariance(sample, fit)[0, 0]), rel=1e-9)
    assert tested["chi_square"] == pytest.approx(expected.test.statistic, rel=1e-9)
    assert found["arms"][1]["kaplan_meier"]["survival"] == pytest.approx(curve.survival.tolist(), rel=1e-12)
    assert found["arms"][1]["median"]["value"] == curve.median
    left_out = ("proportional_hazards", "max_combo", "restricted_means")
    assert [found["comparison"][name] for name in left_out] == [None] * 3
    assert found["comparison"]["cox"]["likelihood_ratio_p"] is None
    assert found["comparison"]["cox"]["wald"]["p"] == pytest.approx(term["p"], rel=1e-9)  # of one coefficient


def test_a_table_without_a_log_rank_test_has_its_curves_and_says_why(trialeukin, tmp_path) -> None:
    apart = tmp_path / "apart.csv"
    apart.write_text("time,event,arm\n5,1,a\n6,1,a\n7,1,a\n1,0,b\n2,0,b\n3,0,b\n", encoding="utf-8")
    none = tmp_path / "none.csv"
    none.write_text(apart.read_text(encoding="utf-8").replace(",1,", ",0,"), encoding="utf-8")

    called, empty = (trialeukin("analyse", str(file), "-o", str(tmp_path / file.stem)) for file in (apart, none))

    assert (called.code, empty.code) == (0, 0), called.err + empty.err
    words = " ".join(called.out.split())
    assert "a 3 3 6 (5 to -)" in words
    assert "hazard ratio undefined - log-rank undefined -" in words
    why = "The log-rank test is undefined, and so is the hazard ratio: nothing tells the hazards of the groups apart"
    assert why in called.out
    nobody = "All 6 patients are censored in column 'event': nothing is estimated but that nobody had the event; check"
    assert f"{nobody} that events are coded 1." in empty.out
    assert "log-rank test is undefined" not in empty.out
    for stem, said in (("apart", why), ("none", "All 6 patients are censored")):
        page = (tmp_path / stem / "analysis.html").read_text(encoding="utf-8")
        assert said in page
        assert "p -" not in page


def test_a_lone_patient_who_is_censored_is_one(trialeukin, tmp_path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("time,event\n5,0\n", encoding="utf-8")

    called = trialeukin("analyse", str(file), "-o", str(tmp_path / "page"))

    assert "The only patient is censored in column 'event': nothing is estimated" in called.out
    assert "all patients 1 0 - (- to -) 100.0 % 5 (SE 0)" in " ".join(called.out.split())
    assert "The median is not reached." in (tmp_path / "page" / "analysis.html").read_text(encoding="utf-8")


def test_a_patient_of_weight_two_is_two_patients_to_the_estimate(trialeukin, tmp_path) -> None:
    head, *rows = (DATA / "veteran.csv").read_text(encoding="utf-8").splitlines()
    twice = tmp_path / "twice.csv"
    twice.write_text("\n".join([head, *rows, *rows[::3]]) + "\n", encoding="utf-8")
    table = weighed("veteran.csv", tmp_path, lambda place: 2 if place % 3 == 0 else 1)

    written, found = (
        json.loads(trialeukin("analyse", *words, "--arm", "trt", "--covariates", "karno", "--json").out)
        for words in ((str(twice),), (table, "--weights", "weight"))
    )

    for one, other in zip(written["arms"], found["arms"], strict=True):
        assert other["kaplan_meier"]["survival"] == pytest.approx(one["kaplan_meier"]["survival"], rel=1e-10)
    # Efron's ties of a heavy patient are not those of two patients: a hundredth of the ratio
    ratios = [[term["log_hazard_ratio"] for term in made["comparison"]["cox"]["terms"]] for made in (written, found)]
    assert ratios[1] == pytest.approx(ratios[0], abs=0.01)


def test_what_takes_no_weights_is_left_out_and_said(trialeukin, tmp_path) -> None:
    table = weighed("freireich.csv", tmp_path, lambda place: 1 + place % 2)

    called = trialeukin("analyse", table, "--arm", "trt", "--weights", "weight", "-o", str(tmp_path / "out"))

    assert called.code == 0, called.err
    assert "Patients weigh 1 to 2 (column 'weight') and are as precise as 37.8 who weigh alike." in called.out
    assert "Restricted means, MaxCombo, the test of proportional hazards" in called.out
    assert "largest |z|" not in called.out
    page = (tmp_path / "out" / "analysis.html").read_text(encoding="utf-8")
    assert "robust errors; the log-rank test is the weighted one" in page
    assert "MaxCombo takes the largest" not in page


@pytest.mark.parametrize(
    ("words", "weights", "message"),
    [
        (("--horizon", "20"), lambda _: 1, "horizon 20 beside weights 'weight': restricted means take no weights"),
        (("--covariates", "weight"), lambda place: 1 + place, "column 'weight' has two roles"),
        (
            (),
            lambda place: place - 3,
            "column 'weight' is -3 in row 1 (line 2 of a file with a header): weights are above zero",
        ),
        ((), lambda _: "heavy", "column 'weight' holds 'heavy' in row 1 (line 2 of a file with a header): give"),
    ],
)
def test_weights_that_cannot_be_are_refused(words, weights, message, trialeukin, tmp_path) -> None:
    table = weighed("freireich.csv", tmp_path, weights)

    called = trialeukin("analyse", table, "--arm", "trt", "--weights", "weight", *words)

    assert called.code == 2
    assert message in called.err


def test_weights_beside_late_entry_are_refused(trialeukin, tmp_path) -> None:
    table = tmp_path / "late.csv"
    rows = [f"{3 + place},1,{place % 2},{place % 3},1.5" for place in range(12)]
    table.write_text("\n".join(["time,event,arm,came,weight", *rows]) + "\n", encoding="utf-8")

    called = trialeukin("analyse", str(table), "--entry", "came", "--weights", "weight")

    assert called.code == 2
    assert "weights 'weight' beside entry 'came': the weighted log-rank test takes no late entry" in called.err


def test_semicolons_and_decimal_commas_of_a_spreadsheet_are_read_and_said(trialeukin, tmp_path) -> None:
    plain, spreadsheet = tmp_path / "plain.csv", tmp_path / "spreadsheet.csv"
    plain.write_text("months,relapse,arm\n3.5,1,a\n5,1,b\n7,0,a\n6.25,1,b\n8,1,a\n")
    spreadsheet.write_text("months;relapse;arm\r\n3,5;1;a\r\n5;1;b\r\n7;0;a\r\n6,25;1;b\r\n8;1;a\r\n")

    with_points, with_commas = (json.loads(trialeukin("analyse", str(f), "--json").out) for f in (plain, spreadsheet))
    shown = trialeukin("analyse", str(spreadsheet))

    assert with_points["comparison"] == with_commas["comparison"]
    assert "read with semicolons between cells and decimal commas" in shown.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("months,relapse\n3,5,1\n5,0\n", "numbers with decimal commas go with semicolons between cells"),
        ("months;relapse\n3,5;1\n5.5;0\n", "some numbers have a decimal comma and some a decimal point"),
        ("months,relapse,months\n3,1,3\n5,0,5\n", "the header has 'months' more than once; give each column a name"),
    ],
)
def test_tables_written_in_two_ways_are_refused_with_the_way_out(trialeukin, tmp_path, text, message) -> None:
    file = tmp_path / "mixed.csv"
    file.write_text(text)

    called = trialeukin("analyse", str(file))

    assert called.code == 2
    assert message in called.err


def test_a_column_of_censoring_has_an_option_of_its_own(trialeukin, tmp_path) -> None:
    file = tmp_path / "adtte.csv"
    file.write_text("AVAL,CNSR,TRTP\n3,0,a\n5,1,b\n7,0,a\n4,0,b\n9,1,b\n6,2,a\n")

    refused = trialeukin("analyse", str(file), "--event", "CNSR")
    found = json.loads(trialeukin("analyse", str(file), "--censored", "CNSR", "--json").out)
    written = trialeukin("analyse", str(file), "--censored", "CNSR", "-o", str(tmp_path))

    assert refused.code == 2
    assert "give --censored CNSR" in refused.err
    assert [arm["events"] for arm in found["arms"]] == [2, 1]
    assert written.code == 0
    assert "censoring in &#39;CNSR&#39;" in (tmp_path / "analysis.html").read_text(encoding="utf-8")
