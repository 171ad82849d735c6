"""Summaries of runs from when power and estimates had other names are read by the names of today."""

import json
from pathlib import Path

from trialeukin.store.read_summary import read_summary
from trialeukin.store.summary import summary
from trialeukin.trial.result import StudyResult

BOTH, IN_FAVOUR = {"value": 0.2, "monte_carlo_error": 0.01}, {"value": 0.05, "monte_carlo_error": 0.004}


def test_a_summary_of_today_is_read_as_it_is(result: StudyResult, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(json.dumps(summary(result)), encoding="utf-8")

    assert read_summary(tmp_path) == json.loads(json.dumps(summary(result)))


def test_power_of_both_directions_is_called_significant_and_that_in_favour_power(tmp_path: Path) -> None:
    of_then = {
        "power": BOTH["value"],
        "power_monte_carlo_error": BOTH["monte_carlo_error"],
        "power_in_favour": IN_FAVOUR,
        "power_averaged_over_parameters": BOTH,
    }
    then = {**of_then, "endpoints": {"lfs": of_then}, "estimands": [{"power": BOTH, "power_in_favour": IN_FAVOUR}]}
    (tmp_path / "summary.json").write_text(json.dumps(then), encoding="utf-8")

    found = read_summary(tmp_path)

    for part in (found, found["endpoints"]["lfs"]):
        assert (part["power"], part["power_monte_carlo_error"]) == tuple(IN_FAVOUR.values())
        assert part["significant"] == BOTH
        assert part["power_averaged_over_parameters"] is None  # of both directions, and in favour it is not known
    assert found["estimands"] == [{"power": IN_FAVOUR, "significant": BOTH}]


def test_the_middle_of_an_interval_that_was_called_median_is_its_value(tmp_path: Path) -> None:
    ratio, adherence = {"median": 0.9, "lower": 0.7, "upper": 1.2}, {"median": 0.8, "mean": 0.7}
    then = {"endpoints": {"lfs": {"variance": [{"hazard_ratio": ratio}]}}, "arms": [adherence]}
    (tmp_path / "summary.json").write_text(json.dumps(then), encoding="utf-8")

    found = read_summary(tmp_path)

    assert found["endpoints"]["lfs"]["variance"] == [{"hazard_ratio": {"value": 0.9, "lower": 0.7, "upper": 1.2}}]
    assert found["arms"] == [adherence]  # no interval
