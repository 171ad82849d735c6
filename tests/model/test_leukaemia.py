"""Residual leukaemia, its kill and the hazards of death, beside an immune system that is held fixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from untreated import untreated_course

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter
from trialeukin.engine.problem import Doses, Fate, Problem
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.component import Component, Piece
from trialeukin.model.components.covariates import covariate
from trialeukin.model.components.death_after_relapse import DeathAfterRelapse
from trialeukin.model.components.death_in_remission import DeathInRemission
from trialeukin.model.components.discontinuation import Discontinuation
from trialeukin.model.components.histamine import Histamine
from trialeukin.model.components.immune_kill import MassActionKill, SaturatingKill
from trialeukin.model.components.leukaemia import Leukaemia
from trialeukin.model.components.reactive_oxygen import ReactiveOxygen, ReactiveOxygenByBurden
from trialeukin.model.components.residual_leukaemia import ResidualLeukaemia
from trialeukin.model.compose import compose
from trialeukin.model.system import Definition, System, symbol
from trialeukin.population.cohort import draw_cohort, typical_values
from trialeukin.population.description import load_description

MONTH = 365.25 / 12.0
EXAMINATIONS = MONTH * np.arange(1.0, 61.0)
HORIZON = 60.0 * MONTH
SOLVER = 1e-4  # day: the reference solver keeps 1e-10 of a hazard, which may rise as little as 1e-6 a day
LAWS = [SaturatingKill(), MassActionKill()]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedImmunity:
    """An immune system and a toxicity that never change."""

    effectors: Parameter = covariate("NK and CD8 cells relative to baseline", value=1.0)
    regulators: Parameter = covariate("Treg relative to baseline", value=1.0)
    toxicity: Parameter = covariate("constitutional grade")
    leak: Parameter = covariate("capillary leak grade")

    def piece(self) -> Piece:
        values = {
            "nk_killing": symbol("effectors"),
            "cd8_killing": symbol("effectors"),
            "treg_suppression": symbol("regulators"),
            "constitutional_grade": symbol("toxicity"),
            "capillary_leak_grade": symbol("leak"),
        }
        return Piece(
            definitions=tuple(
                Definition(name=name, unit="1", expression=value, meaning=name) for name, value in values.items()
            )
        )


def remission(kill: Component = LAWS[0], oxygen: Component | None = None) -> System:
    return compose(
        "remission",
        (
            ResidualLeukaemia(),
            Leukaemia(),
            kill,
            oxygen or ReactiveOxygen(),
            Histamine(),
            DeathInRemission(),
            DeathAfterRelapse(),
            Discontinuation(),
            FixedImmunity(),
        ),
    )


def rows(system: System, patients: int = 1, **values: object) -> Floats:
    """Return typical patients with the values given; one that lives long unless told otherwise."""
    table = np.tile(typical_values(system), (patients, 1))
    immortal = {"death_in_remission_threshold": 1e6, "death_after_relapse_threshold": 1e6}
    for name, value in (immortal | values).items():
        table[:, list(system.parameters).index(name)] = value
    return table


def follow(
    system: System, parameters: Floats, *, histamine: Sequence[float] = (), save: Sequence[str] = (), **changes: Any
) -> Trajectories:
    times = np.asarray(histamine, dtype=np.float64)
    shape = (parameters.shape[0], times.size)
    doses = Doses(
        times=times,
        durations=np.zeros(times.size),
        inputs=np.zeros(times.size, dtype=np.int64),
        manners=np.zeros(times.size, dtype=np.int64),
        amounts=np.full(shape, 0.5),
        fates=np.full(shape, Fate.GIVEN, dtype=np.int64),
    )
    settings: dict[str, Any] = {"horizon": HORIZON, "save_times": np.zeros(0), "examinations": EXAMINATIONS} | changes
    return solve(
        Problem(system=system, parameters=parameters, doses=doses, save=tuple(save), **settings),
        backend=Backend.REFERENCE,
    )


@pytest.mark.parametrize("kill", LAWS, ids=["saturating", "mass action"])
@pytest.mark.parametrize("oxygen", [ReactiveOxygen(), ReactiveOxygenByBurden()], ids=["marrow", "by burden"])
def test_every_pair_of_kill_law_and_oxygen_law_leaves_the_untreated_course_to_its_closed_form(
    kill: Component, oxygen: Component
) -> None:
    system = remission(kill, oxygen)
    cohort = draw_cohort(load_description("aml-cr1-adults"), system, seed=3, patients=np.arange(12))

    closed = untreated_course(cohort, system, examinations=EXAMINATIONS)
    solved = follow(system, cohort.parameters)

    assert not solved.failed.any()
    death = np.fmin(solved.event_time("death_in_remission"), solved.event_time("death_after_relapse"))
    for times, expected in ((solved.event_time("relapse"), closed.relapse), (death, closed.death)):
        seen = (expected <= HORIZON) & (expected <= closed.death)
        np.testing.assert_allclose(times[seen], expected[seen], rtol=0, atol=SOLVER)
        assert np.isnan(times[~seen]).all()


@pytest.mark.parametrize("kill", LAWS, ids=["saturating", "mass action"])
def test_more_effectors_never_bring_relapse_forward_and_more_treg_never_put_it_off(kill: Component) -> None:
    system = remission(kill)
    levels = np.linspace(0.2, 3.0, 12)

    by_effectors = follow(system, rows(system, 12, residual_burden_log10=4.0, effectors=levels))
    by_regulators = follow(system, rows(system, 12, residual_burden_log10=4.0, effectors=1.4, regulators=levels))

    assert (np.diff(filled(by_effectors)) > 0.0).sum() > 3
    assert (np.diff(filled(by_effectors)) >= 0.0).all()
    assert (np.diff(filled(by_regulators)) < 0.0).all()


def filled(course: Trajectories) -> Floats:
    return np.nan_to_num(course.event_time("relapse_crossing"), nan=HORIZON)


def test_effectors_that_do_not_reach_the_marrow_change_nothing() -> None:
    system = remission()
    nearly_none = 1e-12
    levels = np.array([1.0, 50.0])

    course = follow(
        system, rows(system, 2, residual_burden_log10=4.0, effectors=levels, marrow_translation=nearly_none)
    )

    assert np.ptp(course.event_time("relapse_crossing")) < SOLVER


def test_relapse_is_found_at_the_first_examination_after_the_crossing() -> None:
    system = remission()
    burdens = np.linspace(1.0, 9.0, 9)

    course = follow(system, rows(system, 9, residual_burden_log10=burdens))

    crossing, relapse = course.event_time("relapse_crossing"), course.event_time("relapse")
    assert np.isin(relapse, EXAMINATIONS).all()
    assert (relapse >= crossing).all()
    assert (relapse - crossing < MONTH).all()


def test_a_clone_below_one_cell_at_entry_is_gone_and_never_comes_back() -> None:
    system = remission()

    course = follow(
        system,
        rows(system, 2, residual_burden_log10=np.array([-0.01, 0.01])),
        save=("leukaemia_burden", "cured"),
        save_times=np.array([1.0, 400.0]),
    )

    assert course.event_time("extinction")[0] == 0.0
    assert course.value("leukaemia_burden")[0] == pytest.approx(10.0**-0.01)
    np.testing.assert_array_equal(course.value("cured"), [[1.0, 1.0], [0.0, 0.0]])
    np.testing.assert_array_equal(np.isnan(course.event_time("relapse")), [True, False])


def test_a_clone_killed_to_the_last_cell_is_gone_and_never_comes_back() -> None:
    system = remission(MassActionKill())
    strong = 30.0

    course = follow(
        system,
        rows(system, residual_burden_log10=3.0, effectors=strong, marrow_translation=1.0 - 1e-9),
        save=("cured", "leukaemia_burden"),
        save_times=np.array([HORIZON]),
    )

    assert 0.0 < course.event_time("extinction")[0] < 60.0
    assert course.value("cured")[0, -1] == 1.0
    assert course.value("leukaemia_burden")[0, -1] == pytest.approx(1.0, rel=1e-6)
    assert np.isnan(course.event_time("relapse"))[0]


def test_an_untreated_clone_keeps_its_composition_whatever_its_stem_like_share() -> None:
    system = remission()
    shares = np.array([0.001, 0.1, 0.5])

    course = follow(
        system,
        rows(system, 3, residual_burden_log10=6.0, stem_like_fraction=shares),
        save=("log_leukaemia_stem", "log_leukaemia_bulk"),
        save_times=np.array([0.0, 60.0, 120.0]),
    )

    gap = course.value("log_leukaemia_bulk") - course.value("log_leukaemia_stem")
    expected = np.log((1.0 - shares) / shares)[:, None]
    np.testing.assert_allclose(gap, np.broadcast_to(expected, gap.shape), atol=1e-6)


@pytest.mark.parametrize(("half_life", "share"), [(None, 0.8), (0.5 / 24.0, 0.1)])
def test_two_doses_of_histamine_a_day_shield_for_four_fifths_of_it_as_assumed_and_for_a_tenth_as_plasma_fades(
    half_life: float | None, share: float
) -> None:
    """The page of the frozen prediction says so; plasma's half-life of half an hour: Clin Ther 2015, abstract."""
    parts = Histamine()
    fading = np.log(2.0) / (half_life or parts.histamine_half_life.value)
    peak = 0.5 / (1.0 - np.exp(-fading * 0.5))  # mg, doses of 0.5 mg every half day at steady state
    half = parts.histamine_half_effect.value

    shielded = 2.0 / fading * np.log((half + peak) / (half + peak * np.exp(-fading * 0.5)))  # integral of H / (H50 + H)

    assert shielded == pytest.approx(share, abs=0.025)  # words


