"""Work that takes no time and does what its study's text says, for tests of those who hand it out."""

import os
import signal
import time
from pathlib import Path

from trialeukin.core.errors import Fault, RunError, StudyError
from trialeukin.web.jobs.messages import Task, Tell

MANIFEST = '{"format": "trialeukin run 1"}'


def act(task: Task, tell: Tell) -> None:
    directory = Path(task.directory)
    directory.parent.mkdir(parents=True)
    for line in task.order.study_text.splitlines():
        word, _, rest = line.partition(" ")
        ACTS[word](directory, tell, rest)
    directory.mkdir()
    (directory / "manifest.json").write_text(MANIFEST)
    (directory / "report.html").write_text(f"{task.order.options.seed}")


def _note(_directory: Path, _tell: Tell, rest: str) -> None:
    """Leave a mark that the work was begun, which a second run of it would leave again."""
    with Path(rest).open("a") as file:
        file.write(f"{os.getpid()}\n")


def _sleep(directory: Path, tell: Tell, rest: str) -> None:
    (directory.parent / ".run-partial-x").mkdir()
    (directory.parent / ".run-partial-x" / "half.parquet").write_bytes(b"half")
    end = time.monotonic() + float(rest)
    while time.monotonic() < end:
        tell("sleeping", 0.5)
        time.sleep(0.01)


def _sleep_first(directory: Path, tell: Tell, rest: str) -> None:
    """Sleep for a minute where nobody has left a mark before."""
    mark = Path(rest)
    if not mark.exists():
        mark.touch()
        _sleep(directory, tell, "60")


def _die(_directory: Path, _tell: Tell, _rest: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _refuse(_directory: Path, _tell: Tell, rest: str) -> None:
    raise StudyError(f"study, line 3: {rest}", [Fault(message=rest, line=3)])


def _fail(_directory: Path, _tell: Tell, rest: str) -> None:
    raise RunError(rest)


def _break(_directory: Path, _tell: Tell, rest: str) -> None:
    raise ZeroDivisionError(rest)


def _starve(_directory: Path, _tell: Tell, _rest: str) -> None:
    raise MemoryError


def _write(directory: Path, _tell: Tell, rest: str) -> None:
    (directory.parent / "large").write_bytes(b"\0" * int(rest))


def _boast(_directory: Path, tell: Tell, rest: str) -> None:
    for number in range(int(rest)):
        tell("boasting", number / int(rest))


ACTS = {
    "note": _note,
    "sleep": _sleep,
    "sleep-first": _sleep_first,
    "die": _die,
    "refuse": _refuse,
    "fail": _fail,
    "break": _break,
    "starve": _starve,
    "write": _write,
    "boast": _boast,
}
