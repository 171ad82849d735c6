"""Published results of donor lymphocytes: what was seen, and what the model gives for it.

An arm is a cohort under a regimen; a target reads one number off the patients of one or two arms, in equal parts.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from without_il2 import WithoutIl2

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem, Tolerance
from trialeukin.engine.solve import solve
from trialeukin.model.component import Component
from trialeukin.model.compose import compose
from trialeukin.model.system import System
from trialeukin.model.whole import BY_GROWTH, BY_POTENCY
from trialeukin.population.cohort import Cohort, adapted, draw_cohort
from trialeukin.population.description import load_description
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse

TARGETS = Path(__file__).with_name("targets") / "donor_lymphocytes.csv"
HORIZON = 1096.0
DAYS_A_WEEK = 7.0
BETWEEN_STUDIES = 0.4  # standard deviation of logits between series beyond chance, so that the fit's misfit is near one
LOG_ERROR_OF_TIMES = 0.25  # medians of 15 patients whose times span a factor of three to five
STRUCTURES: dict[str, tuple[Component, ...]] = {"growth": BY_GROWTH, "potency": BY_POTENCY}
DEATHS = ("death_of_leukaemia", "death_of_gvhd")
EVENTS = (
    "haematological_remission",
    "cytogenetic_remission",
    "molecular_remission",
    "relapse",
    "molecular_relapse",
    "gvhd_onset",
    "acute_gvhd_2_to_4",
    "acute_gvhd_3_to_4",
    "aplasia",
    *DEATHS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One published number; the columns of ``targets/donor_lymphocytes.csv``.

    Attributes
    ----------
    cohort, regimen : tuple of str
        Of which arms, in equal parts.
    start, donor : str
        Which of their patients: ``any``, or those in ``cytogenetic`` relapse or beyond; donors of one kind.
    event, given : str
        What is counted, and among whom: see `reading`.
    by_day : float, day
        Until when.
    value : float
        Per cent, or weeks for a median time.
    n : int
        Patients behind it.
    use : str
        ``fitted``, ``held out`` or ``compared`` (not fitted, with the reason under ``assumed``).
    """

    name: str
    study: str
    cohort: tuple[str, ...]
    start: str
    donor: str
    regimen: tuple[str, ...]
    event: str
    given: str
    by_day: float
    value: float
    n: int
    use: str
    key: str
    place: str
    assumed: str
    row: int

    @property
    def in_weeks(self) -> bool:
        """Whether it is a median time."""
        return self.given == "time"

    @property
    def arms(self) -> tuple[tuple[str, str], ...]:
        """Cohort and regimen of each arm."""
        return tuple((cohort, regimen) for cohort in self.cohort for regimen in self.regimen)

    @property
    def error(self) -> float:
        """Standard error of a time's logarithm, or of a share's logit: chance (half a patient added) and series."""
        if self.in_weeks:
            return LOG_ERROR_OF_TIMES
        seen = self.value / 100.0 * self.n
        return float(np.sqrt(1.0 / (seen + 0.5) + 1.0 / (self.n - seen + 0.5) + BETWEEN_STUDIES**2))


@cache
def read_targets() -> tuple[Target, ...]:
    """Return all targets, in the order of the file."""
    with TARGETS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(
        Target(
            **{
                name: row[name] for name in ("name", "study", "start", "donor", "event", "given", "use", "key", "place")
            },
            assumed=row["assumed"],
            cohort=tuple(row["cohort"].split("+")),
            regimen=tuple(row["regimen"].split("+")),
            by_day=float(row["by_day"]),
            value=float(row["value"]),
            n=int(row["n"]),
            row=int(row["row"]),
        )
        for row in rows
    )


def regimen_of(name: str) -> Regimen:
    """Return the regimen of an arm: the escalating one of the library, or a single dose in CD3/kg."""
    return load("dli-escalating") if name == "escalating" else parse(f"donor lymphocytes {name} CD3/kg iv day 0")


