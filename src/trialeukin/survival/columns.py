"""A user's table: which column means what, and its arrays; pandas, polars, pyarrow or what else narwhals reads.

A role is guessed from a column's name only where one column alone could have it; nothing is guessed from values.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass, fields, replace
from typing import Any

import narwhals as nw
import numpy as np
from narwhals.typing import IntoDataFrame
from numpy.typing import NDArray

from trialeukin.core.arrays import Booleans, Floats
from trialeukin.core.errors import AnalysisError
from trialeukin.survival.case_weights import CaseWeights, sampling
from trialeukin.survival.cells import censoring_cells, event_cells, label_cells, number_cells, refuse_cells

USUAL_NAMES = {
    "time": {"time", "times", "days", "weeks", "months", "years", "futime", "follow_up", "followup", "aval"},
    "event": {"event", "events", "status", "death", "dead", "died", "fustat", "relapse"},
    "arm": {"arm", "arms", "trt", "treatment", "group", "rx", "trta", "trtp", "trt01p", "trt01a"},
}
CENSORING_NAMES = {"cnsr"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Names of columns.

    Attributes
    ----------
    time, event : str or None
        Follow-up, and whether it ended in the event (1 or True); None: guess.
    censored : str or None
        In place of ``event``: 0 where follow-up ended in the event, 1 or more where it did not, as ADaM's CNSR.
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
    censored: str | None = None

    @property
    def outcome(self) -> str:
        """The column that says how follow-up ended."""
        return str(self.censored or self.event)


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
    times = _times(table, str(taken.time))
    return Patients(
        roles=taken,
        times=times,
        events=event_cells(table, str(taken.event))
        if taken.censored is None
        else censoring_cells(table, taken.censored),
        entry=None if taken.entry is None else _entry(table, taken.entry, times),
        arms=None if taken.arm is None else label_cells(table, taken.arm),
        strata=_joined([label_cells(table, name) for name in taken.strata]),
        covariates=np.hstack([empty, *(columns for _, columns in pieces)]),
        covariate_names=tuple(name for names, _ in pieces for name in names),
        weights=None if taken.weights is None else sampling(_weights(table, taken.weights)),
    )


def _times(table: nw.DataFrame[Any], name: str) -> Floats:
    times = number_cells(table, name)
    refuse_cells(name, times, times < 0.0, "times are zero or more; correct it or leave the patient out")
    return times


def _entry(table: nw.DataFrame[Any], name: str, times: Floats) -> Floats:
    entry = number_cells(table, name)
    way_out = "entry is before the time of the row; leave out patients who were never under observation"
    refuse_cells(name, entry, entry >= times, way_out)
    return entry


def _weights(table: nw.DataFrame[Any], name: str) -> Floats:
    weights = number_cells(table, name)
    refuse_cells(name, weights, weights <= 0.0, "weights are above zero; leave a patient who weighs nothing out")
    return weights


def _settled(columns: tuple[str, ...], roles: Roles) -> Roles:
    asked = _named(roles)
    unknown = [name for name in asked if name not in columns]
    if unknown:
        raise AnalysisError(f"no column {unknown[0]!r}: the table has {in_quotes(columns)}")
    _refuse_inverted(roles)
    used = set(asked)
    found = {field.name: getattr(roles, field.name) for field in fields(Roles)}
    for role, names in USUAL_NAMES.items():
        if role == "event" and roles.censored is not None:
            continue
        if found[role] is None:
            found[role] = usual_column(columns, names, role, used=used)
        if found[role] is None and role != "arm":
            turned = " (or with --censored, if 1 is censored)" if role == "event" else ""
            raise AnalysisError(
                f"no column is plainly the {role}: say which with --{role}{turned}; the table has {in_quotes(columns)}"
            )
    settled = Roles(**found)
    _refuse_twice(settled)
    return settled


def usual_column(columns: Iterable[str], names: Set[str], role: str, *, used: Set[str]) -> str | None:
    """Return the one column not used whose name is among the usual ones of a role; None where there is none."""
    fitting = [name for name in columns if name.lower() in names and name not in used]
    if len(fitting) > 1:
        raise AnalysisError(f"the {role} could be column {in_quotes(fitting, 'or')}: say which with --{role}")
    return fitting[0] if fitting else None


def _named(roles: Roles) -> list[str]:
    single = (roles.time, roles.event, roles.censored, roles.arm, roles.entry, roles.weights)
    return [name for name in (*single, *roles.strata, *roles.covariates) if name is not None]


def _refuse_inverted(roles: Roles) -> None:
    if roles.event is not None and roles.censored is not None:
        raise AnalysisError(
            f"event {roles.event!r} beside censored {roles.censored!r}: they are one column and its reverse; give one"
        )
    if roles.event is not None and roles.event.lower() in CENSORING_NAMES:
        raise AnalysisError(
            f"column {roles.event!r} as the event: in ADaM it is the reverse, 0 at an event and 1 or more where "
            f"censored; give --censored {roles.event}, or rename it if it is 1 at an event"
        )


def _refuse_twice(roles: Roles) -> None:
    used = _named(roles)
    twice = next((name for name in used if used.count(name) > 1), None)
    if twice is not None:
        raise AnalysisError(f"column {twice!r} has two roles: give each column one")


def in_quotes(names: Iterable[str], last: str = "and") -> str:
    """Return names as a list, each in quotes."""
    quoted = [repr(name) for name in names]
    return (
        quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}" if quoted else "no columns"
    )


def _joined(columns: list[NDArray[Any]]) -> NDArray[Any] | None:
    return np.array([" / ".join(row) for row in zip(*columns, strict=True)]) if columns else None


def _coded(table: nw.DataFrame[Any], name: str) -> tuple[tuple[str, ...], Floats]:
    if table.get_column(name).dtype.is_numeric():
        values = number_cells(table, name)
        _refuse_constant(name, f"{values[0]:g}", varies=bool(np.ptp(values) > 0.0))
        return (name,), values[:, None]
    labels = label_cells(table, name)
    kinds = np.unique(labels)
    _refuse_constant(name, repr(str(kinds[0])), varies=kinds.size > 1)
    return tuple(f"{name}: {kind}" for kind in kinds[1:]), (labels[:, None] == kinds[1:]).astype(np.float64)


def _refuse_constant(name: str, value: str, *, varies: bool) -> None:
    if not varies:
        raise AnalysisError(
            f"column {name!r} is {value} for every patient: it says nothing of the hazard; leave it out"
        )
