"""The solver loop, compiled once for all models: lanes with their own time and step, refilled from a queue.

The generated code controls the steps of all lanes (`trialeukin.engine.control_text`); the loop looks only at lanes to
which something happens. After whatever breaks a course, the first step is short and fixed, which was measured to
be more accurate than a clever guess and as fast.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from trialeukin.engine.calls import claim
from trialeukin.engine.compiled import compiled, inlined
from trialeukin.engine.deciding import NEVER_STARTED
from trialeukin.engine.frame import COUNTS, ENTRY, NOBODY, RUNNING
from trialeukin.engine.gauge import enter_stretches, gauge, look_closely, start_gauging
from trialeukin.engine.happenings import (
    NOT_FINITE,
    REACHED_HORIZON,
    fire,
    happen,
    instant,
    plan_stop,
    save,
)
from trialeukin.engine.looks import (
    AT_BETWEEN,
    AT_CANDIDATE,
    AT_STATE,
    BETWEEN,
    COMMIT,
    DEFINITION_SLOPES,
    DEFINITIONS,
    PREPARE,
    START,
    STEP,
    TRIGGERS,
    look,
    run,
)
from trialeukin.engine.moving import move_with_event, stand_still
from trialeukin.engine.pieces import choose_pieces, end_pieces, sample, sample_ends, sample_inside
from trialeukin.engine.plan import CENTRE, QUEUES, Lanes, Plan, Results
from trialeukin.engine.problem import Fate
from trialeukin.engine.tables import caster
from trialeukin.engine.trajectories import Status
from trialeukin.engine.watching import NOT_LOOKED_UP, may_any_hold, watch

FIRST_STEP = 1e-3  # day, after whatever breaks a course
HALVINGS = 40  # of a step, to find a root in it
AFTER_END, PUT_OFF = int(Fate.AFTER_END), int(Fate.PUT_OFF)
TOO_MANY_STEPS, NEGATIVE_STATE = int(Status.TOO_MANY_STEPS), int(Status.NEGATIVE_STATE)
as_plan, as_lanes, as_results = caster(Plan), caster(Lanes), caster(Results)
NEEDED = 1.0  # where a lane needs attention


@compiled
def begin(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Bring a patient to time zero and through what happens there."""
    for place in range(plan.parameters.size // plan.patients):
        lanes.parameters[place, lane] = plan.parameters[lanes.patient[lane], place]
    start_states(plan, lanes, lane)
    start_entries(plan, lanes, lane)
    for event in range(plan.event_ends.size):
        lanes.waiting[event, lane] = 1
    for rule in range(plan.rule_places.size):
        lanes.known[rule, lane] = NOT_LOOKED_UP
    lanes.saved[lane] = 0
    lanes.examined[lane] = 0
    lanes.reset[lane] = 0
    lanes.steps[lane] = 0.0
    lanes.time[lane] = 0.0
    lanes.flowed[lane] = -1.0
    stand_still(plan, lanes, lane)
    lanes.cut[lane] = np.inf
    lanes.stopped_by[lane] = -1
    lanes.reason[lane] = float(RUNNING)
    run(lanes, PREPARE)
    if lanes.status[lane] == RUNNING:
        start_course(plan, lanes, results, lane)


@compiled
def start_states(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Set switches and states, with their sensitivities; a start that means nothing is a failure."""
    for switch in range(plan.switches.size):
        lanes.switches[switch, lane] = plan.switches[switch]
        for parameter in range(plan.sensitive):
            lanes.switches[(1 + parameter) * plan.switches.size + switch, lane] = 0.0
    run(lanes, START)
    lanes.status[lane] = RUNNING
    decided = plan.states + ENTRY * plan.input_states.size
    for row in range(decided):
        if not abs(lanes.start[row, lane]) < np.inf:
            lanes.status[lane] = NOT_FINITE
        elif row >= plan.states and lanes.start[row, lane] < 0.0 and lanes.status[lane] == RUNNING:
            lanes.status[lane] = NEGATIVE_STATE
    for block in range(1 + plan.sensitive):
        for state in range(plan.states):
            lanes.state[block * plan.states + state, lane] = lanes.start[block * decided + state, lane]


@compiled
def start_entries(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Begin with no dose planned and no infusion running."""
    lanes.schedule[lane] = lanes.patient[lane] * plan.own
    for entry in range(plan.input_states.size):
        for block in range(1 + plan.sensitive):
            lanes.rates[block * plan.input_states.size + entry, lane] = 0.0
    for queue in range(QUEUES * plan.input_states.size):
        lanes.entered[queue, lane] = plan.queue_edges[lanes.schedule[lane], queue]
        lanes.oldest[queue, lane] = lanes.entered[queue, lane]
    lanes.planned[lane] = 0
    lanes.undone[lane] = 0
    lanes.late[lane] = 0.0
    lanes.waited[lane] = 0.0


@compiled
def start_course(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Save, look for events, and do what is due at time zero."""
    look(lanes, DEFINITIONS, AT_STATE)
    if plan.sensitive > 0:
        look(lanes, DEFINITION_SLOPES, AT_STATE)
    while lanes.saved[lane] < plan.save_times.size and plan.save_times[lanes.saved[lane]] <= 0.0:
        save(plan, lanes, results, lanes.state, lane)
    plan_save(plan, lanes, lane)
    start_gauging(plan, lanes, results, lane)
    fire(plan, lanes, results, lane, False)
    if lanes.status[lane] == RUNNING:
        instant(plan, lanes, results, lane)
    plan_stop(plan, lanes, results, lane)
    sample(plan, lanes, lane)
    lanes.wish[lane] = FIRST_STEP


@compiled
def admit(plan: Plan, lanes: Lanes, results: Results, lane: int, following: int, last: int) -> int:
    """Fill a lane with the next patient whose course goes beyond time zero; return who is next."""
    lanes.patient[lane] = NOBODY
    following = claim(lanes, lanes.queue, following)
    while following < last:
        lanes.patient[lane] = following
        following += 1
        begin(plan, lanes, results, lane)
        if lanes.status[lane] == RUNNING:
            return following
        finish(plan, lanes, results, lane)
        following = claim(lanes, lanes.queue, following)
    lanes.stop[lane] = np.nan
    lanes.wish[lane] = FIRST_STEP
    return following


@compiled
def finish(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Log how a course ended and why later doses were not given; leave the lane empty."""
    patient = lanes.patient[lane]
    results.status[patient] = lanes.status[lane]
    results.end_times[patient] = lanes.time[lane]
    results.steps[patient] = int(lanes.steps[lane])
    fate = lanes.stopped_by[lane] if lanes.stopped_by[lane] >= 0 else AFTER_END
    for state in range(plan.states):
        results.last[patient, state] = lanes.state[state, lane]
        for parameter in range(plan.sensitive):
            slope = lanes.state[(1 + parameter) * plan.states + state, lane]
            results.last_slopes[patient, state, parameter] = slope
    for dose in range(lanes.planned[lane], plan.planned):
        results.put_off[patient, dose] = lanes.late[lane]
        if results.fates[patient, dose] == NEVER_STARTED:
            continue
        was_planned = plan.times[lanes.schedule[lane], dose] <= lanes.time[lane]
        waits = lanes.status[lane] == REACHED_HORIZON and lanes.stopped_by[lane] < 0 and was_planned
        results.fates[patient, dose] = PUT_OFF if waits else fate
    for event in range(plan.event_ends.size):
        lanes.waiting[event, lane] = 0
    lanes.patient[lane] = NOBODY


@compiled
def mark_crossings(plan: Plan, lanes: Lanes) -> bool:
    """Mark the events whose trigger an accepted step has lifted to zero; say whether there are any."""
    if plan.event_ends.size == 0:
        return False
    look(lanes, TRIGGERS, AT_CANDIDATE)
    found = False
    for event in range(plan.event_ends.size):
        if plan.event_examined[event] == 1:
            continue
        for lane in range(lanes.time.size):
            lanes.crossed[event, lane] = 0
            if lanes.triggers[event, lane] >= 0.0 and lanes.waiting[event, lane] == 1:
                lanes.crossed[event, lane] = 1
                found = True
    return found


@compiled
def locate(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Find the first crossing in a lane's step by halving; end the step there, and set the event."""
    earliest = 2.0
    for event in range(plan.event_ends.size):
        if lanes.crossed[event, lane] == 0 or plan.event_examined[event] == 1:
            continue
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            lanes.fraction[0, lane] = 0.5 * (low + high)
            run(lanes, BETWEEN)
            look(lanes, TRIGGERS, AT_BETWEEN)
            if lanes.triggers[event, lane] >= 0.0:
                high = lanes.fraction[0, lane]
            else:
                low = lanes.fraction[0, lane]
        if high < earliest:
            earliest = high
            lanes.crossing[lane] = event
    if earliest < 1.0:
        lanes.end[lane] = lanes.time[lane] + earliest * lanes.length[0, lane]
    if lanes.crossing[lane] >= 0:
        lanes.attention[lane] = NEEDED
        plan_save(plan, lanes, lane)


@compiled
def plan_save(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Set when the next save is due, and where in the step that is, minus one where it is not in it."""
    saved = lanes.saved[lane]
    lanes.due[lane] = plan.save_times[saved] if saved < plan.save_times.size else np.inf
    inside = (lanes.due[lane] - lanes.time[lane]) / lanes.length[0, lane]
    lanes.fraction[0, lane] = min(1.0, max(0.0, inside)) if lanes.due[lane] <= lanes.end[lane] else -1.0


@compiled
def save_steps(plan: Plan, lanes: Lanes, results: Results) -> None:
    """Save what is asked inside the accepted steps, one time a lane at once."""
    while True:
        due = False
        for lane in range(lanes.time.size):
            due |= lanes.fraction[0, lane] >= 0.0
        if not due:
            return
        run(lanes, BETWEEN)
        if plan.defined_saves == 1:
            look(lanes, DEFINITIONS, AT_BETWEEN)
            if plan.sensitive > 0:
                look(lanes, DEFINITION_SLOPES, AT_BETWEEN)
        for lane in range(lanes.time.size):
            if lanes.fraction[0, lane] >= 0.0:
                save(plan, lanes, results, lanes.between, lane)
                plan_save(plan, lanes, lane)


@compiled
def survey(plan: Plan, lanes: Lanes, results: Results) -> None:
    """Look at the accepted steps, piece by piece, for exposures and for rules that last."""
    while plan.sampling == 1 and choose_pieces(plan, lanes):
        sample_ends(plan, lanes)
        sample_inside(plan, lanes, CENTRE)
        if look_closely(plan, lanes) | may_any_hold(plan, lanes):
            sample_inside(plan, lanes, CENTRE - 1)
            sample_inside(plan, lanes, CENTRE + 1)
        gauge(plan, lanes, results)
        watch(plan, lanes)
        end_pieces(plan, lanes)
        enter_stretches(plan, lanes, results)


@compiled
def move(plan: Plan, lanes: Lanes, results: Results) -> None:
    """Move the accepted lanes to the end of their steps, or to the event inside."""
    crossings = mark_crossings(plan, lanes)
    for lane in range(lanes.time.size):
        lanes.crossing[lane] = -1
        if crossings and lanes.patient[lane] != NOBODY and lanes.accepted[0, lane] == COUNTS:
            locate(plan, lanes, lane)
    save_steps(plan, lanes, results)
    survey(plan, lanes, results)
    if crossings:
        for lane in range(lanes.time.size):
            lanes.fraction[0, lane] = (lanes.end[lane] - lanes.time[lane]) / lanes.length[0, lane]
        run(lanes, BETWEEN)
    run(lanes, COMMIT)
    if crossings:
        for lane in range(lanes.time.size):
            if lanes.crossing[lane] >= 0:
                for row in range((1 + plan.sensitive) * plan.states):
                    lanes.state[row, lane] = lanes.between[row, lane]


@compiled
def settle(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Account for an accepted step of one lane and do what is due at its end."""
    broken = False
    event = lanes.crossing[lane]
    if lanes.steps[lane] >= plan.most_steps:
        lanes.status[lane] = TOO_MANY_STEPS
    elif event >= 0:
        move_with_event(plan, lanes, event, lane)
        happen(plan, lanes, results, lane, event)
        fire(plan, lanes, results, lane, False)
        broken = True
    due = lanes.time[lane] >= lanes.stop[lane]
    if lanes.status[lane] == RUNNING and due:
        broken |= instant(plan, lanes, results, lane)
    if lanes.status[lane] == RUNNING and (due or broken):
        broken |= plan_stop(plan, lanes, results, lane)
    if broken:
        lanes.wish[lane] = FIRST_STEP
        sample(plan, lanes, lane)


@inlined
def follow(plan: Plan, lanes: Lanes, results: Results, first: int, last: int) -> None:
    """Follow the patients from first to last, as many at once as there are lanes."""
    following = first
    running = 0
    for lane in range(lanes.time.size):
        following = admit(plan, lanes, results, lane, following, last)
        running += lanes.patient[lane] != NOBODY
    while running > 0:
        run(lanes, STEP)
        move(plan, lanes, results)
        for lane in range(lanes.time.size):
            if lanes.attention[lane] != NEEDED or lanes.patient[lane] == NOBODY:
                continue
            if lanes.accepted[0, lane] == COUNTS:
                settle(plan, lanes, results, lane)
            else:
                lanes.status[lane] = int(lanes.reason[lane])
            if lanes.status[lane] != RUNNING:
                finish(plan, lanes, results, lane)
                following = admit(plan, lanes, results, lane, following, last)
                running -= lanes.patient[lane] == NOBODY


def compiled_loop(stamp: int) -> Callable[[int, int, int, int, int], int]:
    """Return the loop, a function of the tables' addresses, kept on disk under a stamp of the engine's source.

    Numba renews what it keeps when this file changes, not when one that it calls does; the stamp
    is part of the compiled function, so that a change of any module compiles it anew.
    """

    @njit(nogil=True, error_model="numpy", cache=True)
    def loop(plan: int, lanes: int, results: int, first: int, last: int) -> int:
        follow(as_plan(plan), as_lanes(lanes), as_results(results), first, last)
        return stamp

    found: Any = loop
    return found  # type: ignore[no-any-return]
