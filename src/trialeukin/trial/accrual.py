"""When patients enter and until when each is seen: calendar time, loss to follow-up, the analysis date."""

import math
from dataclasses import dataclass

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.trial.endpoint import MONTHS_A_YEAR
from trialeukin.trial.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a trial runs in calendar time.

    Attributes
    ----------
    control : int
        Patients randomised to control.
    treatments : tuple of int
        Patients randomised to each treatment.
    enrolment : Enrolment or None
        When they come; its rates are taken as proportions. None: all at once.
    after_last_entry : float, month
        From the last possible entry to the analysis.
    horizon : float, month
        Nobody is followed longer.
    loss_rate : float, 1/month
        Constant hazard of loss to follow-up.
    block : int or None
        Patients in a permuted block of the randomisation; None: minimisation.
    factors : int
        Covariates that minimisation balances; see `trialeukin.trial.randomisation.randomise`.
    """

    control: int
    treatments: tuple[int, ...]
    enrolment: Enrolment | None
    after_last_entry: float
    horizon: float
    loss_rate: float
    block: int | None
    factors: int = 1

    @property
    def patients(self) -> int:
        """All patients of the trial."""
        return self.control + sum(self.treatments)

    @property
    def accrual(self) -> float:
        """From the first possible entry to the last, month."""
        return 0.0 if self.enrolment is None else self.enrolment.duration

    def entry(self, chance: Floats) -> Floats:
        """Return calendar times of entry, month, of uniform numbers."""
        return np.zeros(chance.shape) if self.enrolment is None else self.enrolment.entry(chance)


def conduct_of(study: Study) -> Conduct:
    """Return how a study's trial runs, with all its arms."""
    follow_up = study.follow_up
    return Conduct(
        control=study.control.n,
        treatments=tuple(arm.n for arm in study.treatments),
        enrolment=study.accrual.enrolment() if study.accrual.months > 0.0 else None,
        after_last_entry=follow_up.after_last_entry_months,
        horizon=follow_up.horizon_months,
        loss_rate=-math.log1p(-follow_up.drop_out_per_year) / MONTHS_A_YEAR,
        block=study.block,
        factors=max(1, len(study.analysis.stratify_by)),
    )


def observation_times(entry: Floats, loss: Floats, conduct: Conduct) -> Floats:
    """Return until when each patient is seen, in months from the patient's own randomisation.

    The least of the analysis date less the entry, the loss to follow-up and the horizon.

    Parameters
    ----------
    entry : (r, n), month
        Calendar time of entry.
    loss : (r, n), 1
        Exponential numbers of mean one.
    conduct : Conduct
        How the trial runs.
    """
    analysis = conduct.accrual + conduct.after_last_entry - entry
    seen = np.minimum(analysis, conduct.horizon)
    if conduct.loss_rate == 0.0:
        return seen
    return np.minimum(seen, loss / conduct.loss_rate)
