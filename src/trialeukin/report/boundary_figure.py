"""The boundaries as a monitoring board sees them: estimated hazard ratio over events."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.report.axes import lines_across
from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Words, picture, sheet

LEAST_RATIO = 0.2  # a limit below is not drawn: no trial is stopped by it
FEWEST = 2  # analyses that a picture is of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatioLimits:
    """Estimated hazard ratios at which each of k analyses stops.

    Attributes
    ----------
    events : (k,), 1
        Of both arms.
    efficacy : (k,), 1
        At or below which it stops for efficacy.
    futility : (k,), 1
        At or above which it stops for futility; infinite: it does not.
    margin : float, 1
        Hazard ratio of the null hypothesis.
    """

    events: Floats
    efficacy: Floats
    futility: Floats
    margin: float = 1.0

    @property
    def efficacy_drawn(self) -> Booleans:
        """(k,) Which limits of efficacy a picture shows."""
        return np.asarray(np.isfinite(self.efficacy) & (self.efficacy >= LEAST_RATIO))

    @property
    def futility_drawn(self) -> Booleans:
        """(k,) Which limits of futility a picture shows."""
        return np.asarray(np.isfinite(self.futility) & (self.futility >= LEAST_RATIO))


def boundary_figure(words: Words, found: RatioLimits) -> tuple[Picture, ...]:
    """Return the limits of efficacy and futility at each analysis; no picture where one analysis at most has any."""
    events = found.events
    if (found.efficacy_drawn | found.futility_drawn).sum() < FEWEST:
        return ()
    sides = [
        ("efficacy", Colour.ARM_2, found.efficacy, found.efficacy_drawn, "below"),
        ("futility", Colour.ARM_1, found.futility, found.futility_drawn, "above"),
    ]

    def paint(screen: Screen) -> Figure:
        page = sheet(screen, 320.0)
        axes = page.axes(left=66.0, right=24.0, top=44.0 if page.wide else 60.0, bottom=52.0)
        for name, colour, ratios, drawn, side in sides:
            if not drawn.any():
                continue
            axes.plot(events[drawn], ratios[drawn], "o-", color=colour.light, label=f"{name}: stop {side}")
            for x, ratio in zip(events[drawn], ratios[drawn], strict=True):
                if name == "futility" and x == events[-1]:
                    continue  # it meets the efficacy limit
                axes.annotate(f"{ratio:.2f}", (x, ratio), xytext=(0, -15 if side == "below" else 8),
                              textcoords="offset points", ha="center", fontsize=SMALL_TEXT_SIZE,
                              color=colour.light)  # fmt: skip
        axes.axhline(found.margin, color=Colour.MUTED.light, linewidth=0.9, linestyle=(0, (3, 3)))
        axes.margins(x=0.08, y=0.25)
        axes.set_xlabel("events in both arms")
        axes.set_ylabel("estimated hazard ratio")
        lines_across(axes)
        axes.legend(frameon=False, fontsize=SMALL_TEXT_SIZE, loc="lower left", bbox_to_anchor=(-0.01, 1.0),
                    ncols=2 if page.wide else 1, borderaxespad=0.2)  # fmt: skip
        return page.figure

    return (picture(words, paint),)
