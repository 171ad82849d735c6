"""Generated functions as the solver loop calls them, and the numbers it reads from what they computed."""

from trialeukin.core.arrays import Floats
from trialeukin.engine.calls import call
from trialeukin.engine.compiled import compiled
from trialeukin.engine.frame import FUNCTIONS, Slot
from trialeukin.engine.plan import Lanes, Plan

PREPARE, START, STEP, COMMIT, BETWEEN, TRIGGERS, DEFINITIONS, SETS, *_SENSITIVE = range(len(FUNCTIONS))
SPEEDS, TRIGGER_SPEEDS, TRIGGER_SLOPES, DEFINITION_SLOPES, SET_SLOPES = _SENSITIVE
AT_STATE, AT_BETWEEN = int(Slot.STATE), int(Slot.BETWEEN)
AT_CANDIDATE = int(Slot.CANDIDATE)


@compiled
def look(lanes: Lanes, function: int, where: int) -> None:
    """Call one generated function of the states in a slot."""
    call(lanes, lanes.code[function], lanes.frame_address, function, where)


@compiled
def run(lanes: Lanes, function: int) -> None:
    """Call one generated function on all lanes."""
    look(lanes, function, AT_STATE)


@compiled
def aim_at(lanes: Lanes, lane: int, time: float) -> None:
    """Ask for the states at a time in a lane's step."""
    lanes.fraction[0, lane] = min(1.0, max(0.0, (time - lanes.time[lane]) / lanes.length[0, lane]))


@compiled
def viewed(plan: Plan, lanes: Lanes, states: Floats, place: int, lane: int) -> float:
    """Return one number of a lane's view, its definitions having been computed."""
    if place < plan.states:
        return float(states[place, lane])
    place -= plan.states
    if place < plan.switches.size:
        return float(lanes.switches[place, lane])
    return float(lanes.definitions[place - plan.switches.size, lane])


@compiled
def view_all(plan: Plan, lanes: Lanes, states: Floats, place: int, row: int) -> None:
    """Put one number of every lane's view, its definitions having been computed, into a row of samples.

    Rows are walked through by one index: two would look up how long rows are at every lane.
    """
    width, found = lanes.time.size, lanes.samples
    source = states
    if place >= plan.states:
        place -= plan.states
        source = lanes.switches
        if place >= plan.switches.size:
            place -= plan.switches.size
            source = lanes.definitions
    for lane in range(width):
        found[row * width + lane] = source[place * width + lane]


@compiled
def changing(plan: Plan, lanes: Lanes, states: Floats, place: int, parameter: int, lane: int) -> float:
    """Return how one number of a lane's view changes with a parameter, slopes of definitions having been computed."""
    if place < plan.states:
        return float(states[(1 + parameter) * plan.states + place, lane])
    place -= plan.states
    if place < plan.switches.size:
        return float(lanes.switches[(1 + parameter) * plan.switches.size + place, lane])
    return float(lanes.definition_slopes[parameter * plan.definitions + place - plan.switches.size, lane])


@compiled
def in_window(plan: Plan, lanes: Lanes, lane: int) -> bool:
    """Say whether a lane is between two edges of windows."""
    return bool(0 <= lanes.window[lane] < plan.edges.size - 1)
