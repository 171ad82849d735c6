"""What the commands write to: results to the standard output, everything else to the standard error."""

import json
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 2000  # a row of a table is one line there, however long


def results() -> Console:
    """Return the console of the standard output; wide and plain when it is not a terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH, soft_wrap=True)


def messages() -> Console:
    """Return the console of the standard error, for progress."""
    return Console(stderr=True, highlight=False)


def print_json(document: object) -> None:
    """Write one JSON document, and nothing else, to the standard output."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Sequence[int] = ()) -> Table:
    """Return a table of texts; the columns counted in ``numeric`` stand right."""
    drawn = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column, name in enumerate(head):
        drawn.add_column(name, justify="right" if column in numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(cell.replace("[", "\\[") for cell in row))
    return drawn
