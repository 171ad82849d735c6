"""``trialeukin serve``: the pages, on this machine."""

import os
from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.evidence_directory import Directory, own_directory
from trialeukin.cli.terminal import results
from trialeukin.cli.usage import path_given
from trialeukin.web.server import serve
from trialeukin.web.settings import Settings

TOKEN = "TRIALEUKIN_TOKEN"
DATA = Path("trialeukin-data")


def command(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", help="Port to listen on; 0 for any that is free.")
    ] = 8000,
    data: Annotated[
        Path, typer.Option("--data", parser=path_given, metavar="DIR", help="Where runs and their catalogue are kept.")
    ] = DATA,
    directory: Directory = None,
) -> None:
    """Show regimens, trials, evidence and models in a browser, and answer programs.

    Your own studies and assessments are those of 'trialeukin evidence', as they are when it starts.

    Beyond this machine every request has to show the token in the environment variable TRIALEUKIN_TOKEN.
    """
    settings = Settings(
        host=host, port=port, data=data, evidence=directory or own_directory(), token=os.environ.get(TOKEN) or None
    )
    serve(settings, listening=_tell)


def _tell(address: str) -> None:
    results().print(f"trialeukin is at {address}  (stop with Ctrl-C)", markup=False)
