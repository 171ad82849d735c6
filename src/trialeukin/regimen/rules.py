"""Dose modification as data: when to hold, reduce or stop, and who never gets a dose."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from trialeukin.core.errors import RegimenError
from trialeukin.core.units import unit
from trialeukin.regimen.cell_counts import COUNT_UNITS
from trialeukin.regimen.marker_names import marker_name

QUANTITY = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
WORST_GRADE = 5  # of the common terminology criteria for adverse events: death
UNIT_SPELLINGS = COUNT_UNITS | {"%": ("percent", Decimal(1))}
"""Units as texts write them: the unit that each stands for, and how many of it one is."""


class Comparison(Enum):
    """How a named state is compared with a threshold; the values are the words of the language."""

    BELOW = "<"
    AT_MOST = "<="
    AT_LEAST = ">="
    ABOVE = ">"


class Action(Enum):
    """What happens to further doses when a condition holds at an administration."""

    HOLD = "hold"
    DELAY = "delay"
    REDUCE = "reduce"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A named state of the patient against a threshold.

    Attributes
    ----------
    quantity : str
        Name of an observable of the model, such as ``platelets`` or ``capillary_leak_grade``.
    comparison : Comparison
        How it is compared.
    threshold : float
        With what, in ``unit``.
    unit : str
        A unit pint reads; ``1`` for a grade.
    """

    quantity: str
    comparison: Comparison
    threshold: float
    unit: str

    def __post_init__(self) -> None:
        if not QUANTITY.fullmatch(self.quantity):
            raise RegimenError(f"quantity {self.quantity!r}: give letters, digits and single underscores")
        if marker_name(self.quantity) != self.quantity:
            raise RegimenError(f"quantity {self.quantity!r} is for texts only: give {marker_name(self.quantity)!r}")
        if not math.isfinite(self.threshold):
            raise RegimenError(f"threshold {self.threshold!r} of {self.quantity}: give a finite number")
        if self.quantity.endswith("grade") and not 0.0 <= self.threshold <= WORST_GRADE:
            raise RegimenError(
                f"grade {self.threshold:g} of {self.quantity.replace('_', ' ')}: give a grade from 0 to {WORST_GRADE}"
            )
        if self.threshold < 0.0 and self.unit in {count for count, _ in COUNT_UNITS.values()}:
            raise RegimenError(f"{self.threshold:g} {self.unit} of {self.quantity}: give a count of zero or more")
        if self.unit in UNIT_SPELLINGS:
            raise RegimenError(f"unit {self.unit!r} is for texts only: give {UNIT_SPELLINGS[self.unit][0]!r}")
        unit(self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRule:
    """One row of a dose-modification table, looked up at every planned administration.

    Attributes
    ----------
    drug : str or None
        The drug it applies to; None for every drug of the regimen.
    action : Action
        HOLD skips a dose while the condition holds when it is due; DELAY puts off a dose, and all that follow it, of
        whichever drug, while the condition holds; REDUCE scales every later dose and STOP ends
        the drug, once the condition has held at any time from the first administration they apply to.
    condition : Condition
        When the action is taken.
    fraction : float
        For REDUCE the fraction of the planned dose given from then on; for HOLD the fraction given when the condition
        has held, at any time from then, and no longer does. Fractions do not multiply: the smallest one asked for
        counts.
    step : int, day
        For DELAY by how much a dose is put off each time it is due and the condition holds.
    cycles : bool
        For DELAY whether it is looked up at the first administrations of each cycle alone.
    limit : int or None, day
        For DELAY how long one dose may be put off at most; where that is not enough, the drug ends. None for any.
    """

    drug: str | None
    action: Action
    condition: Condition
    fraction: float = 1.0
    step: int = 1
    cycles: bool = False
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.step < 1:
            raise RegimenError(f"a delay by {self.step} days: give 1 or more")
        if self.limit is not None and self.limit < self.step:
            raise RegimenError(
                f"stop after {self.limit} days: give {self.step} or more, by which a dose is put off each time"
            )
        if not 0.0 < self.fraction <= 1.0:
            raise RegimenError(f"dose fraction {self.fraction:g}: give more than 0 and at most 1 (100 %)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """Doses that are not given for reasons the model does not hold.

    Attributes
    ----------
    never_started : float, 1
        Fraction of patients who never get any dose.
    missed : float, 1
        Fraction of single administrations that are missed.
    """

    never_started: float = 0.0
    missed: float = 0.0

    def __post_init__(self) -> None:
        for name in ("never_started", "missed"):
            fraction = getattr(self, name)
            if not 0.0 <= fraction < 1.0:
                raise RegimenError(f"{name.replace('_', ' ')} {100.0 * fraction:g} %: give 0 to below 100 %")
