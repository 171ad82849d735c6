"""Write the scoreboard's page and figure into docs: shares, misses one by one, every case, parameters.

    python validation/observed_predicted.py

The predictions are those of `trialeukin validate`; this script adds the discussion of every miss (`discussion.toml`),
the spread between patients and the parameters that were fitted.
"""

import csv
import json
import sys
import textwrap
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from fit_immune import entries
from observed_predicted_figure import figure

from trialeukin.core.sources import Source
from trialeukin.inference.case import Case, Group, Population, Reading, Unusable, Use
from trialeukin.inference.cases import all_cases
from trialeukin.inference.follow import Rows, follow
from trialeukin.inference.prediction import Effort, Prediction, predict
from trialeukin.inference.reading import read
from trialeukin.inference.score import Line, Share, meets, scoreboard
from trialeukin.inference.split import held_out, held_out_by_name, studies
from trialeukin.model.fitted import fit_of
from trialeukin.model.whole import model
from trialeukin.population.cohort import adapted, draw_cohort
from trialeukin.population.description import load_description
from trialeukin.report.case_words import gap, observed, predicted, share, treatment, verdict, what, where, work

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"
GOALS = HERE / "observed_predicted.json"
PAGE, FIGURE = DOCS / "validation.md", DOCS / "validation.svg"
DISCUSSION = HERE / "discussion.toml"
SPREADS = HERE / "patient_spreads.csv"
COHORT, PATIENTS, SEED = "aml-cr1-adults", 400, 1_992
FITTED_MODEL = "aml-maintenance"
WIDTH = 118
REMAINS = (
    "Earlier fits of this project had seen most of the rows that are now held out, and the structure of the model was "
    "chosen then. They are unseen by the parameters, not by the modellers.",
    "Priors cite no study that is held out (`validation/immune_priors.toml`); where one had been seen, the prior says "
    "so, and most of these were made wider.",
    "Some constants are read off a study that is held out: volume, distribution, intramuscular share and "
    "intraperitoneal half-life (Konrad 1990), the greatest rise of Treg (Fanton 2022), the time in which Treg tire "
    "(Kovacs 2001) and that in which CD25 is induced (Schiphorst 1999). Rows that give a constant are not counted. "
    "Clearance without kidneys is 40 % of the usual in the prediction of Schiphorst 1999, as Kamikawa 2008, also held "
    "out, found.",
    "The kill at baseline is anchored to the hazard ratio per count of NK cells of Koster 2023, which is held out: no "
    "other study gives a ratio for a count. It is an input, and its row is not counted.",
    "The rows left over say little of clearance by receptors: what told of it (Schiphorst 1999, Kirchner 1998, Meropol "
    "1996) is held out. Predictions of exposure on low doses are the worse for it, and their intervals wide.",
    "Two observations of platelets contradict each other in any one law (CALGB 9720, Sievers 1998). Their misfit "
    "widens what is not known of every parameter, since all errors are inflated by it.",
)


def usable() -> list[Case]:
    return [case for case in all_cases() if isinstance(case, Case)]


def shares(predictions: Sequence[Prediction]) -> list[str]:
    """Return the lines of the scoreboard's table; of the second share only the page with all draws knows."""
    return [_share_of(line) for line in scoreboard(predictions)]


def _share_of(line: Line) -> str:
    group = "all" if line.group is None else line.group.value
    return f"| {group} | {line.use.value} | {share(line.met)} |"


def discussion() -> dict[str, str]:
    """Return what there is to say of every miss, by the case's name."""
    return {name: entry["why"] for name, entry in tomllib.loads(DISCUSSION.read_text(encoding="utf-8")).items()}


def page(predictions: Sequence[Prediction], unusable: Sequence[Unusable]) -> str:
    """Return the page of the documentation."""
    parts = [
        _opening(predictions, unusable),
        _split(),
        _discussed(predictions),
        *(_cases(use, predictions) for use in Use),
        _without(unusable),
        _spread_of_patients(),
        _parameters(),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _prose(text: str, *, bullet: bool = False) -> list[str]:
    """Return a paragraph, or an item of a list, as lines of at most `WIDTH`."""
    first, rest = ("- ", "  ") if bullet else ("", "")
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False)


