"""Writes a run's directory whole or not at all."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from trialeukin.core.errors import InputError, RunError
from trialeukin.store import columns
from trialeukin.store.laboratory import laboratory
from trialeukin.store.replicates import replicates
from trialeukin.store.summary import summary
from trialeukin.store.whole_files import json_text
from trialeukin.trial.result import StudyResult

MANIFEST, SUMMARY, REPORT = "manifest.json", "summary.json", "report.html"
REPLICATES = "replicates.parquet"
FORMAT = "trialeukin run 1"
TABLES: dict[str, Callable[[StudyResult], pa.Table]] = {
    "patients.parquet": columns.patients,
    "events.parquet": columns.events,
    "doses.parquet": columns.doses,
    "trajectories.parquet": columns.trajectories,
    "laboratory.parquet": laboratory,
    REPLICATES: replicates,
}
FILES = frozenset({MANIFEST, SUMMARY, REPORT, *TABLES})


def check_directory(directory: Path) -> None:
    """Refuse a place that a run may not be written to; ask before a long run.

    Raises
    ------
    InputError
        When it is a file, a directory of something else or with files beside those of a run, or cannot be written.
    """
    goal = _goal(directory)
    inside = sorted(path.name for path in goal.iterdir()) if goal.is_dir() else []
    if inside and not is_run(goal):
        raise InputError(
            f"{directory} holds files that are no run of trialeukin: they are not overwritten; "
            "name a new directory with -o, or empty this one"
        )
    foreign = [name for name in inside if name not in FILES]
    if foreign:
        raise InputError(
            f"{directory} holds {', '.join(map(repr, foreign[:3]))} beside an earlier run, which a new run would "
            "delete: move it, or name another directory with -o"
        )
    if goal.exists() and not goal.is_dir():
        raise InputError(f"{directory} is a file: name a directory with -o")
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=goal.parent, prefix=".trialeukin-"):
            pass
        if goal.is_dir() and not os.access(goal, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as fault:
        raise InputError(
            f"{directory} cannot be written ({fault.strerror}): name a directory with -o in which you may write"
        ) from None


def _goal(directory: Path) -> Path:
    """Return where a path leads: ``new/../there`` is there, although there is no ``new`` to go through."""
    try:
        goal = directory.resolve()
    except RuntimeError:  # of a loop, before Python 3.13
        goal = directory
    if goal.is_symlink():
        raise InputError(f"{directory} is a link that leads to itself: name another directory with -o")
    return goal


def is_run(directory: Path) -> bool:
    """Say whether a directory holds a whole run."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def write_run(result: StudyResult, directory: Path, *, report: Callable[[StudyResult], str], command: str) -> Path:
    """Write everything a run found; an earlier run there is replaced once the new one is complete.

    Parameters
    ----------
    result : StudyResult
        What to write.
    directory : Path
        Where.
    report : callable
        Makes the HTML report.
    command : str
        The command that asked for the run, for the manifest.

    Raises
    ------
    InputError
        When the place is refused (`check_directory`).
    RunError
        When writing fails or is interrupted; nothing is left that looks like a run, and an earlier run stays.
    """
    check_directory(directory)
    goal = _goal(directory)
    partial: Path | None = None
    try:
        partial = Path(tempfile.mkdtemp(dir=goal.parent, prefix=f".{goal.name}-partial-"))
        partial.chmod(0o755)
        _fill(partial, result, report(result), command)
        _swap(partial, goal)
    except KeyboardInterrupt:
        raise RunError(f"interrupted while writing {directory}: {_kept(goal)}") from None
    except (OSError, pa.ArrowException) as fault:
        raise RunError(f"writing {directory} failed ({fault}): {_kept(goal)}") from fault
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
    return directory


def _fill(place: Path, result: StudyResult, report: str, command: str) -> None:
    (place / REPORT).write_text(report, encoding="utf-8")
    _write_json(place / SUMMARY, summary(result))
    for name, table in TABLES.items():
        parquet.write_table(table(result), place / name, compression="zstd")
    _write_json(place / MANIFEST, _manifest(place, result, command))


def _swap(partial: Path, goal: Path) -> None:
    """Put the complete directory in the place of an earlier one, which comes back if that fails.

    What is there is looked at once more, since time has gone by; of it only files of a run are deleted, whatever it is.
    """
    if not goal.exists():
        partial.rename(goal)
        return
    check_directory(goal)
    retired = Path(tempfile.mkdtemp(dir=goal.parent, prefix=f".{goal.name}-replaced-"))
    goal.rename(retired / goal.name)
    try:
        partial.rename(goal)
    except BaseException:
        (retired / goal.name).rename(goal)
        retired.rmdir()
        raise
    with suppress(OSError):
        for name in FILES:
            (retired / goal.name / name).unlink(missing_ok=True)
        (retired / goal.name).rmdir()
        retired.rmdir()


def _manifest(place: Path, result: StudyResult, command: str) -> dict[str, Any]:
    provenance = result.provenance
    return {
        "format": FORMAT,
        "study": result.study.study.name,
        "command": command,
        "seed": provenance.seed,
        "effect": provenance.effect,
        "patients": provenance.patients,
        "replicates": provenance.replicates,
        "draws": provenance.draws,
        "patients_a_draw": provenance.patients_a_draw,
        "versions": provenance.versions,
        "method": provenance.method,
        "model": provenance.model,
        "cohort": provenance.cohort,
        "statuses": provenance.statuses,
        "seconds": provenance.seconds,
        "inputs": {"study": {"sha256": provenance.study_digest}},
        "files": {path.name: _fingerprint(path) for path in sorted(place.iterdir())},
    }


def _fingerprint(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json_text(content), encoding="utf-8")


def _kept(goal: Path) -> str:
    return "the earlier run there is unchanged" if is_run(goal) else "nothing is kept; run it again"
