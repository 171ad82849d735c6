"""A number of biology: its value, its unit, its two spreads and its source.

The two spreads never mix. ``between_patients`` is variability: people differ, and more data
will not make them alike. ``uncertainty`` is what we do not know about the typical person.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum

from trialeukin.core.errors import ParameterError
from trialeukin.core.sources import Source
from trialeukin.core.units import unit


class Scale(Enum):
    """The scale on which both spreads are standard deviations of a normal distribution."""

    LOG = "log"
    LINEAR = "linear"
    LOGIT = "logit"

    def shift(self, value: float, deviation: float) -> float:
        """Return a value moved by a deviation on this scale."""
        if self is Scale.LOG:
            return value * math.exp(deviation)
        if self is Scale.LINEAR:
            return value + deviation
        return 1.0 / (1.0 + (1.0 - value) / value * math.exp(-deviation))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number of biology with everything needed to judge it.

    Attributes
    ----------
    value : float
        The typical person's value, in ``unit``.
    unit : str
        A unit that pint reads.
    between_patients : float
        Standard deviation between patients, on ``scale``; zero for a constant of nature.
    uncertainty : float
        Standard deviation of what we know of ``value``, on ``scale``.
    source : Source
        Where the value comes from.
    scale : Scale
        Where both spreads live: log (positive numbers), linear or logit (fractions).
    meaning : str
        What the number is, in words.
    """

    value: float
    unit: str
    between_patients: float
    uncertainty: float
    source: Source
    scale: Scale = Scale.LOG
    meaning: str = ""

    def __post_init__(self) -> None:
        unit(self.unit)
        if not math.isfinite(self.value):
            raise ParameterError(f"value {self.value!r} {self.unit}: give a finite number")
        if self.scale is Scale.LOG and self.value <= 0.0:
            raise ParameterError(f"value {self.value:g} {self.unit} on the log scale: give a positive number")
        if self.scale is Scale.LOGIT and not 0.0 < self.value < 1.0:
            raise ParameterError(f"value {self.value:g} on the logit scale: give a fraction between 0 and 1")
        for name in ("between_patients", "uncertainty"):
            spread = getattr(self, name)
            if not (math.isfinite(spread) and spread >= 0.0):
                raise ParameterError(f"{name} {spread!r}: give a standard deviation, zero or more")

    def with_value(self, value: float) -> "Parameter":
        """Return this parameter with another typical value."""
        return replace(self, value=value)
