"""What a model makes of dosing records, as JSON and as a table of comma-separated text."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from trialeukin.engine.records_text import shortest
from trialeukin.store.finite import finite
from trialeukin.trial.changed_background import Shown
from trialeukin.trial.followed_records import FollowedRecords
from trialeukin.trial.record_exposure import NUMBERS, DoseExposure, units_of_exposure

MISSING = "."
PREDICTED, MEASURED = "predicted", "DV"


def answer_head(found: FollowedRecords) -> tuple[str, ...]:
    """Return the columns of `answer_rows`; what was measured, and its distance from the first quantity, if any was."""
    names = tuple(each.name for each in found.quantities)
    return ("ID", "TIME", *names, *(("DV", "RES") if _is_measured(found) else ()))


def answer_rows(found: FollowedRecords) -> list[tuple[float, ...]]:
    """Return a row for each record that asks and each time of the grid; NaN where there is no number."""
    columns = [found.patients, found.times, *found.answers.T]
    if _is_measured(found):
        columns += [found.observed, found.observed - found.answers[:, 0]]
    return list(zip(*(column[found.shown].tolist() for column in columns), strict=True))


def exposure_head() -> tuple[str, ...]:
    """Return the columns of `exposure_rows`."""
    return ("ID", "DOSE", "TIME", "OF", "N", *NUMBERS)


def exposure_rows(exposures: Iterable[DoseExposure]) -> list[tuple[float | str, ...]]:
    """Return a row for each profile: whose, after which dose, when that was given, of what, how many points."""
    return [
        (
            each.occasion.patient,
            each.occasion.number,
            each.occasion.time,
            MEASURED if each.measured else PREDICTED,
            each.points,
            *each.numbers.values(),
        )
        for each in exposures
    ]


def answer_csv(found: FollowedRecords) -> str:
    """Return `answer_rows` as NONMEM and R read them: a missing number is a dot."""
    return _csv(answer_head(found), answer_rows(found))


def exposure_csv(exposures: Iterable[DoseExposure]) -> str:
    """Return `exposure_rows`, written likewise."""
    return _csv(exposure_head(), exposure_rows(exposures))


def followed_document(
    found: FollowedRecords,
    exposures: Iterable[DoseExposure] | None,
    changed: Iterable[Shown],
    individual: Iterable[str],
) -> dict[str, Any]:
    """Return all that was found; what has no meaning, or was not asked for, is null."""
    return {
        "model": found.system.name,
        "time_unit": found.looks.records.unit.value,
        "changed": [asdict(each) for each in changed],
        "individual": list(individual),
        "doses": [
            {
                "compartment": each.compartment,
                "drug": each.drug,
                "route": each.route.value,
                "unit": each.unit,
                "state": found.system.inputs[each.entry].state,
                "state_unit": each.state_unit,
                "factor": each.factor,
            }
            for each in found.doses
        ],
        "quantities": [{"name": each.name, "unit": each.unit} for each in found.quantities],
        "rows": [dict(zip(answer_head(found), map(_null, row), strict=True)) for row in answer_rows(found)],
        "exposure": None if exposures is None else _exposure(found, exposures),
        "not_given": [asdict(each) for each in found.lost],
        "cancelled": [{"ID": patient, "doses": count} for patient, count in found.cancelled.items()],
        "ended": [{"ID": each.patient, "time": each.time, "status": each.status.name} for each in found.endings],
        "events": [{"ID": patient, "event": event, "time": time} for patient, event, time in found.happened],
        "never_examined": list(found.unwatched),
    }


def _exposure(found: FollowedRecords, exposures: Iterable[DoseExposure]) -> dict[str, Any]:
    return {
        "units": units_of_exposure(found),
        "profiles": [
            {
                "ID": each.occasion.patient,
                "dose": each.occasion.number,
                "time": each.occasion.time,
                "amount": each.occasion.amount / each.occasion.dose.factor or None,
                "drug": each.occasion.dose.drug,
                "of": MEASURED if each.measured else PREDICTED,
                "points": each.points,
                "numbers": {name: finite(value) for name, value in each.numbers.items()},
                "undefined": dict(each.lacking),
            }
            for each in exposures
        ],
    }


def _csv(head: Sequence[str], rows: Iterable[Sequence[float | str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([_cell(each) for each in row] for row in rows)
    return text.getvalue()


def _is_measured(found: FollowedRecords) -> bool:
    return any(map(math.isfinite, found.observed.tolist()))


def _null(value: float) -> float | None:
    return value if isinstance(value, int) else finite(value)


def _cell(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return shortest(float(value)) if math.isfinite(value) else MISSING
