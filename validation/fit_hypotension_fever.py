"""Fit what hypotension and fever add to leak and cytokines: one number each.

    python validation/fit_hypotension_fever.py [PATIENTS]

The exposures that drive them come from the frozen fit of IL-2; only the rows of `ROWS`, all of Sievers 1998, are seen.
The same 21 children had leak, hypotension and fever: that tie is not published and the three are taken as apart.
Rewrites ``src/trialeukin/model/fitted/hypotension_fever.toml``; to be run again whenever leak or cytokines change.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Exposure, Problem
from trialeukin.engine.solve import solve
from trialeukin.inference.case import Case, Scenario, Use
from trialeukin.inference.cases import all_cases, regimen_of
from trialeukin.model.components.capillary_leak import WORST_GRADE
from trialeukin.model.components.fever import Fever
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_cohort
from trialeukin.population.description import load_description
from trialeukin.regimen.expand import expand

OUTPUT = Path(__file__).parents[1] / "src" / "trialeukin" / "model" / "fitted" / "hypotension_fever.toml"
ROWS = {"hypotension": ("sievers_hypotension", "sievers_pressors"), "fever": ("sievers_fever",)}
SEED = 1_998
SPREAD = 0.6  # of the half-effect of fever between patients, assumed: that of the half-signal of leak
LOGARITHMS, STEP = (-5.0, 5.0), 0.05


def cases_named(names: Sequence[str]) -> tuple[Case, ...]:
    """Return cases that are to be fitted, by name."""
    known = {case.name: case for case in all_cases() if isinstance(case, Case) and case.use is Use.FITTED}
    return tuple(known[name] for name in names)


def drives(scenario: Scenario, last_day: float, patients: int) -> tuple[Floats, Floats]:
    """Return the highest exposure of vessels over the patient's half-signal, and of cytokines, both (n,), 1."""
    system = model(scenario.model)
    cohort = draw_cohort(load_description(scenario.population.cohort), system, seed=SEED, patients=np.arange(patients))
    doses = planned_doses(
        system,
        expand(regimen_of(scenario.regimen)),
        bsa=cohort.bsa,
        weight=cohort.weight,
    )
    answer = solve(
        Problem(
            system=system,
            parameters=cohort.parameters,
            doses=doses,
            horizon=last_day,
            examinations=np.empty(0),
            save_times=np.empty(0),
            save=(),
            exposures=tuple(Exposure(quantity=name, area=False) for name in ("capillary_exposure", "inflammation")),
        )
    )
    if answer.failed.any():
        raise RuntimeError(f"{answer.failed.sum()} of {patients} trajectories failed")
    half = cohort.parameters[:, list(system.parameters).index("capillary_leak_half_signal")]
    return answer.highest[:, 0, 0] / half, answer.highest[:, 0, 1]


def share_hypotensive(drive: Floats) -> Callable[[float, float], float]:
    """Return the share of patients who reach a grade, by the logarithm of r and the grade.

    5 x / (r + x) reaches the grade where x does r grade / (5 - grade); the logarithms of x are taken as normal.
    """
    middle, spread = float(np.log(drive).mean()), float(np.log(drive).std())
    return lambda log_ratio, grade: float(
        norm.sf((log_ratio + np.log(grade / (WORST_GRADE - grade)) - middle) / spread)
    )


def share_feverish(level: Floats) -> Callable[[float, float], float]:
    """Return the share of patients who reach a grade of fever, by the logarithm of h and the grade."""
    ceiling = Fever().fever_ceiling.value
    return lambda log_half, grade: float(
        norm.cdf((np.log(level * (ceiling - grade) / grade) - log_half) / SPREAD).mean()
    )


def surprise(place: float, share: Callable[[float, float], float], cases: Sequence[Case]) -> float:
    """Return minus the log-likelihood of how many patients reached ascending grades, without its constant."""
    left, above = cases[0].patients, 1.0
    total = 0.0
    for case in cases:
        reached, chance = round(case.patients * case.value / 100.0), share(place, case.threshold)
        total -= reached * np.log(chance / above) if reached else 0.0
        total -= (left - reached) * np.log1p(-chance / above)
        left, above = reached, chance
    return float(total)


def most_likely(share: Callable[[float, float], float], cases: Sequence[Case]) -> tuple[float, float]:
    """Return the most likely value and the standard deviation of its logarithm."""
    best = float(minimize_scalar(lambda x: surprise(x, share, cases), bounds=LOGARITHMS, method="bounded").x)
    around = [surprise(best + step, share, cases) for step in (-STEP, 0.0, STEP)]
    return float(np.exp(best)), float(((around[0] - 2.0 * around[1] + around[2]) / STEP**2) ** -0.5)


def block(name: str, found: tuple[float, float], spread: float, cases: Sequence[Case], meaning: str) -> str:
    places = "; ".join(case.source.place for case in cases)
    return (
        f"[{name}]\n"
        f"value = {found[0]:.4g}\n"
        'unit = "1"\n'
        f"between_patients = {spread:g}\n"
        f"uncertainty = {found[1]:.3g}\n"
        'scale = "log"\n'
        'key = "fit_hypotension_fever"\n'
        f'place = "to sievers1998: {places}"\n'
        f'meaning = "{meaning}"\n'
    )


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    hypotension, fever = (cases_named(names) for names in ROWS.values())
    drive, level = drives(fever[0].scenario, fever[0].end, patients)
    pressure, heat = share_hypotensive(drive), share_feverish(level)
    ratio, half = most_likely(pressure, hypotension), most_likely(heat, fever)
    for cases, share, found in ((hypotension, pressure, ratio), (fever, heat, half)):
        for case in cases:
            predicted = share(float(np.log(found[0])), case.threshold)
            print(f"{case.name:20s} observed {case.value:5.1f} %, fitted {100.0 * predicted:5.1f} %")
    OUTPUT.write_text(
        "# Written by validation/fit_hypotension_fever.py; do not edit by hand.\n\n"
        + block(
            "hypotension_over_leak",
            ratio,
            0.0,
            hypotension,
            "IL-2 of the last days at half of the worst hypotension, over that of leak",
        )
        + "\n"
        + block("fever_half_effect", half, SPREAD, fever, "cytokines at half of the highest rise of temperature"),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
