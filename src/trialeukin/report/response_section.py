"""What the treatment does to the blood's cells and to residual leukaemia."""

from collections.abc import Callable

import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.core.counting import counted
from trialeukin.core.units import same_dimension
from trialeukin.report.exposure_section import SHARES
from trialeukin.report.fan_figure import FanOfArm, Panel, Ruler, fan_figure
from trialeukin.report.laboratory_table import laboratory_tables
from trialeukin.report.page import Section
from trialeukin.report.picture import Picture, Words
from trialeukin.report.study_wording import arms_in_order
from trialeukin.report.table import Table
from trialeukin.report.wording import anchor, percent, shortly, unit_words
from trialeukin.trial.arm_result import Fan
from trialeukin.trial.endpoint import DAYS_A_MONTH
from trialeukin.trial.result import StudyResult

EXTINCT_UP_TO = 1.001  # cells; a clone is extinct at one cell, found to the solver's tolerance
NONE_LEFT = 0.1
MONTHS_OF_CELLS = 12.0
NO_DEPARTURE = 0.05  # of a ratio of medians from one: what is said with one decimal as 1.0


def response_section(result: StudyResult) -> Section:
    """Return the fans of every quantity that was kept: cells of the blood, then leukaemia."""
    names = list(dict.fromkeys((fan.quantity, fan.unit) for arm in result.arms for fan in arm.fans))
    cells = [name for name, unit in names if not _is_clone(unit)]
    clones = [name for name, unit in names if _is_clone(unit)]
    pictures: list[Picture] = []
    if cells:
        pictures.append(_cells(result, cells))
    for name in clones:
        pictures.append(_clone(result, name))
        pictures.extend(_chosen(result, name))
    return Section(
        name="response",
        title="Immune response and residual leukaemia",
        words=(f"Fans are over the patients of an arm who are alive. {SHARES}", *_departures(result, cells)),
        blocks=(*pictures, *laboratory_tables(result)),
    )


def _is_clone(unit: str) -> bool:
    return same_dimension(unit, "cell")


def _departures(result: StudyResult, quantities: list[str]) -> list[str]:
    """Return between what and what the medians of the treatment are of those of the control, in one sentence."""
    study = result.study
    said = []
    for quantity in quantities:
        fans = {arm.name: fan for arm in result.arms for fan in arm.fans if fan.quantity == quantity}
        if {study.control.name, study.treatment.name} <= fans.keys():
            treated = fans[study.treatment.name]
            multiple = treated.quantiles[2] / fans[study.control.name].quantiles[2]
            said.append(f"{_name(_first(result, quantity))} {_ends(multiple, treated.times)}")
    if not said:
        return []
    return [
        f"Medians on {study.treatment.name} over those on {study.control.name} at the same time, where they are "
        f"lowest and highest: {'; '.join(said)}."
    ]


def _ends(multiple: Floats, days: Floats) -> str:
    """Return where a ratio of medians is lowest and highest, or that it stays about one."""
    if np.nanmax(np.abs(multiple - 1.0)) < NO_DEPARTURE:
        return f"within {percent(NO_DEPARTURE)} of each other throughout"
    ends = sorted((int(np.nanargmin(multiple)), int(np.nanargmax(multiple))))
    return " and ".join(f"{multiple[place]:.1f} times on day {days[place]:.0f}" for place in ends)


def _cells(result: StudyResult, quantities: list[str]) -> Picture:
    horizon = min(MONTHS_OF_CELLS, result.study.follow_up.horizon_months)
    panels = tuple(
        Panel(title=_titled(_first(result, quantity)), fans=_fans(result, quantity, _no_change, horizon), low=0.0)
        for quantity in quantities
    )
    words = Words(
        name="cells",
        title="Cells and markers in blood",
        description="Predicted courses by arm of "
        + ", ".join(_name(_first(result, name)) for name in quantities)
        + ".",
        caption=f"Predicted courses over the first {counted(horizon, 'month')}, by arm. {SHARES}",
    )
    return fan_figure(words, panels, "months since randomisation", _table(result, quantities, horizon))


def _clone(result: StudyResult, quantity: str) -> Picture:
    fan = _first(result, quantity)
    horizon = result.study.follow_up.horizon_months
    fans = _fans(result, quantity, _none_left_at_the_bottom, horizon)
    panels = tuple(_clone_panel(f"{one.label}: {_titled(fan)}", (one,)) for one in fans)
    words = Words(
        name=anchor(quantity),
        title=_name(fan)[0].upper() + _name(fan)[1:],
        description=f"Predicted {_name(fan)} by arm, logarithmic, from randomisation to month {horizon:g}.",
        caption=f"Predicted {_name(fan)} in patients who are alive, logarithmic; at the bottom no cell is left. "
        f"A relapse ends the remission, not the curve: those who relapse stay in the fan until they die, so that later "
        f"on it falls towards those who are cured; treatment after a relapse is not drawn. {SHARES}",
    )
    return fan_figure(words, panels, "months since randomisation")


