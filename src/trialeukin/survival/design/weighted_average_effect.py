r"""What a weighted log-rank test sees of two arms whose hazards are not proportional.

With shares :math:`p_j`, survival :math:`S_j`, hazards :math:`\lambda_j`, H the cumulative hazard of drop-out and A(c)
the share of the patients who came by date c, :math:`\pi_j(t) = p_j S_j(t) e^{-H_j(t)} A(T - t)` of all patients are
at risk in arm j at t. The statistic of one patient has, for a weight w,

.. math:: \delta = \int_0^T w \frac{\pi_0 \pi_1}{\pi_0 + \pi_1} (\lambda_1 - \lambda_0) \, dt, \qquad
   \sigma^2 = \int_0^T w^2 \frac{\pi_0 \pi_1}{(\pi_0 + \pi_1)^2} (\pi_0 \lambda_0 + \pi_1 \lambda_1) \, dt

(Yung and Liu, Biometrics 2020;76:939). With :math:`\nu` as :math:`\sigma^2`, but of w not squared, the log of the
average hazard ratio is :math:`\delta / \nu` and its information :math:`n \nu^2 / \sigma^2`; without the effect it is
:math:`n \nu^2 \sigma_0^2 / \sigma^4`, with :math:`\sigma_0^2` of arms that both have the mean of the two hazards. The
size for a power follows by `average_hazard_ratio.accrual_factor`, as in gsDesign2. Weights see the pooled survival
:math:`p_0 S_0 + p_1 S_1`. It is of one look: a weighted statistic's ratio changes its meaning from look to look.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.average_hazard_ratio import AverageEffect
from trialeukin.survival.design.crossing import quadrature
from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.survival.design.expected_events import ArmPlan, total_events
from trialeukin.survival.design.hazard import PiecewiseHazard
from trialeukin.survival.log_rank_weights import EVEN, FlemingHarrington, NumberAtRisk

PANELS = 4  # of a stretch within which nothing turns: exponentials times straight lines, to rounding

SmoothWeight = FlemingHarrington | NumberAtRisk
"""A weight without a jump in time, which the integrals need."""


def weighted_average_effect(
    control: ArmPlan, treated: ArmPlan, enrolment: Enrolment, calendar: float, *, weight: SmoothWeight = EVEN
) -> AverageEffect:
    """Return the average hazard ratio, events and information of a weighted log-rank test by a date in months.

    Parameters
    ----------
    control, treated : ArmPlan
        Shares, hazards, drop-out.
    enrolment : Enrolment
        The accrual of both arms.
    calendar : (), month
        From the first possible entry.
    weight : FlemingHarrington or NumberAtRisk
        What each event time counts; that of numbers at risk is of expected ones, as shares of all patients.

    Raises
    ------
    AnalysisError
        When no event is expected by the date, or none that counts.
    """
    if not 0.0 < calendar < np.inf:
        raise AnalysisError(f"date {calendar!r}: give months since the first entry, above 0")
    arms, patients = (control, treated), float(enrolment.entered(np.array([calendar]))[0])
    times, lengths = _nodes(arms, enrolment, calendar)
    here = enrolment.entered(calendar - times) / patients
    mean = _mean_hazard(control, treated)
    alike = replace(control, hazard=mean), replace(treated, hazard=mean)
    effect, events_weighed, variance = _moments(arms, (times, lengths, here), weight)
    _, _, null_variance = _moments(alike, (times, lengths, here), weight)
    if not (variance > 0.0 and null_variance > 0.0):
        raise AnalysisError(
            f"no event that counts is expected by month {calendar:g}: give a later date or other hazards"
        )
    events = total_events(arms, enrolment, calendar)
    return AverageEffect(
        calendar=calendar,
        control_events=float(events[0]),
        treated_events=float(events[1]),
        log_ratio=effect / events_weighed,
        null_information=patients * null_variance * (events_weighed / variance) ** 2,
        information=patients * events_weighed**2 / variance,
    )


def _mean_hazard(control: ArmPlan, treated: ArmPlan) -> PiecewiseHazard:
    starts = np.union1d(control.hazard.starts, treated.hazard.starts)
    rates = control.share * control.hazard.at(starts) + treated.share * treated.hazard.at(starts)
    return PiecewiseHazard(starts=starts, rates=rates)


def _nodes(arms: tuple[ArmPlan, ArmPlan], enrolment: Enrolment, calendar: float) -> tuple[Floats, Floats]:
    """Return where integrands are taken, and how much each counts; no stretch holds a turn of anything."""
    turns = [calendar - enrolment.edges, *(each.starts for arm in arms for each in (arm.hazard, arm.drop_out))]
    marks = np.unique(np.concatenate([*turns, [0.0, calendar]]))
    marks = marks[(marks >= 0.0) & (marks <= calendar)]
    parts = [quadrature(low, high, PANELS) for low, high in pairwise(marks)]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _moments(
    arms: tuple[ArmPlan, ArmPlan], measure: tuple[Floats, Floats, Floats], weight: SmoothWeight
) -> tuple[float, float, float]:
    """Delta, nu and sigma squared of the module; measured at times, with lengths, among those who came early enough."""
    times, lengths, here = measure
    survival = [arm.hazard.survival(times) for arm in arms]
    risk = [arm.share * free * arm.drop_out.survival(times) * here for arm, free in zip(arms, survival, strict=True)]
    hazard = [arm.hazard.at(times) for arm in arms]
    together = risk[0] + risk[1]
    pooled = arms[0].share * survival[0] + arms[1].share * survival[1]
    counts = weight(times, together, pooled)
    at_risk = np.where(together > 0.0, together, 1.0)
    both, dying = risk[0] * risk[1] / at_risk, (risk[0] * hazard[0] + risk[1] * hazard[1]) / at_risk
    return (
        float(lengths @ (counts * both * (hazard[1] - hazard[0]))),
        float(lengths @ (counts * both * dying)),
        float(lengths @ (counts**2 * both * dying)),
    )
