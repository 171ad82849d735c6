"""Doses that are never given for reasons no model holds, drawn before the run."""

import numpy as np

from trialeukin.core.arrays import Integers
from trialeukin.core.random import Stream
from trialeukin.engine.problem import Fate
from trialeukin.regimen.rules import Adherence


def draw_fates(adherence: Adherence, doses: int, *, seed: int, patients: Integers) -> Integers:
    """Draw which planned doses are missed and which patients never start.

    Parameters
    ----------
    adherence : Adherence
        The two fractions.
    doses : int
        Planned administrations of the arm.
    seed : int
        The run's seed.
    patients : (n,), 1
        Indices of the patients. Whoever never starts in one arm would not in another.

    Returns
    -------
    (n, doses), 1
        `Fate.GIVEN`, `Fate.MISSED` or `Fate.NEVER_STARTED`.
    """
    indices = np.asarray(patients, dtype=np.int64)
    absent = Stream(seed, "never started").uniform(indices)[:, 0] < adherence.never_started
    missed = Stream(seed, "missed").uniform(indices, max(doses, 1))[:, :doses] < adherence.missed
    fates = np.where(missed, Fate.MISSED, Fate.GIVEN)
    fates[absent] = Fate.NEVER_STARTED
    return fates.astype(np.int64)
