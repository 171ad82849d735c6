"""What the compiled solver loop works on: tuples of arrays, nothing that needs Python."""

from typing import Any, NamedTuple

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.frame import Slot
from trialeukin.engine.kernel import Generated
from trialeukin.engine.problem import Problem
from trialeukin.engine.quantities import names, places
from trialeukin.engine.rule_table import rule_table
from trialeukin.engine.tableau import RODAS5P
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.model.system import System, Watch

NEGATIVE_FACTOR = 1e3  # a positive state may fall below zero by so many absolute tolerances
ALIGNMENT = 64
STAGES = RODAS5P.weights.size
COUNTERS = (
    "patient",
    "status",
    "saved",
    "examined",
    "planned",
    "stopped_by",
    "crossing",
)
CONTROL = (
    Slot.TIME,
    Slot.END,
    Slot.STOP,
    Slot.WISH,
    Slot.DUE,
    Slot.STEPS,
    Slot.REASON,
    Slot.ATTENTION,
)  # one number a lane each


class Plan(NamedTuple):
    """One problem, the same for all lanes; see `Problem`, `Doses` and `RuleTable` for what arrays mean."""

    parameters: Floats
    times: Floats
    durations: Floats
    inputs: Integers
    amounts: Floats
    input_states: Integers
    input_doses: Integers  # doses by input, each input's in order of time
    input_edges: Integers  # where each input's begin in input_doses, and the end
    save_times: Floats
    saves: Integers
    extremes: Integers
    examinations: Floats
    rule_places: Integers
    rule_comparisons: Integers
    rule_actions: Integers
    rule_thresholds: Floats
    rule_fractions: Floats
    rule_applies: Integers
    event_examined: Integers
    event_stops: Integers
    event_ends: Integers
    set_edges: Integers  # where each event's sets begin, and the end
    set_targets: Integers  # states, then switches
    switches: Floats
    horizon: float
    most_steps: int
    patients: int
    states: int
    examining: int  # whether any event is watched at examinations
    defined_saves: int  # whether saves, extremes or rules look at definitions
    defined_extremes: int
    defined_rules: int


class Lanes(NamedTuple):
    """The patients under way, one a column, and the table of addresses the generated code works on."""

    code: Integers
    frame: Integers
    frame_address: int
    arena: Floats  # the memory of all arrays that the frame points to
    parameters: Floats
    switches: Floats
    rates: Floats
    state: Floats
    candidate: Floats
    between: Floats
    length: Floats
    error: Floats
    margin: Floats
    triggers: Floats
    definitions: Floats
    fraction: Floats
    start: Floats
    sets: Floats
    accepted: Floats
    availability: Floats
    lags: Floats
    time: Floats
    end: Floats
    stop: Floats
    wish: Floats
    due: Floats
    steps: Floats
    reason: Floats
    attention: Floats
    cut: Floats
    patient: Integers
    status: Integers
    saved: Integers
    examined: Integers
    planned: Integers
    stopped_by: Integers
    crossing: Integers
    entered: Integers
    oldest: Integers
    waiting: Integers  # events that have not happened
    crossed: Integers  # events whose trigger the step has lifted to zero
    taken: Integers  # rules whose condition has held


class Results(NamedTuple):
    """What is found; see `Trajectories`."""

    values: Floats
    lowest: Floats
    highest: Floats
    event_times: Floats
    given: Floats
    fates: Integers
    status: Integers
    end_times: Floats
    steps: Integers


def plan_of(problem: Problem) -> Plan:
    """Return a problem as arrays."""
    system, doses = problem.system, problem.doses
    rules = rule_table(system, problem.rules)
    saves = np.array(places(system, problem.save, asked_by="save"), dtype=np.int64)
    extremes = np.array(places(system, problem.extremes, asked_by="extremes"), dtype=np.int64)
    changeable = names(system)
    states = [state.name for state in system.states]
    defined = len(states) + len(system.switches)
    edges = np.cumsum([0, *(np.sum(doses.inputs == entry) for entry in range(len(system.inputs)))])
    return Plan(
        parameters=np.ascontiguousarray(problem.parameters, dtype=np.float64),
        times=np.ascontiguousarray(doses.times, dtype=np.float64),
        durations=np.ascontiguousarray(doses.durations, dtype=np.float64),
        inputs=np.ascontiguousarray(doses.inputs, dtype=np.int64),
        amounts=np.ascontiguousarray(doses.amounts, dtype=np.float64),
        input_states=_integers(states.index(entry.state) for entry in system.inputs),
        input_doses=np.argsort(doses.inputs, kind="stable").astype(np.int64),
        input_edges=edges.astype(np.int64),
        save_times=np.ascontiguousarray(problem.save_times, dtype=np.float64),
        saves=saves,
        extremes=extremes,
        examinations=np.ascontiguousarray(problem.examinations, dtype=np.float64),
        rule_places=rules.places,
        rule_comparisons=rules.comparisons,
        rule_actions=rules.actions,
        rule_thresholds=rules.thresholds,
        rule_fractions=rules.fractions,
        rule_applies=np.ascontiguousarray(rules.applies, dtype=np.int64),
        event_examined=_integers(event.watch is Watch.AT_EXAMINATIONS for event in system.events),
        event_stops=_integers(event.stops_dosing for event in system.events),
        event_ends=_integers(event.ends for event in system.events),
        set_edges=np.cumsum([0, *(len(event.sets) for event in system.events)]).astype(np.int64),
        set_targets=_integers(changeable.index(name) for event in system.events for name in event.sets),
        switches=np.array([switch.initial for switch in system.switches], dtype=np.float64),
        horizon=float(problem.horizon),
        most_steps=int(problem.tolerance.most_steps),
        patients=max(1, problem.parameters.shape[0]),
        states=len(states),
        examining=int(any(event.watch is Watch.AT_EXAMINATIONS for event in system.events)),
        defined_saves=int((saves >= defined).any()),
        defined_extremes=int((extremes >= defined).any()),
        defined_rules=int((rules.places >= defined).any()),
    )


