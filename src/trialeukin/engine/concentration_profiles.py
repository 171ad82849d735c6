"""Concentrations as they are measured, made ready for non-compartmental analysis.

What is below the limit of quantification is handled by a stated rule, what is missing is left out, and the
concentration at the time of the dose is filled in where it was not measured: Certara, Phoenix WinNonlin
8.2 online help, "NCA computation rules", "Data checking and pre-treatment".
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, check_arrays
from trialeukin.core.errors import InputError
from trialeukin.core.members import check_member
from trialeukin.regimen.administration import Route

INTO_A_VEIN = frozenset({Route.IV_BOLUS, Route.IV_INFUSION, Route.CIV})


class BelowLimit(Enum):
    """What becomes of a concentration below the limit of quantification (BLQ), or of zero.

    Attributes
    ----------
    ZERO
        It counts as zero.
    LEFT_OUT
        It is left out.
    ZERO_AT_THE_ENDS
        It counts as zero before the first and after the last quantifiable one, and is left out between:
        PKNCA's default (0.12, ``conc.blq``: keep, drop, keep).
    """

    ZERO = "zero"
    LEFT_OUT = "left out"
    ZERO_AT_THE_ENDS = "zero at the ends"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GivenDose:
    """The dose that the concentrations follow, given at time zero.

    Attributes
    ----------
    amount : float or (n,), any unit, or None
        What was given, of all profiles or of each; without it there is no clearance and no volume.
    route : Route
        How.
    duration : float, time
        Of an infusion.
    interval : float, time, or None
        Dosing interval (tau); when given, the profiles are at steady state.
    """

    amount: float | Floats | None = None
    route: Route
    duration: float = 0.0
    interval: float | None = None

    def __post_init__(self) -> None:
        check_member(self.route, Route, "route")
        infused = self.route in {Route.IV_INFUSION, Route.CIV}
        if infused != (self.duration > 0.0) or not np.isfinite(self.duration):
            raise InputError(
                f"duration {self.duration:g} of a dose given {self.route.value}: an infusion lasts longer than "
                "zero, and every other dose zero"
            )
        if self.interval is not None and not 0.0 < self.interval < np.inf:
            raise InputError(f"dosing interval {self.interval:g}: give a time above zero, or None for a single dose")
        if self.amount is not None and not (np.isfinite(self.amount).all() and np.greater(self.amount, 0.0).all()):
            raise InputError(f"dose {self.amount}: give amounts above zero, or None where it is not known")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profiles:
    """Profiles whose points stand at the front of their rows, in order of time; NaN behind them.

    Attributes
    ----------
    times, concentrations : (n, k + 1), any units
        The first is at time zero, measured or filled in.
    measured : (n, k + 1), 1
        Which points were measured.
    """

    times: Floats
    concentrations: Floats
    measured: Booleans


def profiles_of(
    times: Floats, concentrations: Floats, dose: GivenDose, *, limit: float = 0.0, below: BelowLimit
) -> Profiles:
    """Return profiles with one rule for what is below the limit, and a start at the dose.

    Parameters
    ----------
    times : (k,) or (n, k), any unit
        Since the dose, zero or more and strictly increasing.
    concentrations : (n, k), any unit
        NaN where missing. Negative numbers need a limit above zero.
    dose : GivenDose
        How the drug was given.
    limit : float, unit of the concentrations
        The limit of quantification: below it are smaller numbers, and zero.
    below : BelowLimit
        What becomes of those.

    Raises
    ------
    InputError
        When shapes, order or numbers make no sense.
    """
    check_member(below, BelowLimit, "below")
    when = _checked(times, concentrations, dose, limit)
    quantified = (concentrations >= limit) & (concentrations > 0.0)
    missing = np.isnan(concentrations)
    values = np.where(quantified | missing, concentrations, 0.0)
    if below is BelowLimit.LEFT_OUT:
        kept = quantified
    elif below is BelowLimit.ZERO:
        kept = ~missing
    else:
        begun, going_on = np.cumsum(quantified, axis=1) > 0, np.cumsum(quantified[:, ::-1], axis=1)[:, ::-1] > 0
        kept = ~missing & (quantified | ~(begun & going_on))
    if dose.route is Route.IV_BOLUS:
        kept &= quantified | (when > 0.0)  # nothing at the time of a bolus was sampled before it
    return _with_start(np.where(kept, when, np.nan), np.where(kept, values, np.nan), dose)


def _with_start(times: Floats, values: Floats, dose: GivenDose) -> Profiles:
    order = np.argsort(np.isnan(values), axis=1, kind="stable")
    times, values = (np.take_along_axis(each, order, axis=1) for each in (times, values))
    unmeasured = ~(times[:, 0] == 0.0)
    rows = times.shape[0]
    start = _start(times, values, dose)
    padded_times = np.concatenate((np.zeros((rows, 1)), times), axis=1)
    padded = np.concatenate((start[:, None], values), axis=1)
    measured = np.concatenate((np.zeros((rows, 1), dtype=bool), ~np.isnan(values)), axis=1)
    shift = np.where(unmeasured, 0, 1)[:, None] + np.arange(padded.shape[1])
    inside, place = shift < padded.shape[1], np.minimum(shift, padded.shape[1] - 1)
    return Profiles(
        times=np.where(inside, np.take_along_axis(padded_times, place, axis=1), np.nan),
        concentrations=np.where(inside, np.take_along_axis(padded, place, axis=1), np.nan),
        measured=inside & np.take_along_axis(measured, place, axis=1),
    )


def _start(times: Floats, values: Floats, dose: GivenDose) -> Floats:
    """Return the concentration at the dose, (n,), for profiles that have none measured there."""
    if dose.route is Route.IV_BOLUS:
        return _back_extrapolated(times, values)
    if dose.interval is None:
        return np.zeros(times.shape[0])
    within = np.where(times <= dose.interval, values, np.nan)
    return np.asarray(np.fmin.reduce(within, axis=1, initial=np.nan), dtype=np.float64)


def _back_extrapolated(times: Floats, values: Floats) -> Floats:
    """Return the line through the first two points on the log scale at time zero, or else the first point."""
    if times.shape[1] < 2:
        return values[:, 0].copy()
    first, second = values[:, 0], values[:, 1]
    falls = (second > 0.0) & (second < first)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.divide(first, second, out=np.ones_like(first), where=falls)
        return np.where(falls, first * ratio ** (times[:, 0] / (times[:, 1] - times[:, 0])), first)


def _checked(times: Floats, concentrations: Floats, dose: GivenDose, limit: float) -> Floats:
    """Return times of shape (n, k), or raise."""
    check_arrays({"times": times, "concentrations": concentrations})
    if concentrations.ndim != 2 or concentrations.shape[1] == 0:
        raise InputError(f"concentrations of shape {concentrations.shape}: give one row a profile, one column a time")
    if times.shape not in {concentrations.shape, concentrations.shape[1:]}:
        raise InputError(
            f"times of shape {times.shape} with concentrations of shape {concentrations.shape}: give one time a "
            "column, or one for every concentration"
        )
    if not (np.isfinite(times).all() and (times >= 0.0).all() and (np.diff(times, axis=-1) > 0.0).all()):
        raise InputError("times since the dose: give finite ones from zero on, strictly increasing in each profile")
    if not 0.0 <= limit < np.inf:
        raise InputError(f"limit of quantification {limit:g}: give zero (none) or more")
    if np.isinf(concentrations).any():
        row, column = np.argwhere(np.isinf(concentrations))[0]
        raise InputError(f"concentration {column} of profile {row} is infinite: give a number, or NaN where missing")
    if limit == 0.0 and (concentrations < 0.0).any():
        row, column = np.argwhere(concentrations < 0.0)[0]
        raise InputError(
            f"concentration {column} of profile {row} is {concentrations[row, column]:g}: give zero or more, or a "
            "limit of quantification that says from where on numbers count"
        )
    if isinstance(dose.amount, np.ndarray) and dose.amount.shape != concentrations.shape[:1]:
        raise InputError(
            f"doses of shape {dose.amount.shape} for {concentrations.shape[0]} profiles: give one number, or one each"
        )
    return np.broadcast_to(times, concentrations.shape)
