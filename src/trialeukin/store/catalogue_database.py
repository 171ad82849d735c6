"""The SQLite database of a data directory: one connection, whole changes, errors that say the way out.

Several servers may share a data directory on one machine. A change takes SQLite's one lock for writing at its
beginning, so that what it reads stays true until it is kept.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from time import monotonic, sleep
from typing import Any

from trialeukin.store.catalogue_errors import CatalogueError

APPLICATION = 0x54524C4B  # 'TRLK', by which the file says whose it is
VERSION = 1
PATIENCE = 5.0  # seconds that a change waits for those of other processes
PAUSE = 0.01  # seconds until it is tried again where SQLite itself does not wait
SCHEMA = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    study TEXT NOT NULL,
    title TEXT NOT NULL,
    words TEXT NOT NULL,
    patients INTEGER NOT NULL,
    replicates INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    effect INTEGER NOT NULL,
    order_digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    stage TEXT NOT NULL DEFAULT '',
    fraction REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease TEXT UNIQUE,
    lease_until REAL,
    cancelling INTEGER NOT NULL DEFAULT 0,
    problem_kind TEXT,
    problem TEXT,
    faults TEXT,
    code_version TEXT,
    code_digest TEXT,
    revision INTEGER NOT NULL DEFAULT 1,
    study_text TEXT NOT NULL,
    CHECK ((state = 'running') = (lease IS NOT NULL)),
    CHECK ((state = 'failed') = (problem IS NOT NULL)),
    CHECK ((state IN ('queued', 'running')) = (ended IS NULL))
) STRICT;
CREATE INDEX runs_by_state ON runs (state, number);
"""


class Database:
    """The catalogue's database, open; any thread may use it.

    Parameters
    ----------
    path : Path
        The file; made where there is none.

    Raises
    ------
    CatalogueError
        When it cannot be opened, is of something else, or was written by a newer trialeukin.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = RLock()
        with self._explained():
            self._connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            with self._explained():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def rows(self, question: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Return the answer to a question.

        Raises
        ------
        CatalogueError
            When it cannot be read.
        """
        with self._lock, self._explained():
            return self._connection.execute(question, values).fetchall()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection on which all is changed or nothing, with no other change in between.

        Raises
        ------
        CatalogueError
            When the change cannot be kept; nothing of it is.
        """
        with self._lock, self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has taken the change back already
                    self._connection.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("BEGIN")  # so that all is seen of one moment, while others may open it too
        self._check_owner()
        self._connection.execute("COMMIT")
        self._write_ahead()
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self.change() as connection:
            self._check_owner()
            if self._number("user_version") == 0:
                for statement in SCHEMA.strip().split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")

    def _write_ahead(self) -> None:
        """Turn on the write-ahead log; SQLite itself does not wait when two turn it on together."""
        until = monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as fault:
                if _code(fault) != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise
                sleep(PAUSE)
            else:
                return

    def _check_owner(self) -> None:
        """Refuse a file that is not a catalogue, or one whose form is not known here; write nothing."""
        version, owner = self._number("user_version"), self._number("application_id")
        tables = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if owner != APPLICATION and (owner or version or tables):
            raise CatalogueError(f"{self._path} is a database of something else: name another data directory")
        if version > VERSION:
            raise CatalogueError(
                f"{self._path} has form {version}, of a newer trialeukin; this one reads up to form {VERSION}: "
                "update trialeukin, or name another data directory"
            )

    def _number(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as fault:
            raise CatalogueError(f"{self._path}: {_explanation(fault)}") from fault


def _explanation(fault: sqlite3.Error) -> str:
    match _code(fault):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"another process has kept the catalogue locked for {PATIENCE:g} s: try again"
        case sqlite3.SQLITE_FULL:
            return "the disk is full: free some space, or delete runs that are no longer needed"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return f"the catalogue cannot be opened for writing ({fault}): name a directory you may write to"
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return f"not a catalogue, or a damaged one ({fault}): put it back from a copy, or move it away"
        case sqlite3.SQLITE_IOERR:
            return f"the catalogue cannot be read or written ({fault}): look at the disk's free space and health"
    return f"the catalogue fails ({fault})"


def _code(fault: sqlite3.Error) -> int:
    return (getattr(fault, "sqlite_errorcode", None) or 0) & 0xFF
