"""The queue of runs, kept in the catalogue: a run is done once, by whoever holds its lease.

Who claims a run holds it until a lease runs out, and renews that while the run goes on. A lease that has run out
says that its holder is dead: the run waits again, or has failed after `ATTEMPTS`. What a holder says of a run
counts only while the lease is its own, so that one taken for dead changes nothing when it wakes.
"""

import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass

from trialeukin.store.catalogue_errors import CatalogueError, QueueFullError, RunStateError, unknown_run
from trialeukin.store.code_identity import code_identity
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.run_record import Problem, ProblemKind, RunOrder, RunRecord, State
from trialeukin.store.run_rows import COLUMNS, faults_text, order_from, record_of

ATTEMPTS = 2
LEASE = 10.0  # seconds
WAITING = 1_000
LOST = Problem(
    kind=ProblemKind.LOST,
    message=f"lost {ATTEMPTS} times, at last when the server stopped meanwhile: look at the server's memory and log, "
    "then repeat the run, with fewer patients if memory ran out",
)
IDLE = "lease = NULL, lease_until = NULL, revision = revision + 1"
END = f"cancelling = 0, {IDLE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run that somebody holds.

    Attributes
    ----------
    id : str
        The run's id.
    lease : str
        The proof of holding it, new with every claim; also the name of the directory to work in.
    attempt : int
        How often it has been started, this time included.
    order : RunOrder
        What is to be done.
    """

    id: str
    lease: str
    attempt: int
    order: RunOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What has become of leases.

    Attributes
    ----------
    held : frozenset of str
        Those that still hold.
    cancelling : frozenset of str
        Those of them whose run is to be stopped.
    """

    held: frozenset[str]
    cancelling: frozenset[str]


