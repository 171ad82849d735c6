"""Hands the runs that wait to worker processes, and sees to it that every one comes to an end."""

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from threading import Event, Thread
from types import TracebackType

from trialeukin.store.catalogue_errors import CatalogueError
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import ATTEMPTS, LEASE, Claim, JobQueue
from trialeukin.store.run_record import Problem, ProblemKind
from trialeukin.web.jobs.messages import Finished, Task, Told, Work
from trialeukin.web.jobs.worker import Worker

SECONDS = 3_600.0
TICK = 0.1  # seconds between looks at the catalogue
RENEWALS = 5  # a lease, so that a server may be late four times
STOPPED_WITHIN = 10.0  # seconds
AFTER_A_FAILURE = 0.5  # seconds
TASKS_A_WORKER = 100
IDLE = 300.0  # seconds after which a worker gives its memory back
LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Hand:
    """A worker with what it works at."""

    worker: Worker
    claim: Claim | None = None
    since: float = 0.0
    told: Told | None = None
    finished: Finished | None = None
    dead: bool = False


class JobRunner:
    """Runs what waits in a data directory, from `start` to `stop`; a context manager does both.

    Parameters
    ----------
    data : DataDirectory
        Where.
    work : Work
        What a worker does with a task: `trialeukin.web.jobs.work.run_and_write`, unless it is a test.
    at_once : int
        Runs at the same time, over all servers that share the directory.
    seconds : float, s
        The longest that one run may take.
    lease : float, s
        How long after this server's death another one, or the next, takes its runs over.
    """

    def __init__(
        self,
        data: DataDirectory,
        work: Work,
        *,
        at_once: int,
        seconds: float = SECONDS,
        lease: float = LEASE,
    ) -> None:
        self._data = data
        self._queue = JobQueue(data, lease=lease)
        self._at_once = at_once
        self._seconds = seconds
        self._between_renewals = lease / RENEWALS
        self._work = work
        self._hands: list[_Hand] = []
        self._renewed = time.monotonic() - lease
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="trialeukin runs", daemon=True)

    def __enter__(self) -> "JobRunner":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin, in a thread of its own, with the runs that a server before left behind."""
        self._thread.start()

    def stop(self) -> None:
        """End all workers; what they were at waits for the next start."""
        self._stopping.set()
        self._thread.join(STOPPED_WITHIN)

    def workers(self) -> tuple[int, ...]:
        """Return the numbers of the worker processes."""
        return tuple(hand.worker.pid for hand in self._hands)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._step()
                signals = [each for hand in self._hands if not hand.dead for each in hand.worker.signals]
                if signals:
                    wait(signals, timeout=TICK)
                else:
                    self._stopping.wait(TICK)
        finally:
            for hand in self._hands:
                hand.worker.end()
                with suppress(CatalogueError):  # then the lease runs out
                    if hand.claim is not None:
                        self._queue.give_back(hand.claim.lease)

    def _step(self) -> None:
        """Do what is to be done now; what the catalogue refuses is done at a later step."""
        for hand in self._hands:
            _listen(hand)
        try:
            self._stop_some()
            for hand in self._hands:
                self._settle(hand)
            self._hands = [hand for hand in self._hands if not self._retired(hand)]
            self._renew()
            self._take()
        except Exception as fault:
            LOG.warning("the queue: %s", fault, exc_info=not isinstance(fault, CatalogueError))
            self._stopping.wait(AFTER_A_FAILURE)

    def _stop_some(self) -> None:
        """End workers whose run is cancelled, taken by another server, or over its time."""
        busy = [hand for hand in self._hands if hand.claim is not None]
        if not busy:
            return
        standing = self._queue.standing([hand.claim.lease for hand in busy if hand.claim is not None])
        for hand in busy:
            claim = hand.claim
            if claim is None:
                continue
            if claim.lease not in standing.held:
                self._let_go(hand)
            elif claim.lease in standing.cancelling:
                hand.worker.end()
                hand.dead = True
                self._queue.stop(claim.lease)
                hand.claim = None
            elif hand.finished is None and time.monotonic() - hand.since > self._seconds:
                hand.worker.end()
                hand.dead = True
                hand.finished = Finished(_over_time(self._seconds))

    def _settle(self, hand: _Hand) -> None:
        """Tell the catalogue how far a hand is, or what became of its run."""
        claim = hand.claim
        if claim is None:
            return
        if hand.finished is not None:
            if hand.finished.problem is None:
                self._queue.finish(claim)
            else:
                self._queue.fail(claim.lease, hand.finished.problem)
            hand.claim, hand.finished, hand.told, hand.since = None, None, None, time.monotonic()
        elif hand.dead:
            self._queue.lose(claim.lease, _died(hand.worker.end()))
            hand.claim = None
        elif hand.told is not None:
            self._queue.tell(claim.lease, hand.told.stage, hand.told.fraction)
            hand.told = None

    def _let_go(self, hand: _Hand) -> None:
        LOG.warning("another server has taken over a run, or it was deleted")
        hand.worker.end()
        hand.dead, hand.claim = True, None

    def _retired(self, hand: _Hand) -> bool:
        """Say whether a hand is gone; one that has done its share, or nothing for long, is sent away."""
        spent = hand.worker.tasks >= TASKS_A_WORKER or time.monotonic() - hand.since > IDLE
        if hand.claim is not None or not (hand.dead or spent):
            return False
        hand.worker.end()
        return True

    def _renew(self) -> None:
        now = time.monotonic()
        if now - self._renewed >= self._between_renewals:
            self._queue.renew([hand.claim.lease for hand in self._hands if hand.claim is not None])
            self._renewed = now
            self._queue.recover()

    def _take(self) -> None:
        """Take runs that wait, as long as there are hands for them."""
        while sum(hand.claim is not None for hand in self._hands) < self._at_once:
            claim = self._queue.claim(at_once=self._at_once)
            if claim is None:
                return
            try:
                hand = self._free_hand()
            except OSError as fault:
                self._queue.lose(claim.lease, _no_worker(fault))
                return
            directory = self._data.working(claim.lease) / "run"
            if not hand.worker.give(Task(order=claim.order, directory=str(directory))):
                hand.dead = True
                self._queue.give_back(claim.lease)
                return
            hand.claim, hand.since = claim, time.monotonic()

    def _free_hand(self) -> _Hand:
        for hand in self._hands:
            if hand.claim is None:
                return hand
        self._hands.append(_Hand(worker=Worker(self._work)))
        return self._hands[-1]


def _listen(hand: _Hand) -> None:
    if hand.dead:
        return
    try:
        for message in hand.worker.messages():
            if isinstance(message, Told):
                hand.told = message
            else:
                hand.finished = message
    except EOFError:
        hand.dead = True


def _over_time(seconds: float) -> Problem:
    message = f"the run took longer than {seconds:g} s, the most that this server allows: ask for fewer patients"
    return Problem(kind=ProblemKind.TIME_LIMIT, message=message)


def _died(code: int | None) -> Problem:
    how = f"signal {-code}" if code is not None and code < 0 else f"code {code}"
    message = (
        f"lost {ATTEMPTS} times, at last when the process that computed it died of {how}: often memory is used up; "
        "repeat the run with fewer patients"
    )
    return Problem(kind=ProblemKind.LOST, message=message)


def _no_worker(fault: OSError) -> Problem:
    message = f"the server could not start a process for this run ({fault.strerror}): repeat it when less is going on"
    return Problem(kind=ProblemKind.MEMORY, message=message)
