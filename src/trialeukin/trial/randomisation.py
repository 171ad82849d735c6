"""Who gets which arm: permuted blocks within strata, with arm sizes that come out exactly, or minimisation."""

from fractions import Fraction

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.trial.minimisation import minimise

LARGEST_PART = 4  # of the smaller arm, when the sizes of both are taken as a ratio of small numbers


def randomise(
    chance: Floats, *, treated: int, block: int | None, strata: Integers | None = None, factors: int = 1
) -> Booleans:
    r"""Assign patients to treatment or control, many trials at once, in permuted blocks or by minimisation.

    The patients of a trial are put in order of stratum and entry, cut into blocks, and block b of
    n patients in all gets :math:`\lfloor t e_b / n \rfloor - \lfloor t s_b / n \rfloor` treated ones
    (t treated in all, from patient s_b to e_b), in random order. With equal arms and an even block
    every full block is half and half; with unequal ones each is as near as whole patients allow.

    Parameters
    ----------
    chance : (r, n), 1
        Uniform numbers, one a patient, in order of entry; r trials.
    treated : int
        Patients of each trial who get the treatment.
    block : int or None
        Patients in a block; None: minimisation, whose arms come out about as large.
    strata : (r, n), 1
        Stratum of each patient; none given: one stratum.
    factors : int
        Binary digits of a stratum, the last ones first, that minimisation balances: all there are, whether or not a
        trial has a patient of each.

    Returns
    -------
    (r, n), 1
        Whether each patient gets the treatment.
    """
    trials, patients = chance.shape
    if not 0 < treated < patients or (block is not None and block < 1):
        raise InputError(
            f"{treated} of {patients} treated in blocks of {block}: give both arms patients, blocks 1 or more"
        )
    if block is None:
        return _minimised(
            chance, treated, np.zeros(chance.shape, dtype=np.int64) if strata is None else strata, factors
        )
    bounds = np.append(np.arange(0, patients, block), patients)
    quota = np.diff(bounds * treated // patients)
    number = np.minimum(np.arange(patients) // block, quota.size - 1)
    if strata is None:
        return _permuted(chance, number, bounds, quota)
    order = np.argsort(strata, axis=1, kind="stable")
    rows = np.arange(trials)[:, None]
    assigned = np.empty(chance.shape, dtype=np.bool_)
    assigned[rows, order] = _permuted(chance[rows, order], number, bounds, quota)
    return assigned


def _minimised(chance: Floats, treated: int, strata: Integers, factors: int) -> Booleans:
    if strata.max() >= 2**factors:
        raise InputError(f"stratum {strata.max()} of {factors} factors: give each factor a binary digit")
    control = chance.shape[1] - treated
    share = Fraction(max(treated, control), min(treated, control)).limit_denominator(LARGEST_PART)
    ratio = (share.denominator, share.numerator) if treated > control else (share.numerator, share.denominator)
    levels = (strata[:, :, None] >> np.arange(factors)) & 1
    return np.asarray(minimise(chance, levels, ratio=ratio) == 1)


def _permuted(chance: Floats, number: Integers, bounds: Integers, quota: Integers) -> Booleans:
    # Sorting block number plus chance keeps blocks together and shuffles inside them.
    order = np.argsort(number + chance, axis=1, kind="stable")
    place = np.arange(chance.shape[1]) - bounds[number]
    assigned = np.empty(chance.shape, dtype=np.bool_)
    np.put_along_axis(assigned, order, np.broadcast_to(place < quota[number], chance.shape), axis=1)
    return assigned
