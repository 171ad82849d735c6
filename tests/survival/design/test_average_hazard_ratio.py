"""Hazards that are not proportional: 66 designs of gsDesign2, its printed designs and simulations, and our own."""

import numpy as np
import pytest

from trialeukin.core.errors import AnalysisError
from trialeukin.survival.design.average_hazard_ratio import accrual_factor, average_effect
from trialeukin.survival.design.crossing import Process, stopping
from trialeukin.survival.design.efficacy import AlphaSpending, WangTsiatis, increments
from trialeukin.survival.design.enrolment import even
from trialeukin.survival.design.expected_events import date_of_events
from trialeukin.survival.design.futility import FutilityRule
from trialeukin.survival.design.group_sequential import ErrorShares, spent_boundaries
from trialeukin.survival.design.looks import Rules, Trial, schedule, schedule_with_power
from trialeukin.survival.design.spending import OBrienFlemingSpending
from trialeukin.survival.two_arm import two_arms as compare

PRINTED = 2e-9  # relative: the reference prints ten digits
STARTS, HAZARDS, RATIOS = [0.0, 3.0], np.log(2.0) / np.array([9.0, 18.0]), [0.9, 0.6]


def test_reference_12_every_design_equals_gsdesign2(table, enrolment, two_arms) -> None:
    designs = table("piecewise_designs")

    for row in range(designs["N"].size):
        said = {name: column[row] for name, column in designs.items()}
        durations, hazards, ratios = (
            [float(each) for each in str(said[name]).split(";")]
            for name in ("period_durations", "control_hazards", "hr")
        )
        starts = [0.0, *np.cumsum(durations)[:-1]]
        control, treated = two_arms(starts, hazards, ratios, said["dropout"], said["ratio"])
        accrual = enrolment(str(said["enrol"]))
        found = average_effect(control, treated, accrual, said["analysis_time"])
        ours = {
            "N": accrual.patients,
            "expected_events": found.events,
            "events_control": found.control_events,
            "events_exp": found.treated_events,
            "ahr": found.hazard_ratio,
            "info_H1": found.information,
            "info_H0": found.null_information,
        }
        for power in (0.8, 0.9):
            factor = accrual_factor(found, alpha=0.025, power=power)
            ours |= {f"N_power{power}": factor * accrual.patients, f"D_power{power}": factor * found.events}
        for name, arm in (("0", control), ("1", treated)):
            for month in (12, 24):
                ours[f"S{name}_{month}"] = arm.hazard.survival(np.array([float(month)]))[0]
                ours[f"RMST{name}_{month}"] = arm.hazard.restricted_mean(float(month))
        for name, value in ours.items():
            assert value == pytest.approx(said[name], rel=PRINTED), (said["scenario"], name)
    assert designs["N"].size == 66


def test_reference_12_average_hazard_ratios_and_events_of_simulated_trials(reference, enrolment, two_arms) -> None:
    said = reference("piecewise_published")["simulated_geometric_mean_HR"]
    control, treated = two_arms(STARTS, HAZARDS, RATIOS, 0.001)

    found = [average_effect(control, treated, enrolment("2@3;2@6;10@9"), float(date)) for date in said["T"]]

    # 10,000 simulations, printed to 0.001 and 0.1; gsDesign2 itself allows a mean relative difference of 0.005
    ratios, events = (np.array([getattr(each, name) for each in found]) for name in ("hazard_ratio", "events"))
    assert np.mean(np.abs(ratios / said["AHR"] - 1.0)) < 0.005
    assert np.mean(np.abs(events / said["events"] - 1.0)) < 0.005


