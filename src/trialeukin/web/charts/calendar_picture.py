"""A regimen as a calendar of tiles: weeks across, days down, darker for more."""

from dataclasses import dataclass

from trialeukin.regimen.course import Regimen
from trialeukin.regimen.expand import expand
from trialeukin.report.calendar import Calendar, calendar_of

WEEKS_A_LINE = 26
TILE = 13
LEFT, TOP, BOTTOM = 30, 20, 22
STRONGEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One day of one drug; x and y are px from the top left corner, strength is 0 (nothing) to `STRONGEST`."""

    x: int
    y: int
    strength: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One drug during some weeks.

    Attributes
    ----------
    drug : str
        Its name.
    turn : int
        Its place among the drugs, from zero.
    width, height : int, px
        Of the drawing.
    tiles : tuple of Tile
        One a day.
    weeks : tuple of (x, str)
        The days at which weeks begin, and where they are written.
    """

    drug: str
    turn: int
    width: int
    height: int
    tiles: tuple[Tile, ...]
    weeks: tuple[tuple[int, str], ...]


def calendar_strips(regimen: Regimen) -> tuple[Strip, ...]:
    """Return the calendar in strips of `WEEKS_A_LINE` weeks, one a drug."""
    calendar = calendar_of(expand(regimen))
    weeks = -(-calendar.length // 7)
    return tuple(
        _strip(calendar, drug, (first, min(first + WEEKS_A_LINE, weeks)), regimen.first_day)
        for first in range(0, weeks, WEEKS_A_LINE)
        for drug in calendar.drugs()
    )


def _strip(calendar: Calendar, drug: str, weeks: tuple[int, int], first_day: int) -> Strip:
    first, last = weeks
    return Strip(
        drug=drug,
        turn=calendar.drugs().index(drug),
        width=LEFT + max(last - first, 12) * TILE,
        height=TOP + 7 * TILE + BOTTOM,
        tiles=tuple(
            _tile(calendar, drug, 7 * week + weekday, (LEFT + (week - first) * TILE, TOP + weekday * TILE), first_day)
            for week in range(first, last)
            for weekday in range(7)
        ),
        weeks=tuple((LEFT + (week - first) * TILE, f"{first_day + 7 * week}") for week in range(first, last, 4)),
    )


def _tile(calendar: Calendar, drug: str, day: int, corner: tuple[int, int], first_day: int) -> Tile:
    levels = [level for level in calendar.levels if level.drug == drug]
    given = [level for level in calendar.days.get(day, ()) if level.drug == drug]
    rank = max((calendar.strength(level) for level in given), default=-1)
    words = "; ".join(map(str, given)) if given else "nothing"
    return Tile(
        x=corner[0],
        y=corner[1],
        strength=0 if rank < 0 else STRONGEST - min(len(levels) - 1 - rank, STRONGEST - 1),
        words=f"day {first_day + day}: {words}",
    )
