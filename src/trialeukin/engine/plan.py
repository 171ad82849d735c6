"""What the compiled solver loop works on: tuples of arrays, nothing that needs Python."""

from typing import Any, NamedTuple

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.engine.frame import ENTRY, Slot
from trialeukin.engine.kernel import Generated
from trialeukin.engine.problem import Manner, Problem, Resets
from trialeukin.engine.quantities import names, places
from trialeukin.engine.rule_table import rule_table
from trialeukin.engine.tableau import RODAS5P
from trialeukin.engine.windows import (
    exposure_places,
    window_edges,
)
from trialeukin.model.system import System, Watch

NEGATIVE_FACTOR = 1e3  # a positive state may fall below zero by so many absolute tolerances
ALIGNMENT = 64
QUEUES = 2  # of an input: doses that wait for its lag, and doses that do not
POINTS = 5  # at which an exposure or a rule is looked at in a step, both ends included
CENTRE = POINTS // 2
STAGES = RODAS5P.weights.size
COUNTERS = (
    "patient",
    "status",
    "saved",
    "examined",
    "planned",
    "stopped_by",
    "crossing",
    "schedule",
    "reset",
    "undone",
    "window",
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
    times: Floats  # of as many schedules as there are, as are the next six
    durations: Floats
    inputs: Integers
    manners: Integers
    begins_cycle: Integers
    queue_doses: Integers  # doses by input, of each those with the input's lag and those without, in order
    queue_edges: Integers  # where each queue begins in queue_doses, and the end
    amounts: Floats
    input_states: Integers
    used_inputs: Integers  # that any dose enters
    reset_times: Floats
    reset_keeps: Floats
    reset_states: Floats
    save_times: Floats
    saves: Integers
    sampled: Integers  # quantities of exposures, then of rules
    exposures: Integers
    thresholds: Floats
    summed: Integers  # whether the area or the time above is asked of each exposure
    edges: Floats  # where a window starts or ends
    examinations: Floats
    rule_places: Integers
    rule_comparisons: Integers
    rule_actions: Integers
    rule_thresholds: Floats
    rule_fractions: Floats
    rule_cycles: Integers
    rule_steps: Floats
    rule_limits: Floats
    rule_lasts: Integers  # whether it counts later that a condition has held
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
    definitions: int
    sensitive: int  # parameters that what is found is sensitive to
    planned: int  # doses of a schedule
    own: int  # whether each patient has a schedule of their own
    resets: int
    examining: int  # whether any event is watched at examinations
    defined_saves: int  # whether saves look at definitions
    defined_samples: int  # whether exposures or rules do
    lasting_rules: int
    sampling: int  # whether accepted steps are sampled, for exposures or for lasting rules


class Lanes(NamedTuple):
    """The patients under way, one a column, and the table of addresses the generated code works on."""

    code: Integers
    frame: Integers
    frame_address: int
    arena: Floats  # the memory of all arrays that the frame points to
    queue: Integers  # one: the next patient, where threads of a GPU take them one by one
    parameters: Floats
    switches: Floats
    rates: Floats
    state: Floats
    candidate: Floats
    between: Floats
    length: Floats
    triggers: Floats
    definitions: Floats
    fraction: Floats
    start: Floats
    sets: Floats
    speeds: Floats
    trigger_speeds: Floats
    trigger_slopes: Floats
    definition_slopes: Floats
    set_slopes: Floats
    accepted: Floats
    moving: Floats  # how the present instant moves with each parameter
    cut_slopes: Floats  # how the time at which dosing was stopped does
    flowed: Floats  # when the rates of inputs were last computed
    samples: Floats  # of each exposure's and each rule's quantity at the points of `trialeukin.engine.quartic`
    sample_slopes: Floats  # of each exposure, by each parameter, at those points
    lowest: Floats  # of each exposure in the present stretch, so far
    highest: Floats
    closely: Integers  # where each exposure must be looked at in the present piece; see `trialeukin.engine.gauge`
    headings: Floats  # rate of change of each exposure at the end of its last piece
    entering: Floats  # how the start of the next piece moves with each parameter
    gauged: Floats  # until when exposures are known
    piece: Floats  # until when they are being measured
    time: Floats
    end: Floats
    stop: Floats
    wish: Floats
    due: Floats
    steps: Floats
    reason: Floats
    attention: Floats
    cut: Floats
    late: Floats  # how much later than planned the coming doses are due
    waited: Floats  # for how long the next has been put off
    patient: Integers
    status: Integers
    saved: Integers
    examined: Integers
    planned: Integers
    stopped_by: Integers
    crossing: Integers
    entered: Integers
    oldest: Integers
    schedule: Integers  # which is the patient's
    reset: Integers  # which is next
    undone: Integers  # doses before this one were undone by a reset
    window: Integers  # between which edges
    waiting: Integers  # events that have not happened
    crossed: Integers  # events whose trigger the step has lifted to zero
    known: Integers  # what is known of each rule: not looked up yet, watched, has held


class Results(NamedTuple):
    """What is found; see `Trajectories`."""

    values: Floats
    lowest: Floats
    lowest_at: Floats
    highest: Floats
    highest_at: Floats
    area: Floats
    above: Floats
    reached: Integers  # stretches between windows' edges
    last: Floats
    event_times: Floats
    value_slopes: Floats  # saved quantities by parameters in the last axis, as exposures by parameters below
    lowest_slopes: Floats
    highest_slopes: Floats
    area_slopes: Floats
    above_slopes: Floats
    event_slopes: Floats
    last_slopes: Floats
    given: Floats
    put_off: Floats
    fates: Integers
    status: Integers
    end_times: Floats
    steps: Integers


def plan_of(problem: Problem) -> Plan:
    """Return a problem as arrays."""
    system, doses = problem.system, problem.doses
    rules = rule_table(system, problem.rules)
    saves = np.array(places(system, problem.save, asked_by="save"), dtype=np.int64)
    exposures = exposure_places(problem)
    sampled = np.concatenate([exposures, rules.places])
    changeable = names(system)
    states = [state.name for state in system.states]
    defined = len(states) + len(system.switches)
    inputs = np.ascontiguousarray(np.atleast_2d(doses.inputs), dtype=np.int64)
    queues = QUEUES * inputs + (np.atleast_2d(doses.manners) == Manner.DIRECT)
    counts = [np.sum(queues == queue, axis=1) for queue in range(QUEUES * len(system.inputs))]
    edges = np.cumsum([np.zeros(inputs.shape[0]), *counts], axis=0).T
    resets = problem.resets or no_resets(problem)
    return Plan(
        parameters=_floats(problem.parameters),
        times=_floats(np.atleast_2d(doses.times)),
        durations=_floats(np.atleast_2d(doses.durations)),
        inputs=inputs,
        manners=np.ascontiguousarray(np.atleast_2d(doses.manners), dtype=np.int64),
        begins_cycle=np.ascontiguousarray(np.atleast_2d(doses.cycle_starts()), dtype=np.int64),
        queue_doses=np.ascontiguousarray(np.argsort(queues, axis=1, kind="stable"), dtype=np.int64),
        queue_edges=np.ascontiguousarray(edges, dtype=np.int64),
        amounts=_floats(doses.amounts),
        input_states=_integers(states.index(entry.state) for entry in system.inputs),
        used_inputs=np.unique(inputs),
        reset_times=_floats(resets.times),
        reset_keeps=_floats(resets.keeps),
        reset_states=_floats(resets.states),
        save_times=_floats(problem.save_times),
        saves=saves,
        sampled=sampled,
        exposures=exposures,
        thresholds=np.array([each.threshold for each in problem.exposures], dtype=np.float64),
        summed=_integers(each.area or each.threshold < np.inf for each in problem.exposures),
        edges=window_edges(problem),
        examinations=_floats(problem.examinations),
        rule_places=rules.places,
        rule_comparisons=rules.comparisons,
        rule_actions=rules.actions,
        rule_thresholds=rules.thresholds,
        rule_fractions=rules.fractions,
        rule_cycles=np.ascontiguousarray(rules.cycles, dtype=np.int64),
        rule_steps=rules.steps,
        rule_limits=rules.limits,
        rule_lasts=np.ascontiguousarray(rules.lasts, dtype=np.int64),
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
        definitions=len(system.definitions),
        sensitive=len(problem.sensitive_to),
        planned=inputs.shape[1],
        own=int(doses.inputs.ndim > 1),
        resets=resets.times.shape[1],
        examining=int(any(event.watch is Watch.AT_EXAMINATIONS for event in system.events)),
        defined_saves=int((saves >= defined).any()),
        defined_samples=int((sampled >= defined).any()),
        lasting_rules=int(rules.lasts.any()),
        sampling=int(exposures.size > 0 or rules.lasts.any()),
    )


def _integers(values: object) -> Integers:
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]


