"""What happens to one lane at one instant, compiled: doses, rules, infusions, events, saves, ends.

The order of things is that of `trialeukin.engine.solve`; `trialeukin.engine.reference` says the same slowly.
"""

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.engine.administered import (
    availability_of,
    availability_slope,
    awaited,
    duration_of,
    span,
    start_of,
    target_of,
)
from trialeukin.engine.compiled import compiled
from trialeukin.engine.deciding import decide_doses
from trialeukin.engine.frame import RUNNING
from trialeukin.engine.infusions import flow
from trialeukin.engine.looks import (
    AT_STATE,
    PREPARE,
    SET_SLOPES,
    SETS,
    TRIGGERS,
    changing,
    look,
    run,
    viewed,
)
from trialeukin.engine.moving import AFTER, BEFORE, is_moving, move_with_lag, shift, stand_still
from trialeukin.engine.plan import QUEUES, Lanes, Plan, Results
from trialeukin.engine.problem import Fate
from trialeukin.engine.trajectories import Status

AFTER_END, RESET = int(Fate.AFTER_END), int(Fate.RESET)
BY_EVENT = int(Fate.EVENT)
REACHED_HORIZON, ENDED_BY_EVENT = int(Status.REACHED_HORIZON), int(Status.ENDED_BY_EVENT)
NOT_FINITE = int(Status.NOT_FINITE)


@compiled
def save(plan: Plan, lanes: Lanes, results: Results, states: Floats, lane: int) -> None:
    """Keep what is asked of one save time; by one index, as in `trialeukin.engine.looks.view_all`."""
    first = (lanes.patient[lane] * plan.save_times.size + lanes.saved[lane]) * plan.saves.size
    for asked in range(plan.saves.size):
        results.values[first + asked] = viewed(plan, lanes, states, plan.saves[asked], lane)
        for parameter in range(plan.sensitive):
            slope = changing(plan, lanes, states, plan.saves[asked], parameter, lane)
            results.value_slopes[lanes.patient[lane], lanes.saved[lane], asked * plan.sensitive + parameter] = slope
    lanes.saved[lane] += 1


@compiled
def stop_dosing(plan: Plan, lanes: Lanes, results: Results, lane: int, fate: int) -> None:
    """Drop what is planned later, and log of running infusions what had run."""
    patient, time = lanes.patient[lane], lanes.time[lane]
    lanes.stopped_by[lane] = fate
    lanes.cut[lane] = time
    for parameter in range(plan.sensitive):
        lanes.cut_slopes[parameter, lane] = lanes.moving[parameter, lane]
    for dose in range(lanes.undone[lane], lanes.planned[lane]):
        start, duration = start_of(plan, lanes, results, dose, lane), duration_of(plan, lanes, dose, lane)
        if duration > 0.0 and time < start + duration and results.given[patient, dose] > 0.0:
            results.given[patient, dose] *= (time - start) / duration
            results.fates[patient, dose] = fate


