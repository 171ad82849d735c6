"""Replicate trials of one endpoint, a row each, for whoever looks at them one by one."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats, Integers
from trialeukin.trial.replicate import Replicates

TYPICAL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicateRows:
    """What r replicate trials found in one endpoint.

    Attributes
    ----------
    draw : (r,), 1
        Which draw of the parameters; `TYPICAL` for the typical ones.
    patients : (r,), 1
        Number of the set of patients; trials of one set and draw have the same patients.
    randomisation : (r,), 1
        Which randomisation of those.
    log_ratio, error : (r,), 1
        Log hazard ratio, treatment over control, and its standard error; NaN without an estimate.
    z : (r,), 1
        Log-rank statistic; negative favours the treatment, NaN without information. As the log ratio, that of a drawn
        trial is moved by what the small population of its draw differs from a large one.
    restricted : (r,), month
        Difference of restricted means, treatment less control, as the trial saw it; NaN where not known so far.
    events : (r, 2), 1
        Events seen under control and treatment.
    """

    draw: Integers
    patients: Integers
    randomisation: Integers
    log_ratio: Floats
    error: Floats
    z: Floats
    restricted: Floats
    events: Integers


def replicate_rows(found: Replicates, *, draws: Integers, patients: Integers, moves: Floats) -> ReplicateRows:
    """Return replicates row by row.

    Parameters
    ----------
    found : Replicates
        s sets of patients, each randomised m times.
    draws, patients : (s,), 1
        Draw and number of each set.
    moves : (s,), 1
        What the log hazard ratio of each set is moved by; Z moves by as many standard errors.
    """
    sets, turns = found.log_ratio.shape
    moved = np.broadcast_to(moves[:, None], found.error.shape)
    shift = np.divide(moved, found.error, out=np.zeros(found.error.shape), where=np.isfinite(found.error))
    return ReplicateRows(
        draw=np.repeat(draws, turns),
        patients=np.repeat(patients, turns),
        randomisation=np.tile(np.arange(turns), sets),
        log_ratio=(found.log_ratio + moved).ravel(),
        error=found.error.ravel(),
        z=(found.z + shift).ravel(),
        restricted=found.restricted.ravel(),
        events=found.events.reshape(sets * turns, 2),
    )


def joined_rows(parts: tuple[ReplicateRows, ...]) -> ReplicateRows:
    """Return the rows of several groups of trials as one table."""
    names = ReplicateRows.__dataclass_fields__
    return ReplicateRows(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
