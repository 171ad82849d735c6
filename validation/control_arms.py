"""Control arms of published trials: what was seen, and what the model gives for it."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from untreated import UntreatedCourse, untreated_course

from trialeukin.core.arrays import Floats
from trialeukin.model.system import System
from trialeukin.population.cohort import draw_cohort
from trialeukin.population.description import Description, load_description
from trialeukin.trial.endpoint import DAYS_A_MONTH

TARGETS = Path(__file__).with_name("control_arm_targets.csv")
# assumed: blood counts at least monthly for two years bring a marrow forward; the trials do not state it
EXAMINATIONS = DAYS_A_MONTH * np.concatenate(
    (np.arange(1.0, 25.0), np.arange(27.0, 61.0, 3.0), np.arange(66.0, 121.0, 6.0))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One published number of a control arm.

    Attributes
    ----------
    months : float
        When it was read; NaN for medians and quartiles.
    value : float
        A probability, or a time in months.
    n : int
        Patients behind it; zero where the source does not say.
    fitted : bool
        Whether the fit sees it.
    """

    study: str
    cohort: str
    arm: str
    quantity: str
    months: float
    value: float
    n: int
    fitted: bool
    key: str
    place: str

    @property
    def in_months(self) -> bool:
        return self.quantity.startswith(("median", "time"))

    @property
    def error(self) -> float:
        """Standard error: binomial for a probability, of the logarithm for a time."""
        if self.in_months:
            return 0.15
        return float(np.sqrt(self.value * (1.0 - self.value) / (self.n or 150)))


def read_targets() -> tuple[Target, ...]:
    with TARGETS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Target(
                study=row["study"],
                cohort=row["cohort"],
                arm=row["arm"],
                quantity=row["quantity"],
                months=float(row["months"] or "nan"),
                value=float(row["value"]),
                n=int(row["n"]),
                fitted=row["role"] == "fitted",
                key=row["key"],
                place=row["place"],
            )
            for row in csv.DictReader(file)
        )


def described(target: Target) -> Description:
    """Return the cohort of a target, narrowed to one risk group where the arm is one."""
    description = load_description(target.cohort)
    group = target.arm.removesuffix(" risk")
    if group == target.arm:
        return description
    risk = {name: float(name == group) for name in ("favourable", "intermediate", "adverse")}
    return description.model_copy(update={"risk": description.risk.model_copy(update=risk)})


def simulate(target: Target, system: System, typical: Floats, *, patients: int, seed: int) -> UntreatedCourse:
    cohort = draw_cohort(described(target), system, seed=seed, patients=np.arange(patients), typical=typical)
    return untreated_course(cohort, system, examinations=EXAMINATIONS)


def reading(target: Target, course: UntreatedCourse) -> float:
    """Return what a target's number is in simulated patients."""
    day = target.months * DAYS_A_MONTH
    events, deaths = course.event, course.death
    # medians and quartiles would jump from one examination to the next: half a month stands for the wait
    seen_relapse = course.crossing + 0.5 * DAYS_A_MONTH
    seen = np.minimum(seen_relapse, course.death_in_remission)
    match target.quantity:
        case "lfs":
            answer = np.mean(events > day)
        case "os":
            answer = np.mean(deaths > day)
        case "relapse_risk":
            answer = np.mean(course.relapse <= day)
        case "relapse":
            answer = np.mean((course.relapse <= day) & (course.relapse < course.death_in_remission))
        case "death_in_remission":
            answer = np.mean(course.death_in_remission <= day)
        case "median_lfs":
            answer = np.median(seen) / DAYS_A_MONTH
        case "median_os":
            answer = np.median(deaths) / DAYS_A_MONTH
        case "median_os_minus_median_lfs":
            answer = (np.median(deaths) - np.median(seen)) / DAYS_A_MONTH
        case quartile:
            share = float(quartile.removeprefix("time_to_relapse_q")) / 100.0
            answer = np.quantile(seen_relapse[seen_relapse <= EXAMINATIONS[-1]], share) / DAYS_A_MONTH
    return float(answer)
