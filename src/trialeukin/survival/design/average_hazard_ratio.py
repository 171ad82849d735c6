r"""Hazards that are not proportional: average hazard ratio, information, patients and events.

With the events :math:`E_{0i}, E_{1i}` expected in the arms during period i and :math:`h_i` its hazard ratio,

.. math:: \log \mathrm{AHR} = \frac{\sum_i (E_{0i} + E_{1i}) \log h_i}{\sum_i (E_{0i} + E_{1i})}, \qquad
   I_1 = \sum_i \frac{E_{0i} E_{1i}}{E_{0i} + E_{1i}}, \qquad I_0 = p_0 p_1 \sum_i (E_{0i} + E_{1i})

(the average hazard ratio of Kalbfleisch and Prentice, Biometrika 1981;68:105, in periods; weights and informations as
in gsDesign2: the weights are expected events, not information), and a trial
with one look needs its accrual scaled by :math:`\bigl((z_{1-\alpha}/\sqrt{I_0} + z_{1-\beta}/\sqrt{I_1}) / \log
\mathrm{AHR}\bigr)^2`.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.survival.design.expected_events import ArmPlan, expected_events
from trialeukin.survival.design.required_events import refuse_any_size, refuse_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageEffect:
    """What a log-rank test sees of two arms by a date.

    Attributes
    ----------
    calendar : float, month
        The date.
    control_events, treated_events : float, 1
        Expected events.
    log_ratio : float, 1
        Log of the average hazard ratio, treated over control.
    null_information, information : float, 1
        Of the log hazard ratio, without and with the effect.
    """

    calendar: float
    control_events: float
    treated_events: float
    log_ratio: float
    null_information: float
    information: float

    @property
    def events(self) -> float:
        """Of both arms."""
        return self.control_events + self.treated_events

    @property
    def hazard_ratio(self) -> float:
        """The average hazard ratio."""
        return float(np.exp(self.log_ratio))

    @property
    def expected_z(self) -> float:
        """Mean of the test statistic; positive where the treatment is better."""
        return float(-self.log_ratio * np.sqrt(self.information))

    def scaled(self, factor: float) -> "AverageEffect":
        """Return what is seen at the same date when patients come faster by a factor."""
        return AverageEffect(
            calendar=self.calendar,
            control_events=factor * self.control_events,
            treated_events=factor * self.treated_events,
            log_ratio=self.log_ratio,
            null_information=factor * self.null_information,
            information=factor * self.information,
        )


def average_effect(control: ArmPlan, treated: ArmPlan, enrolment: Enrolment, calendar: float) -> AverageEffect:
    """Return the average hazard ratio, events and information expected by a date in months."""
    if not 0.0 < calendar < np.inf:
        raise AnalysisError(f"date {calendar!r}: give months since the first entry, above 0")
    edges = np.union1d(control.hazard.starts, treated.hazard.starts)
    without = expected_events(control, enrolment, calendar, edges=edges)
    with_it = expected_events(treated, enrolment, calendar, edges=edges)
    events = without + with_it
    seen = events > 0.0
    if not np.all((without > 0.0)[seen] & (with_it > 0.0)[seen]):
        raise AnalysisError("a hazard is zero in one arm alone: the log hazard ratio is not finite; give a small one")
    if not seen.any():
        raise AnalysisError(f"no event is expected by month {calendar:g}: give a later date or hazards above zero")
    logs = np.log(treated.hazard.at(edges)[seen] / control.hazard.at(edges)[seen])
    total = events.sum()
    return AverageEffect(
        calendar=calendar,
        control_events=float(without.sum()),
        treated_events=float(with_it.sum()),
        log_ratio=float(events[seen] @ logs / total),
        null_information=float(control.share * treated.share * total),
        information=float((without[seen] * with_it[seen] / events[seen]).sum()),
    )


def accrual_factor(effect: AverageEffect, *, alpha: float, power: float) -> float:
    """Return by what an accrual is multiplied for a trial with one look to have its power; alpha one-sided."""
    refuse_errors(alpha, power)
    if effect.log_ratio == 0.0:
        raise AnalysisError("the average hazard ratio is 1: no number of patients has this power; change the hazards")
    reach = -ndtri(alpha) / np.sqrt(effect.null_information) + ndtri(power) / np.sqrt(effect.information)
    least = float(ndtr(ndtri(alpha) * np.sqrt(effect.information / effect.null_information)))
    refuse_any_size(float(reach), least, power)
    return float((reach / effect.log_ratio) ** 2)
