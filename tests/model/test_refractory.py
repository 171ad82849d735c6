"""Active leukaemia under IL-2 and after NK cells, and leukaemias that no source lets a model follow."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialeukin.core.arrays import Floats
from trialeukin.core.errors import InputError, StudyError
from trialeukin.core.sources import Source
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.inference.case import Unusable
from trialeukin.inference.cases import all_cases
from trialeukin.model.whole import MODELS, model
from trialeukin.population.cohort import adapted, typical_values
from trialeukin.population.description import Description, Disease, load_description
from trialeukin.population.settings import settings as known_settings
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse
from trialeukin.regimen.render import render

IL2, NK = "aml-refractory", "aml-nk-infusion"
CYCLES = "aldesleukin 13 MIU/m2/day civ days 1-5, 9-13, 17-21, 25-29"
INFUSION = "haploidentical NK cells 1e7 NK/kg iv bolus day 1"
LOW_DOSE = "aldesleukin 1 MIU/m2 sc days 1, 3, 5, 7, 9, 11"
NEVER = 1e9
# who neither gives up nor dies, so that only blasts decide
SPARED = {
    "discontinuation_threshold": NEVER,
    "death_in_remission_threshold": NEVER,
    "death_after_relapse_threshold": NEVER,
}
SAME = 1e-5  # relative: the engine's tolerance of a study
CLOSE = 1e-3  # relative, of what the two backends give at their own step sizes; the engine promises 1e-4 of each state
MARROWS = np.array([28.0, 36.0, 63.0])
DAYS = np.array([0.0, 7.0, 14.0, 28.0, 29.0, 36.0, 63.0])
BURDENS = np.array([0.01, 0.03, 0.06, 0.1, 0.2, 0.4, 0.6, 0.8])  # excess of blasts at entry: 6 to 81 % blasts
INFUSED = 0.0  # day of the model that day 0 of a regimen is, when it is the first day of all
QUICK = settings(max_examples=12, deadline=None)


def rows(name: str, **changed: object) -> Floats:
    """Return typical patients, as many as the longest value has, whom only blasts decide on."""
    system = model(name)
    count = max((np.size(value) for value in changed.values()), default=1)
    table = np.tile(typical_values(system), (count, 1))
    for parameter, value in (SPARED | changed).items():
        table[:, list(system.parameters).index(parameter)] = value
    return table


def course(
    name: str,
    text: str,
    parameters: Floats,
    *,
    save: tuple[str, ...],
    marrows: Floats = MARROWS,
    backend: Backend = Backend.CPU,
) -> Trajectories:
    system, regimen = model(name), parse(text)
    bodies = np.full(parameters.shape[0], 1.8)
    answer = solve(
        Problem(
            system=system,
            parameters=parameters,
            doses=planned_doses(system, expand(regimen), bsa=bodies, weight=bodies / 1.8 * 70.0),
            rules=regimen.rules,
            horizon=float(marrows[-1]) + 1.0,
            save_times=DAYS,
            save=save,
            examinations=marrows,
        ),
        backend=backend,
    )
    assert not answer.failed.any()
    return answer


def remitted(answer: Trajectories) -> np.ndarray[Any, Any]:
    return np.isfinite(answer.event_time("complete_remission"))


@pytest.mark.parametrize("name", [IL2, NK])
def test_without_a_drug_nobody_enters_remission_and_everybody_has_failed_at_the_last_marrow(name: str) -> None:
    table = rows(name, excess_blasts_at_entry=BURDENS, **({"conditioning_log_kill": 1e-9} if name == NK else {}))

    answer = course(name, "none", table, save=("marrow_blast_fraction",))

    assert not remitted(answer).any()
    assert np.array_equal(answer.event_time("treatment_failure"), np.full(BURDENS.size, MARROWS[-1]))


def test_without_a_drug_active_leukaemia_grows_as_the_logistic_curve_from_its_burden_at_entry() -> None:
    excess, doubling, limit = 0.3, 20.0, 0.05
    table = rows(IL2, excess_blasts_at_entry=excess, leukaemia_doubling_time=doubling)
    share = limit + (1.0 - limit) * excess

    answer = course(IL2, "none", table, save=("marrow_blast_fraction",))

    grown = share * 2.0 ** (DAYS / doubling)
    assert answer.value("marrow_blast_fraction")[0] == pytest.approx(grown / (1.0 - share + grown), rel=SAME * 10.0)


def test_more_blasts_at_entry_are_never_cleared_where_fewer_are_not() -> None:
    table = rows(IL2, excess_blasts_at_entry=BURDENS, leukaemia_doubling_time=40.0, marrow_translation=0.9)

    found = remitted(course(IL2, CYCLES, table, save=("marrow_blast_fraction",)))

    assert found[0]
    assert not found[-1]
    assert np.all(np.diff(found.astype(int)) <= 0)


def test_a_patient_in_remission_has_not_failed_and_relapses_when_blasts_are_back() -> None:
    table = rows(IL2, excess_blasts_at_entry=0.01, leukaemia_doubling_time=12.0, marrow_translation=0.99)
    half_a_year_later = np.append(MARROWS, 250.0)  # 15 doublings after the last dose

    answer = course(IL2, CYCLES, table, save=("in_remission",), marrows=half_a_year_later)
    remission, relapse = (float(answer.event_time(name)[0]) for name in ("complete_remission", "relapse"))

    assert remission == MARROWS[1]  # on day 28 the last cycle still holds platelets under 100 G/L
    assert relapse == half_a_year_later[-1]
    assert np.isnan(answer.event_time("treatment_failure")[0])


@QUICK
@given(
    dose=st.floats(0.5, 20.0),
    excess=st.floats(0.01, 0.9),
    translation=st.floats(0.05, 0.95),
    doubling=st.floats(5.0, 60.0),
)
def test_il2_only_ever_lowers_the_blasts_of_a_marrow_in_which_treg_do_not_suppress(
    dose: float, excess: float, translation: float, doubling: float
) -> None:
    table = rows(
        IL2,
        excess_blasts_at_entry=excess,
        marrow_translation=translation,
        leukaemia_doubling_time=doubling,
        treg_half_suppression=1e9,
    )
    save = ("marrow_blast_fraction", "marrow_effectors")

    treated = course(IL2, f"aldesleukin {dose} MIU/m2/day civ days 1-5", table, save=save)
    untreated = course(IL2, "none", table, save=save)

    assert np.all(treated.value("marrow_effectors") > 0.0)
    assert np.all(treated.value("marrow_blast_fraction") > 0.0)
    assert np.all(treated.value("marrow_blast_fraction") <= untreated.value("marrow_blast_fraction") * (1.0 + 1e-4))


@pytest.mark.parametrize(("monocytic", "changes"), [(0.0, False), (1.0, True)])
def test_histamine_changes_nothing_without_monocytic_leukaemia_and_lowers_blasts_with_it(
    monocytic: float, changes: bool
) -> None:
    table = rows(IL2, excess_blasts_at_entry=0.1, monocytic=monocytic)
    save = ("marrow_blast_fraction",)

    both = course(IL2, f"{CYCLES} + histamine 0.5 mg sc twice daily days 1-29", table, save=save)
    alone = course(IL2, CYCLES, table, save=save)

    ratio = both.value(save[0])[0, -1] / alone.value(save[0])[0, -1]
    assert (ratio < 0.99) if changes else (ratio == pytest.approx(1.0, rel=SAME))


def test_infused_cells_are_counted_in_blood_as_the_dose_says() -> None:
    table = rows(NK, donor_nk_expansion=1e-12, donor_nk_rejection=1e-12, nk_dim_loss=1e-12)
    share, litres = 0.05, 5.0

    answer = course(NK, "haploidentical NK cells 1e7 NK/kg iv bolus day 0", table, save=("donor_nk_cells", "donor_nk"))

    assert answer.value("donor_nk_cells")[0, 1:] == pytest.approx(7e8, rel=SAME)  # 1e7 a kg in 70 kg
    assert answer.value("donor_nk")[0, 1:] == pytest.approx(7e8 * share / (litres * 1e6), rel=SAME)


def test_without_an_infusion_there_are_no_donor_cells_and_they_kill_nothing() -> None:
    answer = course(NK, LOW_DOSE, rows(NK), save=("donor_nk", "donor_nk_killing"))

    assert np.array_equal(answer.value("donor_nk"), np.zeros((1, DAYS.size)))
    assert np.array_equal(answer.value("donor_nk_killing"), np.zeros((1, DAYS.size)))


def test_donor_cells_that_neither_divide_nor_are_rejected_fall_as_an_exponential() -> None:
    table = rows(NK, donor_nk_expansion=1e-12, donor_nk_rejection=1e-12)
    loss = model(NK).parameters["nk_dim_loss"].value

    cells = course(NK, "haploidentical NK cells 1e7 NK/kg iv bolus day 0", table, save=("donor_nk_cells",))

    fallen = 7e8 * np.exp(-loss * (DAYS[1:] - INFUSED))
    assert cells.value("donor_nk_cells")[0, 1:] == pytest.approx(fallen, rel=CLOSE)


@QUICK
@given(
    expansion=st.floats(0.01, 0.5),
    rejection=st.floats(0.01, 1.0),
    depth=st.floats(0.3, 0.97),
    cells=st.floats(1e5, 1e8),
)
def test_depletion_of_treg_never_leaves_fewer_donor_cells_or_more_blasts(
    expansion: float, rejection: float, depth: float, cells: float
) -> None:
    table = rows(
        NK,
        treg_depleted=np.array([0.0, 1.0]),
        donor_nk_expansion=expansion,
        donor_nk_rejection=rejection,
        lymphodepletion_depth=depth,
    )
    save = ("donor_nk_cells", "marrow_blast_fraction", "host_treg")

    answer = course(NK, f"haploidentical NK cells {cells:.6g} NK/kg iv bolus day 1; {LOW_DOSE}", table, save=save)
    kept, depleted = answer.value("donor_nk_cells")
    more, less = answer.value("marrow_blast_fraction")
    host = answer.value("host_treg")

    assert np.all(answer.value("donor_nk_cells") >= 0.0)
    assert np.all(host[1] <= host[0] * (1.0 + CLOSE))
    assert np.all(depleted >= kept * (1.0 - CLOSE))
    assert np.all(less <= more * (1.0 + CLOSE))


def test_more_infused_cells_leave_fewer_blasts() -> None:
    table = rows(NK, donor_nk_potency=4.0, donor_nk_rejection=0.01)

    blasts = [
        course(
            NK, f"haploidentical NK cells {cells} NK/kg iv bolus day 1", table, save=("marrow_blast_fraction",)
        ).value("marrow_blast_fraction")[0, -1]
        for cells in ("1e6", "1e7", "1e8")
    ]

    assert blasts[0] > blasts[1] > blasts[2]


@pytest.mark.parametrize(("name", "text"), [(IL2, CYCLES), (NK, f"{INFUSION}; {LOW_DOSE}")])
def test_the_reference_backend_agrees(name: str, text: str) -> None:
    table = rows(name, excess_blasts_at_entry=0.1)
    save = ("marrow_blast_fraction", "marrow_effectors")

    fast = course(name, text, table, save=save)
    reference = course(name, text, table, save=save, backend=Backend.REFERENCE)

    for quantity in save:
        assert fast.value(quantity) == pytest.approx(reference.value(quantity), rel=CLOSE)


def test_nk_cells_are_dosed_in_nk_cells_and_in_nothing_else() -> None:
    assert parse(render(parse(INFUSION))) == parse(INFUSION)
    with pytest.raises(InputError, match=r"NK"):
        parse("haploidentical NK cells 1e7 CD3/kg iv bolus day 1")


def of(disease: Disease) -> Description:
    found = load_description("aml-refractory-8-to-15")
    return found.model_copy(update={"cohort": found.cohort.model_copy(update={"disease": disease})})


@pytest.mark.parametrize("disease", [disease for disease in Disease if disease is not Disease.AML])
@pytest.mark.parametrize("name", [IL2, NK, "aml-maintenance"])
def test_a_leukaemia_without_kill_or_response_in_any_source_is_refused_with_what_is_missing(
    name: str, disease: Disease
) -> None:
    with pytest.raises(StudyError, match=f"model {name} does not follow {disease.value}: .*missing: "):
        adapted(model(name), of(disease))


def test_a_b_cell_leukaemia_is_refused_with_the_one_direction_that_is_known() -> None:
    with pytest.raises(StudyError, match=r"clone grew from 3\.6 to 27 G/L"):
        adapted(model(IL2), of(Disease.CLL))


def test_kinetics_and_blood_cells_are_not_refused_to_anybody() -> None:
    found = of(Disease.CML).model_copy(update={"parameters": {}})

    assert adapted(model("il2-immune"), found).name == "il2-immune"


def test_every_setting_names_models_that_exist_and_says_where_it_is_from() -> None:
    assert {setting.disease for setting in known_settings()} == set(Disease)
    for setting in known_settings():
        assert set(setting.models) <= set(MODELS)
        assert Source(setting.source.key, setting.source.place)


def test_no_series_on_refractory_disease_was_fitted() -> None:
    cases = [case for case in all_cases() if case.group.value == "refractory"]

    assert len(cases) >= 12
    assert all(isinstance(case, Unusable) or case.use.value != "fitted" for case in cases)


@pytest.mark.parametrize(("name", "runs"), [("refractory", "refractory_runs"), ("frozen_prediction", "frozen_runs")])
def test_a_page_is_of_the_models_as_they_stand(name: str, runs: str) -> None:
    written = __import__(name)

    found = json.loads(written.RESULTS.read_text(encoding="utf-8"))

    assert found["digest"] == written.digest(), f"stale: run validation/{runs}.py and validation/{name}.py"
    assert written.PAGE.read_text(encoding="utf-8") == written.page(found)


def test_the_shares_on_the_page_never_have_more_remissions_than_cleared_marrows() -> None:
    runs = __import__("refractory_runs")

    found = json.loads(runs.RESULTS.read_text(encoding="utf-8"))

    for pairs in found["il2"].values():
        for pair, judged in pairs.items():
            assert (np.array(judged["remissions"]) <= judged["blasts cleared"]).all(), pair


def test_remission_is_found_when_blasts_and_counts_meet_the_full_definition_and_no_sooner() -> None:
    table = rows(IL2, excess_blasts_at_entry=BURDENS, leukaemia_doubling_time=40.0, marrow_translation=0.9)
    save = ("marrow_blast_fraction", "neutrophils", "platelets")

    answer = course(IL2, CYCLES, table, save=save)
    blasts, neutrophils, platelets = (answer.value(name)[:, np.isin(DAYS, MARROWS)] for name in save)
    cleared = blasts < 0.05
    met = cleared & (neutrophils > 1.0) & (platelets > 100.0)
    cleared_day, met_day = (np.where(each.any(axis=1), MARROWS[each.argmax(axis=1)], np.nan) for each in (cleared, met))

    assert np.isfinite(met_day).any()
    assert answer.event_time("complete_remission") == pytest.approx(met_day, nan_ok=True)
    assert answer.event_time("blast_clearance") == pytest.approx(cleared_day, nan_ok=True)


@pytest.mark.parametrize("limit", ["remission_neutrophils", "remission_platelets"])
def test_a_count_below_its_limit_holds_remission_back_and_not_the_clearance_of_blasts(limit: str) -> None:
    clearing = {"excess_blasts_at_entry": 0.01, "leukaemia_doubling_time": 40.0, "marrow_translation": 0.9}
    table = rows(IL2, **clearing, **{limit: 1e6})

    answer = course(IL2, CYCLES, table, save=("in_remission",))

    assert not remitted(answer).any()
    assert np.isfinite(answer.event_time("blast_clearance")).all()
    assert np.isnan(answer.event_time("treatment_failure")).all()  # blasts are few: not a remission, not a failure


def test_il2_takes_platelets_to_a_third_where_marrow_renews_them_and_in_remission_to_a_sixth() -> None:
    """The page says so: a rate of loss that was fitted beside a turnover of 0.1 a day meets one of 0.213 here."""
    remains = []
    for name in (IL2, "aml-maintenance"):
        platelets = course(name, CYCLES, rows(name), save=("platelets",)).value("platelets")[0]
        remains.append(platelets[DAYS == 29.0][0] / platelets[0])

    assert remains == pytest.approx([1.0 / 3.0, 1.0 / 6.0], rel=0.1)  # words, to a tenth


def test_marrow_and_platelets_start_where_the_blasts_at_entry_let_them_rest() -> None:
    table = rows(IL2, excess_blasts_at_entry=BURDENS, leukaemia_doubling_time=NEVER)
    system = model(IL2)
    displacement, feedback = (system.parameters[name].value for name in ("blast_displacement", "marrow_feedback"))
    share = 0.05 + 0.95 * BURDENS
    left = (1.0 - displacement * share) ** (1.0 / feedback)
    normal = np.array([system.parameters[name].value for name in ("neutrophil_baseline", "platelet_normal")])

    answer = course(IL2, "none", table, save=("neutrophils", "platelets"))

    for name, full in zip(("neutrophils", "platelets"), normal, strict=True):
        assert answer.value(name) == pytest.approx(np.outer(full * left, np.ones(DAYS.size)), rel=CLOSE)
