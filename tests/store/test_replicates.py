"""The file of replicate trials says what each found, and its figures make those of the summary."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from trialeukin.store.replicates import replicates
from trialeukin.store.run_directory import write_run
from trialeukin.store.summary import summary
from trialeukin.trial.result import StudyResult

COLUMNS = [
    ("treatment", "dictionary<values=string, indices=int32, ordered=0>"),
    ("PARAMCD", "dictionary<values=string, indices=int32, ordered=0>"),
    ("parameters", "dictionary<values=string, indices=int32, ordered=0>"),
    ("draw", "int64"),
    ("patients", "int64"),
    ("randomisation", "int64"),
    ("hazard_ratio", "double"),
    ("log_hazard_ratio", "double"),
    ("standard_error", "double"),
    ("z", "double"),
    ("decision", "dictionary<values=string, indices=int32, ordered=0>"),
    ("rmst_difference", "double"),
    ("rmst_months", "double"),
    ("events_control", "int64"),
    ("events_treatment", "int64"),
]


def test_every_trial_has_a_row_of_the_documented_columns(result: StudyResult, tmp_path: Path) -> None:
    place = write_run(result, tmp_path / "run", report=lambda _: "", command="x")

    table = parquet.read_table(place / "replicates.parquet")
    documented = (Path(__file__).parents[2] / "docs" / "run-directory.md").read_text(encoding="utf-8")

    assert [(field.name, str(field.type)) for field in table.schema] == COLUMNS
    assert table.num_rows == 2 * 40
    assert set(table["parameters"].to_pylist()) == {"typical"}
    assert table["draw"].null_count == table.num_rows
    assert [name for name, _ in COLUMNS if f"`{name}`" not in documented] == []


def test_the_file_gives_back_the_power_and_the_interval(result: StudyResult) -> None:
    table, told = replicates(result), summary(result)

    for endpoint in ("lfs", "os"):
        rows = [row for row in table.to_pylist() if row["PARAMCD"] == endpoint.upper()]
        better = [row["decision"] == "treatment better" for row in rows]
        either = [row["decision"] != "not significant" for row in rows]
        ratios = np.array([row["hazard_ratio"] for row in rows])
        interval = told["endpoints"][endpoint]["hazard_ratio"]
        assert np.mean(better) == pytest.approx(told["endpoints"][endpoint]["power"])
        assert np.mean(either) == pytest.approx(told["endpoints"][endpoint]["significant"]["value"])
        assert np.quantile(ratios, (0.025, 0.5, 0.975)) == pytest.approx(
            [interval["lower"], interval["value"], interval["upper"]]
        )
        assert {row["decision"] for row in rows if row["z"] > 1.96} <= {"control better"}
        assert all(row["z"] < -1.95 for row in rows if row["decision"] == "treatment better")


def test_a_trial_without_information_has_no_ratio_and_no_decision(result: StudyResult) -> None:
    found = result.endpoints[0]
    log_ratio, z = found.trials.log_ratio.copy(), found.trials.z.copy()
    log_ratio[3], z[3] = np.nan, np.nan
    without = replace(found, trials=replace(found.trials, log_ratio=log_ratio, z=z))

    row = replicates(replace(result, comparisons={"rIL-2": (without,)})).to_pylist()[3]

    assert (row["hazard_ratio"], row["z"], row["decision"]) == (None, None, None)
