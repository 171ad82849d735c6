"""What the width of an interval is made of: parameters, patients and the play of chance in a trial."""

from matplotlib.figure import Figure

from trialeukin.report.palette import Colour
from trialeukin.report.picture import Picture, Screen, Words, picture, sheet
from trialeukin.report.table import Table
from trialeukin.report.wording import percent


def variance_figure(words: Words, shares: tuple[tuple[str, float], ...]) -> Picture:
    """Return one bar a source of variance.

    Parameters
    ----------
    words : Words
        Name, title, description and caption.
    shares : tuple of (source, fraction)
        Shares of the variance of the log hazard ratio; they add up to one. A small one may be below zero
        by its Monte Carlo error and is drawn as it is.
    """

    def paint(screen: Screen) -> Figure:
        page = sheet(screen, 44.0 * len(shares) + 56.0)
        axes = page.axes(left=12.0, right=50.0, top=6.0, bottom=46.0)
        for row, (source, share) in enumerate(shares):
            height = len(shares) - row - 0.72
            axes.barh(height, share, height=0.38, color=Colour.ARM_1.light, alpha=0.75, linewidth=0)
            axes.text(0.0, height + 0.4, source, va="center")
            axes.text(max(share, 0.0) + 0.01, height, percent(share), va="center", color=Colour.ARM_1.light)
        axes.set_xlim(min(0.0, *(share for _, share in shares)), 1.0)
        axes.set_ylim(-0.1, len(shares))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel("share of the variance of the log hazard ratio")
        return page.figure

    table = Table(
        caption="Shares of the variance of the log hazard ratio over replicate trials",
        head=("source", "share"),
        rows=tuple((source, percent(share, 1)) for source, share in shares),
    )
    return picture(words, paint, table)
