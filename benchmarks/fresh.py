"""What a process of its own takes, with caches of the engine and of Numba that are empty or full."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STUDY = HERE.parent / "studies" / "calgb-19808.toml"
WHOLE = "whole process"


def parts_of(script: str, *arguments: str, caches: dict[str, str]) -> dict[str, float]:
    """Return the seconds of each part that a script beside this one prints, and of its whole process."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        env=os.environ | caches,
        stdout=subprocess.PIPE,  # what goes wrong is said on the standard error, to whoever measures
        text=True,
        check=True,
    )
    parts: dict[str, float] = json.loads(done.stdout)
    return parts | {WHOLE: time.perf_counter() - begin}


@contextmanager
def empty_caches() -> Iterator[dict[str, str]]:
    """Give the environment that names caches nobody has used."""
    with tempfile.TemporaryDirectory() as place:
        yield {"TRIALEUKIN_CACHE": f"{place}/kernels", "NUMBA_CACHE_DIR": f"{place}/loop"}


def study_runs(*effort: int) -> dict[str, Any]:
    """Return the parts of a run of CALGB 19808 with empty caches, and of the run after it.

    Parameters
    ----------
    *effort : int
        Patients, and draws of what is not known; what is left out is the default of a run.
    """
    with empty_caches() as caches, tempfile.TemporaryDirectory() as place:
        given = (str(STUDY), f"{place}/run", *map(str, effort))
        return {name: parts_of("run_parts.py", *given, caches=caches) for name in ("run_cold", "run_warm")}
