"""Figures for print: white ground, glyphs as outlines, the same bytes for the same data, as SVG and PNG."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from trialeukin.report.palette import Colour
from trialeukin.report.picture import POINTS_PER_INCH

TEXT_SIZE = 9.5
DOTS_PER_INCH = 220.0


class Sheet:
    """A figure measured in points from its top left corner, that knows how wide its words are."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), dpi=POINTS_PER_INCH)
        self._canvas = FigureCanvasAgg(self.figure)

    def word(self, text: str, left: float, top: float, **look: Any) -> None:
        """Write words whose middle line lies ``top`` points from the upper edge."""
        self.figure.text(left / self.width, 1.0 - top / self.height, text, va="center", **look)

    def widest(self, texts: tuple[str, ...], weight: str = "normal") -> float:
        """Return how wide the widest of some words is, in points."""
        renderer = self._canvas.get_renderer()  # type: ignore[no-untyped-call]
        widths = []
        for text in texts:
            artist = self.figure.text(0.0, 0.0, text, fontsize=TEXT_SIZE, fontweight=weight)
            widths.append(artist.get_window_extent(renderer).width)
            artist.remove()
        return max(widths, default=0.0)


def as_svg(name: str, paint: Callable[[], Figure]) -> bytes:
    """Return a figure as SVG; ``name`` salts its identifiers."""
    return _saved(name, paint, "svg", None)


def as_png(name: str, paint: Callable[[], Figure]) -> bytes:
    """Return a figure as PNG, white behind."""
    return _saved(name, paint, "png", DOTS_PER_INCH)


def _look(name: str) -> AbstractContextManager[None]:
    """Return the settings under which a figure is painted and saved."""
    return mpl.rc_context(
        {
            "svg.hashsalt": name,
            "svg.fonttype": "path",
            "font.size": TEXT_SIZE,
            "text.color": Colour.INK.light,
            "axes.edgecolor": Colour.MUTED.light,
            "axes.labelcolor": Colour.INK.light,
            "axes.linewidth": 0.8,
            "xtick.color": Colour.MUTED.light,
            "xtick.labelcolor": Colour.INK.light,
            "ytick.color": Colour.MUTED.light,
            "ytick.labelcolor": Colour.INK.light,
        }
    )


def _saved(name: str, paint: Callable[[], Figure], form: str, dots: float | None) -> bytes:
    keep = dict.fromkeys(("Date", "Creator")) if form == "svg" else {"Software": None}
    out = io.BytesIO()
    with _look(name):
        paint().savefig(out, format=form, facecolor="white", dpi=dots or "figure", metadata=keep)
    return out.getvalue()
