"""``trialeukin simulate``: a model followed through dosing records with NONMEM's columns."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.place_options import Settings
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.core.errors import InputError, RunError
from trialeukin.core.text_file import read_text
from trialeukin.engine.records import TimeUnit
from trialeukin.model.named import known, system_of
from trialeukin.population.changed_parameters import with_changed_parameters
from trialeukin.report.record_words import about, answer_table, exposure_table, failures, notes, understood
from trialeukin.store.followed_document import answer_csv, exposure_csv, followed_document
from trialeukin.store.whole_files import check_csv_output, write_whole
from trialeukin.trial.changed_background import Shown, changes_of, shown
from trialeukin.trial.followed_records import FollowedRecords, follow_records
from trialeukin.trial.read_records import read_data_set
from trialeukin.trial.record_doses import recorded_doses
from trialeukin.trial.record_exposure import DoseExposure, exposures_of
from trialeukin.trial.record_looks import Grid
from trialeukin.trial.record_quantities import asked_quantities

USUAL_MODEL = "il2-pharmacokinetics"


def command(  # noqa: PLR0913 the options of a command are its arguments
    file: Annotated[
        Path,
        typer.Argument(
            parser=path_given,
            metavar="RECORDS.csv",
            help="ID, TIME and, as needed, EVID, AMT, RATE, II, ADDL, SS, CMT, MDV, DV; a column of a parameter's name "
            "has its value for each ID.",
        ),
    ],
    *,
    model: Annotated[
        str, typer.Option("--model", metavar="MODEL", help="Name of a model, as 'trialeukin models' lists them.")
    ] = USUAL_MODEL,
    doses: Annotated[
        list[str] | None,
        typer.Option(
            "--dose",
            metavar="DOSE",
            help="What doses are: 'aldesleukin MIU sc', a drug, the unit of AMT and a route; '1=aldesleukin MIU sc' of "
            "each CMT where there are several, repeatable. Without a unit AMT is in the model's.",
        ),
    ] = None,
    quantities: Annotated[
        list[str] | None,
        typer.Option(
            "--quantity",
            metavar="NAME",
            help="What to answer with, such as nk_count, or il2_concentration=IU/mL in another unit; repeatable. The "
            "drug's concentration without it.",
        ),
    ] = None,
    settings: Settings = None,
    unit: Annotated[
        TimeUnit, typer.Option("--time-unit", help="Of TIME and II, and what RATE is per.")
    ] = TimeUnit.HOUR,
    ignored: Annotated[
        str, typer.Option("--ignored", metavar="COLUMN,...", help="Columns to pass over, such as covariates.")
    ] = "",
    every: Annotated[
        float | None, typer.Option("--every", metavar="TIME", help="Look so often too, from each first record on.")
    ] = None,
    until: Annotated[
        float | None, typer.Option("--until", metavar="TIME", help="Where --every ends; at the last record without it.")
    ] = None,
    summary: Annotated[
        bool,
        typer.Option(
            "--summary", help="Instead, the exposure that followed each dose: Cmax, AUC, half-life, clearance, trough."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path_given, metavar="FILE.csv", help="Write the rows there."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow a model through dosing records: concentrations at each observation, beside what was measured.

    Each ID is a typical patient of the model. TIME, AMT, RATE, II, ADDL and SS mean what they mean to NONMEM.
    """
    if until is not None and every is None:
        raise InputError(f"--until {until:g} says where --every ends: give that too, such as --every 1")
    if output is not None:
        check_csv_output(output, (file,), rows="rows", given="these records are")
    usual = system_of(known(model, "--model"))
    changes = changes_of(settings or (), usual.parameters)
    system = with_changed_parameters(usual, changes)
    text, _ = read_text(file, kind="CSV file", wanted="a CSV file of records")
    read = read_data_set(text, system, unit=unit, name=file.name, ignored=frozenset(_names(ignored)))
    changed = shown([each.name for each in changes], usual, system)
    _check_changed(changed, read.individual)
    named = recorded_doses(system, read.records, doses or ())
    found = follow_records(
        system,
        read.records,
        named,
        asked_quantities(system, named, quantities or ()),
        individual=read.individual,
        grid=None if every is None else Grid(every=every, until=until),
    )
    exposures = exposures_of(found) if summary else ()
    if summary and not exposures:
        raise InputError("--summary: no dose has three looks after it: look more often, such as with --every 1")
    if output is not None:
        rows = exposure_csv(exposures) if summary else answer_csv(found)
        write_whole(output.parent, {output.name: rows})
    if as_json:
        print_json(followed_document(found, exposures if summary else None, changed, read.individual))
    else:
        _show(found, exposures if summary else None, changed, tuple(read.individual), output)
    if failed := failures(found):
        raise RunError(failed)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _check_changed(changed: Sequence[Shown], individual: Collection[str]) -> None:
    for each in changed:
        if each.name in individual:
            raise InputError(
                f"--set {each.name}: the records have a column of it, a value for each ID: leave one of them out, the "
                f"column with --ignored {each.name}"
            )


def _show(
    found: FollowedRecords,
    exposures: Sequence[DoseExposure] | None,
    changed: Sequence[Shown],
    individual: Sequence[str],
    output: Path | None,
) -> None:
    out = results()
    for line in (*understood(found, individual), *(f"changed: {each}" for each in changed)):
        out.print(line, markup=False)
    out.print("")
    if output is not None:
        out.print(str(output), markup=False)
    else:
        rows = answer_table(found) if exposures is None else exposure_table(found, exposures)
        out.print(table(rows.caption, rows.head, rows.rows, numeric=range(len(rows.head))))
    for note in (*about(exposures or ()), *notes(found)):
        out.print(note, markup=False)
