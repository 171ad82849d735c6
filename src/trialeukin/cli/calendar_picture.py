"""A regimen's calendar in the terminal: one row a week, one mark a day, heavier for more."""

from rich.text import Text

from trialeukin.report.calendar import Calendar, Level

WEEK = 7
MARKS = "░▒▓█"
NOTHING = "·"
STYLES = ("dark_orange", "green", "magenta", "blue")
LABEL_WIDTH = 24


def calendar_picture(calendar: Calendar, first_day: int) -> Text:
    """Return the calendar of a regimen; weeks that repeat the one before share its row.

    Parameters
    ----------
    calendar : Calendar
        What is given on which day.
    first_day : int
        What the protocol calls its first day.
    """
    drugs = calendar.drugs()
    picture = Text("Calendar", style="bold")
    picture.append("\n" + "weeks and days".ljust(LABEL_WIDTH), style="default not bold")
    for drug in drugs:
        picture.append(drug.ljust(_width(drug)), style=f"{_style(calendar, drug)} not bold")
    for first, last in _equal_weeks(calendar):
        days = f"days {first_day + WEEK * first}-{first_day + WEEK * last + WEEK - 1}"
        weeks = f"{first + 1}" if first == last else f"{first + 1}-{last + 1}"
        picture.append("\n" + f"{weeks:<8}{days}".ljust(LABEL_WIDTH), style="default not bold")
        for drug in drugs:
            marks = " ".join(_mark(calendar, drug, WEEK * first + day) for day in range(WEEK))
            picture.append(marks.ljust(_width(drug)), style=f"{_style(calendar, drug)} not bold")
    for level in calendar.levels:
        picture.append(f"\n{_level_mark(calendar, level)}  {level}", style=f"{_style(calendar, level.drug)} not bold")
    picture.append(f"\n{NOTHING}  no dose", style="default not bold")
    lines = picture.split()
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)


def _equal_weeks(calendar: Calendar) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for week in range(-(-calendar.length // WEEK)):
        if runs and _week(calendar, week) == _week(calendar, runs[-1][0]):
            runs[-1] = (runs[-1][0], week)
        else:
            runs.append((week, week))
    return runs


def _week(calendar: Calendar, week: int) -> list[tuple[Level, ...]]:
    return [calendar.days.get(WEEK * week + day, ()) for day in range(WEEK)]


def _mark(calendar: Calendar, drug: str, day: int) -> str:
    given = [level for level in calendar.days.get(day, ()) if level.drug == drug]
    return _level_mark(calendar, max(given, key=calendar.strength)) if given else NOTHING


def _level_mark(calendar: Calendar, level: Level) -> str:
    steps = sum(other.drug == level.drug for other in calendar.levels) - 1
    if steps == 0:
        return MARKS[-1]
    return MARKS[round(calendar.strength(level) / steps * (len(MARKS) - 1))]


def _width(drug: str) -> int:
    return max(2 * WEEK, len(drug)) + 2


def _style(calendar: Calendar, drug: str) -> str:
    return STYLES[calendar.drugs().index(drug) % len(STYLES)]
