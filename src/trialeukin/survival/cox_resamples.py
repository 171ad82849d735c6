r"""Two-arm Cox models of many resamples, and what all of a resample's patients would have under each arm: one pass.

A resample is how many copies of each patient it holds, so that patients are sorted once. Copies of one death are tied
deaths, after Efron as in `fit_cox` of the resampled rows, which the tests meet. Covariates come in units in which the
information of the whole sample is one: how flat a resample's likelihood is can then be read off its eigenvalues.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.survival.cox import FLAT_INFORMATION, MOST_HALVINGS, MOST_STEPS, ROUNDING, SMALL_DECREMENT


class Patients(NamedTuple):
    """The sample, sorted by arm and within arms by time.

    Attributes
    ----------
    times, events : (n,)
        Follow-up.
    rows : (n, 1 + p)
        One, then the covariates.
    first : (3,)
        Row of the first patient of either arm, and n.
    """

    times: Floats
    events: Booleans
    rows: Floats
    first: Integers


@njit(cache=True, nogil=True)
def effects_of_resamples(patients: Patients, copies: Integers, start: Floats, horizon: float) -> Floats:
    """Fit each resample and return its survival at a horizon and restricted mean, in each arm.

    Parameters
    ----------
    patients : Patients
        Of the whole sample.
    copies : (R, n), 1
        Of each patient in each resample.
    start : (p,)
        Coefficients from which to search, those of the whole sample.
    horizon : (), unit of the follow-up
        Above zero.

    Returns
    -------
    (R, 2, 2)
        Survival and restricted mean by arm; NaN where the model has no estimate.
    """
    found = np.full((copies.shape[0], 2, 2), np.nan)
    for resample in range(copies.shape[0]):
        coefficients = _climb(patients, copies[resample], start)
        if np.isfinite(coefficients).all():
            found[resample] = effects(patients, copies[resample], coefficients, horizon)
    return found


@njit(cache=True, error_model="numpy")
def effects(patients: Patients, copies: Integers, coefficients: Floats, horizon: float) -> Floats:
    """Return survival at a horizon and restricted mean by arm, (2, 2), of a fitted resample."""
    kept = np.flatnonzero(copies)
    times, events, number = patients.times[kept], patients.events[kept], copies[kept].astype(np.float64)
    hazard, _ = _hazards(patients.rows[kept], coefficients)
    everybody = number.sum()
    found = np.empty((2, 2))
    for arm in range(2):
        first, end = np.searchsorted(kept, patients.first[arm]), np.searchsorted(kept, patients.first[arm + 1])
        behind = np.cumsum((number * hazard)[first:end][::-1])[::-1]
        survival, area, since, total, row = 1.0, 0.0, 0.0, 0.0, first
        while row < end and times[row] <= horizon:
            time, at_risk, deaths = times[row], behind[row - first], 0.0
            while row < end and times[row] == time:
                deaths += number[row] * events[row]
                row += 1
            if deaths > 0.0:
                area += survival * (time - since)
                since = time
                total += deaths / at_risk
                alive = 0.0
                for patient in range(kept.size):
                    alive += number[patient] * np.exp(-total * hazard[patient])
                survival = alive / everybody
        found[0, arm], found[1, arm] = survival, area + survival * (horizon - since)
    return found


@njit(cache=True, error_model="numpy")
def _climb(patients: Patients, copies: Integers, start: Floats) -> Floats:
    """Return the coefficients of a resample, (p,), by Newton steps as in `climb`; NaN without an estimate."""
    place = start
    value, score, information = _likelihood(patients, copies, place)
    for _ in range(MOST_STEPS):
        if not (np.isfinite(value) and np.isfinite(information).all()):
            break
        spread, axes = np.linalg.eigh(information)
        if spread[0] < FLAT_INFORMATION:
            break
        step = axes @ ((axes.T @ score) / spread)
        decrement = step @ score
        if decrement < SMALL_DECREMENT:
            return np.asarray(place + step)
        least = value - ROUNDING * (1.0 + abs(value))
        for _ in range(MOST_HALVINGS):
            value, score, information = _likelihood(patients, copies, place + step)
            if value >= least:
                break
            step = 0.5 * step
        place = place + step
    return np.full(start.size, np.nan)


@njit(cache=True, error_model="numpy")
def _likelihood(patients: Patients, copies: Integers, coefficients: Floats) -> tuple[float, Floats, Floats]:
    """Return value, score and information of a resample, going back in time in each arm."""
    hazard, predictor = _hazards(patients.rows, coefficients)
    seen, weight = copies * patients.events, copies * hazard
    value, slope = (seen * predictor).sum(), np.zeros(coefficients.size)
    for place in range(coefficients.size):
        slope[place] = (seen * patients.rows[:, 1 + place]).sum()
    curvature = np.zeros((coefficients.size, coefficients.size))
    behind = np.empty((1 + coefficients.size, 1 + coefficients.size))
    dying = np.empty_like(behind)
    for arm in range(2):
        first, deaths = patients.first[arm], 0
        behind[:], dying[:] = 0.0, 0.0
        for row in range(patients.first[arm + 1] - 1, first - 1, -1):
            _add(behind, weight[row], patients.rows, row)
            if seen[row] > 0:
                _add(dying, weight[row], patients.rows, row)
                deaths += seen[row]
            if deaths > 0 and (row == first or patients.times[row - 1] < patients.times[row]):
                value -= _take_in(behind, dying, deaths, slope, curvature)
                dying[:], deaths = 0.0, 0
    return value, slope, curvature


@njit(cache=True, error_model="numpy")
def _hazards(rows: Floats, coefficients: Floats) -> tuple[Floats, Floats]:
    """Return relative hazards over the highest, (n,), and their logarithms."""
    predictor = np.zeros(rows.shape[0])
    for place in range(coefficients.size):
        predictor += coefficients[place] * rows[:, 1 + place]
    predictor -= predictor.max()
    return np.exp(predictor), predictor


@njit(cache=True)
def _add(moments: Floats, weight: float, rows: Floats, row: int) -> None:
    """Add a weighted row's square (outer product), its lower half."""
    for place in range(rows.shape[1]):
        for other in range(place + 1):
            moments[place, other] += weight * rows[row, place] * rows[row, other]


@njit(cache=True, error_model="numpy")
def _take_in(behind: Floats, dying: Floats, deaths: int, slope: Floats, curvature: Floats) -> float:
    """Take tied deaths' means at risk off the slope, add their covariances, and return what the value loses."""
    lost = 0.0
    for death in range(deaths):
        share = death / deaths
        total = behind[0, 0] - share * dying[0, 0]
        lost += np.log(total)
        for place in range(1, 1 + slope.size):
            mean = (behind[place, 0] - share * dying[place, 0]) / total
            slope[place - 1] -= mean
            for other in range(1, place + 1):
                its = (behind[other, 0] - share * dying[other, 0]) / total
                square = (behind[place, other] - share * dying[place, other]) / total
                curvature[place - 1, other - 1] += square - mean * its
    return lost
