r"""A survival trial on the calendar: its looks with events, months, boundaries and the chance of stopping at each.

The looks stand at shares of the events expected by the end. For hazards in proportion the log-rank statistic has mean
:math:`-\log h \sqrt{p_0 p_1 d}` at d events (Schoenfeld); for others the average hazard ratio and both informations of
each look are used, as in `average_hazard_ratio`. The accrual is scaled until the power is reached.
"""

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from trialeukin.core.arrays import Floats
from trialeukin.core.counting import counted
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.average_hazard_ratio import AverageEffect, average_effect
from trialeukin.survival.design.crossing import Process, Stopping, stopping
from trialeukin.survival.design.efficacy import EfficacyRule
from trialeukin.survival.design.enrolment import Enrolment, even
from trialeukin.survival.design.expected_events import ArmPlan, date_of_events, total_events
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.group_sequential import (
    Boundaries,
    error_shares,
    refuse_fractions,
    spent_boundaries,
)
from trialeukin.survival.design.hazard import constant
from trialeukin.survival.design.required_events import refuse_errors

FACTOR_ERROR = 1e-11
SOONER = 1e-6  # events; fewer move no date
SAME = 1e-12  # hazard ratios that differ by less differ by rounding
SHORTEST, LONGEST = 0.1, 1200.0  # months of accrual that a search stays within


