"""Patients entered and events expected on the calendar, with the dates of the analyses."""

import numpy as np
from matplotlib.figure import Figure

from trialeukin.core.arrays import Floats
from trialeukin.report.axes import lines_across, month_ticks
from trialeukin.report.curve import EndLabel, room_for, write_end_labels
from trialeukin.report.design_truths import truths
from trialeukin.report.palette import Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Words, picture, sheet
from trialeukin.report.table import Table
from trialeukin.survival.design.expected_events import ArmPlan, total_events
from trialeukin.survival.design.looks import Schedule

POINTS = 121


def accrual_figure(words: Words, found: Schedule) -> Picture:
    """Return the patients and the events with and without the effect up to the last analysis."""
    trial = found.trial
    null = trial.null_arms
    named = truths(trial.margin)
    months = np.linspace(0.0, trial.end, POINTS)
    patients = trial.enrolment.entered(months)
    lines = (
        ("patients", Colour.INK, patients),
        (f"events, {named.null}", Colour.ARM_1, _events(found, null, months)),
        (f"events, {named.planned}", Colour.ARM_2, _events(found, trial.arms, months)),
    )

    def paint(screen: Screen) -> Figure:
        page = sheet(screen, 330.0 if screen is Screen.DESK else 380.0)
        wide = page.wide
        right = room_for([name for name, _, _ in lines], most=170.0) + 6.0 if wide else 18.0
        axes = page.axes(left=62.0, right=right, top=34.0 if wide else 84.0, bottom=52.0)
        for name, colour, counts in lines:
            axes.plot(months, counts, color=colour.light, label=name)
        for number, effect in enumerate(found.effects, start=1):
            axes.axvline(effect.calendar, color=Colour.MUTED.light, linewidth=0.9, linestyle=(0, (3, 3)))
            interim = f"interim {number}" if wide else f"{number}"
            label = "final" if number == len(found.effects) else interim
            axes.annotate(label, (effect.calendar, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 4),
                          textcoords="offset points", ha="center", fontsize=SMALL_TEXT_SIZE,
                          color=Colour.MUTED.light)  # fmt: skip
        axes.set_xlim(0.0, trial.end)
        axes.set_ylim(0.0, 1.05 * float(patients[-1]))
        axes.set_xticks(month_ticks(trial.end, screen))
        lines_across(axes)
        axes.set_xlabel("months since the first entry")
        axes.set_ylabel("patients or events")
        if wide:
            ends = [EndLabel(height=float(counts[-1]), text=name, colour=colour) for name, colour, counts in lines]
            write_end_labels(page, axes, ends)
        else:
            axes.legend(frameon=False, fontsize=SMALL_TEXT_SIZE, loc="lower left", bbox_to_anchor=(-0.02, 1.06))
        return page.figure

    return picture(words, paint, _table(found, null))


def _events(found: Schedule, arms: tuple[ArmPlan, ArmPlan], months: Floats) -> Floats:
    return np.array([total_events(arms, found.trial.enrolment, float(month)).sum() for month in months])


def _table(found: Schedule, null: tuple[ArmPlan, ArmPlan]) -> Table:
    named = truths(found.trial.margin)
    months = np.unique(np.append(np.arange(0.0, found.trial.end, 12.0), found.trial.end))
    columns = (
        found.trial.enrolment.entered(months),
        _events(found, null, months),
        _events(found, found.trial.arms, months),
    )
    return Table(
        caption="Expected patients and events by months since the first entry",
        head=("month", "patients", f"events, {named.null}", f"events, {named.planned}"),
        rows=tuple((f"{month:.4g}", *(f"{column[row]:.0f}" for column in columns)) for row, month in enumerate(months)),
        folded=True,
    )
