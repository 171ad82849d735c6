"""Replicate trials of exponential populations, whose power and intervals are known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from trialeukin.core.arrays import Floats
from trialeukin.core.random import Stream
from trialeukin.survival.design.enrolment import Enrolment, even
from trialeukin.trial.accrual import Conduct, observation_times
from trialeukin.trial.replicate import Replicates, analyse_trials, draw_trials, expected_log_ratio, joined

SETS = 1_000
ALPHA = 0.05
PATIENTS = 20_000


def exponential_population(patients: int, *, hazard: float, ratio: float, seed: int = 1) -> tuple[Floats, Floats]:
    """Return independent exponential times under control and under treatment, (n,) each, month."""
    numbers = Stream(seed, "population").exponential(np.arange(patients), 2)
    return numbers[:, 0] / hazard, numbers[:, 1] / (hazard * ratio)


def conduct(
    *, control: int = 100, treated: int = 100, accrual: float = 24.0, after: float = 36.0, loss_rate: float = 0.0
) -> Conduct:
    return Conduct(
        control=control,
        treatments=(treated,),
        enrolment=even(1.0, accrual),
        after_last_entry=after,
        horizon=accrual + after,
        loss_rate=loss_rate,
        block=4,
    )


def trials_of(hazard: float, ratio: float, how: Conduct, *, sets: int = SETS, population: int = PATIENTS) -> Replicates:
    control, treated = exponential_population(population, hazard=hazard, ratio=ratio)
    drawn = draw_trials(np.arange(sets), how, population=population, stream=Stream(7, "trial"))
    return analyse_trials(drawn, control, treated, np.array([12.0, 36.0]))


def rejected(found: Replicates) -> np.ndarray:
    return np.abs(found.z) > norm.isf(ALPHA / 2)


def test_without_an_effect_one_trial_in_twenty_is_significant() -> None:
    found = trials_of(0.03, 1.0, conduct())

    error = np.sqrt(ALPHA * (1 - ALPHA) / found.z.size)
    assert rejected(found).mean() == pytest.approx(ALPHA, abs=3.5 * error)


def test_power_meets_schoenfelds_formula() -> None:
    ratio, hazard = 0.65, 0.03
    found = trials_of(hazard, ratio, conduct(control=150, treated=150))

    events = found.events.sum(axis=2).mean()
    power = norm.cdf(np.sqrt(events / 4.0) * -np.log(ratio) - norm.isf(ALPHA / 2))
    error = np.sqrt(power * (1 - power) / SETS)
    finite_population = norm.pdf(norm.ppf(power)) * np.sqrt(events / 4.0) * 2.0 / np.sqrt(PATIENTS)
    schoenfeld = 0.01  # the formula takes the allocation at risk as half throughout
    assert 0.85 < power < 0.97
    assert rejected(found).mean() == pytest.approx(power, abs=3.0 * (error + finite_population) + schoenfeld)


def test_the_central_interval_of_the_ratio_has_the_width_of_its_events() -> None:
    ratio = 0.7
    found = trials_of(0.03, ratio, conduct())

    spread = found.log_ratio.std()
    expected = np.sqrt(4.0 / found.events.sum(axis=2).mean())
    assert spread == pytest.approx(expected, rel=0.06)  # 2,000 trials err by 1.6 %, unequal risk sets by 2 %
    covered = np.abs(found.log_ratio - np.log(ratio)) < norm.isf(0.025) * found.error
    assert covered.mean() == pytest.approx(0.95, abs=0.02)  # 3.5 errors of 1,000 sets, finite population


def test_curves_are_read_without_bias() -> None:
    found = trials_of(0.03, 0.7, conduct(loss_rate=0.01))

    mean = found.survival.mean(axis=(0, 1))
    exact = np.exp(-np.outer([0.03, 0.03 * 0.7], [12.0, 36.0]))
    assert mean == pytest.approx(exact, abs=4.0 * (0.5 / np.sqrt(PATIENTS)))


def test_batches_change_no_bit() -> None:
    control, treated = exponential_population(300, hazard=0.05, ratio=0.8)
    how, stream, at = conduct(), Stream(5, "trial"), np.array([12.0])

    whole = analyse_trials(draw_trials(np.arange(60), how, population=300, stream=stream), control, treated, at)
    parts = [
        analyse_trials(draw_trials(sets, how, population=300, stream=stream), control, treated, at)
        for sets in (np.arange(7), np.arange(7, 60))
    ]

    again = joined(parts)
    assert (whole.log_ratio == again.log_ratio).all()
    assert (whole.z == again.z).all()


def test_a_trial_sees_only_the_arm_it_randomised() -> None:
    control = np.full(50, 10.0)
    treated = np.full(50, np.inf)
    drawn = draw_trials(np.arange(20), conduct(), population=50, stream=Stream(2, "trial"))

    found = analyse_trials(drawn, control, treated, np.array([]))

    assert (found.events[:, :, 0] == 100).all()
    assert (found.events[:, :, 1] == 0).all()
    assert np.isnan(found.log_ratio).all()


def test_expected_ratio_of_a_population_is_that_of_its_hazards() -> None:
    control, treated = exponential_population(PATIENTS, hazard=0.03, ratio=0.7)

    found = expected_log_ratio(control, treated, conduct(), Stream(1, "expected"))

    assert found == pytest.approx(np.log(0.7), abs=4.0 * np.sqrt(4.0 / (2 * 0.7 * PATIENTS)))


def test_entries_fill_the_accrual_in_order() -> None:
    entry = conduct(accrual=24.0).entry(np.sort(Stream(1, "entry").uniform(np.arange(500), 40), axis=1))

    assert (np.diff(entry, axis=1) >= 0.0).all()
    assert entry.min() > 0.0
    assert entry.max() < 24.0
    assert entry.mean() == pytest.approx(12.0, abs=4.0 * 24.0 / np.sqrt(12 * entry.size))


def test_entries_keep_the_pace_of_each_stretch() -> None:
    shape = Enrolment(durations=np.array([6.0, 6.0, 12.0]), rates=np.array([1.0, 0.0, 2.0]))  # 1/5, none, 4/5
    how = replace(conduct(), enrolment=shape)

    entry = draw_entries(how)

    assert np.mean(entry < 6.0) == pytest.approx(0.2, abs=4.0 * np.sqrt(0.2 * 0.8 / entry.size))
    assert not np.any((entry > 6.0) & (entry < 12.0))
    assert entry[entry > 12.0].mean() == pytest.approx(18.0, abs=4.0 * 12.0 / np.sqrt(12 * 0.8 * entry.size))


def draw_entries(how: Conduct) -> Floats:
    return how.entry(Stream(1, "entry").uniform(np.arange(500), 40))


def test_everybody_may_enter_at_once() -> None:
    assert not draw_entries(replace(conduct(), enrolment=None)).any()


def test_follow_up_ends_at_the_analysis_the_loss_or_the_horizon() -> None:
    how = replace(conduct(accrual=10.0, after=20.0, loss_rate=0.1), horizon=25.0)
    entry = np.array([[0.0, 8.0, 2.0]])
    loss = np.array([[9.0, 9.0, 1.0]])

    seen = observation_times(entry, loss, how)

    assert seen == pytest.approx(np.array([[25.0, 22.0, 10.0]]))
