"""What the engine answers: for each patient a course, the events in it, and how it ended."""

from dataclasses import dataclass
from enum import IntEnum

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.engine.problem import Exposure


class Status(IntEnum):
    """How one trajectory ended. A failure is a value, never an exception for all patients."""

    REACHED_HORIZON = 0
    ENDED_BY_EVENT = 1
    TOO_MANY_STEPS = 2
    STEP_TOO_SMALL = 3
    NOT_FINITE = 4
    NEGATIVE_STATE = 5


def endings_of(status: Integers) -> dict[Status, int]:
    """Return how many trajectories ended in each way, from the `Status` of each, (n,)."""
    return {each: int((status == each).sum()) for each in Status}


def place_of(name: str, names: tuple[str, ...], what: str) -> int:
    """Return where a name stands among what was kept.

    Raises
    ------
    InputError
        When it is not there; the message lists what is.
    """
    if name not in names:
        raise InputError(f"{name!r} is not among the {what}: {', '.join(names) or 'there are none'}")
    return names.index(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """How what was found changes with m parameters, per unit of each: derivatives of the solution itself.

    Fates of doses, the events that happen and their order are taken as they were. A rate of change that jumps where a
    state crosses a value is not seen to (write it as an event that sets a switch), and an event whose trigger
    jumps has a time whose slope is not a number.

    Attributes
    ----------
    sensitive_to : tuple of str
        Names of the parameters, in the order of the last axis.
    values : (n, k, s, m)
        Of the kept quantities, at their fixed times.
    event_times : (n, v, m)
        Of when each event happened.
    last : (n, states, m)
        Of the states where each trajectory ended; where it ended by an event, along with that moving end.
    lowest, highest, area, above : (n, w, x, m)
        Of exposures.
    """

    sensitive_to: tuple[str, ...]
    values: Floats
    event_times: Floats
    last: Floats
    lowest: Floats
    highest: Floats
    area: Floats
    above: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectories:
    """Results for n patients, in the order they were given.

    Attributes
    ----------
    times : (k,), day
        The save times.
    save, events : tuple of str
        Names of the kept quantities and of the events, in the order of the arrays.
    values : (n, k, s)
        The kept quantities; NaN after a trajectory's end.
    exposures : tuple of Exposure
        What was summarised, x of them.
    windows : tuple of (start, end), day
        In which, w of them: from the values just after the start to those just before the end.
    lowest, highest : (n, w, x), unit of the quantity
        Extremes on the dense output, so that they do not depend on where steps end. Values that are no number
        are left out; NaN where a trajectory never was in the window.
    lowest_at, highest_at : (n, w, x), day
        When they were reached first.
    area : (n, w, x), unit of the quantity times day
        Under the quantity, up to the end of the trajectory; NaN where neither it nor a time above was asked.
    above : (n, w, x), day
        How long the quantity was above its threshold; zero if there is none.
    event_times : (n, v), day
        When each event happened; NaN where it did not.
    given : (n, d), unit of the input's state
        What was given of each planned dose.
    put_off : (n, d), day
        How much later than planned it was given, or would have been due.
    fates : (n, d), 1
        Why: a `Fate`; ``Fate.EVENT + index`` of an event or ``Fate.RULE + index`` of a rule.
    status : (n,), 1
        A `Status` each.
    end_times : (n,), day
        Where each trajectory ended.
    last : (n, m), unit of each state
        The states there; of a failure, the last that were computed.
    steps : (n,), 1
        Accepted steps.
    method : str
        Name of the method and backend that ran.
    slopes : Slopes or None
        How all that changes with the parameters the problem is sensitive to.
    """

    times: Floats
    save: tuple[str, ...]
    values: Floats
    exposures: tuple[Exposure, ...]
    windows: tuple[tuple[float, float], ...]
    lowest: Floats
    lowest_at: Floats
    highest: Floats
    highest_at: Floats
    area: Floats
    above: Floats
    events: tuple[str, ...]
    event_times: Floats
    given: Floats
    put_off: Floats
    fates: Integers
    status: Integers
    end_times: Floats
    last: Floats
    steps: Integers
    method: str
    slopes: Slopes | None = None

    @property
    def failed(self) -> Booleans:
        """(n,) Whether each trajectory ended in a failure."""
        return self.status > Status.ENDED_BY_EVENT

    @property
    def endings(self) -> dict[Status, int]:
        """How many trajectories ended in each way."""
        return endings_of(self.status)

    def value(self, name: str) -> Floats:
        """Return one kept quantity, (n, k).

        Raises
        ------
        InputError
            When it was not saved.
        """
        return self.values[:, :, place_of(name, self.save, "saved quantities")]

    def event_time(self, name: str) -> Floats:
        """Return when one event happened, (n,), day; NaN where it did not.

        Raises
        ------
        InputError
            When there is no such event.
        """
        return self.event_times[:, place_of(name, self.events, "events")]
