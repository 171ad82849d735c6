"""From a system to the text of its generated code: rates, exact Jacobian, unrolled factorisation, views."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from trialeukin.engine.derivatives import state_derivatives
from trialeukin.engine.elimination import eliminate
from trialeukin.engine.emit import Emission, Output, fixed_nodes
from trialeukin.engine.equations import Equations, equations_of
from trialeukin.engine.graph import Bank, Graph, Node
from trialeukin.engine.rows import Block, Rows
from trialeukin.engine.sharing import shared_reciprocals
from trialeukin.engine.slope_text import write_stage_of_kind, write_step_of_kind
from trialeukin.engine.stages import Stages, stages_of
from trialeukin.engine.step_text import write_between, write_commit, write_step
from trialeukin.engine.tableau import RODAS5P
from trialeukin.engine.tangents import Tangents
from trialeukin.engine.vector_text import Writer
from trialeukin.model.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """Generated code of one model.

    Attributes
    ----------
    text : str
        LLVM assembly.
    fixed : int
        How many numbers are computed once between events.
    factors : int
        How many entries the factorised matrix has.
    """

    text: str
    fixed: int
    factors: int


def lower(system: System, *, width: int, threads: int = 1, sensitive_to: tuple[str, ...] = ()) -> Lowered:
    """Return the code of a system for vectors of so many lanes, and so many vectors a row.

    Parameters
    ----------
    system : System
        The model.
    width, threads : int
        Lanes of a vector, and vectors of a row.
    sensitive_to : tuple of str
        Parameters to whose sensitivities it is to follow.
    """
    equations = equations_of(system)
    graph = equations.graph
    by_state = state_derivatives(graph, len(system.states))
    elimination = eliminate(graph, equations.rates, by_state)
    tangents = Tangents(system, equations, sensitive_to, by_state)
    stages = stages_of(tangents, elimination)
    views = _views(equations, tangents)
    solved = [*stages.later, *chain(*(kind.solution for kind in stages.kinds))]
    fixed = fixed_nodes(graph, [*stages.factors, *stages.left, *equations.rates, *solved, *chain(*views.values())])
    writer = Writer(width, threads)
    start = [*equations.start, *tangents.everywhere(equations.start)]
    _write_once(writer, graph, start, fixed)
    places = {node: place for place, node in enumerate(fixed)}
    rows = _rows(system, sensitive_to, stages)
    left = _kept("%left", stages.left)
    begun = [*_kept("%factors", stages.factors), *left, *_kept("%coupling", equations.rates)]
    _write_solve(writer, graph, "begin", (begun, _kept("%result", stages.first)), places)
    _write_solve(writer, graph, "stage", ([*_kept("%result", stages.later), *left],), places)
    for number, kind in enumerate(stages.kinds):
        write_stage_of_kind(writer, graph, number, kind, places)
        write_step_of_kind(writer, RODAS5P, rows, number)
    for name, nodes in views.items():
        _write_view(writer, graph, name, nodes, places)
    write_step(writer, RODAS5P, rows)
    write_commit(writer, rows)
    write_between(writer, RODAS5P, rows)
    return Lowered(text=writer.text(), fixed=len(fixed), factors=rows.factors + RODAS5P.weights.size * rows.left)


def _views(equations: Equations, tangents: Tangents) -> dict[str, list[Node]]:
    """Return the nodes of each function that looks at states; those of sensitivities only if there are any."""
    rates = equations.rates if tangents.count else []
    triggers = equations.triggers if tangents.count else []
    return {
        "triggers": equations.triggers,
        "definitions": equations.definitions,
        "sets": equations.sets,
        "speeds": rates,
        "trigger_speeds": [tangents.in_time(trigger) for trigger in triggers],
        "trigger_slopes": tangents.everywhere(triggers),
        "definition_slopes": tangents.everywhere(equations.definitions),
        "set_slopes": tangents.everywhere(equations.sets),
    }


def _write_once(writer: Writer, graph: Graph, start: list[Node], fixed: list[Node]) -> None:
    """Write `start` and `prepare`, which need parameters and switches only."""
    for name, pointer, nodes in (("start", "%start", start), ("prepare", "%fixed", fixed)):
        with writer.function(name, writer.handed):
            writer.take("parameters", "switches", pointer[1:])
            pointers = {Bank.PARAMETER: "%parameters", Bank.SWITCH: "%switches"}
            emission = Emission(writer=writer, graph=graph, pointers=pointers)
            emission.emit(_kept(pointer, nodes))


def _rows(system: System, sensitive_to: tuple[str, ...], stages: Stages) -> Rows:
    """Return the rows that a step follows."""
    names = list(system.parameters)
    kinds = {parameter: number for number, kind in enumerate(stages.kinds) for parameter in kind.parameters}
    return Rows(
        states=len(system.states),
        kinds=tuple(kind.states for kind in stages.kinds),
        blocks=tuple(
            Block(
                parameter=names.index(name), kind=kinds[place], bends=stages.bends[place], asides=stages.asides[place]
            )
            for place, name in enumerate(sensitive_to)
        ),
        factors=len(stages.factors),
        left=len(stages.left),
    )


def _kept(pointer: str, nodes: Sequence[Node]) -> list[Output]:
    """Return where nodes are stored, one a row."""
    return [Output(pointer=pointer, index=index, node=node) for index, node in enumerate(nodes)]


def _write_solve(
    writer: Writer, graph: Graph, name: str, phases: Sequence[list[Output]], places: dict[Node, int]
) -> None:
    """Write `begin`, which factorises and computes the first stage, or `stage` for the others.

    A phase loads again what the one before has stored: in `begin` half as many numbers are under way then as if
    factors were kept at hand until the solution, and they come and go through memory all the same.
    """
    pointers = {
        Bank.STATE: "%state",
        Bank.RATE: "%rates",
        Bank.COUPLING: "%coupling",
        Bank.FACTOR: "%factors",
    }
    lanes = f"{writer.vector} %diagonal, {writer.vector} %inverse"
    arguments = f"ptr %state, ptr %fixed, ptr %rates, ptr %coupling, ptr %factors, ptr %result, ptr %left, {lanes}"
    with writer.function(name, arguments, internal=True):
        for outputs in phases:
            given = {graph.load(Bank.DIAGONAL, 0): "%diagonal", graph.load(Bank.DIAGONAL, 1): "%inverse"}
            instead = shared_reciprocals(graph, [output.node for output in outputs])
            emission = Emission(
                writer=writer, graph=graph, pointers=pointers, given=given, fixed=places, instead=instead
            )
            emission.emit(outputs)


def _write_view(writer: Writer, graph: Graph, name: str, nodes: list[Node], places: dict[Node, int]) -> None:
    with writer.function(name, writer.handed):
        writer.take("look", "fixed", "rates", name)
        pointers = {Bank.STATE: "%look", Bank.RATE: "%rates"}
        emission = Emission(writer=writer, graph=graph, pointers=pointers, fixed=places)
        emission.emit(_kept(f"%{name}", nodes))
