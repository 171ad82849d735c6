"""The measurement of a million patients, on fewer of them."""

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PATIENTS = 1500
GIB_ALLOWED = 1.0  # a quarter of what a million may take; most of it is the interpreter and its libraries


def test_a_run_measures_its_memory_and_does_not_depend_on_its_batches() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        million = importlib.import_module("million")

    found, other = million.in_a_process(PATIENTS, 1000), million.measure(PATIENTS, 77)

    assert found["statuses"] == {"REACHED_HORIZON": PATIENTS}
    assert 0.0 < found["peak memory before the run, GiB"] <= found["peak memory, GiB"] < GIB_ALLOWED
    assert found["patients per second"] > 0
    for name in ("quantiles half-way", "mean half-way"):
        assert found[name] == other[name]
