"""docs/survival.md is what its script computes today, and every value of ours is that of R."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = 1e-6  # relative: the page prints seven digits
THEIRS = 1e-3  # where a search stops depends on the machine's arithmetic


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("survival_agreement", ROOT / "validation" / "survival_agreement.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found(script):
    return script.rows()


def cells(line: str) -> list[str]:
    return [cell.strip(" *") for cell in line.strip("|").split("|")]


def test_the_page_is_not_stale(script, found) -> None:
    agreement, _ = script.PAGE.read_text(encoding="utf-8").split("## Speed")
    written = [line for line in agreement.splitlines() if line.startswith("| ")][1:]
    computed = [script.line(row) for row in found]

    assert [cells(line)[:2] for line in written] == [cells(line)[:2] for line in computed]
    for old, new in zip(written, computed, strict=True):
        for place, (before, now) in enumerate(zip(cells(old)[2:], cells(new)[2:], strict=True)):
            if "-" in (before, now):
                assert before == now
                continue
            tolerance = THEIRS if place in (1, 2) else OURS
            assert float(now) == pytest.approx(float(before), rel=tolerance, abs=1e-9), old


def test_all_statistics_of_ours_equal_those_of_r(found) -> None:
    compared = [row for row in found if row.reference is not None]

    assert len(compared) > 60
    for row in compared:
        assert row.ours == pytest.approx(row.reference, rel=1e-6), row


def test_the_speed_shown_is_that_measured_and_meets_what_is_promised(script) -> None:
    measured = json.loads(script.SPEED.read_text(encoding="utf-8"))

    assert script.PAGE.read_text(encoding="utf-8").endswith(script.speed())
    assert measured["cox"]["ratio"] >= 20.0
    assert measured["kaplan_meier"]["ours"] < 0.2
    assert measured["trials"]["seconds"] < 10.0
    assert measured["cox"]["gap"] < 1e-6
