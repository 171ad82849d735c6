"""Laws of every named model: positivity from any start, rest without drug, one answer to one input by any route.

The table `data/rest_and_routes.toml` says what rests and which routes there are. Patients of one example are a batch
whose parameters and states are drawn from a seed, within their own spreads; doses and schedules are hypothesis's.
"""

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from trialeukin.core.arrays import Floats
from trialeukin.engine.interpreted import Interpreted, interpret
from trialeukin.engine.problem import Doses, Problem, Resets, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Status, Trajectories
from trialeukin.model.named import all_names, system_of
from trialeukin.model.system import System
from trialeukin.population.cohort import typical_values
from trialeukin.regimen.administration import Route

TABLE = tomllib.loads(Path(__file__).with_name("data").joinpath("rest_and_routes.toml").read_text())
MODELS: dict[str, dict[str, Any]] = TABLE["models"]
PATIENTS = 6
HORIZON = 20.0
TIMES = np.linspace(0.0, HORIZON, 41)
TOLERANCE = Tolerance(relative=1e-8)
ALLOWED = 1000.0 * TOLERANCE.relative  # single errors add up over the breaks of a course, and may grow along it
ANY = {Route.IV_BOLUS: 0.0, Route.SC: 0.0, Route.IM: 0.0, Route.IP: 0.0}
SEEDS = st.integers(0, 2**32 - 1)
COURSE = st.lists(
    st.tuples(st.floats(0.0, 12.0), st.integers(0, 99), st.floats(0.0, 1.0), st.floats(0.05, 3.0)),
    min_size=1,
    max_size=4,
)
Course = list[tuple[float, int, float, float]]
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # a smaller seed is no simpler
quickly = settings(max_examples=6, deadline=None, phases=UNSHRUNK)


def people(system: System, seed: int, patients: int = PATIENTS) -> Floats:
    """Return parameters within two deviations of all that is not known of a patient, (patients, p)."""
    rng = np.random.default_rng(seed)
    rows = np.tile(typical_values(system), (patients, 1))
    for column, parameter in enumerate(system.parameters.values()):
        spread = float(np.hypot(parameter.between_patients, parameter.uncertainty))
        if spread > 0.0:
            rows[:, column] = parameter.scale.shift(rows[:, column], spread * rng.uniform(-2.0, 2.0, patients))
    return rows


def doses_of(system: System, course: Course, drugs: list[str], amounts: tuple[float, float], scales: Floats) -> Doses:
    """Return a course of some drugs by any of their routes, its amounts scaled for each patient."""
    ways = [
        (place, route) for place, entry in enumerate(system.inputs) if entry.drug in drugs for route in entry.routes
    ]
    told = []
    for start, way, share, length in sorted(course):
        place, route = ways[way % len(ways)]
        told.append((start, place, amounts[0] * (amounts[1] / amounts[0]) ** share, ANY.get(route, length)))
    times, places, given_amounts, durations = (np.array(column) for column in zip(*told, strict=True))
    scaled = scales[:, None] * given_amounts
    return Doses(
        times=times,
        durations=durations,
        inputs=places.astype(np.int64),
        manners=np.zeros(len(told), dtype=np.int64),
        amounts=scaled,
        fates=np.zeros(scaled.shape, dtype=np.int64),
    )


def none(patients: int) -> Doses:
    """Return no dose at all."""
    nothing = np.zeros(0, dtype=np.int64)
    empty = np.zeros((patients, 0))
    return Doses(
        times=np.zeros(0),
        durations=np.zeros(0),
        inputs=nothing,
        manners=nothing,
        amounts=empty,
        fates=empty.astype(np.int64),
    )


def followed(system: System, parameters: Floats, doses: Doses | None, **changed: Any) -> Trajectories:
    """Follow patients, keeping every state unless something else is asked."""
    asked_of: dict[str, Any] = {
        "horizon": HORIZON,
        "save_times": TIMES,
        "save": tuple(state.name for state in system.states),
        "examinations": np.array([10.0]),
        "tolerance": TOLERANCE,
    }
    doses = none(len(parameters)) if doses is None else doses
    return solve(Problem(system=system, parameters=parameters, doses=doses, **(asked_of | changed)))


def within(system: System, *runs: Floats) -> Floats:
    """Return how far apart two courses of a patient's states may be, (patients, 1, states)."""
    largest = np.nanmax(np.abs(np.stack(runs)), axis=(0, 2), keepdims=True)[0]
    return np.asarray(ALLOWED * (largest + np.array([state.size for state in system.states])))


@cache
def functions_of(name: str) -> Interpreted:
    """Return a model's functions of one patient."""
    return interpret(system_of(name))


def amounts_of(drug: str) -> tuple[float, float]:
    """Return the least and the most of a drug that is tried."""
    least, most = TABLE["amounts"][drug]
    return least, most


def test_the_table_has_every_model_and_no_other() -> None:
    assert set(MODELS) == set(all_names())


@pytest.mark.parametrize("name", all_names())
def test_what_is_not_asked_of_a_model_is_excused_with_a_reason(name: str) -> None:
    said = MODELS[name]
    ways = {(entry.drug, route) for entry in system_of(name).inputs for route in entry.routes}

    assert ("rests" in said) != ("moves" in said)
    assert (said["routes"] is True) == ({("aldesleukin", Route.SC), ("aldesleukin", Route.IV_INFUSION)} <= ways)
    assert said["routes"] is True or len(said["routes"]) > 20


