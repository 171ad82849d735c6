"""A step of the sensitivities in LLVM, after all stages of the states: one parameter after another.

Parameters that change the same states run the same function, which does all stages, the end and its error, so that what
belongs to one parameter stays in the nearest cache.
"""

from trialeukin.engine.emit import Emission, Output
from trialeukin.engine.graph import Bank, Graph, Node
from trialeukin.engine.rows import Rows
from trialeukin.engine.stage_text import write_combination
from trialeukin.engine.stages import Kind
from trialeukin.engine.tableau import Tableau
from trialeukin.engine.vector_functions import rough_reciprocal
from trialeukin.engine.vector_text import Writer

SLACK = 10.0  # how many times larger than those of states the errors of sensitivities may be
SHARED = ("fixed", "factors", "left", "solution", "point", "coupling", "tolerance")
OF_BLOCK = ("state", "candidate", "stages", "bends", "asides")
OF_STAGE = ("point", "fixed", "coupling", "factors", "left", "asides", "bends", "solution", "result")


def write_stage_of_kind(writer: Writer, graph: Graph, number: int, kind: Kind, fixed: dict[Node, int]) -> None:
    """Write a stage of the sensitivities to one parameter of a kind."""
    arguments = ", ".join(f"ptr %{each}" for each in OF_STAGE)
    with writer.function(f"stage_of_kind{number}", f"{arguments}, {writer.vector} %inverse", internal=True):
        pointers = {
            Bank.STATE: "%point",
            Bank.COUPLING: "%coupling",
            Bank.FACTOR: "%factors",
            Bank.LEFT: "%left",
            Bank.ASIDE: "%asides",
            Bank.BEND: "%bends",
            Bank.SOLUTION: "%solution",
        }
        given = {graph.load(Bank.DIAGONAL, 1): "%inverse"}
        emission = Emission(writer=writer, graph=graph, pointers=pointers, given=given, fixed=fixed)
        solved = zip(kind.states, kind.solution, strict=True)
        emission.emit([Output(pointer="%result", index=place, node=node) for place, node in solved])


def write_step_of_kind(writer: Writer, tableau: Tableau, rows: Rows, number: int) -> None:
    """Write a step of the sensitivities to one parameter of a kind, which returns the mean square of error."""
    states = rows.kinds[number]
    arguments = ", ".join(f"ptr %{each}" for each in (*SHARED, *OF_BLOCK))
    vectors = f"{writer.vector} %inverse, {writer.vector} %parameter"
    with writer.function(f"step_of_kind{number}", f"{arguments}, {vectors}", internal=True, result=writer.vector):
        for stage in range(tableau.weights.size):
            if stage:
                write_combination(writer, tableau, stage, states, rows.states)
            else:
                with writer.loop_over(states) as state:
                    writer.store(writer.splat(0.0), "%coupling", state)
            left, asides = (writer.place(each, stage * rows.left) for each in ("%left", "%asides"))
            solution, result = (writer.place(each, stage * rows.states) for each in ("%solution", "%stages"))
            at = "%point" if stage else "%state"
            pointers = (at, "%fixed", "%coupling", "%factors", left, asides, "%bends", solution, result)
            handed = ", ".join(f"ptr {each}" for each in pointers)
            writer.write(f"call void @stage_of_kind{number}({handed}, {writer.vector} %inverse)")
        error = _write_end(writer, tableau, rows, states)
        writer.write(f"ret {writer.vector} {error}")


def _write_end(writer: Writer, tableau: Tableau, rows: Rows, states: tuple[int, ...]) -> str:
    """Write the new sensitivities; return the mean square of error over tolerance.

    The sensitivity s to a parameter p is judged as p s is, which has the unit of its state, to `SLACK` times the
    state's tolerance; where p is zero, as if it were one.
    """
    vector, kind = writer.vector, f"v{writer.width}f64"
    relative = writer.load_scalar("%tolerance", 0)
    parameter = writer.intrinsic("fabs", "%parameter")
    one, zero = writer.splat(1.0), writer.splat(0.0)
    parameter = writer.select(writer.compare("oeq", parameter, zero), one, parameter)
    weight = writer.binary("fmul", parameter, writer.splat(1.0 / SLACK))
    last = (tableau.weights.size - 1) * rows.states
    with writer.loop_over(states, total=zero) as state:
        change = writer.load("%stages", writer.fresh(f"add i64 {state}, {last}"))
        end = writer.binary("fadd", writer.load("%point", state), change)
        writer.store(end, "%candidate", state)
        size = writer.binary("fmul", writer.intrinsic("fabs", end), parameter)
        following = writer.fresh(f"add i64 {state}, 1")
        scale = writer.fused(size, relative, writer.load_scalar("%tolerance", following))
        change = writer.binary("fmul", change, weight)
        ratio = writer.binary("fmul", change, rough_reciprocal(writer, scale))
        square = f"{vector} {ratio}, {vector} {ratio}, {vector} %total"
        writer.name("total_next", f"call {vector} @llvm.fma.{kind}({square})")
    return writer.binary("fmul", "%total_next", writer.splat(1.0 / rows.states))


def write_slopes(writer: Writer, tableau: Tableau, rows: Rows, inverse: str, error: str) -> str:
    """Write the step of all sensitivities; return the larger of the error and that of each block of them."""
    if not rows.blocks:
        return error
    writer.take("parameters")
    left = writer.place("%factors", rows.factors)
    shared = ("%fixed", "%factors", left, "%stages", "%point", "%coupling", "%tolerance")
    for number, block in enumerate(rows.blocks, start=1):
        if not rows.kinds[block.kind]:
            continue
        state, candidate = (writer.place(each, number * rows.states) for each in ("%state", "%candidate"))
        stages = writer.place("%stages", number * tableau.weights.size * rows.states)
        bends, asides = writer.place("%factors", block.bends), writer.place(left, block.asides)
        handed = ", ".join(f"ptr {each}" for each in (*shared, state, candidate, stages, bends, asides))
        parameter = writer.load("%parameters", block.parameter)
        vectors = f"{writer.vector} {inverse}, {writer.vector} {parameter}"
        mean = writer.fresh(f"call {writer.vector} @step_of_kind{block.kind}({handed}, {vectors})")
        error = writer.select(writer.compare("ogt", error, mean), error, mean)  # which also keeps what is no number
    return error
