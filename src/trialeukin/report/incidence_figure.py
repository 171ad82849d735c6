"""Cumulative incidence of relapse and of death in remission, which compete, by arm."""

from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialeukin.report.axes import month_ticks, percent_axis
from trialeukin.report.curve import fitting, until, value_at
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Picture, Screen, Words, picture, sheet
from trialeukin.report.table import Table
from trialeukin.trial.arm_result import Curve
from trialeukin.trial.endpoint import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceOfArm:
    """One arm's cumulative incidences.

    Attributes
    ----------
    label : str
        Name of the arm.
    colour : Colour
        Its colour.
    curves : mapping of Cause to Curve
        In months.
    """

    label: str
    colour: Colour
    curves: dict[Cause, Curve]

    def value_at(self, cause: Cause, month: float) -> float:
        """Return one cause's cumulative incidence at a month."""
        return value_at(self.curves[cause], month, before=0.0)


def incidence_figure(words: Words, arms: tuple[IncidenceOfArm, ...], horizon: float) -> Picture:
    """Return one panel a cause, abreast on a desk and under each other on a phone; ``horizon`` in months."""

    def paint(screen: Screen) -> Figure:
        desk = screen is Screen.DESK
        page = sheet(screen, 300.0 if desk else 580.0)
        for index, cause in enumerate(Cause):
            if desk:
                half = page.width / 2.0
                axes = page.axes(left=50.0 + half * index, right=half * (1 - index) + 18.0, top=30.0, bottom=48.0)
            else:
                axes = page.axes(left=54.0, right=16.0, top=30.0 + 290.0 * index, bottom=290.0 * (1 - index) + 48.0)
            room = (page.width / 2.0 if desk else page.width) - 80.0
            shown = tuple(replace(arm, label=fitting(arm.label, room)) for arm in arms)
            _panel(axes, shown, cause, horizon)
        return page.figure

    return picture(words, paint, _table(arms, horizon))


def _panel(axes: Axes, arms: tuple[IncidenceOfArm, ...], cause: Cause, horizon: float) -> None:
    for row, arm in enumerate(arms):
        times, values, lower, upper = until(arm.curves[cause], horizon, before=0.0)
        axes.step(times, values, where="post", color=arm.colour.light)
        axes.fill_between(times, lower, upper, step="post", color=arm.colour.light, alpha=0.15, linewidth=0)
        axes.text(0.03, 0.97 - 0.085 * row, arm.label, transform=axes.transAxes, va="top", color=arm.colour.light)
    highest = max(arm.value_at(each, horizon) for arm in arms for each in Cause)
    percent_axis(axes, min(1.0, 0.2 * float(np.ceil(1.2 * highest / 0.2))))
    axes.set_xlim(0.0, horizon)
    axes.set_xticks(month_ticks(horizon, Screen.PHONE))
    axes.set_xlabel("months since randomisation")
    axes.set_title(cause.value, pad=8)


def _table(arms: tuple[IncidenceOfArm, ...], horizon: float) -> Table:
    months = [month for month in (12.0, 36.0, 60.0) if month <= horizon]
    columns = [(cause, month) for cause in Cause for month in months]
    return Table(
        caption="Predicted cumulative incidence, with the other cause competing",
        head=("arm", *(f"{cause.value}, {month:.0f} months" for cause, month in columns)),
        rows=tuple((arm.label, *(f"{100.0 * arm.value_at(*column):.1f} %" for column in columns)) for arm in arms),
    )
