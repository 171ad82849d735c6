r"""Two arms, thousands of replicates: hazard ratio, log-rank, Kaplan-Meier, restricted means in one compiled pass.

The same statistics as `cox` (Efron ties), `log_rank`, `kaplan_meier` and `restricted_mean`, whose tests they meet. All
are computed from counts of patients at the distinct event times, so that the order of patients and the
company of other replicates change no bit. With strata, those of each stratum stand one after the other: the log-rank
test and the Cox model take what each event time adds, whichever stratum it is of.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike
from scipy.special import ndtr

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cox import MOST_STEPS, SMALL_DECREMENT, CoxStatus
from trialeukin.survival.observations import numbers, two_sided

CONVERGED = int(CoxStatus.CONVERGED)
INFINITE_ESTIMATE = int(CoxStatus.INFINITE_ESTIMATE)
TOO_MANY_STEPS = int(CoxStatus.TOO_MANY_STEPS)
NO_INFORMATION = int(CoxStatus.NO_INFORMATION)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoArms:
    """Statistics of R replicate trials; the effect is that of the arm marked True over the other.

    Attributes
    ----------
    status : (R,), 1
        A `CoxStatus` each.
    log_hazard_ratio, standard_error : (R,), 1
        Of the Cox model with Efron ties; NaN unless the status is CONVERGED.
    z : (R,), 1
        Log-rank; positive when the arm marked True has more events than expected; NaN without information.
    patients, events : (R, 2), 1
        In the other arm, and in the one marked True.
    survival : (R, 2, m), 1
        Kaplan-Meier at the m times asked for; NaN after the arm's last follow-up, unless the curve ended at zero.
    restricted : (R, 2, h, 2), unit of time
        Restricted mean and its standard error at the h horizons asked for; NaN where the curve is not known up to it.
    """

    status: Integers
    log_hazard_ratio: Floats
    standard_error: Floats
    z: Floats
    patients: Integers
    events: Integers
    survival: Floats
    restricted: Floats

    @property
    def hazard_ratio(self) -> Floats:
        """(R,) NaN unless converged."""
        return np.asarray(np.exp(self.log_hazard_ratio))

    @property
    def p_value(self) -> Floats:
        """(R,) Two-sided log-rank."""
        return np.asarray(2.0 * ndtr(-np.abs(self.z)))

    def interval(self, *, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return lower and upper Wald limits of the hazard ratio, (R,) each."""
        width = two_sided(level) * self.standard_error
        return np.exp(self.log_hazard_ratio - width), np.exp(self.log_hazard_ratio + width)


def two_arms(
    times: ArrayLike,
    events: ArrayLike,
    arms: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    at: ArrayLike = (),
    horizons: ArrayLike = (),
) -> TwoArms:
    """Analyse replicate trials of two arms.

    A replicate without information (no events, one arm empty or never beside the other) or with an infinite
    hazard ratio has a status that says so: it is an outcome of a trial, not an error.

    Parameters
    ----------
    times : (R, n), any unit of time
        Follow-up of n patients in each of R replicates, zero or more.
    events : (R, n), 1
        1 or True where the event was seen.
    arms : (R, n) or (n,), 1
        1 or True for the arm whose effect is asked for; one row if all replicates share it.
    strata : (R, n) or (n,), 1
        Whole numbers, zero or more, by which log-rank and Cox model are stratified; None: all are of one stratum.
    at : (m,), unit of ``times``
        When to read the Kaplan-Meier curves.
    horizons : (h,), unit of ``times``
        Up to when to take restricted means.
    """
    follow_up = _checked_times(times)
    happened = _checked_marks(events, follow_up.shape, "events")
    marked = _checked_marks(arms, follow_up.shape, "arms")
    limits = numbers(horizons, "horizons")
    if (limits <= 0.0).any():
        raise AnalysisError(f"horizons {limits.tolist()}: give times above zero")
    inside = np.empty((0, 0), dtype=np.int64) if strata is None else _checked_strata(strata, follow_up.shape)
    found = _analyse(follow_up, happened, marked, inside, numbers(at, "at"), limits)
    estimates, counts, survival, restricted = found
    return TwoArms(
        status=counts[:, 0],
        log_hazard_ratio=estimates[:, 0],
        standard_error=estimates[:, 1],
        z=estimates[:, 2],
        patients=counts[:, 1:3],
        events=counts[:, 3:5],
        survival=survival,
        restricted=restricted,
    )


