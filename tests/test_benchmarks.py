"""The benchmark runs: a tiny one of ours and one peer, on the smallest model."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PEER = "lsoda"
DAYS = 10
PROMISE = 1e-4  # the engine's, relative
TWO_METHODS = 1e-7  # what two solvers at 1e-10 and below must agree to, to judge errors of 1e-4


@pytest.fixture(scope="module", name="benchmark")
def benchmark_fixture() -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return importlib.import_module("engine")


def test_a_tiny_benchmark_measures_what_the_page_shows(benchmark: ModuleType) -> None:
    effort = benchmark.Effort(
        model="il2-pharmacokinetics",
        peers=(PEER,),
        days=DAYS,
        compared=2,
        copies=2,
        patients=8,
        trial_patients=0,
        rounds=2,
        starts=0,
    )

    found = benchmark.measure(effort)
    page = benchmark.page(found)

    assert found["patients_per_second_core"] > 0.0
    assert found["failed"] == 0
    assert found["error"]["reference"] < TWO_METHODS
    assert found["error"]["ours"] < PROMISE
    assert found["like_error"][PEER]["our_error"] <= found["error"][PEER] <= PROMISE
    assert found["ratio_spread"][PEER][0] <= found["ratio"][PEER] <= found["ratio_spread"][PEER][1]
    assert f"differs from\n  it by {found['error']['reference']:.1e}" in page
    assert f"| {found['error'][PEER]:.1e} |" in page


def test_a_start_follows_patients_in_a_process_of_its_own(benchmark: ModuleType) -> None:
    parts = benchmark.start({})

    whole = parts.pop("whole process")
    assert {"import", "kernel", "patients"} <= set(parts)
    assert 0.0 < sum(parts.values()) <= whole


def test_the_whole_trial_has_events_and_rules_in_one_arm(benchmark: ModuleType) -> None:
    treated, observed = benchmark.whole_trial(2)

    assert treated.problem.rules
    assert not observed.problem.rules
    assert treated.problem.doses.times.size > observed.problem.doses.times.size == 0
    assert treated.problem.system.events
    assert np.array_equal(treated.problem.parameters, observed.problem.parameters)
