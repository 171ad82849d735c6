"""What the solver loop and a model's generated code hand to each other: a table of addresses.

Every generated function takes one pointer, to this table. An array holds, for each of its rows, one
number a lane, side by side.
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
    LOOK = 6  # states that triggers, definitions and sets are computed from
    STAGES = 7  # stages by states
    POINT = 8  # states at which a stage is computed
    COUPLING = 9  # states: what earlier stages add to a stage
    FACTORS = 10  # entries of the factorised matrix
    LENGTH = 11  # one: the length of the step
    ERROR = 12  # one: mean of the squared errors over their tolerances
    MARGIN = 13  # one: the least distance of a positive state from its floor
    TRIGGERS = 14  # events
    DEFINITIONS = 15  # definitions
    FRACTION = 16  # one: where in the step to interpolate
    BETWEEN = 17  # states there
    START = 18  # states, then availability, lag and own duration of each input
    SETS = 19  # values that events set, one event after another
    TOLERANCE = 20  # not by lanes: one relative tolerance, then an absolute one a state
    ACCEPTED = 21  # one: above a half where the step just taken counts
    FLOOR = 22  # not by lanes: for each state what is added before it is compared with zero
    SPEEDS = 23  # states: their rates of change
    TRIGGER_SPEEDS = 24  # events: rates of change of their triggers
    TRIGGER_SLOPES = 25  # parameters by events: changes of triggers with a parameter
    DEFINITION_SLOPES = 26  # parameters by definitions
    SET_SLOPES = 27  # parameters by values that events set


ENTRY = 3  # numbers of each input in the rows of START

FUNCTIONS = (
    *("prepare", "start", "step", "commit", "between", "triggers", "definitions", "sets"),
    *("speeds", "trigger_speeds", "trigger_slopes", "definition_slopes", "set_slopes"),
)
"""The generated functions, in the order in which their addresses are handed on."""
