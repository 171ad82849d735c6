"""Exposures while a run goes on, compiled: extremes, area and time above a threshold of each quantity.

On a piece (`trialeukin.engine.pieces`) a quantity is taken to be the polynomial of `trialeukin.engine.quartic`
through five of its values on the dense output. Its Gauss sum gives the area, the zeros of its slope the times of
extremes, and its crossings of the threshold the time above it; so each is as good as the dense output, wherever the
steps of a run happen to end.

Where only extremes are asked, two inner values and the polynomial are left out of a piece whose ends and middle
say that it stays within the extremes so far (`QUIET`) or that it rises or falls throughout (`ENDS`).

Sensitivities: an area changes by the area of the quantity's change; an extreme by the change at its time, where
the slope is zero; and a crossing moves by minus the change over the slope, which lengthens the time above by the
change over the slope's absolute value, on the way up and on the way down.
"""

import numpy as np

from trialeukin.engine.compiled import compiled
from trialeukin.engine.looks import AT_BETWEEN, BETWEEN, aim_at, changing, in_window, run, viewed
from trialeukin.engine.pieces import END, has_edge, look_for_samples
from trialeukin.engine.plan import CENTRE, POINTS, Lanes, Plan, Results
from trialeukin.engine.quartic import NODES, Coefficients, crossing, height, interpolant, leeway, mean, slope, turning

NEITHER, LOWEST, HIGHEST = 0, 1, 2
QUIET, ENDS, INSIDE = 0, 1, 2  # where in a piece a quantity could go beyond its extremes so far
STEADY = 0.125  # of its ends' distance a piece that rises or falls throughout may bulge: a parabola may twice that


