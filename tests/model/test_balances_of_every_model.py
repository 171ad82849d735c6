"""Laws of every named model, whatever the doses and the patient: nothing gets lost, and nothing falls below zero."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trialeukin.core.arrays import Floats
from trialeukin.engine.interpreted import interpret
from trialeukin.engine.problem import Tolerance
from trialeukin.model.named import all_names, system_of
from trialeukin.model.system import Definition, State, System, Term, symbol
from trialeukin.regimen.administration import Route

TOLERANCE = Tolerance(relative=1e-7)
ROUNDING = 1e-9  # a linear invariant is kept by every step; thousands of steps round sums of many terms
ABSOLUTE = TOLERANCE.relative  # of a state's size: 1e4 times what one step may err absolutely
NOTHING = 1e-30  # of a state's size, in place of zero, at which logarithms and powers have no value
PATIENTS = 3
TIMES = np.array([0.37, 2.61, 5.13, 9.71, 30.03])
quickly = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
SEED = st.integers(0, 2**32 - 1)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Compartments between which nothing gets lost.

    Attributes
    ----------
    holds : dict
        Its states, each with what one unit of it counts, in parameters.
    gain : str
        What the pool gains a day beside doses, written here by hand.
    """

    holds: dict[str, str]
    gain: str


@dataclass(frozen=True, kw_only=True)
class Balances:
    """What is balanced in a model: its pools, or why it has none; and where its states can be at all."""

    pools: tuple[Pool, ...] = ()
    why_none: str = ""
    most: dict[str, float] | None = None
    within: str = "1"


def chain(*states: str, gain: str) -> Pool:
    return Pool(holds=dict.fromkeys(states, "1"), gain=gain)


