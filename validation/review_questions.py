"""The questions that the review of 1998 left, and what can be said of each today: docs/review-questions.md.

    python validation/review_questions.py

Every number is read from the results that other pages are written from; a test writes the page again.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import donor_lymphocyte_page
import evidence_page
import frozen_prediction
import numpy as np
import published_trials
import refractory
import surrogacy_runs
from decision_page import decisions
from model_digest import results_of
from refractory_runs import read_targets as refractory_targets

from trialeukin.core.arrays import Floats
from trialeukin.evidence.decision import POWER
from trialeukin.model.structures import STRUCTURES
from trialeukin.report.decision_words import answer, chance
from trialeukin.report.wording import percent, shortly, with_limits

PAGE = Path(__file__).parents[1] / "docs" / "review-questions.md"
LIMITED, ADVANCED = "aml-refractory-8-to-15", "aml-refractory-20-to-90"
TARGETED = "FOA1991"
INFUSED = "cml-haematological-relapse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question.

    Attributes
    ----------
    question : str
        As the review left it.
    trials, model : str
        What the published trials say, and what the model does.
    pages : tuple of (name, page)
        Where it is shown.
    """

    question: str
    trials: str
    model: str
    pages: tuple[tuple[str, str], ...]


def kept(module: ModuleType) -> dict[str, Any]:
    """Return the results that a script keeps; the page on credibility says whether they are stale."""
    return results_of(module)[0]


def ratios(subtypes: dict[str, Any], who: str) -> str:
    """Return the hazard ratio of the named model for some patients, over what is not known of it."""
    drawn: Floats = np.exp(np.array(subtypes[STRUCTURES[0].name][who]["log_ratio"]))
    return with_limits(float(np.median(drawn)), *map(float, np.quantile(drawn, [0.025, 0.975])))


def difference(group: dict[str, Any]) -> str:
    """Return what is said of the difference between two groups of patients."""
    return str(group["difference"]).removeprefix("published difference: ")


def _telling(trials: list[dict[str, Any]]) -> str:
    """Return what trials of the published sizes could tell of groups of patients, and how large one has to be."""
    splits = [split for trial in trials for split in trial["in_whom"]["splits"]]
    most = max(split["power_of_interaction_test"]["value"] for split in splits)
    needed = min(split["patients_needed"] for split in splits if split["patients_needed"])
    return (
        "No trial of a published size could tell any two groups of patients apart (found in "
        f"{percent(most)} of the cases at most), and the smallest that could has {shortly(needed, 2)} patients."
    )


