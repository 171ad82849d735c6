"""Fit who gives up IL-2 and who dies of it: one number each.

    python validation/fit_toxicity.py [PATIENTS]

A course counts as completed by a patient who on its last day is neither relapsed nor dead nor has given up: those who
stopped for relapse are among the 24 of 66 who stopped. The hazard of giving up is the most likely one under the
fractions among the cases of the package that are to be fitted (`trialeukin.inference.cases`); CALGB 19808 is predicted.
Toxic death is fitted to 2 of 50 patients on high-dose continuous infusions (Blaise 1997).
Rewrites ``src/trialeukin/model/fitted/toxicity.toml``; to be run again whenever the grades of toxicity change.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.inference.case import Case, Reading, Use
from trialeukin.inference.cases import all_cases
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_cohort
from trialeukin.population.description import load_description
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.trial.endpoint import DAYS_A_MONTH

OUTPUT = Path(__file__).parents[1] / "src" / "trialeukin" / "model" / "fitted" / "toxicity.toml"
LAST_DAY = 90.0
SEED = 9_720
NEVER = 1e9
NEGLIGIBLE = 1e-15
GIVING_UP = "discontinuation"
LOG_HAZARDS, STEP = (-12.0, 1.0), 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Who completed a 90-day course of those who started."""

    name: str
    regimen: str
    cohort: str
    completed: int
    started: int
    fitted: bool = False

    @property
    def fraction(self) -> float:
        return self.completed / self.started


def fitted_courses() -> tuple[Course, ...]:
    """Return the fractions who completed a course that are to be fitted."""
    cases = [case for case in all_cases() if isinstance(case, Case) and case.use is Use.FITTED]
    return tuple(
        Course(
            name=case.study,
            regimen=case.scenario.regimen,
            cohort=case.scenario.population.cohort,
            completed=round(case.patients * (1.0 - case.value / 100.0)),
            started=case.patients,
            fitted=True,
        )
        for case in cases
        if case.reading is Reading.FRACTION and GIVING_UP in case.events
    )


COURSES = (
    *fitted_courses(),
    Course(name="CALGB 19808", regimen="calgb-19808", cohort="aml-cr1-under-60", completed=52, started=82),
)
TOXIC_DEATHS = Course(
    name="Blaise 1997", regimen="blaise-1997", cohort="aml-cr1-under-60-autologous", completed=48, started=50
)
ERROR_OF_TWO_DEATHS = 1.0 / np.sqrt(2.0)  # of the logarithm of a Poisson count


def burdens(course: Course, patients: int, *, leak_only: bool = False) -> tuple[Floats, Floats]:
    """Return the sum of squared grades over the course, (n,), day, and who is in remission at its end, (n,).

    The grades are constitutional with leak weighed as the model does, or those of leak alone.
    """
    system = model("aml-maintenance")
    cohort = draw_cohort(load_description(course.cohort), system, seed=SEED, patients=np.arange(patients))
    parameters = cohort.parameters.copy()
    names = list(system.parameters)
    for name in ("discontinuation_threshold", "death_in_remission_threshold"):
        parameters[:, names.index(name)] = NEVER
    parameters[:, names.index("discontinuation_at_grade_one")] = 1.0
    parameters[:, names.index("toxic_death_at_leak_grade_one")] = 1.0
    parameters[:, names.index("death_in_remission_at_45")] = NEGLIGIBLE
    regimen = load(course.regimen)
    doses = planned_doses(system, expand(regimen), bsa=cohort.bsa, weight=cohort.weight)
    hazard = "cumulative_hazard_in_remission" if leak_only else "cumulative_hazard_of_discontinuation"
    answer = solve(
        Problem(
            system=system,
            parameters=parameters,
            doses=doses,
            rules=regimen.rules,
            horizon=LAST_DAY,
            save_times=np.array([LAST_DAY]),
            save=(hazard,),
            examinations=DAYS_A_MONTH * np.array([1.0, 2.0]),
        )
    )
    if answer.failed.any():
        raise RuntimeError(f"{answer.failed.sum()} trajectories of {course.name} failed")
    remains = np.isnan(answer.event_time("relapse"))
    return np.nan_to_num(answer.value(hazard)[:, 0]), remains.astype(np.float64)


