"""Who gets which arm: permuted blocks within strata, with arm sizes that come out exactly, or minimisation."""

from fractions import Fraction
from math import lcm

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import InputError
from trialeukin.trial.minimisation import minimise

LARGEST_PART = 4  # of the smallest arm, when sizes are taken as ratios of small numbers


def randomise(
    chance: Floats,
    *,
    control: int,
    treatments: tuple[int, ...],
    block: int | None,
    strata: Integers | None = None,
    factors: int = 1,
) -> Integers:
    r"""Assign patients to control or a treatment, many trials at once, in permuted blocks or by minimisation.

    The patients of a trial are put in order of stratum and entry, cut into blocks, and block b of
    n patients in all gets :math:`\lfloor t e_b / n \rfloor - \lfloor t s_b / n \rfloor` treated ones
    (t treated in all, from patient s_b to e_b), in random order. With equal arms and an even block
    every full block is half and half; with unequal ones each is as near as whole patients allow. Several
    treatments share the treated ones of the blocks by the same rule, the first ones first.

    Parameters
    ----------
    chance : (r, n), 1
        Uniform numbers, one a patient, in order of entry; r trials.
    control : int
        Patients of each trial who get none.
    treatments : tuple of int
        Patients of each trial who get each treatment; with ``control`` they are n.
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
        What each patient gets: zero for control, else the treatment, counted from one.
    """
    trials, patients = chance.shape
    sizes = (control, *treatments)
    if len(sizes) < 2 or min(sizes) < 1 or sum(sizes) != patients or (block is not None and block < 1):
        raise InputError(
            f"{patients} patients to arms of {', '.join(map(str, sizes))} in blocks of {block}: give two arms or more "
            "that are not empty and hold all patients, and blocks of 1 or more"
        )
    if block is None:
        return _minimised(chance, sizes, np.zeros(chance.shape, dtype=np.int64) if strata is None else strata, factors)
    bounds = np.append(np.arange(0, patients, block), patients)
    number = np.minimum(np.arange(patients) // block, bounds.size - 2)
    quotas = _quotas(bounds, patients, treatments)
    if strata is None:
        return _permuted(chance, number, bounds, quotas)
    order = np.argsort(strata, axis=1, kind="stable")
    rows = np.arange(trials)[:, None]
    assigned = np.empty(chance.shape, dtype=np.int64)
    assigned[rows, order] = _permuted(chance[rows, order], number, bounds, quotas)
    return assigned


def _minimised(chance: Floats, sizes: tuple[int, ...], strata: Integers, factors: int) -> Integers:
    if strata.max() >= 2**factors:
        raise InputError(f"stratum {strata.max()} of {factors} factors: give each factor a binary digit")
    shares = [Fraction(size, min(sizes)).limit_denominator(LARGEST_PART) for size in sizes]
    whole = lcm(*(share.denominator for share in shares))
    levels = (strata[:, :, None] >> np.arange(factors)) & 1
    return minimise(chance, levels, ratio=tuple(int(share * whole) for share in shares))


def _quotas(bounds: Integers, patients: int, treatments: tuple[int, ...]) -> Integers:
    """(k, b) How many patients of each block get one of the first k treatments, k from one to all."""
    first = [bounds * sum(treatments) // patients]
    for place in range(len(treatments) - 1, 0, -1):
        first.insert(0, first[0] * sum(treatments[:place]) // sum(treatments[: place + 1]))
    return np.asarray(np.diff(np.stack(first), axis=1), dtype=np.int64)


def _permuted(chance: Floats, number: Integers, bounds: Integers, quotas: Integers) -> Integers:
    # Sorting block number plus chance keeps blocks together and shuffles inside them.
    order = np.argsort(number + chance, axis=1, kind="stable")
    place = np.arange(chance.shape[1]) - bounds[number]
    inside = (place < quotas[:, number]).sum(axis=0)  # of how many of the growing groups of treatments
    given = np.where(inside > 0, len(quotas) + 1 - inside, 0)
    assigned = np.empty(chance.shape, dtype=np.int64)
    np.put_along_axis(assigned, order, np.broadcast_to(given, chance.shape), axis=1)
    return assigned
