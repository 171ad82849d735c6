"""``trialeukin theory``: what a model says, as a page to read."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.terminal import print_json, results
from trialeukin.cli.usage import AsJson, path_given
from trialeukin.model.named import components_of, known, system_of
from trialeukin.model.whole import MODELS
from trialeukin.report.theory.diagram import drawn
from trialeukin.report.theory.page import theory_page
from trialeukin.store.whole_files import write_whole


def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL", help="Name of a model, as 'trialeukin models' lists them; all of them without it."
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", parser=path_given, metavar="DIR", help="Directory to write to.")
    ] = Path("out/theory"),
    as_json: AsJson = False,
) -> None:
    """Write a model's equations, diagram and parameters with their sources as a page (Markdown and SVG)."""
    names = list(MODELS) if name is None else [known(name, "MODEL")]
    files: list[str] = []
    for each in names:
        page, picture = f"{each}.md", f"{each}.svg"
        drawing = drawn(components_of(each), each)
        text = theory_page(system_of(each), components_of(each), picture)
        files += map(str, write_whole(output, {page: text, picture: drawing}))
        if not as_json:
            results().print(str(output / page), markup=False)
    if as_json:
        print_json({"files": files})
