"""``trialeukin evidence forest``: real trials and their pool, with what the model says of the same trials below."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from trialeukin.cli.evidence_choice import USUAL, say_outside_of, with_choice
from trialeukin.cli.evidence_directory import Directory, Outcome, own_directory
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.core.errors import InputError
from trialeukin.evidence.assessments import assessments_with
from trialeukin.evidence.catalogue import studies_with
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.frozen import FrozenPrediction, frozen_predictions
from trialeukin.evidence.grouping import GroupBy, parted
from trialeukin.evidence.simulated import SimulatedEvidence, simulated_beside
from trialeukin.evidence.synthesis import Method
from trialeukin.report.evidence_figures import described, forest_of, pools_of, said_of_subgroups
from trialeukin.report.forest_figure import Forest
from trialeukin.report.forest_page import forest_file
from trialeukin.report.pool_document import pool_document, subgroups_document
from trialeukin.store.finite import estimate_document
from trialeukin.store.whole_files import write_whole
from trialeukin.trial.endpoint import Endpoint

HEAD = ("", "what it is", "HR (95 %)", "weight", "risk of bias / GRADE")


@with_choice(USUAL)
def command(  # noqa: PLR0913
    *,
    outcome: Outcome = Endpoint.LFS,
    choice: Choice,
    by: Annotated[GroupBy | None, typer.Option(case_sensitive=False, help="Show subgroups with their pools.")] = None,
    real_only: Annotated[bool, typer.Option("--real-only", help="Leave simulated rows out.")] = False,
    discount: Annotated[
        float | None,
        typer.Option(metavar="D", help="Show the real pool with the simulated one at this share of its weight, too."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path_given, metavar="FILE", help="Write the plot: .svg, .png or .html."),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Draw the forest plot of a pool with a name or by criteria; that of real trials alone is always in it."""
    if real_only and discount is not None:
        raise InputError("--discount adds simulated trials and --real-only leaves them out: give one of both")
    kept = directory or own_directory()
    studies = studies_with(kept)
    found = choice.judged(choice.synthesis(studies, outcome, Method()), assessments_with(kept))
    parts = None if by is None else parted(found, by, Method())
    beside = None
    if not real_only:
        beside = simulated_beside(
            found.selection, found.pooled, frozen_predictions(), pool=choice.whole, discount=discount
        )
    forest = forest_of(found, pools_of(parts), beside)
    if output is not None:
        _write(forest, output)
    if as_json:
        subgroups = {} if parts is None else {"subgroups": subgroups_document(parts)}
        rest = {"simulated": _simulated(beside), "file": None if output is None else str(output)}
        print_json(pool_document(choice.named, found) | subgroups | rest)
        return
    rows = [(row.label, row.kind.value, row.numbers, row.share, row.bias) for row in forest.rows]
    out = results()
    out.print(table(forest.title, HEAD, rows, numeric=(3,)))
    out.print()
    out.print(f"real trials alone: {described(found.pooled)}", markup=False)
    if parts is not None:
        out.print(f"subgroups: {said_of_subgroups(parts)}", markup=False)
    for line in forest.foot[1:]:
        out.print(line, markup=False)
    say_outside_of(choice, studies)
    if output is not None:
        out.print(f"{output}", markup=False)


def _write(forest: Forest, path: Path) -> None:
    write_whole(path.parent, {path.name: forest_file(forest, path)})


def _simulated(found: SimulatedEvidence | None) -> dict[str, Any] | None:
    if found is None:
        return None
    added = found.discounted
    return {
        "trials": [prediction_document(each) for each in found.trials],
        "without_prediction": list(found.missing),
        "pool": None if found.pool is None else prediction_document(found.pool),
        "spread_of_medians": found.spread,
        "real_with_simulated": None
        if added is None
        else {
            "discount": added.discount,
            "hazard_ratio": estimate_document(*map(math.exp, (added.estimate, added.lower, added.upper))),
            "real_share_of_weight": added.real_share,
        },
    }


def prediction_document(found: FrozenPrediction) -> dict[str, Any]:
    """Return a frozen prediction as JSON takes it."""
    document: dict[str, Any] = found.model_dump(mode="json", exclude={"assumed"}, exclude_none=True)
    return document
