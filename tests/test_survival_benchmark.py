"""The survival benchmark runs, small, and both packages fit the same model."""

import importlib
from pathlib import Path

import pytest


def test_a_tiny_benchmark_measures_all_that_the_page_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    benchmark = importlib.import_module("survival")
    effort = benchmark.Effort(
        rounds=2, cox_patients=500, covariates=2, curve_patients=1_000, trials=20, trial_patients=100
    )

    found = benchmark.measure(effort)

    assert found["cox"]["gap"] < 1e-4  # where the other's search stops, see docs/survival.md
    for part in ("cox", "kaplan_meier"):
        assert 0.0 < found[part]["least_ratio"] <= found[part]["ratio"]
    assert found["trials"]["seconds"] > 0.0
