"""docs/survival-levels.md shows the replicates that are kept, and the script draws the same ones again."""

import json

import numpy as np
import pytest
import survival_inference as inference
import survival_levels as script

from trialeukin.survival.cox import CoxFit
from trialeukin.survival.plateau import Plateau
from trialeukin.survival.win_ratio import WinRatio


@pytest.fixture(scope="module")
def found():
    return json.loads(script.RESULTS.read_text(encoding="utf-8"))


def test_the_page_is_of_the_script_as_it_stands(found) -> None:
    assert {name: each["digest"] for name, each in found.items()} == {
        name: case.digest for name, case in script.CASES.items()
    }, "stale: run validation/survival_levels.py"
    assert script.PAGE.read_text(encoding="utf-8") == script.page(found)


def test_all_replicates_are_drawn(found) -> None:
    assert {name: script.totals(found[name])[1] for name in script.CASES} == dict.fromkeys(script.CASES, 20_000)


def test_what_is_not_nominal_is_explained(found) -> None:
    for case in script.CASES:
        hits, replicates = script.totals(found[case])
        for name, count in hits.items():
            assert abs(count / replicates - 0.05) < script.width(replicates) or name in script.KNOWN, name


def test_nothing_is_explained_that_is_nominal_or_not_drawn(found) -> None:
    shares = {}
    for case in script.CASES:
        hits, replicates = script.totals(found[case])
        shares |= {name: (count / replicates, script.width(replicates)) for name, count in hits.items()}

    for name in script.KNOWN:
        share, width = shares[name]
        assert abs(share - 0.05) > width, name


def test_every_interval_and_test_can_be_drawn(found) -> None:
    for number, (name, case) in enumerate(script.CASES.items()):
        marks = case.draw(np.random.default_rng([number, 0]))

        assert set(marks) == set(script.totals(found[name])[0])
        assert all(mark in {False, True} for mark in marks.values())


def test_a_chunk_is_drawn_the_same_again(found) -> None:
    for case in ("one arm", "landmark", "laws"):
        assert script.chunk(case, 7) == found[case]["chunks"]["7"]


def test_other_code_or_another_number_asks_for_new_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: case.digest for name, case in script.CASES.items()}

    monkeypatch.setattr(script.more, "MARK", 0.4)

    changed = {name for name, case in script.CASES.items() if case.digest != before[name]}
    assert changed == {"wider", "landmark"}


def test_every_inference_of_the_package_is_measured_or_excepted(found) -> None:
    rows = {name for case in script.CASES for name in script.totals(found[case])[0]}
    listed = inference.inferences()

    missing = [name for name in listed if not inference.measured(name) and name not in inference.EXCEPTIONS]

    assert missing == []
    assert {"cox.interval", "win_ratio.p_value", "state_occupancy.standard_error", "gray_test.test"} <= set(listed)
    assert {row for name in inference.ROWS for row in inference.ROWS[name]} <= rows
    assert set(inference.EXCEPTIONS) <= set(listed)
    assert {name.partition(".")[0] for name in inference.ROWS} <= {name.partition(".")[0] for name in listed}


def test_a_result_with_a_p_value_an_interval_or_a_test_is_seen() -> None:
    seen = {kind: list(inference._members(kind)) for kind in (CoxFit, WinRatio, Plateau)}

    assert seen[CoxFit] == [
        "covariance", "interval", "likelihood_ratio_test", "p_values", "score_test", "standard_errors", "wald_test",
    ]  # fmt: skip
    assert seen[WinRatio] == ["interval", "log_error", "p_value"]
    assert seen[Plateau] == ["lower", "p_too_short", "upper"]