def any_states(system: System, start: Floats, rng: np.random.Generator) -> Floats:
    """Return states that a patient might be in: logarithms near the start, all else of the order of its size."""
    spread = rng.normal(0.0, 1.0, len(start))
    sizes = np.array([state.size for state in system.states])
    positive = np.array([state.positive for state in system.states])
    floors = np.array([TABLE["floors"].get(state.name, 0.0) for state in system.states])
    return np.where(positive, np.maximum(np.maximum(start, sizes) * np.exp(spread), floors), start + spread)


@pytest.mark.parametrize("name", all_names())
@quickly
@given(seed=SEEDS, course=COURSE)
def test_no_state_turns_negative_from_any_start(name: str, seed: int, course: Course) -> None:
    system = system_of(name)
    parameters, rng = people(system, seed), np.random.default_rng(seed)
    start = functions_of(name).start
    states = np.array([start(row)[: len(system.states)] for row in parameters])
    if "own_start" not in MODELS[name]:
        states = np.array([any_states(system, own, rng) for own in states])
    resets = Resets(times=np.zeros((PATIENTS, 1)), keeps=np.zeros((PATIENTS, 1)), states=states[:, None, :])
    drug = system.inputs[seed % len(system.inputs)].drug if system.inputs else ""
    doses = doses_of(system, course, [drug], amounts_of(drug), np.linspace(0.5, 2.0, PATIENTS)) if drug else None

    found = followed(system, parameters, doses, resets=resets)

    assert set(found.status) <= {Status.REACHED_HORIZON, Status.ENDED_BY_EVENT}
    for place, state in enumerate(system.states):
        if state.positive:
            least = np.nanmin(found.values[:, :, place])
            assert least >= -1000.0 * TOLERANCE.relative * TOLERANCE.absolute * state.size, state.name


@pytest.mark.parametrize("name", [name for name in MODELS if "rests" in MODELS[name]])
@quickly
@given(seed=SEEDS)
def test_without_drug_nothing_that_a_drug_moves_leaves_its_place(name: str, seed: int) -> None:
    system = system_of(name)
    parameters = people(system, seed)
    for treatment in MODELS[name].get("untreated", ()):
        parameters[:, list(system.parameters).index(treatment)] = 0.0
    rests = tuple(MODELS[name]["rests"])
    sizes = np.array([next(state.size for state in system.states if state.name == each) for each in rests])

    values = followed(system, parameters, None, save=rests).values

    moved = np.nan_to_num(np.abs(values - values[:, :1]), nan=0.0)
    assert np.all(moved <= ALLOWED * (np.abs(values[:, :1]) + sizes))


@pytest.mark.parametrize("name", [name for name in MODELS if MODELS[name]["routes"] is True])
@quickly
@given(seed=SEEDS, length=st.floats(1.0, 10.0))
def test_a_depot_in_balance_does_what_an_infusion_does(name: str, seed: int, length: float) -> None:
    system, functions = replace(system_of(name), events=()), functions_of(name)
    parameters = people(system, seed)
    rates = np.geomspace(*amounts_of("aldesleukin"), PATIENTS) / length
    available, lag = entry_of(functions, system, parameters, Route.SC)
    waiting = np.array([in_balance(functions, system, row, rate) for row, rate in zip(parameters, rates, strict=True)])
    filled = Resets(times=lag[:, None], keeps=np.ones((PATIENTS, 1)), states=waiting[:, None, :])
    asked_of = {"horizon": length, "save_times": np.linspace(0.0, length, 21)}

    injected = at_rate(system, Route.SC, np.zeros(PATIENTS), length, rates / available)
    infused = at_rate(system, Route.IV_INFUSION, lag, length, rates)
    from_depot = followed(system, parameters, injected, resets=filled, **asked_of).values
    from_vein = followed(system, parameters, infused, **asked_of).values

    apart = np.abs(from_depot - from_vein) <= within(system, from_depot, from_vein)
    elsewhere = [place for place, state in enumerate(system.states) if state.name not in DEPOT]
    assert np.all(apart[:, :, elsewhere])
    assert np.all(from_vein[:, -1, [state.name for state in system.states].index("il2_auc")] > 0.0)


DEPOT = ("il2_depot", "il2_transit")


def way(system: System, route: Route) -> int:
    """Return the place of the input of aldesleukin by a route."""
    return next(i for i, entry in enumerate(system.inputs) if entry.drug == "aldesleukin" and route in entry.routes)


def entry_of(functions: Interpreted, system: System, parameters: Floats, route: Route) -> tuple[Floats, Floats]:
    """Return bioavailability and lag of a route in each patient, (patients,) both."""
    rows = np.array([functions.start(row)[-3 * len(system.inputs) :].reshape(-1, 3) for row in parameters])
    return rows[:, way(system, route), 0], rows[:, way(system, route), 1]


def in_balance(functions: Interpreted, system: System, row: Floats, rate: float) -> Floats:
    """Return what waits at the injection site when as much enters it as leaves it, and nothing elsewhere, (states,)."""
    names, waiting = [state.name for state in system.states], np.zeros(len(system.states))
    start = functions.start(row)[: len(names)]
    switches, still = [switch.initial for switch in system.switches], [0.0] * len(system.inputs)
    for state in DEPOT:
        place = names.index(state)
        one = start.copy()
        one[place] = 1.0
        waiting[place] = rate / -functions.rates(one, switches, row, still)[place]
    return waiting


def at_rate(system: System, route: Route, begin: Floats, length: float, rates: Floats) -> Doses:
    """Return a constant input of aldesleukin by one route, at each patient's own time and rate."""
    place = np.full((len(begin), 1), way(system, route), dtype=np.int64)
    return Doses(
        times=begin[:, None],
        durations=np.full(place.shape, length),
        inputs=place,
        manners=np.zeros_like(place),
        amounts=length * rates[:, None],
        fates=np.zeros_like(place),
    )
