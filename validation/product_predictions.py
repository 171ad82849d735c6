"""Engineered interleukin-2 in people, as the model ``il2-products`` and its variants have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.parameter import Parameter
from trialeukin.core.sources import assumed
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.inference.follow import BSA, WEIGHT
from trialeukin.model.components.engineered_kinetics import EngineeredIl2
from trialeukin.model.compose import compose
from trialeukin.model.system import System
from trialeukin.model.whole import model, of_products
from trialeukin.population.cohort import draw_typical, typical_values
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse
from trialeukin.regimen.pharmacology import Binding
from trialeukin.regimen.products import LABEL_MASS, product, to_pmol

CELLS = ("treg_count", "cd4_count", "cd8_count", "nk_count")
DAYS = np.linspace(0.0, 56.0, 225)
DRAWS, SEED = 200, 358
HYPOTHETICAL = assumed("a value tried, not known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An interleukin-2 whose unknown numbers are tried: nM, nM, days; CD25 is not bound where ``alpha`` is None."""

    drug: str
    alpha: float | None
    beta_gamma: float
    half_life: float


def _picomoles(drug: str, amount: float, source: str, target: str) -> float:
    """Return pmol of a dose; one of unknown molar mass is counted as a mass of interleukin-2."""
    assert target == "pmol"
    known = product(drug)
    return to_pmol(amount, source, known if known.molar_mass is not None else replace(known, molar_mass=LABEL_MASS))


def follow(system: System, regimen: str, rows: Floats, quantities: Sequence[str] = CELLS) -> dict[str, Floats]:
    """Return quantities, (r, k), of r rows of parameters at DAYS under a regimen's text."""
    count = rows.shape[0]
    doses = planned_doses(
        system,
        expand(parse(regimen)),
        bsa=np.full(count, BSA),
        weight=np.full(count, WEIGHT),
        amount_in=_picomoles,
    )
    problem = Problem(
        system=system,
        parameters=rows,
        doses=doses,
        horizon=float(DAYS[-1]) + 1e-6,
        save_times=DAYS,
        save=tuple(quantities),
        examinations=np.zeros(0),
        tolerance=Tolerance(relative=1e-6),
    )
    answer = solve(problem)
    assert not answer.failed.any()
    return {name: answer.values[:, :, place] for place, name in enumerate(quantities)}


def typical(system: System, changed: Mapping[str, float] | None = None) -> Floats:
    """Return the typical person's parameters, (1, p)."""
    row = dict(zip(system.parameters, typical_values(system), strict=True)) | dict(changed or {})
    return np.array([list(row.values())])


def highest(values: Floats, to_day: float = 56.0) -> Floats:
    """Return the highest value over that at the start, (r,), up to a day."""
    return values[:, to_day >= DAYS].max(axis=1) / values[:, 0]


def days_above(values: Floats, fold: float) -> Floats:
    """Return how many days values are above a multiple of that at the start, (r,)."""
    return (values >= fold * values[:, :1]).sum(axis=1) * (DAYS[1] - DAYS[0])


def rezpegaldesleukin() -> dict[str, Floats]:
    """Return the cells of DRAWS typical people, drawn from what is not known, after the highest single dose."""
    system = model("il2-products")
    rows = draw_typical(system, seed=SEED, draws=np.arange(DRAWS))
    return follow(system, load_text("fanton-2022-single"), rows)


def with_affinities(alpha: float, beta_gamma: float) -> dict[str, Floats]:
    """Return the typical person's cells with rezpegaldesleukin that binds as tightly as told, nM."""
    system = model("il2-products")
    changed = {"rezpegaldesleukin_alpha_constant": alpha, "rezpegaldesleukin_beta_gamma_constant": beta_gamma}
    return follow(system, load_text("fanton-2022-single"), typical(system, changed))


def load_text(name: str) -> str:
    """Return the first course of a library regimen, without its repetition."""
    (item,) = load(name).courses[0].prescriptions
    return f"{item.drug} {item.dose.amount:g} {item.dose.unit}/{item.dose.per.value} {item.route.value} day 1"


def candidate_system(candidate: Candidate) -> System:
    """Return the model with one product whose unknown numbers are tried."""
    known = product(candidate.drug).pharmacology
    assert known is not None
    bound = EngineeredIl2(
        prefix="candidate_",
        drug=candidate.drug,
        half_life=_tried(candidate.half_life, "day"),
        alpha_constant=None if candidate.alpha is None else _tried(candidate.alpha, "nmol/L"),
        beta_gamma_constant=_tried(candidate.beta_gamma, "nmol/L"),
        routes=known.routes,
    )
    return compose(f"one product: {candidate.drug}", of_products(bound))


def _tried(value: float, unit: str) -> Parameter:
    return Parameter(value=value, unit=unit, between_patients=0.0, uncertainty=0.0, source=HYPOTHETICAL)


def thor_707(half_life: float, dose: float) -> dict[str, Floats]:
    """Return the cells after one infusion of THOR-707, ug/kg, at a half-life that is tried, day."""
    known = product("THOR-707").pharmacology
    assert known is not None
    assert known.alpha is Binding.ABSENT
    assert isinstance(known.beta_gamma, Parameter)
    tried = Candidate(drug="THOR-707", alpha=None, beta_gamma=known.beta_gamma.value, half_life=half_life)
    system = candidate_system(tried)
    return follow(system, f"THOR-707 {dose:g} ug/kg iv over 30 min day 1", typical(system))


def ratio_on_day_8(cells: Mapping[str, Floats]) -> float:
    """Return Treg over conventional CD4 cells on day 8, over that at the start."""
    ratio = cells["treg_count"] / cells["cd4_count"]
    return float(np.interp(8.0, DAYS, ratio[0]) / ratio[0, 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The dose, ug/kg, that gives a ratio of Treg to conventional cells on day 8, and NK cells then over the start."""

    dose: float
    ratio: float
    nk: float


def efavaleukin(candidate: Candidate, wanted: float) -> Matched:
    """Return the smallest dose at which Treg over conventional cells are as many times the start as wanted.

    The ratio rises with the dose up to its greatest; the dose is found there by halving on the log scale.
    """
    system = candidate_system(candidate)

    def cells(dose: float) -> dict[str, Floats]:
        return follow(system, f"efavaleukin {dose:.6g} ug/kg sc day 1", typical(system))

    low, high = 1e-5, 1e-5
    while ratio_on_day_8(cells(high)) < wanted:
        low, high = high, 3.0 * high
    for _ in range(12):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if ratio_on_day_8(cells(middle)) < wanted else (low, middle)
    found = cells(high)
    nk = found["nk_count"][0]
    return Matched(dose=high, ratio=ratio_on_day_8(found), nk=float(np.interp(8.0, DAYS, nk) / nk[0]))
