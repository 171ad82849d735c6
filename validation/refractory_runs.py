"""Remissions by burden under IL-2 alone, and after NK cells with and without Treg: published and predicted.

    python validation/refractory_runs.py

follows virtual patients at draws of the parameters under every structure and writes ``validation/refractory.json``,
which `refractory.py` makes the page and the figure of. Nothing is fitted here.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from model_digest import cohort_text, digest_of

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.structures import STRUCTURES
from trialeukin.model.system import System
from trialeukin.population.cohort import adapted, draw_cohorts, draw_typical
from trialeukin.population.description import load_description
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse

ROOT = Path(__file__).parents[1]
TARGETS = ROOT / "validation" / "refractory_targets.csv"
RESULTS = ROOT / "validation" / "refractory.json"
IL2, NK = "aml-refractory", "aml-nk-infusion"
STEPS = (8.0, 10.5, 13.0, 15.5, 18.0)  # MIU/m2/day: even steps between the two that are printed, assumed
FIRST_DAYS = (1, 9, 17, 25)
NO_DRUG = "none"
REGIMENS = {
    "escalated": "; ".join(
        f"aldesleukin {step:g} MIU/m2/day civ days {', '.join(str(first + place) for first in FIRST_DAYS)}"
        for place, step in enumerate(STEPS)
    ),
    "lowest": "aldesleukin 8 MIU/m2/day civ days 1-5, 9-13, 17-21, 25-29",
    "highest": "aldesleukin 18 MIU/m2/day civ days 1-5, 9-13, 17-21, 25-29",
    "two courses": "; ".join(
        f"aldesleukin {step:g} MIU/m2/day civ days {', '.join(str(first + place) for first in FIRST_DAYS[:2])}"
        for place, step in enumerate(STEPS)
    ),
    "boluses": "aldesleukin 7 MIU/m2 iv bolus three times daily days 1-5, 15-19",
    "boluses of 1998": "aldesleukin 8 MIU/m2 iv bolus three times daily days 1-5; "
    "aldesleukin 8 MIU/m2 iv bolus twice daily days 15-19, 29-33",
    "none": NO_DRUG,
    "nk": "haploidentical NK cells 12.5e6 NK/kg iv over 1 h day 2; aldesleukin 1 MIU/m2 sc days 1, 3, 5, 7, 9, 11",
    "nk of children": "haploidentical NK cells 29e6 NK/kg iv over 1 h day 2; "
    "aldesleukin 1 MIU/m2 sc days 1, 3, 5, 7, 9, 11",
    "il2 alone": "aldesleukin 1 MIU/m2 sc days 1, 3, 5, 7, 9, 11",
}
COHORTS_OF_NK = ("aml-refractory-nk", "aml-refractory-nk-treg-depleted")
MARROWS = np.array([36.0, 63.0])  # assumed: a week after four cycles, and four weeks later
INFUSED = 1.0  # day of the model's time on which NK cells are infused: day 2 of the regimen
MARROWS_OF_NK = INFUSED + np.array([28.0])  # as published
COUNTED = INFUSED + 14.0
HORIZON = 64.0
DRAWS, PATIENTS, SEED = 100, 50, 1_991


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One published series: who, what, and how many remissions."""

    study: str
    cohort: str
    regimen: str
    drug_as_published: str
    remissions: int
    patients: int
    disease: str
    group: str
    key: str
    place: str
    assumed: str


def read_targets() -> tuple[Target, ...]:
    with TARGETS.open(encoding="utf-8", newline="") as file:
        counts = ("remissions", "patients")
        return tuple(
            Target(**{name: int(cell) if name in counts else cell for name, cell in row.items()})
            for row in csv.DictReader(file)
        )


def digest() -> str:
    """Return a digest of everything that the predictions depend on and that people edit."""
    cohorts = sorted({target.cohort for target in read_targets()} | set(COHORTS_OF_NK))
    systems = [structure.system(name) for structure in STRUCTURES for name in (IL2, NK)]
    return digest_of(systems, [TARGETS.read_text(encoding="utf-8"), *REGIMENS.values(), *map(cohort_text, cohorts)])


