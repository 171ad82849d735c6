"""How the numbers of published models are written: one typical value, and where it was read."""

from trialeukin.core.parameter import Parameter, Scale
from trialeukin.core.sources import Source


def typical(value: float, unit: str, source: Source, meaning: str, *, scale: Scale = Scale.LOG) -> Parameter:
    """Return a parameter of a published model, which is followed for its typical value only.

    Neither spread is carried: what others published is compared with, not used for prediction. Numbers that may be
    zero, such as a treatment that is not given, are on the linear scale.
    """
    return Parameter(
        value=value, unit=unit, between_patients=0.0, uncertainty=0.0, source=source, scale=scale, meaning=meaning
    )


def untreated(value: float, unit: str, source: Source, meaning: str) -> Parameter:
    """Return a treatment's constant rate, dose or concentration, which may be zero."""
    return typical(value, unit, source, meaning, scale=Scale.LINEAR)