class Information(Enum):
    """Which information a statistic's mean is computed with."""

    OF_EVENTS = "the events times both shares, as Schoenfeld"
    OF_HAZARDS = "without and with the effect, by periods, as average hazard ratio methods"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Who comes when, and what happens to them.

    Attributes
    ----------
    control, treated : ArmPlan
        Shares and hazards.
    enrolment : Enrolment
        The accrual.
    follow_up : float, month
        From the last possible entry to the last analysis.
    margin : float, 1
        Hazard ratio of the null hypothesis.
    """

    control: ArmPlan
    treated: ArmPlan
    enrolment: Enrolment
    follow_up: float
    margin: float = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.follow_up < np.inf:
            raise AnalysisError(f"follow-up of {self.follow_up!r} months: give 0 or more")
        if not 0.0 < self.margin < np.inf:
            raise AnalysisError(f"margin {self.margin!r}: give a hazard ratio above zero; 1 is superiority")
        if abs(self.control.share + self.treated.share - 1.0) > 1e-12:
            raise AnalysisError(f"shares {self.control.share:g} and {self.treated.share:g}: let both add up to 1")

    @property
    def arms(self) -> tuple[ArmPlan, ArmPlan]:
        """Control and treatment."""
        return self.control, self.treated

    @property
    def null_arms(self) -> tuple[ArmPlan, ArmPlan]:
        """Both arms where the null hypothesis holds: control as planned, treatment at the margin."""
        return self.control, replace(self.treated, hazard=self.control.hazard.times(constant(self.margin)))

    @property
    def end(self) -> float:
        """Month of the last analysis."""
        return self.enrolment.duration + self.follow_up

    @property
    def proportional(self) -> bool:
        """Whether the hazard ratio is the same at all times."""
        return float(np.ptp(self.ratios)) < SAME

    @property
    def ratios(self) -> Floats:
        """Hazard ratio of each period in which anybody is at risk of the event."""
        return self._periods()[1]

    @property
    def delayed(self) -> tuple[float, float] | None:
        """Months without effect and the hazard ratio from then on; None where the hazard ratio goes another way."""
        starts, ratios = self._periods()
        late = np.abs(ratios - 1.0) > SAME
        if not (late.any() and np.array_equal(late, np.sort(late)) and float(np.ptp(ratios[late])) < SAME):
            return None
        begin = int(np.argmax(late))
        return (float(starts[begin]), float(ratios[begin])) if begin > 0 else None

    def _periods(self) -> tuple[Floats, Floats]:
        """Return the starts and the hazard ratios of the periods in which anybody is at risk of the event."""
        starts = np.union1d(self.control.hazard.starts, self.treated.hazard.starts)
        without, with_it = self.control.hazard.at(starts), self.treated.hazard.at(starts)
        some = without > 0.0
        return starts[some], np.asarray(with_it[some] / without[some])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When the trial is looked at and what stops it.

    Attributes
    ----------
    fractions : (k,), 1
        Shares of the events; increasing, the last one 1.
    efficacy : EfficacyRule
        The upper boundary.
    futility : FutilityRule or None
        The lower one.
    alpha, power : float, 1
        One-sided level, and power; its complement is what a futility boundary spends.
    """

    fractions: Floats
    efficacy: EfficacyRule
    futility: FutilityRule | None = None
    alpha: float = 0.025
    power: float = 0.9

    def __post_init__(self) -> None:
        refuse_fractions(self.fractions)
        refuse_errors(self.alpha, self.power)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A trial with its looks.

    Attributes
    ----------
    trial : Trial
        With the accrual it needs.
    rules : Rules
        When it stops.
    effects : tuple of AverageEffect
        One a look: date, events, average hazard ratio, information.
    boundaries : Boundaries
        As Z.
    null, alternative : Stopping
        Probabilities at each look, without and with the effect.
    process : Process
        The statistic with the effect.
    """

    trial: Trial
    rules: Rules
    effects: tuple[AverageEffect, ...]
    boundaries: Boundaries
    null: Stopping
    alternative: Stopping
    process: Process

    @property
    def patients(self) -> float:
        """Patients in both arms."""
        return self.trial.enrolment.patients

    @property
    def events(self) -> float:
        """Events at the last look."""
        return self.effects[-1].events

    @property
    def entered(self) -> Floats:
        """Patients who came by each look, (k,)."""
        return self.trial.enrolment.entered(np.array([effect.calendar for effect in self.effects]))

    def hazard_ratios(self, limits: Floats) -> Floats:
        """Return the estimated hazard ratio, about, at which Z meets limits of each look."""
        roots = np.sqrt([effect.null_information for effect in self.effects])
        with np.errstate(over="ignore"):
            return np.asarray(self.trial.margin * np.exp(-limits / roots))

    def expected_events(self, stops: Stopping) -> float:
        """Return the mean events at the stop."""
        return stops.expected_information(np.array([effect.events for effect in self.effects]))

    @property
    def expected_months(self) -> tuple[float, float]:
        """Mean date of the stop without and with the effect, month; without it events come sooner."""
        return (
            self.null.expected_information(np.array([self._null_date(effect) for effect in self.effects])),
            self.alternative.expected_information(np.array([effect.calendar for effect in self.effects])),
        )

    def _null_date(self, effect: AverageEffect) -> float:
        null, accrual = self.trial.null_arms, self.trial.enrolment
        by_then = float(total_events(null, accrual, effect.calendar).sum())
        return date_of_events(null, accrual, effect.events) if by_then > effect.events + SOONER else effect.calendar

    def power_at(self, hazard_ratio: float) -> Stopping:
        """Return the probabilities of stopping if hazards were in this proportion and events came as planned."""
        if not 0.0 < hazard_ratio < np.inf:
            raise AnalysisError(f"hazard ratio {hazard_ratio!r}: give one above zero")
        information = np.array([effect.null_information for effect in self.effects])
        mean = -np.log(hazard_ratio / self.trial.margin) * np.sqrt(information)
        return stopping(
            Process(information=information, expected_z=mean), upper=self.boundaries.upper, lower=self.boundaries.lower
        )


def schedule(trial: Trial, rules: Rules, *, information: Information | None = None) -> Schedule:
    """Return the looks of a trial of the size it has; its power is whatever that gives.

    Parameters
    ----------
    trial, rules
        The trial and when it stops. A futility boundary spends 1 - power all the same.
    information : Information or None
        None: OF_EVENTS for hazards in proportion, else OF_HAZARDS.
    """
    return _Looks.of(trial, rules, information).at(1.0)


def schedule_with_power(trial: Trial, rules: Rules, *, information: Information | None = None) -> Schedule:
    """Return the trial with its accrual scaled to have the power; see `schedule`."""
    looks = _Looks.of(trial, rules, information)
    last = looks.expected_z(1.0)[-1]
    if not last > 0.0:
        raise AnalysisError(
            f"average hazard ratio {looks.effects[-1].hazard_ratio:.4g} at the end, margin {trial.margin:g}: the "
            "treatment is not better than the null hypothesis; give a hazard ratio below it"
        )
    alone = ((ndtri(1.0 - rules.alpha) + ndtri(rules.power)) / last) ** 2

    def excess(log_factor: float) -> float:
        return looks.at(float(np.exp(log_factor))).alternative.reject - rules.power

    low, high = float(np.log(1e-4 * alone)), float(np.log(10.0 * alone))
    if excess(high) < 0.0:
        raise AnalysisError(
            f"power {rules.power:g} is not reached with ten times the patients of a trial without looks: look later, "
            "or spend less on futility while the effect has not come yet"
        )
    if excess(low) > 0.0:
        raise AnalysisError(f"power {rules.power:g}: it is too close to alpha ({rules.alpha:g}) for a size; give more")
    return looks.at(float(np.exp(brentq(excess, low, high, xtol=FACTOR_ERROR))))


def schedule_for_rate(trial: Trial, rules: Rules) -> Schedule:
    """Return the trial with its accrual, even and at the rate it has, going on until the power is reached."""
    rate = trial.enrolment.patients / trial.enrolment.duration

    def lasting(log_months: float) -> Trial:
        months = float(np.exp(log_months))
        return replace(trial, enrolment=even(rate * months, months))

    def excess(log_months: float) -> float:
        return schedule(lasting(log_months), rules).alternative.reject - rules.power

    low, high = float(np.log(SHORTEST)), float(np.log(LONGEST))
    if excess(high) < 0.0:
        raise AnalysisError(
            f"accrual of {counted(rate, 'patient')} a month: power {rules.power:g} is not reached within {LONGEST:g} "
            "months; give more patients a month or a larger effect"
        )
    if excess(low) > 0.0:
        raise AnalysisError(
            f"accrual of {counted(rate, 'patient')} a month: power {rules.power:g} is reached within {SHORTEST:g} "
            "months; give fewer"
        )
    return schedule(lasting(float(brentq(excess, low, high, xtol=FACTOR_ERROR))), rules)


def nominal_p(z: Floats) -> Floats:
    """Return one-sided p-values of limits."""
    return np.asarray(ndtr(-z))


@dataclass(frozen=True, slots=True)
class _Looks:
    """The looks of a trial for any scale of its accrual, which moves no date."""

    trial: Trial
    rules: Rules
    effects: tuple[AverageEffect, ...]
    information: Information

    @classmethod
    def of(cls, trial: Trial, rules: Rules, information: Information | None) -> "_Looks":
        if trial.end <= 0.0:
            raise AnalysisError("accrual and follow-up of 0 months: give a time above zero")
        events = float(total_events(trial.arms, trial.enrolment, trial.end).sum())
        dates = [
            *(date_of_events(trial.arms, trial.enrolment, share * events) for share in rules.fractions[:-1]),
            trial.end,
        ]
        effects = tuple(average_effect(trial.control, trial.treated, trial.enrolment, date) for date in dates)
        if information is None:
            information = Information.OF_EVENTS if trial.proportional else Information.OF_HAZARDS
        return cls(trial, rules, effects, information)

    def expected_z(self, factor: float) -> Floats:
        logs = np.array([effect.log_ratio for effect in self.effects]) - np.log(self.trial.margin)
        return np.asarray(-logs * np.sqrt(factor * self._null_information()))

    def at(self, factor: float) -> Schedule:
        information = factor * self._null_information()
        null = Process(information=information, expected_z=np.zeros(information.size))
        alternative = self._alternative(factor)
        boundaries = self._boundaries(null, alternative)
        upper, lower = boundaries.upper, boundaries.lower
        return Schedule(
            trial=replace(self.trial, enrolment=self.trial.enrolment.scaled(factor)),
            rules=self.rules,
            effects=tuple(effect.scaled(factor) for effect in self.effects),
            boundaries=boundaries,
            null=stopping(null, upper=upper, lower=lower),
            alternative=stopping(alternative, upper=upper, lower=lower),
            process=alternative,
        )

    def _null_information(self) -> Floats:
        return np.array([effect.null_information for effect in self.effects])

    def _alternative(self, factor: float) -> Process:
        """Return the process with the effect: standardised by the null information, varying by its own."""
        expected, without = self.expected_z(factor), self._null_information()
        if self.information is Information.OF_EVENTS:
            return Process(information=factor * without, expected_z=expected)
        with_it = np.array([effect.information for effect in self.effects])
        return Process(information=factor * with_it, expected_z=expected, deviations=np.sqrt(without / with_it))

    def _boundaries(self, null: Process, alternative: Process) -> Boundaries:
        rules = self.rules
        if rules.futility is None:
            upper = rules.efficacy.limits(rules.fractions, rules.alpha, mirrored=False)
            return Boundaries(fractions=rules.fractions, upper=upper, lower=np.full(upper.size, -np.inf))
        shares = error_shares(
            rules.fractions,
            efficacy=rules.efficacy,
            alpha=rules.alpha,
            futility=rules.futility,
            beta=1.0 - rules.power,
        )
        return spent_boundaries(rules.fractions, null, alternative, shares)
