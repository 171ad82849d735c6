"""The most that one core can do: fused multiply-adds on vectors that do not wait for each other."""

import ctypes
from collections.abc import Callable

import numpy as np
from ladders import processor_seconds

from trialeukin.core.arrays import Floats
from trialeukin.engine.machine import assemble, load, this_machine

CHAINS = 12  # more than a fused multiply-add takes cycles times what a core starts in one; fits 16 registers
ITERATIONS = 20_000_000
SHRINK, GROW = 0.5, 1.0  # x <- x * shrink + grow, which settles at grow / (1 - shrink)


def peak_text(width: int) -> str:
    """Return LLVM assembly of ``peak(iterations, result)``, which leaves the chains' ends at an address."""
    vector = f"<{width} x double>"

    def of(value: float) -> str:
        return f"<{', '.join(f'double {value:e}' for _ in range(width))}>"

    chains = range(CHAINS)
    lines = [
        f"declare {vector} @llvm.fma.v{width}f64({vector}, {vector}, {vector})",
        "define void @peak(i64 %iterations, ptr %result) {",
        "entry:",
        "  br label %again",
        "again:",
        "  %i = phi i64 [ 0, %entry ], [ %next, %again ]",
        *(f"  %x{chain} = phi {vector} [ {of(chain)}, %entry ], [ %y{chain}, %again ]" for chain in chains),
        *(
            f"  %y{chain} = call {vector} @llvm.fma.v{width}f64"
            f"({vector} %x{chain}, {vector} {of(SHRINK)}, {vector} {of(GROW)})"
            for chain in chains
        ),
        "  %next = add i64 %i, 1",
        "  %more = icmp slt i64 %next, %iterations",
        "  br i1 %more, label %again, label %done",
        "done:",
    ]
    for chain in chains:
        lines += [
            f"  %to{chain} = getelementptr {vector}, ptr %result, i64 {chain}",
            f"  store {vector} %y{chain}, ptr %to{chain}, align 8",
        ]
    return "\n".join([*lines, "  ret void", "}", ""])


def peak_loop() -> Callable[[int], Floats]:
    """Return a function that iterates all chains so many times and returns their ends, (chains, lanes)."""
    width = this_machine().width
    loaded = load(assemble(peak_text(width)), ("peak",))
    call = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(loaded.addresses[0])

    def iterate(iterations: int, owner: object = loaded) -> Floats:
        result = np.empty((CHAINS, width))
        call(iterations, result.ctypes.data)
        return result

    return iterate


def peak_gflops(*, iterations: int = ITERATIONS, rounds: int = 5) -> float:
    """Return the highest rate of all rounds, 1e9 floating-point operations a second of one core; a fused
    multiply-add is two."""
    iterate = peak_loop()
    iterate(iterations // 10)
    seconds = min(processor_seconds(lambda: iterate(iterations)) for _ in range(rounds))
    return 2.0 * CHAINS * this_machine().width * iterations / seconds / 1e9