def test_reference_12_the_fixed_design_with_a_delayed_effect(reference, two_arms) -> None:
    [said] = reference("piecewise_published")["fixed_design"]
    control, treated = two_arms([0.0, 4.0], [np.log(2.0) / 12.0] * 2, [1.0, 0.6], 0.001)
    trial = Trial(control=control, treated=treated, enrolment=even(1.0, 18.0), follow_up=18.0)

    found = schedule_with_power(trial, Rules(fractions=np.ones(1), efficacy=WangTsiatis(0.0), power=said["power"]))

    assert found.patients == pytest.approx(said["AHR_method"]["N"], rel=1e-5)
    assert found.events == pytest.approx(said["AHR_method"]["events"], abs=5e-5)
    assert found.effects[-1].hazard_ratio == pytest.approx(said["AHR_method"]["AHR"], abs=5e-7)
    assert found.boundaries.upper[0] == pytest.approx(said["AHR_method"]["bound"], abs=5e-7)


def test_reference_12_the_group_sequential_design_of_gsdesign2(reference, enrolment, two_arms) -> None:
    said = reference("piecewise_published")["gs_power_ahr_default"]
    control, treated = two_arms(STARTS, HAZARDS, RATIOS, 0.001)
    accrual = enrolment("2@3;2@6;10@9")
    dates = [date_of_events((control, treated), accrual, float(events)) for events in said["events"]]
    effects = [average_effect(control, treated, accrual, date) for date in dates]
    without, with_it = (np.array([getattr(e, name) for e in effects]) for name in ("null_information", "information"))
    log_ratios = np.array([effect.log_ratio for effect in effects])
    null = Process(information=without, expected_z=np.zeros(3))
    alternative = Process(information=with_it, expected_z=-log_ratios * np.sqrt(with_it))
    rule = FutilityRule(function=OBrienFlemingSpending())
    shares = ErrorShares(
        gains=increments(OBrienFlemingSpending(), 0.025, without / without[-1]),
        losses=increments(OBrienFlemingSpending(), 0.1, with_it / with_it[-1]),
        rule=rule,
    )

    limits = spent_boundaries(without / without[-1], null, alternative, shares)

    assert accrual.patients == said["N"]
    assert [round(date, 1) for date in dates] == said["time"]
    assert [round(effect.hazard_ratio, 2) for effect in effects] == said["AHR"]
    assert [round(each, 2) for each in limits.upper] == said["efficacy_z"]
    assert [round(each, 2) for each in limits.lower] == said["futility_z"]
    assert np.cumsum(shares.gains) == pytest.approx(said["cum_alpha"], abs=5e-5)
    # gsDesign2 takes the variance of the other hypothesis into account at the first look alone: that look's probability
    # is of limits scaled by the root of the informations, and the difference is carried on.
    scale = np.sqrt(with_it / without)
    first = stopping(
        Process(information=with_it[:1], expected_z=alternative.expected_z[:1]),
        upper=limits.upper[:1] * scale[:1],
        lower=limits.lower[:1] * scale[:1],
    )
    later = stopping(alternative, upper=limits.upper, lower=limits.lower)
    power = np.cumsum(np.append(first.upper, later.upper[1:]))
    futility = np.cumsum(np.append(first.lower, later.lower[1:]))
    assert power == pytest.approx(said["cum_power"], abs=1.5e-4)  # four and three digits
    assert power[2] == pytest.approx(said["cum_power"][2], abs=5e-4)
    assert futility == pytest.approx(said["cum_futility_H1"], abs=1.5e-4)
    # Where every look takes it into account, as the schedules of this package do, the first chance is the published
    # one and the later ones are higher.
    consistent = Process(
        information=with_it, expected_z=-log_ratios * np.sqrt(without), deviations=np.sqrt(without / with_it)
    )
    own = spent_boundaries(without / without[-1], null, consistent, shares)
    chances = np.cumsum(stopping(consistent, upper=own.upper, lower=own.lower).upper)
    assert own.upper == pytest.approx(limits.upper, abs=1e-12)
    assert chances[0] == pytest.approx(said["cum_power"][0], abs=5e-5)
    assert np.all(np.abs(chances[1:] - said["cum_power"][1:]) < 0.006)


