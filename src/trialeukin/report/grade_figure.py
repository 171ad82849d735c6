"""Toxicity over time in one arm: who is at a grade on each day, and who has been."""

import numpy as np

from trialeukin.report.fan_figure import FanOfArm, Panel, fan_figure
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Picture, Words
from trialeukin.report.table import Table
from trialeukin.report.wording import percent
from trialeukin.trial.arm_result import GradeCourse

LINES = (
    ("grade 2 or more", Colour.ARM_1, "moderate"),
    ("grade 3 or more", Colour.ARM_2, "severe"),
    ("has had grade 3", Colour.ARM_3, "ever_severe"),
)
NOBODY_ABOVE = 0.001  # share below which a course is a flat line that says nothing
LEAST_HEIGHT = 5.0  # per cent, so that a share of a few patients does not fill a panel
STEP, MOST_ROWS = 14.0, 13


def grade_figure(words: Words, named: tuple[tuple[str, GradeCourse], ...]) -> Picture:
    """Return a panel for each toxicity that anybody has, under the names given, and the table of all."""
    seen = tuple(_panel(name, course) for name, course in named if _is_seen(course))
    return fan_figure(
        words, seen or tuple(_panel(*each) for each in named[:1]), "days since randomisation", _table(named)
    )


def _is_seen(course: GradeCourse) -> bool:
    return bool(np.nanmax(course.moderate) >= NOBODY_ABOVE)


def _panel(name: str, course: GradeCourse) -> Panel:
    lines = tuple(
        FanOfArm(label=label, colour=colour, times=course.times, quantiles=100.0 * getattr(course, field)[None, :])
        for label, colour, field in LINES
    )
    highest = max(float(np.nanmax(line.quantiles)) for line in lines)
    return Panel(title=f"{name}, % of patients", fans=lines, low=0.0, high=max(LEAST_HEIGHT, 1.05 * highest))


def _table(named: tuple[tuple[str, GradeCourse], ...]) -> Table:
    rows = []
    for name, course in named:
        step = STEP * np.ceil(course.times[-1] / (STEP * (MOST_ROWS - 1)))
        for day in np.arange(0.0, course.times[-1] + 1e-9, step):
            place = int(np.argmin(np.abs(course.times - day)))
            shares = (course.moderate[place], course.severe[place], course.ever_severe[place])
            rows.append((name, f"{day:.0f}", *(percent(share, 1) if np.isfinite(share) else "–" for share in shares)))
    return Table(
        caption="Patients at each grade on single days, of those alive, and who has had grade 3, of all",
        head=("toxicity", "day", *(label for label, _, _ in LINES)),
        rows=tuple(rows),
        numeric=(False, True, True, True, True),
    )
