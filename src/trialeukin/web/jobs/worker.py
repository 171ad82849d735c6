"""A worker process and the hand that leads it: one task at a time, messages back, an end at any moment."""

import logging
import multiprocessing
import os
import signal
import time
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Thread

from trialeukin.web.jobs.failure import problem_of
from trialeukin.web.jobs.messages import Finished, Message, Task, Tell, Told, Work

BETWEEN_MESSAGES = 0.25  # seconds
POLITENESS = 10  # of at most 19
OFFER, EXPENDABLE = Path("/proc/self/oom_score_adj"), 800  # of at most 1000
KILLED_WITHIN = 5.0  # seconds, of which the system takes some thousandths
LOG = logging.getLogger(__name__)


class Worker:
    """A process of its own that does tasks.

    Parameters
    ----------
    work : Work
        What it does with a task; a function of a module, since it has to be found from another process.
    """

    def __init__(self, work: Work) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._pipe, other = spawning.Pipe()
        self._process = spawning.Process(target=_serve, args=(other, work), name="trialeukin worker", daemon=True)
        self.tasks = 0
        try:
            self._process.start()
        except BaseException:
            self._pipe.close()
            raise
        finally:
            other.close()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid or 0

    @property
    def signals(self) -> tuple[Connection | int, ...]:
        """What `multiprocessing.connection.wait` looks at to see it speak or die."""
        return (self._pipe, self._process.sentinel)

    def give(self, task: Task) -> bool:
        """Give it a task, and return whether it takes it: a dead worker does not."""
        self.tasks += 1
        try:
            self._pipe.send(task)
        except OSError:
            return False
        return True

    def messages(self) -> list[Message]:
        """Return what it has said since.

        Raises
        ------
        EOFError
            When it has died, and all that it had said has been returned.
        """
        heard: list[Message] = []
        try:
            while self._pipe.poll():
                heard.append(self._pipe.recv())
        except (EOFError, OSError):
            if not heard:
                raise EOFError from None
        return heard

    def end(self) -> int | None:
        """End it, whatever it does, and return the code with which it ended, negative for a signal."""
        self._process.kill()
        self._process.join(KILLED_WITHIN)
        code = self._process.exitcode
        self._pipe.close()
        return code


def _serve(pipe: Connection, work: Work) -> None:
    """Do tasks until there is nobody to do them for."""
    for each in (signal.SIGINT, signal.SIGTERM):  # which a terminal or a service sends to all; the parent decides
        signal.signal(each, signal.SIG_IGN)
    _stand_back()
    Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            task: Task = pipe.recv()
        except EOFError:
            return
        pipe.send(_done(pipe, work, task))


def _stand_back() -> None:
    """Leave the processor to the pages, and let the system take this process first when memory runs out."""
    if hasattr(os, "nice"):
        os.nice(POLITENESS)
    with suppress(OSError):  # a file of Linux alone
        OFFER.write_text(f"{EXPENDABLE}", encoding="utf-8")


def _done(pipe: Connection, work: Work, task: Task) -> Finished:
    try:
        work(task, _throttled(pipe))
    except Exception as fault:
        problem = problem_of(fault)
        LOG.warning("a run failed: %s", problem.message, exc_info=fault)
        return Finished(problem)
    return Finished()


def _throttled(pipe: Connection) -> Tell:
    last, spoken = -BETWEEN_MESSAGES, ""

    def tell(stage: str, fraction: float) -> None:
        nonlocal last, spoken
        now = time.monotonic()
        if now - last >= BETWEEN_MESSAGES or stage != spoken:
            last, spoken = now, stage
            pipe.send(Told(stage, fraction))

    return tell


def _end_with_parent() -> None:
    """End when the parent does, however that dies: nobody would take the result."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
