"""Show what the models of transplants say beside what was published: page, picture and the numbers behind both.

    python validation/transplant_table.py [DRAWS]

runs ``autologous-transplant`` and ``allogeneic-transplant`` for every row of ``transplant_targets.csv``, for cohorts
over two years, and for IL-2 begun early and late. Writes ``transplant.json``, ``docs/validation-transplant.md`` and
``docs/validation-transplant.svg``.
"""

import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from model_digest import cohort_text, digest_of
from page_text import table
from transplant_runs import MODELS, TARGETS, Target, follow, grafted, read_targets, readings

from trialeukin.core.arrays import Floats
from trialeukin.core.sources import citation
from trialeukin.model.fitted import fitted
from trialeukin.model.system import System
from trialeukin.model.whole import model
from trialeukin.population.cohort import adapted, draw_cohort, draw_typical, typical_values
from trialeukin.population.description import load_description
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.library import load
from trialeukin.regimen.parse import parse

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("transplant.json")
PAGE, FIGURE = ROOT / "docs" / "validation-transplant.md", ROOT / "docs" / "validation-transplant.svg"
FITTED_TABLE = ROOT / "src" / "trialeukin" / "model" / "fitted" / "reconstitution.toml"
TEXT = Path(__file__).with_name("transplant_page.md")
HERE = "<!-- {} -->"
DRAWS, SEED = 60, 2_006
PATIENTS = 20  # of each draw: bands hold what is not known and what differs between patients
WEEKS = np.arange(0.0, 731.0, 7.0)
SHOWN = (0, 2, 4, 8, 13, 26, 52, 104)  # weeks of the table of counts
COUNTS = ("nk_count", "cd8_count", "cd4_count", "treg_count")
COHORTS = {
    "autologous-blood": "autologous",
    "autologous-blood-aml": "autologous",
    "autologous-marrow-aml": "autologous",
    "allogeneic-blood": "allogeneic",
    "allogeneic-marrow": "allogeneic",
}
EVENTS = ("neutrophil_engraftment", "neutrophil_recovery", "platelet_engraftment", "platelet_recovery")
QUANTILES = (0.05, 0.5, 0.95)
STARTS = (0.0, 2.0, 4.0, 8.0, 13.0, 26.0, 52.0)  # weeks after the transplant
AFTER = 14.0  # days after the last dose in which the highest count may come
FOLD = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """IL-2 after a transplant, and what was published of its cells."""

    study: str
    transplant: str
    graft: str
    cd34: float
    regimen: Regimen
    start: float
    days: int
    seen: str
    key: str
    assumed: str
    marrow_gain: float | None = None


def courses() -> tuple[Course, ...]:
    """Return the courses of IL-2 that are predicted."""
    return (
        Course(
            study="Soiffer 1992",
            transplant="autologous",
            graft="marrow",
            cd34=3.0,
            regimen=parse("aldesleukin 0.2 MIU/m2/day civ days 1-90"),
            start=67.0,
            days=90,
            seen="NK cells 5 to 40 times in 13 of 13; T cells rose a little in 4 of 13",
            key="soiffer1992",
            assumed="U counted as IU; day 67, the median of Soiffer 1994; auto- and allografts alike",
        ),
        Course(
            study="Soiffer 1992",
            transplant="autologous",
            graft="marrow",
            cd34=3.0,
            regimen=parse("aldesleukin 0.2 MIU/m2/day civ days 1-90"),
            start=67.0,
            days=90,
            seen="as above",
            key="soiffer1992",
            assumed="as above, with the gain of NK progenitors after chemotherapy for AML",
            marrow_gain=fitted("immune", "marrow_gain").value,
        ),
        Course(
            study="Blaise 1990",
            transplant="autologous",
            graft="marrow of AML",
            cd34=2.0,
            regimen=load("blaise-1990"),
            start=79.0,
            days=6,
            seen="T cells, CD25-bearing T cells, NK cells and NK activity rose (P < 0.05 to 0.01)",
            key="blaise1990",
            assumed="",
        ),
        Course(
            study="Blaise 1997",
            transplant="autologous",
            graft="marrow of AML",
            cd34=2.0,
            regimen=load("blaise-1997"),
            start=72.0,
            days=58,
            seen="T and NK cells and their killing rose (P < 0.05)",
            key="blaise1997",
            assumed="",
        ),
        Course(
            study="Robinson 1996, level II",
            transplant="allogeneic",
            graft="marrow",
            cd34=3.0,
            regimen=load("robinson-1996-level-2"),
            start=68.0,
            days=21,
            seen="lymphocytes, CD56 and CD8 cells rose",
            key="robinson1996",
            assumed="children; the model's adult",
        ),
        Course(
            study="Stein 2003",
            transplant="autologous",
            graft="blood of AML",
            cd34=7.0,
            regimen=load("stein-2003"),
            start=30.0,
            days=18,
            seen="no counts in the abstract",
            key="stein2003",
            assumed="day 30 for haematological recovery",
        ),
        Course(
            study="Weisdorf 1993",
            transplant="autologous",
            graft="purged marrow",
            cd34=2.0,
            regimen=parse("aldesleukin 1 MIU/m2/day civ days 1-4, 8-11, 15-18"),
            start=1.0,
            days=18,
            seen="CD8 cells grew in most; NK phenotype and killing changed little, after 3 weeks",
            key="weisdorf1993",
            assumed="U counted as IU though no product is stated; the middle of three levels",
        ),
    )