def follow(system: System, cohort: str, regimen: str, draws: int = DRAWS, patients: int = PATIENTS) -> Trajectories:
    """Follow the same patients at draws of the parameters, one draw after the other.

    Raises
    ------
    RuntimeError
        When a trajectory fails: no result is read from the others.
    """
    description = load_description(cohort)
    typical = draw_typical(adapted(system, description), seed=SEED, draws=np.arange(draws))
    cohorts = draw_cohorts(description, system, seed=SEED, patients=np.arange(patients), typical=typical)
    read = parse(REGIMENS[regimen])
    of_nk = system.name == NK
    doses = planned_doses(
        adapted(system, description),
        expand(read),
        bsa=np.concatenate([each.bsa for each in cohorts]),
        weight=np.concatenate([each.weight for each in cohorts]),
    )
    course = solve(
        Problem(
            system=adapted(system, description),
            parameters=np.concatenate([each.parameters for each in cohorts]),
            doses=doses,
            rules=read.rules,
            horizon=HORIZON,
            save_times=np.array([COUNTED]),
            save=("donor_nk",) if of_nk else ("marrow_blast_fraction",),
            examinations=MARROWS_OF_NK if of_nk else MARROWS,
        )
    )
    if course.failed.any():
        raise RuntimeError(f"{course.failed.sum()} trajectories of {cohort} failed")
    return course


def remitted(course: Trajectories, patients: int = PATIENTS) -> Booleans:
    """Return who is found in remission, (draws, patients)."""
    return np.asarray(np.isfinite(course.event_time("complete_remission")).reshape(-1, patients))


def cleared(course: Trajectories, patients: int = PATIENTS) -> Booleans:
    """Return whose marrow is found with blasts under the limit, whatever the counts, (draws, patients)."""
    return np.asarray(np.isfinite(course.event_time("blast_clearance")).reshape(-1, patients))


def counts(course: Trajectories, patients: int = PATIENTS) -> Floats:
    """Return donor NK cells per uL two weeks after the infusion, (draws, patients); NaN for who has died."""
    return np.asarray(course.value("donor_nk")[:, 0].reshape(-1, patients))


def computed() -> dict[str, Any]:
    """Return the share of remissions of every draw by structure, cohort and regimen, and donor NK cells."""
    pairs = dict.fromkeys((target.cohort, target.regimen) for target in read_targets())
    for regimen in ("lowest", "highest", "two courses", "none"):
        pairs |= dict.fromkeys((cohort, regimen) for cohort in ("aml-refractory-8-to-15", "aml-refractory-20-to-90"))
    found: dict[str, Any] = {"il2": {}, "nk": {}}
    for structure in STRUCTURES:
        system = structure.system(IL2)
        found["il2"][structure.name] = {
            f"{cohort}, {regimen}": _of_il2(follow(system, cohort, regimen)) for cohort, regimen in pairs
        }
        system = structure.system(NK)
        found["nk"][structure.name] = {
            f"{cohort}, {regimen}": _of_nk(follow(system, cohort, regimen))
            for cohort in COHORTS_OF_NK
            for regimen in ("nk", "nk of children", "il2 alone")
        }
        means = {
            key: round(float(np.mean(each["remissions"])), 3) for key, each in found["il2"][structure.name].items()
        }
        print(structure.name, means, flush=True)
    return found


def _shares(marks: Booleans) -> list[float]:
    return [round(float(value), 4) for value in marks.mean(axis=1)]


def _of_il2(course: Trajectories) -> dict[str, list[float]]:
    return {"remissions": _shares(remitted(course)), "blasts cleared": _shares(cleared(course))}


def _of_nk(course: Trajectories) -> dict[str, Any]:
    cells = counts(course)
    alive = np.isfinite(cells)
    above = {
        str(level): [round(float(np.mean(row[kept] >= level)), 4) for row, kept in zip(cells, alive, strict=True)]
        for level in (10, 100, 1000)
    }
    medians = [round(float(np.median(row[kept])), 6) for row, kept in zip(cells, alive, strict=True)]
    return {"remissions": _shares(remitted(course)), "above": above, "median": medians}


if __name__ == "__main__":
    results = {"digest": digest(), "draws": DRAWS, "patients": PATIENTS, **computed()}
    RESULTS.write_text(json.dumps(results, separators=(",", ":")) + "\n", encoding="utf-8")
