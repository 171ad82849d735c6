"""The pages on credibility and on the review's questions are of what stands, and nothing on them is stale."""

from pathlib import Path

import credibility
import pytest
import review_questions


@pytest.fixture(scope="module")
def claimed() -> dict[str, tuple[credibility.Claim, ...]]:
    return credibility.claims()


def test_no_claim_is_stale(claimed: dict[str, tuple[credibility.Claim, ...]]) -> None:
    stale = [each.what for group in claimed.values() for each in group if each.status is credibility.Status.STALE]
    assert not stale, "run `make figures`"


def test_the_page_is_written_from_the_claims(claimed: dict[str, tuple[credibility.Claim, ...]]) -> None:
    assert credibility.PAGE.read_text(encoding="utf-8") == credibility.page(claimed), "run validation/credibility.py"


def test_a_claim_of_another_model_is_stale_whatever_it_found() -> None:
    claim = credibility.Claim(what="", asked="1", found="1", met=True, page="", fresh=False)
    assert claim.status is credibility.Status.STALE


def test_every_page_and_test_that_is_named_is_there(claimed: dict[str, tuple[credibility.Claim, ...]]) -> None:
    for group in claimed.values():
        for each in group:
            assert (credibility.PAGE.parent / each.page).is_file()
    for path, name in credibility.TESTS.values():
        assert f"def {name}" in Path(credibility.ROOT / path).read_text(encoding="utf-8")


def test_the_answers_to_the_review_are_those_of_what_stands() -> None:
    """Whether what they are read from is fresh is looked at above."""
    assert review_questions.PAGE.read_text(encoding="utf-8") == review_questions.page(), (
        "stale: run validation/review_questions.py"
    )