def _checked_times(times: ArrayLike) -> Floats:
    follow_up = np.ascontiguousarray(times, dtype=np.float64)
    if follow_up.ndim != 2 or follow_up.size == 0:
        raise AnalysisError(f"times have shape {follow_up.shape}: give a row a replicate and a column a patient")
    wrong = np.argwhere(~(np.isfinite(follow_up) & (follow_up >= 0.0)))
    if wrong.size:
        replicate, patient = wrong[0]
        raise AnalysisError(
            f"times[{replicate}, {patient}] is {follow_up[replicate, patient]:g}: times are finite and zero or more"
        )
    return follow_up


def _checked_marks(marks: ArrayLike, shape: tuple[int, ...], name: str) -> Booleans:
    given = np.asarray(marks)
    if given.shape != shape and not (name == "arms" and given.shape == shape[1:]):
        raise AnalysisError(f"{name} have shape {given.shape} and times {shape}: give one entry a time in both")
    if given.dtype.kind != "b":
        wrong = given[~np.isin(given, (0, 1))]
        if wrong.size:
            raise AnalysisError(f"{name} hold {wrong[0]}: allowed are 0 and 1 (or False and True)")
    return np.ascontiguousarray(np.broadcast_to(given.astype(np.bool_), shape))


def _checked_strata(strata: ArrayLike, shape: tuple[int, ...]) -> Integers:
    given = np.asarray(strata)
    if given.shape not in {shape, shape[1:]}:
        raise AnalysisError(f"strata have shape {given.shape} and times {shape}: give one entry a time in both")
    if given.dtype.kind not in "iu" or (given < 0).any():
        raise AnalysisError("strata are whole numbers, zero or more: number them")
    return np.ascontiguousarray(np.broadcast_to(given.astype(np.int64), shape))


@njit(cache=True, nogil=True)
def _analyse(
    times: Floats, events: Booleans, arms: Booleans, strata: Integers, at: Floats, horizons: Floats
) -> tuple[Floats, Integers, Floats, Floats]:
    """Return (log hazard ratio, standard error, z), (status, patients, events), survival and restricted means."""
    replicates = times.shape[0]
    estimates = np.full((replicates, 3), np.nan)
    counts = np.zeros((replicates, 5), dtype=np.int64)
    survival = np.full((replicates, 2, at.size), np.nan)
    restricted = np.full((replicates, 2, horizons.size, 2), np.nan)
    table = np.empty((times.shape[1], 4), dtype=np.int64)
    when = np.empty(times.shape[1])
    for replicate in range(times.shape[0]):
        size, last = _tabulate(times[replicate], events[replicate], arms[replicate], table, when)
        rows = table[:size]
        for arm in range(2):
            counts[replicate, 3 + arm] = rows[:, arm].sum()
            _read_curve(rows, when[:size], arm, last[arm], at, survival[replicate, arm])
            for place in range(horizons.size):
                _area(rows, when[:size], arm, last[arm], horizons[place], restricted[replicate, arm, place])
        counts[replicate, 2] = arms[replicate].sum()
        counts[replicate, 1] = times.shape[1] - counts[replicate, 2]
        if strata.size > 0:
            rows = table[: _stratify(times[replicate], events[replicate], arms[replicate], strata[replicate], table)]
        estimates[replicate, 2] = _log_rank(rows)
        status, estimate, information = _efron(rows)
        counts[replicate, 0] = status
        if status == CONVERGED:
            estimates[replicate, 0] = estimate
            estimates[replicate, 1] = 1.0 / np.sqrt(information)
    return estimates, counts, survival, restricted


@njit(cache=True)
def _tabulate(times: Floats, events: Booleans, arms: Booleans, table: Integers, when: Floats) -> tuple[int, Floats]:
    """Fill a row (events of both arms, at risk in both arms) an event time, and return how many there are.

    Also returns the last follow-up of each arm; -1 where it has no patient.
    """
    order = np.argsort(times)
    at_risk = np.zeros(2, dtype=np.int64)
    last = np.full(2, -1.0)
    for patient in range(times.size):
        arm = int(arms[patient])
        at_risk[arm] += 1
        last[arm] = max(last[arm], times[patient])
    size, first = 0, 0
    while first < times.size:
        time = times[order[first]]
        table[size, 0] = table[size, 1] = 0
        table[size, 2], table[size, 3] = at_risk[0], at_risk[1]
        while first < times.size and times[order[first]] == time:
            arm = int(arms[order[first]])
            table[size, arm] += int(events[order[first]])
            at_risk[arm] -= 1
            first += 1
        if table[size, 0] + table[size, 1] > 0:
            when[size] = time
            size += 1
    return size, last


@njit(cache=True)
def _stratify(times: Floats, events: Booleans, arms: Booleans, strata: Integers, table: Integers) -> int:
    """Fill the rows of one stratum after another, and return how many there are."""
    size, when = 0, np.empty(times.size)
    for stratum in range(strata.max() + 1):
        inside = strata == stratum
        size += _tabulate(times[inside], events[inside], arms[inside], table[size:], when)[0]
    return size


