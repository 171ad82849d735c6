"""What multiples of a regimen's doses do: exposure, cells, tolerability and leukaemia, each over the multiple."""

from collections.abc import Callable, Sequence
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from trialeukin.report.axes import NO_EFFECT
from trialeukin.report.contrast_words import over_draws
from trialeukin.report.palette import Colour, arm_colour
from trialeukin.report.printed_figure import TEXT_SIZE, Sheet
from trialeukin.report.wording import unit_words
from trialeukin.trial.contrast_result import Contrast, Contrasts
from trialeukin.trial.patient_measures import COMPLETED, Topic

WIDTH, HEIGHT = 720.0, 560.0
LEFT, ACROSS, WIDE, HIGH = 66.0, 352.0, 276.0, 178.0  # points: of the first panel, from panel to panel, and of a panel
FIRST, DOWN = 48.0, 258.0  # points: from the words to the first panel, and from row to row
LINE = 13.0
MOST_LINES = 4  # of a panel, those that change most
ROOM_FOR_NAMES = 1.5  # times as high as the highest, so that no name lies on a line
LETTERS = 110  # of a line of the title
CELL_COUNTS = "cell/uL"

Chosen = Callable[[Contrast], bool]
SHORTER = (
    ("highest ", ""),
    (" in blood", ""),
    (" of grade 3 or more", ", grade 3+"),
    ("area under the curve (AUC)", "AUC"),
)
PANELS: tuple[tuple[str, Chosen], ...] = (
    ("exposure", lambda each: each.topic is Topic.EXPOSURE and each.name.startswith("area")),
    ("highest counts of cells in blood", lambda each: each.topic is Topic.CELLS and _is_highest_count(each)),
    ("tolerability, % of patients", lambda each: each.topic is Topic.TOLERABILITY and _is_harm(each)),
    ("leukaemia and survival: difference, points", lambda each: each.topic is Topic.LEUKAEMIA and _is_latest(each)),
)
"""Titles of the panels, and which measures belong to each; the last one is drawn as differences."""


def _is_highest_count(measure: Contrast) -> bool:
    return measure.unit == CELL_COUNTS and measure.name.startswith("highest")


def _is_latest(measure: Contrast) -> bool:
    return measure.is_share and not measure.name.startswith("relapse") and "12 months" not in measure.name


def _is_harm(measure: Contrast) -> bool:
    return measure.is_share and measure.name != COMPLETED


def doses_figure(found: Contrasts, multiples: Sequence[float], title: str) -> Figure:
    """Return the figure of regimens that are multiples of one, and what they are compared with first.

    Parameters
    ----------
    found : Contrasts
        The first regimen is what the others are set against; then one a multiple, in their order.
    multiples : sequence of float, 1
        Rising.
    title : str
        What is multiplied, in words.
    """
    heads = wrap(title, width=LETTERS)
    above = LINE * len(heads)
    sheet = Sheet(WIDTH, HEIGHT + above)
    for place, line in enumerate(heads):
        sheet.word(line, 14.0, 16.0 + LINE * place, fontsize=TEXT_SIZE + 0.5, fontweight="bold")
    for place, (name, belongs) in enumerate(PANELS):
        measures = _changing([each for each in found.measures if belongs(each)])
        axes = _panel(sheet, place, _label(measures[0]) if len(measures) == 1 else name, above)
        (_differences if place == len(PANELS) - 1 else _levels)(axes, measures, np.asarray(multiples))
        axes.set_xscale("log")
        axes.set_xticks(list(multiples), [f"{each:g}" for each in multiples])
        axes.minorticks_off()
    foot = (
        f"{found.background.title}; {found.patients:,} virtual patients, means at the typical parameters; bands: 5th "
        f"to 95th percentile of patients{f'; bars: {over_draws(found.draws)}' if found.draws else ''}"
    )
    sheet.word(foot, 14.0, sheet.height - 12.0, fontsize=TEXT_SIZE - 1.5, color=Colour.MUTED.light)
    return sheet.figure


def _panel(sheet: Sheet, place: int, name: str, above: float) -> Axes:
    left, top = LEFT + ACROSS * (place % 2), above + FIRST + DOWN * (place // 2)
    box = (left / sheet.width, 1.0 - (top + HIGH) / sheet.height, WIDE / sheet.width, HIGH / sheet.height)
    axes = sheet.figure.add_axes(box)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(name, loc="left", fontsize=TEXT_SIZE)
    axes.set_xlabel("multiple of the doses")
    return axes


def _levels(axes: Axes, measures: list[Contrast], multiples: np.ndarray) -> None:
    """Draw means over the multiples, with the patients' spread where one line has room for it."""
    for place, each in enumerate(measures):
        colour = arm_colour(place).light
        means = np.array([level.mean for level in each.levels[1:]])
        axes.plot(multiples, means, "o-", color=colour, markersize=4.0, linewidth=1.4, label=_label(each))
        if len(measures) == 1:
            low, high = (np.array([getattr(level, side) for level in each.levels[1:]]) for side in ("low", "high"))
            axes.fill_between(multiples, low, high, color=colour, alpha=0.16, linewidth=0)
    axes.set_ylim(0.0, axes.get_ylim()[1])
    _name_lines(axes, measures)


def _differences(axes: Axes, measures: list[Contrast], multiples: np.ndarray) -> None:
    """Draw differences from the first regimen with what is not known of them, those of the last time only."""
    axes.axhline(0.0, **NO_EFFECT)
    for place, each in enumerate(measures):
        colour = arm_colour(place).light
        means = np.array([one.mean for one in each.differences])
        ends = np.array([[one.mean - one.lower, one.upper - one.mean] for one in each.differences]).T
        apart = multiples * (1.0 + 0.03 * (place - 0.5 * (len(measures) - 1)))
        known = np.where(np.isfinite(ends), np.maximum(ends, 0.0), 0.0)
        axes.errorbar(
            apart,
            means,
            known,
            fmt="o-",
            color=colour,
            markersize=4.0,
            linewidth=1.2,
            elinewidth=1.0,
            label=_label(each),
        )
    _name_lines(axes, measures)


def _changing(measures: list[Contrast]) -> list[Contrast]:
    """Return the measures that change most over the multiples, in their own order."""
    spans = [float(np.ptp([level.mean for level in each.levels])) for each in measures]
    kept = set(np.argsort(spans, kind="stable")[-MOST_LINES:].tolist())
    return [each for place, each in enumerate(measures) if place in kept]


def _label(measure: Contrast) -> str:
    words = measure.name
    for long, short in SHORTER:
        words = words.replace(long, short)
    unit = unit_words(measure.unit)
    return words if measure.is_share or not unit else f"{words}, {unit}"


def _name_lines(axes: Axes, measures: list[Contrast]) -> None:
    """Say which line is which above all of them; one alone is named by its panel's title."""
    if len(measures) > 1:
        low, high = axes.get_ylim()
        axes.set_ylim(low, low + ROOM_FOR_NAMES * (high - low))
        axes.legend(frameon=False, fontsize=TEXT_SIZE - 2.0, loc="upper left")