def _opening(predictions: Sequence[Prediction], unusable: Sequence[Unusable]) -> list[str]:
    lines = scoreboard(predictions)
    table = [f"{row} {share(line.covered)} |" for row, line in zip(shares(predictions), lines, strict=True)]
    return [
        "# Observed and predicted",
        "",
        *_prose(
            "Every published observation of IL-2 that the model can be read for, beside its prediction. This page"
            " is written by `validation/observed_predicted.py` from what `trialeukin validate` computes (which "
            "also writes a page with plots); the observations are the tables in "
            "`src/trialeukin/inference/cases/`, one row each with its source."
        ),
        "",
        *_prose(
            "A prediction is that of the typical parameters; other pages say where theirs is a mean over draws, which "
            "differs where an outcome is rare. Met means: within two-fold (concentrations, counts, times), within 10 "
            "points (shares of patients), "
            f"or beyond the bound where a limit was published. An interval is 95 %, from {Effort().draws} draws of"
            " the joint uncertainty of the parameters with the sampling of as many patients, or the stated error "
            f"of the observation, on top; of the {Effort().patients} patients of a cohort each draw follows "
            f"{Effort().patients_a_draw}, who stand for those like them. Shares carry Wilson's 95 % interval."
        ),
        "",
        "| group | use | met | inside the interval |",
        "|---|---|--:|--:|",
        *table,
        "",
        *_prose(_against_goals(predictions)),
        "",
        *_prose(
            f"{len(predictions)} cases have a prediction; {len(unusable)} rows or groups of rows have none, with the "
            "reason below."
        ),
        "",
        "![Predicted over observed of every case that is compared as a ratio](validation.svg)",
        "",
        *_prose(
            "*Predicted over observed of every case that is compared as a ratio: fitted (circles), held out "
            "(diamonds), not used (crosses); triangles are limits. Filled marks are met. The band is two-fold, "
            "lines are 95 % intervals.*"
        ),
        "",
    ]


def goals(predictions: Sequence[Prediction]) -> tuple[tuple[str, int, Share], ...]:
    """Return what was asked of shares before the fit: of what, how many per cent, and what was met."""
    fitted = [each for each in predictions if each.case.use is Use.FITTED]
    unseen = [each for each in predictions if each.case.use is Use.HELD_OUT]
    asked = (
        ("fitted pharmacokinetics", 85, [each for each in fitted if each.case.group is Group.PHARMACOKINETICS]),
        ("fitted cell counts", 80, [each for each in fitted if each.case.group is Group.CELL_COUNTS]),
        ("held-out ratios and limits", 70, [each for each in unseen if not each.case.in_points]),
    )
    return tuple(
        (name, goal, Share(hits=sum(meets(each) for each in mine), count=len(mine))) for name, goal, mine in asked
    )


def _against_goals(predictions: Sequence[Prediction]) -> str:
    """Return how the shares stand to what was asked of them before the fit."""
    said = [
        f"{name}: {goal} %, {'reached' if 100.0 * met.value >= goal else 'not reached'} ({share(met)})"
        for name, goal, met in goals(predictions)
    ]
    return f"What was asked: {'; '.join(said)}."


def goals_document(predictions: Sequence[Prediction]) -> list[dict[str, object]]:
    """Return the same as it is kept for the page on credibility."""
    return [
        {"of": name, "asked_percent": goal, "met": met.hits, "count": met.count}
        for name, goal, met in goals(predictions)
    ]


def _split() -> list[str]:
    names = studies()
    by_name = [each for each in names if held_out_by_name(each.name)]
    kept = [each for each in names if held_out(each.name)]
    return [
        "## What is fitted and what is held out",
        "",
        *_prose(
            "Held out is every study whose name has a SHA-256 that begins with 0 to 4 in hexadecimal, and a "
            f"publication with several names if one of them does: {len(kept)} of {len(names)} names, "
            f"{len(by_name)} by their own (`src/trialeukin/inference/studies.csv` counts their rows by table). The"
            " split was committed before the fit; every other row that can be read is fitted, but for a few of donor "
            "lymphocytes that were left out of their fit and count as held out, as their reasons say. What this does "
            "not undo:"
        ),
        "",
        *(line for text in REMAINS for line in _prose(text, bullet=True)),
        "",
    ]


