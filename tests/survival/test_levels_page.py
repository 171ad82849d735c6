"""docs/survival-levels.md shows the replicates that are kept, and the script draws the same ones again."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script():
    sys.path.insert(0, str(ROOT / "validation"))
    import survival_levels  # noqa: PLC0415

    sys.path.pop(0)
    return survival_levels


@pytest.fixture(scope="module")
def found(script):
    return json.loads(script.RESULTS.read_text(encoding="utf-8"))


def test_the_page_is_of_the_script_as_it_stands(script, found) -> None:
    assert found["digest"] == script.digest(), "stale: run validation/survival_levels.py"
    assert script.PAGE.read_text(encoding="utf-8") == script.page(found)


def test_what_is_not_nominal_is_explained(script, found) -> None:
    for case in script.CASES:
        hits, replicates = script.totals(found["cases"][case])
        for name, count in hits.items():
            error = (0.05 * 0.95 / replicates) ** 0.5
            assert abs(count / replicates - 0.05) < 3.3 * error or name in script.KNOWN, name


def test_every_interval_and_test_can_be_drawn(script) -> None:
    for number, (draw, _) in enumerate(script.CASES.values()):
        marks = draw(np.random.default_rng([number, 0]))

        assert marks
        assert all(isinstance(bool(mark), bool) for mark in marks.values())
