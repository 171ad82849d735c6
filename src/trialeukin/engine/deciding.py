"""What dose rules make of the administrations that are due, compiled."""

from trialeukin.engine.administered import awaited
from trialeukin.engine.compiled import compiled
from trialeukin.engine.looks import AT_STATE, DEFINITIONS, look
from trialeukin.engine.plan import Lanes, Plan, Results
from trialeukin.engine.problem import Fate
from trialeukin.engine.rule_table import ACTIONS
from trialeukin.engine.watching import HAS_HELD, WATCHED, holds_now, note
from trialeukin.regimen.rules import Action

GIVEN, NEVER_STARTED, BY_RULE = int(Fate.GIVEN), int(Fate.NEVER_STARTED), int(Fate.RULE)
HOLD, DELAY, STOP = (ACTIONS.index(action) for action in (Action.HOLD, Action.DELAY, Action.STOP))


@compiled
def has_ended(plan: Plan, lanes: Lanes, rule: int, lane: int) -> bool:
    """Say whether a rule has ended its drug: a stop whose condition has held, or a delay that was not enough."""
    return bool(plan.rule_actions[rule] in (STOP, DELAY) and lanes.known[rule, lane] == HAS_HELD)


@compiled
def look_up(plan: Plan, lanes: Lanes, dose: int, lane: int) -> float:
    """Look up the rules of a dose; return by how much it is put off. A delay that is not enough ends its drug."""
    longest, ended = 0.0, False
    for rule in range(plan.rule_places.size):
        if plan.rule_applies[rule, plan.inputs[lanes.schedule[lane], dose]] == 0:
            continue
        note(plan, lanes, rule, lane)
        held = holds_now(plan, lanes, rule, lane)
        if plan.rule_actions[rule] == DELAY:
            held &= plan.rule_cycles[rule] <= plan.begins_cycle[lanes.schedule[lane], dose]
            longest = max(longest, plan.rule_steps[rule]) if held else longest
            held &= lanes.waited[lane] + plan.rule_steps[rule] > plan.rule_limits[rule]
        if lanes.known[rule, lane] != HAS_HELD:
            lanes.known[rule, lane] = HAS_HELD if held else WATCHED
        ended |= has_ended(plan, lanes, rule, lane)
    return 0.0 if ended else longest


@compiled
def put_off(plan: Plan, lanes: Lanes, results: Results, lane: int) -> bool:
    """Look up the rules of all that is due, and put it off together if one of them says so; say whether it was."""
    longest, dose, schedule = 0.0, lanes.planned[lane], lanes.schedule[lane]
    while dose < plan.planned and plan.times[schedule, dose] + lanes.late[lane] <= lanes.time[lane]:
        if results.fates[lanes.patient[lane], dose] != NEVER_STARTED:
            longest = max(longest, look_up(plan, lanes, dose, lane))
        dose += 1
    lanes.late[lane] += longest
    lanes.waited[lane] = lanes.waited[lane] + longest if longest > 0.0 else 0.0
    return longest > 0.0


@compiled
def ruling(plan: Plan, lanes: Lanes, lane: int, entry: int) -> tuple[int, float]:
    """Return what the rules make of an administration that is not put off: its fate and the fraction given."""
    stop = hold = smallest = -1
    fraction = 1.0
    for rule in range(plan.rule_places.size):
        if plan.rule_applies[rule, entry] == 0 or lanes.known[rule, lane] != HAS_HELD:
            continue
        if has_ended(plan, lanes, rule, lane):
            stop = rule if stop < 0 else stop
        elif plan.rule_actions[rule] == HOLD and holds_now(plan, lanes, rule, lane):
            hold = rule if hold < 0 else hold
        elif plan.rule_fractions[rule] < fraction:
            smallest, fraction = rule, plan.rule_fractions[rule]
    if stop >= 0:
        return BY_RULE + stop, 0.0
    if hold >= 0:
        return BY_RULE + hold, 0.0
    return (BY_RULE + smallest, fraction) if smallest >= 0 else (GIVEN, 1.0)


@compiled
def decide_doses(plan: Plan, lanes: Lanes, results: Results, lane: int) -> None:
    """Decide on every dose that is due, all on the same view."""
    if not awaited(plan, lanes, lane) <= lanes.time[lane]:
        return
    if plan.defined_samples == 1:
        look(lanes, DEFINITIONS, AT_STATE)
    if put_off(plan, lanes, results, lane):
        return
    patient, schedule = lanes.patient[lane], lanes.schedule[lane]
    while awaited(plan, lanes, lane) <= lanes.time[lane]:
        dose = lanes.planned[lane]
        lanes.planned[lane] += 1
        results.put_off[patient, dose] = lanes.late[lane]
        if results.fates[patient, dose] == NEVER_STARTED:
            continue
        fate, fraction = ruling(plan, lanes, lane, plan.inputs[schedule, dose])
        if results.fates[patient, dose] == GIVEN:
            results.fates[patient, dose] = fate
            results.given[patient, dose] = fraction * plan.amounts[patient, dose]
