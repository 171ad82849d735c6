"""Fit the hazard of giving up IL-2 to who completed CALGB 9720, and predict three other courses.

    python validation/fit_discontinuation.py [PATIENTS]

A course counts as completed by a patient who on its last day is neither relapsed nor dead nor has given up: those who
stopped for relapse are among the 24 of 66 who stopped. One number is fitted to one fraction, three are predicted.
Rewrites ``src/trialeukin/model/fitted/discontinuation.toml``.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from control_arms import DAYS_A_MONTH
from scipy.optimize import brentq

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.model.whole import model
from trialeukin.population.cohort import draw_cohort
from trialeukin.population.description import load_description
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.trial.arm_plan import amount_in

OUTPUT = Path(__file__).parents[1] / "src" / "trialeukin" / "model" / "fitted" / "discontinuation.toml"
LAST_DAY = 90.0
SEED = 9_720
NEVER = 1e9


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


COURSES = (
    Course(
        name="CALGB 9720",
        regimen="calgb-9720",
        cohort="aml-cr1-60-and-over",
        completed=42,
        started=66,
        fitted=True,
    ),
    Course(name="CALGB 9420 low", regimen="calgb-9420-low", cohort="aml-cr1-60-and-over", completed=13, started=16),
    Course(name="CALGB 9420 pulses", regimen="calgb-9720", cohort="aml-cr1-60-and-over", completed=11, started=18),
    Course(name="CALGB 19808", regimen="calgb-19808", cohort="aml-cr1-under-60", completed=52, started=82),
)


def burdens(course: Course, patients: int) -> tuple[Floats, Floats]:
    """Return the sum of squared grades over the course, (n,), day, and who is in remission at its end, (n,)."""
    system = model("aml-maintenance")
    cohort = draw_cohort(load_description(course.cohort), system, seed=SEED, patients=np.arange(patients))
    parameters = cohort.parameters.copy()
    names = list(system.parameters)
    parameters[:, names.index("discontinuation_threshold")] = NEVER
    parameters[:, names.index("discontinuation_at_grade_one")] = 1.0
    regimen = load(course.regimen)
    doses = planned_doses(system, expand(regimen), bsa=cohort.bsa, weight=cohort.weight, amount_in=amount_in)
    hazard = "cumulative_hazard_of_discontinuation"
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
    remains = np.isnan(answer.event_time("relapse")) & np.isnan(answer.event_time("death_in_remission"))
    return np.nan_to_num(answer.value(hazard)[:, 0]), remains.astype(np.float64)


def completing(hazard: float, burden: Floats, remains: Floats) -> float:
    """Return the expected fraction who complete."""
    return float(np.mean(np.exp(-hazard * burden) * remains))


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    runs = {course.name: burdens(course, patients) for course in COURSES}
    anchor = next(course for course in COURSES if course.fitted)
    error = np.sqrt(anchor.fraction * (1.0 - anchor.fraction) / anchor.started)
    value, low, high = (
        brentq(lambda hazard, wanted=wanted: completing(hazard, *runs[anchor.name]) - wanted, 0.0, 1.0, xtol=1e-8)
        for wanted in (anchor.fraction, anchor.fraction + error, anchor.fraction - error)
    )
    for course in COURSES:
        burden, remains = runs[course.name]
        role = "fitted" if course.fitted else "predicted"
        published = f"{course.completed}/{course.started} = {course.fraction:.0%}"
        model_says = f"{completing(value, burden, remains):.0%} (in remission {remains.mean():.0%})"
        print(f"{course.name:18s} {role:9s} published {published:12s} model {model_says}")
    uncertainty = 0.5 * np.log(high / low) if low > 0.0 else np.log(high / value)
    OUTPUT.write_text(
        "# Written by validation/fit_discontinuation.py; do not edit by hand.\n\n"
        "[discontinuation_at_grade_one]\n"
        f"value = {value:.4g}\n"
        'unit = "1/day"\n'
        "between_patients = 0.0\n"
        f"uncertainty = {uncertainty:.3g}\n"
        'scale = "log"\n'
        'key = "fit_discontinuation"\n'
        'place = "to 42 of 66 who completed CALGB 9720 (baer2008, abstract)"\n'
        'meaning = "hazard of giving up the drug at grade 1 of constitutional toxicity"\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
