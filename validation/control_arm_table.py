"""Show control arms as the engine gives them beside what was published, fitted and predicted apart.

    python validation/control_arm_table.py [PATIENTS]

runs the model ``aml-maintenance`` without any dose for each cohort, prints the table and rewrites the one in
``docs/validation-control-arms.md``. The interval is that of the published number's own chance (two standard errors).
"""

import sys
from pathlib import Path

import numpy as np
from control_arms import EXAMINATIONS, Target, described, read_targets, reading
from untreated import UntreatedCourse

from trialeukin.core.sources import citation
from trialeukin.engine.problem import Doses, Problem
from trialeukin.engine.solve import solve
from trialeukin.model.system import System
from trialeukin.model.whole import models
from trialeukin.population.cohort import draw_cohort
from trialeukin.trial.endpoint import DAYS_A_MONTH

PAGE = Path(__file__).parents[1] / "docs" / "validation-control-arms.md"
START, END = "<!-- table: control arms -->", "<!-- end of table -->"
SEED = 19_808  # not that of the fit
HORIZON = 90.0 * DAYS_A_MONTH
POINTS = 0.07
NOTHING = np.zeros(0)
NEVER = 1e9


def engine_course(target: Target, system: System, patients: int) -> UntreatedCourse:
    """Follow a target's cohort without drug and return its times as the closed form does."""
    cohort = draw_cohort(described(target), system, seed=SEED, patients=np.arange(patients))
    parameters = cohort.parameters.copy()
    if target.quantity == "relapse_risk":  # of those whom nothing else takes before
        parameters[:, list(system.parameters).index("death_in_remission_threshold")] = NEVER
    empty = np.zeros((patients, 0))
    problem = Problem(
        system=system,
        parameters=parameters,
        doses=Doses(
            times=NOTHING,
            durations=NOTHING,
            inputs=NOTHING.astype(np.int64),
            manners=NOTHING.astype(np.int64),
            amounts=empty,
            fates=empty.astype(np.int64),
        ),
        horizon=HORIZON,
        save_times=NOTHING,
        save=(),
        examinations=EXAMINATIONS[EXAMINATIONS <= HORIZON],
    )
    answer = solve(problem)
    if answer.failed.any():
        raise RuntimeError(f"{answer.failed.sum()} of {patients} trajectories failed in {target.cohort}")
    names = ("relapse_crossing", "relapse", "death_in_remission", "death_after_relapse")
    times = [np.nan_to_num(answer.event_time(name), nan=np.inf) for name in names]
    return UntreatedCourse(
        crossing=times[0], relapse=times[1], death_in_remission=times[2], death_after_relapse=times[3]
    )


def row(target: Target, seen: float) -> str:
    """Return one line of the table."""
    when = "" if np.isnan(target.months) else f"{target.months:g} mo"
    what = target.quantity.replace("_", " ")
    if target.in_months:
        gap = f"{seen - target.value:+.1f} mo"
        numbers = f"{target.value:.1f} mo | {seen:.1f} mo | {gap}"
        verdict = "within" if abs(np.log(seen / target.value)) <= 2.0 * target.error else "**miss**"
    else:
        numbers = f"{target.value:.0%} | {seen:.0%} | {100.0 * (seen - target.value):+.0f} points"
        verdict = "within" if abs(seen - target.value) <= POINTS else "**miss**"
    role = "fitted" if target.fitted else "predicted"
    source = f"{citation(target.key)}; {target.place}"
    return f"| {target.study} | {target.arm} | {what} | {when} | {numbers} | {role} | {verdict} | {source} |"


def table(patients: int) -> str:
    system = models()["aml-maintenance"]
    courses: dict[tuple[str, str], UntreatedCourse] = {}
    lines = [
        "| study | arm | what | at | published | model | model less published | role | 7 points | source |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for target in sorted(read_targets(), key=lambda each: not each.fitted):
        who = (target.cohort, target.arm if target.arm.endswith("risk") else "")
        if who not in courses:
            courses[who] = engine_course(target, system, patients)
        lines.append(row(target, reading(target, courses[who])))
    return "\n".join(lines)


def main() -> None:
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000
    text = table(patients)
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(START)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