def _floats(values: Floats) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float64)


def no_resets(problem: Problem) -> Resets:
    """Return resets of nobody."""
    patients, states = problem.parameters.shape[0], len(problem.system.states)
    return Resets(times=np.empty((patients, 0)), keeps=np.empty((patients, 0)), states=np.empty((patients, 0, states)))


def lanes_for(problem: Problem, kernel: Generated) -> Lanes:
    """Return room for as many patients under way as the kernel has lanes."""
    width = kernel.width
    arena, arrays = _arena(_rows(problem.system, kernel, len(problem.sensitive_to)), width)
    absolute = _absolute(problem)
    positive = [state.positive for state in problem.system.states]
    arrays[Slot.TOLERANCE].ravel()[: absolute.size + 1] = [problem.tolerance.relative, *absolute]
    arrays[Slot.FLOOR].ravel()[: absolute.size] = np.where(positive, NEGATIVE_FACTOR * absolute, np.inf)
    arrays[Slot.MOST].ravel()[0] = problem.tolerance.most_steps
    frame = np.array([arrays[slot].ctypes.data for slot in Slot], dtype=np.int64)
    counts = {
        "entered": QUEUES * len(problem.system.inputs),
        "oldest": QUEUES * len(problem.system.inputs),
        "waiting": len(problem.system.events),
        "crossed": len(problem.system.events),
        "known": len(problem.rules),
        "closely": len(problem.exposures),
    }
    exposures, sensitive = len(problem.exposures), len(problem.sensitive_to)
    floats = {
        **dict.fromkeys(("moving", "cut_slopes", "entering"), sensitive),
        **dict.fromkeys(("lowest", "highest", "headings"), exposures),
        "samples": POINTS * (exposures + len(problem.rules)),
        "sample_slopes": POINTS * exposures * sensitive,
    }
    by_name = {slot.name.lower(): array for slot, array in arrays.items()}
    found: dict[str, Any] = {name: array for name, array in by_name.items() if name in Lanes._fields}
    found |= {name: np.zeros((count, width)) for name, count in floats.items()}
    found |= {name: np.zeros(width) for name in ("flowed", "gauged", "piece", "cut", "late", "waited")}
    found |= {slot.name.lower(): arrays[slot].ravel() for slot in CONTROL}
    found |= {name: np.zeros((count, width), dtype=np.int64) for name, count in counts.items()}
    found |= {name: np.zeros(width, dtype=np.int64) for name in COUNTERS}
    return Lanes(
        code=np.array(kernel.addresses, dtype=np.int64),
        frame=frame,
        frame_address=frame.ctypes.data,
        arena=arena,
        queue=np.zeros(1, dtype=np.int64),
        **found,
    )


