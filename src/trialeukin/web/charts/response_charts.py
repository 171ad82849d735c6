"""Exposure over the concentrations that cells need, and cells over time, of one or several regimens."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trialeukin.core.units import convert, same_dimension
from trialeukin.report.fan_figure import FanOfArm, Panel, Ruler
from trialeukin.report.palette import Colour
from trialeukin.report.picture import Words
from trialeukin.report.sensitivity import SENSITIVITIES
from trialeukin.report.wording import anchor, shortly, unit_words
from trialeukin.trial.arm_result import Fan
from trialeukin.trial.patient_measures import IL2, LEUKAEMIA
from trialeukin.trial.response import RegimenResponse
from trialeukin.web.charts.chart import Chart
from trialeukin.web.charts.fan_chart import fan_chart

UNIT = "pmol/L"
DAYS = "days since the start of treatment"
SHARES = "Line: median; dark band: middle half; light band: nine in ten of those alive each day; dots: typical patient."
HALVES = "Lines: medians; bands: the middle half of those alive each day; dots: typical patient."
LEFT = (
    " At the bottom no cell is left. Who dies leaves the fan, so that it also falls as those with most leukaemia die; "
    "other treatment of a relapse is not drawn."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A regimen's response as charts show it.

    Attributes
    ----------
    label : str
        What the regimen is called; empty where it is the only one.
    colour : Colour
        Its colour.
    response : RegimenResponse
        What it does.
    """

    label: str
    colour: Colour
    response: RegimenResponse


def response_charts(shown: tuple[Shown, ...]) -> tuple[Chart, ...]:
    """Return one chart a concentration, then one a kind of cell, all regimens on the same axes."""
    exposure = _quantities(shown, lambda response: response.exposure)
    cells = _quantities(shown, lambda response: response.cells)
    return tuple(_chart(shown, name) for name in (*exposure, *cells))


def _quantities(shown: tuple[Shown, ...], fans: Callable[[RegimenResponse], tuple[Fan, ...]]) -> list[str]:
    return list(dict.fromkeys(fan.quantity for each in shown for fan in fans(each.response)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """How a kind of quantity is drawn, in its unit.

    Attributes
    ----------
    ruler : Ruler
        How the axis is divided.
    low : float
        Where it begins.
    least : float
        What is less is drawn there: a logarithmic axis has no zero.
    floor : str
        What the lowest value means; empty where it has no meaning of its own.
    """

    ruler: Ruler
    low: float
    least: float
    floor: str = ""


CONCENTRATION = _Axis(ruler=Ruler.LOGARITHMIC, low=0.1, least=0.01)
CELLS = _Axis(ruler=Ruler.LOGARITHMIC, low=0.1, least=0.1, floor="none")
OTHERS = _Axis(ruler=Ruler.LINEAR, low=0.0, least=-np.inf)


def _axis_of(unit: str) -> _Axis:
    if same_dimension(unit, UNIT):
        return CONCENTRATION
    return CELLS if same_dimension(unit, "cell") else OTHERS


def _chart(shown: tuple[Shown, ...], quantity: str) -> Chart:
    found = [(each, fan) for each in shown for fan in _all(each.response) if fan.quantity == quantity]
    fan = found[0][1]
    unit = UNIT if quantity == IL2 and same_dimension(fan.unit, UNIT) else fan.unit
    axis = _axis_of(unit)
    name = fan.meaning or quantity.replace("_", " ")
    title = f"{name[0].upper()}{name[1:]}, {unit_words(unit)}"
    panel = Panel(
        title=title,
        fans=tuple(one for each, its in found for one in _fans(each, its, unit, axis.least)),
        ruler=axis.ruler,
        zones=tuple(one.zone for one in SENSITIVITIES) if quantity == IL2 else (),
        low=axis.low,
        high=_high(found, unit) if axis.ruler is Ruler.LOGARITHMIC else None,
        floor=axis.floor,
    )
    medians = "; ".join(f"{each.label} {_range(its, unit)}".strip() for each, its in found)
    words = Words(
        name=anchor(quantity),
        title=title,
        description=f"Median over time, from lowest to highest: {medians}.",
        caption=f"Predicted in {fan.patients:,} virtual patients. {SHARES if len(shown) == 1 else HALVES}"
        f"{_part(shown, fan)}{LEFT if quantity == LEUKAEMIA else ''}",
    )
    return fan_chart(words, panel, DAYS)


def _part(shown: tuple[Shown, ...], fan: Fan) -> str:
    """Return how much of the time that is followed the chart shows; nothing where it is all of it."""
    last = max(float(its.times[-1]) for each in shown for its in _all(each.response))
    return f" Shown are the first {fan.times[-1]:.0f} of {last:.0f} days." if fan.times[-1] < last else ""


def _all(response: RegimenResponse) -> tuple[Fan, ...]:
    return (*response.exposure, *response.cells)


def _fans(shown: Shown, fan: Fan, unit: str, least: float) -> tuple[FanOfArm, ...]:
    factor = convert(1.0, fan.unit, unit)
    course = shown.response.course(fan.quantity)
    return (
        FanOfArm(
            label=shown.label or "median",
            colour=shown.colour,
            times=fan.times,
            quantiles=np.maximum(fan.quantiles * factor, least),
        ),
        FanOfArm(
            label=f"{shown.label}, typical patient" if shown.label else "typical patient",
            colour=shown.colour,
            times=course.times,
            quantiles=np.maximum(course.values[None, :] * factor, least),
        ),
    )


def _high(found: list[tuple[Shown, Fan]], unit: str) -> float:
    highest = max(float(np.nanmax(fan.quantiles)) * convert(1.0, fan.unit, unit) for _, fan in found)
    return float(10.0 ** np.ceil(np.log10(max(highest, 10.0))))


def _range(fan: Fan, unit: str) -> str:
    middle = fan.quantiles[2] * convert(1.0, fan.unit, unit)
    return f"{shortly(float(np.nanmin(middle)))} to {shortly(float(np.nanmax(middle)))} {unit_words(unit)}"
