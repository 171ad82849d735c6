"""``trialeukin compare``: what regimens, or multiples of one's doses, do in the same virtual patients."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.place_options import InPlace, Settings
from trialeukin.cli.regimen import read_regimen
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.core.errors import InputError
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.render import NO_TREATMENT, render
from trialeukin.regimen.scale import scaled
from trialeukin.report.contrast_words import difference_table, mean_table
from trialeukin.report.doses_figure import doses_figure
from trialeukin.report.framed_plot import check_form, saved
from trialeukin.store.contrast_document import contrast_document
from trialeukin.store.whole_files import check_output, write_whole
from trialeukin.trial.background import place_of
from trialeukin.trial.changed_background import changed, changes_shown
from trialeukin.trial.contrast import DRAWS, contrasts_of
from trialeukin.trial.contrast_result import Contrasts
from trialeukin.trial.response import PATIENTS, SEED

FEWEST_DRAWN = 2  # multiples of a line
MOST = 9  # columns of a table that is still read
MOST_PATIENTS, MOST_DRAWS = 5_000, 1_000
NAME, LETTERS = "doses", "BCDEFGHI"


def command(  # noqa: PLR0913 the options of a command are its arguments
    regimens: Annotated[
        list[str],
        typer.Argument(
            metavar="REGIMEN...",
            help="Regimens: texts in quotes, files, names of the library, or none. The first is what the others are "
            "set against; one alone is set against none.",
        ),
    ],
    *,
    doses: Annotated[
        str | None,
        typer.Option("--doses", metavar="LIST", help="Multiples of the last one's doses, such as 0.25,0.5,1,2,4."),
    ] = None,
    drug: Annotated[
        str | None, typer.Option("--drug", metavar="DRUG", help="Whose doses; not needed where there is one drug.")
    ] = None,
    where: InPlace = None,
    settings: Settings = None,
    patients: Annotated[int, typer.Option("--patients", metavar="N", help="Virtual patients.")] = PATIENTS,
    draws: Annotated[
        int, typer.Option("--draws", metavar="K", help="Draws of what is not known of the parameters; 0 for none.")
    ] = DRAWS,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of all random numbers.")] = SEED,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path_given, metavar="FILE", help="Draw --doses there: .svg or .png."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare regimens, or doses of one, in the same virtual patients: exposure, cells, tolerability, leukaemia."""
    for name, value, most in (("--patients", patients, MOST_PATIENTS), ("--draws", draws, MOST_DRAWS)):
        if value > most:
            raise InputError(f"{name} {value:,}: give at most {most:,}")
    if doses is None and drug is not None:
        raise InputError("--drug says whose doses change: name the multiples too, such as --doses 0.25,0.5,1,2,4")
    first, others = _set_against([read_regimen(each) for each in regimens])
    multiples = () if doses is None else _multiples(doses)
    if output is not None:
        _check_drawing(output, multiples)
    whole = (first, *(_at_multiples(others, multiples, drug) if multiples else others))
    if len(whole) > MOST:
        raise InputError(f"{len(whole)} regimens: give at most {MOST}, that with none included")
    place = changed(place_of(where, whole), settings or ())
    found = contrasts_of(whole, place, patients=patients, draws=draws, seed=seed)
    if output is not None:
        title = f"{render(others[0])}, set against {render(first)}"
        write_whole(output.parent, {output.name: saved(NAME, lambda: doses_figure(found, multiples, title), output)})
    if as_json:
        print_json(contrast_document(found, whole) | {"multiples": list(multiples) or None})
        return
    labels = (_label(first, "A"), *([f"× {each:g}" for each in multiples] or map(_label, others, LETTERS)))
    _show(found, {labels[0]: first} | dict(zip(("× 1",) if multiples else labels[1:], others, strict=True)), labels)
    if output is not None:
        results().print(f"\n{output}", markup=False)


def _check_drawing(output: Path, multiples: tuple[float, ...]) -> None:
    if len(multiples) < FEWEST_DRAWN:
        raise InputError("-o draws lines over two or more multiples of a dose: name them, such as --doses 0.5,1,2,4")
    check_form(output)
    check_output(output.parent)


def _set_against(read: list[Regimen]) -> tuple[Regimen, list[Regimen]]:
    """Return what the others are set against, and these: against none where there is one alone."""
    if read == [Regimen()]:
        raise InputError(f"{NO_TREATMENT!r} alone has nothing to differ from: name a regimen")
    return (Regimen(), read) if len(read) == 1 else (read[0], read[1:])


def _multiples(text: str) -> tuple[float, ...]:
    words = [word.strip() for word in text.split(",")]
    try:
        found = tuple(float(word) for word in words)
    except ValueError:
        raise InputError(
            f"--doses {text!r}: give numbers above 0 with commas between, such as 0.25,0.5,1,2,4"
        ) from None
    if sorted(set(found)) != list(found):
        raise InputError(f"--doses {text!r}: let the multiples rise, each once")
    return found


def _at_multiples(others: list[Regimen], multiples: tuple[float, ...], drug: str | None) -> list[Regimen]:
    if len(others) > 1:
        raise InputError(
            f"{1 + len(others)} regimens with --doses: give the one that is multiplied, and one before it at most"
        )
    return [scaled(others[0], each, drug=drug) for each in multiples]


def _label(regimen: Regimen, letter: str) -> str:
    return letter if regimen.courses else NO_TREATMENT


def _show(found: Contrasts, named: Mapping[str, Regimen], labels: Sequence[str]) -> None:
    out = results()
    out.print(found.background.title, style="bold", markup=False)
    for change in changes_shown(found.background):
        out.print(f"changed: {change}", markup=False)
    for label, regimen in named.items():
        if label != NO_TREATMENT:
            out.print(f"{label}: {render(regimen)}", markup=False)
    for each in (mean_table(found, labels), difference_table(found, labels)):
        out.print("")
        out.print(table(each.caption, each.head, each.rows, numeric=range(1, len(each.head))))
