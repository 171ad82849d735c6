"""A disease is found in the words of a study's file by its own name, and in nothing that only looks like it."""

import pytest

from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.disease import NamedDisease


@pytest.mark.parametrize(
    ("disease", "words", "is_of"),
    [
        (NamedDisease.ALL, "ALL (adult)", True),
        (NamedDisease.ALL, "Acute lymphoblastic leukemia", True),
        (NamedDisease.ALL, "small lymphocytic lymphoma", False),
        (NamedDisease.ALL, "all leukaemias", False),
        (NamedDisease.AML, "AML (non-APL)", True),
        (NamedDisease.AML, "acute myeloid leukaemia", True),
        (NamedDisease.AML, "acute leukaemia", False),
        (NamedDisease.CML, "non-CML; AML/MDS/MPD 22 of 35", False),
        (NamedDisease.MDS, "non-CML; AML/MDS/MPD 22 of 35", True),
        (NamedDisease.HAIRY_CELL, "hairy cell leukaemia", True),
        (NamedDisease.LYMPHOMA, "NHL 32, HD 24", True),
    ],
)
def test_a_disease_is_named_by_a_whole_word_and_one_that_is_left_out_is_not_it(
    disease: NamedDisease, words: str, is_of: bool
) -> None:
    assert disease.is_named_in(words) is is_of


@pytest.mark.parametrize("disease", NamedDisease)
def test_every_disease_that_can_be_asked_for_is_one_of_the_base(disease: NamedDisease) -> None:
    assert any(disease.is_named_in(each.study.disease) for each in own_studies().values())
