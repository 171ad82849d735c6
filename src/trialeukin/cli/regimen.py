"""``trialeukin regimen``: what a regimen means, dose by dose."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.calendar_picture import calendar_picture
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson
from trialeukin.core.errors import InputError, RegimenError
from trialeukin.core.text_file import read_text
from trialeukin.regimen.administration import Per
from trialeukin.regimen.body import BSA_LIMITS, WEIGHT_LIMITS
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.describe import Block, as_json, blocks, sentence, totals
from trialeukin.regimen.expand import expand
from trialeukin.regimen.library import Entry, entry, load, names
from trialeukin.regimen.numerals import numeral
from trialeukin.regimen.parse import parse
from trialeukin.regimen.plausible import warnings
from trialeukin.regimen.render import NO_TREATMENT, render
from trialeukin.regimen.suggest import did_you_mean
from trialeukin.report.calendar import calendar_of

LONGEST_FILE_NAME = 255
FILE_ENDINGS = {".regimen", ".txt"}


def command(
    regimen: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT|FILE|NAME", help="A regimen in quotes, a file that holds one, or a name of the library."
        ),
    ] = None,
    bsa: Annotated[
        float | None, typer.Option("--bsa", metavar="M2", help="Body surface in m2; 1.84 if left out.")
    ] = None,
    weight: Annotated[
        float | None, typer.Option("--weight", metavar="KG", help="Body weight in kg; 70 if left out.")
    ] = None,
    list_names: Annotated[bool, typer.Option("--list", help="List the regimens of the library.")] = False,
    as_document: AsJson = False,
) -> None:
    """Read a regimen and show its canonical text, a sentence, the dose table, totals and a calendar."""
    if list_names:
        _list_library(as_document)
        return
    if regimen is None:
        raise InputError(
            "no regimen: give a text in quotes, a file or a name; 'trialeukin regimen --list' has the names"
        )
    _check_size("--bsa", bsa, BSA_LIMITS, "m2")
    _check_size("--weight", weight, WEIGHT_LIMITS, "kg")
    understood, known = _read(regimen)
    document = as_json(understood, bsa, weight)
    if as_document:
        print_json(document | ({"library": _about(known)} if known else {}))
        return
    _show(understood, known, document["patient"]["bsa_m2"], document["patient"]["weight_kg"])


def read_regimen(given: str) -> Regimen:
    """Return the regimen that a text, a file or a name of the library stands for.

    Raises
    ------
    InputError
        When it is none of these, or has no meaning.
    """
    return _read(given)[0]


def _read(given: str) -> tuple[Regimen, Entry | None]:
    if given in names():
        return load(given), entry(given)
    if _is_path(given):
        text, _ = read_text(Path(given), kind="text file", wanted="a text file with a regimen", error=RegimenError)
        return parse(text, name=given, check=_look_at_rules), None
    if len(given.split()) == 1 and given.strip() != NO_TREATMENT:
        raise RegimenError(
            f"{given!r} is neither a file, nor a name of the library, nor a regimen: a regimen reads like "
            "'aldesleukin 1 MIU/m2/day sc days 1-14'; 'trialeukin regimen --list' has the names"
            f"{did_you_mean(given, names())}"
        )
    return parse(given, check=_look_at_rules), None


def _look_at_rules(regimen: Regimen) -> None:
    """Look at dose rules with the models, which are loaded for a regimen that has some."""
    if regimen.rules:
        import_module("trialeukin.trial.background").check_rules(regimen)


def _is_path(given: str) -> bool:
    if "\n" in given or len(given.encode()) > LONGEST_FILE_NAME or not given.strip():
        return False
    path = Path(given)
    return path.exists() or (path.suffix in FILE_ENDINGS and len(given.split()) == 1)


def _check_size(option: str, size: float | None, limits: tuple[float, float], unit: str) -> None:
    low, high = limits
    if size is not None and not low <= size <= high:
        raise InputError(f"{option} {size:g}: give a number of {unit} from {low:g} to {high:g}")


def _list_library(as_document: bool) -> None:
    entries = [entry(name) for name in names()]
    if as_document:
        print_json([_about(known) for known in entries])
        return
    results().print(table("", ("name", "regimen"), [(known.name, known.title) for known in entries]))


def _about(known: Entry) -> dict[str, object]:
    return {
        "name": known.name,
        "title": known.title,
        "sources": [str(source) for source in known.sources],
        "assumed": list(known.assumed),
        "missing": list(known.missing),
    }


def _show(regimen: Regimen, known: Entry | None, bsa: float, weight: float) -> None:
    out = results()
    if known:
        out.print(known.title, style="bold", markup=False)
        for label, lines in (
            ("source", map(str, known.sources)),
            ("assumed", known.assumed),
            ("missing", known.missing),
        ):
            for line in lines:
                out.print(f"  {label}: {line}", markup=False)
        out.print()
    out.print(render(regimen), markup=False)
    out.print()
    out.print(sentence(regimen), markup=False)
    for warning in warnings(regimen):
        out.print()
        out.print(f"Warning: {warning}.", markup=False, style="bold")
    if not regimen.courses:
        return
    out.print()
    head = ("drug", "route", "days", "one dose", "times a day", "runs", "at most")
    out.print(table("Doses", head, [_block_row(block) for block in blocks(regimen)], numeric=(4,)))
    out.print()
    rows = [
        (drug, "unknown" if total.amount is None else f"{total.amount:,.6g}", total.unit)
        for drug, total in totals(regimen, bsa, weight).items()
    ]
    out.print(table(f"Total for {bsa:g} m2 and {weight:g} kg", ("drug", "total", "unit"), rows, numeric=(1,)))
    out.print()
    out.print(calendar_picture(calendar_of(expand(regimen)), regimen.first_day))


def _block_row(block: Block) -> tuple[str, ...]:
    unit = block.unit if block.per is Per.PATIENT else f"{block.unit}/{block.per.value}"
    return (
        block.drug,
        block.route.value,
        f"{block.start_day}" if block.start_day == block.end_day else f"{block.start_day}-{block.end_day}",
        "unknown" if block.amount is None else f"{numeral(block.amount)} {unit}",
        str(block.times_per_day),
        f"{block.duration_h:g} h" if block.duration_h else "",
        "" if block.cap is None else f"{block.cap:g} {block.unit}",
    )
