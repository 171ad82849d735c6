"""From the options of ``trialeukin design`` and a study file to a trial and its rules."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trialeukin.cli import design_words
from trialeukin.core.errors import InputError
from trialeukin.report.design_result import DesignResult
from trialeukin.survival.design.conditional_power import assurance
from trialeukin.survival.design.enrolment import Enrolment, even
from trialeukin.survival.design.expected_events import ArmPlan
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.hazard import PiecewiseHazard, constant, mixture_cure
from trialeukin.survival.design.looks import Rules, Schedule, Trial, schedule, schedule_for_rate, schedule_with_power
from trialeukin.survival.design.required_events import Contrast
from trialeukin.survival.design.sample_size import (
    SampleSize,
    SampleSizeFormula,
    Setting,
    power_of_patients,
    sample_size,
)
from trialeukin.trial.planned_design import PlannedDesign, Stated, planned_design, yearly_loss
from trialeukin.trial.study import Study

LEVEL, POWER = 0.05, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options as given; see the command for what each means."""

    study: Path | None
    hazard_ratio: float | None
    margin: float
    control_median: float | None
    control_survival: str | None
    cure: float | None
    treated_cure: float | None
    delay: float | None
    power: float | None
    alpha: float | None
    one_sided: bool
    ratio: float | None
    accrual: str | None
    accrual_months: float | None
    patients: int | None
    follow_up_months: float | None
    drop_out: float | None
    looks: str | None
    spending: str | None
    futility: str | None
    binding: bool
    prior: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Options over what a study file says, which they replace."""

    asked: Asked
    planned: PlannedDesign | None

    def level(self) -> float:
        """Return the level of the test, as the protocol says it."""
        given, most = self.asked.alpha, 0.5 if self.asked.one_sided else 1.0
        if given is not None and not 0.0 < given < most:
            sides = "one-sided" if self.asked.one_sided else "two-sided"
            raise InputError(f"--alpha {given:g}, {sides}: give a fraction above 0 and below {most:g}; 0.05 is usual")
        return given if given is not None else self.planned.level if self.planned else LEVEL

    def rules(self) -> Rules:
        """Return when the trial is looked at and what stops it: the study's looks, each part replaced by its option."""
        asked, stated = self.asked, self.planned.monitoring if self.planned else None
        futility = stated.stopping_for_futility() if stated else None
        if asked.futility is not None:
            futility = FutilityRule(function=design_words.spending("--futility", asked.futility))
        if asked.binding and futility is None:
            raise InputError(
                "--binding without --futility: name the futility boundary that binds, such as --futility obf"
            )
        level = self.level()
        self._refuse_power_beside_size(futility)
        return Rules(
            fractions=stated.fractions() if stated and asked.looks is None else design_words.looks(asked.looks or "1"),
            efficacy=stated.efficacy()
            if stated and asked.spending is None
            else design_words.efficacy(asked.spending or "obf"),
            futility=replace(futility, binding=True) if futility and asked.binding else futility,
            alpha=level if asked.one_sided else 0.5 * level,
            power=POWER if asked.power is None else asked.power,
        )

    def _refuse_power_beside_size(self, futility: FutilityRule | None) -> None:
        """Refuse a power to reach with a size to keep, unless it is what futility spends the complement of."""
        if self.asked.power is None or not self.sized() or futility is not None:
            return
        size = "--accrual with --accrual-months" if self.asked.patients is None else f"--patients {self.asked.patients}"
        raise InputError(
            f"--power {self.asked.power:g} beside {size}: of patients that are given the power is found; leave one of "
            "the two out"
        )

    def trial(self) -> Trial:
        """Return who comes when and what happens to them, of control and one treatment."""
        control = self.control()
        allocation = self._first(self.asked.ratio, self.planned.allocation if self.planned else None, 1.0)
        contrast = Contrast(hazard_ratio=0.5, allocation=allocation)  # refuses an allocation that is none
        loss = self.loss()
        return Trial(
            control=ArmPlan(share=1.0 - contrast.treated_share, hazard=control, drop_out=loss),
            treated=ArmPlan(share=contrast.treated_share, hazard=self.treated(control), drop_out=loss),
            enrolment=self.enrolment(),
            follow_up=self._needed(
                self.asked.follow_up_months,
                self.planned.follow_up if self.planned else None,
                "--follow-up-months 24",
            ),
            margin=self.asked.margin,
        )

    def loss(self) -> PiecewiseHazard:
        """Return the hazard of being lost to follow-up."""
        if self.asked.drop_out is not None:
            return yearly_loss(self.asked.drop_out)
        return self.planned.drop_out if self.planned else constant(0.0)

    def control(self) -> PiecewiseHazard:
        """Return the hazard of the event in the control arm."""
        asked = self.asked
        if asked.control_survival is not None:
            if asked.control_median is not None or asked.cure is not None:
                raise InputError("--control-survival beside --control-median or --cure: give the curve in one way")
            return design_words.survival_curve(asked.control_survival)
        if asked.control_median is not None:
            return mixture_cure(asked.cure or 0.0, asked.control_median)
        if asked.cure is not None:
            raise InputError(f"--cure {asked.cure:g}: name the median of the others with --control-median")
        published = self.planned.control if self.planned else None
        if published is None:
            raise InputError(f"no control curve{self._why_no_curve()}")
        return published

    def _why_no_curve(self) -> str:
        if self.planned is None:
            return ": give --control-median 12 (months) or --control-survival 0.45@36,0.42@60"
        return (
            f": the study publishes none of {self.planned.endpoint.label.lower()} in control, and what a run simulates "
            "is no published curve; give one as --control-survival 0.45@36,0.42@60 or --control-median 12 (months), "
            f"such as the survival of control that `trialeukin run {self.asked.study}` prints"
        )

    def treated(self, control: PiecewiseHazard) -> PiecewiseHazard:
        """Return the hazard of the event in the treated arm."""
        asked = self.asked
        if asked.treated_cure is not None:
            if asked.hazard_ratio is not None or asked.delay is not None or asked.control_median is None:
                raise InputError(
                    f"--treated-cure {asked.treated_cure:g}: it is the effect, on the cured fraction alone; give it "
                    f"with --control-median and --cure, without --hazard-ratio and --delay"
                )
            if asked.margin <= 1.0 and asked.treated_cure <= (asked.cure or 0.0):
                would = "worse" if asked.treated_cure < (asked.cure or 0.0) else "no better"
                raise InputError(
                    f"--treated-cure {asked.treated_cure:g} is not above --cure {asked.cure or 0.0:g} (the treatment "
                    f"would be {would}): give the larger fraction to detect"
                )
            return mixture_cure(asked.treated_cure, asked.control_median)
        found = self.planned.hazard_ratio if self.planned else None
        ratio = self._needed(asked.hazard_ratio, found, "--hazard-ratio 0.75")
        contrast = Contrast(hazard_ratio=ratio, margin=asked.margin)
        if contrast.hazard_ratio > contrast.margin:
            worse = "the treatment would be worse" if asked.margin == 1.0 else "the margin: nothing would be shown"
            whose = "the study found it" if asked.hazard_ratio is None else worse
            raise InputError(
                f"hazard ratio {ratio:g} is not below {asked.margin:g} ({whose}): name the one to detect "
                "with --hazard-ratio"
            )
        if asked.delay is None:
            return control.times(constant(ratio))
        if not 0.0 < asked.delay < np.inf:
            raise InputError(f"--delay {asked.delay:g}: give months above zero without effect")
        return control.times(PiecewiseHazard(starts=np.array([0.0, asked.delay]), rates=np.array([1.0, ratio])))

    def enrolment(self) -> Enrolment:
        """Return the accrual: its shape, and its size where that is fixed."""
        asked = self.asked
        if asked.patients is not None and asked.patients < 2:
            raise InputError(f"--patients {asked.patients}: give 2 or more")
        if asked.accrual is None:
            if asked.accrual_months is None and self.planned is not None:
                shape = self.planned.enrolment
            else:
                months = self._needed(asked.accrual_months, None, "--accrual-months 36")
                shape = even(1.0, months)
        else:
            shape = self._stretches(asked.accrual)
        return shape if asked.patients is None else shape.scaled(asked.patients / shape.patients)

    def rate_alone(self) -> bool:
        """Whether the accrual is a rate whose months are to be found."""
        asked = self.asked
        return (
            asked.accrual is not None
            and "x" not in asked.accrual
            and (asked.accrual_months, asked.patients) == (None, None)
        )

    def sized(self) -> bool:
        """Whether the number of patients is given, so that power is to be found."""
        asked = self.asked
        return asked.patients is not None or (asked.accrual is not None and asked.accrual_months is not None)

    def _stretches(self, text: str) -> Enrolment:
        parts, months = design_words.stretches(text), self.asked.accrual_months
        if parts[0][1] is not None:
            if months is not None:
                raise InputError(f"--accrual {text!r} beside --accrual-months: the stretches say the months already")
            return design_words.piecewise_enrolment(parts)
        rate = parts[0][0]
        if not rate > 0.0:
            raise InputError(f"--accrual {text!r}: give patients a month, above zero")
        if self.asked.patients is not None:
            if months is not None:
                raise InputError("--patients, --accrual and --accrual-months together: two of them say the third")
            return even(float(self.asked.patients), self.asked.patients / rate)
        months = 1.0 if months is None else months
        return even(rate * months, months)

    def _needed(self, given: float | None, stated: float | None, way_out: str) -> float:
        value = given if given is not None else stated
        if value is None:
            raise InputError(
                f"{way_out.partition(' ')[0]} is not given, and no study file says it: give one, such as {way_out}"
            )
        return value

    def _first(self, *values: float | None) -> float:
        return next(value for value in values if value is not None)


