"""Transplants: what conditioning leaves, how the graft takes, how lymphocytes come back, and IL-2 meanwhile."""

import csv
import hashlib
import json
import re
from dataclasses import replace
from importlib import resources
from typing import Any

import fit_reconstitution
import numpy as np
import pytest
import sympy
import transplant_runs
import transplant_table
from gauss_newton import jacobian
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import logit

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import Backend, solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.components.cd8 import Cd8
from trialeukin.model.components.conventional_cd4 import ConventionalCd4
from trialeukin.model.components.immune_reconstitution import ALLOGENEIC, reconstitution
from trialeukin.model.components.nk import Nk
from trialeukin.model.components.treg import Treg
from trialeukin.model.system import symbol
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_cohort, draw_typical, typical_values
from trialeukin.population.description import load_description
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse

CASES = resources.files("trialeukin").joinpath("inference").joinpath("cases").joinpath("transplant.csv")
TRANSPLANTS = ("autologous-transplant", "allogeneic-transplant")
AUTOLOGOUS = TRANSPLANTS[0]
COHORTS = {
    "autologous-blood": AUTOLOGOUS,
    "autologous-blood-aml": AUTOLOGOUS,
    "autologous-marrow-aml": AUTOLOGOUS,
    "allogeneic-blood": TRANSPLANTS[1],
    "allogeneic-marrow": TRANSPLANTS[1],
}
CELLS = ("nk", "cd8", "cd4", "treg")
BSA = 1.8
NOTHING = np.zeros(0)
NOTHING_GIVEN = "aldesleukin 1e-12 MIU/m2 sc day 1"  # a course has at least one dose; 1e-13 pmol/L at most
LONG = 30_000.0  # day: 30 times the longest typical time of recovery
TIGHT = Tolerance(relative=1e-8)
CLOSE = 1e-6  # relative, of a solution at a tolerance of 1e-8


def rows(name: str = AUTOLOGOUS, **changed: object) -> Floats:
    """Return typical patients, as many as the longest value has."""
    system = model(name)
    count = max((np.size(value) for value in changed.values()), default=1)
    table = np.tile(typical_values(system), (count, 1))
    for parameter, value in changed.items():
        table[:, list(system.parameters).index(parameter)] = value
    return table


def course(
    parameters: Floats, *, name: str = AUTOLOGOUS, text: str = NOTHING_GIVEN, start: float = 0.0, **asked: Any
) -> Trajectories:
    system, regimen = model(name), parse(text)
    body = np.full(parameters.shape[0], BSA)
    doses = planned_doses(system, expand(regimen), bsa=body, weight=40.0 * body)
    backend = asked.pop("backend", Backend.CPU)
    days = asked["save_times"]
    problem = Problem(
        system=system,
        parameters=parameters,
        doses=replace(doses, times=doses.times + start),
        horizon=float(days[-1]) + 0.5,
        **({"save": (), "examinations": NOTHING} | asked),
    )
    return solve(problem, backend=backend)


def written(text: str) -> sympy.Expr:
    """Return an equation, written anew, in the symbols of the models."""
    names = set(re.findall(r"[a-z][a-z0-9_]*", text))
    expression: sympy.Expr = sympy.sympify(text, locals={name: symbol(name) for name in names})
    return expression


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (
            cell,
            f"{cell}_turnover*({cell}_baseline-{cell}) + {cell}_growth*cd25_induction*il2_concentration"
            f"/({cell}_half_signal+il2_concentration)*{cell}*(1-{cell}/({cell}_cap*{cell}_baseline))",
        )
        for cell in ("cd4", "cd8")
    ]
    + [
        (
            "treg",
            "treg_turnover*(treg_baseline-treg)"
            " + treg_growth*treg_signal/(1+treg_fatigue*treg_tiredness)*treg*(1-treg/(treg_cap*treg_baseline))",
        ),
        (
            "nk_progenitor",
            "nk_progenitor_rate*(1 + marrow_gain*nk_progenitor_gain*il2_concentration"
            "/(nk_progenitor_half_signal+il2_concentration) - nk_progenitor)",
        ),
    ],
)
def test_a_cell_without_a_home_of_its_own_grows_as_it_did_before_cells_had_one(cell: str, text: str) -> None:
    pieces = (Cd8().piece(), ConventionalCd4().piece(), Treg().piece(), Nk().piece())
    rate = sum(term.rate for piece in pieces for term in piece.terms if term.state == cell)
    starts = {state.name: state.initial for piece in pieces for state in piece.states}

    assert sympy.simplify(rate - written(text)) == 0
    assert starts[cell] == (1 if cell == "nk_progenitor" else symbol(f"{cell}_baseline"))


