"""``trialeukin evidence decide``: what a pool decides, what it leaves open, and what one more trial would add."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.evidence_choice import WIDEST, say_outside_of, with_choice
from trialeukin.cli.evidence_directory import Directory, Outcome, own_directory
from trialeukin.cli.evidence_forest import prediction_document
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.core.errors import InputError
from trialeukin.evidence.assessments import assessments_with
from trialeukin.evidence.catalogue import studies_with
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.decision import decide, model_on
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.evidence.synthesis import Method
from trialeukin.evidence.verdict import CERTAINTY, RELEVANT, Standard
from trialeukin.report.decision_document import decision_document
from trialeukin.report.decision_page import decision_page
from trialeukin.report.decision_words import (
    answer,
    further_table,
    harms_table,
    relevant_table,
    statements,
    views_table,
)
from trialeukin.report.evidence_figures import described
from trialeukin.report.pool_document import pooled_document
from trialeukin.store.whole_files import write_whole
from trialeukin.trial.endpoint import Endpoint


@with_choice(WIDEST)
def command(  # noqa: PLR0913
    *,
    outcome: Outcome = Endpoint.LFS,
    choice: Choice,
    relevant: Annotated[
        float, typer.Option(metavar="HR", help="The hazard ratio just worth having, below 1: your judgement.")
    ] = RELEVANT,
    certainty: Annotated[
        float, typer.Option(metavar="P", help="The probability that is enough, above 0.5 and below 1.")
    ] = CERTAINTY,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", parser=path_given, metavar="FILE", help="Write a page: .html.")
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Decide whether a benefit worth having is shown, excluded or open, or refuse where the trials cannot answer."""
    kept = directory or own_directory()
    if output is not None and output.suffix.lower() != ".html":
        raise InputError(f"{output.name}: a decision is written as .html: end the name with it")
    standard = Standard(relevant=relevant, certainty=certainty)
    studies = studies_with(kept)
    found = choice.judged(choice.synthesis(studies, outcome, Method()), assessments_with(kept))
    decision = decide(found, standard, model_on(found, frozen_predictions(), studies))
    if output is not None:
        write_whole(output.parent, {output.name: decision_page(decision)})
    if as_json:
        beside = {
            "pooled": pooled_document(found.pooled),
            "predictions": [prediction_document(each) for each in decision.model.predictions],
            "file": None if output is None else str(output),
        }
        print_json(decision_document(choice.named, decision) | beside)
        return
    out = results()
    out.print(f"{found.title}: {outcome.label.lower()}", style="bold", markup=False)
    out.print(answer(decision), markup=False)
    out.print(f"{described(found.pooled)}", markup=False)
    out.print()
    for line in statements(decision):
        out.print(f"- {line}", markup=False)
    for each in (views_table(decision), relevant_table(decision), further_table(decision), harms_table(decision)):
        if each is not None:
            numeric = [place for place in range(len(each.head)) if each.is_numeric(place)]
            out.print()
            out.print(table(each.caption, each.head, each.rows, numeric=numeric))
    say_outside_of(choice, studies)
    if output is not None:
        out.print(f"{output}", markup=False)
