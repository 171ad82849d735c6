"""``trialeukin run``: a study from its file to a directory with its report."""

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.progress import progress
from trialeukin.cli.terminal import messages, print_json, results, table
from trialeukin.cli.usage import path_given
from trialeukin.core.counting import counted
from trialeukin.regimen.library import regimen_of
from trialeukin.regimen.plausible import warnings
from trialeukin.regimen.render import NO_TREATMENT
from trialeukin.report.in_whom_section import gained
from trialeukin.report.monitoring_blocks import found_benefit
from trialeukin.report.study_report import study_report
from trialeukin.report.study_wording import (
    percent_with_error,
    published_beside,
    published_ratio,
    ratio_with_interval,
    what_if,
)
from trialeukin.report.wording import percent
from trialeukin.store.run_directory import check_directory, write_run
from trialeukin.store.summary import summary
from trialeukin.trial.endpoint import Endpoint
from trialeukin.trial.multiplicity import Family
from trialeukin.trial.result import StudyResult
from trialeukin.trial.run import DRAWS, PATIENTS, REPLICATES, SEED, run_study
from trialeukin.trial.study import Study
from trialeukin.trial.study_file import load_study

OUTPUT = Path("out")


def command(  # noqa: PLR0913, PLR0917 the options of a command are its arguments
    study: Annotated[Path, typer.Argument(parser=path_given, metavar="STUDY.toml", help="The study's file.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", parser=path_given, metavar="DIR", help="Where to write; out/<study> if left out."
        ),
    ] = None,
    patients: Annotated[
        int, typer.Option("--patients", metavar="N", help="Virtual patients under every arm.")
    ] = PATIENTS,
    replicates: Annotated[int, typer.Option("--replicates", metavar="R", help="Virtual trials drawn.")] = REPLICATES,
    draws: Annotated[
        int,
        typer.Option(
            "--draws",
            metavar="K",
            help="Draws of the parameters from what is not known of them; 0 for none, for a quick first look.",
        ),
    ] = DRAWS,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed of all random numbers.")] = SEED,
    without_effect: Annotated[
        bool,
        typer.Option("--without-effect", help="Give the drug, take away what it does to leukaemia: the null."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON and nothing else.")] = False,
) -> None:
    """Run a study: simulate every patient under every arm, draw virtual trials, write the report."""
    planned = load_study(study)
    name = f"{planned.study.name}-without-effect" if without_effect else planned.study.name
    directory = output if output is not None else OUTPUT / name
    check_directory(directory)
    _warn(planned)
    options = ["-o", str(directory), "--patients", f"{patients}", "--replicates", f"{replicates}"]
    options += ["--draws", f"{draws}", "--seed", f"{seed}"]
    options += ["--without-effect"] if without_effect else []
    with _interruptible(), progress("reading") as tell:
        result = run_study(
            planned,
            patients=patients,
            replicates=replicates,
            draws=draws,
            seed=seed,
            effect=not without_effect,
            progress=tell,
        )
        spelt = shlex.join(("trialeukin", "run", str(study), *options))
        write_run(result, directory, report=study_report, command=spelt)
    if as_json:
        print_json(summary(result) | {"directory": str(directory)})
        return
    _show(result, directory)


def _warn(study: Study) -> None:
    """Say on the standard error which arms get nothing or doses far beyond all of the library, before the work."""
    for arm in study.arms:
        if arm.regimen is None and not arm.control:
            messages().print(
                f"Warning: arm {arm.name} has no regimen and gets nothing: write regimen = 'none' if that is meant.",
                markup=False, style="bold", soft_wrap=True,
            )  # fmt: skip
        for warning in warnings(regimen_of(arm.regimen or NO_TREATMENT)):
            messages().print(f"Warning: arm {arm.name}: {warning}.", markup=False, style="bold", soft_wrap=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let a request to end stop the run as an interruption from the keyboard does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(result: StudyResult, directory: Path) -> None:
    rows = [row for found in result.endpoints for row in _endpoint_rows(result, found.endpoint)]
    who, of = result.in_whom, "" if result.family is None else f", {result.study.treatment.name}"
    rows.append((f"{who.endpoint.value.upper()} months gained of {who.months:g}{of}", gained(who), "-"))
    if result.monitored is not None:
        name = f"{result.monitored.endpoint.value.upper()} benefit found"
        looks = counted(len(result.monitored.events), "look")
        rows.append((f"{name}, {looks}{of}", found_benefit(result.monitored), "-"))
    out = results()
    head = "predicted" if result.provenance.effect else "without effect"
    out.print(table(result.study.study.title, ("", head, "published"), rows))
    if changed := what_if([each.name for each in result.study.parameters]):
        out.print(f"\n{changed}", markup=False)
    out.print(f"\nReport: {directory / 'report.html'}", markup=False)


def _endpoint_rows(result: StudyResult, endpoint: Endpoint) -> list[tuple[str, str, str]]:
    name = endpoint.value.upper()
    found = {
        "" if result.family is None else f", {treatment}": each
        for treatment, endpoints in result.comparisons.items()
        for each in endpoints
        if each.endpoint is endpoint
    }
    rows = []
    for of, each in found.items():
        ratio = result.study.published.ratio(endpoint) if each is result.endpoint(endpoint) else None
        published = f"{published_ratio(ratio)}, {ratio.origin.value}" if ratio else "-"
        rows.append((f"{name} hazard ratio{of}", ratio_with_interval(each.hazard_ratio), published))
    for milestone in result.milestones(endpoint):
        printed = published_beside(result, endpoint, milestone)
        beside = "-" if printed is None else f"{percent(printed.value)}{' (fitted)' if printed.fitted else ''}"
        place = f"{name} {milestone.arm}, month {milestone.months:g}"
        rows.append((place, percent_with_error(milestone.population), beside))
    for of, each in found.items():
        effect = result.provenance.effect
        what, share = ("power", each.power) if effect else ("type I error", each.significant)
        rows.append((f"{name} {what}, alpha {result.study.analysis.alpha:g}{of}", percent_with_error(share), "-"))
        if each.assurance is not None and effect:
            rows.append((f"{name} power, averaged{of}", percent_with_error(each.assurance), "-"))
    return rows + (_claims(result.family, name) if result.family and result.family.endpoint is endpoint else [])


def _claims(family: Family, name: str) -> list[tuple[str, str, str]]:
    """Return how often trials claim each treatment, and any, where all tests keep one level."""
    each = [(f"{name} claimed, {treatment}", claims) for treatment, claims in family.benefit.items()]
    together = [(f"{name} claimed, any treatment", family.any_benefit)]
    return [(what, percent_with_error(claims.typical), "-") for what, claims in (*each, *together)]
