"""Follow virtual patients to tell why biologic and clinical effects need not go together.

    python validation/surrogacy_runs.py

follows three published trials with every path from a marker to the leukaemia open and closed, under four structures,
and one of them over what is not known of the parameters, and writes ``validation/surrogacy.json``, the answers among
it for the package, and the picture of the paths. `evidence_page.py` makes the section of the page of it; a test fails
when the model has changed since.
"""

import json
from pathlib import Path
from typing import Any

from model_digest import cohort_text, digest_of, plan_text
from page_text import shortened

from trialeukin.evidence.surrogacy import StructureSurrogacy, mediation_over_draws, surrogacy_in
from trialeukin.model.structures import STRUCTURES
from trialeukin.report.evidence_numbers import mediation_document, surrogacy_document
from trialeukin.report.printed_figure import as_svg
from trialeukin.report.surrogacy_figure import mediation_figure
from trialeukin.report.surrogacy_words import plain_answer, refutation
from trialeukin.trial.study import MODEL, Study
from trialeukin.trial.study_file import load_study

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "validation" / "surrogacy.json"
ANSWERS = ROOT / "src" / "trialeukin" / "evidence" / "surrogacy_answers.json"
FIGURE = ROOT / "docs" / "evidence-paths.svg"
STUDIES = ("calgb-19808", "ccg-2961", "mp-ma-0201")
PATIENTS, DRAWS, PATIENTS_A_DRAW = 1_000, 60, 100


def study_of(name: str) -> Study:
    return load_study(ROOT / "studies" / f"{name}.toml")


def digest() -> str:
    """Return a digest of everything that the runs depend on and that people edit."""
    studies = [study_of(name) for name in STUDIES]
    cohorts = sorted({study.population.cohort for study in studies})
    return digest_of(
        [each.system(MODEL) for each in STRUCTURES], [*map(plan_text, studies), *map(cohort_text, cohorts)]
    )


def results() -> tuple[dict[str, Any], tuple[StructureSurrogacy, ...]]:
    """Return what was found in words and numbers, and of the first study whole."""
    found = {name: surrogacy_in(study_of(name), patients=PATIENTS) for name in STUDIES}
    first = STUDIES[0]
    over = mediation_over_draws(study_of(first), STRUCTURES[0], draws=DRAWS, patients=PATIENTS_A_DRAW)
    document = {
        "digest": digest(),
        "patients": PATIENTS,
        "studies": [
            {
                "study": name,
                "title": study_of(name).study.title,
                "structures": [surrogacy_document(each) for each in of_study],
                "answer": list(plain_answer(of_study)),
                "refutation": list(refutation(of_study)),
            }
            for name, of_study in found.items()
        ],
        "over_draws": mediation_document(over),
    }
    return shortened(document, digits=4), found[first]


def answers(document: dict[str, Any]) -> str:
    """Return the file of the package: what was found in words alone."""
    kept = ("study", "title", "answer", "refutation")
    studies = [{key: each[key] for key in kept} for each in document["studies"]]
    return json.dumps({"patients": document["patients"], "studies": studies}, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    document, first = results()
    ANSWERS.write_text(answers(document), encoding="utf-8")
    RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    title = f"{study_of(STUDIES[0]).study.title}: through which cells"
    FIGURE.write_bytes(as_svg("evidence-paths", lambda: mediation_figure(title, first)))
    print(f"written: {RESULTS.name}, {ANSWERS.name}, {FIGURE.name}")


if __name__ == "__main__":
    main()
