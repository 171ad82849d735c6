"""Show what the model says of chemotherapy beside what was published: page, picture and the numbers behind both.

    python validation/chemotherapy_table.py [DRAWS]

runs the model ``aml-induction`` for every row of ``chemotherapy_targets.csv``, fitted and held out, and for what no
row asks, at the fitted values and at draws of what is not known of all parameters. Writes ``chemotherapy.json``,
``docs/validation-chemotherapy.md`` and ``docs/validation-chemotherapy.svg``.
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from chemotherapy_runs import LOG_ERROR, MODEL, TARGETS, Target, read_targets, readings
from matplotlib.figure import Figure
from model_digest import cohort_text, digest_of

from trialeukin.core.sources import citation
from trialeukin.model.system import System
from trialeukin.model.whole import models
from trialeukin.population.cohort import draw_typical, typical_values
from trialeukin.regimen.library import entry

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("chemotherapy.json")
PAGE, FIGURE = ROOT / "docs" / "validation-chemotherapy.md", ROOT / "docs" / "validation-chemotherapy.svg"
FITTED_TABLE = ROOT / "src" / "trialeukin" / "model" / "fitted" / "chemotherapy.toml"
TEXT = Path(__file__).with_name("chemotherapy_page.md")
HERE = "<!-- {} -->"
PATIENTS, DRAWS, SEED = 1_000, 40, 1_994  # not the seed of the fit
NORMAL_95 = 1.96
POINTS, FOLD = 0.10, 2.0
DOSES = ("100", "400", "3000")  # mg/m2 of cytarabine in consolidation
YOUNG, OLD = "aml-new-under-60", "aml-new-60-and-over"
ASKED = (
    *((cohort, "200 + 45", quantity) for cohort in (YOUNG, OLD) for quantity in ("remission", "death by day 60")),
    *(
        (cohort, "200 + 60", f"median day of {what}")
        for cohort in (YOUNG, OLD)
        for what in (
            "remission",
            "neutrophils over 0.5",
            "neutrophils over 1.0",
            "platelets over 20",
            "platelets over 100",
        )
    ),
    *((YOUNG, f"calgb-8525-{dose}", "none left after consolidation") for dose in DOSES),
    *((OLD, f"calgb-8525-{dose}", "continuous remission at 4 years") for dose in DOSES),
)


def digest() -> str:
    """Return a digest of everything that the predictions depend on and that people edit."""
    texts = [cohort_text(name) for name in sorted({target.cohort for target in read_targets()})]
    texts += [entry(f"calgb-8525-{dose}").text for dose in DOSES]
    return digest_of([models()[MODEL]], [*texts, TARGETS.read_text(encoding="utf-8")])


def asked() -> tuple[Target, ...]:
    """Return what is predicted without a published number, as rows without one."""
    nothing: dict[str, Any] = {"study": "", "group": "", "key": "", "place": "", "assumed": "", "n": 0, "fitted": False}
    return tuple(
        Target(cohort=cohort, regimen=regimen, quantity=quantity, value=float("nan"), **nothing)
        for cohort, regimen, quantity in ASKED
    )


def computed(system: System, draws: int) -> dict[str, Any]:
    """Return the numbers of page and picture."""
    rows = (*read_targets(), *asked())
    middle = readings(rows, system, typical_values(system), patients=PATIENTS, seed=SEED)
    drawn = [
        readings(rows, system, typical, patients=PATIENTS, seed=SEED)
        for typical in draw_typical(system, seed=SEED, draws=np.arange(draws))
    ]
    spans = {row: np.nanquantile([each[row] for each in drawn], (0.025, 0.975)) for row in rows}
    return {
        "digest": digest(),
        "draws": draws,
        "patients": PATIENTS,
        "rows": [
            {"model": round(middle[row], 4), "low": round(spans[row][0], 4), "high": round(spans[row][1], 4)}
            for row in rows
        ],
    }


def page(found: dict[str, Any]) -> str:
    """Return the page of the documentation, from its text and the numbers."""
    targets = read_targets()
    told = list(zip(targets, found["rows"], strict=False))
    tables = {
        "counts": f"{_share(told, fitted=True)} {_share(told, fitted=False)}",
        "fitted": _table([each for each in told if each[0].fitted]),
        "held out": _table([each for each in told if not each[0].fitted]),
        "predicted": _predictions(found["rows"][len(targets) :]),
        "parameters": _parameters(),
        "draws": f"{found['draws']} draws of all parameters, {found['patients']:,} patients each",
    }
    text = TEXT.read_text(encoding="utf-8")
    for name, table in tables.items():
        text = text.replace(HERE.format(name), table)
    return text


def within(target: Target, model: float) -> bool:
    """Say whether a fraction is met within ten points, a day or a count within two-fold."""
    if target.is_fraction:
        return abs(model - target.value) <= POINTS
    return bool(1.0 / FOLD <= model / target.value <= FOLD)


def published_interval(target: Target) -> tuple[float, float]:
    """Return the 95 % interval of a published number by its own chance; of a day or count as its error assumes."""
    if target.is_fraction:
        error = NORMAL_95 * np.sqrt(target.value * (1.0 - target.value) / target.n)
        return max(0.0, target.value - error), min(1.0, target.value + error)
    return target.value * np.exp(-NORMAL_95 * LOG_ERROR), target.value * np.exp(NORMAL_95 * LOG_ERROR)


def _share(told: list[tuple[Target, dict[str, float]]], *, fitted: bool) -> str:
    rows = [(target, row) for target, row in told if target.fitted is fitted]
    inside = sum(within(target, row["model"]) for target, row in rows)
    covered = sum(row["low"] <= target.value <= row["high"] for target, row in rows)
    name = "Fitted" if fitted else "Held out"
    return f"{name}: {inside} of {len(rows)} within ten points or two-fold, {covered} inside the model's interval."


def _number(target: Target, value: float) -> str:
    timed = target.quantity.startswith("median day")
    counted = target.quantity.endswith("diagnosis")
    return f"{value:.0f} d" if timed else f"{value:.3g} G/L" if counted else f"{value:.0%}"


def _span(target: Target, low: float, high: float) -> str:
    return f"{_number(target, low)} to {_number(target, high)}"


def _table(told: list[tuple[Target, dict[str, float]]]) -> str:
    lines = [
        "| study | patients | treatment | what | published | 95 % | model | 95 % | met | source; assumed |",
        "|---|---|---|---|--:|---|--:|---|---|---|",
    ]
    for target, row in told:
        who = target.cohort.removeprefix("aml-new-").replace("-", " ") + (f", {target.group}" if target.group else "")
        source = f"{citation(target.key)}, {target.place}" + (f"; {target.assumed}" if target.assumed else "")
        numbers = (
            f"{_number(target, target.value)} | {_span(target, *published_interval(target))} | "
            f"{_number(target, row['model'])} | {_span(target, row['low'], row['high'])}"
        )
        met = "yes" if within(target, row["model"]) else "no"
        lines.append(
            f"| {target.study} | {who} | {target.regimen} | {target.quantity} | {numbers} | {met} | {source} |"
        )
    return "\n".join(lines)


def _predictions(rows: list[dict[str, float]]) -> str:
    lines = ["| patients | treatment | what | model | 95 % |", "|---|---|---|--:|---|"]
    for target, row in zip(asked(), rows, strict=True):
        who = target.cohort.removeprefix("aml-new-").replace("-", " ")
        numbers = f"{_number(target, row['model'])} | {_span(target, row['low'], row['high'])}"
        lines.append(f"| {who} | {target.regimen} | {target.quantity} | {numbers} |")
    return "\n".join(lines)


def _parameters() -> str:
    entries = tomllib.loads(FITTED_TABLE.read_text(encoding="utf-8"))
    lines = ["| parameter | value | unit | between patients | unknown | fit |", "|---|--:|---|--:|--:|---|"]
    lines += [
        f"| {name} | {each['value']:.3g} | {each['unit']} | {each['between_patients']:.3g} | "
        f"{each['uncertainty']:.3g} | {each['fit']} |"
        for name, each in entries.items()
    ]
    return "\n".join(lines)


def figure(found: dict[str, Any]) -> Figure:
    """Return the picture: published and model side by side for every fraction, then for days and counts."""
    mpl.rcParams["svg.hashsalt"] = MODEL
    told = list(zip(read_targets(), found["rows"], strict=False))
    fractions = [each for each in told if each[0].is_fraction]
    others = [each for each in told if not each[0].is_fraction]
    height = 0.27 * (len(fractions) + len(others)) + 1.8
    picture = Figure(figsize=(9.0, height), layout="constrained")
    upper, lower = picture.subplots(2, 1, height_ratios=[len(fractions), len(others) + 1])
    for axes, rows, scale in ((upper, fractions, 100.0), (lower, others, 1.0)):
        for place, (target, row) in enumerate(rows):
            colour = "#1b4f72" if target.fitted else "#b9770e"
            low, high = published_interval(target)
            axes.plot([scale * low, scale * high], [place - 0.15] * 2, color="#7b7d7d", linewidth=1.2)
            axes.plot(scale * target.value, place - 0.15, "s", color="#7b7d7d", markersize=4)
            axes.plot([scale * row["low"], scale * row["high"]], [place + 0.15] * 2, color=colour, linewidth=1.2)
            axes.plot(scale * row["model"], place + 0.15, "o", color=colour, markersize=5)
        axes.set_yticks(range(len(rows)), [_label(target) for target, _ in rows], fontsize=7)
        axes.invert_yaxis()
        axes.grid(axis="x", linewidth=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    upper.set_xlim(0.0, 100.0)
    upper.set_xlabel("patients, %")
    lower.set_xscale("log")
    lower.set_xticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
    lower.minorticks_off()
    lower.set_xlabel("days from the start, or G/L")
    upper.set_title(
        "published (grey squares), model fitted (blue) and held out (ochre), each with 95 % interval", fontsize=8
    )
    return picture


def _label(target: Target) -> str:
    group = f" {target.group}" if target.group else ""
    treatment = target.regimen.removeprefix("calgb-8525-")
    return f"{target.study}{group}, {treatment}: {target.quantity}"


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else DRAWS
    found = computed(models()[MODEL], draws)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    figure(found).savefig(FIGURE, metadata={"Date": None})
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
