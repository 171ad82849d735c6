"""Exposures while a run goes on, compiled: extremes, area and time above a threshold of each quantity.

A step, cut where a window starts or ends, is a piece. On it a quantity is taken to be the polynomial of
`trialeukin.engine.quartic` through five of its values on the dense output. Its Gauss sum gives the area, the
zeros of its slope the times of extremes, and its crossings of the threshold the time above it; so each is as
good as the dense output, wherever the steps of a run happen to end.

Sensitivities: an area changes by the area of the quantity's change; an extreme by the change at its time, where
the slope is zero; and a crossing moves by minus the change over the slope, which lengthens the time above by the
change over the slope's absolute value, on the way up and on the way down.
"""

import numpy as np

from trialeukin.engine.compiled import compiled
from trialeukin.engine.frame import COUNTS, NOBODY
from trialeukin.engine.looks import (
    AT_BETWEEN,
    AT_STATE,
    BETWEEN,
    DEFINITION_SLOPES,
    DEFINITIONS,
    aim_at,
    changing,
    in_window,
    look,
    run,
    viewed,
)
from trialeukin.engine.plan import CENTRE, POINTS, Lanes, Plan, Results
from trialeukin.engine.quartic import NODES, Coefficients, crossing, height, interpolant, leeway, mean, slope, turning

NEITHER, LOWEST, HIGHEST = 0, 1, 2


