"""Instants that move with a parameter, compiled: how sensitivities go through doses and events.

Let something happen at a time T that changes by T' with a parameter, and s be the sensitivity of the states y at
a fixed time. Just before, the states at the moving instant change by s + y' T'. What happens then maps the
states and with them this total change, and just after, s = total change - y' T' with the new rates of change y'
(Rozenwasser's jump conditions; Galan, Feehery, Barton, Applied Numerical Mathematics 31 (1999) 17).
"""

from trialeukin.engine.administered import lag_slope
from trialeukin.engine.compiled import compiled
from trialeukin.engine.looks import (
    AT_STATE,
    DEFINITIONS,
    SPEEDS,
    TRIGGER_SLOPES,
    TRIGGER_SPEEDS,
    in_window,
    look,
    viewed,
)
from trialeukin.engine.plan import POINTS, Lanes, Plan, Results

BEFORE, AFTER = 1.0, -1.0


@compiled
def stand_still(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Note that the present instant does not move."""
    for parameter in range(plan.sensitive):
        lanes.moving[parameter, lane] = 0.0


@compiled
def move_with_lag(plan: Plan, lanes: Lanes, dose: int, lane: int) -> None:
    """Note that the present instant moves with the lag of a dose that enters."""
    for parameter in range(plan.sensitive):
        lanes.moving[parameter, lane] = lag_slope(plan, lanes, dose, parameter, lane)


@compiled
def move_with_event(plan: Plan, lanes: Lanes, event: int, lane: int) -> None:
    """Note how the root of an event's trigger moves: by minus the trigger's change over its rate of change.

    A trigger without a rate of change, which jumps, has no such movement: it is not a number.
    """
    if plan.sensitive > 0:
        look(lanes, TRIGGER_SPEEDS, AT_STATE)
        look(lanes, TRIGGER_SLOPES, AT_STATE)
    for parameter in range(plan.sensitive):
        slope = lanes.trigger_slopes[parameter * plan.event_ends.size + event, lane]
        lanes.moving[parameter, lane] = -slope / lanes.trigger_speeds[event, lane]


@compiled
def is_moving(plan: Plan, lanes: Lanes, lane: int) -> bool:
    """Say whether the present instant moves with any parameter."""
    found = False
    for parameter in range(plan.sensitive):
        found |= lanes.moving[parameter, lane] != 0.0
    return found


@compiled
def shift(plan: Plan, lanes: Lanes, results: Results, lane: int, side: float) -> None:
    """Go from a fixed time to the moving instant just before what happens at it, or back just after."""
    if not is_moving(plan, lanes, lane):
        return
    look(lanes, SPEEDS, AT_STATE)
    for parameter in range(plan.sensitive):
        step = side * lanes.moving[parameter, lane]
        for state in range(plan.states):
            lanes.state[(1 + parameter) * plan.states + state, lane] += step * lanes.speeds[state, lane]
    shift_exposures(plan, lanes, results, lane, side)


@compiled
def shift_exposures(plan: Plan, lanes: Lanes, results: Results, lane: int, side: float) -> None:
    """Account for what a moving instant takes from or adds to areas, times above and extremes at it."""
    if plan.defined_samples == 1:
        look(lanes, DEFINITIONS, AT_STATE)
    patient, stretch = lanes.patient[lane], lanes.window[lane]
    if not in_window(plan, lanes, lane):
        return
    for asked in range(plan.exposures.size):
        value = viewed(plan, lanes, lanes.state, plan.exposures[asked], lane)
        above = 1.0 if value > plan.thresholds[asked] else 0.0
        for parameter in range(plan.sensitive):
            place = asked * plan.sensitive + parameter
            step = side * lanes.moving[parameter, lane]
            results.area_slopes[patient, stretch, place] += step * value
            results.above_slopes[patient, stretch, place] += step * above
    if side == BEFORE:
        drift(plan, lanes, results, lane)


@compiled
def drift(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Let extremes that lie at the present instant move with it, from the slopes at the end of the last piece."""
    patient, stretch = lanes.patient[lane], lanes.window[lane]
    if not in_window(plan, lanes, lane):
        return
    for asked in range(plan.exposures.size):
        for parameter in range(plan.sensitive):
            place = asked * plan.sensitive + parameter
            change = lanes.sample_slopes[place * POINTS, lane]
            change += lanes.moving[parameter, lane] * lanes.headings[asked, lane]
            if results.highest_at[patient, stretch, asked] == lanes.time[lane]:
                results.highest_slopes[patient, stretch, place] = change
            if results.lowest_at[patient, stretch, asked] == lanes.time[lane]:
                results.lowest_slopes[patient, stretch, place] = change
