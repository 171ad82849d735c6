"""``trialeukin compare``: what regimens, or multiples of one's doses, do in the same virtual patients."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.regimen import read_regimen
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import path_given
from trialeukin.core.errors import InputError
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.render import NO_TREATMENT, render
from trialeukin.regimen.scale import scaled
from trialeukin.report.contrast_words import difference_table, mean_table
from trialeukin.report.doses_figure import doses_figure
from trialeukin.report.framed_plot import saved
from trialeukin.store.contrast_document import contrast_document
from trialeukin.store.whole_files import write_whole
from trialeukin.trial.background import BACKGROUNDS, Background, background, background_for
from trialeukin.trial.contrast import DRAWS, contrasts_of
from trialeukin.trial.response import PATIENTS, SEED

MOST = 9  # columns of a table that is still read
MOST_PATIENTS, MOST_DRAWS = 5_000, 1_000
NAME = "doses"


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
    where: Annotated[
        str | None,
        typer.Option(
            "--in",
            metavar="PLACE",
            help=f"In whom: {', '.join(each.name for each in BACKGROUNDS)}; the first that takes all drugs.",
        ),
    ] = None,
    patients: Annotated[int, typer.Option("--patients", metavar="N", help="Virtual patients.")] = PATIENTS,
    draws: Annotated[
        int, typer.Option("--draws", metavar="K", help="Draws of what is not known of the parameters; 0 for none.")
    ] = DRAWS,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of all random numbers.")] = SEED,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path_given, metavar="FILE", help="Draw --doses there: .svg or .png."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Compare regimens, or doses of one, in the same virtual patients: exposure, cells, tolerability, leukaemia."""
    for name, value, most in (("--patients", patients, MOST_PATIENTS), ("--draws", draws, MOST_DRAWS)):
        if value > most:
            raise InputError(f"{name} {value:,}: give at most {most:,}")
    if output is not None and doses is None:
        raise InputError("-o draws multiples of a dose: name them, such as --doses 0.25,0.5,1,2,4")
    if drug is not None and doses is None:
        raise InputError("--drug says whose doses change: name the multiples too, such as --doses 0.25,0.5,1,2,4")
    read = [read_regimen(each) for each in regimens]
    multiples = () if doses is None else _multiples(doses)
    first = Regimen() if len(read) == 1 else read[0]
    compared = _at_multiples(read, multiples, drug) if multiples else tuple(read[-max(1, len(read) - 1) :])
    whole = (first, *compared)
    if len(whole) > MOST:
        raise InputError(f"{len(whole)} regimens: give at most {MOST}, that with none included")
    place = background(where) if where else background_for(whole)
    found = contrasts_of(whole, place, patients=patients, draws=draws, seed=seed)
    title = f"{render(read[-1])}, set against {render(first)}"
    if output is not None:
        picture = saved(NAME, lambda: doses_figure(found, multiples, title), output)
        write_whole(output.parent, {output.name: picture})
    if as_json:
        print_json(contrast_document(found, whole) | {"multiples": list(multiples) or None})
        return
    labels = [_label(each, number, multiples) for number, each in enumerate(whole)]
    _show(labels, whole, place, multiples)
    for each in (mean_table(found, labels), difference_table(found, labels)):
        results().print("")
        results().print(table(each.caption, each.head, each.rows, numeric=range(1, len(each.head))))
    if output is not None:
        results().print(f"\n{output}", markup=False)


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


def _at_multiples(read: list[Regimen], multiples: tuple[float, ...], drug: str | None) -> tuple[Regimen, ...]:
    if len(read) > 2:
        raise InputError(
            f"{len(read)} regimens with --doses: give the one that is multiplied, and one before it at most"
        )
    return tuple(scaled(read[-1], each, drug=drug) for each in multiples)


def _label(regimen: Regimen, number: int, multiples: tuple[float, ...]) -> str:
    if not regimen.courses:
        return NO_TREATMENT
    if multiples and number:
        return f"× {multiples[number - 1]:g}"
    return chr(ord("A") + number)


def _show(labels: list[str], whole: tuple[Regimen, ...], place: Background, multiples: tuple[float, ...]) -> None:
    out = results()
    out.print(place.title, style="bold", markup=False)
    for label, regimen in zip(labels, whole, strict=True):
        if label != NO_TREATMENT and (not multiples or label in {labels[0], "× 1"}):
            out.print(f"{label}: {render(regimen)}", markup=False)
