"""Numbers with the error of their computation, and summaries of many numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with the Monte Carlo error of its computation (one standard error)."""

    value: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Median and the limits of a central 95 % interval."""

    median: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean and quantiles of a number over the patients of an arm."""

    mean: float
    lowest: float
    lower_quartile: float
    median: float
    upper_quartile: float
    highest: float