def questions() -> Iterator[Answered]:
    """Yield the questions in the order of the review."""
    survival, overall, histamine, _ = decisions()
    evidence, surrogacy = kept(evidence_page), kept(surrogacy_runs)["studies"][0]
    frozen = kept(frozen_prediction)["subtype"]
    trials = kept(published_trials)["studies"]
    rerun = [row["endpoints"]["lfs"]["predicted"][0] for row in trials]
    yield Answered(
        question="Do patients in remission gain at all?",
        trials=f"Leukaemia-free survival: {answer(survival)} Overall survival: {answer(overall)} Histamine with IL-2: "
        f"{answer(histamine)}",
        model=f"A small gain, if any: on the regimen of MP-MA-0201 {ratios(frozen, 'IL-2, all')} for IL-2 alone and "
        f"{ratios(frozen, 'histamine + IL-2, all')} with histamine, over all that is not known of its parameters.",
        pages=(("the decision", "decision.md"), ("the frozen prediction", "frozen-prediction.md")),
    )
    verdicts = Counter(each["verdict"] for each in evidence["response"])
    said = "; ".join(f"{words} ({count} of {len(evidence['response'])} measures)" for words, count in verdicts.items())
    yield Answered(
        question="Which dose, schedule and route?",
        trials=f"Whether more exposure is better {said}. Schedules as a network: {evidence['schedules']['verdict']}.",
        model=f"Hardly any: the {len(rerun)} published regimens, run again, have predicted hazard ratios from "
        f"{min(rerun):.2f} to {max(rerun):.2f}, since NK cells and the Treg that hold them back rise together.",
        pages=(("the evidence", "evidence.md"), ("published trials", "published-trials.md")),
    )
    lineage, _, subtype = evidence["groups"]
    yield Answered(
        question="In which leukaemia?",
        trials=f"Myeloid or lymphoid: one lymphoid trial cannot tell ({difference(lineage)}). Monocytic or not: "
        f"{difference(subtype)}.",
        model=f"With histamine {ratios(frozen, 'histamine + IL-2, monocytic')} in monocytic AML and "
        f"{ratios(frozen, 'histamine + IL-2, others')} in other AML: a direction that was put in. {_telling(trials)} "
        "Of IL-2 in ALL, CLL and hairy cell leukaemia it refuses to speak, since no source gives what it would need.",
        pages=(
            ("groups of patients", "evidence.md"),
            ("in whom", "in-whom.md"),
            ("the frozen prediction", "frozen-prediction.md"),
        ),
    )
    burden = kept(refractory)["il2"][STRUCTURES[0].name]
    limited, advanced = (
        percent(float(np.mean(burden[f"{cohort}, escalated"]["remissions"]))) for cohort in (LIMITED, ADVANCED)
    )
    seen = [f"{each.remissions} of {each.patients}" for each in refractory_targets() if each.study == TARGETED]
    yield Answered(
        question="In remission or against leukaemia that is there?",
        trials="No hazard ratio against doing without IL-2 is printed of active disease. In a series "
        f"{' and '.join(seen)} came into remission, with few and with many blasts.",
        model=f"{limited} and {advanced}: the order, hardly the size.",
        pages=(("refractory disease", "validation-refractory.md"),),
    )
    rows = kept(donor_lymphocyte_page)["growth"]["il2"]
    without, *_, highest = (row["remission"][0] for row in rows if row["cohort"] == INFUSED)
    yield Answered(
        question="With or without T cells given again?",
        trials="No hazard ratio of IL-2 with cells against doing without is printed of any setting.",
        model="Donor lymphocytes work by disease and stage; IL-2 on top of them adds nothing that it knows of "
        f"(remission of haematological relapse of CML {without:.0f} % without and {highest:.0f} % with).",
        pages=(("donor lymphocytes", "validation-donor-lymphocytes.md"),),
    )
    yield Answered(
        question="Why do biologic and clinical effects not go together?",
        trials=f"{evidence['surrogacy']['over_trials']} {' '.join(evidence['surrogacy']['statements'])}",
        model=" ".join(surrogacy["answer"][1:3]),
        pages=(("the evidence", "evidence.md"),),
    )
    asked, control, largest = survival.standard.relevant, survival.control, survival.further[-1]
    patients = "" if control is None else f", about {shortly(control.patients(survival.needed, asked))} patients,"
    yield Answered(
        question="How large must a randomised study be?",
        trials=f"{shortly(survival.needed)} events{patients} for a hazard ratio of {asked:g} with {percent(POWER)} "
        f"power. By what is believed of a further trial now, even one of {largest.events:,} events would find a "
        f"significant benefit with a chance of {chance(largest.significant)} only.",
        model=f"{surrogacy['refutation'][0]} {surrogacy['refutation'][1]}",
        pages=(("the decision", "decision.md"), ("the evidence", "evidence.md")),
    )


def page() -> str:
    """Return the page."""
    lines = [
        "# The review's questions",
        "",
        "Goodman, Cabral and Cassileth (Leukemia 1998;12:1671) ended with questions. This is what the published trials",
        "and this model can say of each, computed from the base and the frozen runs; where neither can, it says so.",
        "`make figures` writes this page.",
        "",
    ]
    for each in questions():
        shown = ", ".join(f"[{name}]({path})" for name, path in each.pages)
        lines += [f"## {each.question}", "", f"- **Trials.** {each.trials}", f"- **Model.** {each.model}", ""]
        lines += [f"Shown in {shown}.", ""]
    return "\n".join(lines)


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written: {PAGE.name}")


if __name__ == "__main__":
    main()
