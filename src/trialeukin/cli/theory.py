"""``trialeukin theory``: what a model says, as a page to read."""

from pathlib import Path
from typing import Annotated

import typer

from trialeukin.cli.terminal import results
from trialeukin.model.named import components_of, known, system_of
from trialeukin.model.whole import MODELS
from trialeukin.report.theory.diagram import drawn
from trialeukin.report.theory.page import theory_page


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="Name of a model; all of them without it.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Directory to write to.")] = Path("out/theory"),
) -> None:
    """Write a model's equations, diagram and parameters with their sources as a page (Markdown and SVG)."""
    names = list(MODELS) if name is None else [known(name, "MODEL")]
    output.mkdir(parents=True, exist_ok=True)
    for each in names:
        page, picture = output / f"{each}.md", output / f"{each}.svg"
        drawn(components_of(each), each, picture)
        page.write_text(theory_page(system_of(each), components_of(each), picture.name), encoding="utf-8")
        results().print(str(page))
