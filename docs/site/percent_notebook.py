"""Notebooks that are plain Python in percent format, run when the site is built and shown with what they give.

A cell begins with ``# %%``; one that begins with ``# %% [markdown]`` is text, its lines behind ``# ``. Under a cell of
code stand what it printed and the figures it left open. A cell that fails, fails the build.
"""

import base64
import io
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from docutils import nodes
from matplotlib import pyplot as plt
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.application import Sphinx

CELL = re.compile(r"^# %%(.*)\n", flags=re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A cell: text, or code."""

    text: str
    code: bool


def cells(notebook: str) -> list[Cell]:
    """Return the cells of a notebook; what stands before the first is not part of it."""
    _, *parts = CELL.split(notebook)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [
        Cell(body.strip() if code else _uncommented(body), code) for kind, body in pairs for code in [not kind.strip()]
    ]


def _uncommented(body: str) -> str:
    return "\n".join(re.sub(r"^# ?", "", line) for line in body.strip().splitlines())


def performed(notebook: str, name: str) -> str:
    """Run a notebook and return it as Markdown with its output."""
    mpl.use("svg")
    session: dict[str, object] = {"__name__": "__main__", "__file__": name}
    return "\n\n".join(_run(cell, session, name) if cell.code else cell.text for cell in cells(notebook))


def _run(cell: Cell, session: dict[str, object], name: str) -> str:
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(cell.text, name, "exec"), session)
    shown = [f"```python\n{cell.text}\n```"]
    if printed.getvalue().strip():
        shown.append(f"```text\n{printed.getvalue().rstrip()}\n```")
    return "\n\n".join([*shown, *_figures()])


def _figures() -> list[str]:
    """Return the open figures as pictures within the page, and close them; a figure's label is its description."""
    shown = []
    for number in plt.get_fignums():
        figure, drawn = plt.figure(number), io.BytesIO()
        figure.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
        data = base64.b64encode(drawn.getvalue()).decode("ascii")
        shown.append(f'<img class="figure" alt="{figure.get_label()}" src="data:image/svg+xml;base64,{data}">')
    plt.close("all")
    return shown


class PercentParser(MystParser):
    """Reads a notebook as the Markdown that it gives when run."""

    supported = ("percent",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Run the notebook and parse what it shows."""
        super().parse(performed(inputstring, Path(document["source"]).name), document)


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx read ``.py`` files as notebooks."""
    app.add_source_suffix(".py", "percent")
    app.add_source_parser(PercentParser)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
