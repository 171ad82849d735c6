"""A user's table: which column means what, and its arrays; pandas, polars, pyarrow or what else narwhals reads.

A role is guessed from a column's name only where one column alone could have it; nothing is guessed from values.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import narwhals as nw
import numpy as np
from narwhals.typing import IntoDataFrame
from numpy.typing import NDArray

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.case_weights import CaseWeights, sampling

USUAL_NAMES = {
    "time": {"time", "times", "days", "weeks", "months", "years", "futime", "follow_up", "followup", "aval"},
    "event": {"event", "events", "status", "death", "dead", "died", "fustat", "relapse"},
    "arm": {"arm", "arms", "trt", "treatment", "group", "rx", "trta", "trtp", "trt01p", "trt01a"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Names of columns.

    Attributes
    ----------
    time, event : str or None
        Follow-up, and whether it ended in the event (1 or True); None: guess.
    arm : str or None
        Arm; None: guess, or describe all patients together if no name fits.
    entry, weights : str or None
        When the patient came under observation; None: at zero. What a patient stands for, above zero; None: one each.
    strata, covariates : tuple of str
        Columns whose combinations are strata; columns the hazard ratio is adjusted for.
    """

    time: str | None = None
    event: str | None = None
    arm: str | None = None
    entry: str | None = None
    weights: str | None = None
    strata: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patients:
    """Columns of n patients by role.

    Attributes
    ----------
    roles : Roles
        The columns taken, guesses included.
    times, entry : (n,), unit of the table
        Follow-up; entry may be None.
    events : (n,), 1
        As the table has them.
    arms, strata : (n,) or None
        Labels as text; strata joined by " / ".
    covariates : (n, p)
        Categories as columns of 0 and 1, the first in sorted order left out.
    covariate_names : tuple of str
        One a column of covariates.
    weights : CaseWeights or None
        Of sampling (or inverse probability): what each patient stands for.
    """

    roles: Roles
    times: Floats
    events: NDArray[Any]
    entry: Floats | None
    arms: NDArray[Any] | None
    strata: NDArray[Any] | None
    covariates: Floats
    covariate_names: tuple[str, ...]
    weights: CaseWeights | None = None

    def where(self, chosen: Booleans) -> "Patients":
        """Return chosen patients, without covariates that no longer vary among them."""
        columns = self.covariates[chosen]
        varies = np.ptp(columns, axis=0) > 0.0
        return replace(
            self,
            times=self.times[chosen],
            events=self.events[chosen],
            entry=None if self.entry is None else self.entry[chosen],
            arms=None if self.arms is None else self.arms[chosen],
            strata=None if self.strata is None else self.strata[chosen],
            covariates=columns[:, varies],
            weights=None if self.weights is None else self.weights.where(chosen),
            covariate_names=tuple(name for name, kept in zip(self.covariate_names, varies, strict=True) if kept),
        )


def patients_of(frame: IntoDataFrame, roles: Roles) -> Patients:
    """Read a table's columns by their roles, or refuse with the columns there are."""
    table = nw.from_native(frame, eager_only=True)
    taken = _settled(tuple(table.columns), roles)
    if len(table) == 0:
        raise AnalysisError("the table has no rows: give one a patient")
    pieces = [_coded(table, name) for name in taken.covariates]
    empty = np.empty((len(table), 0))
    return Patients(
        roles=taken,
        times=_numbers(table, str(taken.time)),
        events=_events(table, str(taken.event)),
        entry=None if taken.entry is None else _numbers(table, taken.entry),
        arms=None if taken.arm is None else _labels(table, taken.arm),
        strata=_joined([_labels(table, name) for name in taken.strata]),
        covariates=np.hstack([empty, *(columns for _, columns in pieces)]),
        covariate_names=tuple(name for names, _ in pieces for name in names),
        weights=None if taken.weights is None else sampling(_numbers(table, taken.weights)),
    )


