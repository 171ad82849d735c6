"""``trialeukin analyse`` on the data of Freireich: tables, JSON, the page, and what it refuses."""

import json
import re
from pathlib import Path

import pytest

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
        "From the data came: horizon and milestone",
    ):
        assert words in called.out


def test_json_holds_the_same_figures_and_nothing_that_is_not_a_number(trialeukin, reference_values) -> None:
    called = trialeukin("analyse", FREIREICH, "--arm", "trt", "--horizon", "20", "--milestone", "10", "--json")

    found = json.loads(called.out, parse_constant=pytest.fail)
    term = found["comparison"]["cox"]["terms"][0]
    assert term["log_hazard_ratio"] == pytest.approx(reference_values["cox_trt_efron"]["coef"]["trt"], rel=1e-6)
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
    assert "Two arms at a time" in called.out
    assert "Pairs of arms" in page
    assert len(document["pairs"]) == 6
    assert document["pairs"][0]["log_rank_p_holm"] >= document["pairs"][0]["comparison"]["log_rank"]["p"]
