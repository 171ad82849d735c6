"""docs/log-rank-and-cure.md shows what its script found, and what it says of the tests holds."""

import json

import log_rank_and_cure as script
import numpy as np
import pytest


def test_the_table_is_what_was_found() -> None:
    found = json.loads(script.RESULTS.read_text(encoding="utf-8"))

    assert script.table(found) in script.PAGE.read_text(encoding="utf-8")


def test_the_words_follow_from_the_numbers() -> None:
    found = json.loads(script.RESULTS.read_text(encoding="utf-8"))
    hazard, cure = (dict(zip(script.TESTS, found[name], strict=True)) for name in ("hazard", "cure"))
    error = (0.25 / script.TRIALS) ** 0.5

    assert hazard["log-rank"] - cure["log-rank"] > 2.0 * 2.0**0.5 * error
    assert hazard["restricted means to 48"] - cure["restricted means to 48"] > 2.0 * 2.0**0.5 * error
    assert min(hazard, key=hazard.get) == "Fleming-Harrington (0, 1)"
    assert max(cure.values()) - cure["MaxCombo"] <= error
    assert max(hazard.values()) - hazard["MaxCombo"] <= 2.0**0.5 * error


def test_the_script_computes_the_same_again() -> None:
    few = 40

    again = script.powers(np.random.default_rng(7), few, cures=True)

    found = json.loads(script.RESULTS.read_text(encoding="utf-8"))["cure"]
    assert again == pytest.approx(np.array(found), abs=3.3 * (0.25 / few) ** 0.5)
