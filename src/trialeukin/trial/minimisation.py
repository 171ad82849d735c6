r"""Minimisation: each patient goes to the arm that leaves prognostic factors best balanced, with a biased coin.

For the next patient and each arm a, with :math:`n_{jk}` the patients of arm k who share the patient's level of factor
j, the imbalance were the patient given to a is

.. math:: G_a = \sum_j w_j \Bigl[\max_k (n_{jk} + 1_{k = a}) - \min_k (n_{jk} + 1_{k = a})\Bigr]

The arms with the least G share a probability; the others share the rest (Pocock and Simon, Biometrics 1975;31:103).
Unequal arms are made of equal parts, which keeps the ratio for every single patient (Kuznetsova and Tymofyeyev,
Stat Med 2012;31:701).
"""

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError


def minimise(
    chance: Floats,
    levels: Integers,
    *,
    ratio: tuple[int, ...] = (1, 1),
    following: float = 0.8,
    weights: tuple[float, ...] | None = None,
) -> Integers:
    """Assign patients to arms one after the other, many trials at once.

    Parameters
    ----------
    chance : (r, n), 1
        Uniform numbers from 0 to below 1, one a patient, in order of entry; r trials.
    levels : (r, n, f), 1
        Level of each patient in each factor, counted from zero.
    ratio : tuple of int, 1
        Size of each arm to the others.
    following : float, 1
        Probability of going to an arm that balances best; one leaves chance to ties alone.
    weights : tuple of float, 1, or None
        Importance of each factor, above zero; None: equal.

    Returns
    -------
    (r, n), 1
        Arm of each patient, counted from zero.
    """
    _refuse(chance, levels, ratio, following)
    trials, patients, factors = levels.shape
    importance = np.ones(factors) if weights is None else np.array(weights, dtype=np.float64)
    if importance.shape != (factors,) or not np.all(importance > 0.0):
        raise InputError(f"weights {weights}: give one above zero for each of {factors} factors")
    arm_of_part = np.repeat(np.arange(len(ratio)), ratio)
    parts = arm_of_part.size
    counts = np.zeros((trials, factors, int(levels.max()) + 1, parts))
    rows, columns = np.arange(trials)[:, None], np.arange(factors)
    assigned = np.empty((trials, patients), dtype=np.int64)
    for patient in range(patients):
        here = counts[rows, columns, levels[:, patient]]
        # (r, f, a, k): how many would share the level in part k if the patient went to part a
        after = here[:, :, None, :] + np.eye(parts)
        imbalance = np.einsum("rfa,f->ra", np.ptp(after, axis=3), importance)
        part = _drawn(imbalance, chance[:, patient], following)
        counts[rows, columns, levels[:, patient], part[:, None]] += 1.0
        assigned[:, patient] = arm_of_part[part]
    return assigned


def _drawn(imbalance: Floats, chance: Floats, following: float) -> Integers:
    """(r,) The part that a uniform number picks, the best ones sharing their probability."""
    best = imbalance <= imbalance.min(axis=1, keepdims=True) + 1e-9
    others = ~best
    many, few = best.sum(axis=1, keepdims=True), others.sum(axis=1, keepdims=True)
    share = np.where(few == 0, 1.0, following)
    probability = np.where(best, share / many, (1.0 - share) / np.maximum(few, 1))
    reached = np.cumsum(probability, axis=1)
    return np.asarray(np.minimum((chance[:, None] >= reached).sum(axis=1), imbalance.shape[1] - 1), dtype=np.int64)


def _refuse(chance: Floats, levels: Integers, ratio: tuple[int, ...], following: float) -> None:
    if levels.ndim != 3 or levels.shape[:2] != chance.shape or levels.size == 0 or levels.min() < 0:
        raise InputError(
            f"levels of shape {levels.shape} beside chance of shape {chance.shape}: give (trials, patients, factors) "
            "with levels counted from zero"
        )
    if len(ratio) < 2 or min(ratio) < 1:
        raise InputError(f"ratio {ratio}: give a whole number, 1 or more, for each of two arms or more")
    if not 0.5 < following <= 1.0:
        raise InputError(f"following {following!r}: give a probability above 0.5, up to 1; 0.8 is usual")