@compiled
def start_gauging(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Begin at time zero, before the first window or in it."""
    lanes.gauged[lane] = 0.0
    lanes.window[lane] = 0 if plan.edges[0] <= 0.0 else -1
    begin_stretch(plan, lanes, results, lane)


@compiled
def sample(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Take the values at the start of a lane's next piece, after something happened."""
    if plan.exposures.size == 0:
        return
    look_for_exposures(plan, lanes, AT_STATE)
    for asked in range(plan.exposures.size):
        place, first = plan.exposures[asked], asked * POINTS
        lanes.samples[first, lane] = viewed(plan, lanes, lanes.state, place, lane)
        for parameter in range(plan.sensitive):
            row = (asked * plan.sensitive + parameter) * POINTS
            lanes.sample_slopes[row, lane] = changing(plan, lanes, lanes.state, place, parameter, lane)
    for parameter in range(plan.sensitive):
        lanes.entering[parameter, lane] = lanes.moving[parameter, lane]


@compiled
def look_for_exposures(plan: Plan, lanes: Lanes, where: int) -> None:
    """Compute what exposures need of the states in a slot."""
    if plan.defined_exposures == 1:
        look(lanes, DEFINITIONS, where)
        if plan.sensitive > 0:
            look(lanes, DEFINITION_SLOPES, where)


@compiled
def choose_pieces(plan: Plan, lanes: Lanes) -> bool:
    """Say until when each lane's next piece goes, at most to the next edge; say whether there is one."""
    due = False
    for lane in range(lanes.time.size):
        lanes.piece[lane] = lanes.gauged[lane]
        if lanes.patient[lane] == NOBODY or lanes.accepted[0, lane] != COUNTS:
            continue
        if lanes.window[lane] + 1 < plan.edges.size and lanes.end[lane] > lanes.gauged[lane]:
            lanes.piece[lane] = min(lanes.end[lane], plan.edges[lanes.window[lane] + 1])
            due = True
    return due


@compiled
def sample_pieces(plan: Plan, lanes: Lanes, point: int) -> None:
    """Take the values at one point of every lane's piece."""
    for lane in range(lanes.time.size):
        aim_at(lanes, lane, lanes.gauged[lane] + NODES[point] * (lanes.piece[lane] - lanes.gauged[lane]))
    run(lanes, BETWEEN)
    look_for_exposures(plan, lanes, AT_BETWEEN)
    for lane in range(lanes.time.size):
        if lanes.piece[lane] > lanes.gauged[lane]:
            for asked in range(plan.exposures.size):
                quantity, row = plan.exposures[asked], asked * POINTS + point
                lanes.samples[row, lane] = viewed(plan, lanes, lanes.between, quantity, lane)
                for parameter in range(plan.sensitive):
                    row = (asked * plan.sensitive + parameter) * POINTS + point
                    lanes.sample_slopes[row, lane] = changing(plan, lanes, lanes.between, quantity, parameter, lane)


@compiled
def gauge(plan: Plan, lanes: Lanes, results: Results) -> None:
    """Measure the accepted steps, piece by piece."""
    while plan.exposures.size > 0 and choose_pieces(plan, lanes):
        sample_pieces(plan, lanes, POINTS - 1)
        sample_pieces(plan, lanes, CENTRE)
        if look_inside(plan, lanes, results):
            sample_pieces(plan, lanes, CENTRE - 1)
            sample_pieces(plan, lanes, CENTRE + 1)
        for lane in range(lanes.time.size):
            if lanes.piece[lane] > lanes.gauged[lane]:
                if lanes.window[lane] >= 0:
                    for asked in range(plan.exposures.size):
                        measure(plan, lanes, results, lane, asked)
                    results.reached[lanes.patient[lane]] = lanes.window[lane] + 1
                continue_piece(plan, lanes, results, lane)


@compiled
def continue_piece(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Let the end of a lane's piece be the start of the next."""
    for row in range(0, lanes.samples.size // lanes.time.size, POINTS):
        lanes.samples[row, lane] = lanes.samples[row + POINTS - 1, lane]
    for row in range(0, lanes.sample_slopes.size // lanes.time.size, POINTS):
        lanes.sample_slopes[row, lane] = lanes.sample_slopes[row + POINTS - 1, lane]
    for parameter in range(plan.sensitive):
        lanes.entering[parameter, lane] = 0.0
    lanes.gauged[lane] = lanes.piece[lane]
    if lanes.piece[lane] == plan.edges[lanes.window[lane] + 1]:
        lanes.window[lane] += 1
        begin_stretch(plan, lanes, results, lane)


@compiled
def measure(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int) -> None:
    """Add one piece to what is known of one exposure in the present stretch."""
    if not needs_inside(plan, lanes, results, lane, asked):
        widen_by_sample(plan, lanes, results, lane, asked, 0)
        widen_by_sample(plan, lanes, results, lane, asked, POINTS - 1)
        return
    polynomial = interpolant(lanes.samples, asked * POINTS, lane)
    for point in (0, POINTS - 1):
        lanes.headings[asked, lane] = slope(polynomial, NODES[point]) / (lanes.piece[lane] - lanes.gauged[lane])
        widen_by_sample(plan, lanes, results, lane, asked, point)
    turn(plan, lanes, results, lane, asked, polynomial)
    if plan.summed[asked] == 1:
        add_up(plan, lanes, results, lane, asked)
        count_above(plan, lanes, results, lane, asked, polynomial)


@compiled
def add_up(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int) -> None:
    """Add the area of one piece, and how it changes with parameters."""
    patient, stretch = lanes.patient[lane], lanes.window[lane]
    length = lanes.piece[lane] - lanes.gauged[lane]
    results.area[patient, stretch, asked] += length * mean(lanes.samples, asked * POINTS, lane)
    for parameter in range(plan.sensitive):
        place = asked * plan.sensitive + parameter
        results.area_slopes[patient, stretch, place] += length * mean(lanes.sample_slopes, place * POINTS, lane)


@compiled
def begin_stretch(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Start the sums of all exposures where a stretch is entered."""
    patient, stretch = lanes.patient[lane], lanes.window[lane]
    if not in_window(plan, lanes, lane):
        return
    for asked in range(plan.exposures.size):
        nothing = 0.0 if plan.summed[asked] == 1 else np.nan
        results.area[patient, stretch, asked] = nothing
        results.above[patient, stretch, asked] = 0.0
        for place in range(asked * plan.sensitive, (asked + 1) * plan.sensitive):
            results.area_slopes[patient, stretch, place] = nothing
            results.above_slopes[patient, stretch, place] = 0.0


@compiled
def widen(results: Results, patient: int, stretch: int, asked: int, value: float, time: float) -> int:
    """Widen the extremes by a value, and say which; what is no number is left out."""
    found = NEITHER
    if np.isnan(value):
        return found
    if not value >= results.lowest[patient, stretch, asked]:
        results.lowest[patient, stretch, asked] = value
        results.lowest_at[patient, stretch, asked] = time
        found |= LOWEST
    if not value <= results.highest[patient, stretch, asked]:
        results.highest[patient, stretch, asked] = value
        results.highest_at[patient, stretch, asked] = time
        found |= HIGHEST
    return found


@compiled
def keep_slope(results: Results, patient: int, stretch: int, row: int, widened: int, change: float) -> None:
    """Keep how a new extreme changes with a parameter."""
    if widened & LOWEST:
        results.lowest_slopes[patient, stretch, row] = change
    if widened & HIGHEST:
        results.highest_slopes[patient, stretch, row] = change


@compiled
def widen_by_sample(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int, point: int) -> None:
    """Widen the extremes by the start of a piece, which may move with parameters, or by its end."""
    patient, stretch = lanes.patient[lane], lanes.window[lane]
    time = lanes.gauged[lane] if point == 0 else lanes.piece[lane]
    widened = widen(results, patient, stretch, asked, lanes.samples[asked * POINTS + point, lane], time)
    if widened != NEITHER:
        for parameter in range(plan.sensitive):
            place = asked * plan.sensitive + parameter
            change = lanes.sample_slopes[place * POINTS + point, lane]
            if point == 0:
                change += lanes.headings[asked, lane] * lanes.entering[parameter, lane]
            keep_slope(results, patient, stretch, place, widened, change)


@compiled
def needs_inside(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int) -> bool:
    """Say whether one piece must be looked at between its ends.

    It must where sums are asked, with sensitivities, and where a turn could be a new extreme: where its ends and its
    middle come as close to the extreme so far as the ends are apart and the middle bulges, twice.
    """
    if plan.summed[asked] == 1 or plan.sensitive > 0:
        return True
    patient, stretch, first = lanes.patient[lane], lanes.window[lane], asked * POINTS
    start, end = lanes.samples[first, lane], lanes.samples[first + POINTS - 1, lane]
    middle = lanes.samples[first + CENTRE, lane]
    further = leeway(start, middle, end)
    lower = max(start, end, middle) + further <= results.highest[patient, stretch, asked]
    higher = min(start, end, middle) - further >= results.lowest[patient, stretch, asked]
    return not (lower and higher)  # neither at the very first, when the extremes are no numbers


@compiled
def look_inside(plan: Plan, lanes: Lanes, results: Results) -> bool:
    """Say whether any piece must be looked at between its ends."""
    for asked in range(plan.exposures.size):
        for lane in range(lanes.time.size):
            due = lanes.piece[lane] > lanes.gauged[lane] and lanes.window[lane] >= 0
            if due and needs_inside(plan, lanes, results, lane, asked):
                return True
    return False


@compiled
def may_widen(lanes: Lanes, results: Results, lane: int, asked: int) -> bool:
    """Say whether the polynomial of a piece could leave the extremes so far.

    It stays as near to its five values as they are apart: the Lebesgue constant of `NODES` is 2.2, and 3 would do.
    """
    patient, stretch, first = lanes.patient[lane], lanes.window[lane], asked * POINTS
    least = most = lanes.samples[first, lane]
    for row in range(first + 1, first + POINTS):
        least, most = min(least, lanes.samples[row, lane]), max(most, lanes.samples[row, lane])
    reach = most - least
    lowest, highest = results.lowest[patient, stretch, asked], results.highest[patient, stretch, asked]
    return not (most + reach <= highest and least - reach >= lowest)


@compiled
def within(results: Results, patient: int, stretch: int, asked: int, value: float) -> bool:
    """Say whether a value is neither below the lowest nor above the highest so far."""
    return bool(results.lowest[patient, stretch, asked] <= value <= results.highest[patient, stretch, asked])


@compiled
def turn(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int, polynomial: Coefficients) -> None:
    """Widen the extremes by the quantity itself where its polynomial turns beyond them."""
    patient, stretch, quantity = lanes.patient[lane], lanes.window[lane], plan.exposures[asked]
    if not may_widen(lanes, results, lane, asked):
        return
    for point in range(1, POINTS):
        low, high = NODES[point - 1], NODES[point]
        if slope(polynomial, low) * slope(polynomial, high) < 0.0:
            at = turning(polynomial, low, high)
            if within(results, patient, stretch, asked, height(polynomial, at)):
                continue
            time = lanes.gauged[lane] + at * (lanes.piece[lane] - lanes.gauged[lane])
            aim_at(lanes, lane, time)
            run(lanes, BETWEEN)
            look_for_exposures(plan, lanes, AT_BETWEEN)
            value = viewed(plan, lanes, lanes.between, quantity, lane)
            widened = widen(results, patient, stretch, asked, value, time)
            for parameter in range(plan.sensitive):
                change = changing(plan, lanes, lanes.between, quantity, parameter, lane)
                keep_slope(results, patient, stretch, asked * plan.sensitive + parameter, widened, change)


@compiled
def count_above(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int, polynomial: Coefficients) -> None:
    """Add the time during which the polynomial of a piece is above its threshold."""
    patient, stretch, threshold = lanes.patient[lane], lanes.window[lane], plan.thresholds[asked]
    length = lanes.piece[lane] - lanes.gauged[lane]
    before = height(polynomial, 0.0) > threshold
    share = height(polynomial, 0.5) * 0.0  # not a number where the quantity is none
    for point in range(1, POINTS):
        low, high = NODES[point - 1], NODES[point]
        after = height(polynomial, high) > threshold
        if before and after:
            share += high - low
        elif before != after:
            at = crossing(polynomial, threshold, low, high)
            share += at - low if before else high - at
            for parameter in range(plan.sensitive):
                row = asked * plan.sensitive + parameter
                change = height(interpolant(lanes.sample_slopes, row * POINTS, lane), at)
                results.above_slopes[patient, stretch, row] += change / abs(slope(polynomial, at) / length)
        before = after
    results.above[patient, stretch, asked] += share * length
