"""What the laboratory reports of blood samples, by test, day and arm."""

import numpy as np

from trialeukin.report.table import Table
from trialeukin.report.wording import shortly
from trialeukin.trial.laboratory.assay import Assay
from trialeukin.trial.laboratory.collect import LaboratoryTable
from trialeukin.trial.result import StudyResult

MOST_OPEN = 24  # rows that are shown without being asked for


def laboratory_tables(result: StudyResult) -> tuple[Table, ...]:
    """Return a table of results; none where the study names no tests."""
    if not result.laboratory:
        return ()
    rows = tuple(
        _row(table, test, visit)
        for test in result.laboratory[0].results
        for visit in range(result.laboratory[0].planned.size)
        for table in result.laboratory
    )
    table = Table(
        caption="Laboratory results as they are reported, with errors of measurement and missing samples; results "
        "beyond an assay's limit count at it; days from randomisation as planned. Each result: laboratory.parquet",
        head=("test", "day", "arm", "samples", "median", "middle half", "beyond a limit"),
        rows=rows,
        numeric=(False, True, False, True, True, True, True),
        folded=len(rows) > MOST_OPEN,
    )
    return (table,)


def _row(table: LaboratoryTable, test: Assay, visit: int) -> tuple[str, ...]:
    there = table.sampled[:, visit]
    results = table.results[test]
    below, above = results.below[there, visit], results.above[there, visit]
    values = results.values[there, visit].copy()
    if test.lower_limit is not None:
        values[below] = test.lower_limit.value
    if test.upper_limit is not None:
        values[above] = test.upper_limit.value
    name = (f"{test.name}, {test.unit}", f"{table.planned[visit]:g}", table.arm, f"{values.size:,}")
    if not values.size:
        return (*name, "–", "–", "–")
    low, median, high = (shortly(float(mark)) for mark in np.quantile(values, (0.25, 0.5, 0.75)))
    return (*name, median, f"{low} to {high}", f"{int((below | above).sum()):,}")
