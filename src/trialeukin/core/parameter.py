"""A number of biology: its value, its unit, its two spreads and its source.

The two spreads never mix. ``between_patients`` is variability: people differ, and more data
will not make them alike. ``uncertainty`` is what we do not know about the typical person.
"""

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from scipy.special import expit, log_ndtr, logit, ndtri_exp

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import ParameterError
from trialeukin.core.sources import Source
from trialeukin.core.units import unit


class Scale(Enum):
    """The scale on which both spreads are standard deviations of a normal distribution.

    EXPONENTIAL is for thresholds of cumulative hazards: a standard normal deviation becomes an
    exponential number whose mean is the value.
    """

    LOG = "log"
    LINEAR = "linear"
    LOGIT = "logit"
    EXPONENTIAL = "exponential"

    def shift(self, value: Floats, deviation: Floats) -> Floats:
        """Return values moved by normal deviations on this scale; the two broadcast."""
        match self:
            case Scale.LOG:
                moved = value * np.exp(deviation)
            case Scale.LINEAR:
                moved = value + deviation
            case Scale.LOGIT:
                moved = expit(logit(value) + deviation)
            case Scale.EXPONENTIAL:
                moved = value * -log_ndtr(-np.asarray(deviation))
        return np.asarray(moved, dtype=np.float64)

    def deviation(self, value: Floats, moved: Floats) -> Floats:
        """Return by what normal deviations values were moved, the inverse of `shift`; the two broadcast."""
        match self:
            case Scale.LOG:
                found = np.log(moved / value)
            case Scale.LINEAR:
                found = moved - value
            case Scale.LOGIT:
                found = logit(moved) - logit(value)
            case Scale.EXPONENTIAL:
                found = -ndtri_exp(-np.asarray(moved) / value)
        return np.asarray(found, dtype=np.float64)


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
        Where both spreads live: log (positive numbers), linear, logit (fractions) or exponential
        (thresholds of cumulative hazards: ``between_patients`` is one, ``uncertainty`` zero).
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
        if not isinstance(self.source, Source):
            raise ParameterError(f"source {self.source!r}: give Source(key, place) or assumed(reason)")
        if not math.isfinite(self.value):
            raise ParameterError(f"value {self.value!r} {self.unit}: give a finite number")
        if self.scale in {Scale.LOG, Scale.EXPONENTIAL} and self.value <= 0.0:
            raise ParameterError(f"value {self.value:g} {self.unit} on the {self.scale.value} scale: give more than 0")
        if self.scale is Scale.LOGIT and not 0.0 < self.value < 1.0:
            raise ParameterError(f"value {self.value:g} on the logit scale: give a fraction between 0 and 1")
        for name in ("between_patients", "uncertainty"):
            spread = getattr(self, name)
            if not (math.isfinite(spread) and spread >= 0.0):
                raise ParameterError(f"{name} {spread!r}: give a standard deviation, zero or more")

    def with_value(self, value: float) -> "Parameter":
        """Return this parameter with another typical value."""
        return replace(self, value=value)
