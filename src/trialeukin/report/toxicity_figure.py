"""The worst grade of each toxicity, by arm, as bars."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from trialeukin.report.curve import room_for
from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Words, picture, sheet
from trialeukin.report.table import Table
from trialeukin.report.wording import percent

OPACITIES = (0.16, 0.34, 0.62, 1.0)
SEVERE = 2  # the place of grade 3 or more
ROW = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesOfArm:
    """One toxicity in one arm.

    Attributes
    ----------
    item, arm : str
        Which, where.
    colour : Colour
        The arm's colour.
    fractions : tuple of 4 float
        Of patients whose worst grade is 1, 2, 3 or 4 at least.
    """

    item: str
    arm: str
    colour: Colour
    fractions: tuple[float, float, float, float]


def toxicity_figure(words: Words, bars: tuple[GradesOfArm, ...]) -> Picture:
    """Return one bar an arm under the name of each toxicity; darker is a higher grade."""
    items = list(dict.fromkeys(bar.item for bar in bars))
    lines = len(bars) + len(items)

    def paint(screen: Screen) -> Figure:
        page = sheet(screen, ROW * lines + 76.0)
        axes = page.axes(
            left=room_for([bar.arm for bar in bars], most=190.0 if page.wide else 140.0),
            right=58.0,
            top=6.0,
            bottom=64.0,
        )
        height = float(lines)
        for item in items:
            height -= 1.0
            axes.text(-0.005, height + 0.32, item, va="center", transform=axes.transData, clip_on=False)
            for bar in (one for one in bars if one.item == item):
                height -= 1.0
                for fraction, opacity in zip(bar.fractions, OPACITIES, strict=True):
                    axes.barh(height + 0.5, fraction, height=0.62, color=bar.colour.light, alpha=opacity, linewidth=0)
                axes.text(1.015, height + 0.5, percent(bar.fractions[SEVERE], 1), va="center", fontsize=SMALL_TEXT_SIZE)
                axes.text(-0.015, height + 0.5, bar.arm, ha="right", va="center", color=bar.colour.light,
                          fontsize=SMALL_TEXT_SIZE)  # fmt: skip
        axes.set_xlim(0.0, 1.0)
        axes.set_ylim(-0.1, lines)
        axes.set_yticks([])
        axes.spines["left"].set_color(Colour.GRID.light)
        ticks = (0.0, 0.25, 0.5, 0.75, 1.0)
        axes.set_xticks(ticks, [f"{100.0 * tick:.0f} %" for tick in ticks])
        axes.set_xlabel("patients by worst grade: faint (1) to strong (4)\nat the right: grade 3 or 4")
        return page.figure

    return picture(words, paint, _table(bars))


def _table(bars: tuple[GradesOfArm, ...]) -> Table:
    return Table(
        caption="Patients whose worst grade reached each grade",
        head=("toxicity", "arm", "grade 1 or more", "grade 2 or more", "grade 3 or more", "grade 4"),
        rows=tuple((bar.item, bar.arm, *(f"{100.0 * fraction:.1f} %" for fraction in bar.fractions)) for bar in bars),
        numeric=(False, False, True, True, True, True),
    )
