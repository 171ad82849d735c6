"""Exposures while a run goes on, compiled: extremes, area and time above a threshold of each quantity.

A step, cut where a window starts or ends, is a piece. On it a quantity is taken to be the polynomial of
degree four through its values at both ends, the middle and the two outer points of Gauss's rule of three
points, all on the dense output. That rule gives the area (exact to degree five), the zeros of the slope the
extremes, and the crossings of the threshold the time above it; so each is as good as the dense output, and
independent of where the steps of a run happen to end.
"""

import numpy as np

from trialeukin.engine.compiled import compiled
from trialeukin.engine.happenings import (
    AT_BETWEEN,
    AT_STATE,
    BETWEEN,
    COUNTS,
    DEFINITIONS,
    NOBODY,
    look,
    run,
    viewed,
)
from trialeukin.engine.plan import POINTS, Lanes, Plan, Results

GAUSS = float(0.5 - np.sqrt(0.15))
NODES = (0.0, GAUSS, 0.5, 1.0 - GAUSS, 1.0)
OUTER, MIDDLE = 5.0 / 18.0, 8.0 / 18.0  # weights of Gauss's rule
HALVINGS = 48
TO_COEFFICIENTS = tuple(
    tuple(float(entry) for entry in row) for row in np.linalg.inv(np.vander(NODES, increasing=True))[1:, 1:]
)
Coefficients = tuple[float, float, float, float, float]


