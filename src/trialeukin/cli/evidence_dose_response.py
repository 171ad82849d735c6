"""``trialeukin evidence dose-response``: hazard ratios of a pool against the exposure that the model computes."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.evidence_choice import WIDEST, say_outside_of, with_choice
from trialeukin.cli.evidence_directory import Directory, Outcome, own_directory
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, choices_of, path_given
from trialeukin.core.errors import InputError
from trialeukin.evidence.arm_exposure import ExposureMeasure
from trialeukin.evidence.assessments import assessments_with
from trialeukin.evidence.catalogue import studies_with
from trialeukin.evidence.choice import Choice
from trialeukin.evidence.dose_response import FEWEST, DoseResponse, dose_response
from trialeukin.evidence.meta_regression import MetaRegression
from trialeukin.evidence.synthesis import Method, Synthesis
from trialeukin.report.dose_response_document import dose_response_document
from trialeukin.report.dose_response_figure import dose_response_figure
from trialeukin.report.evidence_figures import described
from trialeukin.report.framed_plot import saved
from trialeukin.report.pool_document import pooled_document
from trialeukin.report.wording import p_equals
from trialeukin.store.whole_files import write_whole
from trialeukin.trial.endpoint import Endpoint

NAME = "dose-response"
HEAD = ("exposure", "slope (95 %)", "P(better with more)", "trials")
MEASURES = ", ".join(choices_of(ExposureMeasure))


@with_choice(WIDEST)
def command(
    *,
    outcome: Outcome = Endpoint.LFS,
    choice: Choice,
    measure: Annotated[
        ExposureMeasure | None,
        typer.Option(case_sensitive=False, metavar="MEASURE", help=f"One of {MEASURES}; all where left out."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path_given, metavar="FILE", help="Draw the measure there: .svg or .png."),
    ] = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Regress hazard ratios on exposure: area, days above half-signals, rises of cells; or say that it cannot tell."""
    asked = tuple(ExposureMeasure) if measure is None else (measure,)
    if output is not None and measure is None:
        raise InputError(f"-o draws one measure: name it with --measure ({MEASURES})")
    kept = directory or own_directory()
    studies = studies_with(kept)
    found = choice.judged(choice.synthesis(studies, outcome, Method()), assessments_with(kept))
    responses = [dose_response(found.selection, found.pooled, each) for each in asked]
    if output is not None:
        _write(responses[0], found, output)
    if as_json:
        print_json(
            {
                "pool": choice.named,
                "outcome": outcome.value,
                "pooled": pooled_document(found.pooled),
                "responses": [dose_response_document(each) for each in responses],
                "file": None if output is None else str(output),
            }
        )
        return
    _show(found, responses)
    say_outside_of(choice, studies)
    if output is not None:
        results().print(f"{output}", markup=False)


def _write(found: DoseResponse, pooled: Synthesis, path: Path) -> None:
    write_whole(path.parent, {path.name: saved(NAME, lambda: dose_response_figure(found, pooled), path)})


def _show(found: Synthesis, responses: list[DoseResponse]) -> None:
    out = results()
    rows = [
        (
            each.measure.label,
            f"{each.slope.value:+.2f} ({each.slope.lower:+.2f} to {each.slope.upper:+.2f})",
            f"{each.better_with_more:.2f}",
            str(each.regression.k),
        )
        for each in responses
    ]
    title = f"Log hazard ratio ({found.selection.endpoint.value.upper()}) per standard deviation of exposure"
    out.print(table(title, HEAD, rows, numeric=(2, 3)))
    out.print()
    if len(responses) == 1:
        out.print(_tests(responses[0].regression), markup=False)
    for verdict in dict.fromkeys(each.verdict.value for each in responses):
        out.print(f"It {verdict}.", markup=False)
    out.print(f"At least {FEWEST} trials would be asked for before a slope is read.", markup=False)
    out.print(f"the pool: {described(found.pooled)}", markup=False)
    out.print(f"trials: {', '.join(responses[0].trials)}", markup=False)
    for study, why in responses[0].left_out:
        out.print(f"left out: {study}: {why}", markup=False)


def _tests(found: MetaRegression) -> str:
    """Return the tests of a regression whose errors are Hartung and Knapp's."""
    return (
        f"test of the slope: F = {found.f:.2f} on {found.qm_degrees_of_freedom} and "
        f"{found.qe_degrees_of_freedom} df ({p_equals(found.qm_p_value)}); left between trials: QE = {found.qe:.2f} on "
        f"{found.qe_degrees_of_freedom} df ({p_equals(found.qe_p_value)}); tau² = {found.tau_squared:.3f}, without the "
        f"slope {found.tau_squared_without:.3f}"
    )
