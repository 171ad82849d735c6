"""The same virtual patients under control and under treatment."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.outcomes import Outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Outcomes of n patients under both arms.

    Attributes
    ----------
    control, treated : Outcomes
        Of the same patients in the same order.
    strata : (n,), 1
        Stratum of each, by which trials are randomised and analysed; None: all are of one.
    """

    control: Outcomes
    treated: Outcomes
    strata: Integers | None = None

    @property
    def valid(self) -> Booleans:
        """(n,) Whether the patient's trajectories were computed under both arms."""
        return self.control.valid & self.treated.valid

    @property
    def patients(self) -> Integers:
        """(v,) Places of the valid patients."""
        return np.flatnonzero(self.valid)

    @property
    def strata_of_patients(self) -> Integers | None:
        """(v,) Stratum of each valid patient, if there are strata."""
        return None if self.strata is None else self.strata[self.patients]

    def times(self, endpoint: Endpoint) -> tuple[Floats, Floats]:
        """Return when the valid patients reach an endpoint under control and under treatment, (v,) each, month."""
        valid = self.valid
        return self.control.times(endpoint)[valid], self.treated.times(endpoint)[valid]

    def first(self, patients: int) -> "Pair":
        """Return the first patients under both arms."""
        strata = None if self.strata is None else self.strata[:patients]
        return Pair(control=self.control.first(patients), treated=self.treated.first(patients), strata=strata)
