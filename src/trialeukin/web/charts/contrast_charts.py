"""What regimens do in the same patients: toxicity and survival as charts, every difference as one table to copy."""

from dataclasses import dataclass

import numpy as np

from trialeukin.report.contrast_words import NOTHING, difference, interval, number
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import anchor, percent, rounded, shortly, unit_words
from trialeukin.trial.contrast_result import Contrast, Contrasts, Difference, Level, Survival
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.patient_measures import Topic
from trialeukin.web.charts.chart import Chart, numbers, token

MONTHS = "months since the start of treatment"
ROWS_EVERY = 6.0  # months


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a regimen is called, and its colour."""

    label: str
    colour: Colour


def contrast_charts(found: Contrasts, named: tuple[Named, ...]) -> tuple[Chart, ...]:
    """Return toxicity as bars, then one chart a curve of survival, all regimens on the same axes."""
    shares = tuple(each for each in found.measures if each.topic is Topic.TOLERABILITY and each.is_share)
    toxicity = (_bars(shares, named, found),) if shares else ()
    return (*toxicity, *(_survival(each, named, found) for each in found.survivals))


def contrast_table(found: Contrasts, named: tuple[Named, ...]) -> Table:
    """Return one row a measure and regimen: its mean, the patients' spread, and what differs from the first."""
    first = named[0].label
    rows = [
        (each.name, unit_words(each.unit), one.label, *_level(each, level), *_difference(each, difference, first))
        for each in found.measures
        for one, level, difference in zip(named, each.levels, (None, *each.differences), strict=True)
    ]
    return Table(
        caption=f"Every measure under every regimen, and its difference from {first} in the same patients",
        head=(
            "measure",
            "unit",
            "regimen",
            "mean",
            "5th to 95th percentile of patients",
            f"difference from {first}",
            "95 % interval from what is not known",
            "between patients, 5th to 95th percentile",
        ),
        rows=tuple(rows),
        numeric=(False, False, False, True, True, True, True, False),
    )


def _level(measure: Contrast, level: Level) -> tuple[str, str]:
    return number(measure, level.mean), NOTHING if measure.is_share else _range(level.low, level.high)


def _difference(measure: Contrast, found: Difference | None, first: str) -> tuple[str, str, str]:
    if found is None or not np.isfinite(found.mean):
        return NOTHING, NOTHING, NOTHING
    own = f"{difference(measure, found.low)} to {difference(measure, found.high)}"
    if measure.is_share:
        own = f"{rounded(found.low, 1)} % only with {first}, {rounded(found.high, 1)} % only here"
    return difference(measure, found.mean), interval(measure, found), own


def _range(low: float, high: float) -> str:
    return f"{shortly(low)} to {shortly(high)}" if np.isfinite(low) else NOTHING


def _bars(shares: tuple[Contrast, ...], named: tuple[Named, ...], found: Contrasts) -> Chart:
    names = [each.name for each in shares]
    traces = tuple(
        {
            "type": "bar",
            "orientation": "h",
            "name": one.label,
            "y": [_wrapped(name) for name in names],
            "x": [each.levels[place].mean for each in shares],
            "marker": {"color": token(one.colour)},
            "hovertemplate": "%{x:.1f} %",
        }
        for place, one in enumerate(named)
    )
    rows = tuple((each.name, *(number(each, level.mean) for level in each.levels)) for each in shares)
    worst = max(shares, key=lambda each: max(np.nan_to_num([level.mean for level in each.levels])))
    said = "; ".join(
        f"{one.label} {number(worst, level.mean)} %" for one, level in zip(named, worst.levels, strict=True)
    )
    return Chart(
        words=Words(
            name="tolerability",
            title="Tolerability, % of patients",
            description=f"Most frequent: {worst.name}: {said}.",
            caption=f"Until day {found.treated:.0f}; grades as the model reads them, and as platelets have them.",
        ),
        traces=traces,
        layout={
            "barmode": "group",
            "hovermode": "closest",
            "xaxis": {"title": {"text": "% of patients"}, "range": [0, 100], "showgrid": True},
            "yaxis": {"autorange": "reversed", "showgrid": False},
            "showlegend": len(named) > 1,
        },
        table=Table(caption="Patients to whom it happens, %", head=("what", *(one.label for one in named)), rows=rows),
        height=460,
    )


def _wrapped(name: str) -> str:
    """Return a name on two lines where it is long, as it stands left of a bar."""
    words = name.split()
    if len(name) < 20:
        return name
    half = next(place for place in range(len(words)) if len(" ".join(words[: place + 1])) >= len(name) / 2.0)
    return f"{' '.join(words[:half])}<br>{' '.join(words[half:])}"


def _survival(curve: Survival, named: tuple[Named, ...], found: Contrasts) -> Chart:
    months = curve.days / DAYS_A_MONTH
    traces = tuple(
        {
            "x": numbers(months),
            "y": numbers(100.0 * shares),
            "mode": "lines",
            "name": one.label,
            "line": {"color": token(one.colour), "width": 2, "shape": "hv"},
        }
        for one, shares in zip(named, curve.shares, strict=True)
    )
    shown = np.arange(0.0, months[-1] + 0.5, ROWS_EVERY)
    places = [int(np.argmin(np.abs(months - month))) for month in shown]
    rows = tuple(
        (f"{month:g}", *(rounded(100.0 * shares[place], 1) for shares in curve.shares))
        for month, place in zip(shown, places, strict=True)
    )
    title = f"{curve.name[0].upper()}{curve.name[1:]}, % of patients"
    ends = "; ".join(
        f"{one.label} {percent(float(shares[-1]))}" for one, shares in zip(named, curve.shares, strict=True)
    )
    return Chart(
        words=Words(
            name=anchor(curve.name),
            title=title,
            description=f"At {months[-1]:.0f} months: {ends}.",
            caption=f"The same {found.patients:,} virtual patients under each regimen, at the typical parameters; how "
            "little is known of the differences stands in the table below.",
        ),
        traces=traces,
        layout={
            "xaxis": {"title": {"text": MONTHS}, "dtick": ROWS_EVERY},
            "yaxis": {"range": [0, 100]},
            "showlegend": len(named) > 1,
        },
        table=Table(caption=title, head=(MONTHS, *(one.label for one in named)), rows=rows),
    )
