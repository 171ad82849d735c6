"""Orders for acted work, and how tests wait for what becomes of them."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from trialeukin.store.catalogue import Catalogue
from trialeukin.store.run_record import RunOptions, RunOrder, RunRecord

PATIENCE = 20.0  # seconds, far beyond what anything here takes on a busy machine

Found = TypeVar("Found")


def order(*lines: object, seed: int = 1) -> RunOrder:
    """Return an order for work that does what lines say."""
    options = RunOptions(patients=100, replicates=10, seed=seed)
    return RunOrder(study="acted", title="An act", study_text="\n".join(map(str, lines)), options=options)


def until(true: Callable[[], object]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def ended(catalogue: Catalogue, name: str) -> RunRecord:
    """Return a run once it has ended."""
    until(lambda: catalogue.run(name).state.ended)
    return catalogue.run(name)


def asleep(catalogue: Catalogue, name: str) -> None:
    """Wait until a run sleeps."""
    until(lambda: catalogue.run(name).stage == "sleeping")


def lives(pid: int) -> bool:
    """Say whether a process lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def awaited(work: Coroutine[Any, Any, Found]) -> Found:
    """Return what a coroutine returns, in a thread of its own: where a browser is open, this one has a loop already."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()
