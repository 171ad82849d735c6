"""Hazard ratios of IL-2 with and without histamine by parameter draw, monocytic subtype and structure.

    python validation/frozen_runs.py

follows the same virtual patients at draws of the parameters and writes ``validation/frozen_prediction.json``, which
`frozen_prediction.py` makes the page of. Nothing is fitted here.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from model_digest import cohort_text, digest_of, plan_text

from trialeukin.core.arrays import Floats
from trialeukin.model.structures import OXYGENS, STRUCTURES, Structure
from trialeukin.population.cohort import adapted, draw_typical
from trialeukin.survival.two_arm import two_arms
from trialeukin.trial.arm_plan import PlannedArm, plan_arms
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.outcomes import outcomes_of
from trialeukin.trial.simulate import Setting, cohort_of, cohorts_of, setting_of, simulate
from trialeukin.trial.study import MODEL, Study
from trialeukin.trial.study_file import load_study

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "validation" / "frozen_prediction.json"
HISTAMINE = "mp-ma-0201"
ALONE = ("calgb-9720", "calgb-19808", "alfa-9801", "ccg-2961", "blaise-2000")  # the 905 patients of Buyse 2011
DRAWS, PATIENTS, PATIENTS_OF_POOL, SEED = 100, 80, 30, 2_005
WITHOUT_HISTAMINE = (
    "aldesleukin 16400 IU/kg sc twice daily days 1-21, repeat every 42 days for 3 cycles, then every 63 days for 7 "
    "cycles; hold while platelets < 25 G/L; stop at capillary leak grade 4"
)
SHARES = {"monocytic": 1.0, "others": 0.0}


def study_of(name: str) -> Study:
    return load_study(ROOT / "studies" / f"{name}.toml")


def digest() -> str:
    """Return a digest of everything that the predictions depend on and that people edit."""
    studies = [study_of(name) for name in (HISTAMINE, *ALONE)]
    cohorts = sorted({study.population.cohort for study in studies})
    systems = [structure.system(MODEL) for structure in STRUCTURES]
    return digest_of(systems, [*map(plan_text, studies), *map(cohort_text, cohorts)])


def made(study: Study, structure: Structure, monocytic: float | None = None) -> Setting:
    """Return a study under other laws, for patients of whom a given share has monocytic leukaemia."""
    setting = setting_of(study, seed=SEED)
    description = setting.description
    if monocytic is not None:
        share = description.monocytic.model_copy(update={"fraction": monocytic})
        description = description.model_copy(update={"monocytic": share})
    return replace(setting, system=adapted(structure.system(MODEL), description), description=description)


def times_of(setting: Setting, arm: PlannedArm, patients: int) -> Floats:
    """Return leukaemia-free survival, (draws, patients), month; infinite beyond the horizon."""
    typical = draw_typical(setting.system, seed=SEED, draws=np.arange(DRAWS))
    found = []
    for start in range(0, DRAWS, 20):
        cohorts = cohorts_of(setting, patients, typical[start : start + 20])
        course = simulate(setting, arm, cohorts).trajectories
        if course.failed.any():
            raise RuntimeError(f"{course.failed.sum()} trajectories of {arm.arm.name} failed")
        outcomes = outcomes_of(course, deaths=setting.deaths, horizon_days=setting.horizon)
        found.append(outcomes.times(Endpoint.LFS).reshape(-1, patients))
    return np.concatenate(found)


def log_ratio(treated: Floats, control: Floats, horizon: float) -> tuple[Floats, Floats]:
    """Return the logarithm of the hazard ratio of every draw and the share of patients with an event, (draws,) each."""
    times = np.concatenate((treated, control), axis=1)
    events = times < horizon
    arms = np.arange(times.shape[1]) < treated.shape[1]
    found = two_arms(np.minimum(times, horizon), events, arms)
    return found.log_hazard_ratio, events.mean(axis=1)


def by_subtype() -> dict[str, Any]:
    """Return log hazard ratios against no treatment in MP-MA-0201, by structure, subtype and drug."""
    study = study_of(HISTAMINE)
    horizon = study.follow_up.horizon_months
    both, nothing = plan_arms(study)
    alone = _without_histamine(study)
    found: dict[str, Any] = {}
    control: Floats | None = None
    others: dict[str, Floats] = {}
    for structure in STRUCTURES:
        rows: dict[str, Any] = {}
        if control is None:
            control = times_of(made(study, structure), nothing, PATIENTS)
        if structure.kill not in others:  # oxygen acts in monocytic leukaemia alone, and histamine on oxygen
            others[structure.kill] = times_of(made(study, structure, SHARES["others"]), alone, PATIENTS)
        monocytic = made(study, structure, SHARES["monocytic"])
        times = {"IL-2": times_of(monocytic, alone, PATIENTS), "histamine + IL-2": times_of(monocytic, both, PATIENTS)}
        mixed = cohort_of(setting_of(study, seed=SEED), PATIENTS).covariates["monocytic"] > 0.0
        for drug, of_monocytic in times.items():
            of_all = np.where(mixed, of_monocytic, others[structure.kill])
            groups = {"monocytic": of_monocytic, "others": others[structure.kill], "all": of_all}
            for group, treated in groups.items():
                ratio, events = log_ratio(treated, control, horizon)
                rows[f"{drug}, {group}"] = {"log_ratio": _short(ratio), "events": _short(events)}
        found[structure.name] = rows
        print(
            structure.name, {name: round(float(np.exp(np.median(row["log_ratio"]))), 3) for name, row in rows.items()}
        )
    return found


def _without_histamine(study: Study) -> PlannedArm:
    treated = study.arms[0].model_copy(update={"name": "IL-2", "regimen": WITHOUT_HISTAMINE})
    return plan_arms(study.model_copy(update={"arms": (treated, *study.arms[1:])}))[0]


def pooled() -> dict[str, Any]:
    """Return the pooled log hazard ratio of the five trials of IL-2 alone, weighted by their size, by law of kill."""
    found: dict[str, Any] = {}
    for structure in STRUCTURES[:: len(OXYGENS)]:  # IL-2 alone differs little between the laws of oxygen
        ratios, sizes = [], []
        for name in ALONE:
            study = study_of(name)
            setting = made(study, structure)
            arms = {planned.arm.control: planned for planned in setting.arms}
            times = {control: times_of(setting, planned, PATIENTS_OF_POOL) for control, planned in arms.items()}
            ratios.append(log_ratio(times[False], times[True], study.follow_up.horizon_months)[0])
            sizes.append(study.treatment.n + study.control.n)
        pool = np.average(np.array(ratios), axis=0, weights=sizes)
        found[structure.name] = {"log_ratio": _short(pool), "patients": int(sum(sizes))}
        print(structure.name, round(float(np.exp(np.median(pool))), 3))
    return found


def unknowns() -> dict[str, list[float]]:
    """Return the draws of every parameter that is not known, by name, under all the structures together."""
    found: dict[str, list[float]] = {}
    for structure in STRUCTURES[: len(OXYGENS)]:
        system = made(study_of(HISTAMINE), structure).system
        typical = draw_typical(system, seed=SEED, draws=np.arange(DRAWS))
        for place, (name, parameter) in enumerate(system.parameters.items()):
            if parameter.uncertainty > 0.0:
                found[name] = [float(f"{value:.5g}") for value in typical[:, place]]
    return found


def _short(values: Floats) -> list[float]:
    return [round(float(value), 4) for value in values]


if __name__ == "__main__":
    results = {
        "digest": digest(),
        "draws": DRAWS,
        "patients": PATIENTS,
        "patients_of_pool": PATIENTS_OF_POOL,
        "subtype": by_subtype(),
        "pooled": pooled(),
        "unknowns": unknowns(),
    }
    RESULTS.write_text(json.dumps(results, indent=None, separators=(",", ":")) + "\n", encoding="utf-8")