class JobQueue:
    """The queue of a data directory.

    Parameters
    ----------
    data : DataDirectory
        Where.
    waiting : int
        How many runs may wait.
    lease : float, s
        How long a run is held without a renewal.
    clock : callable
        Seconds since 1970, the same for all processes that share the directory.
    """

    def __init__(
        self,
        data: DataDirectory,
        *,
        waiting: int = WAITING,
        lease: float = LEASE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._data = data
        self._waiting = waiting
        self._lease = lease
        self._clock = clock

    def submit(self, order: RunOrder) -> RunRecord:
        """Put a run in the queue and return it.

        Raises
        ------
        QueueFullError
            When as many wait as may.
        CatalogueError
            When it cannot be kept.
        """
        options, name = order.options, secrets.token_hex(10)
        with self._data.database.change() as connection:
            waiting = connection.execute("SELECT count(*) FROM runs WHERE state = 'queued'").fetchone()[0]
            if waiting >= self._waiting:
                raise QueueFullError(
                    f"{waiting:,} runs wait already, the most that may: try again when some are done, or cancel one"
                )
            connection.execute(
                "INSERT INTO runs (id, study, title, words, patients, replicates, seed, effect, order_digest, state, "
                "created, study_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
                (
                    name,
                    order.study,
                    order.title,
                    f"{order.study} {order.title} {name}".casefold(),
                    options.patients,
                    options.replicates,
                    options.seed,
                    options.effect,
                    order.digest,
                    self._clock(),
                    order.study_text,
                ),
            )
            return _run(connection, name)

    def claim(self, *, at_once: int = 1) -> Claim | None:
        """Take the run that has waited longest; None when none waits, or as many run as may at once."""
        if not self._data.database.rows("SELECT 1 FROM runs WHERE state = 'queued' LIMIT 1"):
            return None
        lease, now, code = secrets.token_hex(16), self._clock(), code_identity()
        with self._data.database.change() as connection:
            row = connection.execute(
                "UPDATE runs SET state = 'running', lease = ?, lease_until = ?, started = ?, attempts = attempts + 1, "
                "stage = 'starting', fraction = 0, code_version = ?, code_digest = ?, revision = revision + 1 "
                "WHERE number = (SELECT min(number) FROM runs WHERE state = 'queued') "
                "AND (SELECT count(*) FROM runs WHERE state = 'running') < ? RETURNING *",
                (lease, now + self._lease, now, code.version, code.digest, at_once),
            ).fetchone()
        if row is None:
            return None
        return Claim(id=row["id"], lease=lease, attempt=row["attempts"], order=order_from(row))

    def standing(self, leases: Collection[str]) -> Standing:
        """Return which leases hold, and whose run is to be stopped."""
        rows = self._data.database.rows(
            f"SELECT lease, cancelling FROM runs WHERE lease IN ({', '.join('?' * len(leases))})", tuple(leases)
        )
        return Standing(
            held=frozenset(lease for lease, _ in rows),
            cancelling=frozenset(lease for lease, cancelling in rows if cancelling),
        )

    def renew(self, leases: Collection[str]) -> None:
        """Hold leases from now for their whole length; those that are lost stay lost."""
        until = self._clock() + self._lease
        with self._data.database.change() as connection:
            connection.executemany(
                "UPDATE runs SET lease_until = ? WHERE lease = ?", [(until, each) for each in leases]
            )

    def tell(self, lease: str, stage: str, fraction: float) -> None:
        """Say how far the run of a lease is."""
        with self._data.database.change() as connection:
            connection.execute(
                "UPDATE runs SET stage = ?, fraction = ?, revision = revision + 1 WHERE lease = ?",
                (stage, min(1.0, max(0.0, fraction)), lease),
            )

    def finish(self, claim: Claim) -> State | None:
        """Keep what a claim's run wrote to ``working/LEASE/run``, and return its state; None if the lease is lost.

        The run has failed when its files cannot be moved to their place, and is cancelled if that was asked for.

        Raises
        ------
        CatalogueError
            When the catalogue cannot be changed; the run is still held.
        """
        try:
            ended = self._finish(claim)
        except CatalogueError:
            self._withdraw(claim)
            raise
        self.forget(claim.lease)
        return ended

    def fail(self, lease: str, problem: Problem) -> None:
        """Say that the run of a lease has failed for good; cancelled if that was asked for before."""
        self.forget(lease)
        with self._data.database.change() as connection:
            _end_unless_cancelled(connection, "lease = ?", (lease,), problem, now=self._clock())

    def lose(self, lease: str, problem: Problem) -> None:
        """Say that the run of a lease was lost; it waits again, or has failed with the problem after `ATTEMPTS`."""
        self.forget(lease)
        with self._data.database.change() as connection:
            _lose(connection, "lease = ?", (lease,), problem, now=self._clock())

    def give_back(self, lease: str) -> None:
        """Let the run of a lease wait again, as if it had not been started: the server is told to stop."""
        self.forget(lease)
        with self._data.database.change() as connection:
            _cancel(connection, "lease = ? AND cancelling = 1", (lease,), now=self._clock())
            connection.execute(
                "UPDATE runs SET state = 'queued', attempts = attempts - 1, started = NULL, stage = '', fraction = 0, "
                f"{IDLE} WHERE lease = ?",
                (lease,),
            )

    def cancel(self, name: str) -> RunRecord:
        """Cancel a run: at once if it waits; if it runs, who runs it is told to stop it.

        Raises
        ------
        UnknownRunError
            When there is no run of that id.
        RunStateError
            When it has ended.
        """
        with self._data.database.change() as connection:
            run = _run(connection, name)
            if run.state.ended:
                raise RunStateError(f"run {run.id} is {run.state.value} already: there is nothing to cancel")
            _cancel(connection, "id = ? AND state = 'queued'", (name,), now=self._clock())
            connection.execute(
                "UPDATE runs SET cancelling = 1, revision = revision + 1 WHERE id = ? AND state = 'running'", (name,)
            )
            return _run(connection, name)

    def stop(self, lease: str) -> None:
        """Say that the run of a lease, which was to be cancelled, has been stopped."""
        self.forget(lease)
        with self._data.database.change() as connection:
            _cancel(connection, "lease = ?", (lease,), now=self._clock())

    def recover(self) -> int:
        """Let runs wait again whose holder is dead, throw away what it had written, and return how many there were."""
        left, now = self._data.under_way(), self._clock()
        dead = "lease_until < ?"
        if self._data.database.rows(f"SELECT 1 FROM runs WHERE {dead} LIMIT 1", (now,)):
            with self._data.database.change() as connection:
                count = _lose(connection, dead, (now,), LOST, now=now)
        else:
            count = 0
        held = frozenset(row[0] for row in self._data.database.rows("SELECT lease FROM runs WHERE state = 'running'"))
        self._data.clear(held, left)
        return count

    def forget(self, lease: str) -> None:
        """Throw away what the run of a lease has written."""
        shutil.rmtree(self._data.working(lease), ignore_errors=True)

    def _finish(self, claim: Claim) -> State | None:
        with self._data.database.change() as connection:
            row = connection.execute("SELECT cancelling FROM runs WHERE lease = ?", (claim.lease,)).fetchone()
            if row is None:
                return None
            problem = None if row["cancelling"] else self._publish(claim)
            if row["cancelling"] or problem is not None:
                _end_unless_cancelled(connection, "lease = ?", (claim.lease,), problem or LOST, now=self._clock())
            else:
                connection.execute(
                    f"UPDATE runs SET state = 'done', ended = ?, stage = 'done', fraction = 1.0, {END} WHERE lease = ?",
                    (self._clock(), claim.lease),
                )
            return _run(connection, claim.id).state

    def _publish(self, claim: Claim) -> Problem | None:
        """Move a whole run to its place, where a server that died before it said so may have put one already."""
        place, working = self._data.run(claim.id), self._data.working(claim.lease)
        try:
            if place.exists():
                place.rename(working / "replaced")
            (working / "run").rename(place)
        except OSError as fault:
            message = f"the run's files cannot be moved to their place ({fault.strerror}): tell who runs the server"
            return Problem(kind=ProblemKind.STORAGE, message=message)
        return None

    def _withdraw(self, claim: Claim) -> None:
        """Take back a run that was moved to its place when the catalogue could not be told."""
        written = self._data.working(claim.lease) / "run"
        if not written.exists():
            with suppress(OSError):
                self._data.run(claim.id).rename(written)


def _run(connection: sqlite3.Connection, name: str) -> RunRecord:
    row = connection.execute(f"SELECT {COLUMNS} FROM runs WHERE id = ?", (name,)).fetchone()
    if row is None:
        raise unknown_run(name)
    return record_of(row)


def _cancel(connection: sqlite3.Connection, which: str, values: tuple[object, ...], *, now: float) -> None:
    connection.execute(
        f"UPDATE runs SET state = 'cancelled', ended = ?, stage = 'cancelled', {END} WHERE {which}", (now, *values)
    )


def _end_unless_cancelled(
    connection: sqlite3.Connection, which: str, values: tuple[object, ...], problem: Problem, *, now: float
) -> None:
    _cancel(connection, f"{which} AND cancelling = 1", values, now=now)
    connection.execute(
        "UPDATE runs SET state = 'failed', ended = ?, stage = 'failed', problem_kind = ?, problem = ?, faults = ?, "
        f"{END} WHERE {which}",
        (now, problem.kind.value, problem.message, faults_text(problem.faults), *values),
    )


def _lose(
    connection: sqlite3.Connection, which: str, values: tuple[object, ...], problem: Problem, *, now: float
) -> int:
    count = connection.execute(f"SELECT count(*) FROM runs WHERE {which}", values).fetchone()[0]
    _end_unless_cancelled(
        connection, f"{which} AND (attempts >= {ATTEMPTS} OR cancelling = 1)", values, problem, now=now
    )
    connection.execute(
        f"UPDATE runs SET state = 'queued', stage = 'waiting again', fraction = 0, {IDLE} WHERE {which}", values
    )
    return int(count)
