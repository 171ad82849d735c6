"""The benchmark runs: a tiny one of ours and one peer, on the smallest model."""

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.model.whole import model

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PEER = "lsoda"
DAYS = 10
PROMISE = 1e-4  # the engine's, relative
TWO_METHODS = 1e-7  # what two solvers at 1e-10 and below must agree to, to judge errors of 1e-4


@pytest.fixture(scope="module", name="benchmark")
def benchmark_fixture() -> ModuleType:
    return _module("engine")


def _module(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return importlib.import_module(name)


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
        iterations=200_000,
        sensitive=benchmark.Sensitive(counts=(2,), patients=8, days=3, rounds=2, model="il2-pharmacokinetics"),
        linear=(8, 64),
        gpu=(16,),
        run=None,
        million=0,
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
    assert f"| 2 | {found['sensitivity_cost']['ratio']['2']:.2f} |" in page
    assert f"{found['peak_gflops']:.1f} GFLOP/s" in page
    assert 0.0 < found["peak_share"] < 1.0
    assert set(found["linear"]["seconds_per_patient"]) == {"8", "64"}
    assert "| times as fast as heyoka | 15 | 35 | - | not measured |" in page


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


def test_operations_are_counted_by_their_worth_in_loops_and_in_what_is_called() -> None:
    text = """
define void @step(ptr %frame, i64 %where) #0 {
entry:
  %a = fadd <8 x double> %x, %y
  call void @part(ptr %frame)
  br label %loop7
loop7:
  %i7 = phi i64 [ 0, %entry ], [ %i7n, %loop7 ]
  %b = call <8 x double> @llvm.fma.v8f64(<8 x double> %a, <8 x double> %y, <8 x double> %x)
  call void @part(ptr %frame)
  %i7n = add i64 %i7, 1
  %i7c = icmp slt i64 %i7n, 28
  br i1 %i7c, label %loop7, label %loop7e
loop7e:
  %c = fneg <8 x double> %b
  ret void
}
define internal void @part(ptr %frame) #0 {
entry:
  %d = fdiv <8 x double> %x, %y
  %e = call <8 x double> @llvm.sqrt.v8f64(<8 x double> %d)
  %f = fcmp olt <8 x double> %d, %e
  ret void
}
"""
    division_and_root, sum_of_two, fused = 2, 1, 2

    flops = _module("flops")

    assert flops.operations(text, "step") == sum_of_two + division_and_root + 28 * (fused + division_and_root)
    assert flops.operations(text, "step", flops.EACH) == 1 + 2 + 28 * (1 + 2)


def test_operations_of_a_step_do_not_depend_on_the_width_of_vectors() -> None:
    system, flops = model("il2-pharmacokinetics"), _module("flops")

    assert flops.flops_per_step(system, width=8) == flops.flops_per_step(system, width=2) > 0


def test_the_loop_of_the_peak_computes_what_it_is_counted_for() -> None:
    peak = _module("peak")
    chains = np.arange(float(peak.CHAINS))[:, np.newaxis]
    exact = 2.0 - (2.0 - chains) / 2.0**10  # x -> x / 2 + 1 goes half the way to 2; exact in binary

    ends = peak.peak_loop().ends(10)

    assert np.array_equal(ends, np.broadcast_to(exact, ends.shape))


@pytest.mark.parametrize(
    ("reached", "verdict"),
    [(None, "not measured"), (79.99, "missed"), (80.0, "met"), (169.9, "met"), (170.0, "met, and the goal")],
)
def test_a_target_is_met_by_the_exact_number(reached: float | None, verdict: str) -> None:
    targets = _module("targets")
    target = next(each for each in targets.TARGETS if each.least == 80.0)

    assert targets.verdict(target, reached) == verdict


def test_a_sensitivity_that_costs_more_than_wanted_is_missed() -> None:
    targets = _module("targets")
    (target,) = (each for each in targets.TARGETS if each.at_most)

    assert targets.verdict(target, 0.61) == "missed"
    assert targets.verdict(target, 0.6) == "met"


def test_a_missing_device_is_said_in_the_words_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    speed, sections = _module("gpu_speed"), _module("own_sections")

    def nothing() -> None:
        raise InputError("backend GPU: no driver of NVIDIA's")

    monkeypatch.setattr(speed, "first_device", nothing)
    found = speed.gpu_speed((16,))

    assert found == {"not_measured": "backend GPU: no driver of NVIDIA's"}
    assert "No device was found: not measured" in sections.gpu(found)


def test_the_figure_names_every_solver_once_and_no_two_names_touch() -> None:
    figures = _module("work_precision")
    rungs = [{"error": 10.0**-power, "milliseconds": 1.0 + power} for power in (3, 4, 5)]
    failed = [{"error": float("inf"), "milliseconds": 1.0}]

    figure = figures.work_precision_figure(dict.fromkeys(figures.NAMES, rungs) | {"another": failed}, 1e-4)

    labels = [text for text in figure.axes[0].texts if text.get_text() in figures.NAMES.values()]
    heights = sorted(text.get_position()[1] for text in labels)
    assert len(labels) == len(figures.NAMES)
    assert min(np.diff(heights)) >= 0.99 * figures.APART  # but for rounding
    assert heights[-1] <= 1.0
    assert "another" not in {text.get_text() for text in figure.axes[0].texts}


def test_a_study_runs_by_its_parts_in_a_process_of_its_own(tmp_path: Path) -> None:
    fresh, least, none = _module("fresh"), "100", "0"

    parts = fresh.parts_of("run_parts.py", str(fresh.STUDY), str(tmp_path / "run"), least, none, caches={})

    whole = parts.pop(fresh.WHOLE)
    assert {"import", "compile of the loop", "solve and trials", "report"} <= set(parts)
    assert 0.0 < sum(parts.values()) <= whole
    assert (tmp_path / "run" / "report.html").exists()


def test_the_cold_run_finds_empty_caches_and_the_warm_run_those_of_the_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = _module("fresh")
    found: list[list[str]] = []

    def use(*_: str, caches: dict[str, str]) -> dict[str, float]:
        places = [Path(place) for place in caches.values()]
        found.append([place.name for place in places if place.exists()])
        for place in places:
            place.mkdir(exist_ok=True)
        return {}

    monkeypatch.setattr(fresh, "parts_of", use)
    fresh.study_runs()

    assert found == [[], ["kernels", "loop"]]
