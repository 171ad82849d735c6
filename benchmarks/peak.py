"""The most that one core can do: fused multiply-adds on vectors that do not wait for each other."""

import ctypes
from dataclasses import dataclass

import numpy as np
from ladders import processor_seconds

from trialeukin.core.arrays import Floats
from trialeukin.engine.machine import Loaded, assemble, load, this_machine

CHAINS = 12  # more than a fused multiply-add takes cycles times what a core starts in one; fits 16 registers
ITERATIONS = 100_000_000
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


@dataclass(frozen=True, slots=True)
class PeakLoop:
    """The loop in memory; its address holds as long as the machine code lives."""

    code: Loaded
    width: int

    def ends(self, iterations: int) -> Floats:
        """Iterate all chains so many times and return where they end, (chains, lanes)."""
        result = np.empty((CHAINS, self.width))
        call = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(self.code.addresses[0])
        call(iterations, result.ctypes.data)
        return result


def peak_loop() -> PeakLoop:
    """Return the loop for this processor."""
    width = this_machine().width
    return PeakLoop(load(assemble(peak_text(width)), ("peak",)), width)


def peak_gflops(*, iterations: int = ITERATIONS, rounds: int = 5) -> float:
    """Return the highest rate of all rounds: 1e9 operations a second of one core, a fused multiply-add being two."""
    loop = peak_loop()
    loop.ends(iterations // 10)
    seconds = min(processor_seconds(lambda: loop.ends(iterations)) for _ in range(rounds))
    return 2.0 * CHAINS * loop.width * iterations / seconds / 1e9
