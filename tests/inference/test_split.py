"""The split is what the names of studies make it, and was counted before anything was fitted."""

import csv
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialeukin.inference.split import digit, held_out, held_out_by_name, studies

FILES = ("il2_pk", "il2_pd", "il2_toxicity", "donor_lymphocytes", "immune_evidence")


def rows() -> list[dict[str, str]]:
    table = resources.files("trialeukin.inference").joinpath("studies.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(table.splitlines()))


def test_the_digit_is_that_of_the_standard_test_vector() -> None:
    assert digit("abc") == "b"  # FIPS 180-4: SHA-256("abc") = ba7816bf...
    assert digit("") == "e"  # e3b0c442...


@pytest.mark.parametrize(
    ("study", "expected"),
    [
        ("Konrad 1990", True),  # 0
        ("Koreth 2016", True),  # 0
        ("Fanton 2022", True),  # 4, the last digit that is held out
        ("Koreth 2011", False),  # 6
        ("Proleukin Swiss label", False),  # 5, the first that is not
        ("Re:Mission", False),  # a
    ],
)
def test_a_study_is_held_out_by_the_first_digit_of_its_name(study: str, expected: bool) -> None:
    assert held_out_by_name(study) is expected
    assert held_out(study) is expected


def test_a_publication_is_held_out_under_all_its_names() -> None:
    assert held_out_by_name("Clin Cancer Res 1996;2:669")
    assert not held_out_by_name("CCR 1996 2:669")

    assert held_out("CCR 1996 2:669")
    assert held_out("Caligiuri/Meropol 1996 CCR 2:669")


def test_the_table_says_what_the_rule_says() -> None:
    for row in rows():
        own, whole = held_out_by_name(row["study"]), held_out(row["study"])
        assert row["digit"] == digit(row["study"]), row["study"]
        assert row["held_out"] == ("by its name" if own else "by another name" if whole else "no"), row["study"]


def test_every_row_of_the_observations_is_counted_once() -> None:
    """Rows of each file of observations, and those that the split holds out."""
    counted = {file: sum(int(row[file]) for row in rows()) for file in FILES}
    kept_apart = {file: sum(int(row[file]) for row in rows() if row["held_out"] != "no") for file in FILES}

    assert counted == dict(zip(FILES, (45, 52, 70, 83, 41), strict=True))
    assert kept_apart == dict(zip(FILES, (26, 20, 51, 7, 13), strict=True))
    assert len({each.name for each in studies()}) == len(studies()) == 104


@given(st.text(min_size=1, max_size=20))
def test_the_rule_never_forgets_a_name(name: str) -> None:
    assert held_out(name) or not held_out_by_name(name)