def test_nk_cells_without_a_home_of_their_own_start_and_are_supplied_at_their_baseline() -> None:
    piece = Nk().piece()
    starts = {state.name: state.initial for state in piece.states}
    rates = {term.name: term.rate for term in piece.terms}
    room = written("(1+nk_cap)/((nk_bright+nk_dim)/nk_baseline+nk_cap)")
    bright, dim = written("nk_bright_share*nk_baseline"), written("(1-nk_bright_share)*nk_baseline")
    mature = written("1-nk_maturation_share+nk_maturation_share*nk_bright/(nk_bright_share*nk_baseline)")

    assert sympy.simplify(starts["nk_bright"] - bright) == sympy.simplify(starts["nk_dim"] - dim) == 0
    supply = symbol("nk_bright_loss") * bright * symbol("nk_progenitor") * room
    assert sympy.simplify(rates["differentiation into bright cells"] - supply) == 0
    assert sympy.simplify(rates["supply of dim cells"] - symbol("nk_dim_loss") * dim * mature) == 0


@pytest.mark.parametrize("name", TRANSPLANTS)
def test_in_the_long_run_every_cell_is_back_at_its_baseline(name: str) -> None:
    saved = ("neutrophils", "platelets", "normal_marrow", "t_cell_response", *(f"{cell}_count" for cell in CELLS))
    values = {key: each.value for key, each in model(name).parameters.items()}

    last = course(rows(name), name=name, save_times=np.array([LONG]), save=saved).values[0, 0]

    expected = [values["neutrophil_baseline"], values["platelet_normal"], 1.0, 1.0]
    expected += [values[f"{cell}_baseline"] for cell in CELLS]
    assert last == pytest.approx(expected, rel=1e-4)  # the engine's promise at the tolerance of a study


def test_t_cells_without_drug_follow_two_exponentials() -> None:
    """Set point s = 1 - (1 - g) exp(-t / tau), cells dn/dt = k (s - n) from n = g, in units of the baseline."""
    times = np.array([5.0, 30.0, 180.0, 700.0])
    values = {key: each.value for key, each in model(AUTOLOGOUS).parameters.items()}
    asked = {"save_times": times, "save": ("cd4", "cd8", "treg"), "tolerance": TIGHT}

    found = course(rows(), **asked).values[0]

    for place, cell in enumerate(("cd4", "cd8", "treg")):
        left = values["lymphocytes_left"]
        brought = left + (1.0 - left) * values[f"{cell}_from_graft"]
        slow, fast = 1.0 / values[f"{cell}_recovery_time"], values[f"{cell}_turnover"]
        missing = (1.0 - brought) * (fast * np.exp(-slow * times) - slow * np.exp(-fast * times)) / (fast - slow)
        assert found[:, place] == pytest.approx(values[f"{cell}_baseline"] * (1.0 - missing), rel=CLOSE), cell


def test_what_conditioning_left_and_what_the_graft_brought_make_the_start() -> None:
    """4 % left and a quarter of the rest from the graft are 28 %, by hand."""
    asked = {"save_times": np.array([0.0]), "save": ("nk_count", "nk_restored")}

    cells, share = course(rows(lymphocytes_left=0.04, nk_from_graft=0.25), **asked).values[0, 0]

    assert share == pytest.approx(0.28)
    assert cells == pytest.approx(0.28 * model(AUTOLOGOUS).parameters["nk_baseline"].value)


def test_the_order_of_return_is_nk_cells_then_cd8_cells_then_cd4_cells() -> None:
    saved = tuple(f"{cell}_restored" for cell in CELLS)

    found = course(rows(), save_times=np.array([90.0]), save=saved).values[0, 0]

    assert found[0] > 0.9
    assert found[0] > found[1] > found[2]


