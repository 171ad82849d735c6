"""``trialeukin evidence scoreboard``: frozen predictions beside what was published, misses included."""

from typing import Annotated, Any

import typer

from trialeukin.cli.evidence_directory import Directory, own_directory
from trialeukin.cli.evidence_forest import prediction_document
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson
from trialeukin.evidence.catalogue import studies_with
from trialeukin.evidence.frozen import FrozenPrediction, frozen_predictions, latest
from trialeukin.evidence.scoreboard import Score, scoreboard, totals
from trialeukin.model.digest import model_digest
from trialeukin.model.structures import STRUCTURES
from trialeukin.report.wording import with_limits

HEAD = ("study", "patients", "what", "predicted (95 %)", "published", "inside", "model", "null", "known", "made")
SUMS = ("structure", "what", "studies", "inside", "model", "null")


def command(
    *,
    every: Annotated[bool, typer.Option("--all", help="Show replaced predictions, too.")] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Score frozen predictions; higher is better, and the null holds no effect for certain, or any count alike."""
    shown = frozen_predictions() if every else latest(frozen_predictions())
    scores = scoreboard(shown, studies_with(directory or own_directory()))
    now = current_digests(shown)
    if as_json:
        print_json(
            {
                "predictions": [_document(each, now) for each in scores],
                "totals": [
                    {"structure": each.structure, "what": each.what, "studies": each.judged, "inside": each.inside}
                    | {"model": each.model, "null": each.null}
                    for each in totals(scores)
                ],
            }
        )
        return
    out = results()
    out.print(table(f"{len(scores)} frozen predictions", HEAD, [score_row(each) for each in scores], numeric=(6, 7)))
    out.print()
    rows = [
        (each.structure, each.what, str(each.judged), str(each.inside), f"{each.model:.2f}", f"{each.null:.2f}")
        for each in totals(scores)
    ]
    out.print(table("Log scores, added up over studies that share no patients", SUMS, rows, numeric=(2, 3, 4, 5)))
    stale = sorted({each.prediction.of for each in scores if not is_current(each.prediction, now)})
    if stale:
        out.print()
        out.print(f"the model has changed since the predictions of {', '.join(stale)}", markup=False)


def current_digests(predictions: tuple[FrozenPrediction, ...]) -> dict[tuple[str, str], str]:
    """Return the digest of every model that predictions were made with, as it stands."""
    asked = {(each.model, each.structure) for each in predictions}
    return {
        (name, structure.name): model_digest(structure.system(name))
        for structure in STRUCTURES
        for name in {model for model, of in asked if of == structure.name}
    }


def is_current(prediction: FrozenPrediction, now: dict[tuple[str, str], str]) -> bool:
    """Whether a prediction was made with its model as it stands."""
    return now.get((prediction.model, prediction.structure)) == prediction.model_sha256


def score_row(found: Score) -> tuple[str, ...]:
    """Return a prediction beside its result as a row of a table."""
    asked = found.prediction
    what = asked.measure.value if asked.endpoint is None else f"{asked.endpoint.value.upper()} HR, {asked.treatment}"
    return (
        asked.of,
        asked.population,
        f"{what}; {asked.structure}",
        with_limits(asked.value, asked.lower, asked.upper),
        "no number" if found.published is None else found.published.words,
        "–" if found.inside is None else ("yes" if found.inside else "no"),
        "–" if found.model is None else f"{found.model:.2f}",
        "–" if found.null is None else f"{found.null:.2f}",
        asked.result_known.value,
        asked.made.isoformat(),
    )


def _document(found: Score, now: dict[tuple[str, str], str]) -> dict[str, Any]:
    return prediction_document(found.prediction) | {
        "published": None if found.published is None else found.published.words,
        "inside": found.inside,
        "log_score": found.model,
        "log_score_of_null": found.null,
        "model_as_it_stands": is_current(found.prediction, now),
    }
