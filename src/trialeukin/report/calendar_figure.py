"""A regimen as a calendar: weeks across, days down, one tile a day, darker for more."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from trialeukin.report.calendar import Calendar
from trialeukin.report.palette import DRUGS, Colour
from trialeukin.report.picture import SMALL_TEXT_SIZE, Picture, Screen, Sheet, Words, picture, sheet

WEEKS_A_LINE = {Screen.DESK: 52, Screen.PHONE: 26}
LARGEST_TILE = 18.0
LEFT = 40.0
LINE_HEIGHT = 17.0


@dataclass(frozen=True, slots=True)
class _Strip:
    """One drug during some weeks: its place on the sheet."""

    drug: str
    first_week: int
    top: float


def calendar_figure(words: Words, calendar: Calendar, first_day: int) -> Picture:
    """Return the calendar of one regimen; ``first_day`` is what the protocol calls its first day."""

    def paint(screen: Screen) -> Figure:
        weeks = -(-calendar.length // 7)
        line = min(weeks, WEEKS_A_LINE[screen])
        tile = min(LARGEST_TILE, (screen.value - LEFT - 10.0) / line)
        strips, height = _strips(calendar, weeks, line, tile)
        page = sheet(screen, height + LINE_HEIGHT * (len(calendar.levels) + 0.5))
        axes = page.axes(left=0.0, right=0.0, top=0.0, bottom=0.0)
        axes.set_xlim(0.0, page.width)
        axes.set_ylim(page.height, 0.0)
        axes.set_axis_off()
        for strip in strips:
            _tiles(axes, calendar, strip, (line, tile), first_day)
        _key(axes, page, calendar, height)
        return page.figure

    return picture(words, paint)


def _strips(calendar: Calendar, weeks: int, line: int, tile: float) -> tuple[list[_Strip], float]:
    strips, top = [], 0.0
    for first in range(0, weeks, line):
        for drug in calendar.drugs():
            strips.append(_Strip(drug, first, top))
            top += 7 * tile + 40.0
    return strips, top


def _tiles(axes: Axes, calendar: Calendar, strip: _Strip, grid: tuple[int, float], first_day: int) -> None:
    line, tile = grid
    colour = DRUGS[calendar.drugs().index(strip.drug) % len(DRUGS)]
    levels = [level for level in calendar.levels if level.drug == strip.drug]
    top = strip.top + 20.0
    axes.text(LEFT, strip.top + 12.0, strip.drug, fontsize=SMALL_TEXT_SIZE, color=colour.light, va="center")
    for weekday in (0, 3, 6):
        axes.text(LEFT - 6.0, top + (weekday + 0.5) * tile, f"d{weekday + 1}", ha="right", va="center", fontsize=9.5)
    for week in range(strip.first_week, min(strip.first_week + line, -(-calendar.length // 7))):
        left = LEFT + (week - strip.first_week) * tile
        if week % (4 if tile < 12.0 else 2) == 0:
            axes.text(left, top + 7 * tile + 9.0, f"{first_day + 7 * week}", fontsize=9.5, va="center")
        for weekday in range(7):
            given = [one for one in calendar.days.get(7 * week + weekday, ()) if one.drug == strip.drug]
            axes.add_patch(
                Rectangle((left + 0.5, top + weekday * tile + 0.5), tile - 1.0, tile - 1.0, linewidth=0,
                          facecolor=colour.light if given else Colour.GRID.light,
                          alpha=_opacity(max(map(calendar.strength, given)), len(levels)) if given else 0.75)
            )  # fmt: skip


def _opacity(strength: int, levels: int) -> float:
    return 1.0 if levels == 1 else 0.42 + 0.58 * strength / (levels - 1)


def _key(axes: Axes, page: Sheet, calendar: Calendar, top: float) -> None:
    for row, level in enumerate(calendar.levels):
        colour = DRUGS[calendar.drugs().index(level.drug) % len(DRUGS)]
        count = sum(other.drug == level.drug for other in calendar.levels)
        height = top + LINE_HEIGHT * (row + 0.4)
        axes.add_patch(
            Rectangle((LEFT, height - 5.5), 11.0, 11.0, linewidth=0, facecolor=colour.light,
                      alpha=_opacity(calendar.strength(level), count))
        )  # fmt: skip
        axes.text(LEFT + 18.0, height, str(level), va="center", fontsize=SMALL_TEXT_SIZE if page.width > 500 else 10.5)
