"""What dose rules see between two doses, compiled.

A rule that lasts (a stop, a reduction, a hold that resumes at less) counts from the first administration it is looked
up at: its condition may come true at any time from then on, and may have passed at the next dose. So each accepted
step is looked at as `trialeukin.engine.gauge` does, through the polynomial of five of its values.
"""

from trialeukin.core.arrays import Floats
from trialeukin.engine.compiled import compiled
from trialeukin.engine.frame import COUNTS, NOBODY
from trialeukin.engine.looks import AT_BETWEEN, AT_STATE, BETWEEN, DEFINITIONS, aim_at, look, run, viewed
from trialeukin.engine.plan import CENTRE, POINTS, Lanes, Plan
from trialeukin.engine.quartic import NODES, height, interpolant, leeway, slope, turning
from trialeukin.engine.rule_table import COMPARISONS
from trialeukin.regimen.rules import Comparison

BELOW, AT_MOST, AT_LEAST = (COMPARISONS.index(c) for c in (Comparison.BELOW, Comparison.AT_MOST, Comparison.AT_LEAST))
NOT_LOOKED_UP, WATCHED, HAS_HELD = 0, 1, 2  # what is known of a rule


@compiled
def holds(beyond: float, comparison: int) -> bool:
    """Say whether a condition holds for a value so far beyond its threshold; not-a-number fulfils none."""
    return beyond > 0.0 or (beyond == 0.0 and comparison in (AT_MOST, AT_LEAST))


@compiled
def is_watched(plan: Plan, lanes: Lanes, rule: int, lane: int) -> bool:
    """Say whether it matters what a rule's condition does in a lane's accepted step."""
    lasting = plan.rule_lasts[rule] == 1 and lanes.known[rule, lane] == WATCHED
    return bool(lasting and lanes.patient[lane] != NOBODY and lanes.accepted[0, lane] == COUNTS)


@compiled
def begin_watch(plan: Plan, lanes: Lanes, lane: int) -> None:
    """Take the values at the start of a lane's next step, after something happened."""
    if plan.lasting_rules == 0:
        return
    if plan.defined_rules == 1:
        look(lanes, DEFINITIONS, AT_STATE)
    for rule in range(plan.rule_places.size):
        note(plan, lanes, lanes.state, rule, 0, lane)


@compiled
def note(plan: Plan, lanes: Lanes, states: Floats, rule: int, point: int, lane: int) -> None:
    """Note by how much a rule's quantity is beyond its threshold at one point of a step."""
    beyond = viewed(plan, lanes, states, plan.rule_places[rule], lane) - plan.rule_thresholds[rule]
    if plan.rule_comparisons[rule] in (BELOW, AT_MOST):
        beyond = -beyond
    lanes.beyond[rule * POINTS + point, lane] = beyond


@compiled
def note_all(plan: Plan, lanes: Lanes, point: int) -> None:
    """Note all rules at one point of every lane's step."""
    for lane in range(lanes.time.size):
        aim_at(lanes, lane, lanes.time[lane] + NODES[point] * (lanes.end[lane] - lanes.time[lane]))
    run(lanes, BETWEEN)
    if plan.defined_rules == 1:
        look(lanes, DEFINITIONS, AT_BETWEEN)
    for rule in range(plan.rule_places.size):
        for lane in range(lanes.time.size):
            if is_watched(plan, lanes, rule, lane):
                note(plan, lanes, lanes.between, rule, point, lane)


@compiled
def may_hold(lanes: Lanes, rule: int, lane: int) -> bool:
    """Say whether a condition could hold in a step, of which both ends and the middle are known."""
    first = rule * POINTS
    start, end = lanes.beyond[first, lane], lanes.beyond[first + POINTS - 1, lane]
    middle = lanes.beyond[first + CENTRE, lane]
    return bool(max(start, middle, end) + leeway(start, middle, end) >= 0.0)


@compiled
def comes_true(lanes: Lanes, rule: int, comparison: int, lane: int) -> bool:
    """Say whether a condition holds at one of the points of a step, or where its polynomial turns."""
    first = rule * POINTS
    for row in range(first, first + POINTS):
        if holds(lanes.beyond[row, lane], comparison):
            return True
    polynomial = interpolant(lanes.beyond, first, lane)
    for point in range(1, POINTS):
        low, high = NODES[point - 1], NODES[point]
        turns = slope(polynomial, low) > 0.0 > slope(polynomial, high)
        if turns and holds(height(polynomial, turning(polynomial, low, high)), comparison):
            return True
    return False


@compiled
def needs_watch(plan: Plan, lanes: Lanes) -> bool:
    """Say whether any rule must be looked at in the accepted steps."""
    found = False
    if plan.lasting_rules == 0:
        return found
    for rule in range(plan.rule_places.size):
        for lane in range(lanes.time.size):
            found |= is_watched(plan, lanes, rule, lane)
    return found


@compiled
def watch(plan: Plan, lanes: Lanes) -> None:
    """Note which lasting rules' conditions hold at some time in the accepted steps."""
    if not needs_watch(plan, lanes):
        return
    note_all(plan, lanes, POINTS - 1)
    note_all(plan, lanes, CENTRE)
    near = False
    for rule in range(plan.rule_places.size):
        for lane in range(lanes.time.size):
            near |= is_watched(plan, lanes, rule, lane) and may_hold(lanes, rule, lane)
    if near:
        note_all(plan, lanes, CENTRE - 1)
        note_all(plan, lanes, CENTRE + 1)
    for rule in range(plan.rule_places.size):
        for lane in range(lanes.time.size):
            if not is_watched(plan, lanes, rule, lane):
                continue
            if may_hold(lanes, rule, lane) and comes_true(lanes, rule, plan.rule_comparisons[rule], lane):
                lanes.known[rule, lane] = HAS_HELD
            lanes.beyond[rule * POINTS, lane] = lanes.beyond[rule * POINTS + POINTS - 1, lane]
