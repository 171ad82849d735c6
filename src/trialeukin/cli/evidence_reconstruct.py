"""``trialeukin evidence reconstruct``: patients of a published trial, from its curves and numbers at risk."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from trialeukin.cli.csv_file import CsvFile, read_csv
from trialeukin.cli.reconstruction_text import (
    ARM_HEAD,
    RATIO_HEAD,
    Reconstructed,
    arm_rows,
    effect_lines,
    notes,
    ratio_rows,
    reconstruction_document,
    study_lines,
)
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.core.errors import AnalysisError, InputError
from trialeukin.evidence.curve_ratios import CurveRatio, PrintedRatio, curve_ratios
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.store.whole_files import check_csv_output, check_output, write_whole
from trialeukin.survival.columns import in_quotes
from trialeukin.survival.cox import CoxStatus
from trialeukin.survival.published_curves import CurveRoles, curve_points, published_curves, risk_tables
from trialeukin.survival.reconstruction import Reconstruction, reconstruct

Value = TypeVar("Value")
NUMBER = r"\d+(?:\.\d+)?"
RATIO = re.compile(rf"({NUMBER})(?:\s*\(\s*({NUMBER})\s*(?:to|-|–)\s*({NUMBER})\s*\))?")


def command(  # noqa: PLR0913  # an option each
    curves: Annotated[
        Path,
        typer.Argument(
            parser=path_given, metavar="CURVES.csv", help="Points read off the curves: a row each, with a header."
        ),
    ],
    *,
    at_risk: Annotated[
        Path,
        typer.Option(
            "--at-risk",
            parser=path_given,
            metavar="FILE.csv",
            help="Numbers at risk: a row an arm and time; that at time 0 alone is enough, the size of the arm.",
        ),
    ],
    events: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ARM=N", help="Events of an arm in total, where the paper prints them; N of one arm; repeatable."
        ),
    ] = None,
    per_cent: Annotated[
        bool, typer.Option("--per-cent", help="Survival is in per cent; a fraction where left out.")
    ] = False,
    control: Annotated[str | None, typer.Option(metavar="LABEL", help="The arm others are compared with.")] = None,
    published_ratio: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ARM=HR",
            help='Its hazard ratio over the control as printed: "0.72 (0.50 to 1.04)", the arm before = where there '
            "are three or more; repeatable.",
        ),
    ] = None,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help="Time, in both files.")] = None,
    survival: Annotated[str | None, typer.Option(metavar="COLUMN", help="Survival of the points.")] = None,
    patients: Annotated[str | None, typer.Option(metavar="COLUMN", help="Numbers at risk.")] = None,
    arm: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Arm, in both files; none where there is one arm.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=path_given,
            metavar="FILE.csv",
            help="Write a row a patient there, as 'trialeukin analyse' reads it.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Reconstruct patients from published curves, say how far off they are, and compare the arms."""
    if output is not None:
        check_csv_output(output, (curves, at_risk), rows="patients", given="this file is")
        check_output(output.parent)
    roles = CurveRoles(time=time, arm=arm, survival=survival, patients=patients)
    drawn, printed = read_csv(curves), read_csv(at_risk)
    points = _of(curves, lambda: curve_points(drawn.table, roles, in_per_cent=per_cent))
    tables = _of(at_risk, lambda: risk_tables(printed.table, roles))
    totals = _by_arm("--events", events or (), tuple(points), _whole)
    given = published_curves(points, tables, totals)
    first = _control(control, tuple(given))
    others = tuple(label for label in given if label != first)
    if published_ratio and (control is None or not others):
        raise InputError(
            f"--published-ratio {published_ratio[0]!r} is of an arm over another: "
            + ("name that other with --control" if others else "there is one arm")
        )
    ratios_printed = _by_arm("--published-ratio", published_ratio or (), others, _ratio)
    found = {label: reconstruct(curve) for label, curve in given.items()}
    made = Reconstructed(
        points=points,
        given=given,
        found=found,
        control=first if others else None,
        control_taken=control is None,
        ratios=_ratios(found, first, ratios_printed) if others else (),
    )
    if output is not None:
        write_whole(output.parent, {output.name: _patients_csv(found)})
    if as_json:
        print_json(reconstruction_document(made) | {"file": None if output is None else str(output)})
        return
    _show(curves.name, made)
    for note in (*_read(curves, drawn), *_read(at_risk, printed), *notes(made)):
        results().print(note, markup=False)
    if output is not None:
        results().print(f"\n{output}", markup=False)