IL2 = chain(
    "il2_central",
    "il2_peripheral",
    "il2_depot",
    "il2_transit",
    "il2_cavity",
    gain="-(1.44*il2_linear_clearance*body_surface_area + il2_receptor_clearance)*il2_concentration",
)  # 1.44 L/day to 1 mL/min
REZPEGALDESLEUKIN = chain(
    "rezpegaldesleukin_depot",
    "rezpegaldesleukin_plasma",
    gain="-log(2)/rezpegaldesleukin_half_life*rezpegaldesleukin_plasma",
)
HISTAMINE = chain("histamine_acting", gain="-log(2)/histamine_half_life*histamine_acting")
CYTARABINE = chain(
    "cytarabine_central",
    "cytarabine_tissue",
    gain="-24*cytarabine_clearance*body_surface_area*cytarabine_concentration"
    "/(1 + cytarabine_concentration/cytarabine_clearance_half_saturation)",
)
DAUNORUBICIN = chain(
    "daunorubicin_central", "daunorubicin_tissue", gain="-24*daunorubicin_clearance*daunorubicin_concentration"
)
NEUTROPHILS = chain(
    *(f"neutrophil_transit_{step}" for step in (1, 2, 3)),
    "neutrophils",
    gain="neutrophil_loss*(neutrophil_baseline*exp(log_neutrophil_progenitors) - neutrophils)",
)
PLATELETS = chain(
    *(f"platelet_transit_{step}" for step in (1, 2, 3)),
    "platelets",
    gain="platelet_loss_rate*(platelet_normal*exp(log_platelet_progenitors) - platelets)",
)
GRAFT = chain("homing_1", "homing_2", "homing_3", gain="-3/homing_time*homing_3")
PLATELETS_UNDER_IL2 = replace(
    PLATELETS,
    gain=f"{PLATELETS.gain} - platelet_loss*platelets"
    "*il2_concentration/(platelet_loss_half_signal + il2_concentration)",
)
DONOR_CELLS = (
    chain("donor_inactive", gain="-(donor_recruitment + donor_loss)*donor_inactive"),
    Pool(
        holds={"donor_effector": "donor_memory_share", "donor_memory": "1"},
        gain="donor_memory_share*donor_expansion*donor_expanding/expansion_time - donor_memory_loss*donor_memory",
    ),
)
TRANSPLANT = Balances(pools=(IL2, GRAFT, NEUTROPHILS, PLATELETS_UNDER_IL2))
BY_DONORS = Balances(pools=(IL2, *DONOR_CELLS))
STIEHL = tuple(
    chain(f"{kin}_primitive", f"{kin}_marrow", f"{kin}_mature", gain=gain)  # every division makes one cell more
    for kin, gain in (
        (
            "healthy",
            "proliferation*healthy_primitive + marrow_proliferation*healthy_marrow - mature_loss*healthy_mature",
        ),
        (
            "leukaemic",
            "proliferation_ratio*proliferation*leukaemic_primitive"
            " + marrow_proliferation_ratio*marrow_proliferation*leukaemic_marrow"
            " - mature_loss_ratio*mature_loss*leukaemic_mature",
        ),
    )
)
OF_EVERY_MODEL = {
    # Host lymphocytes turn over towards set points of their own: no cell of one compartment is one of another.
    "il2-pharmacokinetics": Balances(pools=(IL2,)),
    "il2-immune": Balances(pools=(IL2,)),
    "il2-products": Balances(pools=(IL2, REZPEGALDESLEUKIN)),
    "aml-maintenance": Balances(pools=(IL2, HISTAMINE)),
    "aml-induction": Balances(pools=(CYTARABINE, DAUNORUBICIN, NEUTROPHILS, PLATELETS)),
    "autologous-transplant": TRANSPLANT,
    "allogeneic-transplant": TRANSPLANT,
    "aml-refractory": Balances(pools=(IL2, HISTAMINE, NEUTROPHILS, PLATELETS_UNDER_IL2)),
    "aml-nk-infusion": Balances(pools=(IL2, HISTAMINE)),
    "donor-lymphocytes": BY_DONORS,
    "donor-lymphocytes-by-potency": BY_DONORS,
    "kirschner-panetta-1998": Balances(why_none="three quantities, none of which turns into another"),
    "friberg-2002": Balances(
        pools=(
            chain("plasma", "peripheral", "deep", gain="-24*rate_10*plasma"),
            chain(
                "proliferating",
                *(f"transit_{step}" for step in (1, 2, 3)),
                "circulating",
                gain="4/(mean_transit_time/24)*(proliferating*(1 - docetaxel_slope*docetaxel)"
                "*(neutrophils_at_rest/circulating)**feedback - circulating)",
            ),
        )
    ),
    "moore-li-2004": Balances(
        pools=(
            Pool(
                holds={"naive": "effectors_per_activation", "effector": "1"},
                gain="effectors_per_activation*(naive_supply - naive_loss*naive) + effector"
                "*(effector_recruitment*leukaemia/(leukaemia + leukaemia_of_half_activation)"
                " - effector_loss - effector_exhaustion*leukaemia)",
            ),
        )
    ),
    "de-pillis-2009": Balances(why_none="six quantities, none of which turns into another"),
    "clapp-2015": Balances(
        pools=(
            chain(
                "resting",
                "cycling",
                gain="cycling*(stem_growth*(1 - cycling/stem_capacity) - stem_loss) - kill_rate*(resting + cycling)",
            ),
        )
    ),
    "stiehl-2015": Balances(
        pools=STIEHL,
        # as published a leukaemic cell has more than one daughter of its kind while few mature cells use up the signal
        within="1 - renewal_ratio*renewal*signal",
    ),
    "jost-2019": Balances(
        pools=(
            chain(
                "proliferating",
                "maturing",
                "white_cells",
                gain="transit*proliferating*(Max(0, 1 - white_cell_effect)*(white_cells_at_rest/white_cells)**feedback"
                " + Min(0, 1 - white_cell_effect)) - white_cell_loss*white_cells",
            ),
            chain(
                "dividing_blasts",
                "other_blasts",
                gain="blast_proliferation*(1 - blast_effect)*dividing_blasts - blast_loss*other_blasts",
            ),
        ),
        most={"blast_renewal": 1.0},  # a fraction, published on no scale
    ),
    "stein-2019": Balances(
        pools=(
            chain(
                "effector",
                "memory",
                gain="(1 - contracting)*log(fold_expansion)/expansion_end*effector"
                " - contracting*(contraction*effector + memory_loss*memory)",
            ),
        )
    ),
}


