"""The paragraph of a protocol's statistical section that a design amounts to."""

import numpy as np

from trialeukin.core.counting import counted
from trialeukin.report.design_result import DesignResult, Look, whole
from trialeukin.report.design_truths import truths
from trialeukin.report.wording import listed, percent
from trialeukin.survival.design.expected_events import ArmPlan

YEARLY = (12.0, 36.0, 60.0)
GROSS = 1.5  # times as many patients by one formula as by another: far more than their approximations differ usually


def statistical_section(result: DesignResult) -> str:
    """Return the design in sentences for a protocol."""
    return " ".join((size_sentence(result), *conduct_sentences(result)))


def conduct_sentences(result: DesignResult) -> tuple[str, ...]:
    """Return what a protocol says after the size: what is assumed, and the looks."""
    return (_conduct(result), *_looks(result))


def notes(result: DesignResult) -> tuple[str, ...]:
    """Return what else a statistician wants to know, a sentence each."""
    found, said = result.schedule, []
    named = truths(found.trial.margin)
    if len(found.effects) > 1:
        without, with_it = found.expected_months
        said.append(
            f"On average the trial stops after {counted(round(found.expected_events(found.alternative)), 'event')} "
            f"(month {with_it:.0f}) {named.averaged_plan} and {round(found.expected_events(found.null)):,} "
            f"(month {without:.0f}) {named.averaged_null}."
        )
    if len(found.effects) > 1 and not found.trial.proportional:
        ratios = listed([f"{look.average_hazard_ratio:.2f}" for look in result.looks])
        said.append(f"With the effect, the average hazard ratio by the analyses is {ratios}.")
    said.extend(
        _ahead(number, look, named.effect)
        for number, look in enumerate(result.looks, start=1)
        if look.conditional_power
    )
    if result.own is not None:
        own = result.own
        said.append(
            f"With one analysis, the study's own {counted(round(own.patients), 'patient')} give "
            f"{counted(round(own.events), 'event')} by month {own.trial.end:.0f} and a power of "
            f"{percent(own.alternative.reject, 1)} for {result.effect}."
        )
    said.extend(_disagreement(result))
    if result.assurance is not None:
        said.append(
            f"Averaged over the prior of the hazard ratio, the chance of a significant result (assurance) is "
            f"{percent(result.assurance, 1)}."
        )
    return tuple(said)


def _disagreement(result: DesignResult) -> tuple[str, ...]:
    sizes = sorted(size.patients for size in result.sizes)
    if not sizes or sizes[-1] <= GROSS * sizes[0]:
        return ()
    events = counted(whole(result.schedule.events), "event")
    return (
        f"The formulas for one analysis ask for {sizes[0]:.1f} to {sizes[-1]:.1f} patients: with {events} and this "
        "effect the normal approximation of the log-rank test that all of them rest on does not hold. Trust no power "
        "here before --simulate has met it.",
    )


def size_sentence(result: DesignResult) -> str:
    """Return the sentence that has patients, events, level and power."""
    found, rules = result.schedule, result.schedule.rules
    patients, events = whole(found.patients), whole(found.events)
    ratio = found.trial.treated.share / found.trial.control.share
    sides = "two-sided" if result.two_sided else "one-sided"
    power = found.alternative.reject if result.sized else rules.power
    endpoint = f"of {result.endpoint} " if result.endpoint else ""
    margin = found.trial.margin
    kind = "non-inferiority" if margin > 1.0 else "superiority"
    null = "" if margin == 1.0 else f" against a {kind} margin of {margin:g}"
    return (
        f"{counted(patients, 'patient')} {'is' if patients == 1 else 'are'} randomised {ratio:.3g}:1 to treatment and "
        f"control; with {counted(events, 'event')} "
        f"{endpoint}the log-rank test at the {sides} level of {result.level:g} has a power of "
        f"{percent(power, 1)} for {result.effect}{null}."
    )


def _conduct(result: DesignResult) -> str:
    trial = result.schedule.trial
    loss = trial.control.drop_out.rates[0]
    lost = "no loss to follow-up"
    if loss > 0.0:
        yearly, share = 12.0 * float(loss), percent(-float(np.expm1(-12.0 * loss)), 1)
        lost = f"loss to follow-up of {share} of the patients a year (a constant rate of {yearly:.3g} a year)"
    months = [month for month in YEARLY if month <= trial.end] or [trial.end]
    free = f"{_free(trial.control, months)} of the control arm"
    if not trial.proportional:
        free += f" and {_free(trial.treated, months)} of the treated arm"
    *before, last = months
    when = listed([*(f"{month:.3g}" for month in before), _about(last, "month")])
    rate = trial.enrolment.patients / trial.enrolment.duration
    return (
        f"This assumes that {free} are free of the event at {when}, accrual of {_about(rate, 'patient')} a month on "
        f"average over {_about(trial.enrolment.duration, 'month')}, follow-up for {_about(trial.follow_up, 'month')} "
        f"after the last entry and {lost}."
    )


def _about(count: float, name: str) -> str:
    """Return a count of things by its first three digits, such as ``0.508 patients``."""
    return counted(float(f"{count:.3g}"), name)


def _free(plan: ArmPlan, months: list[float]) -> str:
    return listed([percent(float(each)) for each in plan.hazard.survival(np.array(months))])


def _looks(result: DesignResult) -> tuple[str, ...]:
    *interims, last = result.looks
    if not interims:
        return ()
    rules = result.schedule.rules
    named = truths(result.schedule.trial.margin)
    when = listed([f"{counted(whole(look.events), 'event')} (month {look.month:.0f})" for look in interims])
    tested = [look.efficacy.p if look.efficacy else 0.0 for look in (*interims, last)]
    said = [
        f"Interim analyses after {when} and the final analysis use the {rules.efficacy.name}: {named.claim} is claimed "
        f"at a one-sided p-value below {listed([f'{p:.4f}' if p >= 5e-5 else f'{p:.1e}' for p in tested])}."
    ]
    stopped = [look for look in interims if look.futility is not None]
    if rules.futility is not None and stopped:
        ratios = listed([f"{look.futility.hazard_ratio_at_limit:.2f}" for look in stopped if look.futility])
        last_chance = stopped[-1].futility
        assert last_chance is not None
        said.append(
            f"The trial is stopped for futility (a {rules.futility.name}) at an estimated hazard ratio above "
            f"{ratios}; this happens before the final analysis with a chance of {percent(last_chance.under_null)} "
            f"{named.if_null} and {percent(last_chance.under_effect, 1)} {named.if_planned}."
        )
    return tuple(said)


def _ahead(number: int, look: Look, effect: str) -> str:
    assert look.conditional_power is not None
    planned, trend = look.conditional_power
    return (
        f"At the futility limit of interim {number}, the chance of success later is {percent(planned, 1)} with "
        f"{effect} and {percent(trend, 1)} with the trend seen."
    )
