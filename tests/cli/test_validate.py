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
        (("--draws", "1"), "--draws 1: give 2 to 10,000, one makes no interval; 40 by default"),
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


HEADER = "regimen,quantity,from_day,value,unit"
ROW = "aldesleukin 1 MIU/m2/day sc days 1-14,nk_count,14,600,cell/uL"


def test_observations_of_ones_own_are_predicted_as_published_ones_are(trialeukin: Call, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(
        f"case,in,{HEADER},reading,to_day,n,bound\n"
        f"mean count,,{ROW},,,12,\n"
        "in one adult,typical,aldesleukin 1 MIU/m2/day sc days 1-14,treg_count,0,8,1,highest change,14,,at least\n",
        encoding="utf-8",
    )

    called = trialeukin("validate", str(mine), "--json", *FEW, "-o", str(tmp_path / "out"))

    count, rise = json.loads(called.out)["cases"]
    assert (count["case"], count["study"], count["use"]) == ("mean count", "mine.csv", "own")
    assert (count["model"], count["patients"]) == ("aml-maintenance", "aml-cr1-adults")
    assert count["observed"]["n"] == 12
    assert count["ratio"] == pytest.approx(count["predicted"]["value"] / 600.0)
    assert (rise["patients"], rise["observed"]["bound"]) == ("typical", "at least")
    assert rise["predicted"]["value"] > 1.0
    page = (tmp_path / "out" / "validation.html").read_text(encoding="utf-8")
    assert "of your own" in page
    assert "SHA-256" not in page
    assert "Rows that cannot be used" not in page


def test_the_cells_of_a_spreadsheet_with_decimal_commas_are_read_alike(trialeukin: Call, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(f"{HEADER}\n{ROW}\n".replace(",", ";").replace("600", "600,5"), encoding="utf-8")

    called = trialeukin("validate", str(mine), "--json", *FEW, "-o", str(tmp_path / "out"))

    assert [each["observed"]["value"] for each in json.loads(called.out)["cases"]] == [600.5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADER}\n", "mine.csv: 0 rows: give 1 to 1,000"),
        ("regimen,value\nnone,2\n", "mine.csv: no column 'quantity': needed are regimen, quantity, from_day"),
        (f"{HEADER},vlaue\n{ROW},2\n", "unknown column 'vlaue'"),
        (f"{HEADER}\n{ROW.replace('MIU', 'MUI')}\n", "mine.csv, row 1: regimen, line 1: unknown unit 'MUI/m2/day'"),
        (f"{HEADER}\n{ROW}\n{ROW.replace('nk_count', 'nk_cuont')}\n", "row 2: unknown quantity 'nk_cuont'"),
        (f"{HEADER}\n{ROW.replace('600', '-2')}\n", "row 1: value -2 cell/uL: it is compared as a ratio"),
        (f"{HEADER}\n{ROW.replace('600', '0').replace('cell/uL', '1')}\n", "row 1: value 0: it is compared as a ratio"),
        (f"{HEADER}\n{ROW.replace('600', '')}\n", "row 1: value '': give a number"),
        (f"{HEADER}\n{ROW.replace('cell/uL', 'pmol/L')}\n", "row 1: "),
        (f"{HEADER},in\n{ROW},refractry\n", "in 'refractry': known are typical, first-remission"),
        (f"{HEADER},case\n{ROW},a\n{ROW},a\n", "row 2: case 'a' stands twice"),
        (f"{HEADER}\n,nk_count,14,600,cell/uL\n", "row 1: regimen '': say what was given, or 'none'"),
        (f"{HEADER}\n{ROW.replace(',14,', ',1e9,')}\n", "row 1: window from day 1e+09 to 1e+09: give 0 <= from_day"),
        (f"{HEADER},start_day\n{ROW},-3\n", "row 1: start_day -3: give day 0 or later"),
        (f"{HEADER},n\n{ROW},12.7\n", "row 1: n '12.7': give a whole number of patients, or nothing"),
        (f"{HEADER},n\n{ROW},inf\n", "row 1: n 'inf': give a finite number"),
        (f"{HEADER},spread\n{ROW},inf\n", "row 1: spread 'inf': give a finite number"),
        (
            f"in,reading,to_day,{HEADER}\ntypical,fraction,60,none,relapse,0,40,percent\n",
            "row 1: reading 'fraction' of one typical patient: say in whom, as a cohort",
        ),
        (f"{HEADER},reading\n{ROW},area\n", "reading 'area' at day 14: it needs to_day after from_day"),
        (f"{HEADER}\n{ROW.replace('aldesleukin', 'daunorubicin')}\n", "row 1: "),
    ],
)
def test_a_row_without_meaning_is_refused_with_its_number(
    trialeukin: Call, tmp_path: Path, text: str, said: str
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(text, encoding="utf-8")

    called = trialeukin("validate", str(mine), "-o", str(tmp_path / "out"))

    assert called.code == 2
    assert said in called.err
    assert not (tmp_path / "out").exists()


def test_groups_are_of_the_published_observations(trialeukin: Call, tmp_path: Path) -> None:
    called = trialeukin("validate", str(tmp_path / "mine.csv"), "--group", "markers")

    assert called.code == 2
    assert "--group is of the published observations" in called.err
