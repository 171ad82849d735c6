"""In whom a run's treatment acts: a table from its summary."""

from collections.abc import Mapping
from typing import Any

from trialeukin.core.counting import counted
from trialeukin.report.group_words import group_labels, patients_needed
from trialeukin.report.table import Table
from trialeukin.report.wording import percent, rounded, signed

EVERYBODY = "all patients"
NOTHING = "–"


def who_table(summary: Mapping[str, Any]) -> Table:
    """Return a row a group of patients: its share, the months it gains, its hazard ratio, and what trials find in it.

    Parameters
    ----------
    summary : mapping
        Of a run, with what `trialeukin.store.in_whom_document` writes.
    """
    found = summary["in_whom"]
    whole = summary["endpoints"][found["endpoint"]]
    everybody = (
        EVERYBODY,
        "100 %",
        _gained(found),
        _ratio(whole),
        percent(whole["power"], 1),
        patients_needed(found["patients_needed"]),
    )
    rows = [
        (
            label,
            percent(group["share"]),
            _gained(group),
            _ratio(group),
            percent(group["power"]["value"], 1),
            patients_needed(group["patients_needed"]),
        )
        for split in found["splits"]
        for label, group in zip(
            group_labels(split["covariate"], split["cut"]), (split["without"], split["having"]), strict=True
        )
    ]
    return Table(
        caption=f"{found['endpoint'].upper()} up to {counted(found['months'], 'month')}: months gained"
        f"{', in brackets over the parameters' if found['months_gained_over_parameters'] else ''}; how often "
        "this study's trial finds a benefit in the group; patients of a trial of the group alone",
        head=("group", "share", "months gained", "hazard ratio", "found", "needed"),
        rows=(everybody, *rows),
    )


def _ratio(found: Mapping[str, Any]) -> str:
    ratio = found["hazard_ratio_at_typical_parameters"]
    return NOTHING if ratio is None else rounded(ratio, 2)


def _gained(found: Mapping[str, Any]) -> str:
    limits, value = found["months_gained_over_parameters"], found["months_gained"]["value"]
    over = f" ({signed(limits['lower'], 1)} to {signed(limits['upper'], 1)})" if limits else ""
    return NOTHING if value is None else f"{signed(value, 1)}{over}"