def inside(name: str) -> sympy.Expr:
    """Return what is positive where the states of a model can be."""
    system = system_of(name)
    bounds = [expression(OF_EVERY_MODEL[name].within, system)]
    if any(state.name == "cd25_induction" for state in system.states):
        bounds.append(symbol("cd25_induction") - 1)  # it starts at one, and what induces it is not negative
    return sympy.Min(*bounds)


def expression(text: str, system: System) -> sympy.Expr:
    """Return an expression in a system's names."""
    parts: tuple[Sequence[Any], ...] = (system.states, system.switches, system.definitions)
    names = [*system.parameters, *(each.name for part in parts for each in part)]
    return sympy.sympify(text, locals={name: symbol(name) for name in names})


def watched(name: str) -> System:
    """Return a model that also counts what each pool has lost, and in which no event ends treatment or life."""
    system = system_of(name)
    counters, terms = [], []
    for place, pool in enumerate(OF_EVERY_MODEL[name].pools):
        held = next(state for state in system.states if state.name in pool.holds)
        lost = f"lost_{place}"
        counters.append(
            replace(held, name=lost, initial=sympy.S.Zero, meaning="what the pool has lost", positive=False)
        )
        terms.append(Term(state=lost, name="loss", rate=-expression(pool.gain, system)))
    return replace(
        system,
        states=(*system.states, *counters),
        terms=(*system.terms, *terms),
        events=tuple(replace(event, ends=False, stops_dosing=False) for event in system.events),
    )


SYSTEMS: dict[str, System] = {}


def system_under(name: str) -> System:
    return SYSTEMS[name] if name in SYSTEMS else SYSTEMS.setdefault(name, watched(name))


def drawn(draw: Callable[..., Floats], name: str, seed: int) -> Floats:
    """Return patients of a model, with parameters no higher than they can be."""
    parameters = draw(system_of(name), seed, PATIENTS)
    for place, parameter in enumerate(system_of(name).parameters):
        limit = (OF_EVERY_MODEL[name].most or {}).get(parameter, np.inf)
        parameters[:, place] = np.minimum(parameters[:, place], limit)
    return parameters


@st.composite
def courses(draw: st.DrawFn, name: str) -> list[tuple[float, int, float, float]]:
    """Draw doses by any input, up to a hundred times the size of the state they enter; infusions where they can be."""
    system = system_of(name)
    if not system.inputs:
        return []
    sizes = {state.name: state.size for state in system.states}

    def dose() -> tuple[float, int, float, float]:
        which = draw(st.integers(0, len(system.inputs) - 1))
        entry = system.inputs[which]
        infused = Route.IV_INFUSION in entry.routes
        length = draw(st.sampled_from([0.0, 0.1, 1.0, 3.0])) if infused else 0.0
        return draw(st.floats(0.0, 6.0)), which, sizes[entry.state] * 10.0 ** draw(st.floats(-2.0, 2.0)), length

    return [dose() for _ in range(draw(st.integers(1, 5)))]


def test_every_named_model_says_what_is_balanced_in_it() -> None:
    assert set(OF_EVERY_MODEL) == set(all_names())
    for balances in OF_EVERY_MODEL.values():
        assert bool(balances.pools) is not bool(balances.why_none)


@pytest.mark.parametrize("name", OF_EVERY_MODEL)
def test_what_a_model_takes_doses_into_is_balanced_or_alive(name: str) -> None:
    pools = {state for pool in OF_EVERY_MODEL[name].pools for state in pool.holds}

    free = {entry.state for entry in system_of(name).inputs} - pools

    assert free <= {"donor_nk_cells"}  # which divide and die by laws of their own


