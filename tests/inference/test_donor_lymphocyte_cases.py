"""Published results of donor lymphocytes as cases: all rows are there, can be run as written, and keep the split."""

import csv
import hashlib
from importlib import resources

import pytest

from trialeukin.core.sources import Source
from trialeukin.model.whole import model
from trialeukin.population.description import cohort_names, load_description
from trialeukin.regimen.parse import parse

CASES = resources.files("trialeukin").joinpath("inference", "cases", "donor_lymphocytes.csv")
ROWS = list(csv.DictReader(CASES.read_text(encoding="utf-8").splitlines()))
USED = [row for row in ROWS if row["use"] != "unused"]
LINES = range(2, 85)  # of the shared table of 83 rows under one line of names


def test_every_row_of_the_evidence_is_a_case_once() -> None:
    assert [row["row"] for row in ROWS] == [f"dli_observations.csv:{line}" for line in LINES]
    assert len({row["case"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_a_case_names_its_source_and_an_unused_or_assumed_one_its_reason(row: dict[str, str]) -> None:
    assert row["use"] in {"fitted", "held out", "unused"}
    assert Source(row["key"], row["place"])
    assert row["reason"]


@pytest.mark.parametrize("row", USED, ids=lambda row: row["case"])
def test_a_case_that_is_used_can_be_run_as_written(row: dict[str, str]) -> None:
    system = model(row["model"])

    assert set(row["patients"].split(" + ")) <= set(cohort_names())
    assert parse(row["regimen"])
    assert set(row["quantity"].split(" or ")) <= {event.name for event in system.events}
    assert row["reading"] in {"fraction", "median time"}
    assert 0.0 <= float(row["value"]) <= 100.0
    assert float(row["from_day"]) < float(row["to_day"])


@pytest.mark.parametrize(
    "row", [row for row in USED if "half in early relapse" in row["reason"]], ids=lambda row: row["case"]
)
def test_half_in_early_relapse_is_half_of_the_patients(row: dict[str, str]) -> None:
    stages = sorted(name.removesuffix("-sibling").removesuffix("-unrelated") for name in row["patients"].split(" + "))

    assert stages[1] == "cml-haematological-relapse"
    assert stages[0] in {"cml-early-relapse", "cml-cytogenetic-relapse"}


ONE_KIND = [
    (name, donor)
    for name in cohort_names()
    for donor in ("sibling", "unrelated")
    if name.startswith("cml-") and f"{name}-{donor}" in cohort_names()
]


@pytest.mark.parametrize(("name", "donor"), ONE_KIND)
def test_a_cohort_of_one_kind_of_donor_is_otherwise_that_of_both(name: str, donor: str) -> None:
    both, one = load_description(name), load_description(f"{name}-{donor}")

    assert both.transplant is not None
    assert one.transplant is not None
    assert one.transplant.unrelated == (donor == "unrelated")
    differing = {"unrelated", "source"}
    assert one.transplant.model_dump(exclude=differing) == both.transplant.model_dump(exclude=differing)
    assert (one.parameters, one.age, one.body) == (both.parameters, both.age, both.body)


def test_no_study_that_its_name_holds_out_was_fitted() -> None:
    held = {row["study"] for row in ROWS if hashlib.sha256(row["study"].encode()).hexdigest()[0] in "01234"}

    assert held == {"Dazzi (durability)", "CD8 memory T-cell infusion (phase 1)"}
    assert not [row["case"] for row in ROWS if row["study"] in held and row["use"] == "fitted"]