def study_of(asked: Asked) -> Study | None:
    """Return the study of the file that was given, if one was."""
    if asked.study is None:
        return None
    # A study is checked against the models, which take a second to load.
    from trialeukin.trial.study_file import load_study  # noqa: PLC0415

    return load_study(asked.study)


def design(asked: Asked) -> DesignResult:
    """Return the design that the options and the study file ask for."""
    study = study_of(asked)
    planned = None if study is None else planned_design(study)
    reading = Reading(asked, planned)
    rules, trial = reading.rules(), reading.trial()
    found = _schedule(reading, trial, rules)
    own = None
    if study is not None and planned is not None and not reading.sized():
        once = Rules(fractions=np.ones(1), efficacy=rules.efficacy, alpha=rules.alpha, power=rules.power)
        own = schedule(replace(trial, enrolment=planned.enrolment), once)
    belief = None if asked.prior is None else design_words.prior(asked.prior)
    hoped = None
    if belief is not None:
        hoped = assurance(found.boundaries, information=found.effects[-1].null_information, prior=belief)
    return DesignResult(
        name="design" if study is None else study.study.name,
        title="Design of a trial" if study is None else f"Design anew: {study.study.title}",
        endpoint="" if planned is None else planned.endpoint.label.lower(),
        schedule=found,
        level=reading.level(),
        two_sided=not asked.one_sided,
        sized=reading.sized(),
        sizes=_sizes(found, rules) if trial.proportional else (),
        powers=_powers(found, rules) if trial.proportional else (),
        own=own,
        assurance=hoped,
        sources=_sources(asked, planned),
    )


