"""What the commands write to: results to the standard output, everything else to the standard error."""

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import typer
from rich.console import Console

from trialeukin.cli.sheet import Sheet
from trialeukin.store.whole_files import json_text

PIPED_WIDTH = 2000  # a row of a table is one line there, however long


def write_unicode() -> None:
    """Write UTF-8 whatever the locale is: a calendar's marks and a paper's signs are in no other everywhere."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def forget_output() -> None:
    """Leave nothing to write when the process ends, to a reader that is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def results() -> Console:
    """Return the console of the standard output; wide and plain when it is not a terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH, soft_wrap=True)


def messages() -> Console:
    """Return the console of the standard error, for progress."""
    return Console(stderr=True, highlight=False)


def print_json(document: object) -> None:
    """Write one JSON document, and nothing else, to the standard output."""
    typer.echo(json_text(document), nl=False)


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Sequence[int] = ()) -> Sheet:
    """Return a table of texts; the columns counted in ``numeric`` stand right."""
    return Sheet(title=title, head=tuple(head), rows=tuple(map(tuple, rows)), numeric=tuple(numeric))
