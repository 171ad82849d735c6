"""Numbers with the error of their computation, and summaries of many numbers."""

import math
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats


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


def interval(values: Floats) -> Interval:
    """Return the median and the central 95 % of finite values; NaN where there are none."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return Interval(median=math.nan, lower=math.nan, upper=math.nan)
    lower, median, upper = np.quantile(finite, (0.025, 0.5, 0.975))
    return Interval(median=float(median), lower=float(lower), upper=float(upper))


def spread(values: Floats) -> Spread:
    """Return mean and quantiles of values, NaN left out."""
    finite = values[np.isfinite(values)]
    marks = np.quantile(finite, (0.0, 0.25, 0.5, 0.75, 1.0))
    return Spread(
        mean=float(finite.mean()),
        lowest=float(marks[0]),
        lower_quartile=float(marks[1]),
        median=float(marks[2]),
        upper_quartile=float(marks[3]),
        highest=float(marks[4]),
    )


def fraction(sets: Floats) -> Estimate:
    """Return the mean of fractions, one a set of patients, with the error of the number of sets.

    Parameters
    ----------
    sets : (s,), 1
        Fraction of each set's trials with the property; sets are independent, their trials are not. Where none has
        it, or all, the error is that of half a set among one more.
    """
    mean = float(np.mean(sets))
    if mean in {0.0, 1.0}:
        return Estimate(value=mean, error=_binomial_error(0.5, sets.size + 1))
    error = float(np.std(sets, ddof=1) / math.sqrt(sets.size)) if sets.size > 1 else math.nan
    return Estimate(value=mean, error=error)


def sampled(values: Floats) -> Estimate:
    """Return the mean of independent values, (n,), with its standard error; NaN of fewer than two."""
    if values.size < 2:
        return Estimate(value=math.nan, error=math.nan)
    return Estimate(value=float(values.mean()), error=float(values.std(ddof=1) / math.sqrt(values.size)))


def probability(count: int, of: int) -> Estimate:
    """Return an estimated probability with its binomial standard error, of none and all that of half among one more."""
    error = _binomial_error(count, of) if 0 < count < of else _binomial_error(0.5, of + 1)
    return Estimate(value=count / of, error=error)


def _binomial_error(count: float, of: int) -> float:
    return math.sqrt(count / of * (1.0 - count / of) / of)
