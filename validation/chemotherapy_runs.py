"""Published results of chemotherapy for AML, and what the model gives for each: one run answers all rows on it."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.population.cohort import draw_cohort
from trialeukin.population.description import Description, load_description
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load, names
from trialeukin.regimen.parse import parse

TARGETS = Path(__file__).with_name("chemotherapy_targets.csv")
MODEL = "aml-induction"
YEAR = 365.25
EVALUATION = 70.0  # day; see `trialeukin.model.components.complete_remission`
CONSOLIDATED = 165.0  # day: two weeks after the last dose of four courses from day 71, every 28 days
INDUCTION = 100.0  # day: by then counts of all who will recover from induction have
NADIR = 8.0  # day: the day after the last dose of 7 + 3; recovery is looked for from then on
# assumed: marrows weekly from day 14 to the end of induction, monthly for two years, quarterly for three, half-yearly
MARROWS = np.concatenate(
    (
        np.arange(14.0, 71.0, 7.0),
        YEAR / 12.0 * np.concatenate((np.arange(3.0, 25.0), np.arange(27.0, 61.0, 3.0), np.arange(66.0, 127.0, 6.0))),
    )
)
DAYS = np.concatenate(([0.0, 5.5], np.arange(NADIR, INDUCTION, 0.5)))
LOG_ERROR = 0.1  # of medians and counts: of the data, and of reading them with other doses and ages
READING_ERROR = 0.03  # of fractions, beside the binomial one: doses, ages and risks of the trials are in part assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One published number.

    Attributes
    ----------
    regimen : str
        A name of the library, or ``CYTARABINE + DAUNORUBICIN`` in mg/m2/day for 7 + 3, with ``once`` where blasts
        on the marrow bring no second course.
    group : str
        A risk group, or nothing for the whole cohort.
    value : float
        A fraction, a day or a count in G/L, as ``quantity`` says.
    """

    study: str
    cohort: str
    regimen: str
    group: str
    quantity: str
    value: float
    n: int
    fitted: bool
    key: str
    place: str
    assumed: str

    @property
    def is_fraction(self) -> bool:
        return not (self.quantity.startswith("median day") or self.quantity.endswith("at diagnosis"))

    @property
    def error(self) -> float:
        """Standard error: of a fraction, or of the logarithm of a day or a count."""
        if not self.is_fraction:
            return LOG_ERROR
        return float(np.sqrt(self.value * (1.0 - self.value) / self.n + READING_ERROR**2))

    @property
    def run(self) -> tuple[str, str, str]:
        """Rows with the same are read from one run."""
        return self.cohort, self.regimen, self.group


def read_targets() -> tuple[Target, ...]:
    with TARGETS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Target(
                **{name: row[name] for name in ("study", "cohort", "regimen", "group", "quantity", "key", "place")},
                assumed=row["assumed"],
                value=float(row["value"]),
                n=int(row["n"]),
                fitted=row["role"] == "fitted",
            )
            for row in csv.DictReader(file)
        )


def regimen_of(text: str) -> Regimen:
    """Return the regimen that a row names."""
    if text in names():
        return load(text)
    doses = text.removesuffix(" once")
    cytarabine, daunorubicin = (part.strip() for part in doses.split("+"))
    first = f"cytarabine {cytarabine} mg/m2/day civ days 1-7 + daunorubicin {daunorubicin} mg/m2 iv over 1 h days 1-3"
    second = (
        f"cytarabine {cytarabine} mg/m2/day civ days 29-33 + daunorubicin 45 mg/m2 iv over 1 h days 29-30; "
        "hold while course_withheld > 0.5"
    )
    return parse(first if doses != text else f"{first}; {second}")


def cohort_of(target: Target) -> Description:
    """Return the cohort of a row, narrowed to its risk group."""
    description = load_description(target.cohort)
    if not target.group:
        return description
    risk = {name: float(name == target.group) for name in ("favourable", "intermediate", "adverse")}
    return description.model_copy(update={"risk": description.risk.model_copy(update=risk)})


def horizon_of(targets: tuple[Target, ...]) -> float:
    years = [int(row.quantity.split(" at ")[1].split()[0]) for row in targets if row.quantity.endswith("years")]
    consolidated = any(row.quantity.endswith("consolidation") for row in targets)
    shortest = CONSOLIDATED + 1.0 if consolidated else INDUCTION
    return EVALUATION + max(years) * YEAR + 1.0 if years else shortest


