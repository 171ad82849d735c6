"""What the engine is asked: a system, patients, their doses, and what to keep."""

from dataclasses import dataclass
from enum import IntEnum

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.model.system import System
from trialeukin.regimen.rules import DoseRule


class Fate(IntEnum):
    """What became of one planned dose of one patient. From `RULE` on, the rule's index is added."""

    GIVEN = 0
    MISSED = 1
    NEVER_STARTED = 2
    AFTER_END = 3
    EVENT = 16
    RULE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Doses:
    """The planned doses of one arm, with each patient's own amounts and fates.

    Attributes
    ----------
    times, durations : (d,), day
        Start from time zero of the trajectory, not decreasing, and length; zero is a bolus.
    inputs : (d,), 1
        Index into ``system.inputs``.
    amounts : (n, d), unit of the input's state
        What each patient is to get, already scaled to the patient.
    fates : (n, d), 1
        `Fate.GIVEN`, or `Fate.MISSED` or `Fate.NEVER_STARTED` where that was drawn beforehand.
    """

    times: Floats
    durations: Floats
    inputs: Integers
    amounts: Floats
    fates: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Local error control: ``relative * |state| + relative * absolute * size`` of each state.

    Attributes
    ----------
    relative, absolute : float, 1
        See the formula.
    most_steps : int
        A trajectory that needs more accepted steps fails.
    """

    relative: float = 5e-6
    absolute: float = 1e-4
    most_steps: int = 1_000_000

    def __post_init__(self) -> None:
        if not (0.0 < self.relative < 1.0 and self.absolute > 0.0):
            raise InputError(f"tolerance {self.relative:g}, {self.absolute:g}: give positive numbers, relative below 1")


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
    extremes : tuple of str
        Names whose smallest and largest value over the trajectory are kept.
    examinations : (e,), day
        When events that are watched at examinations are looked at.
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
    extremes: tuple[str, ...] = ()
    tolerance: Tolerance = Tolerance()
