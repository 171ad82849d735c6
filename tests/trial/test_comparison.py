"""Treatment against control on populations whose answer is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from trialeukin.core.errors import RunError
from trialeukin.core.random import Stream
from trialeukin.survival.design.enrolment import even
from trialeukin.trial.accrual import Conduct
from trialeukin.trial.comparison import Question, compare
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.outcomes import Outcomes
from trialeukin.trial.pair import Pair
from trialeukin.trial.replicate_rows import TYPICAL
from trialeukin.trial.result import Chance, EndpointResult

HAZARD, RATIO, SIZE = 0.04, 0.7, 100
PATIENTS, PATIENTS_A_DRAW, DRAWS, REPLICATES = 4_000, 400, 60, 1_200
PARAMETERS = 0.2  # standard deviation of the log hazard ratio between draws
CONDUCT = Conduct(
    control=SIZE,
    treatments=(SIZE,),
    enrolment=even(1.0, 12.0),
    after_last_entry=36.0,
    horizon=48.0,
    loss_rate=0.0,
    block=4,
)
QUESTION = Question(
    control="observation",
    treatment="rIL-2",
    conduct=CONDUCT,
    endpoints=(Endpoint.LFS, Endpoint.OS),
    milestones=(36.0,),
    alpha=0.05,
    replicates=REPLICATES,
)


def outcomes(relapse: np.ndarray) -> Outcomes:
    return Outcomes(
        crossing=relapse,
        relapse=relapse,
        death=relapse + 12.0,
        valid=np.ones(relapse.size, dtype=np.bool_),
        horizon=48.0,
    )


def pair(patients: int, ratio: float, seed: int = 11) -> Pair:
    """Return patients whose own thresholds are the same under both arms and at any draw."""
    thresholds = Stream(seed, "thresholds").exponential(np.arange(patients))[:, 0]
    return Pair(control=outcomes(thresholds / HAZARD), treated=outcomes(thresholds / (HAZARD * ratio)))


def drawn_ratios() -> np.ndarray:
    return RATIO * np.exp(PARAMETERS * Stream(12, "ratios").normal(np.arange(DRAWS))[:, 0])


@pytest.fixture(scope="module")
def found() -> EndpointResult:
    draws = tuple(pair(PATIENTS_A_DRAW, ratio) for ratio in drawn_ratios())
    return compare(QUESTION, pair(PATIENTS, RATIO), draws, seed=3)[0]


def test_the_ratio_of_the_whole_population_is_that_of_its_hazards(found: EndpointResult) -> None:
    error = np.sqrt(4.0 / (2 * 0.75 * PATIENTS))
    assert np.log(found.population_ratio) == pytest.approx(np.log(RATIO), abs=3.5 * error)


def test_each_part_of_the_variance_is_what_it_was_made_of(found: EndpointResult) -> None:
    variances = {part.chance: part.variance for part in found.components}
    events = found.events.median

    parameters = variances[Chance.PARAMETERS]
    assert parameters.value == pytest.approx(PARAMETERS**2, abs=3.0 * parameters.error)
    assert parameters.error < 0.3 * PARAMETERS**2
    assert variances[Chance.PATIENTS].value == pytest.approx(0.0, abs=4.0 * variances[Chance.PATIENTS].error)
    assert variances[Chance.TRIAL].value == pytest.approx(4.0 / events, rel=0.15)  # 600 pairs err by 5.8 %


def test_the_interval_holds_all_three_parts(found: EndpointResult) -> None:
    total = sum(part.variance.value for part in found.components)
    width = np.log(found.hazard_ratio.upper / found.hazard_ratio.lower)

    assert width == pytest.approx(2 * 1.96 * np.sqrt(total), rel=0.1)  # 60 draws give no smooth tails
    assert sum(part.share for part in found.components) == pytest.approx(1.0)
    for part in found.components:
        assert np.log(part.interval.upper / part.interval.lower) < width


def test_a_patient_never_sees_both_arms_yet_survival_is_unbiased(found: EndpointResult) -> None:
    control, treated = found.milestones

    assert (control.arm, treated.arm) == ("observation", "rIL-2")
    assert control.trial.median == pytest.approx(control.population.value, abs=0.01)
    assert control.population.value == pytest.approx(np.exp(-HAZARD * 36.0), abs=3.5 * control.population.error)


def test_assurance_is_power_averaged_over_the_draws(found: EndpointResult) -> None:
    events = found.events.median
    powers = [_power(ratio, events) for ratio in drawn_ratios()]

    assert found.assurance is not None
    assert found.assurance.value == pytest.approx(np.mean(powers), abs=3.5 * found.assurance.error + 0.01)
    assert found.power.value == pytest.approx(_power(RATIO, events), abs=3.5 * found.power.error + 0.02)


def test_trials_that_all_find_the_same_have_no_shares_of_variance() -> None:
    early_or_late = np.where(np.arange(100) % 2 == 0, 1.0, 3.0)
    tiny = replace(
        QUESTION, conduct=replace(CONDUCT, control=2, treatments=(1,)), endpoints=(Endpoint.LFS,), replicates=16
    )

    found = compare(tiny, Pair(control=outcomes(early_or_late), treated=outcomes(np.full(100, 2.0))), (), seed=3)[0]

    assert np.unique(found.ratios[np.isfinite(found.ratios)]).size == 1
    assert {part.variance.value for part in found.components} == {0.0}
    assert all(np.isnan(part.share) for part in found.components)


def test_harm_that_trials_see_is_significant_and_no_power() -> None:
    harm = compare(QUESTION, pair(PATIENTS, 2.16), (), seed=3)[0]

    assert harm.significant.value > 0.5
    assert harm.power.value < 0.01


def test_without_draws_the_interval_is_of_patients_and_trials_alone() -> None:
    lfs, overall = compare(QUESTION, pair(PATIENTS, RATIO), (), seed=3)

    assert [part.chance for part in lfs.components] == [Chance.PATIENTS, Chance.TRIAL]
    assert lfs.assurance is None
    assert (lfs.ratios == lfs.ratios_at_typical).all()
    assert overall.endpoint is Endpoint.OS


def test_without_draws_the_error_of_the_median_is_that_of_sets_of_patients() -> None:
    lfs, _ = compare(QUESTION, pair(PATIENTS, RATIO), (), seed=3)
    of_sets = np.log(lfs.ratios).reshape(-1, 2).mean(axis=1)
    normal = np.sqrt(np.pi / 2.0) * of_sets.std(ddof=1) / np.sqrt(of_sets.size)

    # the two trials of a set are less alike than one number twice: the median of all errs a little less than that
    assert lfs.ratio_error / lfs.hazard_ratio.median == pytest.approx(normal, rel=0.3)


def test_strata_narrow_nothing_where_they_do_not_matter() -> None:
    strata = (np.arange(PATIENTS) % 2).astype(np.int64)

    patients = pair(PATIENTS, RATIO)
    plain = compare(QUESTION, patients, (), seed=3)[0]
    stratified = compare(QUESTION, replace(patients, strata=strata), (), seed=3)[0]

    widths = [np.log(each.hazard_ratio.upper / each.hazard_ratio.lower) for each in (plain, stratified)]
    assert widths[1] == pytest.approx(widths[0], rel=0.15)
    assert (plain.ratios != stratified.ratios).any()


def test_a_stratified_analysis_finds_the_ratio_within_strata_which_one_across_them_understates() -> None:
    strata = (np.arange(PATIENTS) % 2).astype(np.int64)
    patients = pair(PATIENTS, RATIO)
    faster = Pair(
        control=outcomes(patients.control.times(Endpoint.LFS) / np.where(strata, 20.0, 1.0)),
        treated=outcomes(patients.treated.times(Endpoint.LFS) / np.where(strata, 20.0, 1.0)),
    )

    across = compare(QUESTION, faster, (), seed=3)[0]
    within = compare(QUESTION, replace(faster, strata=strata), (), seed=3)[0]

    assert within.population_ratio == pytest.approx(RATIO, rel=0.05)
    assert RATIO < 0.95 * across.population_ratio < across.population_ratio < 1.0
    assert within.power.value > across.power.value + 0.1


def test_the_error_of_assurance_is_that_of_few_draws(found: EndpointResult) -> None:
    powers = [_power(ratio, found.events.median) for ratio in drawn_ratios()]

    assert found.assurance is not None
    assert found.assurance.error > 0.9 * np.std(powers, ddof=1) / np.sqrt(DRAWS)


def test_the_error_of_power_holds_the_size_of_the_population() -> None:
    populations, few = 24, replace(QUESTION, replicates=400, endpoints=(Endpoint.LFS,))

    powers = [compare(few, helped(400, seed), (), seed=3)[0].power for seed in range(populations)]

    spread, stated = np.std([power.value for power in powers], ddof=1), np.mean([power.error for power in powers])
    assert stated == pytest.approx(spread, rel=3.0 / np.sqrt(2 * (populations - 1)))  # a deviation of so many


def test_fewer_replicates_than_draws_leave_every_part_an_estimate() -> None:
    draws = tuple(pair(PATIENTS_A_DRAW, ratio) for ratio in drawn_ratios())

    small = compare(replace(QUESTION, replicates=10), pair(PATIENTS, RATIO), draws, seed=3)[0]

    assert len(small.ratios) == 10
    assert [part.chance for part in small.components] == [Chance.PARAMETERS, Chance.PATIENTS, Chance.TRIAL]
    assert all(np.isfinite((part.variance.value, part.share)).all() for part in small.components)


def test_trials_that_see_nothing_are_an_answer_that_is_refused() -> None:
    blind = replace(QUESTION, conduct=replace(CONDUCT, enrolment=None, after_last_entry=1e-9), replicates=10)

    with pytest.raises(RunError, match="none of 10 replicate trials has a hazard ratio for leukaemia-free survival"):
        compare(blind, pair(PATIENTS, RATIO), (), seed=3)


def test_trials_at_a_draw_whose_quarter_sees_nothing_are_kept() -> None:
    draws = [pair(PATIENTS_A_DRAW, ratio) for ratio in drawn_ratios()]
    spared = np.where(np.arange(PATIENTS_A_DRAW) % 4 == 1, np.inf, draws[0].treated.relapse)
    draws[0] = replace(draws[0], treated=outcomes(spared))

    small = compare(replace(QUESTION, replicates=10), pair(PATIENTS, RATIO), tuple(draws), seed=3)[0]

    assert np.isfinite(small.ratios).all()


def test_first_patients_without_an_event_at_the_typical_parameters_are_too_few() -> None:
    draws, population = tuple(pair(PATIENTS_A_DRAW, ratio) for ratio in drawn_ratios()), pair(PATIENTS, RATIO)
    spared = np.where(np.arange(PATIENTS) < PATIENTS_A_DRAW, np.inf, population.treated.relapse)

    with pytest.raises(RunError, match="the 400 patients of the draws have no hazard ratio for leukaemia-free"):
        compare(QUESTION, replace(population, treated=outcomes(spared)), draws, seed=3)


def helped(patients: int, seed: int) -> Pair:
    """Return patients of whom the treatment cures a fifth and does nothing to the others."""
    untreated, chance = pair(patients, 1.0, seed), Stream(seed, "helped").uniform(np.arange(patients))[:, 0]
    return replace(untreated, treated=outcomes(np.where(chance < 0.2, np.inf, untreated.control.relapse)))


def _power(ratio: float, events: float) -> float:
    shift = np.sqrt(events / 4.0) * np.log(ratio)
    return float(norm.cdf(-shift - norm.isf(0.025)))


def test_every_trial_is_kept_and_its_figures_are_those_of_the_result(found: EndpointResult) -> None:
    rows = found.trials
    typical, limit = rows.draw == TYPICAL, norm.ppf(0.975)

    assert rows.draw.size == 2 * REPLICATES
    assert np.array_equal(np.exp(rows.log_ratio[~typical]), found.ratios)
    assert np.array_equal(np.exp(rows.log_ratio[typical]), found.ratios_at_typical)
    assert (rows.z[typical] < -limit).mean() == pytest.approx(found.power.value, abs=1e-12)
    assert (np.abs(rows.z[typical]) > limit).mean() == pytest.approx(found.significant.value, abs=1e-12)
    by_draw = [(rows.z[rows.draw == draw] < -limit).mean() for draw in range(DRAWS)]
    assert found.assurance is not None
    assert np.mean(by_draw) == pytest.approx(found.assurance.value, abs=1e-12)
    keys = np.stack((rows.draw, rows.patients, rows.randomisation))
    assert np.unique(keys, axis=1).shape == keys.shape


def test_the_restricted_means_of_trials_differ_as_those_of_their_population(found: EndpointResult) -> None:
    both, rows = pair(PATIENTS, RATIO), found.trials
    control, treated = (np.minimum(arm.relapse, 36.0).mean() for arm in (both.control, both.treated))

    differences = rows.restricted[rows.draw == TYPICAL]

    of_sets = differences.reshape(-1, 2).mean(axis=1)
    error = of_sets.std(ddof=1) / np.sqrt(of_sets.size)
    assert found.restricted_to == 36.0
    assert differences.mean() == pytest.approx(treated - control, abs=3.5 * error)
    assert error < 0.05 * (treated - control)
