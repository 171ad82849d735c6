"""How far parameters move a measure, by what is not known of them and by how patients differ: two tornadoes."""

from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialeukin.report.axes import NO_EFFECT
from trialeukin.report.influence_words import REASONS, noticed, spread_of
from trialeukin.report.palette import Colour
from trialeukin.report.printed_figure import TEXT_SIZE, Sheet
from trialeukin.report.wording import percent, with_unit
from trialeukin.trial.influence import Influence, Influences, MeasureInfluences

MOST = 10  # bars of a panel
ROW, WIDE, GAP = 17.0, 260.0, 26.0  # points
ABOVE, BELOW, RIGHT = 40.0, 66.0, 40.0
LINE, LETTERS = 14.0, 120  # of the title
COLOURS = {"unknown": Colour.ARM_1, "between": Colour.ARM_2}


def influence_figure(found: Influences, measure: MeasureInfluences, title: str) -> Figure:
    """Return the figure of one measure: a bar from one standard deviation of a parameter below to one above."""
    bars = {reason: noticed(spread_of(measure, reason))[:MOST] for reason in REASONS}
    words = tuple(each.parameter for part in bars.values() for each in part)
    names = 14.0 + Sheet(10.0, 10.0).widest(words)
    heads, tall = wrap(title, width=LETTERS), ROW * MOST
    sheet = Sheet(2.0 * (names + WIDE + RIGHT) + GAP, ABOVE + LINE * len(heads) + tall + BELOW)
    for place, line in enumerate(heads):
        sheet.word(line, 14.0, 16.0 + LINE * place, fontsize=TEXT_SIZE + 0.5, fontweight="bold")
    for place, (reason, part) in enumerate(bars.items()):
        left = names + place * (names + WIDE + RIGHT + GAP)
        box = (left / sheet.width, BELOW / sheet.height, WIDE / sheet.width, tall / sheet.height)
        axes = sheet.figure.add_axes(box)
        axes.set_title(REASONS[reason], loc="left", fontsize=TEXT_SIZE)
        _bars(axes, part, measure, COLOURS[reason].light)
    foot = (
        f"{found.background.title}, the typical patient over {found.days:,.0f} days. Dark: the parameter one standard "
        "deviation lower; light: higher. Per cent: share of the variance, one at a time."
    )
    sheet.word(foot, 14.0, sheet.height - 12.0, fontsize=TEXT_SIZE - 1.5, color=Colour.MUTED.light)
    return sheet.figure


def _bars(axes: Axes, shown: tuple[Influence, ...], measure: MeasureInfluences, colour: str) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    for row, each in enumerate(shown):
        for end, strength in ((each.lower, 1.0), (each.higher, 0.45)):
            axes.barh(row, end - measure.typical, left=measure.typical, height=0.64, color=colour, alpha=strength)
        axes.annotate(
            percent(each.share),
            (max(each.lower, each.higher, measure.typical), row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=TEXT_SIZE - 1.5,
            color=Colour.MUTED.light,
        )
    axes.axvline(measure.typical, **NO_EFFECT)
    axes.set_ylim(MOST - 0.4, -0.6)
    axes.set_yticks(range(len(shown)), [each.parameter for each in shown])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(with_unit(measure.name, measure.unit))
