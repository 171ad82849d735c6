"""Measures the memory of a server and of its worker over many real runs: `python benchmarks/web_jobs.py 500`.

The runs are small, a short regimen and a short follow-up, so that there can be many. Writes docs/performance-pages.md.
"""

import json
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from web import memory, running
from web_page import record

STUDY = """
[study]
name = "small"
title = "A short course, followed for a year"
question = "Does the server's memory grow with the runs it does?"
source = "made up for this measurement"

[population]
cohort = "aml-cr1-children"
start_after_days = 7

[[arms]]
name = "rIL-2"
n = 144
regimen = "aldesleukin 1 MIU/m2/day sc days 1-3"

[[arms]]
name = "no further therapy"
n = 145
control = true

[accrual]
months = 6

[follow_up]
after_last_entry_months = 12
horizon_months = 12
drop_out_per_year = 0.02
examinations = [{ every_months = 3, until_months = 12 }]

[analysis]
endpoints = ["lfs"]
milestones_months = [12]
treatment = "rIL-2"
alpha = 0.05
"""
LOOKS = 20
TICK = 5.0  # seconds


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as data, running(data) as (address, process):
        found = []
        for look in looks(address, process, count):
            print(look, flush=True)
            found.append(look)
    record("runs", found)


def looks(address: str, process: int, count: int) -> Iterator[dict[str, float]]:
    """Yield the memory of the server and of its workers, MB, whenever another twentieth of the runs is done."""
    for seed in range(count):
        posted(address + "api/runs", {"text": STUDY, "patients": 100, "replicates": 10, "seed": seed})
    done = looked = 0
    while done < count:
        found = states(address, count)
        if found["failed"]:
            raise RuntimeError(f"{found['failed']} of {count} runs failed")
        done = found["done"]
        if done >= (looked + 1) * count // LOOKS:
            workers = sum(memory(child) for child in children(process))
            yield {"done": done, "server_mb": memory(process), "workers_mb": workers}
            looked += 1
        time.sleep(TICK)


def posted(address: str, body: dict[str, object]) -> None:
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        answer.read()


def states(address: str, count: int) -> Counter[str]:
    """Return how many runs are in each state."""
    found: Counter[str] = Counter()
    for offset in range(0, count, 200):
        with urllib.request.urlopen(f"{address}api/runs?limit=200&offset={offset}") as answer:
            found.update(run["state"] for run in json.load(answer)["runs"])
    return found


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(each) for found in lists for each in found.read_text(encoding="ascii").split()]


if __name__ == "__main__":
    main()
