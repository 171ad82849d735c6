"""Laws of doses in every named model: more gives more exposure, none does nothing, and the route does not matter."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trialeukin.core.arrays import Floats
from trialeukin.engine.interpreted import interpret
from trialeukin.engine.problem import Exposure, Tolerance
from trialeukin.model.named import all_names, system_of
from trialeukin.model.system import System
from trialeukin.regimen.administration import Route

TOLERANCE = Tolerance(relative=1e-8)
ALLOWED = 1000.0 * TOLERANCE.relative  # single errors add up over the breaks of a course, along what grows
TIMES = np.array([0.37, 2.61, 5.13, 9.71, 14.03])
PATIENTS = 3
PARTS = (24, 48)  # infusions in place of what one injection sends to plasma
quickly = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
SEED = st.integers(0, 2**32 - 1)
MORE = st.floats(1.05, 20.0)


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """A treatment that a published model has as a parameter.

    Attributes
    ----------
    amount, exposure : str
        The parameter, a rate or a dose, and the quantity whose area it gives.
    range : tuple of float
        From which it is drawn.
    potency : str
        A parameter that says what the drug does, and nothing else.
    alone : dict
        What is held: so that the body makes none of the drug itself, or fractions stay fractions.
    """

    amount: str
    exposure: str
    range: tuple[float, float]
    potency: str
    alone: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Dosed:
    """What is dosed in a model: drugs with the quantity they give, or treatments, or why there is nothing.

    Attributes
    ----------
    drugs : dict
        Name of a drug and the quantity whose area is its exposure.
    treatments : tuple of Treatment
        See there.
    why_none : str
        Why there is no dose.
    why_one_route : str
        Why no other route can give the same; empty where injections under the skin can be given as infusions.
    """

    drugs: dict[str, str] = field(default_factory=dict)
    treatments: tuple[Treatment, ...] = ()
    why_none: str = ""
    why_one_route: str = ""


ALDESLEUKIN = {"aldesleukin": "il2_concentration"}
WITH_HISTAMINE = {**ALDESLEUKIN, "histamine": "histamine_acting"}
ONE = "all its doses enter one compartment"
NO_ROUTE = "it has no routes: treatment is a parameter"
BY_DONORS = Dosed(drugs={**ALDESLEUKIN, "donor lymphocytes": "donor_inactive"})
JOST_DOSES = (0.01, 5.0)
RENEWAL = {"blast_renewal": 0.875}  # as published: a fraction, which its scale does not keep below one
OF_EVERY_MODEL = {
    "il2-pharmacokinetics": Dosed(drugs=ALDESLEUKIN),
    "il2-immune": Dosed(drugs=ALDESLEUKIN),
    "il2-products": Dosed(drugs={**ALDESLEUKIN, "rezpegaldesleukin": "rezpegaldesleukin_plasma"}),
    "aml-maintenance": Dosed(drugs=WITH_HISTAMINE),
    "aml-induction": Dosed(
        drugs={"cytarabine": "cytarabine_concentration", "daunorubicin": "daunorubicin_concentration"},
        why_one_route=ONE,
    ),
    "autologous-transplant": Dosed(drugs=ALDESLEUKIN),
    "allogeneic-transplant": Dosed(drugs=ALDESLEUKIN),
    "aml-refractory": Dosed(drugs=WITH_HISTAMINE),
    "aml-nk-infusion": Dosed(drugs={**WITH_HISTAMINE, "haploidentical NK cells": "donor_nk_cells"}),
    "donor-lymphocytes": BY_DONORS,
    "donor-lymphocytes-by-potency": BY_DONORS,
    "kirschner-panetta-1998": Dosed(
        treatments=(
            Treatment(
                amount="il2_infusion",
                exposure="il2",
                range=(1e6, 1e8),
                potency="effector_proliferation",
                alone={"tumour_at_start": 0.0, "il2_at_start": 0.0},
            ),
        ),
        why_one_route=NO_ROUTE,
    ),
    "friberg-2002": Dosed(
        treatments=(
            Treatment(amount="docetaxel_dose", exposure="docetaxel", range=(1.0, 300.0), potency="docetaxel_slope"),
        ),
        why_one_route=NO_ROUTE,
    ),
    "moore-li-2004": Dosed(why_none="it describes the disease without treatment", why_one_route=NO_ROUTE),
    "de-pillis-2009": Dosed(
        treatments=(Treatment(amount="drug_infusion", exposure="drug", range=(0.01, 10.0), potency="drug_potency"),),
        why_one_route=NO_ROUTE,
    ),
    "clapp-2015": Dosed(
        why_none="imatinib divides two rates, by numbers whose relation to a dose is not in the model",
        why_one_route=NO_ROUTE,
    ),
    "stiehl-2015": Dosed(why_none="it describes the disease without treatment", why_one_route=NO_ROUTE),
    "jost-2019": Dosed(
        treatments=(
            Treatment(
                amount="cytarabine", exposure="blast_effect", range=JOST_DOSES, potency="blast_slope", alone=RENEWAL
            ),
            Treatment(
                amount="cytarabine",
                exposure="white_cell_effect",
                range=JOST_DOSES,
                potency="white_cell_slope",
                alone=RENEWAL,
            ),
        ),
        why_one_route=NO_ROUTE,
    ),
    "stein-2019": Dosed(why_none="cells are counted from their infusion on, of whatever dose", why_one_route=NO_ROUTE),
}
DRUGS = [(name, drug) for name, dosed in OF_EVERY_MODEL.items() for drug in dosed.drugs]
TREATMENTS = [(name, treatment) for name, dosed in OF_EVERY_MODEL.items() for treatment in dosed.treatments]
SUBCUTANEOUS = [name for name, dosed in OF_EVERY_MODEL.items() if not dosed.why_one_route]
Given = tuple[float, int, float, float]


def undisturbed(name: str) -> System:
    """Return a model in which no event ends treatment or life: doses are given as planned."""
    system = system_of(name)
    return replace(system, events=tuple(replace(event, ends=False, stops_dosing=False) for event in system.events))


@st.composite
def courses(draw: st.DrawFn, name: str, drug: str) -> list[Given]:
    """Draw doses of one drug by any of its routes, up to a hundred times the size of the state they enter."""
    system = system_of(name)
    sizes = {state.name: state.size for state in system.states}
    entries = [place for place, entry in enumerate(system.inputs) if entry.drug == drug]

    def dose() -> Given:
        which = draw(st.sampled_from(entries))
        infused = Route.IV_INFUSION in system.inputs[which].routes
        length = draw(st.sampled_from([0.0, 0.1, 1.0, 3.0])) if infused else 0.0
        size = sizes[system.inputs[which].state]
        return draw(st.floats(0.0, 6.0)), which, size * 10.0 ** draw(st.floats(-1.0, 2.0)), length

    return [dose() for _ in range(draw(st.integers(1, 4)))]


def times_of(factor: float, doses: list[Given]) -> list[Given]:
    return [(start, which, factor * amount, length) for start, which, amount, length in doses]


def test_every_named_model_says_what_is_dosed_in_it() -> None:
    assert set(OF_EVERY_MODEL) == set(all_names())
    followed_as_aldesleukin = {"teceleukin", "RU 49637"}
    for name, dosed in OF_EVERY_MODEL.items():
        system = system_of(name)
        assert set(dosed.drugs) == {entry.drug for entry in system.inputs} - followed_as_aldesleukin
        assert bool(dosed.drugs or dosed.treatments) is not bool(dosed.why_none)
        injected = any(Route.SC in entry.routes and entry.drug == "aldesleukin" for entry in system.inputs)
        assert injected is not bool(dosed.why_one_route)


@pytest.mark.parametrize(("name", "drug"), DRUGS)
@quickly
@given(data=st.data(), seed=SEED)
def test_exposure_rises_with_the_dose_and_is_none_without_one(
    name: str, drug: str, data: st.DataObject, seed: int, some_patients: Callable[..., Floats], go: Any
) -> None:
    system, doses, more = undisturbed(name), data.draw(courses(name, drug)), data.draw(MORE)
    patients = np.repeat(some_patients(system, seed, PATIENTS), 3, axis=0)
    quantity = OF_EVERY_MODEL[name].drugs[drug]

    found = go(
        system,
        patients,
        [times_of(factor, doses) for factor in (0.0, 1.0, more)] * PATIENTS,
        TIMES,
        tolerance=TOLERANCE,
        exposures=(Exposure(quantity=quantity),),
    )

    none, one, larger = found.area[:, 0, 0].reshape(PATIENTS, 3).T
    assert (none == 0.0).all()
    assert (one > 0.0).all()
    assert (larger >= one * (1.0 + ALLOWED)).all()


@pytest.mark.parametrize(("name", "drug"), DRUGS)
@quickly
@given(data=st.data(), seed=SEED)
def test_a_dose_of_zero_is_no_dose(
    name: str, drug: str, data: st.DataObject, seed: int, some_patients: Callable[..., Floats], go: Any
) -> None:
    system, doses = undisturbed(name), data.draw(courses(name, drug))
    patients = np.repeat(some_patients(system, seed, PATIENTS), 2, axis=0)
    sizes = np.array([state.size for state in system.states])

    values = go(system, patients, [times_of(0.0, doses), []] * PATIENTS, TIMES, tolerance=TOLERANCE).values

    zero, none = values[0::2], values[1::2]
    assert (np.abs(zero - none) <= ALLOWED * (np.abs(none) + sizes)).all()


@pytest.mark.parametrize(("name", "treatment"), TREATMENTS)
@quickly
@given(data=st.data(), seed=SEED)
def test_exposure_rises_with_a_published_treatment_which_at_zero_has_no_potency(
    name: str, treatment: Treatment, data: st.DataObject, seed: int, some_patients: Callable[..., Floats], go: Any
) -> None:
    system, (low, high), more = undisturbed(name), treatment.range, data.draw(MORE)
    amount = low * (high / low) ** data.draw(st.floats(0.0, 1.0))
    names = list(system.parameters)
    rows = np.repeat(some_patients(system, seed, PATIENTS, **treatment.alone), 5, axis=0)
    rows[:, names.index(treatment.amount)] = [0.0, 0.0, amount, amount, more * amount] * PATIENTS
    rows[:, names.index(treatment.potency)] *= [1.0, 3.0, 1.0, 3.0, 1.0] * PATIENTS
    sizes = np.array([state.size for state in system.states])

    found = go(
        system,
        rows,
        [[]] * len(rows),
        TIMES,
        tolerance=TOLERANCE,
        exposures=(Exposure(quantity=treatment.exposure),),
    )

    none, _, one, _, larger = found.area[:, 0, 0].reshape(PATIENTS, 5).T
    assert (none == 0.0).all()
    assert (one > 0.0).all()
    assert (larger >= one * (1.0 + ALLOWED)).all()
    without, as_potent, treated, potent, _ = np.moveaxis(found.values.reshape(PATIENTS, 5, TIMES.size, -1), 1, 0)
    scale = ALLOWED * (np.abs(without) + sizes)
    assert (np.abs(as_potent - without) <= scale).all()
    assert (np.abs(potent - treated) > scale).any()  # so that potency would be seen, were it there


def as_infusions(system: System, values: Floats, dose: Given, central: int, parts: int) -> list[Given]:
    """Return infusions into plasma in place of one injection: what it sends there in each of some intervals.

    Of an injection through a depot and a transit compartment the share (1 - exp(-k t))^2 has reached plasma by t.
    The intervals have equal steps of exp(-k t / 3); in the last comes what is left.
    """
    start, which, amount, _ = dose
    decided = interpret(system).start(list(values))[len(system.states) :].reshape(-1, 3)
    rate = 24.0 * values[list(system.parameters).index("il2_absorption_rate")]
    left = np.linspace(1.0, 0.0, parts + 1)
    left[-1] = left[-2] / 2.0
    begins = start + decided[which, 1] - 3.0 * np.log(left) / rate
    arrived = (1.0 - left**3) ** 2
    arrived[-1] = 1.0
    return [
        (begin, central, decided[which, 0] * amount * share, length)
        for begin, share, length in zip(begins, np.diff(arrived), np.diff(begins), strict=False)
    ]


@pytest.mark.parametrize("name", SUBCUTANEOUS)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), seed=SEED)
def test_cells_do_not_know_by_what_route_the_same_reached_plasma(
    name: str, data: st.DataObject, seed: int, some_patients: Callable[..., Floats], go: Any
) -> None:
    system, row = undisturbed(name), some_patients(system_of(name), seed, 1)
    entries = [(entry.drug, entry.routes) for entry in system.inputs]
    injected = entries.index(("aldesleukin", (Route.SC,)))
    central = next(
        place for place, (drug, routes) in enumerate(entries) if drug == "aldesleukin" and Route.CIV in routes
    )
    amounts = data.draw(st.lists(st.floats(10.0, 2e4), min_size=1, max_size=3))
    doses = [(float(day), injected, amount, 0.0) for day, amount in enumerate(amounts)]
    amounts_of_il2 = {"il2_central", "il2_peripheral", "il2_depot", "il2_transit", "il2_cavity"}
    cells = [place for place, state in enumerate(system.states) if state.name not in amounts_of_il2]
    sizes = np.array([state.size for state in system.states])[cells]
    split = [[each for dose in doses for each in as_infusions(system, row[0], dose, central, parts)] for parts in PARTS]
    late = np.array([12.0, 14.03])  # when what was injected has arrived

    values = go(system, np.repeat(row, 4, axis=0), [doses, *split, []], late, tolerance=TOLERANCE).values[..., cells]

    injection, coarse, fine, untreated = values
    scale = np.abs(injection) + sizes
    coarse_error, fine_error = (np.abs(each - injection) / scale for each in (coarse, fine))
    effect = (np.abs(injection - untreated) / scale).max()
    # halving the intervals leaves a quarter of what steps in place of a curve err by, until the solver errs more
    assert (fine_error <= 0.4 * coarse_error.max() + ALLOWED).all()
    assert fine_error.max() <= 0.01 * effect + ALLOWED