def begun() -> dict[str, Course]:
    """Return a short and a long course that are begun at many times."""
    known = {course.study: course for course in reversed(courses())}
    return {"Blaise 1990, 6 days": known["Blaise 1990"], "Soiffer 1992, 90 days": known["Soiffer 1992"]}


def digest() -> str:
    """Return a digest of everything that the predictions depend on and that people edit."""
    texts = [TARGETS.read_text(encoding="utf-8"), *map(cohort_text, COHORTS)]
    texts += [
        f"{course.regimen} {course.start} {course.graft} {course.cd34} {course.marrow_gain}" for course in courses()
    ]
    return digest_of(map(model, MODELS.values()), texts)


def with_draws(system: System, draws: int) -> Floats:
    """Return the fitted values in the first row, draws of what is not known of them in the others, (1 + draws, p)."""
    return np.vstack((typical_values(system), draw_typical(system, seed=SEED, draws=np.arange(draws))))


def spanned(values: Floats) -> list[float]:
    """Return the first of the values, and 2.5 and 97.5 % of the others."""
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return [float(f"{value:.4g}") for value in (values[0], low, high)]


def bands(name: str, draws: int) -> dict[str, Any]:
    """Return weekly counts and days of engraftment of a cohort, with what is not known of the typical patient."""
    system = model(MODELS[COHORTS[name]])
    description = load_description(name)
    typical = draw_typical(adapted(system, description), seed=SEED, draws=np.arange(draws))
    patients = np.arange(draws * PATIENTS).reshape(draws, PATIENTS)
    rows = np.vstack(
        [
            draw_cohort(description, system, seed=SEED, patients=some, typical=middle).parameters
            for some, middle in zip(patients, typical, strict=True)
        ]
    )
    answer = follow(system, rows, days=WEEKS)
    counts = {
        count: np.round(np.quantile(answer.value(count), QUANTILES, axis=0), 1).T.tolist()
        for count in (*COUNTS, "lymphocyte_count")
    }
    events = {event: _days(answer.event_time(event)) for event in EVENTS}
    return {"counts": counts, "events": events}


def _days(found: Floats) -> list[float]:
    reached = np.nan_to_num(found, nan=np.inf)
    return [float(day) for day in np.round(np.quantile(reached, QUANTILES, method="nearest"), 1)]


def rises(course: Course, start: float, draws: int) -> dict[str, list[float]]:
    """Return the highest count under IL-2 over the same patient's without it on that day, and over that before it."""
    system = model(MODELS[course.transplant])
    rows = grafted(system, with_draws(system, draws), course.cd34, course.graft)
    if course.marrow_gain is not None:
        rows[:, list(system.parameters).index("marrow_gain")] = course.marrow_gain
    days = start + np.arange(0.0, course.days + AFTER + 1.0)
    given = follow(system, rows, course.regimen, start=start, days=days)
    without = follow(system, rows, days=days)
    found = {}
    for count in ("nk_count", "cd8_count", "treg_count"):
        ratio = given.value(count) / without.value(count)
        found[count] = spanned(ratio.max(axis=1))
        found[f"{count}_before"] = spanned((given.value(count) / given.value(count)[:, :1]).max(axis=1))
        found[f"{count}_end"] = spanned(ratio[:, course.days])
    return found


def computed(draws: int) -> dict[str, Any]:
    """Return the numbers of page and picture."""
    targets = read_targets()
    seen = readings(targets, {which: with_draws(model(name), draws) for which, name in MODELS.items()})
    return {
        "digest": digest(),
        "draws": draws,
        "rows": [spanned(column) for column in seen.T],
        "bands": {name: bands(name, draws) for name in COHORTS},
        "courses": [rises(course, course.start, draws) for course in courses()],
        "starts": {which: [rises(each, 7.0 * week, draws) for week in STARTS] for which, each in begun().items()},
    }