def _chosen(result: StudyResult, quantity: str) -> list[Picture]:
    """Return the courses of chosen patients, one panel a patient; nothing where none were kept."""
    fan, horizon = _first(result, quantity), result.study.follow_up.horizon_months
    compared = {result.study.control.name, result.study.treatment.name}
    arms = [(arm, colour) for arm, colour in arms_in_order(result) if arm.name in compared]
    known = {(one.patient, one.label) for arm, _ in arms for one in arm.courses if one.quantity == quantity}
    panels = []
    for patient, label in sorted(known):
        courses = tuple(
            FanOfArm(
                label=arm.name,
                colour=colour,
                times=one.times / DAYS_A_MONTH,
                quantiles=_none_left_at_the_bottom(one.values[None, :]),
            )
            for arm, colour in arms
            for one in arm.courses
            if (one.patient, one.quantity) == (patient, quantity)
        )
        if any(np.nanmax(one.quantiles) > NONE_LEFT for one in courses):
            panels.append(_clone_panel(f"Patient {patient} {label}", courses))
    if not panels:
        return []
    words = Words(
        name=f"{anchor(quantity)}-patients",
        title="The same patients under both arms",
        description=f"Predicted {_name(fan)} of {counted(len(panels), 'patient')}, each under both arms, from "
        f"randomisation to month {horizon:g}.",
        caption=f"Predicted {_name(fan)}, logarithmic, of the first patient of each fate who has any, numbered as in "
        "the tables; at the bottom no cell is left. A line ends with the patient's death; treatment after a relapse is "
        "not drawn. Only a simulation can show one person under two treatments.",
    )
    return [fan_figure(words, tuple(panels), "months since randomisation")]


def _clone_panel(title: str, fans: tuple[FanOfArm, ...]) -> Panel:
    highest = max(float(np.nanmax(one.quantiles)) for one in fans)
    high = 10.0 ** np.ceil(np.log10(max(highest, 10.0)))
    return Panel(title=title, fans=fans, ruler=Ruler.LOGARITHMIC, low=NONE_LEFT, high=float(high), floor="none")


def _fans(
    result: StudyResult, quantity: str, shown: Callable[[Floats], Floats], horizon: float
) -> tuple[FanOfArm, ...]:
    fans = []
    for arm, colour in arms_in_order(result):
        for fan in arm.fans:
            if fan.quantity == quantity:
                months = fan.times / DAYS_A_MONTH
                inside = months <= horizon + 1e-9
                fans.append(
                    FanOfArm(
                        label=arm.name,
                        colour=colour,
                        times=months[inside],
                        quantiles=shown(fan.quantiles[:, inside]),
                    )
                )
    return tuple(fans)


def _no_change(values: Floats) -> Floats:
    return values


def _none_left_at_the_bottom(values: Floats) -> Floats:
    return np.asarray(np.where(values < EXTINCT_UP_TO, NONE_LEFT, values), dtype=np.float64)


def _first(result: StudyResult, quantity: str) -> Fan:
    return next(fan for arm in result.arms for fan in arm.fans if fan.quantity == quantity)


def _name(fan: Fan) -> str:
    return fan.meaning or fan.quantity.replace("_", " ")


def _titled(fan: Fan) -> str:
    unit = unit_words(fan.unit)
    return f"{_name(fan)}, {unit}" if unit else _name(fan)


def _table(result: StudyResult, quantities: list[str], horizon: float) -> Table:
    months = [month for month in (1.0, 2.0, 3.0, 6.0, 12.0) if month <= horizon]
    rows = []
    for quantity in quantities:
        for fan in _fans(result, quantity, _no_change, horizon):
            at = [int(np.argmin(np.abs(fan.times - month))) for month in months]
            cells = [_median_and_range(fan.quantiles[:, index]) for index in at]
            rows.append((f"{_titled(_first(result, quantity))}: {fan.label}", *cells))
    return Table(
        caption="Median (5th to 95th percentile) of patients who are alive",
        head=("quantity and arm", *(f"month {month:g}" for month in months)),
        rows=tuple(rows),
    )


def _median_and_range(levels: Floats) -> str:
    if not np.isfinite(levels[2]):
        return "–"
    return f"{shortly(levels[2])} ({shortly(levels[0])} to {shortly(levels[4])})"
