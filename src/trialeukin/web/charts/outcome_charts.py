"""What became of the virtual patients of a run: survival with its risk table, and how remissions ended."""

from pathlib import Path

import duckdb
import numpy as np

from trialeukin.core.arrays import Floats
from trialeukin.report.palette import Colour, arm_colour
from trialeukin.report.picture import Words
from trialeukin.report.table import Table
from trialeukin.report.wording import percent
from trialeukin.survival.kaplan_meier import kaplan_meier
from trialeukin.web.charts.chart import Chart, Trace, numbers, token

NAMES = {"LFS": "Leukaemia-free survival", "OS": "Overall survival"}
RISK_TIMES = 7
POINTS = 400
QUERY = """
    SELECT TRT01P, AVAL, 1 - CNSR, EVNTDESC FROM read_parquet(?) WHERE PARAMCD = ? ORDER BY TRT01P, AVAL
"""
Times = dict[str, tuple[Floats, Floats, list[str]]]


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
        arm: (np.array([row[1] for row in mine]), np.array([float(row[2]) for row in mine]), [row[3] for row in mine])
        for arm, mine in rows.items()
        if mine
    }


def _survival(code: str, times: Times) -> Chart:
    horizon = max(float(months.max()) for months, _, _ in times.values())
    shown = np.linspace(0.0, horizon, RISK_TIMES)
    traces: list[Trace] = []
    rows = []
    for place, (arm, (months, events, _)) in enumerate(times.items()):
        curve = kaplan_meier(months, events.astype(bool))
        traces.extend(_steps(arm, arm_colour(place), np.asarray(curve.times), np.asarray(curve.survival), horizon))
        at = [_value_at(np.asarray(curve.times), np.asarray(curve.survival), 1.0, month) for month in shown]
        risk = [int((months >= month).sum()) for month in shown]
        rows.append((arm, *(f"{percent(value)} ({left:,})" for value, left in zip(at, risk, strict=True))))
    return Chart(
        words=Words(
            name=code.lower(),
            title=NAMES[code],
            description=f"Kaplan-Meier curves to month {horizon:.0f}; at the end "
            + "; ".join(f"{row[0]} {row[-1].split(' (')[0]}" for row in rows)
            + ".",
            caption="Kaplan-Meier curves of the whole virtual population at the typical parameters; the table has the "
            "numbers at risk in brackets.",
        ),
        traces=tuple(traces),
        layout=_layout(),
        table=Table(
            caption=f"{NAMES[code]}, % (patients at risk)",
            head=("arm", *(f"month {month:.0f}" for month in shown)),
            rows=tuple(rows),
        ),
        height=360,
    )


def _incidence(times: Times) -> Chart:
    horizon = max(float(months.max()) for months, _, _ in times.values())
    shown = np.linspace(0.0, horizon, RISK_TIMES)
    traces: list[Trace] = []
    rows = []
    for place, (arm, (months, events, kinds)) in enumerate(times.items()):
        for kind, dash in (("relapse", "solid"), ("death in remission", "dot")):
            relapse = np.array(["relapse" in each for each in kinds])
            counted = events.astype(bool) & (relapse if kind == "relapse" else ~relapse)
            edges = np.unique(months[counted])
            share = np.array([counted[months <= month].sum() for month in edges]) / months.size
            line = {"color": token(arm_colour(place)), "dash": dash, "shape": "hv"}
            x, y = _thinned(np.append(0.0, edges), np.append(0.0, share))
            traces.append({"x": x, "y": y, "mode": "lines", "name": f"{arm}, {kind}", "line": line})
            rows.append((f"{arm}: {kind}", *(percent(_value_at(edges, share, 0.0, month)) for month in shown)))
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
        layout=_layout(),
        table=Table(
            caption="Cumulative incidence",
            head=("arm and event", *(f"month {month:.0f}" for month in shown)),
            rows=tuple(rows),
        ),
        height=360,
    )


def _layout() -> dict[str, object]:
    return {
        "xaxis": {"title": {"text": "months since randomisation"}, "rangemode": "tozero"},
        "yaxis": {"range": [0, 1.01], "tickformat": ".0%"},
        "showlegend": True,
    }


def _steps(arm: str, colour: Colour, times: Floats, survival: Floats, horizon: float) -> list[Trace]:
    x, y = _thinned(np.concatenate(([0.0], times, [horizon])), np.concatenate(([1.0], survival, survival[-1:])))
    return [{"x": x, "y": y, "mode": "lines", "name": arm, "line": {"color": token(colour), "shape": "hv"}}]


def _thinned(times: Floats, values: Floats) -> tuple[list[float], list[float]]:
    """Return a step curve with no more jumps than a screen shows."""
    kept = np.unique(np.linspace(0, times.size - 1, min(times.size, POINTS)).astype(int))
    return numbers(times[kept]), numbers(values[kept])


def _value_at(times: Floats, values: Floats, before: float, month: float) -> float:
    place = int(np.searchsorted(times, month, side="right")) - 1
    return before if place < 0 else float(values[place])
