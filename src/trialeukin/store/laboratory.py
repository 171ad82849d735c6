"""Laboratory results as columns for a Parquet file."""

import numpy as np
import pyarrow as pa

from trialeukin.store.columns import nullable, repeated_names, subjects
from trialeukin.trial.laboratory.assay import Assay
from trialeukin.trial.laboratory.collect import LaboratoryTable
from trialeukin.trial.result import StudyResult

WORDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        *((name, WORDS) for name in ("STUDYID", "USUBJID", "TRT01P", "PARAM", "AVALU")),
        *((name, pa.float64()) for name in ("planned_day", "day", "AVAL")),
        *((name, pa.bool_()) for name in ("below_limit", "above_limit")),
        *((name, pa.float64()) for name in ("lower_limit", "upper_limit")),
    ]
)


def laboratory(result: StudyResult) -> pa.Table:
    """Return one row a sample and test, in the shape of CDISC's ADLB; none where the study names no tests.

    AVAL is empty where the result is below or above a limit of the assay; days count from randomisation.
    """
    names = subjects(result)
    parts = [
        _part(result.study.study.name, names, table, test) for table in result.laboratory for test in table.results
    ]
    return pa.concat_tables(parts).unify_dictionaries() if parts else SCHEMA.empty_table()


def _part(study: str, names: list[str], table: LaboratoryTable, test: Assay) -> pa.Table:
    results, there = table.results[test], table.sampled
    patient, visit = np.nonzero(there)
    limits = (test.lower_limit, test.upper_limit)

    def same(text: str) -> pa.Array:
        return repeated_names(text, patient.size)

    def limit(place: int) -> pa.Array:
        bound = limits[place]
        return pa.array([None if bound is None else bound.value] * patient.size, pa.float64())

    return pa.table(
        {
            "STUDYID": same(study),
            "USUBJID": pa.DictionaryArray.from_arrays(pa.array(patient.astype(np.int32)), pa.array(names, pa.string())),
            "TRT01P": same(table.arm),
            "PARAM": same(test.name),
            "AVALU": same(test.unit),
            "planned_day": pa.array(table.planned[visit]),
            "day": pa.array(table.drawn[there]),
            "AVAL": nullable(results.values[there]),
            "below_limit": pa.array(results.below[there]),
            "above_limit": pa.array(results.above[there]),
            "lower_limit": limit(0),
            "upper_limit": limit(1),
        },
        schema=SCHEMA,
    )
