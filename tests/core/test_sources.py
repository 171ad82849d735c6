"""Works are cited by their authors and the year."""

from trialeukin.core.sources import bibliography, citation

WITHOUT_YEAR = {"larson_uptodate"}  # a page that is rewritten all the time


def test_a_work_whose_author_is_named_has_its_year() -> None:
    named = {key for key, work in bibliography().entries.items() if work.persons.get("author")}

    assert {key for key in named if "year" not in bibliography().entries[key].fields} == WITHOUT_YEAR
    assert citation("qspio_tnbc") == "Wang 2024"