@njit(cache=True)
def _read_curve(rows: Integers, when: Floats, arm: int, last: float, at: Floats, curve: Floats) -> None:
    for place in range(at.size):
        survival = 1.0
        for row in range(when.size):
            if when[row] > at[place]:
                break
            if rows[row, arm] > 0:
                survival *= (rows[row, 2 + arm] - rows[row, arm]) / rows[row, 2 + arm]
        if last >= at[place] or (survival == 0.0 and last >= 0.0):
            curve[place] = survival


@njit(cache=True)
def _area(rows: Integers, when: Floats, arm: int, last: float, horizon: float, mean: Floats) -> None:
    """Fill in the area under an arm's curve up to a horizon and its standard error, if the curve is known so far."""
    survival, area, start = 1.0, 0.0, 0.0
    for row in range(when.size):
        if when[row] >= horizon:
            break
        if rows[row, arm] > 0:
            area += survival * (when[row] - start)
            survival *= (rows[row, 2 + arm] - rows[row, arm]) / rows[row, 2 + arm]
            start = when[row]
    if last < horizon and (survival > 0.0 or last < 0.0):
        return
    area += survival * (horizon - start)
    mean[0] = area
    survival, done, start, variance = 1.0, 0.0, 0.0, 0.0
    for row in range(when.size):
        if when[row] >= horizon:
            break
        deaths, patients = rows[row, arm], rows[row, 2 + arm]
        if deaths > 0:
            done += survival * (when[row] - start)
            survival *= (patients - deaths) / patients
            start = when[row]
            if patients > deaths:
                variance += (area - done) ** 2 * deaths / (patients * (patients - deaths))
    mean[1] = np.sqrt(variance)


@njit(cache=True)
def _log_rank(rows: Integers) -> float:
    difference, variance = 0.0, 0.0
    for row in range(rows.shape[0]):
        deaths, patients = rows[row, 0] + rows[row, 1], rows[row, 2] + rows[row, 3]
        share = rows[row, 3] / patients
        difference += rows[row, 1] - deaths * share
        if patients > 1:
            variance += deaths * (patients - deaths) / (patients - 1) * share * (1.0 - share)
    return difference / np.sqrt(variance) if variance > 0.0 else np.nan


@njit(cache=True)
def _slope(rows: Integers, ratio: float) -> tuple[float, float]:
    """Return Efron's score and information in the log of a hazard ratio."""
    score, information = 0.0, 0.0
    for row in range(rows.shape[0]):
        deaths = rows[row, 0] + rows[row, 1]
        score += rows[row, 1]
        for place in range(deaths):
            fraction = place / deaths
            marked = ratio * (rows[row, 3] - fraction * rows[row, 1])
            other = rows[row, 2] - fraction * rows[row, 0]
            share = marked / (marked + other)
            score -= share
            information += share * (1.0 - share)
    return score, information


@njit(cache=True)
def _limits(rows: Integers) -> tuple[int, int, int]:
    """Return the score at a hazard ratio of zero and of infinity, and how many terms hold both arms."""
    low, high, mixed = 0, 0, 0
    for row in range(rows.shape[0]):
        deaths = rows[row, 0] + rows[row, 1]
        low += rows[row, 1]
        high += rows[row, 1]
        for place in range(deaths):
            has_marked = deaths * rows[row, 3] > place * rows[row, 1]
            has_other = deaths * rows[row, 2] > place * rows[row, 0]
            high -= int(has_marked)
            low -= int(has_marked and not has_other)
            mixed += int(has_marked and has_other)
    return low, high, mixed


@njit(cache=True)
def _efron(rows: Integers) -> tuple[int, float, float]:
    """Return status, log hazard ratio and information, by Newton steps kept inside a shrinking bracket."""
    at_zero, at_infinity, mixed = _limits(rows)
    if mixed == 0:
        return NO_INFORMATION, np.nan, np.nan
    if at_zero <= 0 or at_infinity >= 0:
        return INFINITE_ESTIMATE, np.nan, np.nan
    lowest, highest, here = -np.inf, np.inf, 0.0
    for _ in range(MOST_STEPS):
        score, information = _slope(rows, np.exp(here))
        if score > 0.0:
            lowest = here
        else:
            highest = here
        step = score / information
        if score * step < SMALL_DECREMENT:
            here += step
            return CONVERGED, here, _slope(rows, np.exp(here))[1]
        here += min(max(step, -1.0), 1.0)
        if not lowest < here < highest:
            here = 0.5 * (lowest + highest)
    return TOO_MANY_STEPS, np.nan, np.nan
