r"""How much of a treatment's effect goes through which cells: the effect with each path open or closed.

With T(A) the leukaemia-free time of a patient up to a horizon on treatment, only the paths of A open, and T_0 that
without treatment, the same patient under all of them:

.. math::

    \Delta(A) &= E[T(A) - T_0], \qquad
    \text{alone}_j = \Delta(\{j\}) - \Delta(\emptyset), \qquad
    \text{lost}_j = \Delta(P) - \Delta(P \setminus j) \\
    \phi_j &= \sum_{A \subseteq P \setminus j} \frac{|A|! \, (|P| - |A| - 1)!}{|P|!}
              \left(\Delta(A \cup j) - \Delta(A)\right)

P are all paths. The parts phi_j (Shapley 1953) add up to what all paths do together; Delta(empty) is what is left to
other ways, such as toxicity or histamine's relief of oxygen. Every part is a mean over patients of differences within
one patient, whose standard error over sqrt(n) is its Monte Carlo error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.evidence.marker_runs import Done, LeukaemiaFree, MarkerStudy, Variant, leukaemia_free, nothing
from trialeukin.model.structures import MarkerPath

PATHS = tuple(MarkerPath)
Open = frozenset[MarkerPath]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean over virtual patients with its Monte Carlo error, or over draws with the middle 95 % of these.

    Attributes
    ----------
    value : float
        The mean.
    error : float
        Its Monte Carlo standard error, of the patients that were drawn.
    limits : (lower, upper) or None
        Of the means of the draws, where there are several: what is not known of the parameters, with each draw's
        own Monte Carlo error in it.
    """

    value: float
    error: float
    limits: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEffect:
    """What one path does to leukaemia-free time, month.

    Attributes
    ----------
    path : MarkerPath
        Which.
    alone, lost, part : Estimate
        With it alone open over none; what is lost by closing it alone; its part of the whole, all orders alike.
    """

    path: MarkerPath
    alone: Estimate
    lost: Estimate
    part: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Mediation:
    """Where the effect of a treatment on leukaemia-free time goes through.

    Attributes
    ----------
    structure : str
        Laws of kill and oxygen.
    horizon : float, month
        Up to which time is counted.
    patients, draws : int
        Followed; one draw is the model's own values.
    total : Estimate, month
        The effect with all paths open.
    others : Estimate, month
        The effect with all closed.
    paths : tuple of PathEffect
        In the order of `MarkerPath`.
    longer, shorter : float, 1
        Shares of patients who gain, and lose, more than a month; the others' courses are the same.
    """

    structure: str
    horizon: float
    patients: int
    draws: int
    total: Estimate
    others: Estimate
    paths: tuple[PathEffect, ...]
    longer: float
    shorter: float


def subsets() -> tuple[Open, ...]:
    """Return every set of open paths, the smallest first."""
    return tuple(frozenset(chosen) for size in range(len(PATHS) + 1) for chosen in combinations(PATHS, size))


def mediation(asked: MarkerStudy, done: Done = nothing) -> Mediation:
    """Follow the patients of a study with every set of paths open, and part the effect.

    Raises
    ------
    AnalysisError
        When fewer than two patients could be followed under all of them.
    """
    control, treated = leukaemia_free(asked, treated=False), {}
    done()
    for opened in subsets():
        treated[opened] = leukaemia_free(asked, treated=True, variant=Variant(closed=frozenset(PATHS) - opened))
        done()
    return mediation_of(asked.structure.name, asked.horizon, control, treated)


def mediation_of(
    structure: str, horizon: float, control: LeukaemiaFree, treated: Mapping[Open, LeukaemiaFree]
) -> Mediation:
    """Part the effect of a treatment from leukaemia-free times that were followed; see `mediation`."""
    valid = np.logical_and.reduce([control.valid, *(each.valid for each in treated.values())])
    if valid.sum(axis=1).min() < 2:
        raise AnalysisError("fewer than two patients could be followed with every path open and closed")
    gains = {opened: np.where(valid, each.times - control.times, np.nan) for opened, each in treated.items()}
    everything, none = frozenset(PATHS), frozenset[MarkerPath]()
    by_path = tuple(
        PathEffect(
            path=path,
            alone=estimate(gains[frozenset({path})] - gains[none]),
            lost=estimate(gains[everything] - gains[everything - {path}]),
            part=estimate(_part(gains, path)),
        )
        for path in PATHS
    )
    whole = gains[everything]
    known = whole[~np.isnan(whole)]
    return Mediation(
        structure=structure,
        horizon=horizon,
        patients=whole.shape[1],
        draws=whole.shape[0],
        total=estimate(whole),
        others=estimate(gains[none]),
        paths=by_path,
        longer=float(np.mean(known > 1.0)),
        shorter=float(np.mean(known < -1.0)),
    )


def _part(gains: Mapping[Open, Floats], path: MarkerPath) -> Floats:
    """Return a path's part of every patient's gain, all orders of opening alike."""
    others = len(PATHS) - 1
    without = [opened for opened in gains if path not in opened]
    weights = [factorial(len(each)) * factorial(others - len(each)) / factorial(len(PATHS)) for each in without]
    steps = (weight * (gains[opened | {path}] - gains[opened]) for weight, opened in zip(weights, without, strict=True))
    return np.asarray(sum(steps))


def estimate(differences: Floats) -> Estimate:
    """Return the mean of differences within patients, (d, n); NaN are left out.

    The error is that of patients, who are the same in every draw: their means over draws are what varies.
    """
    of_patients = np.nanmean(differences, axis=0) if differences.shape[0] > 1 else differences[0]
    of_patients = of_patients[~np.isnan(of_patients)]
    error = float(of_patients.std(ddof=1) / np.sqrt(of_patients.size))
    limits = None
    if differences.shape[0] > 1:
        low, high = np.quantile(np.nanmean(differences, axis=1), [0.025, 0.975])
        limits = (float(low), float(high))
    return Estimate(value=float(np.nanmean(differences)), error=error, limits=limits)