def _absolute(problem: Problem) -> Floats:
    """Return the absolute tolerance of each state."""
    sizes = np.array([state.size for state in problem.system.states])
    return problem.tolerance.relative * problem.tolerance.absolute * sizes


def _rows(system: System, kernel: Generated, sensitive: int) -> dict[Slot, int]:
    """Return how many rows the array of each slot has."""
    blocks = 1 + sensitive
    states, inputs = len(system.states), len(system.inputs)
    sets = sum(len(event.sets) for event in system.events)
    by_state = (Slot.STATE, Slot.CANDIDATE, Slot.BETWEEN)
    single = (Slot.LENGTH, Slot.ERROR, Slot.MARGIN, Slot.FRACTION, Slot.ACCEPTED, Slot.MOST)
    return {
        **dict.fromkeys(by_state, blocks * states),
        **dict.fromkeys((*single, *CONTROL), 1),
        Slot.PARAMETERS: len(system.parameters),
        Slot.SWITCHES: blocks * len(system.switches),
        Slot.FIXED: kernel.fixed,
        Slot.RATES: blocks * inputs,
        Slot.POINT: states,
        Slot.COUPLING: states,
        Slot.STAGES: STAGES * blocks * states,
        Slot.FACTORS: kernel.factors,
        Slot.TRIGGERS: len(system.events),
        Slot.DEFINITIONS: len(system.definitions),
        Slot.START: blocks * (states + ENTRY * inputs),
        Slot.SETS: sets,
        Slot.TOLERANCE: states + 1,
        Slot.FLOOR: states,
        Slot.SPEEDS: states,
        Slot.TRIGGER_SPEEDS: len(system.events),
        Slot.TRIGGER_SLOPES: sensitive * len(system.events),
        Slot.DEFINITION_SLOPES: sensitive * len(system.definitions),
        Slot.SET_SLOPES: sensitive * sets,
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
