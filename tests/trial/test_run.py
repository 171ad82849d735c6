"""A small study, run whole: from its text to its result."""

import itertools

import numpy as np
import pytest
from untreated import untreated_course

from trialeukin.core.errors import InputError, RunError, StudyError
from trialeukin.trial.endpoint import DAYS_A_MONTH, Endpoint
from trialeukin.trial.result import Chance, StudyResult
from trialeukin.trial.run import run_study
from trialeukin.trial.simulate import cohort_of, setting_of
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import study_from_text

TEXT = """
[study]
name = "small"
title = "A small trial"
question = "Does it help?"
source = "made up"

[population]
cohort = "aml-cr1-adults"
start_after_days = 7

[[arms]]
name = "rIL-2"
n = 40
regimen = "aldesleukin 4 MIU/m2/day sc days 1-5, 15-19; never started 20 %; hold while platelets < 50 G/L"

[[arms]]
name = "observation"
n = 30
control = true

[accrual]
months = 6

[follow_up]
after_last_entry_months = 18
horizon_months = 24
drop_out_per_year = 0.02
examinations = [{ every_months = 3, until_months = 24 }]

[analysis]
milestones_months = [12, 24]
"""
EFFORT = {"patients": 120, "replicates": 40, "draws": 3, "patients_a_draw": 100, "seed": 5}


def study(**changes: str) -> Study:
    text = TEXT
    for old, new in changes.items():
        text = text.replace(old, new)
    return study_from_text(text)


def run(told: list[tuple[str, float]] | None = None) -> StudyResult:
    ticks = itertools.count()
    progress = None if told is None else lambda words, done: told.append((words, done))
    return run_study(study(), **EFFORT, progress=progress, clock=lambda: float(next(ticks)))


@pytest.fixture(scope="module")
def result() -> StudyResult:
    return run()


def test_the_control_arm_follows_its_closed_form(result: StudyResult) -> None:
    setting = setting_of(study(), seed=5)
    examinations = np.array(study().follow_up.examination_days())
    exact = untreated_course(cohort_of(setting, 120), setting.system, examinations=examinations)

    relapse, death = result.patients.relapse[1], result.patients.death[1]
    within = exact.event <= setting.horizon
    event = np.minimum(relapse, death) * DAYS_A_MONTH
    solver = 0.05  # day; relative tolerance 1e-5 over two years, and hazards found on the dense output
    assert (np.isfinite(event) == within).all()
    assert event[within] == pytest.approx(exact.event[within], abs=solver)


def test_everything_a_report_shows_is_there(result: StudyResult) -> None:
    treated, control = result.arms

    assert [arm.name for arm in result.arms] == ["rIL-2", "observation"]
    assert treated.regimen.startswith("aldesleukin 4 MIU/m2/day sc days 1-5, 15-19")
    assert (control.regimen, control.sentence, control.adherence) == ("", "", None)
    assert {fan.quantity for fan in treated.fans} >= {"nk_count", "treg_count", "leukaemia_burden", "platelets"}
    assert [fan.quantity for fan in treated.exposure_fans] == ["il2_concentration"]
    assert np.nanmax(treated.exposure_fans[0].quantiles[2]) > 10.0 * np.nanmin(treated.exposure_fans[0].quantiles[2])
    assert control.exposure_fans == ()
    toxicities = {"platelets", "constitutional_grade", "fever_grade", "capillary_leak_grade", "hypotension_grade"}
    assert {toxicity.item for toxicity in treated.toxicities} >= toxicities
    assert {course.item for course in treated.grade_courses} == {each.item for each in treated.toxicities}
    assert [period.doses for period in treated.dose_periods] == [10]  # all within 28 days of the first
    assert (control.grade_courses, control.dose_periods) == ((), ())
    assert [found.endpoint for found in result.endpoints] == [Endpoint.LFS, Endpoint.OS]
    assert [part.chance for part in result.endpoints[0].components] == list(Chance)
    assert result.provenance.statuses.keys() <= {"reached_horizon", "ended_by_event"}
    assert set(result.provenance.seconds) == {"patients", "parameter draws", "replicate trials"}
    assert result.parameters.keys() == setting_of(study(), seed=5).system.parameters.keys()


def test_grades_read_through_the_day_miss_none_of_the_patients_who_have_grade_3(result: StudyResult) -> None:
    worst = {each.item: each.fractions[2] for each in result.arms[0].toxicities}

    for course in result.arms[0].grade_courses:
        assert course.patients == 120
        assert np.all(np.diff(course.times) == 1.0)
        assert course.ever_severe[-1] == pytest.approx(worst[course.item])  # a dose's effect outlasts six hours


def test_the_doses_of_all_periods_make_the_reasons_of_the_whole(result: StudyResult) -> None:
    adherence = result.arms[0].adherence
    assert adherence is not None
    (period,) = result.arms[0].dose_periods

    assert dict(period.reasons) == pytest.approx(dict(adherence.reasons))


def test_doses_are_scaled_to_each_patient_in_the_protocols_unit(result: StudyResult) -> None:
    (table,) = result.doses
    given = table.fates == 0

    surface = result.patients.covariates["body_surface_area"]
    assert table.units == ("MIU",) * 10
    assert table.days.tolist() == [7.0, 8.0, 9.0, 10.0, 11.0, 21.0, 22.0, 23.0, 24.0, 25.0]
    assert table.planned == pytest.approx(np.repeat(4.0 * surface[:, None], 10, axis=1))
    assert table.given[given] == pytest.approx(table.planned[given])
    assert (table.fates == 2).all(axis=1).mean() == pytest.approx(0.2, abs=3.5 * np.sqrt(0.2 * 0.8 / 120))


