"""Who gets which arm: permuted blocks, within strata, with arm sizes that come out exactly."""

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.errors import InputError


def randomise(chance: Floats, *, treated: int, block: int, strata: Integers | None = None) -> Booleans:
    r"""Assign patients to treatment or control in permuted blocks, many trials at once.

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
    block : int
        Patients in a block.
    strata : (r, n), 1
        Stratum of each patient; none given: one stratum.

    Returns
    -------
    (r, n), 1
        Whether each patient gets the treatment.
    """
    trials, patients = chance.shape
    if not (0 < treated < patients and block > 0):
        raise InputError(
            f"{treated} of {patients} treated in blocks of {block}: give both arms patients, blocks 1 or more"
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


def _permuted(chance: Floats, number: Integers, bounds: Integers, quota: Integers) -> Booleans:
    # Sorting block number plus chance keeps blocks together and shuffles inside them.
    order = np.argsort(number + chance, axis=1, kind="stable")
    place = np.arange(chance.shape[1]) - bounds[number]
    assigned = np.empty(chance.shape, dtype=np.bool_)
    np.put_along_axis(assigned, order, np.broadcast_to(place < quota[number], chance.shape), axis=1)
    return assigned