@cache
def system_of(structure: str) -> System:
    """Return donor lymphocytes without the machinery of IL-2, which nobody gets here."""
    return compose(f"donor-lymphocytes-alone-{structure}", (WithoutIl2(), *STRUCTURES[structure]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What happened to the patients of one arm: times of events, (n,), day, infinity for never, and who they are."""

    times: Mapping[str, Floats]
    cytogenetic: Booleans
    unrelated: Booleans

    @property
    def death(self) -> Floats:
        """(n,) Death of any cause in the model, day."""
        return np.minimum(*(self.times[name] for name in DEATHS))


def drawn(system: System, cohort: str, *, patients: int, seed: int, typical: Floats | None = None) -> Cohort:
    """Return virtual patients of a cohort."""
    return draw_cohort(load_description(cohort), system, seed=seed, patients=np.arange(patients), typical=typical)


def cohort_system(system: System, cohort: str) -> System:
    """Return the model as the cohort's file overrides it."""
    return adapted(system, load_description(cohort))


def follow(
    system: System, cohort: Cohort, parameters: Floats, regimen: Regimen, *, horizon: float = HORIZON
) -> list[Course]:
    """Follow one cohort under as many sets of parameters as given, (k n, p), and return one course a set."""
    sets = parameters.shape[0] // cohort.weight.size
    problem = Problem(
        system=system,
        parameters=parameters,
        doses=planned_doses(
            system,
            expand(regimen),
            bsa=np.tile(cohort.bsa, sets),
            weight=np.tile(cohort.weight, sets),
        ),
        rules=regimen.rules,
        horizon=horizon,
        save_times=np.zeros(0),
        save=(),
        examinations=np.zeros(0),
        tolerance=Tolerance(relative=1e-4),
    )
    answer = solve(problem)
    if answer.failed.any():
        raise RuntimeError(f"{answer.failed.sum()} of {answer.status.size} trajectories failed: {answer.endings}")
    names = list(system.parameters)
    column = dict(zip(names, parameters.T, strict=True))
    log_burden = column["relapse_burden_low"] + column["relapse_burden_position"] * (
        column["relapse_burden_high"] - column["relapse_burden_low"]
    )
    beyond = log_burden > np.log10(column["cytogenetic_limit"] * column["marrow_capacity"])
    times = {name: np.nan_to_num(answer.event_time(name), nan=np.inf) for name in EVENTS}
    split = {name: np.split(each, sets) for name, each in times.items()}
    return [
        Course(
            times={name: each[place] for name, each in split.items()},
            cytogenetic=np.split(beyond, sets)[place],
            unrelated=np.split(column["unrelated_donor"] > 0.5, sets)[place],
        )
        for place in range(sets)
    ]


def reading(target: Target, courses: Sequence[Course]) -> float:
    """Return what the model gives for a target: per cent, or weeks.

    ``event`` by ``by_day``; ``response`` is cytogenetic remission, or molecular remission of those in molecular
    relapse; ``survival`` is that to ``by_day``; ``disease_free`` that without relapse since ``given``. Any
    other ``given`` is an event, from which ``by_day`` counts; with ``ever`` or ``no`` it only selects patients.
    ``time`` asks for the median time of those in whom it happens.
    """
    counts, weights = zip(*(_counted(target, course) for course in courses), strict=True)
    if target.in_weeks:
        times = np.concatenate([count[np.isfinite(count)] for count in counts])
        return float(np.median(times)) / DAYS_A_WEEK if times.size else HORIZON / DAYS_A_WEEK
    shares = [count.sum() / max(who, 1) for count, who in zip(counts, weights, strict=True)]
    if target.given not in {"", "time"}:  # conditional shares are pooled: arms count by how many are in them
        return 100.0 * float(sum(count.sum() for count in counts) / max(sum(weights), 1))
    return 100.0 * float(np.mean(shares))


def _counted(target: Target, course: Course) -> tuple[Floats, int]:
    who = np.ones(course.unrelated.shape, dtype=np.bool_)
    if target.start == "cytogenetic":
        who &= course.cytogenetic
    if target.donor != "mixed":
        who &= course.unrelated == (target.donor == "unrelated")
    times = _times(target, course)
    if target.in_weeks:
        return times[who & (times <= target.by_day)], int(who.sum())
    words = target.given.split()
    event = next((word for word in words if word in EVENTS), "")
    if event:
        reached = np.isfinite(course.times[event])
        who &= ~reached if words[0] == "no" else reached
    lasting = target.event in {"survival", "disease_free"}
    start = course.times[event] if event and len(words) == 1 else np.zeros(who.shape)
    happened = times[who] - start[who] <= target.by_day
    return (~happened if lasting else happened).astype(np.float64), int(who.sum())


def _times(target: Target, course: Course) -> Floats:
    match target.event:
        case "survival":
            return course.death
        case "disease_free":
            return np.minimum(course.death, course.times["relapse"])
        case "response":
            return np.where(
                course.cytogenetic, course.times["cytogenetic_remission"], course.times["molecular_remission"]
            )
        case event:
            return course.times[event]
