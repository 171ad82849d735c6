"""The boundaries as a monitoring board sees them: estimated hazard ratio over events."""

import numpy as np
from matplotlib.figure import Figure

from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Words, picture, sheet
from trialeukin.survival.design.looks import Schedule

LEAST_RATIO = 0.2  # a limit below is drawn at the edge: no trial is stopped by it


def boundary_figure(words: Words, found: Schedule) -> Picture:
    """Return the limits of efficacy and futility at each analysis."""
    events = np.array([effect.events for effect in found.effects])
    sides = [("efficacy", Colour.ARM_2, found.hazard_ratios(found.boundaries.upper), "below")]
    if np.isfinite(found.boundaries.lower).any():
        sides.append(("futility", Colour.ARM_1, found.hazard_ratios(found.boundaries.lower), "above"))

    def paint(screen: Screen) -> Figure:
        page = sheet(screen, 320.0)
        axes = page.axes(left=66.0, right=24.0, top=44.0 if page.wide else 60.0, bottom=52.0)
        for name, colour, ratios, side in sides:
            drawn = np.isfinite(ratios) & (ratios >= LEAST_RATIO)
            axes.plot(events[drawn], ratios[drawn], "o-", color=colour.light, label=f"{name}: stop {side}")
            for x, ratio in zip(events[drawn], ratios[drawn], strict=True):
                if name == "futility" and x == events[-1]:
                    continue  # it meets the efficacy limit
                axes.annotate(f"{ratio:.2f}", (x, ratio), xytext=(0, -15 if side == "below" else 8),
                              textcoords="offset points", ha="center", fontsize=SMALL_TEXT_SIZE,
                              color=colour.light)  # fmt: skip
        axes.axhline(found.trial.margin, color=Colour.MUTED.light, linewidth=0.9, linestyle=(0, (3, 3)))
        axes.margins(x=0.08, y=0.25)
        axes.set_xlabel("events in both arms")
        axes.set_ylabel("estimated hazard ratio")
        axes.grid(visible=True, axis="y")
        axes.set_axisbelow(True)
        axes.legend(frameon=False, fontsize=SMALL_TEXT_SIZE, loc="lower left", bbox_to_anchor=(-0.01, 1.0),
                    ncols=2 if page.wide else 1, borderaxespad=0.2)  # fmt: skip
        return page.figure

    return picture(words, paint)
