"""A design on the calendar as a trial that can be simulated."""

import numpy as np

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.looks import Schedule
from trialeukin.trial.simulation.plan import SequentialPlan
from trialeukin.trial.simulation.source import FromHazards

BLOCK = 4
ROUNDING = 1e-6


def plan_of(schedule: Schedule, *, delay: float = 0.0) -> SequentialPlan:
    """Return the trial of a design, patients and events rounded up.

    Raises
    ------
    AnalysisError
        When the design is one of non-inferiority, whose test the simulated log-rank test is not, or the arms are
        lost to follow-up at different rates.
    """
    trial = schedule.trial
    if trial.margin != 1.0:
        raise AnalysisError(f"margin {trial.margin:g}: simulated trials test superiority; leave the margin at 1")
    control, treated = (arm.drop_out for arm in trial.arms)
    if not (np.array_equal(control.starts, treated.starts) and np.array_equal(control.rates, treated.rates)):
        raise AnalysisError("the arms are lost to follow-up at different rates: simulated trials have one for both")
    patients = int(np.ceil(schedule.patients - ROUNDING))
    treated_patients = round(patients * trial.treated.share)
    return SequentialPlan(
        control=patients - treated_patients,
        treated=treated_patients,
        block=BLOCK,
        enrolment=trial.enrolment,
        drop_out=control,
        events=float(np.ceil(schedule.events - ROUNDING)),
        boundaries=schedule.boundaries,
        follow_up=trial.follow_up,
        delay=delay,
    )


def truths_of(schedule: Schedule) -> tuple[FromHazards, FromHazards]:
    """Return where patients' times come from without the effect, and with it."""
    control, treated = (arm.hazard for arm in schedule.trial.arms)
    return FromHazards(control=control, treated=control), FromHazards(control=control, treated=treated)
