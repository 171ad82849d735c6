"""``trialeukin analyse``: a user's own times and events, from a CSV file to tables, JSON and a page."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin import __version__
from trialeukin.cli.csv_file import read_csv
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.report.analysis_wording import (
    CURE_HEAD,
    EFFECT_HEAD,
    PAIR_HAZARD_HEAD,
    PAIR_MEAN_HEAD,
    arm_head,
    arm_rows,
    cautions,
    cure_rows,
    effect_rows,
    pair_hazard_rows,
    pair_mean_rows,
    proportionality_rows,
)
from trialeukin.store.analysis_document import analysis_document
from trialeukin.store.whole_files import json_text, write_whole
from trialeukin.survival.analysis import Analysis, analyse
from trialeukin.survival.columns import Roles, patients_of


def command(  # noqa: PLR0913  # an option each
    file: Annotated[
        Path, typer.Argument(parser=path_given, metavar="FILE.csv", help="A row a patient, with a header.")
    ],
    *,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help="Follow-up.")] = None,
    event: Annotated[str | None, typer.Option(metavar="COLUMN", help="1 where it ended in the event, else 0.")] = None,
    censored: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="In place of --event: 0 at the event, 1 or more where censored, as CNSR."),
    ] = None,
    arm: Annotated[str | None, typer.Option(metavar="COLUMN", help="Arm.")] = None,
    control: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL", help="The arm others are compared with; of three arms or more, each with it alone."
        ),
    ] = None,
    strata: Annotated[str, typer.Option(metavar="COLUMN,...", help="Columns to stratify by.")] = "",
    entry: Annotated[str | None, typer.Option(metavar="COLUMN", help="When observation began, if not at 0.")] = None,
    weights: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="What a patient stands for, such as inverse-probability weights."),
    ] = None,
    covariates: Annotated[str, typer.Option(metavar="COLUMN,...", help="Columns to adjust the ratio for.")] = "",
    horizon: Annotated[float | None, typer.Option(metavar="TIME", help="Where restricted means end.")] = None,
    milestone: Annotated[float | None, typer.Option(metavar="TIME", help="When survival is compared.")] = None,
    as_json: AsJson = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", parser=path_given, metavar="DIR", help="Write analysis.html and analysis.json there."
        ),
    ] = None,
) -> None:
    """Analyse times to an event: Kaplan-Meier, hazard ratio, restricted means, tests, and their assumptions."""
    roles = Roles(
        time=time, event=event, censored=censored, arm=arm, entry=entry, weights=weights, strata=_names(strata),
        covariates=_names(covariates),
    )  # fmt: skip
    read = read_csv(file)
    found = analyse(patients_of(read.table, roles), control=control, horizon=horizon, milestone_time=milestone)
    document = analysis_document(found, file.name)
    if output is not None:
        _write(output, found, file.stem, document)
    if as_json:
        print_json(document)
        return
    _show(found, file.name)
    if read.understood:
        results().print(read.understood, markup=False)
    if output is not None:
        results().print(f"\nReport: {output / 'analysis.html'}", markup=False)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _write(directory: Path, found: Analysis, title: str, document: object) -> None:
    # Drawing takes a second to load and is not always asked for.
    from trialeukin.report.analysis_report import analysis_report  # noqa: PLC0415

    page = analysis_report(found, title=title, version=__version__)
    write_whole(directory, {"analysis.html": page, "analysis.json": json_text(document)})


def _show(found: Analysis, name: str) -> None:
    out = results()
    parts = [
        (name, arm_head(found), arm_rows(found)),
        (f"Effects and tests{', one model of all arms' if found.pairs else ''}", EFFECT_HEAD, effect_rows(found)),
        (
            "Two arms at a time, each pair alone, p-values adjusted by Holm's procedure",
            PAIR_HAZARD_HEAD,
            pair_hazard_rows(found),
        ),
        ("Two arms at a time, restricted means", PAIR_MEAN_HEAD, pair_mean_rows(found)),
        (
            "Proportional hazards",
            ("hazard ratio", "chi-square", "df", "p"),
            proportionality_rows(found),
        ),
        ("The end of the curves", CURE_HEAD, cure_rows(found)),
    ]
    for title, head, rows in parts:
        if rows:
            out.print(table(title, head, rows))
            out.print()
    for note in cautions(found):
        out.print(note, markup=False)
