"""Infusions of one lane, compiled: the rates at which inputs run, and what that does to sensitivities.

Where an infusion of rate r starts or ends at a time T that moves by T' with a parameter, the rate of change of
the state it enters jumps by r, and so the state's sensitivity by -r T' at the start and r T' at the end.
"""

import numpy as np

from trialeukin.engine.administered import (
    availability_of,
    availability_slope,
    duration_of,
    duration_slope,
    lag_slope,
    span,
    start_of,
    target_of,
)
from trialeukin.engine.compiled import compiled
from trialeukin.engine.moving import drift, is_moving, move_with_lag
from trialeukin.engine.plan import Lanes, Plan, Results


@compiled
def flow(plan: Plan, lanes: Lanes, results: Results, lane: int, queue: int) -> float:
    """Add the rates at which the infusions of a queue run now; return when that next changes."""
    patient, schedule = lanes.patient[lane], lanes.schedule[lane]
    edge, running = np.inf, False
    for position in range(lanes.oldest[queue, lane], lanes.entered[queue, lane]):
        dose = plan.queue_doses[schedule, position]
        begin, end = span(plan, lanes, results, dose, lane)
        runs = end > begin and results.given[patient, dose] > 0.0 and dose >= lanes.undone[lane]
        if runs and end > lanes.time[lane]:
            add_rate(plan, lanes, results, dose, lane)
            edge = min(edge, end)
            running = True
        elif not running:
            lanes.oldest[queue, lane] = position + 1
        if runs and lanes.flowed[lane] < begin <= lanes.time[lane]:
            bend_with_start(plan, lanes, results, dose, lane)
        if runs and lanes.flowed[lane] < end <= lanes.time[lane]:
            bend_with_end(plan, lanes, results, dose, lane)
    return edge


@compiled
def full_rate(plan: Plan, lanes: Lanes, results: Results, dose: int, lane: int) -> float:
    """Return the rate at which an infusion is given, before bioavailability."""
    begin, end = span(plan, lanes, results, dose, lane)
    return float(results.given[lanes.patient[lane], dose] / (end - begin))


@compiled
def add_rate(plan: Plan, lanes: Lanes, results: Results, dose: int, lane: int) -> None:
    """Add the rate of one infusion to that of its input, and its slopes to the input's."""
    full = full_rate(plan, lanes, results, dose, lane)
    entry, inputs = plan.inputs[lanes.schedule[lane], dose], plan.input_states.size
    available = availability_of(plan, lanes, dose, lane)
    lanes.rates[entry, lane] += full * available
    for parameter in range(plan.sensitive):
        longer = duration_slope(plan, lanes, dose, parameter, lane) / duration_of(plan, lanes, dose, lane)
        more = availability_slope(plan, lanes, dose, parameter, lane)
        lanes.rates[(1 + parameter) * inputs + entry, lane] += full * (more - available * longer)


@compiled
def bend(plan: Plan, lanes: Lanes, results: Results, dose: int, lane: int, sign: float) -> None:
    """Let the sensitivity of the state that an infusion enters jump where it starts (1) or ends (-1), which moves."""
    target = target_of(plan, lanes, dose, lane)
    jump = sign * full_rate(plan, lanes, results, dose, lane) * availability_of(plan, lanes, dose, lane)
    for parameter in range(plan.sensitive):
        lanes.state[(1 + parameter) * plan.states + target, lane] -= jump * lanes.moving[parameter, lane]
    if is_moving(plan, lanes, lane):
        drift(plan, lanes, results, lane)


@compiled
def bend_with_start(plan: Plan, lanes: Lanes, results: Results, dose: int, lane: int) -> None:
    """Go through the start of an infusion, which moves with its lag."""
    move_with_lag(plan, lanes, dose, lane)
    bend(plan, lanes, results, dose, lane, 1.0)


@compiled
def bend_with_end(plan: Plan, lanes: Lanes, results: Results, dose: int, lane: int) -> None:
    """Go through the end of an infusion, by itself or because dosing was stopped."""
    start, duration = start_of(plan, lanes, results, dose, lane), duration_of(plan, lanes, dose, lane)
    for parameter in range(plan.sensitive):
        later = duration_slope(plan, lanes, dose, parameter, lane)
        if lanes.cut[lane] < start + duration:
            later = lanes.cut_slopes[parameter, lane]
        lanes.moving[parameter, lane] = later + lag_slope(plan, lanes, dose, parameter, lane)
    bend(plan, lanes, results, dose, lane, -1.0)
