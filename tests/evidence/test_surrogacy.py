"""Surrogacy: over trials, within patients, through which cells, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
import surrogacy_runs
from scipy.stats import ncx2

from trialeukin.core.errors import AnalysisError, ModelError, StudyError
from trialeukin.evidence.catalogue import own_studies
from trialeukin.evidence.effects import Effects
from trialeukin.evidence.explanations import Reason, explanation_of
from trialeukin.evidence.individual_level import FEWEST_EVENTS, causal_association, explained_in_treated
from trialeukin.evidence.marker_runs import LeukaemiaFree, MarkerStudy, Variant, leukaemia_free, markers_and_time
from trialeukin.evidence.mediation import PATHS, Mediation, mediation_of, subsets
from trialeukin.evidence.published_markers import both_effects, marker_effects, trials_of, went_together
from trialeukin.evidence.published_study import PublishedStudy
from trialeukin.evidence.selection import Taken
from trialeukin.evidence.surrogacy import surrogacy_in
from trialeukin.evidence.surrogacy_answers import surrogacy_answers
from trialeukin.evidence.trial_level import FEWEST, trial_level
from trialeukin.evidence.vocabulary import JudgedOn
from trialeukin.model.structures import STRUCTURES, MarkerPath
from trialeukin.population.cohort import draw_typical
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import load_study

ROOT = Path(__file__).parents[2]
EXACT = 1e-10  # of sums of a few dozen numbers of size one
ERRORS = np.array([0.2, 0.15, 0.3, 0.25, 0.1, 0.18])
MARKER = np.array([0.1, 0.6, 1.1, 1.4, 2.0, 2.4])


def effects(values: np.ndarray, errors: np.ndarray = ERRORS) -> Effects:
    labels = tuple(f"T{place}" for place in range(values.size))
    return Effects(labels=labels, estimates=values, variances=errors**2)


def test_over_trials_r2_line_and_band_are_those_of_weighted_least_squares_in_statsmodels() -> None:
    values = 0.1 - 0.4 * MARKER + np.array([0.05, -0.1, 0.12, -0.08, 0.02, 0.04])  # within the errors: tau2 is zero
    other = sm.WLS(values, sm.add_constant(MARKER), weights=ERRORS**-2).fit(cov_type="fixed scale", use_t=True)
    at = np.array([0.0, 1.0, 3.0])
    band = other.get_prediction(sm.add_constant(at, has_constant="add")).conf_int()

    found = trial_level(effects(values), MARKER)

    assert found.line.tau_squared == 0.0
    assert found.explained[0] == pytest.approx(other.rsquared, abs=EXACT)
    assert [found.line.intercept, found.line.slope] == pytest.approx(other.params, abs=EXACT)
    assert pytest.approx(band, abs=1e-8) == found.line.at(at)[1:].T  # of the t quantile


def test_at_the_surrogate_threshold_the_band_just_touches_no_effect() -> None:
    found = trial_level(effects(0.1 - 0.4 * MARKER), MARKER)

    assert found.threshold is not None
    assert found.line.at(np.array([found.threshold]))[2] == pytest.approx(0.0, abs=1e-8)
    assert found.line.at(np.array([found.threshold + 0.1]))[2, 0] < 0.0
    assert found.explained == (1.0, 1.0, 1.0)


def test_the_threshold_of_a_marker_that_falls_with_benefit_is_below_zero() -> None:
    found = trial_level(effects(-0.1 + 0.4 * MARKER), MARKER)

    assert found.threshold is not None
    assert found.threshold < 0.0


def test_without_a_slope_there_is_no_threshold_and_r2_is_near_nothing() -> None:
    found = trial_level(effects(np.array([0.1, -0.1, 0.1, -0.1, 0.1, -0.1])), MARKER)

    assert found.threshold is None
    assert found.explained[1] == 0.0


@pytest.mark.parametrize(
    ("count", "marker", "words"),
    [
        (FEWEST - 1, MARKER[: FEWEST - 1], f"asks for {FEWEST} or more"),
        (6, np.ones(6), "the same in all trials"),
        (6, MARKER[:5], "5 effects on the marker for 6 trials"),
        (6, np.array([*MARKER[:5], np.nan]), "give a finite one for each"),
    ],
)
def test_over_trials_what_has_no_answer_is_refused(count: int, marker: np.ndarray, words: str) -> None:
    with pytest.raises(AnalysisError, match=words):
        trial_level(effects(np.zeros(count), ERRORS[:count]), marker)


def test_of_nine_trials_of_the_base_one_reports_both_effects_and_surrogacy_is_refused_by_name() -> None:
    found = both_effects(trials_of(own_studies(), Endpoint.LFS))

    assert found.looked_at == 9
    assert [each.trial for each in found.found] == ["LANGE2008"]
    assert len(found.without) == 8
    assert found.level is None
    assert "1 of 9 randomised trials" in found.refusal
    assert "LANGE2008" in found.refusal


def test_the_one_effect_on_a_marker_is_the_ratio_of_the_printed_medians() -> None:
    lange = next(each for each in trials_of(own_studies(), Endpoint.LFS) if each.name == "LANGE2008")

    found = marker_effects(lange)

    assert [each.log_ratio for each in found] == pytest.approx([np.log((8435 / 1462) / (1559 / 1424))], abs=EXACT)
    assert found[0].times == "day 18 v day 28"


def again(name: str, peak: float, ratio: float) -> Taken:
    """Return the trial of 2008 under another name, with another effect on its marker and on survival."""
    lange = next(each for each in trials_of(own_studies(), Endpoint.LFS) if each.name == "LANGE2008")
    study: PublishedStudy = lange.study.model_copy(
        update={
            "study": lange.study.study.model_copy(update={"id": name}),
            "markers": tuple(
                row.model_copy(update={"value": peak}) if row.time == "day 18" else row for row in lange.study.markers
            ),
        }
    )
    return Taken(study=study, effect=lange.effect.model_copy(update={"log_hazard_ratio": ratio}))


@pytest.mark.parametrize("change", [{"unit": "U/mL"}, {"baseline": None}])
def test_readings_in_other_units_or_without_the_same_baseline_make_no_effect(change: dict[str, object]) -> None:
    lange = again("T", 8_435.0, 0.0)
    rows = tuple(row.model_copy(update=change) if row.arm == "control" else row for row in lange.study.markers)

    found = marker_effects(Taken(study=lange.study.model_copy(update={"markers": rows}), effect=lange.effect))

    assert len(marker_effects(lange)) == 1
    assert found == ()


def test_five_trials_with_both_effects_are_enough() -> None:
    trials = [again(f"T{place}", 2_000.0 * (place + 1), -0.1 * place) for place in range(FEWEST)]

    found = both_effects(trials)

    assert found.level is not None
    assert found.level.k == FEWEST
    assert found.level.line.slope < 0.0
    assert found.refusal == ""


def test_a_trial_whose_sign_is_not_known_is_counted_and_takes_no_part() -> None:
    trials = [again(f"T{place}", 2_000.0 * (place + 1), -0.1 * place) for place in range(FEWEST)]
    trials += [each for each in trials_of(own_studies(), Endpoint.LFS) if each.name == "BAER2008"]

    found = both_effects(trials)

    assert found.looked_at == FEWEST + 1
    assert [name for name, _ in found.without] == ["BAER2008"]


def test_statements_within_patients_stand_apart_from_those_of_whole_groups() -> None:
    found = went_together(own_studies().values())

    patients = {each.study for each in found if each.row.judged_on is JudgedOn.PATIENTS}
    assert {"REMISSION", "LANGE2008", "BACHANOVA2014"} <= patients
    assert all(each.row.with_clinical for each in found)


def drawn(n: int, slope: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    rises = np.exp(rng.normal(size=n))
    times = rng.exponential(np.exp(-slope * np.log(rises)))
    return rises, np.minimum(times, 2.0), times < 2.0


def test_within_treated_patients_the_likelihood_ratio_is_that_of_statsmodels() -> None:
    rises, times, events = drawn(300, -0.4)
    other = sm.PHReg(times, np.log(rises)[:, None], status=events.astype(int), ties="efron")
    ratio = 2.0 * (other.fit().llf - other.loglike(np.zeros(1)))

    found = explained_in_treated(rises, times, events)

    assert -found.events * np.log1p(-found.value) == pytest.approx(ratio, rel=1e-6)  # of its optimiser
    assert found.per_doubling == pytest.approx(np.exp(np.log(2.0) * other.fit().params[0]), rel=1e-5)


def test_the_limits_of_r2_are_where_its_statistic_is_a_quantile_of_the_noncentral_chi_square() -> None:
    found = explained_in_treated(*drawn(300, -0.4))
    statistic, low, high = (-found.events * np.log1p(-each) for each in (found.value, found.lower, found.upper))

    assert ncx2.cdf(statistic, 1, low) == pytest.approx(0.975, abs=1e-6)
    assert ncx2.cdf(statistic, 1, high) == pytest.approx(0.025, abs=1e-6)


def test_a_marker_that_tells_nothing_explains_nothing() -> None:
    found = explained_in_treated(*drawn(300, 0.0))

    assert found.lower == 0.0
    assert found.upper < 0.05


def test_too_few_events_are_refused() -> None:
    rises, times, _ = drawn(30, 0.0)

    with pytest.raises(AnalysisError, match=f"give {FEWEST_EVENTS} or more"):
        explained_in_treated(rises, times, np.zeros(30, dtype=bool))


def test_a_rise_that_is_the_same_but_for_the_solver_tells_nothing() -> None:
    rises, times, events = drawn(30, 0.0)
    alike = 1.0 + 1e-6 * rises

    with pytest.raises(AnalysisError, match="the rise is the same in all patients"):
        explained_in_treated(alike, times, events)
    with pytest.raises(AnalysisError, match="the same in all patients"):
        causal_association(alike, times, np.random.default_rng(2))


def test_nobody_who_is_free_of_leukaemia_when_markers_are_read_is_an_answer_that_is_refused(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = LeukaemiaFree(times=np.zeros((1, 100)), events=np.ones((1, 100), bool), valid=np.ones((1, 100), bool))
    monkeypatch.setattr("trialeukin.evidence.surrogacy.leukaemia_free", lambda *_, **__: nobody)
    monkeypatch.setattr("trialeukin.evidence.surrogacy.mediation", lambda *_: None)

    with pytest.raises(AnalysisError, match=r"no patient is free of leukaemia under both arms at month 1\.15"):
        surrogacy_in(study, patients=100)


def test_gains_that_follow_the_logarithm_of_rises_correlate_fully_and_those_that_do_not_do_not() -> None:
    rng = np.random.default_rng(1)
    rises = np.exp(rng.normal(size=500))

    full = causal_association(rises, 3.0 * np.log(rises), np.random.default_rng(2))
    none = causal_association(rises, rng.normal(size=500), np.random.default_rng(2))

    assert full.squared == pytest.approx(1.0, abs=EXACT)
    assert none.lower < 0.0 < none.upper
    with pytest.raises(AnalysisError, match="the same in all patients"):
        causal_association(np.ones(10), rng.normal(size=10), np.random.default_rng(2))


def planted(n: int = 400, interplay: float = 0.0) -> tuple[Mediation, np.ndarray]:
    """Return the parts of an effect that is made of known ones, and the effect of NK cells in every patient."""
    rng = np.random.default_rng(3)
    own = {path: rng.normal(size=n) + place for place, path in enumerate(PATHS)}
    control = rng.uniform(0.0, 50.0, size=n)

    def followed(times: np.ndarray) -> LeukaemiaFree:
        return LeukaemiaFree(times=times[None], events=np.ones((1, n), bool), valid=np.ones((1, n), bool))

    treated = {
        opened: followed(
            control - 0.5 + sum(own[path] for path in opened) + interplay * float(len(opened) == len(PATHS))
        )
        for opened in subsets()
    }
    return mediation_of("planted", 60.0, followed(control), treated), own[MarkerPath.NK]


def test_effects_that_add_up_are_found_alone_by_loss_and_as_parts_alike() -> None:
    found, of_nk = planted()

    nk = found.paths[0]
    for each in (nk.alone, nk.lost, nk.part):
        assert each.value == pytest.approx(of_nk.mean(), abs=EXACT)
        assert each.error == pytest.approx(of_nk.std(ddof=1) / np.sqrt(of_nk.size), abs=EXACT)
    assert found.others.value == pytest.approx(-0.5, abs=EXACT)


def test_parts_add_up_to_the_whole_even_where_paths_act_together() -> None:
    found, of_nk = planted(interplay=6.0)

    parts = sum(each.part.value for each in found.paths)
    assert found.others.value + parts == pytest.approx(found.total.value, abs=EXACT)
    assert found.paths[0].part.value == pytest.approx(of_nk.mean() + 2.0, abs=EXACT)  # a third of the interplay
    assert found.paths[0].lost.value == pytest.approx(of_nk.mean() + 6.0, abs=EXACT)


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(ROOT / "studies" / "calgb-19808.toml")


@pytest.fixture(scope="module")
def asked(study: Study) -> MarkerStudy:
    return MarkerStudy(study=study, structure=STRUCTURES[0], seed=5, patients=100, horizon=60.0)


def test_with_all_paths_closed_the_drug_does_to_leukaemia_what_no_kill_at_all_does(asked: MarkerStudy) -> None:
    closed = leukaemia_free(asked, treated=True, variant=Variant(closed=frozenset(PATHS)))
    no_kill = leukaemia_free(asked, treated=True, variant=Variant(values={"baseline_immune_kill": 0.0}))
    as_it_is = leukaemia_free(asked, treated=True)

    assert closed.times == pytest.approx(no_kill.times, abs=1e-2)  # month; the solver's own steps differ
    assert np.array_equal(closed.events, no_kill.events)
    assert np.abs(as_it_is.times - closed.times).max() > 1.0


def test_patients_without_drug_are_the_same_whatever_is_closed(asked: MarkerStudy) -> None:
    as_it_is = leukaemia_free(asked, treated=False)
    closed = leukaemia_free(asked, treated=False, variant=Variant(closed=frozenset({MarkerPath.TREG})))

    assert closed.times == pytest.approx(as_it_is.times, abs=1e-2)


def test_closing_a_path_changes_the_kill_and_the_equations_of_no_cell() -> None:
    opened = STRUCTURES[0].system("aml-maintenance")
    closed = STRUCTURES[0].system("aml-maintenance", frozenset({MarkerPath.NK}))

    changed = {one.name for one, other in zip(opened.definitions, closed.definitions, strict=True) if one != other}

    assert changed == {"marrow_effectors"}
    assert opened.terms == closed.terms
    assert opened.parameters == closed.parameters


def test_on_treatment_every_kind_of_cell_rises_by_the_landmark(asked: MarkerStudy) -> None:
    found = markers_and_time(asked)

    for path in MarkerPath:
        assert found.rises[path].shape == (1, 100)
        assert np.nanmedian(found.rises[path]) > 1.5


def test_the_same_patients_are_followed_at_several_draws(asked: MarkerStudy, study: Study) -> None:
    typical = draw_typical(asked.setting().system, seed=5, draws=np.arange(2))
    several = MarkerStudy(study=study, structure=STRUCTURES[0], seed=5, patients=100, horizon=60.0, typical=typical)

    found = leukaemia_free(several, treated=True)

    assert found.times.shape == (2, 100)
    assert not np.array_equal(found.times[0], found.times[1])


def test_an_explanation_of_nothing_is_the_effect_as_it_is_and_no_effect_needs_no_number_of_events(
    asked: MarkerStudy,
) -> None:
    control, treated = (leukaemia_free(asked, treated=each) for each in (False, True))

    found = explanation_of(Reason.NOTHING, control, treated, np.random.default_rng(1))
    none = explanation_of(Reason.NOTHING, control, control, np.random.default_rng(1))

    assert found.gain.value == pytest.approx(float((treated.times - control.times).mean()), abs=EXACT)
    assert found.log_ratio.error > 0.0
    assert none.log_ratio.value == pytest.approx(0.0, abs=EXACT)
    assert none.events is None


def test_what_cannot_be_closed_set_or_followed_is_refused(asked: MarkerStudy, study: Study) -> None:
    with pytest.raises(ModelError, match="no path from NK cells"):
        STRUCTURES[0].system("il2-immune", frozenset({MarkerPath.NK}))
    with pytest.raises(StudyError, match="no parameter 'nonsense'"):
        asked.setting(Variant(values={"nonsense": 1.0}))
    for patients, horizon, words in (
        (99, 60.0, "100 or more"),
        (10**20, 60.0, "at most 50,000"),
        (100, 1e3, "followed for 93"),
        (100, 0.0, "read up to month 1.15, and calgb-19808 is followed for 93; give more than the one"),
        (100, 1.0, "horizon 1 month: markers are read up to month 1.15"),
    ):
        with pytest.raises(AnalysisError, match=words):
            MarkerStudy(study=study, structure=STRUCTURES[0], seed=1, patients=patients, horizon=horizon)


def test_the_section_on_surrogacy_is_of_the_model_and_studies_as_they_stand() -> None:
    found = json.loads(surrogacy_runs.RESULTS.read_text(encoding="utf-8"))

    assert found["digest"] == surrogacy_runs.digest(), "stale: run validation/surrogacy_runs.py"
    assert [each["study"] for each in found["studies"]] == list(surrogacy_runs.STUDIES)
    for each in found["studies"]:
        for structure in each["structures"]:
            whole = structure["mediation"]
            parts = whole["others"]["value"] + sum(path["part"]["value"] for path in whole["paths"])
            assert parts == pytest.approx(whole["total"]["value"], abs=2e-3)  # of four digits a number


def test_the_answers_that_the_package_carries_are_those_of_the_recorded_runs() -> None:
    found = json.loads(surrogacy_runs.RESULTS.read_text(encoding="utf-8"))

    assert surrogacy_runs.ANSWERS.read_text(encoding="utf-8") == surrogacy_runs.answers(found)
    assert [each.study for each in surrogacy_answers().studies] == list(surrogacy_runs.STUDIES)
    assert surrogacy_answers().studies[0].answer == tuple(found["studies"][0]["answer"])
