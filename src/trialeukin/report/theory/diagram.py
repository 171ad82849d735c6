"""The diagram of a model: a box a component with its states and readings, and an arrow for every effect."""

from collections.abc import Sequence
from io import BytesIO
from math import ceil, sqrt

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from trialeukin.model.component import Component
from trialeukin.report.palette import Colour
from trialeukin.report.theory.influence import Arrow, arrows_between
from trialeukin.report.theory.prose import title_of
from trialeukin.report.wording import words

BOX = (2.5, 1.0)  # width and height in inch
GAP = (1.1, 0.5)  # between boxes
MARGIN, HEAD = 0.3, 0.7
LINES = 4  # names in a box
TOLD = 2.4  # inches of a line of the legend
FLOW = "passes over"
KINDS = {
    FLOW: Colour.ARM_2,
    "acts on what comes after": Colour.ARM_3,
    "acts back": Colour.ARM_4,
}


def diagram(components: Sequence[Component], title: str) -> Figure:
    """Return the diagram; boxes stand in the model's order, from the dose to the outcome, column by column."""
    rows = max(1, ceil(sqrt(len(components) * 0.9)))
    columns = ceil(len(components) / rows)
    arrows = arrows_between(components)
    told = [kind for kind in KINDS if kind in set(map(_kind, arrows))]
    size = (
        max(columns * BOX[0] + (columns - 1) * GAP[0], len(told) * TOLD) + 2 * MARGIN,
        rows * BOX[1] + (rows - 1) * GAP[1] + 2 * MARGIN + HEAD,
    )
    figure = Figure(figsize=size)
    FigureCanvasSVG(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, size[0]), ylim=(0, size[1]))
    axes.axis("off")
    corners = [_corner(place, rows, size[1]) for place in range(len(components))]
    for arrow in arrows:
        _draw(axes, arrow, corners)
    for component, corner in zip(components, corners, strict=True):
        _box(axes, component, corner)
    _legend(axes, title, told, size)
    return figure


def _corner(place: int, rows: int, height: float) -> tuple[float, float]:
    column, row = divmod(place, rows)
    return MARGIN + column * (BOX[0] + GAP[0]), height - HEAD - MARGIN - BOX[1] - row * (BOX[1] + GAP[1])


def _box(axes: Axes, component: Component, corner: tuple[float, float]) -> None:
    piece = component.piece()
    states = [words(state.name) for state in piece.states]
    readings = [words(definition.name) for definition in piece.definitions]
    x, y = corner
    shape = FancyBboxPatch(
        corner,
        *BOX,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor="white",
        edgecolor=Colour.ARM_1.light if states else Colour.MUTED.light,
        linewidth=1.6 if states else 0.9,
        zorder=3,
    )
    axes.add_patch(shape)
    axes.text(x + 0.1, y + BOX[1] - 0.1, title_of(component), va="top", fontsize=9.5, fontweight="bold", zorder=4)
    names = [*((name, Colour.ARM_1) for name in states), *((name, Colour.MUTED) for name in readings)]
    shown = (
        names if len(names) <= LINES else [*names[: LINES - 1], (f"and {len(names) - LINES + 1} more", Colour.MUTED)]
    )
    for line, (name, colour) in enumerate(shown):
        axes.text(x + 0.1, y + BOX[1] - 0.32 - 0.165 * line, name, va="top", fontsize=7.5, color=colour.light, zorder=4)


def _draw(axes: Axes, arrow: Arrow, corners: Sequence[tuple[float, float]]) -> None:
    start, end = _sides(corners[arrow.source], corners[arrow.target])
    colour = KINDS[_kind(arrow)]
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            connectionstyle="arc3,rad=0.12",
            arrowstyle="-|>",
            mutation_scale=13 if arrow.flow else 8,
            color=colour.light,
            linewidth=2.2 if arrow.flow else 0.7,
            alpha=1.0 if arrow.flow else 0.65,
            zorder=2,
        )
    )


def _kind(arrow: Arrow) -> str:
    if arrow.flow:
        return FLOW
    return "acts on what comes after" if arrow.source < arrow.target else "acts back"


def _sides(source: tuple[float, float], target: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where an arrow leaves the one box and enters the other: at the sides that face each other."""
    (x, y), (u, v) = source, target
    width, height = BOX
    if abs(x - u) < width:
        down = y > v
        return (x + width * 0.45, y if down else y + height), (u + width * 0.55, v + height if down else v)
    right = x < u
    return (x + width if right else x, y + height * 0.5), (u if right else u + width, v + height * 0.5)


def _legend(axes: Axes, title: str, told: Sequence[str], size: tuple[float, float]) -> None:
    axes.text(MARGIN, size[1] - 0.2, title, va="top", fontsize=13, fontweight="bold", color=Colour.INK.light)
    for place, text in enumerate(told):
        left, flow = MARGIN + place * TOLD, text == FLOW
        axes.plot([left, left + 0.4], [size[1] - 0.62] * 2, color=KINDS[text].light, linewidth=2.2 if flow else 1.2)
        axes.text(left + 0.5, size[1] - 0.62, text, va="center", fontsize=8.5, color=Colour.MUTED.light)


def drawn(components: Sequence[Component], title: str) -> bytes:
    """Return the diagram as SVG: the same model gives the same bytes."""
    file = BytesIO()
    with mpl.rc_context({"svg.hashsalt": title, "svg.fonttype": "path"}):
        diagram(components, title).savefig(file, format="svg", metadata=dict.fromkeys(("Date", "Creator")))
    return file.getvalue()