def _of(file: Path, read: Callable[[], Value]) -> Value:
    """Return what is read from a table; a fault of it names the file."""
    try:
        return read()
    except AnalysisError as fault:
        raise InputError(f"{file}: {fault}") from fault


def _by_arm(
    option: str, given: Sequence[str], labels: tuple[str, ...], read: Callable[[str, str], Value]
) -> dict[str, Value]:
    """Return values by arm from words such as ``IL-2=29``; the arm may be left out where there is one."""
    found: dict[str, Value] = {}
    for word in given:
        named, mark, value = word.rpartition("=")
        label = named.strip()
        if not mark:
            if len(labels) > 1:
                raise InputError(
                    f"{option} {word!r}: say of which arm, such as {labels[0]}={word}; there are {in_quotes(labels)}"
                )
            label = labels[0]
        if label not in labels:
            known = in_quotes(labels)
            raise InputError(f"{option} {word!r}: no arm {label!r}: allowed are {known}{did_you_mean(label, labels)}")
        if label in found:
            raise InputError(f"{option} {word!r}: {label!r} has one already: give each arm one")
        found[label] = read(option, value.strip())
    return found


def _whole(option: str, value: str) -> int:
    if not value.isdecimal():
        raise InputError(f"{option} {value!r}: give a whole number, as the paper prints it")
    return int(value)


def _ratio(option: str, value: str) -> PrintedRatio:
    read = RATIO.fullmatch(value)
    if read is None:
        raise InputError(
            f"{option} {value!r}: give the hazard ratio with its 95 % limits, such as 0.72 (0.50 to 1.04), or alone, "
            "such as 0.72; with decimal points"
        )
    ratio, lower, upper = read.groups()
    try:
        return PrintedRatio(value=float(ratio), limits=None if lower is None else (float(lower), float(upper)))
    except AnalysisError as fault:
        raise InputError(f"{option} {value!r}: {fault}") from fault


def _control(asked: str | None, labels: tuple[str, ...]) -> str:
    if asked is not None and asked not in labels:
        raise InputError(
            f"--control {asked!r}: no such arm: allowed are {in_quotes(labels)}{did_you_mean(asked, labels)}"
        )
    return labels[0] if asked is None else asked


def _ratios(
    found: Mapping[str, Reconstruction], control: str, printed: Mapping[str, PrintedRatio]
) -> tuple[CurveRatio, ...] | str:
    """Return the hazard ratios, or why there are none."""
    try:
        return curve_ratios(found, control, printed)
    except AnalysisError as fault:
        return str(fault)


def _patients_csv(found: Mapping[str, Reconstruction]) -> str:
    """Return a row a patient, its columns named as ``analyse`` finds them; one arm has no column of arms."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    head = ("time", "event", "arm") if len(found) > 1 else ("time", "event")
    rows.writerow(head)
    for label, each in found.items():
        for time, event in zip(each.times.tolist(), each.events.tolist(), strict=True):
            rows.writerow((time, int(event), label)[: len(head)])
    return text.getvalue()


def _read(file: Path, read: CsvFile) -> tuple[str, ...]:
    return (f"{file.name}: {read.understood}",) if read.understood else ()


def _show(name: str, made: Reconstructed) -> None:
    out = results()
    out.print(table(name, ARM_HEAD, arm_rows(made), numeric=range(1, len(ARM_HEAD))))
    out.print()
    if isinstance(made.ratios, str):
        out.print(f"No hazard ratio: {made.ratios}\n", markup=False)
        return
    if made.ratios:
        out.print(table("Hazard ratio of the reconstructed patients", RATIO_HEAD, ratio_rows(made.ratios)))
        out.print()
    if len(made.ratios) == 1 and made.ratios[0].status is CoxStatus.CONVERGED:
        for whose, lines in (
            ("a study file of 'trialeukin run', endpoint and source", study_lines(made.ratios[0])),
            ("'trialeukin evidence add', endpoint, arms, population and source", effect_lines(made.ratios[0])),
        ):
            out.print(f"For {whose} yours to fill in:")
            for line in lines:
                out.print(f"  {line}", markup=False, soft_wrap=True)  # a broken line is none of a file
            out.print()
