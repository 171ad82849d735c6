"""What became of the virtual patients of a run: survival with its risk table, and how remissions ended."""

from pathlib import Path

import duckdb
import numpy as np

from trialeukin.core.arrays import Booleans, Floats, Integers
from trialeukin.report.axes import month_ticks
from trialeukin.report.palette import Colour, arm_colour
from trialeukin.report.picture import Screen, Words
from trialeukin.report.table import Table
from trialeukin.report.wording import percent
from trialeukin.survival.competing_risks import cumulative_incidence
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.survival.risk_table import numbers_at_risk
from trialeukin.web.charts.chart import Chart, Trace, numbers, token

NAMES = {"LFS": "Leukaemia-free survival", "OS": "Overall survival"}
ENDINGS = (("relapse", "solid"), ("death in remission", "dot"))
POINTS = 400
QUERY = """
    SELECT TRT01P, AVAL, 1 - CNSR, EVNTDESC FROM read_parquet(?) WHERE PARAMCD = ? ORDER BY TRT01P, AVAL
"""
Times = dict[str, tuple[Floats, Booleans, list[str]]]


def outcome_charts(directory: Path, arms: list[str]) -> tuple[Chart, ...]:
    """Return survival by arm, then the cumulative incidence of relapse and of death in remission.

    Parameters
    ----------
    directory : Path
        A whole run.
    arms : list of str
        Names of its arms, the control first.
    """
    times = {code: _times(directory, code, arms) for code in NAMES}
    return (*(_survival(code, each) for code, each in times.items()), _incidence(times["LFS"]))


def _times(directory: Path, code: str, arms: list[str]) -> Times:
    """Return the months, events and their kinds of each arm."""
    with duckdb.connect() as connection:
        found = connection.execute(QUERY, [str(directory / "events.parquet"), code]).fetchall()
    rows = {arm: [row for row in found if row[0] == arm] for arm in arms}
    return {
        arm: (np.array([row[1] for row in mine]), np.array([row[2] == 1 for row in mine]), [row[3] for row in mine])
        for arm, mine in rows.items()
        if mine
    }


def _survival(code: str, times: Times) -> Chart:
    horizon = max(float(months.max()) for months, _, _ in times.values())
    shown = _months(horizon)
    traces: list[Trace] = []
    rows, risk = [], []
    for place, (arm, (months, events, _)) in enumerate(times.items()):
        curve = kaplan_meier(months, events)
        traces.append(_steps(arm, arm_colour(place), curve.times, curve.survival))
        rows.append((arm, *map(percent, curve.at(shown))))
        risk.append((arm, *(f"{left:,}" for left in numbers_at_risk(months, shown))))
    head = ("arm", *(f"month {month:g}" for month in shown))
    return Chart(
        words=Words(
            name=code.lower(),
            title=NAMES[code],
            description=f"Kaplan-Meier curves to month {horizon:.0f}; at the end "
            + "; ".join(f"{row[0]} {row[-1]}" for row in rows)
            + ".",
            caption="Kaplan-Meier curves of the whole virtual population at the typical parameters, everybody "
            "followed to the horizon.",
        ),
        traces=tuple(traces),
        layout=_layout(horizon),
        table=Table(caption=f"{NAMES[code]}, %", head=head, rows=tuple(rows)),
        height=360,
        below=Table(
            caption="Patients at risk, by month", head=("arm", *(f"{month:g}" for month in shown)), rows=tuple(risk)
        ),
    )


def _incidence(times: Times) -> Chart:
    horizon = max(float(months.max()) for months, _, _ in times.values())
    shown = _months(horizon)
    traces: list[Trace] = []
    rows = []
    for place, (arm, (months, events, kinds)) in enumerate(times.items()):
        curves = cumulative_incidence(months, _causes(events, kinds))
        for code, (kind, dash) in enumerate(ENDINGS, start=1):
            nobody = code not in curves.causes
            share = np.zeros(curves.times.size) if nobody else curves.at(code, curves.times)
            line = {"color": token(arm_colour(place)), "dash": dash, "shape": "hv"}
            x, y = _thinned(np.append(0.0, curves.times), np.append(0.0, share))
            traces.append({"x": x, "y": y, "mode": "lines", "name": f"{arm}, {kind}", "line": line})
            rows.append((f"{arm}: {kind}", *map(percent, np.zeros(shown.size) if nobody else curves.at(code, shown))))
    return Chart(
        words=Words(
            name="incidence",
            title="How remissions end",
            description="Cumulative incidence of relapse and of death in remission by arm; at the end "
            + "; ".join(f"{row[0]} {row[-1]}" for row in rows)
            + ".",
            caption="Share of all virtual patients, everybody followed to the horizon.",
        ),
        traces=tuple(traces),
        layout=_layout(horizon),
        table=Table(
            caption="Cumulative incidence",
            head=("arm and event", *(f"month {month:g}" for month in shown)),
            rows=tuple(rows),
        ),
        height=360,
    )


def _months(horizon: float) -> Floats:
    """Return round months up to a horizon, and the horizon itself to a tenth of a month."""
    return np.unique([*month_ticks(horizon, Screen.DESK), np.floor(10.0 * horizon) / 10.0])


def _layout(horizon: float) -> dict[str, object]:
    ticks = month_ticks(horizon, Screen.DESK)
    return {
        "xaxis": {"title": {"text": "months since randomisation"}, "rangemode": "tozero", "tickvals": ticks},
        "yaxis": {"range": [0, 1.01], "tickformat": ".0%"},
        "showlegend": True,
    }


def _causes(events: Booleans, kinds: list[str]) -> Integers:
    """Return what ended each remission, as a place in `ENDINGS` from one; zero for nothing."""
    relapsed = np.array(["relapse" in kind for kind in kinds])
    return np.where(events, np.where(relapsed, 1, 2), 0)


def _steps(arm: str, colour: Colour, times: Floats, survival: Floats) -> Trace:
    x, y = _thinned(np.append(0.0, times), np.append(1.0, survival))
    return {"x": x, "y": y, "mode": "lines", "name": arm, "line": {"color": token(colour), "shape": "hv"}}


def _thinned(times: Floats, values: Floats) -> tuple[list[float], list[float]]:
    """Return a step curve with no more jumps than a screen shows."""
    kept = np.unique(np.linspace(0, times.size - 1, min(times.size, POINTS)).astype(int))
    return numbers(times[kept]), numbers(values[kept])