def test_histamine_restores_the_kill_in_monocytic_leukaemia_and_does_nothing_elsewhere() -> None:
    system = remission()
    twice_daily = np.arange(0.0, 200.0, 0.5)
    patients = rows(system, 2, residual_burden_log10=4.0, effectors=1.3, monocytic=np.array([0.0, 1.0]))

    without = filled(follow(system, patients))
    with_histamine = filled(follow(system, patients, histamine=twice_daily))

    assert with_histamine[0] == pytest.approx(without[0], abs=SOLVER)
    assert with_histamine[1] > without[1] + 10.0


def test_a_constant_hazard_in_remission_kills_at_its_threshold_and_relapse_ends_it() -> None:
    system = remission()
    thresholds = np.array([0.1, 0.5, 1.0])
    hazard = 0.001
    never = -3.0

    course = follow(
        system,
        rows(
            system,
            3,
            residual_burden_log10=never,
            death_in_remission_at_45=hazard,
            death_in_remission_threshold=thresholds,
            age=45.0,
        ),
    )
    relapsing = follow(
        system,
        rows(
            system,
            residual_burden_log10=8.0,
            death_in_remission_at_45=hazard,
            death_in_remission_threshold=0.5,
            age=45.0,
        ),
    )

    np.testing.assert_allclose(course.event_time("death_in_remission"), thresholds / hazard, atol=SOLVER)
    np.testing.assert_array_equal(course.end_times, course.event_time("death_in_remission"))
    assert relapsing.event_time("relapse")[0] < 500.0
    assert np.isnan(relapsing.event_time("death_in_remission"))[0]


