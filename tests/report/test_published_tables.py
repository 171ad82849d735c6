"""What the tables of a published study call its arms."""

import pytest

from trialeukin.evidence.catalogue import own_studies
from trialeukin.report.published_tables import arm_label, biologic_effects, study_tables

STUDIES = own_studies()
IN_WHOM = "in whom"


@pytest.mark.parametrize("name", STUDIES)
def test_every_arm_of_a_study_has_a_name_in_words_of_its_own(name: str) -> None:
    study = STUDIES[name]

    labels = [arm_label(arm, study) for arm in study.arms]

    assert len(set(labels)) == len(labels)
    assert not any("_" in label or "il2" in label.split() for label in labels)


@pytest.mark.parametrize("name", STUDIES)
def test_no_table_of_a_study_says_the_code_of_an_arm(name: str) -> None:
    codes = {arm.name for arm in STUDIES[name].arms if "_" in arm.name or "il2" in arm.name}

    said = [row[table.head.index(IN_WHOM)] for table in study_tables(STUDIES[name]) for row in table.rows]

    assert not [words for words in said if codes & set(words.replace("(", " ").split())]


def test_a_comparison_of_arms_and_arms_of_one_role_are_told_apart() -> None:
    table = biologic_effects(STUDIES).table
    said = {(row[0], row[table.head.index(IN_WHOM)].partition(",")[0]) for row in table.rows}

    assert {words for study, words in said if study == "FARAG2002"} <= {"low", "low pulse"}
    assert arm_label(STUDIES["GANSER2000"].arm("il2_high"), STUDIES["GANSER2000"]) == "IL-2 high"
    results = next(table for table in study_tables(STUDIES["GANSER2000"]) if table.caption == "Results")
    assert any(row[1].startswith("IL-2 high v IL-2 low") for row in results.rows)


def test_a_biologic_effect_keeps_its_unit_beside_the_clinical_effect() -> None:
    """A proportion of patients and a count of cells are both bare numbers without it."""
    table = biologic_effects(STUDIES).table

    found = [row[table.head.index("found")] for row in table.rows if row[0] == "BACHANOVA2014"]

    assert found == ["0.1 of patients", "0.27 of patients", "1000 cells/uL (median, expanders)"]


def test_a_hazard_ratio_of_a_study_is_shown_with_its_interval_beside_the_logarithm() -> None:
    ratios = study_tables(STUDIES["KOLITZ2014"])[0]

    assert ratios.rows[0][ratios.head.index("hazard ratio (95 %)")] == "0.75 (0.52 to 1.08)"
    unsigned = study_tables(STUDIES["BAER2008"])[0]
    assert {row[unsigned.head.index("hazard ratio (95 %)")] for row in unsigned.rows} == {"–"}


def test_a_marker_stands_with_its_unit_as_a_reader_writes_it() -> None:
    found = {row[3] for row in biologic_effects(own_studies()).table.rows}

    assert "27 × 10⁹/L, before 3.6 × 10⁹/L" in found
    assert not any("1e9" in each for each in found)
