"""What the report says of blood samples."""

from dataclasses import replace

import numpy as np
import pytest

from trialeukin.report.laboratory_table import MOST_OPEN, laboratory_tables
from trialeukin.report.response_section import response_section
from trialeukin.trial.laboratory.assay import Results
from trialeukin.trial.laboratory.catalogue import assay
from trialeukin.trial.laboratory.collect import LaboratoryTable
from trialeukin.trial.result import StudyResult


def sampled(arm: str, visits: int = 2) -> LaboratoryTable:
    """Five patients, one of whom missed the first visit and one of whom is below the limit there; none at the last."""
    test = assay("IL-2 immunoassay")
    values = np.tile(np.array([10.0, 20.0, 30.0, 40.0, 999.0])[:, None], (1, visits))
    there = np.ones((5, visits), dtype=np.bool_)
    there[4, 0] = False
    there[:, -1] = False
    below = np.zeros_like(there)
    below[0, 0] = True
    values[0, 0] = np.nan
    return LaboratoryTable(
        arm=arm,
        planned=np.arange(visits) * 7.0,
        drawn=np.tile(np.arange(visits) * 7.0, (5, 1)),
        sampled=there,
        results={test: Results(values=values, below=below, above=np.zeros_like(there))},
    )


def test_results_stand_by_test_day_and_arm(result: StudyResult) -> None:
    found = replace(result, laboratory=(sampled("interleukin-2"), sampled("observation")))

    (table,) = laboratory_tables(found)

    limit = assay("IL-2 immunoassay").lower_limit
    assert limit is not None
    name = f"IL-2 immunoassay, {assay('IL-2 immunoassay').unit}"
    low, median, high = np.quantile([limit.value, 20.0, 30.0, 40.0], (0.25, 0.5, 0.75))
    assert table.rows[0] == (name, "0", "interleukin-2", "4", f"{median:g}", f"{low:g} to {high:g}", "1")
    assert table.rows[2] == (name, "7", "interleukin-2", "0", "–", "–", "–")
    assert [row[2] for row in table.rows] == ["interleukin-2", "observation"] * 2
    assert table in response_section(found).blocks


@pytest.mark.parametrize(("visits", "folded"), [(MOST_OPEN, False), (MOST_OPEN + 1, True)])
def test_a_long_table_is_folded(result: StudyResult, visits: int, *, folded: bool) -> None:
    (table,) = laboratory_tables(replace(result, laboratory=(sampled("interleukin-2", visits),)))

    assert table.folded is folded


def test_a_study_without_tests_has_no_such_table(result: StudyResult) -> None:
    assert laboratory_tables(result) == ()
