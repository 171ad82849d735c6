"""What dose rules see between two doses, compiled.

A rule that lasts (a stop, a reduction, a hold that resumes at less) counts from the first administration it is looked
up at: its condition may come true at any time from then on, and may have passed at the next dose. So each piece of an
accepted step (`trialeukin.engine.pieces`) is looked at, through the polynomial of five of its values.
"""

from trialeukin.engine.compiled import compiled
from trialeukin.engine.looks import viewed
from trialeukin.engine.pieces import END
from trialeukin.engine.plan import CENTRE, POINTS, Lanes, Plan
from trialeukin.engine.quartic import NODES, height, interpolant, leeway, slope, turning
from trialeukin.engine.rule_table import COMPARISONS
from trialeukin.regimen.rules import Comparison

BELOW, AT_MOST, AT_LEAST = (COMPARISONS.index(c) for c in (Comparison.BELOW, Comparison.AT_MOST, Comparison.AT_LEAST))
NOT_LOOKED_UP, WATCHED, HAS_HELD = 0, 1, 2  # what is known of a rule


@compiled
def holds(plan: Plan, rule: int, value: float) -> bool:
    """Say whether a rule's condition holds for a value; not-a-number fulfils none."""
    beyond = beyond_threshold(plan, rule, value)
    return beyond > 0.0 or (beyond == 0.0 and plan.rule_comparisons[rule] in (AT_MOST, AT_LEAST))


@compiled
def beyond_threshold(plan: Plan, rule: int, value: float) -> float:
    """Return by how much a value is on the side of a rule's threshold where its condition holds."""
    beyond = float(value - plan.rule_thresholds[rule])
    return -beyond if plan.rule_comparisons[rule] in (BELOW, AT_MOST) else beyond


@compiled
def rows_of(plan: Plan, rule: int) -> int:
    """Return the first of the rows of samples of a rule's quantity."""
    return int((plan.exposures.size + rule) * POINTS)


@compiled
def note(plan: Plan, lanes: Lanes, rule: int, lane: int) -> None:
    """Take the value of a rule's quantity now, its definitions having been computed."""
    lanes.samples[rows_of(plan, rule), lane] = viewed(plan, lanes, lanes.state, plan.rule_places[rule], lane)


@compiled
def holds_now(plan: Plan, lanes: Lanes, rule: int, lane: int) -> bool:
    """Say whether the condition of a rule holds for the value that was taken last."""
    return holds(plan, rule, lanes.samples[rows_of(plan, rule), lane])


@compiled
def may_hold(plan: Plan, lanes: Lanes, rule: int, lane: int) -> bool:
    """Say whether a condition whose holding matters could hold in a lane's piece, judged by its ends and its middle."""
    if lanes.known[rule, lane] != WATCHED or plan.rule_lasts[rule] == 0 or lanes.piece[lane] == lanes.gauged[lane]:
        return False
    first = rows_of(plan, rule)
    start = beyond_threshold(plan, rule, lanes.samples[first, lane])
    middle = beyond_threshold(plan, rule, lanes.samples[first + CENTRE, lane])
    end = beyond_threshold(plan, rule, lanes.samples[first + END, lane])
    return bool(max(start, middle, end) + leeway(start, middle, end) >= 0.0)


@compiled
def may_any_hold(plan: Plan, lanes: Lanes) -> bool:
    """Say whether that matters of any lasting rule in any lane."""
    found = False
    for rule in range(plan.rule_places.size * plan.lasting_rules):
        for lane in range(lanes.time.size):
            found |= may_hold(plan, lanes, rule, lane)
    return found


@compiled
def comes_true(plan: Plan, lanes: Lanes, rule: int, lane: int) -> bool:
    """Say whether a condition holds at one of the points of a piece, or where its polynomial turns."""
    first = rows_of(plan, rule)
    for row in range(first, first + POINTS):
        if holds(plan, rule, lanes.samples[row, lane]):
            return True
    polynomial = interpolant(lanes.samples, first, lane)
    for point in range(1, POINTS):
        low, high = NODES[point - 1], NODES[point]
        turns = slope(polynomial, low) * slope(polynomial, high) < 0.0
        if turns and holds(plan, rule, height(polynomial, turning(polynomial, low, high))):
            return True
    return False


@compiled
def watch(plan: Plan, lanes: Lanes) -> None:
    """Note which lasting rules' conditions hold at some time in the pieces."""
    for rule in range(plan.rule_places.size * plan.lasting_rules):
        for lane in range(lanes.time.size):
            if may_hold(plan, lanes, rule, lane) and comes_true(plan, lanes, rule, lane):
                lanes.known[rule, lane] = HAS_HELD
