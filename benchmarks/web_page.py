"""Keeps what was measured of the pages in validation/web_speed.json, and writes docs/performance-pages.md of it."""

import json
import os
from pathlib import Path
from typing import Any

from trialeukin.web.jobs.runner import TASKS_A_WORKER

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "validation" / "web_speed.json", ROOT / "docs" / "performance-pages.md"
WARM = 0.2  # of the runs: by then every part of the program has been used
WANTED = (
    ("first page of a regimen, median of 10", "first_page_s", 1.0),
    ("preview, one person, 95th percentile of 40", "preview_95_s", 2.0),
    ("preview, 20 people at once, longest of 60", "preview_of_20_people_longest_s", 5.0),
)
BESIDE = (
    ("preview, one person, median of 40", "preview_median_s"),
    ("preview, 20 people at once, median of 60", "preview_of_20_people_median_s"),
)
HEAD = """# Performance of the pages

What `trialeukin serve` takes, measured over the network of one machine with {cores} cores, whose load was {load}
when the measurement began. `benchmarks/web.py` (a part of `make bench`) and `benchmarks/web_jobs.py` write this page.

## Pages and previews

A preview is all that follows a key: the regimen read, then exposure and cells of the typical patient and 200 virtual
ones on two months of courses at a dose that nobody has asked for before. The server is warm; its model is compiled.

| what | wanted under, s | measured, s |
|---|--:|--:|
"""
MEMORY = """
## Memory over many runs

{count} real runs of a small study (two arms, 100 virtual patients, one year), asked for at once and done one after
another: resident memory of the server, and of its worker with what starts it.

| runs done | server, MB | worker, MB |
|--:|--:|--:|
{rows}

From run {warm} to run {count} the server's memory changed by {server:+.0f} MB; its worker took at most
{workers:.0f} MB. A worker is replaced after {tasks} runs, which the low figures show.
"""


def record(part: str, measured: Any) -> None:
    """Keep what was measured of one part, and write the page anew."""
    found = json.loads(RESULTS.read_text(encoding="utf-8")) | {part: measured}
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


def machine() -> dict[str, float]:
    """Return what the figures depend on beside the program."""
    return {"cores": os.cpu_count() or 1, "load": round(os.getloadavg()[0], 1)}


def page(found: dict[str, Any]) -> str:
    """Return the page."""
    pages, runs = found["pages"], found["runs"]
    warm = next(look for look in runs if look["done"] >= WARM * runs[-1]["done"])
    rows = [f"| {what} | {limit:g} | {pages[name]:.2g} |" for what, name, limit in WANTED]
    rows += [f"| {what} | – | {pages[name]:.2g} |" for what, name in BESIDE]
    memory = MEMORY.format(
        count=runs[-1]["done"],
        warm=warm["done"],
        server=runs[-1]["server_mb"] - warm["server_mb"],
        workers=max(look["workers_mb"] for look in runs),
        tasks=TASKS_A_WORKER,
        rows="\n".join(f"| {look['done']} | {look['server_mb']:.0f} | {look['workers_mb']:.0f} |" for look in runs),
    )
    return HEAD.format(**pages["machine"]) + "\n".join(rows) + "\n" + memory