@compiled
def start_gauging(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Begin at time zero, before the first window or in it."""
    lanes.gauged[lane] = 0.0
    lanes.window[lane] = 0 if plan.edges[0] <= 0.0 else -1
    begin_stretch(plan, lanes, results, lane)


@compiled
def look_closely(plan: Plan, lanes: Lanes) -> bool:
    """Say where in each lane's piece each exposure is to be looked at; say whether inside any.

    Inside where sums are asked, with sensitivities, and where a turn could be a new extreme: where its ends and its
    middle come as close to the extreme so far as the ends are apart and the middle bulges, twice, and do not say that
    it is steady.
    """
    width, samples, found = lanes.time.size, lanes.samples, False
    piece, gauged, window, inner = lanes.piece, lanes.gauged, lanes.window, plan.edges.size - 1
    lowest, highest, closely = lanes.lowest, lanes.highest, lanes.closely
    for asked in range(plan.exposures.size):
        always, row = plan.summed[asked] == 1 or plan.sensitive > 0, asked * width
        first = row * POINTS
        centre, last = first + CENTRE * width, first + END * width
        for lane in range(width):
            start, middle, end = samples[first + lane], samples[centre + lane], samples[last + lane]
            further = leeway(start, middle, end)
            below = max(start, end, middle) + further <= highest[row + lane]
            above = min(start, end, middle) - further >= lowest[row + lane]
            quiet = below and above and not always  # never at the very first, when the extremes are no numbers
            steady = abs(middle - 0.5 * (start + end)) < STEADY * abs(end - start) and not always
            due = piece[lane] > gauged[lane] and 0 <= window[lane] < inner
            inside = due and not (quiet or steady)
            closely[row + lane] = INSIDE if inside else (ENDS if due and not quiet else QUIET)
            found |= inside
    return found


@compiled
def gauge(plan: Plan, lanes: Lanes, results: Results) -> None:
    """Add every lane's piece to what is known of exposures."""
    for lane in range(lanes.time.size):
        if lanes.piece[lane] > lanes.gauged[lane] and in_window(plan, lanes, lane):
            results.reached[lanes.patient[lane]] = lanes.window[lane] + 1
    for asked in range(plan.exposures.size):
        for lane in range(lanes.time.size):
            closely = lanes.closely[asked, lane]
            if closely == INSIDE:
                measure(plan, lanes, results, lane, asked)
            elif closely == ENDS:
                widen_by_sample(plan, lanes, results, lane, asked, 0)
                widen_by_sample(plan, lanes, results, lane, asked, END)


@compiled
def enter_stretches(plan: Plan, lanes: Lanes, results: Results) -> None:
    """Go on to the next stretch where a lane's pieces have reached an edge."""
    for lane in range(lanes.time.size):
        if has_edge(plan, lanes, lane) and lanes.gauged[lane] == plan.edges[lanes.window[lane] + 1]:
            lanes.window[lane] += 1
            begin_stretch(plan, lanes, results, lane)


@compiled
def measure(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int) -> None:
    """Add one piece to what is known of one exposure in the present stretch, by its polynomial."""
    polynomial = interpolant(lanes.samples, asked * POINTS, lane)
    for point in (0, END):
        if plan.sensitive > 0:
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
        lanes.lowest[asked, lane] = lanes.highest[asked, lane] = np.nan
        nothing = 0.0 if plan.summed[asked] == 1 else np.nan
        results.area[patient, stretch, asked] = nothing
        results.above[patient, stretch, asked] = 0.0
        for place in range(asked * plan.sensitive, (asked + 1) * plan.sensitive):
            results.area_slopes[patient, stretch, place] = nothing
            results.above_slopes[patient, stretch, place] = 0.0


@compiled
def widen(lanes: Lanes, results: Results, lane: int, asked: int, value: float, time: float) -> int:
    """Widen the extremes by a value, and say which; what is no number is left out."""
    found, patient, stretch = NEITHER, lanes.patient[lane], lanes.window[lane]
    if np.isnan(value):
        return found
    if not value >= lanes.lowest[asked, lane]:
        results.lowest[patient, stretch, asked] = lanes.lowest[asked, lane] = value
        results.lowest_at[patient, stretch, asked] = time
        found |= LOWEST
    if not value <= lanes.highest[asked, lane]:
        results.highest[patient, stretch, asked] = lanes.highest[asked, lane] = value
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
    widened = widen(lanes, results, lane, asked, lanes.samples[asked * POINTS + point, lane], time)
    if widened != NEITHER:
        for parameter in range(plan.sensitive):
            place = asked * plan.sensitive + parameter
            change = lanes.sample_slopes[place * POINTS + point, lane]
            if point == 0:
                change += lanes.headings[asked, lane] * lanes.entering[parameter, lane]
            keep_slope(results, patient, stretch, place, widened, change)


@compiled
def may_widen(lanes: Lanes, lane: int, asked: int) -> bool:
    """Say whether the polynomial of a piece could leave the extremes so far.

    It stays as near to its five values as they are apart: the Lebesgue constant of `NODES` is 2.2, and 3 would do.
    """
    first = asked * POINTS
    least = most = lanes.samples[first, lane]
    for row in range(first + 1, first + POINTS):
        least, most = min(least, lanes.samples[row, lane]), max(most, lanes.samples[row, lane])
    reach = most - least
    return not (most + reach <= lanes.highest[asked, lane] and least - reach >= lanes.lowest[asked, lane])


@compiled
def turn(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int, polynomial: Coefficients) -> None:
    """Widen the extremes by the quantity itself where its polynomial turns beyond them."""
    patient, stretch, quantity = lanes.patient[lane], lanes.window[lane], plan.exposures[asked]
    if not may_widen(lanes, lane, asked):
        return
    for point in range(1, POINTS):
        low, high = NODES[point - 1], NODES[point]
        if slope(polynomial, low) * slope(polynomial, high) < 0.0:
            at = turning(polynomial, low, high)
            if lanes.lowest[asked, lane] <= height(polynomial, at) <= lanes.highest[asked, lane]:
                continue
            time = lanes.gauged[lane] + at * (lanes.piece[lane] - lanes.gauged[lane])
            aim_at(lanes, lane, time)
            run(lanes, BETWEEN)
            look_for_samples(plan, lanes, AT_BETWEEN)
            value = viewed(plan, lanes, lanes.between, quantity, lane)
            widened = widen(lanes, results, lane, asked, value, time)
            for parameter in range(plan.sensitive):
                change = changing(plan, lanes, lanes.between, quantity, parameter, lane)
                keep_slope(results, patient, stretch, asked * plan.sensitive + parameter, widened, change)


@compiled
def count_above(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int, polynomial: Coefficients) -> None:
    """Add the time during which the polynomial of a piece is above its threshold."""
    patient, stretch, threshold = lanes.patient[lane], lanes.window[lane], plan.thresholds[asked]
    length, first = lanes.piece[lane] - lanes.gauged[lane], asked * POINTS
    before = lanes.samples[first, lane] > threshold
    share = lanes.samples[first + CENTRE, lane] * 0.0  # not a number where the quantity is none
    for point in range(1, POINTS):
        low, high = NODES[point - 1], NODES[point]
        after = lanes.samples[first + point, lane] > threshold
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
