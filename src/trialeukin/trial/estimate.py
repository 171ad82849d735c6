"""Numbers with the error of their computation, and summaries of many numbers."""

import math
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.random import Stream

RESAMPLES = 200


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


def median_error(values: Floats, owners: Integers) -> float:
    """Return the standard error of the median of finite values by the bootstrap over their owners; NaN of one owner.

    Parameters
    ----------
    values : (s, m)
        Values of s sets.
    owners : (s,), 1
        Sets of one owner are not independent.
    """
    finite = [values[owners == owner] for owner in np.unique(owners)]
    groups = [each[np.isfinite(each)] for each in finite if np.isfinite(each).any()]
    if len(groups) < 2:
        return math.nan
    chosen = np.floor(Stream(0, "median").uniform(np.arange(RESAMPLES), len(groups)) * len(groups)).astype(np.int64)
    return float(np.std([np.median(np.concatenate([groups[each] for each in row])) for row in chosen], ddof=1))


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