def follow(rows: tuple[Target, ...], system: System, typical: Floats, *, patients: int, seed: int) -> Trajectories:
    """Follow the patients of rows that share a run.

    Raises
    ------
    RuntimeError
        When a trajectory fails: no result is read from the others.
    """
    cohort = draw_cohort(cohort_of(rows[0]), system, seed=seed, patients=np.arange(patients), typical=typical)
    regimen = regimen_of(rows[0].regimen)
    answer = solve(
        Problem(
            system=system,
            parameters=cohort.parameters,
            doses=planned_doses(system, expand(regimen), bsa=cohort.bsa, weight=cohort.weight),
            rules=regimen.rules,
            horizon=horizon_of(rows),
            save_times=DAYS,
            save=("neutrophils", "platelets", "leukaemia_burden"),
            examinations=MARROWS,
        )
    )
    if answer.failed.any():
        raise RuntimeError(f"{answer.failed.sum()} trajectories of {rows[0].run} failed")
    return answer


def readings(
    targets: tuple[Target, ...], system: System, typical: Floats, *, patients: int, seed: int
) -> dict[Target, float]:
    """Return what the model gives for each row."""
    answers = {}
    for run in dict.fromkeys(target.run for target in targets):
        rows = tuple(target for target in targets if target.run == run)
        course = follow(rows, system, typical, patients=patients, seed=seed)
        answers |= {row: reading(row.quantity, course) for row in rows}
    return answers


def reading(quantity: str, course: Trajectories) -> float:
    """Return one number of a run: fractions are of all patients, but continuous remission of those in remission."""
    match quantity.split():
        case ["remission"]:
            return float(np.mean(_in_remission(course)))
        case ["death", "by", "day", day]:
            return float(np.mean(_when(course, "death_from_treatment") <= float(day)))
        case ["continuous", "remission", "at", years, "years"]:
            randomised = _in_remission(course) & (_end_of_remission(course) > EVALUATION)
            return float(np.mean(_lasting(course, years)[randomised]))
        case ["none", "left", "after", "consolidation"]:
            randomised = _in_remission(course) & (_end_of_remission(course) > EVALUATION)
            return float(np.mean((_when(course, "extinction") <= CONSOLIDATED)[randomised]))
        case ["alive", "in", "remission", "at", years, "years"]:
            return float(np.mean(_in_remission(course) & (_end_of_remission(course) > float(years) * YEAR)))
        case ["fall", "of", "two", "logs", *_]:
            burden = course.value("leukaemia_burden")
            return float(np.nanmean(burden[:, 1] < 0.01 * burden[:, 0]))
        case ["median", "day", "of", "remission"]:
            return float(np.median(_when(course, "complete_remission")[_in_remission(course)]))
        case ["median", "day", "of", cells, "over", level]:
            days = recovery(course, cells, float(level))
            return float(np.median(days[np.isfinite(days)]))
        case [cells, "at", "diagnosis"]:
            return float(np.median(course.value(cells)[:, 0]))
    raise ValueError(f"no reading is called {quantity!r}")


def recovery(course: Trajectories, cells: str, level: float) -> Floats:
    """Return the day from which counts are over a level after their nadir, (n,), interpolated; infinity if never."""
    counts, days = course.value(cells)[:, 2:], DAYS[2:]
    below = counts < level
    last = below.shape[1] - 1 - np.argmax(_first_run(below)[:, ::-1], axis=1)
    ever = below.any(axis=1) & (last < days.size - 1)
    after = np.minimum(last + 1, days.size - 1)
    row = np.arange(counts.shape[0])
    low, high = counts[row, last], counts[row, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(ever, np.log(level / low) / np.log(high / low), 0.0)
    return np.where(ever & np.isfinite(share), days[last] + np.nan_to_num(share) * (days[after] - days[last]), np.inf)


def _first_run(below: Booleans) -> Booleans:
    """Return below cut to its first unbroken stretch, (n, k)."""
    started = np.cumsum(below, axis=1) > 0
    over = started & ~below
    return below & (np.cumsum(over, axis=1) == 0)


def _when(course: Trajectories, event: str) -> Floats:
    return np.nan_to_num(course.event_time(event), nan=np.inf)


def _in_remission(course: Trajectories) -> Booleans:
    return np.asarray(_when(course, "complete_remission") <= EVALUATION)


def _end_of_remission(course: Trajectories) -> Floats:
    return np.minimum(_when(course, "relapse"), _when(course, "death_from_treatment"))


def _lasting(course: Trajectories, years: str) -> Booleans:
    return np.asarray(_end_of_remission(course) > _when(course, "complete_remission") + float(years) * YEAR)
