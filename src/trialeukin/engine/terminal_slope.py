r"""The rate at which concentrations fall in the end: a line through the last points on the log scale.

Of the last three points, four points, and so on, as far back as the first one after the peak, each gets an
ordinary regression of the logarithm of concentration on time, with

.. math:: R^2_{adj} = 1 - (1 - R^2) \frac{m - 1}{m - 2}

for m points. Of those that fall, the one with the most points is taken whose adjusted R2 is within 0.0001 of
the largest. Certara, Phoenix WinNonlin 8.3 online help, "Lambda Z or Slope Estimation settings". (PKNCA
takes the largest over rising lines too, and may then give none: its half-life vignette, version 0.12.)
"""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers

FEWEST = 3
AS_GOOD = 1e-4  # of adjusted R2, where more points are preferred


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TerminalSlope:
    """The line of each of n profiles; NaN (and no points) where there is none.

    Attributes
    ----------
    rate : (n,), 1 / time
        Lambda_z; CDISC LAMZ.
    half_life : (n,), time
        ln(2) / rate; HL_Lambda_z, LAMZHL.
    points : (n,), 1
        How many points the line goes through; No_points_lambda_z, LAMZNPT.
    first, last : (n,), time
        Times of the first and last of them; Lambda_z_lower and _upper, LAMZLL and LAMZUL.
    fit, adjusted_fit : (n,), 1
        R2 and adjusted R2; Rsq and Rsq_adjusted, R2 and R2ADJ.
    predicted : (n,), concentration
        On the line at the last of them; Clast_pred, CLSTP.
    candidates : (n,), 1
        How many points might have been used.
    """

    rate: Floats
    half_life: Floats
    points: Integers
    first: Floats
    last: Floats
    fit: Floats
    adjusted_fit: Floats
    predicted: Floats
    candidates: Integers


def terminal_slope(times: Floats, concentrations: Floats, usable: Booleans) -> TerminalSlope:
    """Return the terminal slope of profiles.

    Parameters
    ----------
    times, concentrations : (n, k), any units
        One row a profile, in order of time where usable.
    usable : (n, k), 1
        Which points may be used: after the peak, and with a positive concentration.
    """
    profiles, k = times.shape
    # the usable points of each row, last first
    order = np.argsort(~usable[:, ::-1], axis=1, kind="stable")
    there = np.take_along_axis(usable[:, ::-1], order, axis=1)
    t = np.take_along_axis(times[:, ::-1], order, axis=1)
    c = np.take_along_axis(concentrations[:, ::-1], order, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(there, t - t[:, :1], 0.0)  # from the last point, so that sums do not cancel
        y = np.where(there, np.log(c / c[:, :1]), 0.0)
    slope, level, fit = _lines(x, y)
    m = np.arange(1, k + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        adjusted = 1.0 - (1.0 - fit) * (m - 1.0) / (m - 2.0)
        allowed = there & (m >= FEWEST) & (slope < 0.0)
    adjusted = np.where(allowed, adjusted, -np.inf)
    good = allowed & (adjusted >= adjusted.max(axis=1, initial=-np.inf, keepdims=True) - AS_GOOD)
    chosen = np.where(good.any(axis=1), k - 1 - np.argmax(good[:, ::-1], axis=1), 0)
    found, rows = good.any(axis=1), np.arange(profiles)

    def picked(values: Floats) -> Floats:
        return np.where(found, values[rows, chosen], np.nan)

    rate = -picked(slope)
    return TerminalSlope(
        rate=rate,
        half_life=np.log(2.0) / rate,
        points=np.where(found, chosen + 1, 0),
        first=picked(t),
        last=np.where(found, t[:, 0], np.nan),
        fit=picked(fit),
        adjusted_fit=picked(adjusted),
        predicted=c[:, 0] * np.exp(picked(level)),
        candidates=usable.sum(axis=1, dtype=np.int64),
    )


def _lines(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Return slope, level at x = 0 and R2 of the lines through the first m points of each row, for every m."""
    m = np.arange(1, x.shape[1] + 1)
    mean_x, mean_y = np.cumsum(x, axis=1) / m, np.cumsum(y, axis=1) / m
    before_x, before_y = (np.pad(each[:, :-1], ((0, 0), (1, 0))) for each in (mean_x, mean_y))
    # each point adds its deviation from the mean before times that from the mean after (Welford's update)
    xx = np.cumsum((x - before_x) * (x - mean_x), axis=1)
    xy = np.cumsum((x - before_x) * (y - mean_y), axis=1)
    yy = np.cumsum((y - before_y) * (y - mean_y), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = xy / xx
        fit = np.minimum(xy**2 / (xx * yy), 1.0)
    return slope, mean_y - slope * mean_x, fit
