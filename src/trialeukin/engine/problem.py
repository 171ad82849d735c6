"""What the engine is asked: a system, patients, their doses, and what to keep."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.model.system import System
from trialeukin.regimen.rules import DoseRule


class Fate(IntEnum):
    """What became of one planned dose of one patient. From `RULE` on, the rule's index is added."""

    GIVEN = 0
    MISSED = 1
    NEVER_STARTED = 2
    AFTER_END = 3
    RESET = 4
    PUT_OFF = 5
    EVENT = 16
    RULE = 32


class Manner(IntEnum):
    """How a dose enters; NONMEM's words for it are in `trialeukin.engine.records`."""

    PLAIN = 0
    """After the input's lag, times its bioavailability, over the duration stated."""
    AT_RATE = 1
    """As plain, but it is the rate that is stated: bioavailability changes how long the infusion runs."""
    MODELLED = 2
    """As plain, but over the input's own duration, which it needs to have; zero is stated."""
    DIRECT = 3
    """At its time and in full: without lag and bioavailability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doses:
    """The planned doses, with each patient's own amounts and fates; n patients, up to d doses each.

    The first four arrays have one shape: (d,) for one schedule that all share, as in the arm of a trial, or
    (n, d) for schedules of their own, as in a data set. A patient with fewer doses has infinite times at the end.

    Attributes
    ----------
    times, durations : (d,) or (n, d), day
        Start from time zero of the trajectory, not decreasing, and length; zero is a bolus.
    inputs, manners : (d,) or (n, d), 1
        Index into ``system.inputs``, and a `Manner`.
    amounts : (n, d), unit of the input's state
        What each patient is to get, already scaled to the patient.
    begins_cycle : (d,) or (n, d), 1, or None
        Which doses begin a cycle, as rules that put off whole cycles ask; None where none does.
    fates : (n, d), 1
        `Fate.GIVEN`, or `Fate.MISSED` or `Fate.NEVER_STARTED` where that was drawn beforehand.
    """

    times: Floats
    durations: Floats
    inputs: Integers
    manners: Integers
    amounts: Floats
    fates: Integers
    begins_cycle: Booleans | None = None

    def cycle_starts(self) -> Booleans:
        """Return which doses begin a cycle, in the shape of the times."""
        return np.zeros(self.times.shape, dtype=np.bool_) if self.begins_cycle is None else self.begins_cycle

    def schedule(self, patient: int) -> tuple[Floats, Floats, Integers, Integers]:
        """Return times, durations, inputs and manners of one patient, (d,) each."""
        if self.times.ndim == 1:
            return self.times, self.durations, self.inputs, self.manners
        return self.times[patient], self.durations[patient], self.inputs[patient], self.manners[patient]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resets:
    """Instants at which the states of patients are set, j for each.

    Where nothing is kept, what had been planned before is undone too: infusions stop, and what waits for
    its lag never enters. What states are set to is taken as given: sensitivities go on from none, which is not so
    for a steady state, since that depends on the parameters.

    Attributes
    ----------
    times : (n, j), day
        Not decreasing; infinity where a patient has fewer.
    keeps : (n, j), 1
        The share of the states that stays: zero or one.
    states : (n, j, s), unit of each state
        What is added to it.
    """

    times: Floats
    keeps: Floats
    states: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A quantity whose extremes, area and time above a threshold are kept for each window.

    They are as exact as the states where it is smooth in them. Of one that jumps where another passes a value, ask for
    the time above that value of the other.

    Attributes
    ----------
    quantity : str
        Name of a state, switch or definition.
    threshold : float, unit of the quantity
        What the quantity is to be above; infinity if nothing is asked.
    area : bool
        Whether the area is asked. Extremes alone cost less: most steps need to be looked at only at their ends.
    """

    quantity: str
    threshold: float = float("inf")
    area: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Local error control: ``relative * |state| + relative * absolute * size`` of each state.

    Attributes
    ----------
    relative, absolute : float, 1
        See the formula.
    most_steps : int
        A trajectory that needs more accepted steps fails.

    Raises
    ------
    InputError
        When a number makes no sense.
    """

    relative: float = 5e-6
    absolute: float = 1e-4
    most_steps: int = 1_000_000

    def __post_init__(self) -> None:
        if not (0.0 < self.relative < 1.0 and 0.0 < self.absolute < float("inf")):
            message = f"tolerance {self.relative:g}, {self.absolute:g}: give positive numbers, relative below 1, finite"
            raise InputError(message)
        if self.most_steps < 1:
            raise InputError(f"tolerance: {self.most_steps} steps at most: give one or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Many patients, one model, one planned schedule.

    Attributes
    ----------
    system : System
        The model.
    parameters : (n, p), in each parameter's unit
        One row a patient, in the order of ``system.parameters``.
    doses : Doses
        What is planned.
    rules : tuple of DoseRule
        Looked up at every planned administration; quantities are definitions, states or switches.
    horizon : float, day
        Where every trajectory ends.
    save_times : (k,), day
        When to keep the quantities of ``save``; may be empty.
    save : tuple of str
        Names of states, switches and definitions to keep at ``save_times``.
    exposures : tuple of Exposure
        What is summarised for each window.
    windows : tuple of (start, end), day
        From the start of each to its end, or to the end of the trajectory; by default the whole course.
    resets : Resets or None
        What sets states beside events.
    sensitive_to : tuple of str
        Names of parameters: how what is found changes with each is kept too.
    examinations : (e,), day
        When events that are watched at examinations are looked at; where it is empty, they never happen.
    tolerance : Tolerance
        Error control.
    """

    system: System
    parameters: Floats
    doses: Doses
    horizon: float
    save_times: Floats
    save: tuple[str, ...]
    examinations: Floats
    rules: tuple[DoseRule, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    windows: tuple[tuple[float, float], ...] = ()
    resets: Resets | None = None
    sensitive_to: tuple[str, ...] = ()
    tolerance: Tolerance = Tolerance()
