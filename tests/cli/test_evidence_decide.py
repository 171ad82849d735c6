"""``trialeukin evidence decide``: the verdict in words, numbers and a file, and what it refuses."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def nothing_of_ones_own(tmp_path: Path) -> list[str]:
    return ["--directory", str(tmp_path)]


def test_the_verdict_stands_first_and_says_what_it_rests_on(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    called = trialeukin("evidence", "decide", *nothing_of_ones_own)

    assert called.code == 0
    title, verdict = called.out.splitlines()[:2]
    assert title.endswith("leukaemia-free survival")
    assert verdict.startswith(
        "A benefit worth having is excluded: on average a hazard ratio below 0.8 has a probability"
    )
    assert "That is not firm" in called.out
    assert "k = 6; random effects" in called.out
    assert "It takes no part in the verdict" in called.out
    assert "Certainty of the evidence (GRADE): not assessed" in called.out


def test_the_json_has_every_view_and_what_one_more_trial_adds(
    trialeukin: Callable, nothing_of_ones_own: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "decision.html"
    options = ("--outcome", "os", "--relevant", "0.9", "--certainty", "0.9", "--json", "-o", str(page))
    document = json.loads(trialeukin("evidence", "decide", *options, *nothing_of_ones_own).out)

    assert document["relevant"] == 0.9
    assert {each["kind"] for each in document["views"]} >= {"average over the trials", "in a further trial"}
    for each in document["one_more_trial"]:
        chances = [each[name] for name in ("shown", "excluded", "harm", "open")]
        assert sum(chances) == pytest.approx(1.0)
    assert [each["relevant"] for each in document["by_relevant"]] == [0.7, 0.75, 0.8, 0.85, 0.9, 0.95]
    assert document["pooled"]["k"] == 5
    text = page.read_text(encoding="utf-8")
    assert document["answer"].split(":")[0] in text
    assert "not a medical device" in text


def test_what_stands_at_the_top_of_the_page_is_of_both_signs_as_the_answer_is(
    trialeukin: Callable, nothing_of_ones_own: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "decision.html"
    options = ("--pool", "aml-cr1-all", "--json", "-o", str(page))
    document = json.loads(trialeukin("evidence", "decide", *options, *nothing_of_ones_own).out)
    either = [each for each in document["views"] if each["seen_as"].startswith("with BAER2008")]

    top = re.findall(
        r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    )
    said = {re.sub(r"<[^>]*>", "", label): re.sub(r"<[^>]*>", "", value) for label, value in top}

    worth = " or ".join(f"{100.0 * each['probability_below_relevant']:.1f} %" for each in either)
    assert len(either) == 2
    assert said["probability of a hazard ratio below 0.8"] == worth
    assert worth in document["answer"]
    ratio = said["hazard ratio, by the sign of BAER2008, which is not known"]
    assert ratio.startswith(" or ".join(f"{each['hazard_ratio']['value']:.2f}" for each in either))


def test_one_trial_is_refused_and_its_numbers_shown(trialeukin: Callable, nothing_of_ones_own: list[str]) -> None:
    called = trialeukin("evidence", "decide", "--pool", "aml-cr1-histamine", *nothing_of_ones_own)

    assert called.code == 0
    assert "The evidence cannot answer: BRUNE2006 is the only trial" in called.out
    assert "0.68 (0.50 to 0.91): BRUNE2006 by itself" in called.out
    assert "still open" not in called.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--relevant", "1.2"), "hazard ratio 1.2 as just worth having: give one above 0 and below 1, such as 0.8"),
        (("-o", "decision.txt"), "decision.txt: a decision is written as .html"),
        (("--certainty", "0.5"), "certainty 0.5: give a probability above 0.5 and below 1, such as 0.95"),
        (("--pool", "aml-cr2"), "no pool 'aml-cr2': there are aml-cr1-ipd"),
        (
            ("--pool", "all-autologous", "--outcome", "os"),
            "no hazard ratio of OS printed or to be solved for: ATTAL1995",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(
    trialeukin: Callable, nothing_of_ones_own: list[str], options: tuple[str, ...], said: str
) -> None:
    called = trialeukin("evidence", "decide", *options, *nothing_of_ones_own)

    assert called.code == 2
    assert said in called.err
    assert called.out == ""


def test_all_studies_that_meet_criteria_are_weighed_instead_of_a_pool(
    trialeukin: Callable, nothing_of_ones_own: list[str]
) -> None:
    setting = ("--setting", "after autologous transplantation")
    called = trialeukin("evidence", "decide", *setting, *nothing_of_ones_own)

    assert "All studies: IL-2, after autologous transplantation" in called.out
    assert "average over 2 trials" in called.out
    beside = trialeukin("evidence", "decide", "--pool", "aml-cr1", *setting, *nothing_of_ones_own)
    assert beside.code == 2
    assert "--pool aml-cr1 has members of its own: leave out --setting" in beside.err
