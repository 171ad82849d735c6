"""Power over the true hazard ratio, with what the interim analyses do."""

import numpy as np
from matplotlib.figure import Figure

from trialeukin.report.axes import percent_axis
from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Words, picture, sheet
from trialeukin.report.table import Table
from trialeukin.report.wording import percent
from trialeukin.survival.design.looks import Schedule

POINTS = 61
TICKS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5, 1.75, 2.0)


def power_figure(words: Words, found: Schedule) -> Picture:
    """Return power, early success and early futility as functions of a hazard ratio that holds at all times."""
    planned, margin = found.effects[-1].hazard_ratio, found.trial.margin
    low, high = margin * (planned / margin) ** 1.8, margin * (margin / planned) ** 0.6
    ratios = np.exp(np.linspace(np.log(low), np.log(high), POINTS))
    stops = [found.power_at(float(ratio)) for ratio in ratios]
    lines = [("significant in the end", Colour.ARM_2, np.array([each.reject for each in stops]))]
    if len(found.effects) > 1:
        lines.append(("significant at an interim", Colour.ARM_3, np.array([each.upper[:-1].sum() for each in stops])))
    if found.rules.futility is not None and len(found.effects) > 1:
        lines.append(("stopped for futility early", Colour.ARM_1, np.array([each.lower[:-1].sum() for each in stops])))

    def paint(screen: Screen) -> Figure:
        page = sheet(screen, 350.0)
        axes = page.axes(left=62.0, right=18.0, top=64.0, bottom=52.0)
        for name, colour, chance in lines:
            axes.plot(ratios, chance, color=colour.light, label=name)
        axes.plot([planned], [found.power_at(planned).reject], "o", color=Colour.ARM_2.light)
        axes.axvline(margin, color=Colour.MUTED.light, linewidth=0.9, linestyle=(0, (3, 3)))
        percent_axis(axes)
        axes.set_xscale("log")
        shown = [tick for tick in TICKS if low <= tick <= high]
        axes.set_xlim(low, high)
        axes.set_xticks(shown, [f"{tick:g}" for tick in shown])
        axes.set_xticks([], minor=True)
        axes.set_xlabel("true hazard ratio, treated over control")
        axes.legend(frameon=False, fontsize=SMALL_TEXT_SIZE, loc="lower left", bbox_to_anchor=(-0.01, 1.0),
                    ncols=3 if page.wide else 1, borderaxespad=0.2, labelspacing=0.2)  # fmt: skip
        return page.figure

    return picture(words, paint, _table(lines, ratios))


def _table(lines: list[tuple[str, Colour, np.ndarray]], ratios: np.ndarray) -> Table:
    rows = range(0, ratios.size, 6)
    return Table(
        caption="Probabilities by the true hazard ratio",
        head=("hazard ratio", *(name for name, _, _ in lines)),
        rows=tuple((f"{ratios[row]:.3f}", *(percent(float(chance[row]), 1) for _, _, chance in lines)) for row in rows),
        folded=True,
    )