def test_a_delayed_effect_has_the_planned_power_in_simulation(two_arms) -> None:
    rng, trials = np.random.default_rng(31), 3000
    control, treated = two_arms([0.0, 4.0], [np.log(2.0) / 12.0] * 2, [1.0, 0.5], 0.0)
    trial = Trial(control=control, treated=treated, enrolment=even(1.0, 18.0), follow_up=12.0)
    planned = schedule_with_power(trial, Rules(fractions=np.ones(1), efficacy=WangTsiatis(0.0), power=0.8))
    patients = round(planned.patients)
    arms = np.arange(patients) % 2 == 1
    hazard = np.log(2.0) / 12.0
    needed = rng.exponential(1.0, (trials, patients)) / hazard
    times = np.where(arms & (needed > 4.0), 4.0 + (needed - 4.0) / 0.5, needed)
    watched = 30.0 - rng.uniform(0.0, 18.0, times.shape)

    found = compare(np.minimum(times, watched), (times <= watched).astype(float), arms)

    share = ((found.p_value < 0.05) & (found.log_hazard_ratio < 0.0)).mean()
    # The average hazard ratio is an approximation: it is a hundredth of power off here, besides the Monte Carlo error
    assert share == pytest.approx(0.8, abs=0.012 + 3.0 * np.sqrt(0.16 / trials))


def test_a_delay_costs_patients_and_a_proportional_effect_needs_no_average(two_arms) -> None:
    rules = Rules(fractions=np.array([0.5, 1.0]), efficacy=AlphaSpending(OBrienFlemingSpending()))
    sizes = []
    for delay in (0.001, 3.0, 6.0):
        control, treated = two_arms([0.0, delay], [0.05, 0.05], [1.0, 0.6])
        trial = Trial(control=control, treated=treated, enrolment=even(1.0, 24.0), follow_up=12.0)
        sizes.append(schedule_with_power(trial, rules).patients)
    control, treated = two_arms([0.0], [0.05], [0.6])
    trial = Trial(control=control, treated=treated, enrolment=even(1.0, 24.0), follow_up=12.0)

    assert sizes[0] < sizes[1] < sizes[2]
    assert trial.proportional
    # Schoenfeld's information against that of both hypotheses: a few per cent at a ratio of 0.6
    assert sizes[0] == pytest.approx(schedule_with_power(trial, rules).patients, rel=0.05)


def test_what_has_no_average_hazard_ratio_is_refused(two_arms) -> None:
    control, treated = two_arms([0.0], [0.05], [0.0])
    with pytest.raises(AnalysisError, match="a hazard is zero in one arm alone"):
        average_effect(control, treated, even(1.0, 24.0), 36.0)
    with pytest.raises(AnalysisError, match=r"date 0\.0: give months since the first entry, above 0"):
        average_effect(control, control, even(1.0, 24.0), 0.0)
    with pytest.raises(AnalysisError, match="the average hazard ratio is 1"):
        accrual_factor(average_effect(control, control, even(1.0, 24.0), 36.0), alpha=0.025, power=0.9)
    nothing, same = two_arms([0.0], [0.0], [1.0])
    with pytest.raises(AnalysisError, match="no event is expected by month 36"):
        average_effect(nothing, same, even(1.0, 24.0), 36.0)


def test_a_trial_without_benefit_has_no_size(two_arms) -> None:
    control, treated = two_arms([0.0], [0.05], [1.2])
    trial = Trial(control=control, treated=treated, enrolment=even(1.0, 24.0), follow_up=12.0)
    rules = Rules(fractions=np.ones(1), efficacy=WangTsiatis(0.0))

    with pytest.raises(
        AnalysisError, match=r"average hazard ratio 1\.2 at the end, margin 1: the treatment is not better"
    ):
        schedule_with_power(trial, rules)
    assert schedule(trial, rules).alternative.reject < 0.025
