"""Survival curves of a user's table as a table of the same kind: pandas gives pandas, polars gives polars."""

import narwhals as nw
import numpy as np
from narwhals.typing import IntoDataFrameT

from trialeukin.survival.columns import Roles, patients_of
from trialeukin.survival.kaplan_meier import kaplan_meier


def kaplan_meier_frame(frame: IntoDataFrameT, roles: Roles) -> IntoDataFrameT:
    """Return Kaplan-Meier curves as a table of the kind given, a row a time and arm.

    Columns: arm (absent where the table has none), time, at_risk, events, censored, survival, standard_error,
    lower and upper (pointwise 95 %, log-log).

    Parameters
    ----------
    frame : table
        Anything narwhals reads eagerly.
    roles : Roles
        Which column means what; a role left out is guessed from the names where one column alone could have it.
    """
    data = patients_of(frame, roles)
    labels = np.array(["all"]) if data.arms is None else np.unique(data.arms)
    columns: dict[str, list[object]] = {}
    for label in labels:
        members = np.ones(data.times.size, dtype=np.bool_) if data.arms is None else data.arms == label
        entry = None if data.entry is None else data.entry[members]
        weights = None if data.weights is None else data.weights.where(members)
        curve = kaplan_meier(data.times[members], data.events[members], entry=entry, weights=weights)
        lower, upper = curve.interval()
        rows = {
            "arm": np.full(curve.times.size, label),
            "time": curve.times,
            "at_risk": curve.at_risk,
            "events": curve.events,
            "censored": curve.censored,
            "survival": curve.survival,
            "standard_error": curve.standard_error,
            "lower": lower,
            "upper": upper,
        }
        for name, values in rows.items():
            columns.setdefault(name, []).extend(values.tolist())
    if data.arms is None:
        del columns["arm"]
    backend = nw.from_native(frame, eager_only=True).implementation
    curves: IntoDataFrameT = nw.from_dict(columns, backend=backend).to_native()
    return curves
