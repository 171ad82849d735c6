"""How a trial is run: who enters, when it looks, what stops it."""

from dataclasses import dataclass

import numpy as np

from trialeukin.core.errors import StudyError
from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.survival.design.group_sequential import Boundaries
from trialeukin.survival.design.hazard import PiecewiseHazard
from trialeukin.trial.simulation.estimand import Strategy


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialPlan:
    """A trial with one look or several, each when so many events are known.

    Attributes
    ----------
    control, treated : int
        Patients randomised to each arm.
    block : int or None
        Patients in a permuted block of the randomisation; None: minimisation.
    factors : int
        Covariates that minimisation balances; see `trialeukin.trial.randomisation.randomise`.
    enrolment : Enrolment
        When they come; its rates are taken as proportions.
    drop_out : PiecewiseHazard, 1/month
        Of loss to follow-up.
    events : float
        Events of both arms at the last look.
    boundaries : Boundaries
        Fractions of those events at each look, and limits of Z; a benefit is positive, one with no limit is infinite.
    follow_up : float, month
        From the last entry to the last analysis, which comes then even if events are missing; its limit stays as it is.
    delay : float, month
        From the data cut-off of a look to the decision; patients go on entering meanwhile.
    strategy : Strategy
        How intercurrent events are dealt with.
    horizon : float or None, month
        Up to when restricted means are compared; None for not at all.
    """

    control: int
    treated: int
    block: int | None
    enrolment: Enrolment
    drop_out: PiecewiseHazard
    events: float
    boundaries: Boundaries
    follow_up: float
    factors: int = 1
    delay: float = 0.0
    strategy: Strategy = Strategy.TREATMENT_POLICY
    horizon: float | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.events <= self.patients:
            raise StudyError(f"{self.events:g} events of {self.patients} patients: give more than 0, at most all")
        if not (0.0 <= self.delay < np.inf and 0.0 <= self.follow_up < np.inf):
            raise StudyError(f"delay {self.delay!r} and follow-up {self.follow_up!r} months: give 0 or more")

    @property
    def patients(self) -> int:
        """All patients."""
        return self.control + self.treated

    @property
    def end(self) -> float:
        """The latest data cut-off, month of the calendar."""
        return self.enrolment.duration + self.follow_up

    @property
    def wanted(self) -> tuple[int, ...]:
        """Events at each look, rounded up."""
        return tuple(int(np.ceil(fraction * self.events - 1e-9)) for fraction in self.boundaries.fractions)
