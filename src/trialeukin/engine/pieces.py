"""Accepted steps in pieces, compiled: what exposures and lasting dose rules look at between two steps.

A step, cut where a window of exposures starts or ends, is a piece. On it a quantity is known at both ends and in the
middle, and at two points more where it is looked at closely: the polynomial of `trialeukin.engine.quartic`
goes through these five. All lanes are sampled side by side, also those that have no piece, whose samples mean nothing.
"""

from trialeukin.core.arrays import Floats
from trialeukin.engine.compiled import compiled
from trialeukin.engine.frame import COUNTS, NOBODY
from trialeukin.engine.looks import (
    AT_BETWEEN,
    AT_CANDIDATE,
    AT_STATE,
    BETWEEN,
    DEFINITION_SLOPES,
    DEFINITIONS,
    aim_at,
    changing,
    look,
    run,
    view_all,
    viewed,
)
from trialeukin.engine.plan import POINTS, Lanes, Plan
from trialeukin.engine.quartic import NODES

END = POINTS - 1


@compiled
def look_for_samples(plan: Plan, lanes: Lanes, where: int) -> None:
    """Compute what samples need of the states in a slot."""
    if plan.defined_samples == 1:
        look(lanes, DEFINITIONS, where)
        if plan.sensitive > 0:
            look(lanes, DEFINITION_SLOPES, where)


@compiled
def sample(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Take the values at the start of a lane's next piece, after something happened."""
    if plan.sampling == 0:
        return
    look_for_samples(plan, lanes, AT_STATE)
    for asked in range(plan.sampled.size):
        lanes.samples[asked * POINTS, lane] = viewed(plan, lanes, lanes.state, plan.sampled[asked], lane)
    for asked in range(plan.exposures.size):
        for parameter in range(plan.sensitive):
            row = (asked * plan.sensitive + parameter) * POINTS
            place = plan.exposures[asked]
            lanes.sample_slopes[row, lane] = changing(plan, lanes, lanes.state, place, parameter, lane)
    for parameter in range(plan.sensitive):
        lanes.entering[parameter, lane] = lanes.moving[parameter, lane]


@compiled
def choose_pieces(plan: Plan, lanes: Lanes) -> bool:
    """Say until when each lane's next piece goes, at most to the next edge of windows; say whether there is one."""
    due = False
    for lane in range(lanes.time.size):
        lanes.piece[lane] = lanes.gauged[lane]
        if lanes.patient[lane] == NOBODY or lanes.accepted[0, lane] != COUNTS:
            continue
        if lanes.end[lane] > lanes.gauged[lane] and (plan.lasting_rules == 1 or has_edge(plan, lanes, lane)):
            lanes.piece[lane] = lanes.end[lane]
            if has_edge(plan, lanes, lane):
                lanes.piece[lane] = min(lanes.end[lane], plan.edges[lanes.window[lane] + 1])
            due = True
    return due


@compiled
def has_edge(plan: Plan, lanes: Lanes, lane: int) -> bool:
    """Say whether an edge of windows is still to come in a lane."""
    return bool(lanes.window[lane] + 1 < plan.edges.size)


@compiled
def sample_ends(plan: Plan, lanes: Lanes) -> None:
    """Take the values at the end of every lane's piece: the end of the step, unless that is cut."""
    look_for_samples(plan, lanes, AT_CANDIDATE)
    for asked in range(plan.sampled.size):
        view_all(plan, lanes, lanes.candidate, plan.sampled[asked], asked * POINTS + END)
    cut = False
    for lane in range(lanes.time.size):
        cut |= is_cut(lanes, lane)
        aim_at(lanes, lane, lanes.piece[lane])
    if cut or plan.sensitive > 0:
        run(lanes, BETWEEN)
        look_for_samples(plan, lanes, AT_BETWEEN)
    for lane in range(lanes.time.size):
        if is_cut(lanes, lane):
            for asked in range(plan.sampled.size):
                value = viewed(plan, lanes, lanes.between, plan.sampled[asked], lane)
                lanes.samples[asked * POINTS + END, lane] = value
    sample_slopes(plan, lanes, END)


@compiled
def is_cut(lanes: Lanes, lane: int) -> bool:
    """Say whether a lane's piece ends before its step."""
    cut = lanes.piece[lane] < lanes.end[lane] or lanes.crossing[lane] >= 0
    return bool(cut and lanes.piece[lane] > lanes.gauged[lane])


@compiled
def sample_inside(plan: Plan, lanes: Lanes, point: int) -> None:
    """Take the values at one inner point of every lane's piece."""
    for lane in range(lanes.time.size):
        aim_at(lanes, lane, lanes.gauged[lane] + NODES[point] * (lanes.piece[lane] - lanes.gauged[lane]))
    run(lanes, BETWEEN)
    look_for_samples(plan, lanes, AT_BETWEEN)
    for asked in range(plan.sampled.size):
        view_all(plan, lanes, lanes.between, plan.sampled[asked], asked * POINTS + point)
    sample_slopes(plan, lanes, point)


@compiled
def sample_slopes(plan: Plan, lanes: Lanes, point: int) -> None:
    """Take the changes with parameters at one point of every lane's piece."""
    for asked in range(plan.exposures.size):
        for parameter in range(plan.sensitive):
            row = (asked * plan.sensitive + parameter) * POINTS + point
            for lane in range(lanes.time.size):
                place = plan.exposures[asked]
                lanes.sample_slopes[row, lane] = changing(plan, lanes, lanes.between, place, parameter, lane)


@compiled
def begin_next(lanes: Lanes, samples: Floats) -> None:
    """Let the last sample of each quantity, where a lane has a piece, be the first of the next piece."""
    width, piece, gauged = lanes.time.size, lanes.piece, lanes.gauged
    for first in range(0, samples.size, POINTS * width):
        for lane in range(width):
            if piece[lane] > gauged[lane]:
                samples[first + lane] = samples[first + END * width + lane]


@compiled
def end_pieces(plan: Plan, lanes: Lanes) -> None:
    """Let the end of each lane's piece be the start of the next."""
    begin_next(lanes, lanes.samples)
    begin_next(lanes, lanes.sample_slopes)
    for lane in range(lanes.time.size):
        if lanes.piece[lane] > lanes.gauged[lane]:
            lanes.gauged[lane] = lanes.piece[lane]
            for parameter in range(plan.sensitive):
                lanes.entering[parameter, lane] = 0.0