def _settled(columns: tuple[str, ...], roles: Roles) -> Roles:
    asked = [roles.time, roles.event, roles.arm, roles.entry, roles.weights, *roles.strata, *roles.covariates]
    unknown = [name for name in asked if name is not None and name not in columns]
    if unknown:
        raise AnalysisError(f"no column {unknown[0]!r}: the table has {_listed(columns)}")
    used = {name for name in asked if name is not None}
    found = {field.name: getattr(roles, field.name) for field in fields(Roles)}
    for role, names in USUAL_NAMES.items():
        if found[role] is None:
            fitting = [name for name in columns if name.lower() in names and name not in used]
            if len(fitting) > 1:
                raise AnalysisError(f"the {role} could be column {_listed(fitting, 'or')}: say which with --{role}")
            found[role] = fitting[0] if fitting else None
        if found[role] is None and role != "arm":
            raise AnalysisError(
                f"no column is plainly the {role}: say which with --{role}; the table has {_listed(columns)}"
            )
    settled = Roles(**found)
    _refuse_twice(settled)
    return settled


def _refuse_twice(roles: Roles) -> None:
    single = [roles.time, roles.event, roles.arm, roles.entry, roles.weights]
    used = [name for name in (*single, *roles.strata, *roles.covariates) if name is not None]
    twice = next((name for name in used if used.count(name) > 1), None)
    if twice is not None:
        raise AnalysisError(f"column {twice!r} has two roles: give each column one")


def _listed(names: Any, last: str = "and") -> str:
    quoted = [repr(name) for name in names]
    return (
        quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}" if quoted else "no columns"
    )


def _column(table: nw.DataFrame[Any], name: str) -> nw.Series[Any]:
    column = table.get_column(name)
    missing = column.is_null()
    if column.dtype.is_float():
        missing = missing | column.is_nan().fill_null(value=False)
    count = int(missing.sum())
    if count:
        first = int(np.flatnonzero(missing.to_numpy())[0]) + 1
        raise AnalysisError(
            f"column {name!r} lacks {count} of {len(column)} values (first in row {first}): "
            "leave those rows out, or the column"
        )
    return column


def _numbers(table: nw.DataFrame[Any], name: str) -> Floats:
    column = _column(table, name)
    if not column.dtype.is_numeric():
        shown = column.to_list()[0]
        raise AnalysisError(
            f"column {name!r} holds {shown!r}: give numbers, all in one unit (dates: subtract them first)"
        )
    return np.asarray(column.to_numpy(), dtype=np.float64)


def _events(table: nw.DataFrame[Any], name: str) -> NDArray[Any]:
    column = _column(table, name)
    if not (column.dtype.is_numeric() or column.dtype == nw.Boolean):
        shown = column.to_list()[0]
        raise AnalysisError(
            f"column {name!r} holds {shown!r}: allowed are 0 (censored) and 1 (event); recode the words"
        )
    return column.to_numpy()


def _labels(table: nw.DataFrame[Any], name: str) -> NDArray[Any]:
    return np.array([str(value) for value in _column(table, name).to_list()])


def _joined(columns: list[NDArray[Any]]) -> NDArray[Any] | None:
    return np.array([" / ".join(row) for row in zip(*columns, strict=True)]) if columns else None


def _coded(table: nw.DataFrame[Any], name: str) -> tuple[tuple[str, ...], Floats]:
    column = _column(table, name)
    if column.dtype.is_numeric():
        return (name,), _numbers(table, name)[:, None]
    labels = _labels(table, name)
    kinds = np.unique(labels)
    if kinds.size == 1:
        raise AnalysisError(
            f"column {name!r} is {str(kinds[0])!r} for every patient: it says nothing of the hazard; leave it out"
        )
    return tuple(f"{name}: {kind}" for kind in kinds[1:]), (labels[:, None] == kinds[1:]).astype(np.float64)
