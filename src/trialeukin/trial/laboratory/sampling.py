"""When patients are sampled: on planned days, a little before or after, and sometimes not at all."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.core.random import Stream
from trialeukin.trial.laboratory.plan import LaboratoryPlan

STEP = 0.25  # day: samples are drawn at any of four times of a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """The samples of n patients on v planned days.

    Attributes
    ----------
    planned : (v,), day
        From randomisation.
    drawn : (n, v), day
        When each sample was due to be drawn; multiples of `STEP` from its planned day.
    missed : (n, v), 1
        Whether the patient did not come.
    """

    planned: Floats
    drawn: Floats
    missed: Booleans

    @property
    def grid(self) -> Floats:
        """Every time at which somebody may be sampled, increasing, day."""
        return np.unique(self.drawn)


def visits_of(plan: LaboratoryPlan, *, seed: int, patients: Integers) -> Visits:
    """Return when patients are sampled; the same under every arm, since it is known before the treatment is.

    Parameters
    ----------
    plan : LaboratoryPlan
        Planned days; a sample is drawn anywhere in the window around them, but not before randomisation.
    seed : int
        The run's seed.
    patients : (n,), 1
        Indices of the patients.
    """
    days = plan.days
    steps = int(np.floor(plan.window / STEP))
    where = Stream(seed, "laboratory/day of the visit").uniform(patients, days.size)
    shift = STEP * (np.floor(where * (2 * steps + 1)) - steps)
    came = Stream(seed, "laboratory/missed visits").uniform(patients, days.size)
    return Visits(planned=days, drawn=np.maximum(days + shift, 0.0), missed=came < plan.missing)