@pytest.mark.parametrize("name", [name for name, balances in OF_EVERY_MODEL.items() if balances.pools])
@quickly
@given(data=st.data(), seed=SEED)
def test_what_has_entered_is_there_or_has_been_lost(
    name: str, data: st.DataObject, seed: int, some_patients: Callable[..., Floats], go: Callable[..., Any]
) -> None:
    system, doses = system_under(name), data.draw(courses(name))
    parameters = drawn(some_patients, name, seed)
    places = {state.name: place for place, state in enumerate(system.states)}
    number = len(system_of(name).states)
    start = interpret(system_of(name)).start
    begun = [start(list(row)) for row in parameters]

    found = go(system, parameters, [doses] * PATIENTS, TIMES, tolerance=TOLERANCE).values

    for index, pool in enumerate(OF_EVERY_MODEL[name].pools):
        for patient, row in enumerate(parameters):
            values = dict(zip((symbol(each) for each in system.parameters), row, strict=True))
            weights = {held: float(expression(text, system).subs(values)) for held, text in pool.holds.items()}
            first = sum(weight * begun[patient][places[held]] for held, weight in weights.items())
            decided = begun[patient][number:].reshape(-1, 3)
            entered = np.zeros(TIMES.size)
            for at, entry, amount, length in doses:
                share, lag, _ = decided[entry]
                begins = TIMES - at - lag
                part = np.clip(begins / length, 0.0, 1.0) if length else (begins > 0.0).astype(float)
                entered += weights.get(system.inputs[entry].state, 0.0) * share * amount * part
            parts = np.array([weight * found[patient, :, places[held]] for held, weight in weights.items()])
            lost = found[patient, :, places[f"lost_{index}"]]
            most = max(np.abs(parts).max(), np.abs(lost).max(), abs(first), entered.max())
            assert parts.sum(axis=0) + lost == pytest.approx(first + entered, abs=ROUNDING * most)


@pytest.mark.parametrize("name", OF_EVERY_MODEL)
@quickly
@given(data=st.data(), seed=SEED)
def test_no_state_of_a_patient_falls_below_zero(
    name: str, data: st.DataObject, seed: int, some_patients: Callable[..., Floats], go: Callable[..., Any]
) -> None:
    system, doses = system_under(name), data.draw(courses(name))
    positive = np.array([state.positive for state in system.states])
    sizes = np.array([state.size for state in system.states])

    found = go(system, drawn(some_patients, name, seed), [doses] * PATIENTS, TIMES, tolerance=TOLERANCE).values

    assert np.isfinite(found).all()
    assert (found[:, :, positive] >= -ABSOLUTE * sizes[positive]).all()


def anywhere(states: tuple[State, ...], rng: np.random.Generator) -> Floats:
    """Return a point of the space of states: within some hundred-fold of their sizes, or of either sign."""
    sizes = np.array([state.size for state in states])
    deviations = rng.standard_normal(sizes.size)
    positive = np.array([state.positive for state in states])
    return sizes * np.where(positive, np.exp(2.0 * deviations), deviations)


@pytest.mark.parametrize("name", OF_EVERY_MODEL)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=SEED)
def test_where_a_state_is_zero_nothing_takes_from_it(
    name: str, seed: int, some_patients: Callable[..., Floats]
) -> None:
    system, rng = system_of(name), np.random.default_rng(seed)
    functions = FUNCTIONS[name] if name in FUNCTIONS else FUNCTIONS.setdefault(name, functions_of(name))
    parameters = drawn(some_patients, name, seed)[0]
    switches = rng.integers(0, 2, len(system.switches)).astype(float)
    tried = 0

    for place, state in enumerate(system.states):
        if not state.positive:
            continue
        point = anywhere(system.states, rng)
        point[place] = NOTHING * state.size
        if functions.definitions(list(point), list(switches), list(parameters))[-1] <= 0.0:
            continue
        rate = functions.rates(list(point), list(switches), list(parameters), [0.0] * len(system.inputs))[place]
        tried += 1
        assert rate >= -1e10 * NOTHING * state.size, f"{state.name} is zero, and falls by {rate}"  # no rate is as fast

    assume(tried > 0)


FUNCTIONS: dict[str, Any] = {}


def functions_of(name: str) -> Any:
    """Return a model's functions, with where it can be as its last definition."""
    system = system_of(name)
    can_be = Definition(name="inside", unit="1", expression=inside(name), meaning="positive where states can be")
    return interpret(replace(system, definitions=(*system.definitions, can_be)))