def test_survival_after_relapse_levels_off_at_the_rescued_fraction() -> None:
    system = remission()
    rescued = 0.25
    thresholds = -np.log(np.array([0.9, 0.5, rescued + 0.001, rescued - 0.001]))

    course = follow(
        system,
        rows(system, 4, residual_burden_log10=8.0, rescued_under_60=rescued, death_after_relapse_threshold=thresholds),
    )

    after = course.event_time("death_after_relapse") - course.event_time("relapse")
    rate = system.parameters["death_after_relapse_rate"].value
    limit = -np.log(rescued)
    expected = -limit / rate * np.log1p(-thresholds[:3] / limit)
    assert after[:2] == pytest.approx(expected[:2], abs=1e-5)
    assert np.isnan(after[3])


def test_toxicity_ends_dosing_at_its_threshold_and_its_absence_never_does() -> None:
    system = remission()
    daily = np.arange(0.0, 40.0)
    hazard = system.parameters["discontinuation_at_grade_one"].value
    threshold = 20.5 * 2.0**2 * hazard  # grade 2 for 20.5 days

    course = follow(
        system,
        rows(
            system,
            2,
            residual_burden_log10=-1.0,
            toxicity=np.array([2.0, 0.0]),
            discontinuation_threshold=threshold,
        ),
        histamine=daily,
    )

    assert course.event_time("discontinuation")[0] == pytest.approx(20.5, abs=SOLVER)
    np.testing.assert_array_equal((course.given > 0.0).sum(axis=1), [21, 40])
    assert np.isnan(course.event_time("discontinuation")[1])


def test_capillary_leak_adds_toxic_death_to_that_of_age() -> None:
    system = remission()
    by_age, by_leak, threshold = 0.001, 0.0005, 0.3

    course = follow(
        system,
        rows(
            system,
            2,
            residual_burden_log10=-1.0,
            age=45.0,
            leak=np.array([0.0, 2.0]),
            death_in_remission_at_45=by_age,
            toxic_death_at_leak_grade_one=by_leak,
            death_in_remission_threshold=threshold,
        ),
    )

    expected = threshold / (by_age + by_leak * np.array([0.0, 2.0]) ** 2)
    np.testing.assert_allclose(course.event_time("death_in_remission"), expected, atol=SOLVER)
