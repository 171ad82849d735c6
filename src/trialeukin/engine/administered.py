"""When and how much of a planned dose enters a lane's patient, compiled.

Doses of one input stand in two queues, each in order of entry: those that wait for the input's lag, and
those that do not.
"""

import numpy as np

from trialeukin.engine.compiled import compiled
from trialeukin.engine.frame import ENTRY
from trialeukin.engine.plan import Lanes, Plan, Results
from trialeukin.engine.problem import Manner

AT_RATE, MODELLED, DIRECT = int(Manner.AT_RATE), int(Manner.MODELLED), int(Manner.DIRECT)
AVAILABILITY, LAG, DURATION = range(ENTRY)  # what `Input.decided` lists
VALUE = 0  # the block of the numbers themselves, before those of their slopes


@compiled
def awaited(plan: Plan, lanes: Lanes, lane: int) -> float:
    """Return when the next dose is due; infinity after the last, or when dosing has been stopped."""
    if lanes.stopped_by[lane] >= 0 or lanes.planned[lane] >= plan.planned:
        return np.inf
    return float(plan.times[lanes.schedule[lane], lanes.planned[lane]] + lanes.late[lane])


@compiled
def start_of(plan: Plan, lanes: Lanes, results: Results, dose: int, lane: int) -> float:
    """Return when a dose that was decided on is given, without its lag."""
    return float(plan.times[lanes.schedule[lane], dose] + results.put_off[lanes.patient[lane], dose])


@compiled
def decided(plan: Plan, lanes: Lanes, dose: int, which: int, block: int, lane: int) -> float:
    """Return one thing that parameters decide of a dose's input, or its slope by the parameter of a block from 1 on."""
    row = plan.states + ENTRY * plan.inputs[lanes.schedule[lane], dose] + which
    return float(lanes.start[block * (plan.states + ENTRY * plan.input_states.size) + row, lane])


@compiled
def is_direct(plan: Plan, lanes: Lanes, dose: int, lane: int) -> bool:
    """Say whether a dose enters without lag and in full."""
    return bool(plan.manners[lanes.schedule[lane], dose] == DIRECT)


@compiled
def availability_of(plan: Plan, lanes: Lanes, dose: int, lane: int) -> float:
    """Return the share of a dose that enters."""
    return 1.0 if is_direct(plan, lanes, dose, lane) else decided(plan, lanes, dose, AVAILABILITY, VALUE, lane)


@compiled
def duration_of(plan: Plan, lanes: Lanes, dose: int, lane: int) -> float:
    """Return how long a dose is given; zero is a bolus."""
    schedule = lanes.schedule[lane]
    manner = plan.manners[schedule, dose]
    if manner == MODELLED:
        return decided(plan, lanes, dose, DURATION, VALUE, lane)
    duration = float(plan.durations[schedule, dose])
    return duration * availability_of(plan, lanes, dose, lane) if manner == AT_RATE else duration


@compiled
def span(plan: Plan, lanes: Lanes, results: Results, dose: int, lane: int) -> tuple[float, float]:
    """Return when a dose starts to enter and when it has entered, cut where dosing was stopped."""
    start, duration = start_of(plan, lanes, results, dose, lane), duration_of(plan, lanes, dose, lane)
    lag = 0.0 if is_direct(plan, lanes, dose, lane) else decided(plan, lanes, dose, LAG, VALUE, lane)
    if lanes.cut[lane] < start + duration:
        return start + lag, max(start, lanes.cut[lane]) + lag
    return start + lag, start + lag + duration


@compiled
def target_of(plan: Plan, lanes: Lanes, dose: int, lane: int) -> int:
    """Return the state that a dose enters."""
    return int(plan.input_states[plan.inputs[lanes.schedule[lane], dose]])


@compiled
def availability_slope(plan: Plan, lanes: Lanes, dose: int, parameter: int, lane: int) -> float:
    """Return how the share of a dose that enters changes with a parameter."""
    return 0.0 if is_direct(plan, lanes, dose, lane) else decided(plan, lanes, dose, AVAILABILITY, 1 + parameter, lane)


@compiled
def lag_slope(plan: Plan, lanes: Lanes, dose: int, parameter: int, lane: int) -> float:
    """Return how the time at which a dose starts to enter changes with a parameter."""
    return 0.0 if is_direct(plan, lanes, dose, lane) else decided(plan, lanes, dose, LAG, 1 + parameter, lane)


@compiled
def duration_slope(plan: Plan, lanes: Lanes, dose: int, parameter: int, lane: int) -> float:
    """Return how long a dose is given changes with a parameter."""
    schedule = lanes.schedule[lane]
    manner = plan.manners[schedule, dose]
    if manner == MODELLED:
        return decided(plan, lanes, dose, DURATION, 1 + parameter, lane)
    if manner == AT_RATE:
        return float(plan.durations[schedule, dose]) * availability_slope(plan, lanes, dose, parameter, lane)
    return 0.0