def page(found: dict[str, Any]) -> str:
    """Return the page of the documentation, from its text and the numbers."""
    told = list(zip(read_targets(), found["rows"], strict=True))
    tables = {
        "draws": f"{found['draws']} draws of all parameters",
        "patients": f"{found['draws'] * PATIENTS:,}",
        "shares": " ".join(_share(told, role) for role in ("fitted", "held out")),
        "fitted": _targets([each for each in told if each[0].role == "fitted"]),
        "held out": _targets([each for each in told if each[0].role == "held out"]),
        "engraftment": _engraftment(found["bands"]),
        "counts": _counts(found["bands"]),
        "courses": _courses(found["courses"]),
        "starts": _starts(found["starts"]),
        "parameters": _parameters(),
    }
    text = TEXT.read_text(encoding="utf-8")
    for name, lines in tables.items():
        text = text.replace(HERE.format(name), lines)
    return text


def _lines(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def _share(told: list[tuple[Target, list[float]]], role: str) -> str:
    rows = [(target, row) for target, row in told if target.role == role]
    inside = sum(1.0 / FOLD <= row[0] / target.value <= FOLD for target, row in rows)
    covered = sum(row[1] <= target.value <= row[2] for target, row in rows)
    return f"{role.capitalize()}: {inside} of {len(rows)} within two-fold, {covered} inside the model's interval."


def _span(numbers: list[float], places: str = ".3g") -> list[str]:
    middle, low, high = numbers
    return [f"{middle:{places}}", f"{low:{places}} to {high:{places}}"]


def _targets(told: list[tuple[Target, list[float]]]) -> str:
    head = ("study", "graft", "what", "source; assumed", "published", "model", "95 %", "ratio")
    rows = [
        [
            target.study,
            f"{target.transplant}, {target.graft}, {target.cd34:g}e6/kg",
            target.what,
            f"{citation(target.key)}, {target.place}" + (f"; {target.assumed}" if target.assumed else ""),
            f"{target.value:g}",
            *_span(row),
            f"{row[0] / target.value:.2f}",
        ]
        for target, row in told
    ]
    return _lines(table(head, rows, 4))


def _engraftment(found: dict[str, Any]) -> str:
    head = ("cohort", "neutrophils 0.5", "neutrophils 1.0", "platelets 20", "platelets 50")
    rows = [
        [name, *(f"{days[1]:.0f} ({days[0]:.0f} to {days[2]:.0f})" for days in each["events"].values())]
        for name, each in found.items()
    ]
    return _lines(table(head, rows, 1))


def _counts(found: dict[str, Any]) -> str:
    head = ("cohort", "cells/uL", *(f"week {week}" for week in SHOWN))
    rows = []
    for name in ("autologous-blood-aml", "allogeneic-blood"):
        for count in COUNTS:
            weekly = found[name]["counts"][count]
            cells = [f"{weekly[week][1]:.0f} ({weekly[week][0]:.0f} to {weekly[week][2]:.0f})" for week in SHOWN]
            rows.append([name, _words(count), *cells])
    return _lines(table(head, rows, 2))


def _words(count: str) -> str:
    return {"nk_count": "NK", "cd8_count": "CD8", "cd4_count": "CD4 without Treg", "treg_count": "Treg"}[count]


def _courses(found: list[dict[str, list[float]]]) -> str:
    head = ("study", "graft", "start", "seen", "assumed", "NK", "95 %", "CD8", "95 %", "Treg", "95 %", "NK over before")
    rows = []
    for course, each in zip(courses(), found, strict=True):
        spans = [part for count in ("nk_count", "cd8_count", "treg_count") for part in _span(each[count], ".2g")]
        before = " (".join(_span(each["nk_count_before"], ".2g")) + ")"
        told = f"{course.seen} ({citation(course.key)})"
        graft = f"{course.transplant}, {course.graft}, {course.cd34:g}e6/kg"
        rows.append([course.study, graft, f"day {course.start:g}", told, course.assumed, *spans, before])
    return _lines(table(head, rows, 5))


def _starts(found: dict[str, list[dict[str, list[float]]]]) -> str:
    head = ("course", "start, week", "NK", "95 %", "CD8", "95 %", "Treg", "95 %")
    rows = []
    for told, begun_then in found.items():
        for start, each in zip(STARTS, begun_then, strict=True):
            spans = [part for count in ("nk_count", "cd8_count", "treg_count") for part in _span(each[count], ".2g")]
            rows.append([told, f"{start:g}", *spans])
    return _lines(table(head, rows, 1))


def _parameters() -> str:
    entries = tomllib.loads(FITTED_TABLE.read_text(encoding="utf-8"))
    head = ("parameter", "fit", "value", "unit", "between patients", "unknown")
    rows = [
        [
            name,
            each["fit"],
            f"{each['value']:.3g}",
            each["unit"],
            f"{each['between_patients']:g}",
            f"{each['uncertainty']:.2g}",
        ]
        for name, each in entries.items()
    ]
    return _lines(table(head, rows, 2))


def main() -> None:
    from transplant_figure import figure  # noqa: PLC0415

    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    found = computed(draws)
    RESULTS.write_text(json.dumps(found) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    figure(found).savefig(FIGURE, metadata={"Date": None})
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