@compiled
def undo(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Drop what has not entered yet of all that was planned before a reset, and log what had."""
    patient, time = lanes.patient[lane], lanes.time[lane]
    for dose in range(lanes.undone[lane], lanes.planned[lane]):
        begin, end = span(plan, lanes, results, dose, lane)
        if (time < end or time == begin) and results.given[patient, dose] > 0.0:
            results.given[patient, dose] *= (time - begin) / (end - begin) if time > begin else 0.0
            results.fates[patient, dose] = RESET
    lanes.undone[lane] = lanes.planned[lane]


@compiled
def reset(plan: Plan, lanes: Lanes, results: Results, lane: int) -> bool:
    """Do the resets that are due; say whether there were any."""
    changed = False
    patient = lanes.patient[lane]
    while lanes.reset[lane] < plan.resets and plan.reset_times[patient, lanes.reset[lane]] <= lanes.time[lane]:
        which = lanes.reset[lane]
        keep = plan.reset_keeps[patient, which]
        if keep == 0.0:
            undo(plan, lanes, results, lane)
        for state in range(plan.states):
            kept = lanes.state[state, lane] if keep > 0.0 else 0.0
            lanes.state[state, lane] = kept + plan.reset_states[patient, which, state]
            for parameter in range(plan.sensitive):
                lanes.state[(1 + parameter) * plan.states + state, lane] *= keep
        lanes.reset[lane] += 1
        changed = True
    return changed


@compiled
def happen(plan: Plan, lanes: Lanes, results: Results, lane: int, event: int) -> None:
    """Let one event happen now."""
    patient = lanes.patient[lane]
    results.event_times[patient, event] = lanes.time[lane]
    for parameter in range(plan.sensitive):
        results.event_slopes[patient, event, parameter] = lanes.moving[parameter, lane]
        if np.isnan(lanes.moving[parameter, lane]):
            lanes.moving[parameter, lane] = 0.0  # as if it stood still: what follows keeps numbers
    lanes.waiting[event, lane] = 0
    shift(plan, lanes, results, lane, BEFORE)
    look(lanes, SETS, AT_STATE)
    if plan.sensitive > 0:
        look(lanes, SET_SLOPES, AT_STATE)
    for each in range(plan.set_edges[event], plan.set_edges[event + 1]):
        put(plan, lanes, each, lane)
    run(lanes, PREPARE)
    if plan.event_ends[event] == 1:
        lanes.status[lane] = ENDED_BY_EVENT
    if plan.event_ends[event] + plan.event_stops[event] > 0 and lanes.stopped_by[lane] < 0:
        fate = AFTER_END if plan.event_ends[event] == 1 else BY_EVENT + event
        stop_dosing(plan, lanes, results, lane, fate)
    if plan.event_ends[event] == 0:
        shift(plan, lanes, results, lane, AFTER)


@compiled
def put(plan: Plan, lanes: Lanes, each: int, lane: int) -> None:
    """Set one state or switch to a value that an event sets, and its slopes with it."""
    target, sets = plan.set_targets[each], plan.set_targets.size
    if target < plan.states:
        lanes.state[target, lane] = lanes.sets[each, lane]
        for parameter in range(plan.sensitive):
            row = (1 + parameter) * plan.states + target
            lanes.state[row, lane] = lanes.set_slopes[parameter * sets + each, lane]
        return
    target -= plan.states
    lanes.switches[target, lane] = lanes.sets[each, lane]
    for parameter in range(plan.sensitive):
        row = (1 + parameter) * plan.switches.size + target
        lanes.switches[row, lane] = lanes.set_slopes[parameter * sets + each, lane]


@compiled
def fire(plan: Plan, lanes: Lanes, results: Results, lane: int, examined: bool) -> bool:
    """Let happen, one by one, every event of one kind whose trigger is at zero or above."""
    changed = False
    again = plan.event_ends.size > 0
    while again and lanes.status[lane] == RUNNING:
        again = False
        look(lanes, TRIGGERS, AT_STATE)
        for event in range(plan.event_ends.size):
            watched = (plan.event_examined[event] == 1) == examined and lanes.waiting[event, lane] == 1
            if watched and lanes.triggers[event, lane] >= 0.0:
                happen(plan, lanes, results, lane, event)
                again = changed = True
                break
    return changed


@compiled
def enter(plan: Plan, lanes: Lanes, results: Results, lane: int) -> bool:
    """Let every bolus enter that is due; say whether there was one."""
    changed = False
    patient, schedule = lanes.patient[lane], lanes.schedule[lane]
    for place in range(QUEUES * plan.used_inputs.size):
        queue = QUEUES * plan.used_inputs[place // QUEUES] + place % QUEUES
        while lanes.entered[queue, lane] < plan.queue_edges[schedule, queue + 1]:
            dose = plan.queue_doses[schedule, lanes.entered[queue, lane]]
            if dose >= lanes.planned[lane]:
                break
            begin, end = span(plan, lanes, results, dose, lane)
            if begin > lanes.time[lane] and dose >= lanes.undone[lane]:
                break
            lanes.entered[queue, lane] += 1
            if dose < lanes.undone[lane] or results.given[patient, dose] == 0.0:
                continue
            if begin == end:
                add_bolus(plan, lanes, results, lane, dose)
                changed = True
    return changed


@compiled
def add_bolus(plan: Plan, lanes: Lanes, results: Results, lane: int, dose: int) -> None:
    """Let one bolus enter."""
    given, target = results.given[lanes.patient[lane], dose], target_of(plan, lanes, dose, lane)
    move_with_lag(plan, lanes, dose, lane)
    shift(plan, lanes, results, lane, BEFORE)
    lanes.state[target, lane] += given * availability_of(plan, lanes, dose, lane)
    for parameter in range(plan.sensitive):
        row = (1 + parameter) * plan.states + target
        lanes.state[row, lane] += given * availability_slope(plan, lanes, dose, parameter, lane)
    shift(plan, lanes, results, lane, AFTER)


@compiled
def plan_stop(plan: Plan, lanes: Lanes, results: Results, lane: int) -> bool:
    """Find the next instant at which something is due; say whether a rate of infusion changed."""
    stop = min(plan.horizon, awaited(plan, lanes, lane))
    changed = False
    if plan.examining == 1 and lanes.examined[lane] < plan.examinations.size:
        stop = min(stop, plan.examinations[lanes.examined[lane]])
    if lanes.reset[lane] < plan.resets:
        stop = min(stop, plan.reset_times[lanes.patient[lane], lanes.reset[lane]])
    for place in range(plan.used_inputs.size):
        entry = plan.used_inputs[place]
        before = lanes.rates[entry, lane]
        for block in range(1 + plan.sensitive):
            lanes.rates[block * plan.input_states.size + entry, lane] = 0.0
        for queue in range(QUEUES * entry, QUEUES * (entry + 1)):
            stop = min(stop, flow(plan, lanes, results, lane, queue))
            if lanes.entered[queue, lane] < plan.queue_edges[lanes.schedule[lane], queue + 1]:
                dose = plan.queue_doses[lanes.schedule[lane], lanes.entered[queue, lane]]
                if dose < lanes.planned[lane]:
                    stop = min(stop, span(plan, lanes, results, dose, lane)[0])
        changed |= lanes.rates[entry, lane] != before
    lanes.flowed[lane] = lanes.time[lane]
    lanes.stop[lane] = stop
    return changed or is_moving(plan, lanes, lane)


@compiled
def instant(plan: Plan, lanes: Lanes, results: Results, lane: int) -> bool:
    """Do everything that is due now; say whether the course is broken by it."""
    stand_still(plan, lanes, lane)
    changed = reset(plan, lanes, results, lane)
    while lanes.examined[lane] < plan.examinations.size and plan.examinations[lanes.examined[lane]] <= lanes.time[lane]:
        lanes.examined[lane] += 1
        changed |= fire(plan, lanes, results, lane, True)
    if lanes.status[lane] == RUNNING:
        decide_doses(plan, lanes, results, lane)
        changed |= enter(plan, lanes, results, lane)
        if changed:
            fire(plan, lanes, results, lane, False)
    if lanes.status[lane] == RUNNING and lanes.time[lane] >= plan.horizon:
        lanes.status[lane] = REACHED_HORIZON
    return changed