def _discussed(predictions: Sequence[Prediction]) -> list[str]:
    said = discussion()
    lines = ["## Misses, one by one", ""]
    for each in (each for each in predictions if not meets(each)):
        case = each.case
        why = said.get(case.name, "Not discussed yet.")
        head = f"**{case.study}, {what(case)}** ({case.use.value}): {observed(case)} seen, {predicted(each)} predicted."
        lines.append(f"- {head} {why}")
    return [*lines, ""]


def _cases(use: Use, predictions: Sequence[Prediction]) -> list[str]:
    mine = [each for each in predictions if each.case.use is use]
    head = "| case | study | what | treatment | observed | predicted (95 %) | ratio | verdict | assumed | source |"
    lines = [f"## {use.value.capitalize()}", "", head, "|---|---|---|---|--:|--:|--:|---|---|---|"]
    for each in mine:
        case = each.case
        cells = (case.name, case.study, what(case), treatment(case), observed(case), predicted(each), gap(each))
        lines.append(f"| {' | '.join((*cells, verdict(each), case.reason, where(case)))} |")
    return [*lines, ""]


def _without(unusable: Sequence[Unusable]) -> list[str]:
    lines = ["## Rows without a prediction", "", "| study | what is printed | why | source |", "|---|---|---|---|"]
    lines += [f"| {each.study} | {each.source.place} | {each.reason} | {work(each)} |" for each in unusable]
    return [*lines, ""]


def _spread_of_patients() -> list[str]:
    cases = {case.name: case for case in usable()}
    lines = [
        "## Spread between patients",
        "",
        f"Standard deviations on the log scale; {PATIENTS} virtual patients.",
        "",
        "| study | what | observed | model | assumed | source |",
        "|---|---|--:|--:|---|---|",
    ]
    with SPREADS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            case = cases[row["case"]]
            case = replace(case, reading=Reading(row["reading"]), unit=row["unit"])
            source = str(Source(row["key"], row["place"]))
            cells = (case.study, what(case), row["spread"], f"{patient_spread(case):.2f}", row["reason"], source)
            lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def patient_spread(case: Case) -> float:
    """Return the standard deviation between patients of the logarithm of a reading."""
    description = load_description(COHORT)
    scenario = replace(case.scenario, population=Population(cohort=COHORT))
    system = adapted(model(scenario.model), description)
    cohort = draw_cohort(description, system, seed=SEED, patients=np.arange(PATIENTS))
    return float(np.log(read(case, follow(scenario, [case], system, Rows.of([cohort], seed=SEED)))).std())


def _parameters() -> list[str]:
    fitted = model(FITTED_MODEL).parameters
    lines = [
        "## Parameters",
        "",
        *_prose(
            "Shrinkage is the share of the prior variance that the observations took away, with what is not known of "
            "all other parameters of the model left open. Spreads are standard deviations on the scale of the "
            "parameter. What is not identified keeps its prior, and its uncertainty goes into every prediction. Two "
            "values lie outside the range of their source: the subcutaneous bioavailability is above the label's 31 to "
            "47 %, and the linear clearance, at 1.8 m2, below the lowest of the label's means of 155 mL/min; Thompson "
            "1987 asks for both."
        ),
        "",
        "| parameter | prior | spread | fitted | spread | unit | shrinkage | |",
        "|---|--:|--:|--:|--:|---|--:|---|",
    ]
    for name, entry in entries().items():
        now, fit = fitted[name], fit_of("immune", name)
        assert fit is not None
        prior = f"{entry['value']:.4g} | {entry['prior_sd']:.2g}"
        posterior = f"{now.value:.4g} | {now.uncertainty:.2g} | {now.unit} | {fit.shrinkage:.2f}"
        lines.append(f"| {name} | {prior} | {posterior} | {fit.verdict.value} |")
    return [*lines, ""]


def main() -> int:
    predictions = predict(usable())
    unusable = [each for each in all_cases() if isinstance(each, Unusable)]
    for line in shares(predictions):
        print(line)
    PAGE.write_text(page(predictions, unusable), encoding="utf-8")
    GOALS.write_text(json.dumps(goals_document(predictions), indent=1) + "\n", encoding="utf-8")
    figure(predictions).savefig(FIGURE, metadata={"Date": None})
    return 0


if __name__ == "__main__":
    sys.exit(main())
