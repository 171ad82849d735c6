"""Generated functions as the solver loop calls them, and the numbers it reads from what they computed."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from trialeukin.core.arrays import Floats
from trialeukin.engine.compiled import compiled
from trialeukin.engine.frame import FUNCTIONS, Slot
from trialeukin.engine.plan import Lanes, Plan

PREPARE, START, STEP, COMMIT, BETWEEN, TRIGGERS, DEFINITIONS, SETS, *_SENSITIVE = range(len(FUNCTIONS))
SPEEDS, TRIGGER_SPEEDS, TRIGGER_SLOPES, DEFINITION_SLOPES, SET_SLOPES = _SENSITIVE
LOOK, AT_STATE, AT_BETWEEN = int(Slot.LOOK), int(Slot.STATE), int(Slot.BETWEEN)
AT_CANDIDATE = int(Slot.CANDIDATE)


@intrinsic
def _generated(typing_context, address, frame):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """Call the generated function at an address with the address of the frame."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]  # noqa: ARG001
        pointer = ir.IntType(8).as_pointer()
        function = ir.FunctionType(ir.VoidType(), [pointer]).as_pointer()
        builder.call(builder.inttoptr(arguments[0], function), [builder.inttoptr(arguments[1], pointer)])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


_call: Any = _generated


@compiled
def run(lanes: Lanes, function: int) -> None:
    """Call one generated function on all lanes."""
    _call(lanes.code[function], lanes.frame_address)


@compiled
def look(lanes: Lanes, function: int, where: int) -> None:
    """Call one generated function of the states in a slot."""
    lanes.frame[LOOK] = lanes.frame[where]
    _call(lanes.code[function], lanes.frame_address)


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
def changing(plan: Plan, lanes: Lanes, states: Floats, place: int, parameter: int, lane: int) -> float:  # noqa: PLR0913, PLR0917
    """Return how one number of a lane's view changes with a parameter, slopes of definitions having been computed."""
    if place < plan.states:
        return float(states[(1 + parameter) * plan.states + place, lane])
    place -= plan.states
    if place < plan.switches.size:
        return float(lanes.switches[(1 + parameter) * plan.switches.size + place, lane])
    return float(lanes.definition_slopes[parameter * plan.definitions + place - plan.switches.size, lane])