def _integers(values: object) -> Integers:
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]


def results_for(problem: Problem) -> Results:
    """Return room for the results of all patients."""
    patients, planned = problem.doses.amounts.shape
    asked = len(problem.extremes)
    return Results(
        values=np.full((patients, problem.save_times.size, len(problem.save)), np.nan),
        lowest=np.full((patients, asked), np.nan),
        highest=np.full((patients, asked), np.nan),
        event_times=np.full((patients, len(problem.system.events)), np.nan),
        given=np.zeros((patients, planned)),
        fates=np.ascontiguousarray(problem.doses.fates, dtype=np.int64).copy(),
        status=np.full(patients, int(Status.REACHED_HORIZON), dtype=np.int64),
        end_times=np.zeros(patients),
        steps=np.zeros(patients, dtype=np.int64),
    )


def answered(problem: Problem, results: Results, method: str) -> Trajectories:
    """Return what was found."""
    return Trajectories(
        times=problem.save_times,
        save=problem.save,
        extremes=problem.extremes,
        events=tuple(event.name for event in problem.system.events),
        method=method,
        **results._asdict(),
    )


def lanes_for(problem: Problem, kernel: Generated) -> Lanes:
    """Return room for as many patients under way as the kernel has lanes."""
    width = kernel.width
    arena, arrays = _arena(_rows(problem.system, kernel), width)
    absolute = _absolute(problem)
    positive = [state.positive for state in problem.system.states]
    arrays[Slot.TOLERANCE].ravel()[: absolute.size + 1] = [problem.tolerance.relative, *absolute]
    arrays[Slot.FLOOR].ravel()[: absolute.size] = np.where(positive, NEGATIVE_FACTOR * absolute, np.inf)
    arrays[Slot.MOST].ravel()[0] = problem.tolerance.most_steps
    frame = np.array([arrays[slot].ctypes.data for slot in Slot], dtype=np.int64)
    counts = {
        "entered": len(problem.system.inputs),
        "oldest": len(problem.system.inputs),
        "waiting": len(problem.system.events),
        "crossed": len(problem.system.events),
        "taken": len(problem.rules),
    }
    by_name = {slot.name.lower(): array for slot, array in arrays.items()}
    found: dict[str, Any] = {name: array for name, array in by_name.items() if name in Lanes._fields}
    found |= {name: np.zeros((counts["entered"], width)) for name in ("availability", "lags")}
    found |= {slot.name.lower(): arrays[slot].ravel() for slot in CONTROL}
    found["cut"] = np.zeros(width)
    found |= {name: np.zeros((count, width), dtype=np.int64) for name, count in counts.items()}
    found |= {name: np.zeros(width, dtype=np.int64) for name in COUNTERS}
    return Lanes(
        code=np.array(kernel.addresses, dtype=np.int64),
        frame=frame,
        frame_address=frame.ctypes.data,
        arena=arena,
        **found,
    )


def _absolute(problem: Problem) -> Floats:
    """Return the absolute tolerance of each state."""
    sizes = np.array([state.size for state in problem.system.states])
    return problem.tolerance.relative * problem.tolerance.absolute * sizes


def _rows(system: System, kernel: Generated) -> dict[Slot, int]:
    """Return how many rows the array of each slot has."""
    states, inputs = len(system.states), len(system.inputs)
    by_state = (Slot.STATE, Slot.CANDIDATE, Slot.POINT, Slot.COUPLING, Slot.BETWEEN)
    single = (Slot.LENGTH, Slot.ERROR, Slot.MARGIN, Slot.FRACTION, Slot.ACCEPTED, Slot.MOST)
    return {
        **dict.fromkeys(by_state, states),
        **dict.fromkeys((*single, *CONTROL), 1),
        Slot.PARAMETERS: len(system.parameters),
        Slot.SWITCHES: len(system.switches),
        Slot.FIXED: kernel.fixed,
        Slot.RATES: inputs,
        Slot.STAGES: STAGES * states,
        Slot.FACTORS: kernel.factors,
        Slot.TRIGGERS: len(system.events),
        Slot.DEFINITIONS: len(system.definitions),
        Slot.START: states + 2 * inputs,
        Slot.SETS: sum(len(event.sets) for event in system.events),
        Slot.TOLERANCE: states + 1,
        Slot.FLOOR: states,
    }


def _arena(rows: dict[Slot, int], width: int) -> tuple[Floats, dict[Slot, Floats]]:
    """Return one block of memory and the aligned arrays cut from it."""
    line = ALIGNMENT // 8
    sizes = {slot: -(-max(count, 1) * width // line) * line for slot, count in rows.items()}
    arena = np.zeros(sum(sizes.values()) + line)
    start = -(arena.ctypes.data // 8) % line
    arrays = {}
    for slot, size in sizes.items():
        arrays[slot] = arena[start : start + rows[slot] * width].reshape(rows[slot], width)
        start += size
    return arena, arrays
