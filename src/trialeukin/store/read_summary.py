"""The summary of a run as it is written now, also of a run from before power and estimates had their names of today."""

import json
from pathlib import Path
from typing import Any

from trialeukin.store.run_directory import SUMMARY

EARLIER = "power_in_favour"  # is what power is now, and power was what is called significant now


def read_summary(directory: Path) -> Any:
    """Return what a run's ``summary.json`` holds, by the names of today.

    Raises
    ------
    OSError, ValueError
        When there is none, or it is not JSON.
    """
    found = json.loads((directory / SUMMARY).read_text(encoding="utf-8"))
    for part in (found, *found.get("endpoints", {}).values()):
        if EARLIER in part:
            both = {"value": part["power"], "monte_carlo_error": part["power_monte_carlo_error"]}
            in_favour = part.pop(EARLIER)
            part["significant"] = both
            part["power"], part["power_monte_carlo_error"] = in_favour["value"], in_favour["monte_carlo_error"]
            part["power_averaged_over_parameters"] = None  # of both directions too, and in favour not known
    for estimand in found.get("estimands", ()):
        if EARLIER in estimand:
            estimand["significant"], estimand["power"] = estimand["power"], estimand.pop(EARLIER)
    return _estimates(found)


def _estimates(found: Any) -> Any:
    """Return a document in which the middle of every interval is called ``value``, as in all documents of today."""
    if isinstance(found, list):
        return [_estimates(each) for each in found]
    if not isinstance(found, dict):
        return found
    of_then = found.keys() == {"median", "lower", "upper"}
    return {"value" if of_then and key == "median" else key: _estimates(each) for key, each in found.items()}