def completing(hazard: float, burden: Floats, remains: Floats) -> float:
    """Return the expected fraction who complete."""
    return float(np.mean(np.exp(-hazard * burden) * remains))


def solved(wanted: float, burden: Floats, remains: Floats) -> float:
    """Return the hazard at grade one at which the wanted fraction completes."""
    return float(brentq(lambda hazard: completing(hazard, burden, remains) - wanted, 0.0, 10.0, xtol=1e-12))


def surprise(log_hazard: float, runs: Sequence[tuple[Course, Floats, Floats]]) -> float:
    """Return minus the binomial log-likelihood of the fractions at a hazard, without its constant."""
    total = 0.0
    for course, burden, remains in runs:
        share = completing(float(np.exp(log_hazard)), burden, remains)
        total -= course.completed * np.log(share) + (course.started - course.completed) * np.log1p(-share)
    return float(total)


def most_likely(runs: Sequence[tuple[Course, Floats, Floats]]) -> tuple[float, float]:
    """Return the most likely hazard at grade one, 1/day, and the standard deviation of its logarithm."""
    best = minimize_scalar(lambda x: surprise(x, runs), bounds=LOG_HAZARDS, method="bounded").x
    around = [surprise(best + step, runs) for step in (-STEP, 0.0, STEP)]
    curvature = (around[0] - 2.0 * around[1] + around[2]) / STEP**2
    return float(np.exp(best)), float(curvature**-0.5)


def block(name: str, value: float, uncertainty: float, place: str, meaning: str) -> str:
    return (
        f"[{name}]\n"
        f"value = {value:.4g}\n"
        'unit = "1/day"\n'
        "between_patients = 0.0\n"
        f"uncertainty = {uncertainty:.3g}\n"
        'scale = "log"\n'
        'key = "fit_toxicity"\n'
        f'place = "{place}"\n'
        f'meaning = "{meaning}"\n'
    )


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    runs = [(course, *burdens(course, patients)) for course in COURSES]
    value, uncertainty = most_likely([run for run in runs if run[0].fitted])
    for course, burden, remains in runs:
        role = "fitted" if course.fitted else "predicted"
        published = f"{course.completed}/{course.started} = {course.fraction:.0%}"
        model_says = f"{completing(value, burden, remains):.0%} (in remission {remains.mean():.0%})"
        print(f"{course.name:22s} {course.regimen:16s} {role:9s} published {published:12s} model {model_says}")
    leaks = [(course, burdens(course, patients, leak_only=True)[0]) for course in (*COURSES, TOXIC_DEATHS)]
    toxic = solved(TOXIC_DEATHS.fraction, leaks[-1][1], np.ones(patients))
    for course, leak in leaks:
        deaths = 1.0 - completing(toxic, leak, np.ones(patients))
        print(f"{course.name:22s} {course.regimen:16s} toxic deaths {deaths:.2%}")
    OUTPUT.write_text(
        "# Written by validation/fit_toxicity.py; do not edit by hand.\n\n"
        + block(
            "discontinuation_at_grade_one",
            value,
            uncertainty,
            "to who completed CALGB 9720, 42 of 66 (baer2008), and CALGB 9420, 13 of 16 and 11 of 18 (farag2002)",
            "hazard of giving up the drug at grade 1 of constitutional toxicity",
        )
        + "\n"
        + block(
            "toxic_death_at_leak_grade_one",
            toxic,
            ERROR_OF_TWO_DEATHS,
            "to 2 toxic deaths in 50 patients (blaise1997, abstract)",
            "hazard of toxic death at grade 1 of capillary leak",
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
