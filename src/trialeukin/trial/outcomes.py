"""What became of each patient under one arm, in months from randomisation."""

from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import RunError
from trialeukin.engine.trajectories import Trajectories
from trialeukin.trial.endpoint import DAYS_A_MONTH, Endpoint

CROSSING = "relapse_crossing"
DETECTION = "relapse"
REMISSION = "complete_remission"
FAILURES_AT_MOST = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Event times of n patients under one arm; infinity where the event does not come by the horizon.

    Attributes
    ----------
    crossing, relapse, death : (n,), month
        When the clone crosses the threshold of relapse, the examination that finds it, and death.
    valid : (n,), 1
        Whether the trajectory was computed; patients whose trajectory failed enter no trial.
    horizon : float, month
        How long everyone was followed.
    """

    crossing: Floats
    relapse: Floats
    death: Floats
    valid: Booleans
    horizon: float

    def times(self, endpoint: Endpoint) -> Floats:
        """Return when each patient reaches an endpoint, (n,), month.

        LFS ends at the detected relapse or any death, OS at any death.
        """
        match endpoint:
            case Endpoint.LFS:
                return np.minimum(self.relapse, self.death)
            case Endpoint.OS:
                return self.death

    @property
    def died_in_remission(self) -> Booleans:
        """(n,) Whether death came without or before a detected relapse."""
        return np.isfinite(self.death) & (self.death < self.relapse)

    def first(self, patients: int) -> "Outcomes":
        """Return the outcomes of the first patients."""
        return self._part(slice(0, patients))

    def parts(self, patients: int) -> tuple["Outcomes", ...]:
        """Return the outcomes of every so many patients, one batch after the other."""
        starts = range(0, self.death.size, patients)
        return tuple(self._part(slice(start, start + patients)) for start in starts)

    def _part(self, part: slice) -> "Outcomes":
        return replace(
            self,
            crossing=self.crossing[part],
            relapse=self.relapse[part],
            death=self.death[part],
            valid=self.valid[part],
        )


def outcomes_of(trajectories: Trajectories, *, deaths: tuple[str, ...], horizon_days: float) -> Outcomes:
    """Read event times off trajectories whose time zero is randomisation.

    Parameters
    ----------
    trajectories : Trajectories
        Of n patients.
    deaths : tuple of str
        Names of the events that are deaths.
    horizon_days : float, day
        How long everyone was followed.

    Raises
    ------
    RunError
        When more than one trajectory in a hundred failed: what is left would be a selected population.
    """
    failed = trajectories.failed
    if failed.mean() > FAILURES_AT_MOST:
        raise RunError(
            f"{int(failed.sum())} of {failed.size} trajectories failed, more than {FAILURES_AT_MOST:.0%}: "
            "the parameters or doses drive the model where it cannot be solved; nothing is kept"
        )
    death = np.full(failed.size, np.inf)
    for name in deaths:
        death = np.minimum(death, _months(trajectories, name))
    return Outcomes(
        crossing=_months(trajectories, CROSSING),
        relapse=_months(trajectories, DETECTION),
        death=death,
        valid=~failed,
        horizon=horizon_days / DAYS_A_MONTH,
    )


def _months(trajectories: Trajectories, event: str) -> Floats:
    days = trajectories.event_time(event)
    return np.where(np.isnan(days), np.inf, days / DAYS_A_MONTH)
