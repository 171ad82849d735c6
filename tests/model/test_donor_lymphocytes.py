"""Donor lymphocytes: what must hold whatever the parameters, and what was published."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from without_il2 import WithoutIl2

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.compose import compose
from trialeukin.model.system import System
from trialeukin.model.whole import BY_GROWTH, BY_POTENCY, model
from trialeukin.population.cohort import typical_values
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse

STRUCTURES = {
    "growth": compose("by-growth", (WithoutIl2(), *BY_GROWTH)),
    "potency": compose("by-potency", (WithoutIl2(), *BY_POTENCY)),
}
EITHER = pytest.mark.parametrize("structure", STRUCTURES)
WEIGHT = 70.0
HORIZON = 1096.0
IMMORTAL = {"death_of_relapse_threshold": 1e6, "gvhd_death_threshold": 1e6}
FOLLOWED = Tolerance(relative=1e-8)
ROUNDING = 1e-6  # a hundred times the tolerance, for sums of states
LOGARITHMS = 1e-5  # of cells: a relative error of as much


def rows(system: System, patients: int = 1, **values: object) -> Floats:
    table = np.tile(typical_values(system), (patients, 1))
    for name, value in (IMMORTAL | values).items():
        table[:, list(system.parameters).index(name)] = value
    return table


def follow(system: System, parameters: Floats, text: str, **changes: Any) -> Trajectories:
    regimen = load(text) if text.startswith("dli") else parse(text)
    count = parameters.shape[0]
    backend = changes.pop("backend", Backend.CPU)
    setting: dict[str, Any] = {
        "horizon": HORIZON,
        "save_times": np.linspace(0.0, HORIZON, 60),
        "save": tuple(state.name for state in system.states),
    } | changes
    return solve(
        Problem(
            system=system,
            parameters=parameters,
            doses=planned_doses(
                system,
                expand(regimen),
                bsa=np.full(count, 1.8),
                weight=np.full(count, WEIGHT),
            ),
            rules=regimen.rules,
            examinations=np.zeros(0),
            tolerance=FOLLOWED,
            **setting,
        ),
        backend=backend,
    )


def single(dose: float) -> str:
    return f"donor lymphocytes {dose:g} CD3/kg iv day 0" if dose else "none"


def at_the_end(course: Trajectories, state: str) -> Floats:
    return course.value(state)[:, -1]


@EITHER
def test_without_cells_there_is_no_kill_no_gvhd_and_no_aplasia_and_the_clone_grows_as_a_logistic_curve(
    structure: str,
) -> None:
    system = STRUCTURES[structure]
    patient = rows(system, relapse_burden_low=9.0, relapse_burden_high=9.0)
    start, capacity = 1e9, 1e12
    days = np.linspace(0.0, HORIZON, 60)

    course = follow(
        system, patient, single(0.0), save=("leukaemia_burden", "leukaemia_doubling_time", "donor_kill_rate")
    )

    growth = np.log(2.0) / course.value("leukaemia_doubling_time")[0, 0]
    logistic = capacity / (1.0 + (capacity / start - 1.0) * np.exp(-growth * days))
    np.testing.assert_allclose(course.value("leukaemia_burden")[0], logistic, rtol=1e-5)
    assert (course.value("donor_kill_rate") == 0.0).all()
    for event in ("gvhd_onset", "aplasia", "molecular_remission"):
        assert np.isnan(course.event_time(event))[0]


@EITHER
def test_every_infused_cell_is_waiting_called_up_or_lost(structure: str) -> None:
    """I(t) = dose x exp(-(a + d) t): recruitment and loss are all that happens to a waiting cell."""
    system = STRUCTURES[structure]
    dose = 1e7
    value = dict(zip(system.parameters, rows(system)[0], strict=True))

    course = follow(system, rows(system), single(dose))

    rate = value["donor_recruitment"] + value["donor_loss"]
    expected = dose * WEIGHT * np.exp(-rate * course.times[1:])
    np.testing.assert_allclose(course.value("donor_inactive")[0, 1:], expected, rtol=ROUNDING)


@EITHER
def test_the_cells_of_one_programme_are_what_was_recruited_times_the_expansion(structure: str) -> None:
    """All effectors ever made, f F A a/(a + d) dose, have contracted in the end; the share m of them became memory."""
    system = STRUCTURES[structure]
    value = dict(zip(system.parameters, rows(system)[0], strict=True))
    share = value["donor_memory_share"]
    eternal = 1e-9  # per day: memory that nobody loses counts all that contracted
    dose = 1e6
    patient = rows(
        system,
        relapse_burden_low=11.0,
        relapse_burden_high=11.0,
        donor_kill_ceiling=1e-12,
        host_antigen=1.0 - 1e-12,
        donor_memory_loss=eternal,
        donor_contraction=0.1,
        donor_recruitment=0.02,
    )

    course = follow(system, patient, single(dose), horizon=4_000.0, save_times=np.array([3_999.0]))

    recruited = value["reactive_fraction"] * dose * WEIGHT * 0.02 / (0.02 + value["donor_loss"])
    expected = share * recruited * value["expansion_fold"]
    assert at_the_end(course, "donor_memory")[0] == pytest.approx(expected, rel=1e-4)  # 4,000 losses of 1e-9


@EITHER
@settings(max_examples=15, deadline=None)
@given(factor=st.floats(0.1, 10.0), dose=st.sampled_from([1e6, 1e7, 1e8]))
def test_only_reactive_cells_times_expansion_over_half_saturation_matters(
    structure: str, factor: float, dose: float
) -> None:
    system = STRUCTURES[structure]
    place = list(system.parameters).index
    plain = rows(system, 3)
    plain[1, place("reactive_fraction")] *= factor
    plain[1, place("donor_half_saturation")] *= factor
    plain[2, place("expansion_fold")] *= factor
    plain[2, place("donor_half_saturation")] *= factor

    course = follow(system, plain, single(dose))

    for state in ("log_leukaemia_stem", "log_leukaemia_bulk"):
        values = course.value(state)
        np.testing.assert_allclose(values[1:], np.broadcast_to(values[0], values[1:].shape), atol=LOGARITHMS)


@EITHER
@settings(max_examples=10, deadline=None)
@given(burden=st.floats(8.0, 11.9), share=st.floats(0.01, 0.9), threshold=st.floats(0.05, 2.0))
def test_more_cells_never_bring_later_remission_less_gvhd_or_more_leukaemia(
    structure: str, burden: float, share: float, threshold: float
) -> None:
    system = STRUCTURES[structure]
    doses = (0.0, 1e6, 1e7, 1e8)
    patient = rows(
        system,
        relapse_burden_low=burden,
        relapse_burden_high=burden,
        donor_chimerism=share,
        gvhd_threshold=threshold,
    )

    courses = [follow(system, patient, single(dose)) for dose in doses]

    hazards = [at_the_end(course, "cumulative_hazard_of_gvhd")[0] for course in courses]
    lowest = [course.value("log_leukaemia_bulk")[0].min() for course in courses]
    times = [np.nan_to_num(course.event_time("molecular_remission"), nan=HORIZON)[0] for course in courses]
    onsets = [np.nan_to_num(course.event_time("gvhd_onset"), nan=HORIZON)[0] for course in courses]
    assert (np.diff(hazards) > 0.0).all()
    assert (np.diff(lowest) <= LOGARITHMS).all()
    assert (np.diff(times) <= 1e-3).all()
    assert (np.diff(onsets) <= 1e-3).all()


@EITHER
@settings(max_examples=10, deadline=None)
@given(burden=st.floats(7.0, 11.9), share=st.floats(0.0, 1.0), reactive=st.floats(1e-6, 1e-1))
def test_no_pool_of_cells_is_ever_negative_and_both_marrows_never_exceed_one(
    structure: str, burden: float, share: float, reactive: float
) -> None:
    system = STRUCTURES[structure]
    patient = rows(
        system,
        relapse_burden_low=burden,
        relapse_burden_high=burden,
        donor_chimerism=share,
        reactive_fraction=reactive,
    )

    course = follow(system, patient, "dli-escalating")

    assert not course.failed.any()
    for state in ("donor_inactive", "donor_expanding", "donor_effector", "donor_memory", "host_marrow", "donor_marrow"):
        assert course.value(state).min() >= -ROUNDING
    assert (course.value("host_marrow") + course.value("donor_marrow")).max() <= 1.0 + ROUNDING


@EITHER
def test_the_hazard_of_gvhd_rises_with_the_power_of_the_dose(structure: str) -> None:
    system = STRUCTURES[structure]
    exponent = system.parameters["gvhd_dose_exponent"].value
    doses = np.array([1e6, 1e7, 1e8])

    hazards = [
        at_the_end(follow(system, rows(system, gvhd_threshold=1e6), single(dose)), "cumulative_hazard_of_gvhd")[0]
        for dose in doses
    ]

    # the trace dose of 1e3/kg, far below, bends the power by less than two per cent
    np.testing.assert_allclose(np.diff(np.log(hazards)) / np.log(10.0), exponent, rtol=0.02)


@EITHER
def test_cells_against_the_host_are_those_against_a_leukaemia_that_always_shows_its_antigen(structure: str) -> None:
    system = STRUCTURES[structure]

    course = follow(system, rows(system, host_antigen=1.0 - 1e-12), single(1e7))

    np.testing.assert_allclose(
        course.value("host_reactive_effector")[0, 1:], course.value("donor_effector")[0, 1:], rtol=1e-5
    )


@EITHER
@settings(max_examples=10, deadline=None)
@given(reactive=st.floats(1e-5, 1e-2), more=st.floats(1.1, 30.0), threshold=st.floats(0.05, 0.5))
def test_a_donor_who_has_more_killers_of_leukaemia_brings_gvhd_sooner(
    structure: str, reactive: float, more: float, threshold: float
) -> None:
    system = STRUCTURES[structure]
    patients = rows(system, 2, reactive_fraction=np.array([reactive, more * reactive]), gvhd_threshold=threshold)

    course = follow(system, patients, single(1e7))

    onsets = np.nan_to_num(course.event_time("gvhd_onset"), nan=HORIZON)
    assert course.value("donor_effector")[1, 1] > course.value("donor_effector")[0, 1]
    assert onsets[1] < onsets[0] or onsets[0] == HORIZON


@EITHER
def test_splitting_a_dose_over_months_brings_less_gvhd_and_at_one_instant_just_as_much(structure: str) -> None:
    system = STRUCTURES[structure]
    patient = rows(system, gvhd_threshold=1e6)
    regimens = {
        "bulk": single(1e8),
        "at once": "donor lymphocytes 5e7 CD3/kg iv day 0; donor lymphocytes 5e7 CD3/kg iv day 0",
        "split": "donor lymphocytes 5e7 CD3/kg iv day 0; 5e7 day 91",
    }

    total = {
        name: at_the_end(follow(system, patient, text), "cumulative_hazard_of_gvhd")[0]
        for name, text in regimens.items()
    }

    assert total["at once"] == pytest.approx(total["bulk"], rel=ROUNDING)
    assert total["split"] < 0.95 * total["bulk"]


@EITHER
def test_gvhd_begins_where_the_hazard_reaches_the_patients_threshold_and_only_the_severe_are_graded(
    structure: str,
) -> None:
    system = STRUCTURES[structure]
    share = system.parameters["gvhd_acute_share"].value
    limit = -np.log(1.0 - share)

    course = follow(
        system, rows(system, 2, gvhd_threshold=0.1, gvhd_mildness=np.array([0.9, 1.1]) * limit), single(1e8)
    )

    onset = course.event_time("gvhd_onset")
    assert np.isfinite(onset).all()
    assert course.event_time("acute_gvhd_2_to_4")[0] == onset[0]
    assert np.isnan(course.event_time("acute_gvhd_2_to_4"))[1]


@EITHER
def test_death_of_gvhd_levels_off_at_the_share_who_die(structure: str) -> None:
    system = STRUCTURES[structure]
    share = system.parameters["gvhd_death_share"].value
    limit = -np.log(1.0 - share)
    thresholds = np.array([0.5, 0.9, 1.001]) * limit
    patient = rows(system, 3, gvhd_threshold=0.05, gvhd_death_threshold=thresholds)

    course = follow(system, patient, single(1e8), horizon=4_000.0, save=(), save_times=np.zeros(0))

    since = course.event_time("death_of_gvhd") - course.event_time("gvhd_onset")
    rate = system.parameters["gvhd_death_rate"].value
    expected = -limit / rate * np.log1p(-thresholds[:2] / limit)
    assert since[:2] == pytest.approx(expected, rel=1e-3)
    assert np.isnan(since[2])


@EITHER
def test_aplasia_comes_without_donor_cells_at_the_published_weeks_and_not_from_41_percent_on(structure: str) -> None:
    """Blood 1997;89:3113: 2 of 2 without donor CD34 cells aplastic at 5 and 13 weeks; 0 of 5 with 41 % or more."""
    system = STRUCTURES[structure]
    shares = np.array([0.0, 0.41, 1.0])

    course = follow(system, rows(system, 3, donor_chimerism=shares), single(1e8))

    weeks = course.event_time("aplasia") / 7.0
    assert np.isfinite(course.event_time("molecular_remission")).all()
    assert 3.0 < weeks[0] < 20.0  # the published 5 and 13 weeks, and as much again on either side of two patients
    assert np.isnan(weeks[1:]).all()


def test_a_disease_that_doubles_faster_answers_no_better_where_growth_decides_and_one_of_more_potency_no_worse() -> (
    None
):
    growth, potency = STRUCTURES["growth"], STRUCTURES["potency"]
    times, potencies = np.array([5.0, 12.0, 40.0]), np.array([0.3, 1.0, 2.0])

    by_growth = follow(growth, rows(growth, 3, aml=1.0, doubling_time_aml=times), single(1e8))
    by_potency = follow(potency, rows(potency, 3, aml=1.0, potency_aml=potencies), single(1e8))

    for course in (by_growth, by_potency):
        lowest = course.value("log_leukaemia_bulk").min(axis=1)
        assert (np.diff(lowest) < 0.0).all()


@EITHER
def test_escalation_stops_at_gvhd_and_waits_while_the_leukaemia_falls(structure: str) -> None:
    system = STRUCTURES[structure]
    sensitive, resistant = 1e-1, 1e-9
    patients = rows(
        system,
        3,
        reactive_fraction=np.array([sensitive, resistant, resistant]),
        gvhd_threshold=np.array([1e6, 1e6, 1e-9]),  # the hazard of a resistant leukaemia's donor is small, not nil
    )

    course = follow(system, patients, "dli-escalating")

    np.testing.assert_array_equal((course.given > 0.0).sum(axis=1), [1, 4, 1])


@EITHER
def test_the_plain_engine_follows_donor_lymphocytes_to_the_same_end(structure: str) -> None:
    system = STRUCTURES[structure]
    patients = rows(system, 2, gvhd_threshold=0.3, reactive_fraction=np.array([1e-4, 1e-2]))

    fast = follow(system, patients, "dli-escalating", horizon=400.0, save_times=np.linspace(1.0, 400.0, 9))
    plain = follow(
        system,
        patients,
        "dli-escalating",
        horizon=400.0,
        save_times=np.linspace(1.0, 400.0, 9),
        backend=Backend.REFERENCE,
    )

    size = np.maximum(np.abs(plain.values), 1e-6 * np.abs(plain.values).max(axis=1, keepdims=True) + 1e-12)
    assert (np.abs(fast.values - plain.values) / size).max() < 1e-4
    np.testing.assert_allclose(fast.event_times, plain.event_times, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(fast.fates, plain.fates)


@pytest.mark.parametrize(
    ("name", "alone"), [("donor-lymphocytes", "growth"), ("donor-lymphocytes-by-potency", "potency")]
)
def test_the_whole_model_without_il2_is_that_of_donor_lymphocytes_alone(name: str, alone: str) -> None:
    whole, part = model(name), STRUCTURES[alone]
    save = ("log_leukaemia_bulk", "donor_effector", "cumulative_hazard_of_gvhd")

    with_machinery = follow(whole, rows(whole), single(1e7), save=save)
    without = follow(part, rows(part), single(1e7), save=save)

    np.testing.assert_allclose(with_machinery.values, without.values, rtol=1e-4, atol=1e-6)


def test_il2_expands_donor_cells_by_its_gain_and_where_it_has_none_the_treg_it_raises_hold_them_back() -> None:
    system = model("donor-lymphocytes")
    patients = rows(system, 2, expansion_gain_of_il2=np.array([1.0, 1e-9]), gvhd_threshold=1e6)
    save = ("cumulative_hazard_of_gvhd", "donor_memory", "log_leukaemia_bulk")
    days = {"horizon": 40.0, "save_times": np.array([39.0]), "save": save}

    alone = follow(system, patients, single(1e8), **days).values[:, 0]
    with_il2 = follow(system, patients, INAMOTO, **days).values[:, 0]

    assert with_il2[1, 0] < alone[1, 0]
    assert with_il2[1, 2] > alone[1, 2]
    assert with_il2[0, 0] > with_il2[1, 0]
    assert with_il2[0, 2] < with_il2[1, 2]


INAMOTO = "donor lymphocytes 1e8 CD3/kg iv day 0; aldesleukin 3 MIU/m2/day civ days 1-5; 1 days 6-15"


def test_a_balanced_clone_is_killed_alike_whatever_its_stem_like_share_if_both_pools_are_equally_susceptible() -> None:
    system = STRUCTURES["growth"]
    shares = np.array([0.001, 0.1, 0.5])

    course = follow(
        system,
        rows(system, 3, stem_like_fraction=shares, donor_stem_susceptibility=1.0),
        single(1e8),
        save=("leukaemia_burden",),
        horizon=300.0,
        save_times=np.linspace(0.0, 300.0, 10),
    )

    burden = np.log(course.value("leukaemia_burden"))
    np.testing.assert_allclose(burden, np.broadcast_to(burden[0], burden.shape), atol=1e-4)


def test_the_escalating_and_the_bulk_regimen_of_the_library_are_what_their_titles_say() -> None:
    escalating = expand(load("dli-escalating"))

    assert [dose.amount for dose in escalating] == [1e7, 5e7, 1e8, 5e8]
    assert [dose.start / 24.0 for dose in escalating] == [0.0, 91.0, 182.0, 273.0]
    assert [dose.amount for dose in expand(load("dli-bulk"))] == [1e8]
    assert replace(escalating[0], amount=1e8) == expand(load("dli-bulk"))[0]
