"""What the solver loop and a model's generated code hand to each other: a table of addresses.

Every generated function takes one pointer, to this table. An array holds, for each of its rows, one
number a lane, side by side.
"""

from enum import IntEnum


class Slot(IntEnum):
    """Places in the table; the comment says what the rows of the array are."""

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
    LENGTH = 11  # one: the length of the step, set by it
    ERROR = 12  # one: mean of the squared errors over their tolerances
    MARGIN = 13  # one: the least distance of a positive state from its floor
    TRIGGERS = 14  # events
    DEFINITIONS = 15  # definitions
    FRACTION = 16  # one: where in the step to interpolate
    BETWEEN = 17  # states there
    START = 18  # states, then availability and lag of each input
    SETS = 19  # values that events set, one event after another
    TOLERANCE = 20  # not by lanes: one relative tolerance, then an absolute one a state
    ACCEPTED = 21  # one: above a half where the step just taken counts
    FLOOR = 22  # not by lanes: for each state what is added before it is compared with zero
    TIME = 23  # one: where the step starts
    END = 24  # one: where it ends, if it counts
    STOP = 25  # one: no step goes beyond; no number in a lane without a patient
    WISH = 26  # one: the length that the error control asks for
    DUE = 27  # one: the next save time
    STEPS = 28  # one: how many have counted
    MOST = 29  # not by lanes: one, how many may
    REASON = 30  # one: why the last step did not count, a `Status`, or minus one
    ATTENTION = 31  # one: one where a step that counted reaches the stop, or one that did not is too short already


FUNCTIONS = ("prepare", "start", "step", "commit", "between", "triggers", "definitions", "sets")
"""The generated functions, in the order in which their addresses are handed on."""
