"""What one parameter does to a course: the typical patient at its usual value and at another, on the same axes."""

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import shortly, signed, unit_words, words
from trialeukin.trial.parameter_effect import Extremes, ParameterEffect
from trialeukin.web.charts.chart import Chart, logarithmic, numbers_or_none, token

WIDE, DEEPEST = 100.0, 1e-6  # spans from which an axis is logarithmic, and how far down it goes
NOTHING = 1e-6  # of the highest a quantity gets; below lies the error of the solution
ROWS = 9


def effect_chart(found: ParameterEffect, unit: str) -> Chart:
    """Return the chart; ``unit`` is that of the parameter."""
    labels = [f"{shortly(value)} {unit_words(unit)}".strip() for value in (found.usual, found.other)]
    named = (f"usual, {labels[0]}", f"tried, {labels[1]}")
    looks = ((Colour.ARM_1, "solid"), (Colour.ARM_2, "dash"))
    title = f"{_capital(words(found.quantity))}, {unit_words(found.unit)}".removesuffix(", ")
    values, axis = _scaled(found.courses)
    return Chart(
        words=Words(
            name="effect",
            title=title,
            description=f"The typical patient with {words(found.parameter)} {labels[0]}, and {labels[1]}.",
            caption=f"The typical patient over days of the regimen; only {words(found.parameter)} differs.",
        ),
        traces=tuple(
            {
                "x": numbers_or_none(found.times),
                "y": numbers_or_none(row),
                "mode": "lines",
                "name": label,
                "line": {"color": token(colour), "dash": dash, "width": 2},
            }
            for row, label, (colour, dash) in zip(values, named, looks, strict=True)
        ),
        layout={
            "xaxis": {"title": {"text": "days of the regimen"}},
            "yaxis": axis,
            "showlegend": True,
        },
        table=_table(found, named),
    )


def extremes_table(found: ParameterEffect) -> Table:
    """Return the lowest and highest of every quantity at both values, their difference and their ratio."""
    rows = [
        (
            f"{extreme} {words(each.quantity)}",
            unit_words(each.unit),
            shortly(pair[0]),
            shortly(pair[1]),
            signed(_noticed((pair[1] - pair[0], 0.0), each)[0]),
            _ratio(*pair),
        )
        for each in found.extremes
        for extreme, pair in (("lowest", _noticed(each.lowest, each)), ("highest", each.highest))
    ]
    return Table(
        caption=f"Extremes with {words(found.parameter)} as it is, and as tried",
        head=("extreme", "unit", "usual", "tried", "difference", "ratio"),
        rows=tuple(rows),
        numeric=(False, False, True, True, True, True),
    )


def _scaled(courses: Floats) -> tuple[Floats, dict[str, object]]:
    """Return courses and the axis they fit on: logarithmic where they are positive and wide."""
    known = courses[np.isfinite(courses)]
    above = known[known > 0.0]
    if known.size == 0 or known.min() < 0.0 or above.size == 0 or above.max() < WIDE * above.min():
        return courses, {"rangemode": "tozero"} if known.size and known.min() >= 0.0 else {}
    least = max(float(above.min()), float(above.max()) * DEEPEST)
    return np.maximum(courses, least), dict(
        logarithmic(least, float(above.max()), floor="less" if known.min() < least else "")
    )


def _table(found: ParameterEffect, named: tuple[str, str]) -> Table:
    at = np.unique(np.linspace(0, found.times.size - 1, ROWS).astype(int))
    return Table(
        caption=f"{words(found.quantity)}, {unit_words(found.unit)}".removesuffix(", "),
        head=("day", *named),
        rows=tuple((f"{found.times[i]:.4g}", shortly(found.courses[0, i]), shortly(found.courses[1, i])) for i in at),
    )


def _noticed(pair: tuple[float, float], extremes: Extremes) -> tuple[float, float]:
    """Return numbers with those made zero that are nothing beside the highest."""
    least = NOTHING * max(abs(each) for each in (*extremes.highest, 0.0))
    first, second = (0.0 if abs(each) < least else each for each in pair)
    return first, second


def _ratio(usual: float, tried: float) -> str:
    return shortly(tried / usual) if usual > 0.0 and tried >= 0.0 else "–"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