def test_the_chain_of_a_graft_is_that_of_scipy() -> None:
    """Written anew in shares of normal and solved by SciPy at 1e-10."""
    values = {key: each.value for key, each in model(AUTOLOGOUS).parameters.items()}
    brought = values["neutrophil_graft_yield"] * values["cd34_dose"]
    share, homing = brought / (1.0 + brought), 3.0 / values["homing_time"]
    renewal, passage, loss = (values[f"neutrophil_{name}"] for name in ("renewal", "maturation", "loss"))
    most, power, weight = (
        values[name] for name in ("greatest_renewal", "marrow_feedback", "progenitor_share_of_feedback")
    )
    times = np.array([5.0, 10.0, 20.0, 40.0, 100.0])

    def slopes(_: float, state: Floats) -> list[float]:
        first, second, third, progenitors, one, two, three, blood = state
        demand = ((1.0 - weight) * blood + weight * progenitors) ** -power
        growing = (1.0 + most) * demand / (most + demand)
        return [
            -homing * first,
            homing * (first - second),
            homing * (second - third),
            renewal * (growing - 1.0) * progenitors + homing * third * share,
            passage * (progenitors - one),
            passage * (one - two),
            passage * (two - three),
            loss * (three - blood),
        ]

    left = values["precursors_left"]
    start = [1.0, 0.0, 0.0, values["marrow_left"], left, left, left, left]
    exact = solve_ivp(slopes, (0.0, 101.0), start, method="LSODA", t_eval=times, rtol=1e-10, atol=1e-14).y[-1]

    found = course(rows(), save_times=times, save=("neutrophils",), tolerance=TIGHT).values[0, :, 0]

    assert found == pytest.approx(values["neutrophil_baseline"] * exact, rel=1e-5)


def test_days_of_engraftment_are_those_on_which_counts_reach_their_limits() -> None:
    grid = np.arange(0.0, 120.0, 0.05)
    levels = {
        "neutrophil_engraftment": ("neutrophils", 0.5),
        "neutrophil_recovery": ("neutrophils", 1.0),
        "platelet_engraftment": ("platelets", 20.0),
        "platelet_recovery": ("platelets", 50.0),
    }

    answer = course(rows(), save_times=grid, save=("neutrophils", "platelets"))

    for event, (cells, level) in levels.items():
        first = grid[np.argmax(answer.value(cells)[0] >= level)]
        assert first - 0.05 <= answer.event_time(event)[0] <= first + 1e-9, event


@settings(max_examples=12, deadline=None)
@given(low=st.floats(2e5, 2e7), ratio=st.floats(1.2, 20.0), marrow=st.booleans(), leukaemic=st.booleans())
def test_more_cd34_cells_engraft_earlier(low: float, ratio: float, marrow: bool, leukaemic: bool) -> None:
    table = rows(
        cd34_dose=np.array([low, low * ratio]), marrow_graft=float(marrow), leukaemic_autograft=float(leukaemic)
    )

    answer = course(table, save_times=np.array([400.0]))

    for event in ("neutrophil_engraftment", "neutrophil_recovery", "platelet_engraftment", "platelet_recovery"):
        less, more = answer.event_time(event)
        assert more < less


def test_marrow_and_purging_delay_engraftment() -> None:
    table = rows(
        cd34_dose=2e6, marrow_graft=np.array([0.0, 1.0, 1.0, 1.0]),
        leukaemic_autograft=np.array([0.0, 0.0, 1.0, 1.0]), purged_graft=np.array([0.0, 0.0, 0.0, 1.0]),
    )  # fmt: skip

    answer = course(table, save_times=np.array([600.0]))

    for event in ("neutrophil_engraftment", "platelet_engraftment"):
        assert (np.diff(answer.event_time(event)) > 0.0).all()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), cohort=st.sampled_from(list(COHORTS)))
def test_every_patient_of_every_cohort_can_be_followed_and_no_count_is_negative(seed: int, cohort: str) -> None:
    name = COHORTS[cohort]
    system = model(name)
    middle = draw_typical(system, seed=seed, draws=np.arange(1))[0]
    patients = draw_cohort(load_description(cohort), system, seed=seed, patients=np.arange(4), typical=middle)
    saved = tuple(state.name for state in system.states if state.positive)

    answer = course(
        patients.parameters,
        name=name,
        text="aldesleukin 3 MIU/m2/day civ days 1-5, 12-21",
        start=20.0,
        save_times=np.linspace(0.0, 100.0, 41),
        save=saved,
    )

    assert not answer.failed.any()
    assert answer.values.min() >= -1e-9


@settings(max_examples=6, deadline=None)
@given(start=st.floats(0.0, 200.0), dose=st.floats(0.05, 3.0))
def test_il2_adds_nk_cells_and_treg_and_vanishing_il2_adds_nothing(start: float, dose: float) -> None:
    """CD8 cells may be fewer while some have marginated; NK cells and Treg rise by more than leave."""
    asked = {"save_times": start + np.array([10.0, 25.0, 40.0]), "save": ("nk_dim", "nk_bright", "treg", "cd8", "cd4")}
    text = "aldesleukin {} MIU/m2/day civ days 1-21"

    plain = course(rows(), **asked).values[0]
    nothing = course(rows(), text=text.format("1e-12"), start=start, **asked).values[0]
    given_il2 = course(rows(), text=text.format(f"{dose:.4f}"), start=start, **asked).values[0]

    assert nothing == pytest.approx(plain, rel=1e-4)  # the engine's promise
    assert (given_il2 > plain).all()


