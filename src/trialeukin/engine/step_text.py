"""The parts of a step that are the same for every model, as loops over states in LLVM."""

from trialeukin.engine.control_text import write_judgement, write_length
from trialeukin.engine.rows import Rows
from trialeukin.engine.slope_text import write_slopes
from trialeukin.engine.stage_text import write_stages
from trialeukin.engine.tableau import Tableau
from trialeukin.engine.vector_functions import rough_reciprocal
from trialeukin.engine.vector_text import Writer

ARRAYS = ("state", "candidate", "stages", "point", "fixed", "rates", "coupling", "factors")
CONTROL = ("time", "end", "stop", "wish", "due", "steps", "most", "reason", "attention", "accepted", "fraction")


def write_step(writer: Writer, tableau: Tableau, rows: Rows) -> None:
    """Write `step`: its length, all stages, the state at the end, its error, and what that means for each lane."""
    with writer.function("step", writer.handed):
        writer.take(*ARRAYS, "length", "error", "margin", "tolerance", "floor", *CONTROL)
        length = write_length(writer)
        inverse = writer.binary("fdiv", writer.splat(1.0), length)
        diagonal = writer.binary("fmul", inverse, writer.splat(1.0 / tableau.diagonal))
        write_stages(writer, tableau, rows, (diagonal, inverse))
        error, margin = _write_end(writer, tableau, rows)
        error = write_slopes(writer, tableau, rows, inverse, error)
        writer.store(error, "%error", 0)
        write_judgement(writer, length, error, margin)


def _write_end(writer: Writer, tableau: Tableau, rows: Rows) -> tuple[str, str]:
    """Write the new state; return the mean square of error over tolerance, and the distance from the floor."""
    vector, states, last = writer.vector, rows.states, (tableau.weights.size - 1) * rows.states
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
        for number in range(1 + len(rows.blocks)):
            first = number * rows.states
            state, between = (writer.place(each, first) for each in ("%state", "%between"))
            stages = writer.place("%stages", first * tableau.weights.size)
            with writer.loop_over(rows.of_block(number)) as row:
                value = writer.load(state, row)
                for stage, weight in enumerate(weights):
                    place = writer.fresh(f"add i64 {row}, {stage * rows.states}")
                    value = writer.fused(writer.load(stages, place), weight, value)
                writer.store(value, between, row)
