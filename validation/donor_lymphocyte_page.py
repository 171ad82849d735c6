"""Set donor lymphocytes as predicted beside what was published, under both structures, misses included.

    python validation/donor_lymphocyte_page.py

reads every row of ``targets/donor_lymphocytes.csv`` off virtual patients other than those of the fit, under
each structure, with an interval over what is not known of the parameters, and the courses with and without IL-2
off the whole models; writes ``donor_lymphocytes.json`` and from it ``docs/validation-donor-lymphocytes.md`` and
its figure. The file carries a digest of the models, the cohorts and the targets; a test fails when they have
changed since.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from donor_lymphocyte_arms import (
    DAYS_A_WEEK,
    TARGETS,
    Course,
    Target,
    cohort_system,
    drawn,
    follow,
    read_targets,
    reading,
    regimen_of,
    system_of,
)
from donor_lymphocyte_figure import draw
from donor_lymphocyte_text import page
from fit_donor_lymphocytes import FITTED, TABLES
from model_digest import cohort_texts, digest_of

from trialeukin.model.fitted import fitted_joint
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_typical
from trialeukin.regimen.library import entry, load
from trialeukin.regimen.parse import parse

HERE = Path(__file__).parent
RESULTS = HERE / "donor_lymphocytes.json"
PAGE = HERE.parent / "docs" / "validation-donor-lymphocytes.md"
FIGURE = PAGE.with_suffix(".svg")
MODELS = {"growth": "donor-lymphocytes", "potency": "donor-lymphocytes-by-potency"}
SEED = 2_000  # not that of the fit
PATIENTS, DRAWS, PATIENTS_A_DRAW = 4_000, 60, 400
WITH_IL2_PATIENTS, WITH_IL2_DRAWS, WITH_IL2_A_DRAW = 500, 30, 100
YEAR = 365.25
IL2 = {
    "bulk": "none",
    "inamoto-2011-level-1": "1 MIU/m2/day",
    "inamoto-2011-level-3": "3 MIU/m2/day",
}
IL2_COHORTS = ("cml-haematological-relapse", "aml-relapse", "all-relapse")
REGIMENS = ("dli-escalating", "inamoto-2011-level-1", "inamoto-2011-level-3")
LOWER_FIRST = """
donor lymphocytes 1e6 CD3/kg iv day 0; 1e7 day 91; 5e7 day 182; 1e8 day 273;
hold donor lymphocytes while leukaemia log reduction >= 1;
stop donor lymphocytes at gvhd 1
"""
CHIMERISM = (0.0, 0.05, 0.41, 1.0)


def digest() -> str:
    """Return a digest of everything the predictions depend on and that people edit."""
    regimens = [entry(name).text for name in REGIMENS]
    texts = [TARGETS.read_text(encoding="utf-8"), *cohort_texts("*relapse"), *regimens]
    return digest_of(map(model, MODELS.values()), texts)


def uncertain(structure: str) -> System:
    """Return the model without IL-2, with what its fit leaves unknown of all parameters together."""
    return replace(system_of(structure), joint=fitted_joint(TABLES[structure]))


def predicted(structure: str) -> dict[str, list[float]]:
    """Return the reading of every target at the typical parameters, then its 2.5 and 97.5 percentiles over draws."""
    arms = sorted({arm for target in read_targets() for arm in target.arms})
    typical: dict[tuple[str, str], Course] = {}
    draws: list[dict[tuple[str, str], Course]] = [{} for _ in range(DRAWS)]
    for cohort, regimen in arms:
        system = cohort_system(uncertain(structure), cohort)
        people = drawn(uncertain(structure), cohort, patients=PATIENTS, seed=SEED)
        (typical[cohort, regimen],) = follow(system, people, people.parameters, regimen_of(regimen))
        values = draw_typical(system, seed=SEED, draws=np.arange(DRAWS))
        few = [drawn(uncertain(structure), cohort, patients=PATIENTS_A_DRAW, seed=SEED, typical=row) for row in values]
        rows = np.concatenate([each.parameters for each in few])
        for place, course in enumerate(follow(system, few[0], rows, regimen_of(regimen))):
            draws[place][cohort, regimen] = course
    return {target.name: _summary(target, typical, draws) for target in read_targets()}


def _summary(
    target: Target, typical: Mapping[tuple[str, str], Course], draws: list[dict[tuple[str, str], Course]]
) -> list[float]:
    middle = reading(target, [typical[arm] for arm in target.arms])
    spread = [reading(target, [courses[arm] for arm in target.arms]) for courses in draws]
    lower, upper = np.quantile(spread, (0.025, 0.975))
    return [round(float(each), 1) for each in (middle, lower, upper)]


def with_il2(structure: str) -> list[dict[str, Any]]:
    """Return remissions and severe GVHD under one bulk dose, without and with IL-2, of the whole model."""
    whole, rows = model(MODELS[structure]), []
    for cohort in IL2_COHORTS:
        system = cohort_system(whole, cohort)
        people = drawn(whole, cohort, patients=WITH_IL2_PATIENTS, seed=SEED)
        values = draw_typical(system, seed=SEED, draws=np.arange(WITH_IL2_DRAWS))
        few = [drawn(whole, cohort, patients=WITH_IL2_A_DRAW, seed=SEED, typical=row) for row in values]
        stacked = np.concatenate([each.parameters for each in few])
        for name, level in IL2.items():
            regimen = regimen_of("1e8") if name == "bulk" else load(name)
            (typical,) = follow(system, people, people.parameters, regimen, horizon=2.0 * YEAR)
            draws = follow(system, few[0], stacked, regimen, horizon=2.0 * YEAR)
            rows.append(
                {
                    "cohort": cohort,
                    "il2": level,
                    "remission": _share(typical, draws, "haematological_remission"),
                    "gvhd": _share(typical, draws, "gvhd_onset"),
                    "severe": _share(typical, draws, "acute_gvhd_3_to_4"),
                }
            )
    return rows


def _share(typical: Course, draws: list[Course], event: str) -> list[float]:
    spread = [100.0 * float(np.isfinite(course.times[event]).mean()) for course in draws]
    middle = 100.0 * float(np.isfinite(typical.times[event]).mean())
    return [round(float(each), 1) for each in (middle, *np.quantile(spread, (0.025, 0.975)))]


def aplasia(structure: str) -> list[dict[str, Any]]:
    """Return who becomes aplastic, and when, at given donor shares of CD34 cells among responders."""
    system = cohort_system(system_of(structure), "cml-haematological-relapse")
    people = drawn(system_of(structure), "cml-haematological-relapse", patients=PATIENTS, seed=SEED)
    rows = []
    for share in CHIMERISM:
        parameters = people.parameters.copy()
        parameters[:, list(system.parameters).index("donor_chimerism")] = share
        (course,) = follow(system, people, parameters, regimen_of("1e8"))
        responded = np.isfinite(course.times["molecular_remission"])
        aplastic = course.times["aplasia"][responded & np.isfinite(course.times["aplasia"])]
        rows.append(
            {
                "share": share,
                "aplastic": round(100.0 * aplastic.size / int(responded.sum()), 1),
                "week": round(float(np.median(aplastic)) / 7.0, 1) if aplastic.size else None,
            }
        )
    return rows


def together(structure: str) -> list[dict[str, Any]]:
    """Return when GVHD begins and how patients with and without it answer, in CML, early and late in equal parts."""
    rows = []
    for dose in ("1e8", "escalating"):
        courses = []
        for cohort in ("cml-early-relapse", "cml-haematological-relapse"):
            system = cohort_system(system_of(structure), cohort)
            people = drawn(system_of(structure), cohort, patients=PATIENTS, seed=SEED)
            courses += follow(system, people, people.parameters, regimen_of(dose))
        onset = np.concatenate([course.times["gvhd_onset"] for course in courses])
        answered = np.isfinite(np.concatenate([course.times["molecular_remission"] for course in courses]))
        ill = np.isfinite(onset)
        rows.append(
            {
                "dose": dose,
                "week": round(float(np.median(onset[ill])) / DAYS_A_WEEK, 1),
                "with": round(100.0 * float(answered[ill].mean()), 1),
                "without": round(100.0 * float(answered[~ill].mean()), 1),
                "free": round(100.0 * float((~ill)[answered].mean()), 1),
            }
        )
    return rows


def lower_first(structure: str) -> list[dict[str, Any]]:
    """Return GVHD and remission of escalation as read, and where unrelated donors begin a tenth as high."""
    rows = []
    for first, other in (("1e7", load("dli-escalating")), ("1e6", parse(LOWER_FIRST))):
        gvhd, molecular = [], []
        for cohort in ("cml-early-relapse", "cml-haematological-relapse"):
            system = cohort_system(system_of(structure), cohort)
            people = drawn(system_of(structure), cohort, patients=PATIENTS, seed=SEED)
            (sibling,) = follow(system, people, people.parameters, load("dli-escalating"))
            (unrelated,) = follow(system, people, people.parameters, other)
            for found, event in ((gvhd, "gvhd_onset"), (molecular, "molecular_remission")):
                found.append(np.where(sibling.unrelated, unrelated.times[event], sibling.times[event]))
        shares = [round(100.0 * float(np.isfinite(found).mean()), 1) for found in (gvhd, molecular)]
        rows.append({"first": first, "gvhd": shares[0], "molecular": shares[1]})
    return rows


def stages(structure: str) -> list[dict[str, Any]]:
    """Return remissions within two years by disease, stage and dose, for donors of all kinds."""
    rows = []
    cohorts = (
        "cml-early-relapse",
        "cml-haematological-relapse",
        "cml-blast-phase-relapse",
        "aml-relapse",
        "all-relapse",
    )
    for cohort in cohorts:
        system = cohort_system(system_of(structure), cohort)
        people = drawn(system_of(structure), cohort, patients=PATIENTS, seed=SEED)
        for dose in ("1e7", "1e8", "escalating"):
            (course,) = follow(system, people, people.parameters, regimen_of(dose))
            events = ("haematological_remission", "cytogenetic_remission", "molecular_remission", "gvhd_onset")
            rows.append(
                {"cohort": cohort, "dose": dose}
                | {name: round(100.0 * float((course.times[name] <= 2.0 * YEAR).mean()), 1) for name in events}
            )
    return rows


def main() -> None:
    found: dict[str, Any] = {"digest": digest()}
    for structure in MODELS:
        print(f"following {structure}", flush=True)
        found[structure] = {
            "targets": predicted(structure),
            "il2": with_il2(structure),
            "together": together(structure),
            "lower_first": lower_first(structure),
            "aplasia": aplasia(structure),
            "stages": stages(structure),
        }
    found["fits"] = {
        structure: (FITTED / f"{table}.toml").read_text(encoding="utf-8").splitlines()[1].removeprefix("# ")
        for structure, table in TABLES.items()
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    draw(found, FIGURE)


if __name__ == "__main__":
    main()
