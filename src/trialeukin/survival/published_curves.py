"""Curves of a publication from a user's two tables: points read off them, and the numbers at risk under them."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from narwhals.typing import IntoDataFrame
from numpy.typing import NDArray

from trialeukin.core.arrays import Floats, Integers
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.cells import is_number, label_cells, number_cells, refuse_cells, row
from trialeukin.survival.columns import USUAL_NAMES, in_quotes, usual_column
from trialeukin.survival.reconstruction import Digitised, digitised

ALONE = "all patients"  # the arm of tables without a column of arms
BEYOND = 0.02  # by so much a point may be read above one or below zero: further out it is another scale
RISE = 0.05  # by so much a point may be read above the one before: by more it is no error of reading
MOST_PATIENTS = 100_000  # of an arm: beyond it no trial is, but a slip of the pen
TIME_NAMES = USUAL_NAMES["time"] | {"x"}
ARM_NAMES = USUAL_NAMES["arm"] | {"curve"}
SURVIVAL_NAMES = {"survival", "surv", "surv_prob", "probability", "proportion", "percent", "s", "st", "y"}
PATIENTS_NAMES = {
    *("at risk", "at_risk", "atrisk", "at-risk", "n.risk", "n_risk", "nrisk"),
    *("number at risk", "number_at_risk", "patients", "n", "risk"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveRoles:
    """Names of columns; None: guess.

    Attributes
    ----------
    time, arm : str or None
        In both tables. Tables without arms are of one arm.
    survival : str or None
        Heights of the points.
    patients : str or None
        Numbers at risk.
    """

    time: str | None = None
    arm: str | None = None
    survival: str | None = None
    patients: str | None = None

    def __post_init__(self) -> None:
        for heights in (self.survival, self.patients):
            named = [name for name in (self.time, self.arm, heights) if name is not None]
            if len(set(named)) < len(named):
                raise AnalysisError(f"{in_quotes(named)}: two roles are in one column; give each column one")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurvePoints:
    """Points of one arm.

    Attributes
    ----------
    times, survival : (k,), unit of the table and 1
        Rising, and between 0 and 1; of points at one time the lowest.
    beyond : int
        How many were read just above one or below zero, and are set there.
    """

    times: Floats
    survival: Floats
    beyond: int


def curve_points(
    frame: IntoDataFrame, roles: CurveRoles | None = None, *, in_per_cent: bool = False
) -> dict[str, CurvePoints]:
    """Return the points of each arm, or refuse with the row at fault.

    Parameters
    ----------
    frame : table of pandas, polars, pyarrow or what else narwhals reads
        A row a point.
    roles : CurveRoles
        Its columns; none given: guess them all.
    in_per_cent : bool
        Whether survival is in per cent; else it is a fraction.
    """
    asked = roles or CurveRoles()
    table = _filled(frame, "a point")
    time = _column(table, asked.time, TIME_NAMES, "time", used=_used(asked))
    height = _column(table, asked.survival, SURVIVAL_NAMES, "survival", used=_used(asked) | {time})
    times, survival = _times(table, time), _survival(table, height, in_per_cent=in_per_cent)
    inside = np.clip(survival, 0.0, 1.0)
    found = {}
    for label, rows in _arms(table, asked, used={time, height}):
        lowest_first = rows[np.lexsort((inside[rows], times[rows]))]
        when, first = np.unique(times[lowest_first], return_index=True)
        taken = lowest_first[first]
        _refuse_rise(label, taken, inside)
        if when[-1] == 0.0:
            raise AnalysisError(
                f"arm {label!r}: its only point is at time 0 in {row(int(taken[-1]))}: read the curve to its end"
            )
        found[label] = CurvePoints(
            times=when,
            survival=inside[taken],
            beyond=int((survival[rows] != inside[rows]).sum()),
        )
    return found


def risk_tables(frame: IntoDataFrame, roles: CurveRoles | None = None) -> dict[str, dict[float, int]]:
    """Return the numbers at risk of each arm as {time: patients}, or refuse with the row at fault.

    Parameters
    ----------
    frame : table of pandas, polars, pyarrow or what else narwhals reads
        A row a time and arm; that at time zero is the size of the arm, and may stand alone.
    roles : CurveRoles
        Its columns; none given: guess them all.
    """
    asked = roles or CurveRoles()
    table = _filled(frame, "a time and arm")
    time = _column(table, asked.time, TIME_NAMES, "time", used=_used(asked))
    patients = _column(table, asked.patients, PATIENTS_NAMES, "patients", used=_used(asked) | {time})
    times, counts = _times(table, time), number_cells(table, patients)
    way_out = "a number at risk is a whole number, zero or more, as the paper prints it"
    refuse_cells(patients, counts, (counts < 0.0) | (counts % 1.0 != 0.0), way_out)
    refuse_cells(patients, counts, counts > MOST_PATIENTS, f"an arm has at most {MOST_PATIENTS:,} patients here")
    found = {}
    for label, rows in _arms(table, asked, used={time, patients}):
        rising = rows[np.argsort(times[rows], kind="stable")]
        _refuse_risk_table(label, rising, times, counts)
        found[label] = {float(times[place]): int(counts[place]) for place in rising}
    return found


def published_curves(
    points: Mapping[str, CurvePoints], tables: Mapping[str, Mapping[float, int]], events: Mapping[str, int]
) -> dict[str, Digitised]:
    """Return the curve of each arm, in order of their names, from its points, its risk table and its printed events."""
    if set(points) != set(tables):
        raise AnalysisError(
            f"the points are of {in_quotes(sorted(points))}, the numbers at risk of "
            f"{in_quotes(sorted(tables))}: give both of the same arms, written alike"
        )
    for label in events:
        if label not in points:
            raise AnalysisError(f"events of {label!r}: the arms are {in_quotes(sorted(points))}")
    found = {}
    for label in sorted(points):
        mine = points[label]
        try:
            found[label] = digitised(mine.times, mine.survival, dict(tables[label]), events=events.get(label))
        except AnalysisError as fault:
            raise AnalysisError(f"arm {label!r}: {fault}") from fault
    return found


def _filled(frame: IntoDataFrame, what: str) -> nw.DataFrame[Any]:
    table = nw.from_native(frame, eager_only=True)
    if len(table) == 0:
        raise AnalysisError(f"the table has no rows: give one {what}")
    if all(is_number(name) for name in table.columns):
        raise AnalysisError(f"the first line is {','.join(table.columns)}: put the names of the columns there")
    return table


def _used(roles: CurveRoles) -> set[str]:
    return {name for name in (roles.time, roles.arm, roles.survival, roles.patients) if name is not None}


def _column(table: nw.DataFrame[Any], named: str | None, names: Set[str], role: str, *, used: Set[str]) -> str:
    """Return the column of a role: that named, or the only one that is called so."""
    if named is not None:
        _refuse_unknown(table, named, role)
        return named
    found = usual_column(table.columns, names, role, used=used)
    if found is None:
        raise AnalysisError(
            f"no column is plainly the {role}: say which with --{role}; the table has {in_quotes(table.columns)}"
        )
    return found


def _refuse_unknown(table: nw.DataFrame[Any], named: str, role: str) -> None:
    if named not in table.columns:
        both = ", and names it in both files" if role in {"time", "arm"} else ""
        raise AnalysisError(
            f"no column {named!r}: the table has {in_quotes(table.columns)}; --{role} takes one of these{both}"
        )


def _times(table: nw.DataFrame[Any], name: str) -> Floats:
    times = number_cells(table, name)
    refuse_cells(name, times, times < 0.0, "times are zero or more; write 0 where it was read just before the axis")
    return times


def _survival(table: nw.DataFrame[Any], name: str, *, in_per_cent: bool) -> Floats:
    """Return heights as fractions, which may be a little above one or below zero."""
    read = number_cells(table, name)
    whole = 100.0 if in_per_cent else 1.0
    if in_per_cent and read.max() <= 1.0 + BEYOND:
        raise AnalysisError(
            f"column {name!r} is at most {read.max():g}, with --per-cent {read.max():g} %: these are fractions; leave "
            "--per-cent out"
        )
    allowed = (
        "with --per-cent survival is from 0 to 100"
        if in_per_cent
        else "survival is a fraction from 0 to 1; give --per-cent where the column is in per cent"
    )
    refuse_cells(name, read, (read < -BEYOND * whole) | (read > (1.0 + BEYOND) * whole), allowed)
    return read / whole


def _refuse_rise(label: str, rising: Integers, survival: Floats) -> None:
    """Refuse points that go up; ``rising`` are rows in order of time."""
    rises = np.diff(survival[rising])
    wrong = np.flatnonzero(rises > RISE)
    if wrong.size:
        before, place = (int(rising[at]) for at in (wrong[0], wrong[0] + 1))
        raise AnalysisError(
            f"arm {label!r}: survival rises from {survival[before]:g} in {row(before)} to {survival[place]:g} in "
            f"{row(place)}: a curve never rises, and up to {RISE:g} is taken for an error of reading; read these "
            "points again, or leave the wrong one out"
        )


def _arms(table: nw.DataFrame[Any], roles: CurveRoles, *, used: Set[str]) -> Iterator[tuple[str, Integers]]:
    """Yield each arm with the places of its rows."""
    name = roles.arm
    if name is None:
        name = usual_column(table.columns, ARM_NAMES, "arm", used=used)
    else:
        _refuse_unknown(table, name, "arm")
    labels: NDArray[Any] = np.full(len(table), ALONE) if name is None else label_cells(table, name)
    for label in np.unique(labels):
        yield str(label), np.flatnonzero(labels == label)


def _refuse_risk_table(label: str, rising: Integers, times: Floats, counts: Floats) -> None:
    """Refuse numbers at risk that do not start at zero, come twice or grow; ``rising`` are rows in order of time."""
    if times[rising[0]] != 0.0:
        raise AnalysisError(
            f"arm {label!r}: its numbers at risk start at time {times[rising[0]]:g} in {row(int(rising[0]))}: add that "
            "at time 0, the size of the arm"
        )
    for before, place in zip(rising[:-1].tolist(), rising[1:].tolist(), strict=True):
        if times[place] == times[before]:
            raise AnalysisError(
                f"arm {label!r}: time {times[place]:g} is in {row(before)} and again in {row(place)}: give one number "
                "at risk a time"
            )
        if counts[place] > counts[before]:
            raise AnalysisError(
                f"arm {label!r}: {counts[place]:g} at risk at {times[place]:g} in {row(place)}, after "
                f"{counts[before]:g} at {times[before]:g}: numbers at risk fall; correct the one that is misread"
            )
