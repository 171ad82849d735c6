"""Between rows of the catalogue's table and runs as values."""

import json
import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime

from trialeukin.core.errors import Fault
from trialeukin.store.run_record import Problem, ProblemKind, RunOptions, RunOrder, RunRecord, State

COLUMNS = (
    "number, id, study, title, patients, replicates, seed, effect, order_digest, state, created, started, ended, "
    "stage, fraction, attempts, cancelling, problem_kind, problem, faults, code_version, code_digest, revision"
)


def record_of(row: sqlite3.Row) -> RunRecord:
    """Return the run of a row that has `COLUMNS`."""
    return RunRecord(
        number=row["number"],
        id=row["id"],
        study=row["study"],
        title=row["title"],
        options=_options(row),
        state=State(row["state"]),
        created=_when(row["created"]),
        started=None if row["started"] is None else _when(row["started"]),
        ended=None if row["ended"] is None else _when(row["ended"]),
        stage=row["stage"],
        fraction=row["fraction"],
        attempts=row["attempts"],
        problem=None if row["problem"] is None else _problem(row),
        cancelling=bool(row["cancelling"]),
        order_digest=row["order_digest"],
        code_version=row["code_version"],
        code_digest=row["code_digest"],
        revision=row["revision"],
    )


def order_from(row: sqlite3.Row) -> RunOrder:
    """Return what a row with the study's text asks for."""
    return RunOrder(study=row["study"], title=row["title"], study_text=row["study_text"], options=_options(row))


def faults_text(faults: tuple[Fault, ...]) -> str:
    """Return faults as the catalogue keeps them."""
    return json.dumps([asdict(fault) for fault in faults])


def _options(row: sqlite3.Row) -> RunOptions:
    return RunOptions(
        patients=row["patients"], replicates=row["replicates"], seed=row["seed"], effect=bool(row["effect"])
    )


def _problem(row: sqlite3.Row) -> Problem:
    faults = tuple(
        Fault(**(each | {"path": tuple(each.get("path", ()))})) for each in json.loads(row["faults"] or "[]")
    )
    return Problem(kind=ProblemKind(row["problem_kind"]), message=row["problem"], faults=faults)


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
