"""From trajectories to a table of laboratory results."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.random import Stream
from trialeukin.engine.trajectories import Trajectories
from trialeukin.trial.laboratory.assay import Assay, Results
from trialeukin.trial.laboratory.sampling import Visits
from trialeukin.trial.outcomes import DETECTION


@dataclass(frozen=True, slots=True, kw_only=True)
class LaboratoryTable:
    """Laboratory results of one arm: n patients, v visits.

    Attributes
    ----------
    arm : str
        The arm.
    planned : (v,), day from randomisation
        Planned days.
    drawn : (n, v), day from randomisation
        When samples were drawn.
    sampled : (n, v), 1
        Whether there is a sample: the patient came, is alive and no relapse has been found.
    results : mapping of Assay to Results of (n, v)
        What was reported; where there is no sample its values have no meaning.
    """

    arm: str
    planned: Floats
    drawn: Floats
    sampled: Booleans
    results: dict[Assay, Results]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose samples they are: the arm, the run's seed and the indices of the patients, (n,)."""

    arm: str
    seed: int
    patients: Integers


def collected(trajectories: Trajectories, visits: Visits, tests: tuple[Assay, ...], *, whose: Whose) -> LaboratoryTable:
    """Return what the laboratory reports of an arm.

    Parameters
    ----------
    trajectories : Trajectories
        Of n patients, with the quantities of the tests kept at the times of ``visits.grid``.
    visits : Visits
        When they were sampled.
    tests : tuple of Assay
        What is measured in every sample.
    whose : Whose
        The arm and its patients, whose errors of measurement are the same under every arm.
    """
    rows = np.arange(visits.drawn.shape[0])[:, None]
    columns = np.searchsorted(trajectories.times, visits.drawn)
    watched = _watched(trajectories, visits.drawn)
    results = {}
    for test in tests:
        true = trajectories.value(test.quantity)[rows, columns]
        errors = Stream(whose.seed, f"laboratory/{test.name}").normal(whose.patients, visits.planned.size)
        results[test] = test.measured(true, errors)
        watched &= ~np.isnan(true)
    return LaboratoryTable(
        arm=whose.arm, planned=visits.planned, drawn=visits.drawn, sampled=watched & ~visits.missed, results=results
    )


def _watched(trajectories: Trajectories, drawn: Floats) -> Booleans:
    """Return whether patients are still in the study's care, (n, v): computed, and before a relapse was found."""
    care = np.broadcast_to(~trajectories.failed[:, None], drawn.shape).copy()
    if DETECTION in trajectories.events:
        relapse = trajectories.event_time(DETECTION)[:, None]
        care &= ~(drawn > np.where(np.isnan(relapse), np.inf, relapse))
    return care