def _schedule(reading: Reading, trial: Trial, rules: Rules) -> Schedule:
    if reading.sized():
        found = schedule(trial, rules)
        if found.effects[-1].hazard_ratio >= trial.margin:
            raise InputError(
                f"average hazard ratio {found.effects[-1].hazard_ratio:.3g} at the end is not below {trial.margin:g} "
                "(the treatment would be worse): give an effect to detect"
            )
        return found
    if reading.rate_alone():
        return schedule_for_rate(trial, rules)
    return schedule_with_power(trial, rules)


def _sizes(found: Schedule, rules: Rules) -> tuple[SampleSize, ...]:
    setting = _setting(found.trial)
    return tuple(sample_size(setting, each, power=rules.power, alpha=rules.alpha) for each in _formulas(found.trial))


def _powers(found: Schedule, rules: Rules) -> tuple[float, ...]:
    setting = _setting(found.trial)
    return tuple(power_of_patients(setting, each, alpha=rules.alpha) for each in _formulas(found.trial))


def _formulas(trial: Trial) -> tuple[SampleSizeFormula, ...]:
    """Return those that hold: Freedman's is of superiority alone."""
    return tuple(each for each in SampleSizeFormula if trial.margin == 1.0 or each is not SampleSizeFormula.FREEDMAN)


def _setting(trial: Trial) -> Setting:
    contrast = Contrast(
        hazard_ratio=float(trial.ratios[0]),
        allocation=trial.treated.share / trial.control.share,
        margin=trial.margin,
    )
    return Setting(
        contrast=contrast,
        control=trial.control.hazard,
        drop_out=trial.control.drop_out,
        enrolment=trial.enrolment,
        calendar=trial.end,
    )


def _sources(asked: Asked, planned: PlannedDesign | None) -> tuple[Stated, ...]:
    if planned is None:
        return ()
    control, ratio, accrual, follow_up, loss = planned.sources
    replaced = (
        (control, asked.control_median is not None or asked.control_survival is not None),
        (ratio, asked.hazard_ratio is not None or asked.treated_cure is not None),
        (accrual, asked.accrual is not None or asked.accrual_months is not None),
        (follow_up, asked.follow_up_months is not None),
        (loss, asked.drop_out is not None),
    )
    return tuple(stated for stated, by_option in replaced if not by_option)
