"""From a matplotlib figure to a drawing inside the page: scalable, themed, named and repeatable.

The same data give the same bytes: identifiers are salted with the picture's name, no date is
written, and coordinates are rounded to a hundredth of a pixel.
"""

import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from html import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from trialeukin.report.palette import Colour, themed
from trialeukin.report.table import Table

POINTS_PER_INCH = 72.0
TEXT_SIZE = 12.5
SMALL_TEXT_SIZE = 11.5


class Screen(Enum):
    """What a drawing is made for; the value is its width in pixels."""

    DESK = 720.0
    PHONE = 350.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One figure of the page.

    Attributes
    ----------
    name : str
        Its anchor; letters, digits and hyphens, unique on the page.
    title, description : str
        What a screen reader says: what it is, and what it shows.
    caption : str
        What stands under it; what is drawn, of whom, in which unit.
    desk, phone : str
        The drawing, for either width.
    table : Table or None
        The data behind it, where that is short.
    """

    name: str
    title: str
    description: str
    caption: str
    desk: str
    phone: str
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure measured in pixels from its top left corner."""

    figure: Figure
    width: float
    height: float

    @property
    def wide(self) -> bool:
        """Whether it is made for a desk."""
        return self.width > Screen.PHONE.value

    def axes(self, *, left: float, top: float, right: float, bottom: float) -> Axes:
        """Return axes that keep these distances from the edges of the sheet."""
        return self.figure.add_axes(
            (
                left / self.width,
                bottom / self.height,
                (self.width - left - right) / self.width,
                (self.height - top - bottom) / self.height,
            )
        )


def sheet(screen: Screen, height: float) -> Sheet:
    """Return an empty sheet as wide as the screen."""
    size = (screen.value / POINTS_PER_INCH, height / POINTS_PER_INCH)
    figure = Figure(figsize=size)
    FigureCanvasSVG(figure)
    return Sheet(figure, screen.value, height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a picture says besides its drawing; see `Picture`."""

    name: str
    title: str
    description: str
    caption: str


def picture(words: Words, paint: Callable[[Screen], Figure], table: Table | None = None) -> Picture:
    """Return a picture painted once for a desk and once for a phone."""
    drawings = {screen: drawing(words, screen, paint) for screen in Screen}
    return Picture(
        name=words.name,
        title=words.title,
        description=words.description,
        caption=words.caption,
        desk=drawings[Screen.DESK],
        phone=drawings[Screen.PHONE],
        table=table,
    )


def drawing(words: Words, screen: Screen, paint: Callable[[Screen], Figure]) -> str:
    """Return one drawing as an element that may stand inside a page."""
    label = f"{words.name}-{screen.name.lower()}"
    with _look(label):
        box, body = svg_inside(paint(screen))
    return _inline(box, body, label, words)


def svg_inside(figure: Figure) -> tuple[str, str]:
    """Return the view box of a figure as SVG, and what follows its opening tag, without styles and metadata."""
    text = io.StringIO()
    figure.savefig(text, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    found = re.search(r'<svg[^>]*viewBox="([^"]+)"[^>]*>', text.getvalue())
    if found is None:
        raise ValueError("a drawing has no svg element with a view box")
    body = text.getvalue()[found.end() :]
    return found.group(1), re.sub(r"<(metadata|style).*?</\1>", "", body, flags=re.DOTALL)


def _look(salt: str) -> AbstractContextManager[None]:
    ink, muted = Colour.INK.light, Colour.MUTED.light
    return mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": salt,
            "font.size": TEXT_SIZE,
            "text.color": ink,
            "axes.edgecolor": muted,
            "axes.labelcolor": ink,
            "axes.titlesize": TEXT_SIZE,
            "axes.titlelocation": "left",
            "axes.titlecolor": ink,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 0.8,
            "xtick.color": muted,
            "ytick.color": muted,
            "xtick.labelcolor": ink,
            "ytick.labelcolor": ink,
            "xtick.labelsize": SMALL_TEXT_SIZE,
            "ytick.labelsize": SMALL_TEXT_SIZE,
            "grid.color": Colour.GRID.light,
            "grid.linewidth": 0.8,
            "lines.linewidth": 1.8,
            "path.simplify": True,
        }
    )


def _inline(box: str, body: str, label: str, words: Words) -> str:
    body = re.sub(r"\s*<defs>\s*</defs>", "", body)
    body = _short(_own_names(body, label))
    width = box.split()[2]
    return themed(
        f'<svg class="{label.rsplit("-", 1)[1]}" viewBox="{box}" style="max-width:{width}px" role="img" '
        f'aria-labelledby="{label}-title {label}-desc">'
        f'<title id="{label}-title">{escape(words.title)}</title>'
        f'<desc id="{label}-desc">{escape(words.description)}</desc>' + body.replace("xlink:href", "href")
    )


def _own_names(body: str, label: str) -> str:
    used = set(re.findall(r'href="#([^"]+)"', body)) | set(re.findall(r"url\(#([^)]+)\)", body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{label}-{m.group(1)}"' if m.group(1) in used else "", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{label}-\1"', body)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{label}-\1)", body)


def _short(body: str) -> str:
    body = re.sub(r"\d+\.\d{3,}", lambda m: f"{float(m.group()):.2f}".rstrip("0").rstrip("."), body)
    body = re.sub(r"font-family: [^;\"]+;? ?", "", body)
    body = re.sub(r"font: ([\d.]+px) [^;\"]+", r"font-size: \1", body)
    return re.sub(r"\s*\n\s*", " ", body)
