"""Measures the pages as people use them: first page, preview of a regimen, twenty people at once, memory over runs.

One server of its own, asked over the network of this machine. Writes docs/performance-pages.md.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from web_page import machine, record

COMMAND = Path(sys.executable).parent / "trialeukin"
TEXT = "aldesleukin {dose} MIU/m2/day sc days 1-14, 19-28, 33-42; aldesleukin 12 MIU/m2/day sc days 15-17, 29-31"
KEYS = 40
PEOPLE, EACH = 20, 3


def main() -> None:
    with tempfile.TemporaryDirectory() as data, running(data) as (address, process):
        found = measured(address, process)
    record("pages", found)
    print(json.dumps(found, indent=2))


@contextmanager
def running(data: str) -> Iterator[tuple[str, int]]:
    """Yield the address and the process of a server of its own."""
    server = subprocess.Popen([COMMAND, "serve", "--port", "0", "--data", data], stdout=subprocess.PIPE, text=True)
    try:
        yield re.search(r"http://\S+?/", server.stdout.readline()).group(), server.pid
    finally:
        server.terminate()
        server.wait()


def measured(address: str, process: int) -> dict[str, object]:
    around = machine()
    preview(address, 1.0)  # compiles the model, once for all
    pages = [seconds(address + "regimen?name=calgb-19808") for _ in range(10)]
    alone = [preview(address, 1.0 + 0.01 * key) for key in range(KEYS)]
    before = memory(process)
    with ThreadPoolExecutor(PEOPLE) as people:
        together = list(people.map(lambda key: preview(address, 2.0 + 0.01 * key), range(PEOPLE * EACH)))
    for key in range(400):
        seconds(address + "regimen/reading?" + urllib.parse.urlencode({"text": TEXT.format(dose=4.0 + 0.01 * key)}))
    return {
        "machine": around,
        "first_page_s": statistics.median(pages),
        "preview_median_s": statistics.median(alone),
        "preview_95_s": statistics.quantiles(alone, n=20)[-1],
        "preview_of_20_people_median_s": statistics.median(together),
        "preview_of_20_people_longest_s": max(together),
        "memory_mb_before": before,
        "memory_mb_after": memory(process),
    }


def preview(address: str, dose: float) -> float:
    """Return the seconds from the last key to the response: the reading, then what it does."""
    asked = urllib.parse.urlencode({"text": TEXT.format(dose=round(dose, 3))})
    return seconds(f"{address}regimen/reading?{asked}") + seconds(f"{address}regimen/response?{asked}")


def seconds(address: str) -> float:
    started = time.perf_counter()
    with urllib.request.urlopen(address) as answer:
        answer.read()
    return time.perf_counter() - started


def memory(process: int) -> float:
    """Return the memory of a process in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024.0


if __name__ == "__main__":
    main()
