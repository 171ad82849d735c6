"""The stages of a step of the states in LLVM: what earlier ones add to each, then calls of what the model generated."""

from collections.abc import Sequence

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.engine.rows import Rows
from trialeukin.engine.tableau import Tableau
from trialeukin.engine.vector_text import Writer


def write_stages(writer: Writer, tableau: Tableau, rows: Rows, lanes: tuple[str, str]) -> None:
    """Write all stages of the states, given the diagonal of a step's matrix and the inverse of its length."""
    handed = ", ".join(f"{writer.vector} {each}" for each in lanes)
    for stage in range(tableau.weights.size):
        if stage:
            write_combination(writer, tableau, stage, range(rows.states), rows.states)
        name, at = ("stage", "%point") if stage else ("begin", "%state")
        result = writer.place("%stages", stage * rows.states)
        left = writer.place("%factors", rows.factors + stage * rows.left)
        pointers = (at, "%fixed", "%rates", "%coupling", "%factors", result, left)
        writer.write(f"call void @{name}({', '.join(f'ptr {each}' for each in pointers)}, {handed})")


def write_combination(writer: Writer, tableau: Tableau, stage: int, states: Sequence[int], apart: int) -> None:
    """Write where a stage is computed and what earlier stages, so many rows apart, add to it."""
    reused = _continues(tableau.stages, stage)
    with writer.loop_over(states) as state:
        known = []
        for earlier in range(stage):
            row = writer.fresh(f"add i64 {state}, {earlier * apart}")
            known.append(writer.load("%stages", row))
        if reused:
            point = writer.binary("fadd", writer.load("%point", state), known[-1])
        else:
            point = writer.load("%state", state)
            for value, coefficient in zip(known, tableau.stages[stage], strict=False):
                point = writer.fused(value, writer.splat(coefficient), point)
        writer.store(point, "%point", state)
        coupling = writer.binary("fmul", known[0], writer.splat(tableau.couplings[stage, 0]))
        for value, coefficient in zip(known[1:], tableau.couplings[stage, 1:], strict=False):
            coupling = writer.fused(value, writer.splat(coefficient), coupling)
        writer.store(coupling, "%coupling", state)


def _continues(stages: Floats, stage: int) -> bool:
    """Say whether a stage's point is the one before plus the stage before."""
    same = np.array_equal(stages[stage, : stage - 1], stages[stage - 1, : stage - 1])
    return bool(same and stages[stage, stage - 1] == 1.0)
