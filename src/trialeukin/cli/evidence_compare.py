"""``trialeukin evidence compare``: lineages, remission and subtypes, published and predicted side by side."""

from typing import Any

from scipy.special import expit

from trialeukin.cli.evidence_directory import Directory, own_directory
from trialeukin.cli.evidence_forest import prediction_document
from trialeukin.cli.terminal import print_json, results
from trialeukin.cli.usage import AsJson
from trialeukin.evidence.catalogue import studies_with
from trialeukin.evidence.comparisons import Comparison, Scale, Side, comparisons
from trialeukin.evidence.frozen import frozen_predictions
from trialeukin.report.comparison_words import difference_line, side_lines
from trialeukin.report.pool_document import pooled_document, test_document
from trialeukin.store.finite import estimate_document


def command(*, directory: Directory = None, as_json: AsJson = False) -> None:
    """Set the pooled published answer beside the model's: myeloid or lymphoid, remission or not, monocytic or not."""
    found = comparisons(studies_with(directory or own_directory()), frozen_predictions())
    if as_json:
        print_json([_document(each) for each in found])
        return
    out = results()
    for each in found:
        out.print(f"{each.question.value}", style="bold", markup=False)
        for side in each.sides:
            for line in side_lines(side):
                out.print(f"  {line}", markup=False)
        out.print(f"  {difference_line(each)}", markup=False)
        out.print()


def _document(found: Comparison) -> dict[str, Any]:
    test = found.test
    return {
        "question": found.question.value,
        "sides": [_side(each) for each in found.sides],
        "test": None if test is None else test_document(test),
        "not_tested": found.not_tested or None,
    }


def _side(found: Side) -> dict[str, Any]:
    published: dict[str, Any] | None = None
    if found.pooled is not None:
        published = pooled_document(found.pooled)
        if found.scale is Scale.SHARE:
            pooled = found.pooled
            published["share"] = estimate_document(*expit([pooled.estimate, pooled.lower, pooled.upper]).tolist())
            limits = pooled.prediction()
            published["prediction"] = None if limits is None else [float(expit(each)) for each in limits]
            del published["hazard_ratio"]
    return {
        "name": found.name,
        "scale": found.scale.value,
        "published": published,
        "statements": [{"of": study, "words": words} for study, words in found.statements],
        "predictions": [prediction_document(each) for each in found.predictions],
        "no_model": found.no_model or None,
    }
