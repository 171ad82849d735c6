"""What the engine answers: for each patient a course, the events in it, and how it ended."""

from dataclasses import dataclass
from enum import IntEnum

from trialeukin.core.arrays import Booleans, Floats, Integers


class Status(IntEnum):
    """How one trajectory ended. A failure is a value, never an exception for all patients."""

    REACHED_HORIZON = 0
    ENDED_BY_EVENT = 1
    TOO_MANY_STEPS = 2
    STEP_TOO_SMALL = 3
    NOT_FINITE = 4
    NEGATIVE_STATE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectories:
    """Results for n patients, in the order they were given.

    Attributes
    ----------
    times : (k,), day
        The save times.
    save, extremes, events : tuple of str
        Names of the kept quantities and of the events, in the order of the arrays.
    values : (n, k, s)
        The kept quantities; NaN after a trajectory's end.
    lowest, highest : (n, x)
        Extremes over the trajectory, looked at after every step, dose and event.
    event_times : (n, v), day
        When each event happened; NaN where it did not.
    given : (n, d), unit of the input's state
        What was given of each planned dose.
    fates : (n, d), 1
        Why: a `Fate`; ``Fate.EVENT + index`` of an event or ``Fate.RULE + index`` of a rule.
    status : (n,), 1
        A `Status` each.
    end_times : (n,), day
        Where each trajectory ended.
    steps : (n,), 1
        Accepted steps.
    method : str
        Name of the method and backend that ran.
    """

    times: Floats
    save: tuple[str, ...]
    values: Floats
    extremes: tuple[str, ...]
    lowest: Floats
    highest: Floats
    events: tuple[str, ...]
    event_times: Floats
    given: Floats
    fates: Integers
    status: Integers
    end_times: Floats
    steps: Integers
    method: str

    @property
    def failed(self) -> Booleans:
        """(n,) Whether each trajectory ended in a failure."""
        return self.status > Status.ENDED_BY_EVENT

    def value(self, name: str) -> Floats:
        """Return one kept quantity, (n, k)."""
        return self.values[:, :, self.save.index(name)]

    def event_time(self, name: str) -> Floats:
        """Return when one event happened, (n,), day; NaN where it did not."""
        return self.event_times[:, self.events.index(name)]
