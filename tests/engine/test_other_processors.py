"""Generated code for processors that this one need not be: it is vectors there too, and computes the same bits."""

import platform
import re
from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest

from trialeukin.core.errors import InputError
from trialeukin.engine import cpu
from trialeukin.engine.frame import FUNCTIONS
from trialeukin.engine.kernel import Kernel
from trialeukin.engine.lowering import lower
from trialeukin.engine.machine import another_target, assemble, assembly_of, load
from trialeukin.engine.problem import Problem
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.model.whole import MODELS, model

WIDTH = 2  # doubles in a vector of the least of these processors
PLAIN = ("x86_64-unknown-linux-gnu", "x86-64", "")  # the first of its kind: no fused operation, no wide vectors


def called_and_defined(text: str, call: str) -> tuple[set[str], set[str]]:
    called = set(re.findall(rf"^\s+(?:{call})\s+(\w+)", text, re.MULTILINE))
    return called, set(re.findall(r"^(\w+):", text, re.MULTILINE))


@pytest.mark.parametrize("name", MODELS)
def test_an_arm_processor_gets_vectors_and_calls_nothing_from_outside(name: str) -> None:
    target = another_target("aarch64-unknown-linux-gnu", "generic", "+neon")

    text = assembly_of(lower(model(name), width=WIDTH).text, on=target)

    called, defined = called_and_defined(text, "bl")
    fused = re.findall(r"\bfml[as]\s+(v\d+\.2d|[dv]\d+)", text)
    assert {"begin", "stage"} <= called <= defined
    assert {*FUNCTIONS, "begin", "stage"} <= defined
    assert sum(register.endswith(".2d") for register in fused) == len(fused) > 100


def test_a_processor_without_fused_operations_calls_them_and_nothing_else_from_outside(
    immune_system: Callable[[], System],
) -> None:
    text = assembly_of(lower(immune_system(), width=WIDTH).text, on=another_target(*PLAIN))

    called, defined = called_and_defined(text, "callq?")
    assert called - defined == {"fma"}
    assert "mulpd" in text
    assert not re.search(r"\b[yz]mm|vfm", text)


@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="runs code of x86-64")
def test_a_processor_without_fused_operations_computes_the_same_bits(
    pose: Callable[..., Problem], immune_system: Callable[[], System], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = immune_system()
    problem = pose(
        system,
        [(1.0 + day, 0, 40.0, 0.0) for day in range(5)],
        patients=3,
        spread=0.3,
        horizon=10.0,
        save_times=np.arange(0.0, 10.1, 0.5),
        save=tuple(state.name for state in system.states),
    )
    lowered = lower(system, width=WIDTH)
    loaded = load(assemble(lowered.text, on=another_target(*PLAIN)))
    plain = Kernel(width=WIDTH, fixed=lowered.fixed, factors=lowered.factors, loaded=loaded)

    here = cpu.solve_on_cpu(problem)
    monkeypatch.setattr(cpu, "kernel_for", lambda *_, **__: plain)
    there = cpu.solve_on_cpu(problem)

    arrays = [each.name for each in fields(Trajectories) if isinstance(getattr(here, each.name), np.ndarray)]
    assert all(np.array_equal(getattr(here, name), getattr(there, name), equal_nan=True) for name in arrays)
    assert f"{WIDTH} lanes" in there.method


def test_a_processor_that_llvm_does_not_know_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"cannot write code for pdp11-unknown-none .*; choose Backend.CPU"):
        another_target("pdp11-unknown-none", "", "")
