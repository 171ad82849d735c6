r"""How many patients proportional hazards take, by the four formulas in use.

With :math:`p(\lambda)` the chance that a patient of an arm with that hazard is seen to have the event, shares
:math:`q_0, q_1`, and variances of the log hazard ratio for one patient

.. math:: \sigma^2(\lambda_0, \lambda_1) = \frac{1}{q_0 \, p(\lambda_0)} + \frac{1}{q_1 \, p(\lambda_1)}, \qquad
   N = \left(\frac{z_{1-\alpha} \, \sigma(\lambda_0^*, m \lambda_0^*) + z_{1-\beta} \, \sigma(\lambda_0, \lambda_1)}
   {\log h - \log m}\right)^2

Lachin and Foulkes (Biometrics 1986;42:507) keep the mean hazard under the null, :math:`\lambda_0^* (q_0 + m q_1) = q_0
\lambda_0 + q_1 \lambda_1`; Bernstein and Lagakos (J Stat Comput Simul 1978;8:65) keep that of control,
:math:`\lambda_0^* = \lambda_0`. With Schoenfeld's and Freedman's formulas, N is their events over the mean chance of
one.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy.special import ndtr, ndtri

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.enrolment import Enrolment
from trialeukin.survival.design.expected_events import ArmPlan, total_events
from trialeukin.survival.design.hazard import PiecewiseHazard, constant
from trialeukin.survival.design.required_events import (
    Contrast,
    EventsFormula,
    events_needed,
    refuse_any_size,
    refuse_errors,
)


class SampleSizeFormula(Enum):
    """Whose formula."""

    LACHIN_FOULKES = "Lachin-Foulkes"
    SCHOENFELD = "Schoenfeld"
    FREEDMAN = "Freedman"
    BERNSTEIN_LAGAKOS = "Bernstein-Lagakos"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """When patients of a trial come, and what happens to them.

    Attributes
    ----------
    contrast : Contrast
        Hazard ratio, allocation, margin.
    control, drop_out : PiecewiseHazard, 1/month
        Hazard of the event in control, and of loss in either arm.
    enrolment : Enrolment
        The accrual; sample sizes scale it.
    calendar : float, month
        Date of the analysis from the first possible entry.
    """

    contrast: Contrast
    control: PiecewiseHazard
    drop_out: PiecewiseHazard
    enrolment: Enrolment
    calendar: float

    def arms(self) -> tuple[ArmPlan, ArmPlan]:
        """Return control and treatment."""
        return self._arms(1.0, self.contrast.hazard_ratio)

    def null_arms(self, formula: SampleSizeFormula) -> tuple[ArmPlan, ArmPlan]:
        """Return the arms under the null hypothesis as a formula takes them."""
        contrast, treated = self.contrast, self.contrast.treated_share
        if formula is SampleSizeFormula.BERNSTEIN_LAGAKOS:
            return self._arms(1.0, contrast.margin)
        mean = (1.0 - treated + treated * contrast.hazard_ratio) / (1.0 - treated + treated * contrast.margin)
        return self._arms(mean, mean * contrast.margin)

    def _arms(self, without: float, with_it: float) -> tuple[ArmPlan, ArmPlan]:
        treated = self.contrast.treated_share
        return (
            ArmPlan(share=1.0 - treated, hazard=self.control.times(constant(without)), drop_out=self.drop_out),
            ArmPlan(share=treated, hazard=self.control.times(constant(with_it)), drop_out=self.drop_out),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """What a formula asks for.

    Attributes
    ----------
    formula : SampleSizeFormula
        Whose.
    patients, events : float, 1
        In both arms, not rounded.
    """

    formula: SampleSizeFormula
    patients: float
    events: float


def sample_size(setting: Setting, formula: SampleSizeFormula, *, power: float, alpha: float = 0.025) -> SampleSize:
    """Return patients and events of a trial with one look, its accrual scaled to the size; alpha one-sided."""
    refuse_errors(alpha, power)
    chance = float(total_events(setting.arms(), setting.enrolment, setting.calendar).sum()) / setting.enrolment.patients
    if not chance > 0.0:
        raise AnalysisError(f"no event is expected by month {setting.calendar:g}: give a later date")
    match formula:
        case SampleSizeFormula.SCHOENFELD | SampleSizeFormula.FREEDMAN:
            kind = EventsFormula(formula.value)
            events = events_needed(setting.contrast, power=power, alpha=alpha, formula=kind)
            return SampleSize(formula=formula, patients=events / chance, events=events)
        case SampleSizeFormula.LACHIN_FOULKES | SampleSizeFormula.BERNSTEIN_LAGAKOS:
            null, alternative = _deviations(setting, formula)
            reach = -ndtri(alpha) * null + ndtri(power) * alternative
            refuse_any_size(reach, float(ndtr(ndtri(alpha) * null / alternative)), power)
            patients = float((reach / np.log(setting.contrast.hazard_ratio / setting.contrast.margin)) ** 2)
            return SampleSize(formula=formula, patients=patients, events=patients * chance)


def power_of_patients(setting: Setting, formula: SampleSizeFormula, *, alpha: float = 0.025) -> float:
    """Return the power of the setting with its own number of patients, in the direction of the effect."""
    refuse_errors(alpha)
    patients, contrast = setting.enrolment.patients, setting.contrast
    if formula in {SampleSizeFormula.SCHOENFELD, SampleSizeFormula.FREEDMAN}:
        events = float(total_events(setting.arms(), setting.enrolment, setting.calendar).sum())
        return float(ndtr(np.sqrt(events) * contrast.drift(EventsFormula(formula.value)) + ndtri(alpha)))
    null, alternative = _deviations(setting, formula)
    distance = abs(np.log(contrast.hazard_ratio / contrast.margin)) * np.sqrt(patients)
    return float(ndtr((distance + ndtri(alpha) * null) / alternative))


def _deviations(setting: Setting, formula: SampleSizeFormula) -> tuple[float, float]:
    """Return standard deviations of the log hazard ratio of one patient, without and with the effect."""
    null, alternative = (
        float(np.sqrt((setting.enrolment.patients / total_events(arms, setting.enrolment, setting.calendar)).sum()))
        for arms in (setting.null_arms(formula), setting.arms())
    )
    return null, alternative