@compiled
def start_gauging(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Begin at time zero, before the first window or in it."""
    lanes.gauged[lane] = 0.0
    lanes.window[lane] = 0 if plan.edges[0] <= 0.0 else -1
    sample(plan, lanes, lane)


@compiled
def sample(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Take the values at the start of a lane's next piece."""
    if plan.exposures.size == 0:
        return
    if plan.defined_exposures == 1:
        look(lanes, DEFINITIONS, AT_STATE)
    for asked in range(plan.exposures.size):
        lanes.samples[asked * POINTS, lane] = viewed(plan, lanes, lanes.state, plan.exposures[asked], lane)


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
def place(lanes: Lanes, lane: int, time: float) -> None:
    """Ask for the states at a time in a lane's step."""
    lanes.fraction[0, lane] = min(1.0, max(0.0, (time - lanes.time[lane]) / lanes.length[0, lane]))


@compiled
def value_inside(plan: Plan, lanes: Lanes, lane: int, asked: int, time: float) -> float:
    """Return a quantity at a time in a lane's step."""
    place(lanes, lane, time)
    look_between(plan, lanes)
    return viewed(plan, lanes, lanes.between, plan.exposures[asked], lane)


@compiled
def look_between(plan: Plan, lanes: Lanes) -> None:
    """Compute what exposures need at the times asked for."""
    run(lanes, BETWEEN)
    if plan.defined_exposures == 1:
        look(lanes, DEFINITIONS, AT_BETWEEN)


@compiled
def sample_pieces(plan: Plan, lanes: Lanes, point: int) -> None:
    """Take the values at one point of every lane's piece."""
    for lane in range(lanes.time.size):
        place(lanes, lane, lanes.gauged[lane] + NODES[point] * (lanes.piece[lane] - lanes.gauged[lane]))
    look_between(plan, lanes)
    for lane in range(lanes.time.size):
        if lanes.piece[lane] > lanes.gauged[lane]:
            for asked in range(plan.exposures.size):
                value = viewed(plan, lanes, lanes.between, plan.exposures[asked], lane)
                lanes.samples[asked * POINTS + point, lane] = value


@compiled
def gauge(plan: Plan, lanes: Lanes, results: Results) -> None:
    """Measure the accepted steps, piece by piece."""
    while plan.exposures.size > 0 and choose_pieces(plan, lanes):
        for point in range(1, POINTS):
            sample_pieces(plan, lanes, point)
        for lane in range(lanes.time.size):
            if lanes.piece[lane] > lanes.gauged[lane]:
                inside = lanes.window[lane] >= 0
                for asked in range(plan.exposures.size):
                    if inside:
                        measure(plan, lanes, results, lane, asked)
                    lanes.samples[asked * POINTS, lane] = lanes.samples[asked * POINTS + POINTS - 1, lane]
                if inside:
                    results.reached[lanes.patient[lane]] = lanes.window[lane] + 1
                lanes.gauged[lane] = lanes.piece[lane]
                lanes.window[lane] += lanes.piece[lane] == plan.edges[lanes.window[lane] + 1]


@compiled
def measure(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int) -> None:
    """Add one piece to what is known of one exposure in the present stretch."""
    patient, stretch, first = lanes.patient[lane], lanes.window[lane], asked * POINTS
    length = lanes.piece[lane] - lanes.gauged[lane]
    if results.reached[patient] <= stretch:
        results.area[patient, stretch, asked] = 0.0
        results.above[patient, stretch, asked] = 0.0
    outer = lanes.samples[first + 1, lane] + lanes.samples[first + 3, lane]
    results.area[patient, stretch, asked] += length * (OUTER * outer + MIDDLE * lanes.samples[first + 2, lane])
    widen(results, patient, stretch, asked, lanes.samples[first, lane], lanes.gauged[lane])
    widen(results, patient, stretch, asked, lanes.samples[first + POINTS - 1, lane], lanes.piece[lane])
    polynomial = interpolant(lanes, lane, first)
    if may_widen(lanes, results, lane, asked):
        turn(plan, lanes, results, lane, asked, polynomial)
    if plan.thresholds[asked] < np.inf:
        share = share_above(polynomial, plan.thresholds[asked])
        results.above[patient, stretch, asked] += share * length


@compiled
def widen(results: Results, patient: int, stretch: int, asked: int, value: float, time: float) -> None:
    """Widen the extremes by a value; what is no number is left out."""
    if np.isnan(value):
        return
    if not value >= results.lowest[patient, stretch, asked]:
        results.lowest[patient, stretch, asked] = value
        results.lowest_at[patient, stretch, asked] = time
    if not value <= results.highest[patient, stretch, asked]:
        results.highest[patient, stretch, asked] = value
        results.highest_at[patient, stretch, asked] = time


@compiled
def may_widen(lanes: Lanes, results: Results, lane: int, asked: int) -> bool:
    """Say whether a turn inside a piece could be a new extreme: it lies within the piece's range of a sample."""
    patient, stretch, first = lanes.patient[lane], lanes.window[lane], asked * POINTS
    low = high = lanes.samples[first, lane]
    for point in range(1, POINTS):
        low = min(low, lanes.samples[first + point, lane])
        high = max(high, lanes.samples[first + point, lane])
    reach = high - low
    higher = high + reach > results.highest[patient, stretch, asked]
    return bool(higher or low - reach < results.lowest[patient, stretch, asked])


@compiled
def interpolant(lanes: Lanes, lane: int, first: int) -> Coefficients:
    """Return the coefficients of the polynomial through the samples of a piece, which runs from zero to one."""
    start = lanes.samples[first, lane]
    one, two = lanes.samples[first + 1, lane] - start, lanes.samples[first + 2, lane] - start
    three, four = lanes.samples[first + 3, lane] - start, lanes.samples[first + 4, lane] - start
    rows = TO_COEFFICIENTS
    return (
        start,
        rows[0][0] * one + rows[0][1] * two + rows[0][2] * three + rows[0][3] * four,
        rows[1][0] * one + rows[1][1] * two + rows[1][2] * three + rows[1][3] * four,
        rows[2][0] * one + rows[2][1] * two + rows[2][2] * three + rows[2][3] * four,
        rows[3][0] * one + rows[3][1] * two + rows[3][2] * three + rows[3][3] * four,
    )


@compiled
def height(polynomial: Coefficients, at: float) -> float:
    """Return the value of a polynomial."""
    zero, one, two, three, four = polynomial
    return zero + at * (one + at * (two + at * (three + at * four)))


@compiled
def slope(polynomial: Coefficients, at: float) -> float:
    """Return the slope of a polynomial."""
    _, one, two, three, four = polynomial
    return one + at * (2.0 * two + at * (3.0 * three + at * 4.0 * four))


@compiled
def turn(plan: Plan, lanes: Lanes, results: Results, lane: int, asked: int, polynomial: Coefficients) -> None:
    """Widen the extremes by the quantity itself where the slope of its polynomial changes its sign."""
    before = slope(polynomial, 0.0)
    for point in range(1, POINTS):
        after = slope(polynomial, NODES[point])
        if before * after < 0.0:
            low, high = NODES[point - 1], NODES[point]
            for _ in range(HALVINGS):
                middle = 0.5 * (low + high)
                if slope(polynomial, middle) * before > 0.0:
                    low = middle
                else:
                    high = middle
            time = lanes.gauged[lane] + high * (lanes.piece[lane] - lanes.gauged[lane])
            value = value_inside(plan, lanes, lane, asked, time)
            widen(results, lanes.patient[lane], lanes.window[lane], asked, value, time)
        before = after


@compiled
def share_above(polynomial: Coefficients, threshold: float) -> float:
    """Return the share of a piece during which its polynomial is above a threshold."""
    share = 0.0
    before = height(polynomial, 0.0) > threshold
    for point in range(1, POINTS):
        low, high = NODES[point - 1], NODES[point]
        after = height(polynomial, high) > threshold
        if before and after:
            share += high - low
        elif before != after:
            start, end = low, high
            for _ in range(HALVINGS):
                middle = 0.5 * (low + high)
                if (height(polynomial, middle) > threshold) == before:
                    low = middle
                else:
                    high = middle
            share += high - start if before else end - high
        before = after
    return share if height(polynomial, 0.5) == height(polynomial, 0.5) else np.nan