def test_patients_who_never_start_have_the_course_of_the_control_arm(result: StudyResult) -> None:
    (table,) = result.doses
    never = (table.fates == 2).all(axis=1)

    for times in (result.patients.relapse, result.patients.death):
        assert times[0, never] == pytest.approx(times[1, never], abs=0.01)


def test_without_an_effect_leukaemia_takes_the_same_course_under_both_arms() -> None:
    null = run_study(study(), **EFFORT, effect=False)
    true = run_study(study(), **EFFORT)

    treated, control = null.patients.relapse_crossing
    assert not null.provenance.effect
    assert treated == pytest.approx(control, abs=0.01)  # month, of the solver
    assert null.patients.relapse_crossing[1] == pytest.approx(true.patients.relapse_crossing[1], abs=0.01)
    assert (null.doses[0].given == true.doses[0].given)[:, :5].all()  # the drug and its toxicity stay as they were
    assert (true.patients.relapse_crossing[0] > treated + 0.01).any()


def test_the_chain_without_an_effect_finds_one_as_often_as_the_level_of_the_test_says() -> None:
    null = run_study(study(), patients=1_000, replicates=2_000, draws=0, seed=5, effect=False)

    found = null.endpoints[0].significant
    assert found.value == pytest.approx(0.05, abs=4.0 * np.hypot(found.error, 0.005))  # 0.005: 70 patients, two sides


def test_the_same_seed_gives_the_same_bits(result: StudyResult) -> None:
    again = run()

    for one, other in zip(result.endpoints, again.endpoints, strict=True):
        assert (one.ratios == other.ratios).all()
        assert one.power == other.power
    assert (result.doses[0].given == again.doses[0].given).all()


def test_batches_of_draws_change_no_bit(result: StudyResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialeukin.trial.run.TRAJECTORIES_AT_ONCE", 100)

    again = run()

    assert (result.endpoints[0].ratios == again.endpoints[0].ratios).all()


def test_progress_rises_to_the_whole() -> None:
    told: list[tuple[str, float]] = []

    run(told)

    fractions = [done for _, done in told]
    assert fractions == sorted(fractions)
    assert told[-1] == ("done", 1.0)
    assert {words for words, _ in told} >= {"patients on rIL-2", "patients on observation", "replicate trials"}


def test_an_interruption_is_said_and_nothing_is_returned() -> None:
    def interrupt(words: str, done: float) -> None:
        raise KeyboardInterrupt(words, done)

    with pytest.raises(RunError, match="interrupted: nothing is kept"):
        run_study(study(), **EFFORT, progress=interrupt)


@pytest.mark.parametrize(
    ("effort", "said"),
    [
        ({"patients": 0}, "patients 0: give 100 or more"),
        ({"replicates": 1}, "replicates 1: give 10 or more"),
        ({"draws": 2}, "draws 2: give 0 for none, or 3 or more"),
        ({"draws": 10_001}, "draws 10,001: give at most 10,000, memory holds no more"),
        ({"seed": -1}, "seed -1"),
    ],
)
def test_an_effort_without_meaning_is_refused(effort: dict[str, int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run_study(study(), **{**EFFORT, **effort})


def test_an_unknown_model_or_stratum_is_refused() -> None:
    with pytest.raises(StudyError, match="no model 'aml': there are"):
        run_study(study(**{"start_after_days = 7": 'start_after_days = 7\nmodel = "aml"'}), **EFFORT)
    with pytest.raises(StudyError, match="'age' is no covariate of zeros and ones"):
        run_study(study(**{"[analysis]": '[analysis]\nstratify_by = ["age"]'}), **EFFORT)


def test_strata_are_taken_from_covariates() -> None:
    stratified = run_study(study(**{"[analysis]": '[analysis]\nstratify_by = ["monocytic"]'}), **EFFORT)

    assert stratified.endpoints[0].not_estimable == 0
    assert stratified.study.analysis.words == "two-sided log-rank test at 0.05, stratified by monocytic"


def test_minimisation_runs_on_its_factors_and_is_refused_without() -> None:
    minimised = '[analysis]\nrandomisation = "minimisation"'

    found = run_study(study(**{"[analysis]": f'{minimised}\nstratify_by = ["monocytic", "favourable_risk"]'}), **EFFORT)

    assert found.endpoints[0].not_estimable == 0
    with pytest.raises(StudyError, match="'minimisation' balances covariates: name one or more in stratify_by"):
        study(**{"[analysis]": minimised})


def test_two_arms_of_observation_differ_by_chance_alone() -> None:
    regimen = (
        'regimen = "aldesleukin 4 MIU/m2/day sc days 1-5, 15-19; never started 20 %; hold while platelets < 50 G/L"'
    )
    found = run_study(study(**{regimen: ""}), **EFFORT).endpoints[0]
    variances = {part.chance: part.variance.value for part in found.components}

    assert found.population_ratio == pytest.approx(1.0, abs=1e-9)
    assert variances[Chance.PARAMETERS] == pytest.approx(0.0, abs=1e-9)
    assert variances[Chance.TRIAL] > 0.0
    assert np.log(found.ratios).std() == pytest.approx(np.sqrt(variances[Chance.TRIAL]), rel=0.5)  # 20 pairs
