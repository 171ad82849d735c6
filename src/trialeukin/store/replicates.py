"""Replicate trials as columns for a Parquet file: what each found, and what its test decided."""

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from trialeukin.core.arrays import Booleans, Integers
from trialeukin.store.columns import nullable, repeated_names
from trialeukin.trial.replicate_rows import TYPICAL
from trialeukin.trial.result import EndpointResult, StudyResult

GROUPS = ("typical", "drawn")
DECISIONS = ("not significant", "treatment better", "control better")
UNITS = {"hazard_ratio": "1", "log_hazard_ratio": "1", "standard_error": "1", "z": "1", "rmst_difference": "month"}


def replicates(result: StudyResult) -> pa.Table:
    """Return one row a replicate trial, treatment and endpoint.

    ``parameters`` is ``typical`` for the trials that power is counted in, and ``drawn`` for those whose hazard ratios
    make the predictive interval; ``draw`` numbers the parameters of the latter. ``decision`` is that of the two-sided
    log-rank test at the study's level, whatever other treatments show; empty where the trial saw too little for one.
    """
    alpha = result.study.analysis.alpha
    parts = [_of(name, found, alpha) for name, endpoints in result.comparisons.items() for found in endpoints]
    return (
        pa.concat_tables(parts)
        .unify_dictionaries()
        .replace_schema_metadata({f"unit of {name}": unit for name, unit in UNITS.items()})
    )


def _of(treatment: str, found: EndpointResult, alpha: float) -> pa.Table:
    rows, limit = found.trials, float(ndtri(1.0 - alpha / 2.0))
    count, typical = rows.draw.size, rows.draw == TYPICAL
    decided = (rows.z < -limit) + 2 * (rows.z > limit)
    return pa.table(
        {
            "treatment": repeated_names(treatment, count),
            "PARAMCD": repeated_names(found.endpoint.value.upper(), count),
            "parameters": _words(np.where(typical, 0, 1), GROUPS),
            "draw": pa.array(rows.draw, mask=typical),
            "patients": pa.array(rows.patients),
            "randomisation": pa.array(rows.randomisation),
            "hazard_ratio": nullable(np.exp(rows.log_ratio)),
            "log_hazard_ratio": nullable(rows.log_ratio),
            "standard_error": nullable(rows.error),
            "z": nullable(rows.z),
            "decision": _words(decided, DECISIONS, missing=np.isnan(rows.z)),
            "rmst_difference": nullable(rows.restricted),
            "rmst_months": pa.array(np.full(count, found.restricted_to)),
            "events_control": pa.array(rows.events[:, 0]),
            "events_treatment": pa.array(rows.events[:, 1]),
        }
    )


def _words(codes: Integers, words: tuple[str, ...], missing: Booleans | None = None) -> pa.Array:
    places = pa.array(codes.astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(places, pa.array(words, pa.string()))
