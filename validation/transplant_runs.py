"""Published counts after transplants, and what the models give for each in the typical patient."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.engine.dosing import planned_doses
from trialeukin.engine.problem import Problem
from trialeukin.engine.solve import solve
from trialeukin.engine.trajectories import Trajectories
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.expand import expand
from trialeukin.regimen.parse import parse

TARGETS = Path(__file__).with_name("transplant_targets.csv")
MODELS = {"autologous": "autologous-transplant", "allogeneic": "allogeneic-transplant"}
NOTHING_GIVEN = parse("aldesleukin 1e-12 MIU/m2 sc day 1")  # a course has at least one dose
YEAR = 365.25
HORIZON = 6.0 * YEAR
DAYS = np.concatenate((np.arange(0.0, 150.0, 0.5), np.arange(150.0, HORIZON, 5.0)))
SAVED = (
    "neutrophils",
    "platelets",
    "nk_count",
    "nk_bright_count",
    "cd8_count",
    "cd4_count",
    "treg_count",
    "lymphocyte_count",
    "t_cell_response",
)
GRAFTS = {  # words of the table: switches of the model
    "blood": {},
    "marrow": {"marrow_graft": 1.0},
    "blood of AML": {"leukaemic_autograft": 1.0},
    "marrow of AML": {"marrow_graft": 1.0, "leukaemic_autograft": 1.0},
    "purged marrow": {"marrow_graft": 1.0, "purged_graft": 1.0},
    "purged marrow of AML": {"marrow_graft": 1.0, "leukaemic_autograft": 1.0, "purged_graft": 1.0},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One published number.

    Attributes
    ----------
    cd34 : float, million cells/kg
        CD34 cells of the graft.
    over, day : float or None
        The level whose day is asked, or the day on which the quantity is; one of the two.
    spread : float, 1
        One standard deviation on the log scale: of the datum and of reading it.
    """

    study: str
    transplant: str
    cd34: float
    graft: str
    quantity: str
    over: float | None
    day: float | None
    value: float
    spread: float
    role: str
    key: str
    place: str
    assumed: str

    @property
    def run(self) -> tuple[str, float, str]:
        """Rows with the same are read from one run."""
        return self.transplant, self.cd34, self.graft

    @property
    def what(self) -> str:
        """The reading in words."""
        return f"{self.quantity} on day {self.day:g}" if self.over is None else f"day of {self.quantity} {self.over:g}"


def read_targets() -> tuple[Target, ...]:
    """Return the rows that can be used."""
    words = ("study", "transplant", "graft", "quantity", "role", "key", "place", "assumed")
    with TARGETS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Target(
                **{name: row[name] for name in words},
                cd34=float(row["cd34"]),
                over=float(row["over"]) if row["over"] else None,
                day=float(row["day"]) if row["day"] else None,
                value=float(row["value"]),
                spread=float(row["spread"]),
            )
            for row in csv.DictReader(file)
            if row["role"] != "unused"
        )


def grafted(system: System, rows: Floats, cd34: float, graft: str) -> Floats:
    """Return rows of parameters, (n, p), with the graft of a run."""
    changed = rows.copy()
    for name, value in {
        "cd34_dose": cd34 * 1e6,
        **dict.fromkeys(GRAFTS["purged marrow of AML"], 0.0),
        **GRAFTS[graft],
    }.items():
        changed[:, list(system.parameters).index(name)] = value
    return changed


def follow(
    system: System, rows: Floats, regimen: Regimen = NOTHING_GIVEN, *, start: float = 0.0, days: Floats = DAYS
) -> Trajectories:
    """Follow patients of one body and their own parameters, (n, p), from the day of the transplant.

    The regimen's first day is ``start`` days later.

    Raises
    ------
    RuntimeError
        When a trajectory fails: no result is read from the others.
    """
    body = np.full(rows.shape[0], REFERENCE_BSA.value)
    doses = planned_doses(system, expand(regimen), bsa=body, weight=np.full(rows.shape[0], REFERENCE_WEIGHT.value))
    answer = solve(
        Problem(
            system=system,
            parameters=rows,
            doses=replace(doses, times=doses.times + start),
            rules=regimen.rules,
            horizon=float(days[-1]) + 1.0,
            save_times=days,
            save=SAVED,
            examinations=np.zeros(0),
        )
    )
    if answer.failed.any():
        raise RuntimeError(f"{answer.failed.sum()} trajectories of {system.name} failed")
    return answer


def course_of(quantity: str, answer: Trajectories, system: System, rows: Floats) -> Floats:
    """Return one quantity of a run, (n, k)."""
    match quantity.split("_"):
        case ["cd4", "total"]:
            return answer.value("cd4_count") + answer.value("treg_count")
        case ["treg", "percent"]:
            treg = answer.value("treg_count")
            return 100.0 * treg / (answer.value("cd4_count") + treg)
        case [cell, "share"]:
            baseline = rows[:, list(system.parameters).index(f"{cell}_baseline")]
            return answer.value(f"{cell}_count") / baseline[:, None]
        case _:
            return answer.value(quantity)


def first_over(level: float, course: Floats, days: Floats = DAYS) -> Floats:
    """Return the day on which a course (n, k) that starts below a level reaches it, (n,); the last if never."""
    over = course >= level
    after = np.maximum(np.argmax(over, axis=1), 1)
    row = np.arange(course.shape[0])
    low, high = course[row, after - 1], course[row, after]
    share = np.clip((level - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    found: Floats = np.where(over.any(axis=1), days[after - 1] + share * (days[after] - days[after - 1]), days[-1])
    return found


def readings(targets: tuple[Target, ...], rows: Mapping[str, Floats]) -> Floats:
    """Return what the models give, (n, t), for n rows of parameters of each transplant."""
    answers: dict[Target, Floats] = {}
    for run in dict.fromkeys(target.run for target in targets):
        transplant, cd34, graft = run
        system = model(MODELS[transplant])
        patients = grafted(system, rows[transplant], cd34, graft)
        answer = follow(system, patients)
        for target in targets:
            if target.run == run:
                course = course_of(target.quantity, answer, system, patients)
                if target.over is not None:
                    answers[target] = first_over(target.over, course)
                else:
                    answers[target] = np.array([np.interp(target.day, DAYS, each) for each in course])
    return np.stack([answers[target] for target in targets], axis=1)
