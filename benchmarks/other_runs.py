"""Runs of the benchmarks on other machines, or of other code, that the page shows beside the one it is of."""

import csv
from pathlib import Path

RUNS = Path(__file__).with_name("other_runs.csv")
HEAD = {
    "processor": "processor",
    "day": "day",
    "load": "load",
    "numbalsoda": "numbalsoda",
    "heyoka": "heyoka",
    "libroadrunner": "libRoadRunner",
    "sundials": "CVODE",
    "diffrax": "diffrax",
    "peak_percent": "peak, %",
    "two_threads": "two threads",
    "sensitivity_of_one": "sensitivity, of one",
    "sensitivity_of_four": "of four",
    "sensitivity_of_sixteen": "of sixteen",
    "note": "",
}


def other_runs() -> str:
    """Return the section of the page."""
    with RUNS.open(newline="") as file:
        rows = [f"| {' | '.join(row[name] for name in HEAD)} |" for row in csv.DictReader(file)]
    return "\n".join(
        [
            "## Other runs",
            "",
            "The same benchmark on other processors, each one run too: how many times as fast as each peer, share of",
            "the core's peak, gain of two threads, and plain solves for the sensitivity to each of so many parameters.",
            "",
            f"| {' | '.join(HEAD.values())} |",
            f"|---|---|---|{'--:|' * (len(HEAD) - 4)}---|",
            *rows,
        ]
    )
