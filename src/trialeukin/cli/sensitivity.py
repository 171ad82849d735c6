"""``trialeukin sensitivity``: which parameters decide what a regimen does."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.place_options import InPlace, Settings
from trialeukin.cli.regimen import read_regimen
from trialeukin.cli.terminal import print_json, results, table
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.core.errors import InputError
from trialeukin.regimen.body import REFERENCE_BSA, REFERENCE_WEIGHT
from trialeukin.regimen.course import Regimen
from trialeukin.regimen.render import render
from trialeukin.report.framed_plot import check_form, saved
from trialeukin.report.influence_figure import influence_figure
from trialeukin.report.influence_words import REASONS, measure_table, overview_table
from trialeukin.report.table import Table
from trialeukin.report.wording import shortly, with_unit
from trialeukin.store.influence_document import influence_document
from trialeukin.store.whole_files import check_output, write_whole
from trialeukin.trial.background import place_of
from trialeukin.trial.changed_background import changed, changes_shown
from trialeukin.trial.influence import DRAWS, Influences, MeasureInfluences, influences_of
from trialeukin.trial.response import SEED, Body

MOST_DRAWS = 5_000
NAME = "sensitivity"


def command(  # noqa: PLR0913 the options of a command are its arguments
    regimen: Annotated[
        str, typer.Argument(metavar="REGIMEN", help="A text in quotes, a file, a name of the library, or none.")
    ],
    *,
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="MEASURE", help="Every parameter of one measure: part of its name, such as Cmax."),
    ] = None,
    where: InPlace = None,
    settings: Settings = None,
    bsa: Annotated[float, typer.Option("--bsa", metavar="M2", help="Body surface, m2.")] = REFERENCE_BSA.value,
    weight: Annotated[float, typer.Option("--weight", metavar="KG", help="Body weight, kg.")] = REFERENCE_WEIGHT.value,
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", help="Draws of all parameters, and virtual patients.")
    ] = DRAWS,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of all random numbers.")] = SEED,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", parser=path_given, metavar="FILE", help="Draw --of there: .svg or .png."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell which parameters decide exposure, cells and residual leukaemia under a regimen, in the typical patient.

    Two questions, apart: what is not known of the parameters, and how patients differ. Each parameter is moved by one
    standard deviation; beside it stands the range when all move at once.
    """
    if draws > MOST_DRAWS:
        raise InputError(f"--draws {draws:,}: give at most {MOST_DRAWS:,}")
    if output is not None:
        if of is None:
            raise InputError("-o draws one measure: name it, such as --of Cmax")
        check_form(output)
    read, body = read_regimen(regimen), Body(bsa=bsa, weight=weight)
    place = changed(place_of(where, (read,)), settings or ())
    found = influences_of(read, place, body=body, draws=draws, seed=seed)
    chosen = None if of is None else _chosen(found, of)
    if output is not None and chosen is not None:
        check_output(output.parent)
        title = f"{with_unit(chosen.name, chosen.unit)}: {render(read)}"
        write_whole(output.parent, {output.name: saved(NAME, lambda: influence_figure(found, chosen, title), output)})
    if as_json:
        print_json(influence_document(found, read))
        return
    _show(found, chosen, read, body)
    if output is not None:
        results().print(f"\n{output}", markup=False)


def _chosen(found: Influences, words: str) -> MeasureInfluences:
    fitting = [each for each in found.measures if words.casefold() in each.name.casefold()]
    exact = [each for each in fitting if each.name.casefold() == words.casefold()]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    count = "fits none of" if not fitting else f"fits {len(fitting)} of"
    known = "; ".join(each.name for each in (fitting or found.measures))
    raise InputError(f"--of {words!r} {count} the measures: give more of one name: {known}")


def _show(found: Influences, chosen: MeasureInfluences | None, regimen: Regimen, body: Body) -> None:
    out = results()
    size = f"{body.bsa:g} m2 and {body.weight:g} kg"
    title = f"{found.background.title}: a typical patient of {size}, {found.days:,.0f} days"
    out.print(title, style="bold", markup=False)
    for change in changes_shown(found.background):
        out.print(f"changed: {change}", markup=False)
    out.print(render(regimen), markup=False)
    for name, day in found.events.items():
        out.print(f"{name.replace('_', ' ')} on day {day:,.0f}", markup=False)
    if chosen is not None:
        out.print(f"\n{with_unit(chosen.name, chosen.unit)}: {shortly(chosen.typical)}", style="bold", markup=False)
    for reason in REASONS:
        shown: Table = overview_table(found, reason) if chosen is None else measure_table(found, chosen, reason)
        out.print("")
        numeric = [column for column in range(len(shown.head)) if shown.is_numeric(column)]
        out.print(table(shown.caption, shown.head, shown.rows, numeric=numeric))
