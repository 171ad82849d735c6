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
