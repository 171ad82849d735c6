"""``trialeukin validate``: the scoreboard as text, as JSON and as a page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., object]
FEW = ("--draws", "3")


def test_one_case_is_shown_with_its_prediction_and_a_page_is_written(trialeukin: Call, tmp_path: Path) -> None:
    called = trialeukin("validate", "--case", "remission_nk", *FEW, "-o", str(tmp_path))

    assert called.code == 0
    assert "remission_nk" in called.out
    assert "nk count, change" in called.out
    assert "1 case\n" in called.out
    assert called.err == ""
    page = (tmp_path / "validation.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "remission_nk" in page
    assert "http" not in page.split("<svg")[0]  # nothing is fetched
    assert sorted(path.name for path in tmp_path.iterdir()) == ["validation.html", "validation.json"]


def test_json_is_one_document_that_is_also_in_the_directory(trialeukin: Call, tmp_path: Path) -> None:
    called = trialeukin("validate", "--json", "--group", "markers", *FEW, "-o", str(tmp_path))

    document = json.loads(called.out)
    assert document == json.loads((tmp_path / "validation.json").read_text(encoding="utf-8"))
    assert document["format"] == "trialeukin scoreboard 1"
    assert {case["group"] for case in document["cases"]} == {"markers"}
    assert all(each["reason"] for each in document["unusable"])
    assert [line["use"] for line in document["shares"] if line["group"] == "all"] == ["fitted", "held out"]
    case = next(each for each in document["cases"] if each["case"] == "goldstein_killing")
    assert case["observed"]["value"] == 75.0
    assert case["use"] == "held out"
    assert case["predicted"]["low"] < case["predicted"]["value"] < case["predicted"]["high"]
    assert case["predicted"]["interval_of"] == "parameters and the stated error of the observation"
    assert case["ratio"] == pytest.approx(case["predicted"]["value"] / 75.0)
    assert case["rows"] == ["il2_pd_observations.csv:28"]


def test_a_row_without_prediction_is_listed_with_its_reason(trialeukin: Call, tmp_path: Path) -> None:
    called = trialeukin("validate", "--case", "fanton_half_life", "-o", str(tmp_path))

    assert called.code == 0
    assert "half-life of rezpegaldesleukin in il2-products is read off this row" in called.out


def test_a_group_without_any_case_that_can_be_predicted_is_listed_all_the_same(
    trialeukin: Call, tmp_path: Path
) -> None:
    called = trialeukin("validate", "--group", "immune evidence", "-o", str(tmp_path))

    assert called.code == 0
    assert "41 rows without a prediction" in called.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--group", "cell count"), "--group 'cell count' is unknown: known are 'pharmacokinetics', 'cell counts'"),
        (("--case", "remision_nk"), "--case 'remision_nk' is unknown; did you mean 'remission_nk'"),
        (("--case", "xyzzy"), "--case 'xyzzy' is unknown; the page of 'trialeukin validate' lists them all"),
        (("--group", "toxicity", "--case", "remission_nk"), "has no case of the name 'remission_nk'"),
        (("--draws", "0"), "--draws 0: give 1 to 10,000; 40 by default"),
    ],
)
def test_a_wrong_request_ends_with_2_and_the_way_out(
    trialeukin: Call, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    called = trialeukin("validate", *arguments, "-o", str(tmp_path))

    assert called.code == 2
    assert message in called.err
    assert called.out == ""


def test_a_place_that_is_a_file_is_refused_before_the_work(trialeukin: Call, tmp_path: Path) -> None:
    place = tmp_path / "taken"
    place.write_text("mine", encoding="utf-8")

    called = trialeukin("validate", "-o", str(place))

    assert called.code == 2
    assert "cannot be made a directory" in called.err
    assert place.read_text(encoding="utf-8") == "mine"
