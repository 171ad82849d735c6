"""Kaplan-Meier curves by arm, with the numbers at risk aligned under the axis."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialeukin.report.axes import month_ticks, percent_axis
from trialeukin.report.curve import EndLabel, fitting, room_for, until, value_at, write_end_labels
from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Sheet, Words, picture, sheet
from trialeukin.report.table import Table
from trialeukin.trial.arm_result import Curve

ROW = 17.0
PLOT = 270.0
LARGEST_NAME = 170.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalOfArm:
    """One arm's step curve.

    Attributes
    ----------
    label : str
        Name of the arm.
    colour : Colour
        The arm's colour.
    curve : Curve
        Its Kaplan-Meier curve, in months.
    published : tuple of (month, fraction)
        What the study printed for this arm, drawn as open marks.
    followed : float, month
        Where follow-up of the arm, and its line, ends.
    """

    label: str
    colour: Colour
    curve: Curve
    published: tuple[tuple[float, float], ...] = ()
    followed: float = np.inf

    def at_risk(self, month: float) -> int:
        """Return how many patients are at risk at a month that the curve counts."""
        return int(self.curve.at_risk[int(np.argmin(np.abs(self.curve.risk_times - month)))])


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAxis:
    """How the axis of time is drawn and its table worded.

    Attributes
    ----------
    label, unit : str
        What stands under the axis; the unit in the table's head.
    ticks : function
        From the horizon and the screen to where numbers stand.
    shown : tuple of float
        Times of the table.
    caption : str
        Of the table, with a place for the measure.
    """

    label: str
    unit: str
    ticks: Callable[[float, Screen], list[float]]
    shown: tuple[float, ...]
    caption: str


MONTHS = TimeAxis(
    label="months since randomisation",
    unit="months",
    ticks=month_ticks,
    shown=(12.0, 24.0, 36.0, 60.0, 84.0, 120.0),
    caption="Predicted {measure} at whole years, with the pointwise 95 % interval of the patients drawn",
)


def survival_figure(
    words: Words, curves: tuple[SurvivalOfArm, ...], horizon: float, measure: str, *, axis: TimeAxis = MONTHS
) -> Picture:
    """Return Kaplan-Meier curves with their numbers at risk.

    Parameters
    ----------
    words : Words
        Name, title, description and caption.
    curves : tuple of SurvivalOfArm
        One an arm.
    horizon : (), month
        Where the axis ends.
    measure : str
        What the vertical axis shows, such as ``leukaemia-free survival``.
    axis : TimeAxis
        Unit and words of time; `horizon` and the curves are in that unit.
    """

    def paint(screen: Screen) -> Figure:
        ticks = axis.ticks(horizon, screen)
        desk = screen is Screen.DESK
        below = 52.0 + ROW * (1 + len(curves) * (1 if desk else 2))
        page = sheet(screen, PLOT + 26.0 + below)
        shown = tuple(
            replace(curve, label=fitting(curve.label, LARGEST_NAME if desk else page.width - 90.0)) for curve in curves
        )
        name = room_for([curve.label for curve in shown], most=LARGEST_NAME)
        axes = page.axes(left=name + 18.0 if desk else 62.0, top=26.0, right=name + 6.0 if desk else 18.0, bottom=below)
        for curve in curves:
            _step(axes, curve, horizon)
        percent_axis(axes)
        axes.set_xlim(0.0, horizon)
        axes.set_xticks(ticks)
        axes.set_xlabel(axis.label, labelpad=4)
        axes.set_title(measure, pad=8)
        _name_lines(page, axes, shown, horizon)
        _risk_rows(page, axes, shown, ticks)
        return page.figure

    return picture(words, paint, _table(curves, horizon, measure, axis))


def _step(axes: Axes, arm: SurvivalOfArm, horizon: float) -> None:
    times, survival, lower, upper = until(arm.curve, min(horizon, arm.followed), before=1.0)
    axes.step(times, survival, where="post", color=arm.colour.light)
    axes.fill_between(times, lower, upper, step="post", color=arm.colour.light, alpha=0.15, linewidth=0)
    for month, value in arm.published:
        axes.plot(
            month, value, "o", markersize=7, markerfacecolor="none", markeredgewidth=1.6, color=arm.colour.light,
            clip_on=False, zorder=5,
        )  # fmt: skip


def _name_lines(page: Sheet, axes: Axes, curves: tuple[SurvivalOfArm, ...], horizon: float) -> None:
    if page.wide:
        labels = [
            EndLabel(height=value_at(c.curve, horizon, before=1.0), text=c.label, colour=c.colour) for c in curves
        ]
        write_end_labels(page, axes, labels)
        return
    for row, curve in enumerate(curves):
        axes.text(0.98, 0.97 - 0.075 * row, curve.label, transform=axes.transAxes, ha="right", va="top",
                  color=curve.colour.light)  # fmt: skip


def _risk_rows(page: Sheet, axes: Axes, curves: tuple[SurvivalOfArm, ...], ticks: list[float]) -> None:
    box = axes.get_position()
    span = axes.get_xlim()[1]
    beside = page.wide
    height = box.y0 - 56.0 / page.height
    page.figure.text(8.0 / page.width, height, "At risk", fontsize=SMALL_TEXT_SIZE, color=Colour.MUTED.light)
    for curve in curves:
        height -= ROW / page.height
        page.figure.text(8.0 / page.width, height, curve.label, fontsize=SMALL_TEXT_SIZE, color=curve.colour.light)
        height -= 0.0 if beside else ROW / page.height
        for tick in ticks:
            page.figure.text(
                box.x0 + box.width * tick / span, height, f"{curve.at_risk(tick)}", ha="center",
                fontsize=SMALL_TEXT_SIZE,
            )  # fmt: skip


def _table(curves: tuple[SurvivalOfArm, ...], horizon: float, measure: str, axis: TimeAxis) -> Table:
    shown = [time for time in axis.shown if time <= horizon]
    return Table(
        caption=axis.caption.format(measure=measure),
        head=("arm", *(f"{time:g} {axis.unit}".strip() for time in shown)),
        rows=tuple((curve.label, *(_cell(curve, time) for time in shown)) for curve in curves),
    )


def _cell(arm: SurvivalOfArm, time: float) -> str:
    """Return survival at a time with its limits, which none and all do not have; a dash where nobody was followed."""
    curve, value = arm.curve, value_at(arm.curve, time, before=1.0)
    if time > arm.followed and value > 0.0:
        return "–"
    if not 0.0 < value < 1.0:
        return f"{100.0 * value:.0f} %"
    before = int(np.searchsorted(curve.times, time, side="right"))
    low, high = 100.0 * curve.lower[before - 1], 100.0 * curve.upper[before - 1]
    return f"{100.0 * value:.1f} % ({low:.1f} to {high:.1f})"
