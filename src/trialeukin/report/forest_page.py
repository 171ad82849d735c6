"""A forest plot as a file: SVG or PNG for print, or one HTML page that needs nothing else."""

from pathlib import PurePath

from trialeukin import __version__
from trialeukin.core.errors import InputError
from trialeukin.report.answer import CAUTION
from trialeukin.report.forest_figure import Forest, RowKind, forest_figure, forest_on
from trialeukin.report.page import Headline, Page, Section, html
from trialeukin.report.picture import Words, picture
from trialeukin.report.printed_figure import as_png, as_svg
from trialeukin.report.table import Table

FORMS = (".svg", ".png", ".html")
NAME = "forest"


def forest_file(forest: Forest, path: PurePath) -> bytes:
    """Return a forest plot in the form that a file's name asks for.

    Raises
    ------
    InputError
        When the name ends in none of `FORMS`.
    """
    match path.suffix.lower():
        case ".svg":
            return as_svg(NAME, lambda: forest_figure(forest))
        case ".png":
            return as_png(NAME, lambda: forest_figure(forest))
        case ".html":
            return forest_page(forest).encode()
    raise InputError(f"{path.name}: a forest plot is written as one of {', '.join(FORMS)}: end the name with it")


def forest_page(forest: Forest) -> str:
    """Return the page of a forest plot: the pool of real trials first, then the plot and its rows as a table."""
    total = next(row for row in forest.rows if row.kind is RowKind.TOTAL)
    value, _, limits = total.numbers.partition(" (")
    words = Words(
        name=NAME,
        title="Forest plot",
        description=f"{total.label}: {total.numbers}. {'. '.join(forest.foot)}",
        caption="On a narrow screen the table below is easier to read.",
    )
    drawn = picture(words, lambda screen: forest_on(screen, forest), forest_table(forest))
    return html(
        Page(
            title=forest.title,
            question="What do the trials show together?",
            answer=f"Real trials alone, {total.label}: hazard ratio {total.numbers}.",
            comparison=f"{total.bias}. {forest.foot[0]}.",
            caution=CAUTION,
            headlines=(Headline(value=value, detail=f"({limits}", label="real trials alone"),),
            sections=(Section(name="rows", title="Trials", notes=forest.foot, blocks=(drawn,)),),
            footer=f"Made by trialeukin {__version__}.",
        )
    )


def forest_table(forest: Forest) -> Table:
    """Return the rows of a forest plot as a table."""
    return Table(
        caption="The rows of the plot.",
        head=("row", "what it is", "hazard ratio (95 %)", *forest.heads),
        rows=tuple((row.label, row.kind.value, row.numbers, row.share, row.bias) for row in forest.rows),
        numeric=(False, False, True, True, False),
    )