def test_nk_cells_answer_il2_less_before_the_marrow_is_back() -> None:
    text = "aldesleukin 0.5 MIU/m2/day civ days 1-14"
    gains = []
    for start in (1.0, 60.0, 2_000.0):
        asked = {"save_times": np.array([start + 14.0]), "save": ("nk_count",)}
        drug, plain = (
            course(rows(), text=each, start=start, **asked).values[0, 0, 0] for each in (text, NOTHING_GIVEN)
        )
        gains.append(drug / plain)

    assert gains[0] < 0.9 * min(gains[1:])


def test_long_after_a_transplant_il2_does_what_it_does_in_a_patient_at_rest() -> None:
    """But for platelets, which here come from the graft's chain."""
    text = "aldesleukin 1 MIU/m2/day civ days 1-7"
    saved = ("nk_count", "cd8_count", "cd4_count", "treg_count", "il2_concentration", "soluble_receptor")
    days = np.array([3.0, 7.0, 15.0])

    late = course(rows(), text=text, start=LONG, save_times=LONG + days, save=saved).values[0]
    rest = course(rows("il2-immune"), name="il2-immune", text=text, save_times=days, save=saved).values[0]

    assert late == pytest.approx(rest, rel=2e-3, abs=1e-6)  # what is left of reconstitution and the tolerance


def test_the_plain_engine_agrees() -> None:
    names = tuple(state.name for state in model(AUTOLOGOUS).states)
    sizes = np.array([state.size for state in model(AUTOLOGOUS).states])
    asked = {"save_times": np.arange(1.0, 12.0), "save": names}
    text = "aldesleukin 0.5 MIU/m2 sc daily on days 2-5"

    fast = course(rows(), text=text, **asked).values
    plain = course(rows(), text=text, backend=Backend.REFERENCE, **asked).values

    assert np.abs(fast - plain).max(axis=(0, 1)) == pytest.approx(np.zeros(sizes.size), abs=1e-4 * sizes.max())
    assert (np.abs(fast - plain) <= 1e-4 * np.maximum(np.abs(plain), sizes)).all()


def test_parameters_of_an_allograft_do_not_pass_for_those_of_an_autograft() -> None:
    allogeneic = model("allogeneic-transplant").parameters

    assert "allogeneic_cd4_from_graft" in allogeneic
    assert "cd4_from_graft" not in allogeneic
    assert reconstitution("cd4", ALLOGENEIC).prefix == "allogeneic_cd4_"


def test_no_study_that_was_fitted_is_to_be_held_out() -> None:
    """The rule, settled before any fit: SHA-256 of the study's name beginning with 0 to 4 in hexadecimal."""
    table = CASES.read_text(encoding="utf-8")
    roles = {(row["study"], row["use"]) for row in csv.DictReader(table.splitlines()) if row["use"] != "unused"}
    roles |= {(target.study, target.role) for target in transplant_runs.read_targets()}

    assert {study for study, role in roles if role == "held out"} == {
        study for study, _ in roles if hashlib.sha256(study.encode()).hexdigest()[0] in "01234"
    }
    assert len(roles) > 10


def test_what_was_fitted_is_at_the_top_of_its_posterior() -> None:
    """The slope of half the sum of squares, with the table's five digits, vanishes beside that of one target."""
    targets = tuple(target for target in transplant_runs.read_targets() if target.role == "fitted")
    at = np.array([_deviation(unknown) for unknown in fit_reconstitution.UNKNOWNS])

    misses, slopes = jacobian(lambda deviations: fit_reconstitution.misses(deviations, targets), at)

    single = np.abs(slopes * misses[:, None]).max(axis=0)
    assert (np.abs(slopes.T @ misses + at) < 0.05 * np.maximum(single, 1.0)).all()


def _deviation(unknown: Any) -> float:
    value = next(
        model(name).parameters[unknown.name].value for name in TRANSPLANTS if unknown.name in model(name).parameters
    )
    moved = logit(value) - logit(unknown.prior) if unknown.scale.value == "logit" else np.log(value / unknown.prior)
    return float(moved / unknown.width)


def test_the_page_is_of_the_models_as_they_stand() -> None:
    found = json.loads(transplant_table.RESULTS.read_text(encoding="utf-8"))

    assert found["digest"] == transplant_table.digest(), "stale: run validation/transplant_table.py"
    assert transplant_table.PAGE.read_text(encoding="utf-8") == transplant_table.page(found)
