"""What the solver loop and a model's generated code hand to each other: a table of addresses.

Every generated function takes the address of this table and the slot of the states it looks at, which
triggers, definitions and sets are computed from. An array holds, for each of its rows, one number a
lane, side by side. On a GPU a thread is one lane, and its functions also take by how many bytes that is
further on than the table says.
"""

from enum import IntEnum


class Slot(IntEnum):
    """Places in the table; the comment says what the rows of the array are.

    Where sensitivities are asked for, behind the rows of parameter-dependent numbers (SWITCHES, RATES, states,
    START) follow as many rows for each parameter that they are sensitive to.
    """

    PARAMETERS = 0  # parameters
    SWITCHES = 1  # switches
    FIXED = 2  # what is computed once between events
    RATES = 3  # inputs: the rate at which each runs, in its state's unit a day
    STATE = 4  # states at the start of a step
    CANDIDATE = 5  # states at its end
    STAGES = 6  # stages by states
    POINT = 7  # states at which a stage is computed
    COUPLING = 8  # states: what earlier stages add to a stage
    FACTORS = 9  # entries of the factorised matrix
    LENGTH = 10  # one: the length of the step, set by it
    ERROR = 11  # one: mean of the squared errors over their tolerances
    MARGIN = 12  # one: the least distance of a positive state from its floor
    TRIGGERS = 13  # events
    DEFINITIONS = 14  # definitions
    FRACTION = 15  # one: where in the step to interpolate
    BETWEEN = 16  # states there
    START = 17  # states, then availability, lag and own duration of each input
    SETS = 18  # values that events set, one event after another
    TOLERANCE = 19  # not by lanes: one relative tolerance, then an absolute one a state
    ACCEPTED = 20  # one: above a half where the step just taken counts
    FLOOR = 21  # not by lanes: for each state what is added before it is compared with zero
    TIME = 22  # one: where the step starts
    END = 23  # one: where it ends, if it counts
    STOP = 24  # one: no step goes beyond; no number in a lane without a patient
    WISH = 25  # one: the length that the error control asks for
    DUE = 26  # one: the next save time
    STEPS = 27  # one: how many have counted
    MOST = 28  # not by lanes: one, how many may
    REASON = 29  # one: why the last step did not count, a `Status`, or minus one
    ATTENTION = 30  # one: one where a step that counted reaches the stop, or one that did not is too short already
    SPEEDS = 31  # states: their rates of change
    TRIGGER_SPEEDS = 32  # events: rates of change of their triggers
    TRIGGER_SLOPES = 33  # parameters by events: changes of triggers with a parameter
    DEFINITION_SLOPES = 34  # parameters by definitions
    SET_SLOPES = 35  # parameters by values that events set


RUNNING = -1  # in REASON, that the last step counted; as the status of a lane, that its course has not ended
NOBODY = -1  # the patient of an empty lane
COUNTS = 1.0  # in ACCEPTED, where a lane moves to the end of its step
ENTRY = 3  # numbers of each input in the rows of START

COMMON = (Slot.TOLERANCE, Slot.FLOOR, Slot.MOST)
"""The slots of arrays that are the same for all lanes."""

FUNCTIONS = (
    *("prepare", "start", "step", "commit", "between", "triggers", "definitions", "sets"),
    *("speeds", "trigger_speeds", "trigger_slopes", "definition_slopes", "set_slopes"),
)
"""The generated functions, in the order in which their addresses are handed on."""
