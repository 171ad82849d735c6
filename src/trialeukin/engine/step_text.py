"""The parts of a step that are the same for every model, as loops over states in LLVM."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.engine.control_text import write_judgement, write_length
from trialeukin.engine.tableau import Tableau
from trialeukin.engine.vector_functions import rough_reciprocal
from trialeukin.engine.vector_text import Writer

SHARED = ("fixed", "rates", "coupling", "factors")
SLACK = 10.0  # how many times larger than those of states the errors of sensitivities may be
CONTROL = ("time", "end", "stop", "wish", "due", "steps", "most", "reason", "attention", "accepted", "fraction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The sensitivities to one parameter.

    Attributes
    ----------
    parameter : int
        Its place among the parameters.
    rows : tuple of int
        Where they stand behind the states: as many rows a parameter as there are states, of which those count that
        it can change.
    """

    parameter: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a step follows: the states, and blocks of sensitivities behind them."""

    states: int
    blocks: tuple[Block, ...] = ()

    @property
    def count(self) -> int:
        """How many rows there are, those that do not count included."""
        return self.states * (1 + len(self.blocks))

    @property
    def all(self) -> list[int]:
        """The rows that count."""
        return [*range(self.states), *(row for block in self.blocks for row in block.rows)]


def write_step(writer: Writer, tableau: Tableau, rows: Rows) -> None:
    """Write `step`: its length, all stages, the state at the end, its error, and what that means for each lane."""
    with writer.function("step", writer.handed):
        writer.take("state", "candidate", "stages", "point", "length", "error", "margin", "tolerance", "floor", *SHARED)
        writer.take(*CONTROL)
        length = write_length(writer)
        inverse = writer.binary("fdiv", writer.splat(1.0), length)
        diagonal = writer.binary("fmul", inverse, writer.splat(1.0 / tableau.diagonal))
        shared = ", ".join(f"ptr %{name}" for name in SHARED)
        lanes = f"{writer.vector} {diagonal}, {writer.vector} {inverse}"
        writer.write(f"call void @begin(ptr %state, {shared}, ptr %stages, {lanes})")
        for stage in range(1, tableau.weights.size):
            _write_point(writer, tableau, stage, rows)
            result = writer.place("%stages", stage * rows.count)
            writer.write(f"call void @stage(ptr %point, {shared}, ptr {result}, {lanes})")
        error, margin = _write_end(writer, tableau, rows)
        if rows.blocks:
            writer.take("parameters")
            error = _write_end_of_slopes(writer, tableau, rows, error)
        writer.store(error, "%error", 0)
        write_judgement(writer, length, error, margin)


def _write_point(writer: Writer, tableau: Tableau, stage: int, rows: Rows) -> None:
    """Write where a stage is computed and what earlier stages add to it."""
    reused = _continues(tableau.stages, stage)
    with writer.loop_over(rows.all) as state:
        known = []
        for earlier in range(stage):
            row = writer.fresh(f"add i64 {state}, {earlier * rows.count}")
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


def _write_end(writer: Writer, tableau: Tableau, rows: Rows) -> tuple[str, str]:
    """Write the new state; return the mean square of error over tolerance, and the distance from the floor."""
    vector, states, last = writer.vector, rows.states, (tableau.weights.size - 1) * rows.count
    relative = writer.load_scalar("%tolerance", 0)
    with writer.loop(states, total=writer.splat(0.0), least=writer.splat(float("inf"))) as state:
        row = writer.fresh(f"add i64 {state}, {last}")
        error = writer.load("%stages", row)
        end = writer.binary("fadd", writer.load("%point", state), error)
        writer.store(end, "%candidate", state)
        size = writer.intrinsic("fabs", end)  # the larger of both ends would let a state that falls keep its error
        following = writer.fresh(f"add i64 {state}, 1")
        scale = writer.fused(size, relative, writer.load_scalar("%tolerance", following))
        ratio = writer.binary("fmul", error, rough_reciprocal(writer, scale))
        above = writer.binary("fadd", end, writer.load_scalar("%floor", state))
        lower = writer.compare("olt", above, "%least")
        kind = f"v{writer.width}f64"
        writer.name(
            "total_next", f"call {vector} @llvm.fma.{kind}({vector} {ratio}, {vector} {ratio}, {vector} %total)"
        )
        writer.name("least_next", f"select {writer.truths} {lower}, {vector} {above}, {vector} %least")
    error = writer.binary("fmul", "%total_next", writer.splat(1.0 / states))
    writer.store("%least_next", "%margin", 0)
    return error, "%least_next"


def _write_end_of_slopes(writer: Writer, tableau: Tableau, rows: Rows, error: str) -> str:
    """Write the new sensitivities; return the larger of the error and that of each block of them.

    The sensitivity s to a parameter p is judged as p s is, which has the unit of its state, to `SLACK` times the
    state's tolerance; where p is zero, as if it were one.
    """
    last, vector, kind = (tableau.weights.size - 1) * rows.count, writer.vector, f"v{writer.width}f64"
    relative = writer.load_scalar("%tolerance", 0)
    for number, block in enumerate(rows.blocks, start=1):
        if not block.rows:
            continue
        parameter = writer.intrinsic("fabs", writer.load("%parameters", block.parameter))
        one, zero = writer.splat(1.0), writer.splat(0.0)
        parameter = writer.select(writer.compare("oeq", parameter, zero), one, parameter)
        weight = writer.binary("fmul", parameter, writer.splat(1.0 / SLACK))
        with writer.loop_over(block.rows, **{f"total{number}": writer.splat(0.0)}) as row:
            change = writer.load("%stages", writer.fresh(f"add i64 {row}, {last}"))
            end = writer.binary("fadd", writer.load("%point", row), change)
            writer.store(end, "%candidate", row)
            size = writer.binary("fmul", writer.intrinsic("fabs", end), parameter)
            following = writer.fresh(f"add i64 {row}, {1 - number * rows.states}")
            scale = writer.fused(size, relative, writer.load_scalar("%tolerance", following))
            change = writer.binary("fmul", change, weight)
            ratio = writer.binary("fmul", change, rough_reciprocal(writer, scale))
            square = f"{vector} {ratio}, {vector} {ratio}, {vector} %total{number}"
            writer.name(f"total{number}_next", f"call {vector} @llvm.fma.{kind}({square})")
        mean = writer.binary("fmul", f"%total{number}_next", writer.splat(1.0 / rows.states))
        error = writer.select(writer.compare("ogt", error, mean), error, mean)  # which also keeps what is no number
    return error


def write_commit(writer: Writer, rows: Rows) -> None:
    """Write `commit`: accepted lanes move to the end of the step."""
    with writer.function("commit", writer.handed):
        writer.take("state", "candidate", "accepted", "time", "end")
        writer.store(writer.load("%end", 0), "%time", 0)
        accepted = writer.compare("ogt", writer.load("%accepted", 0), writer.splat(0.5))
        with writer.loop_over(rows.all) as state:
            moved = writer.select(accepted, writer.load("%candidate", state), writer.load("%state", state))
            writer.store(moved, "%state", state)


def write_between(writer: Writer, tableau: Tableau, rows: Rows) -> None:
    """Write `between`: the states at a fraction of the step just taken."""
    with writer.function("between", writer.handed):
        writer.take("state", "stages", "fraction", "between")
        fraction = writer.load("%fraction", 0)
        rest = writer.binary("fsub", writer.splat(1.0), fraction)
        weights = []
        for stage, weight in enumerate(tableau.weights):
            one, two, three = (writer.splat(value) for value in tableau.dense[:, stage])
            inner = writer.fused(fraction, writer.fused(fraction, three, two), one)
            weights.append(writer.binary("fmul", fraction, writer.fused(rest, inner, writer.splat(weight))))
        with writer.loop_over(rows.all) as state:
            value = writer.load("%state", state)
            for stage, weight_now in enumerate(weights):
                row = writer.fresh(f"add i64 {state}, {stage * rows.count}")
                value = writer.fused(writer.load("%stages", row), weight_now, value)
            writer.store(value, "%between", state)
