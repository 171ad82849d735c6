"""The catalogue of runs: finds, shows and deletes them, and says exactly how one was made."""

import secrets
import shutil
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from trialeukin.store.catalogue_errors import CatalogueError, RunStateError, UnknownRunError, unknown_run
from trialeukin.store.code_identity import CodeIdentity
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.run_directory import FILES
from trialeukin.store.run_record import RunOrder, RunRecord, State
from trialeukin.store.run_rows import COLUMNS, order_from, record_of

LARGEST_PAGE = 200
ESCAPE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of the runs that a search found, the newest first.

    Attributes
    ----------
    runs : tuple of RunRecord
        Those of this page.
    total : int
        How many were found in all.
    """

    runs: tuple[RunRecord, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What makes a run again, to the last bit where the code is the same.

    Attributes
    ----------
    order : RunOrder
        The study's text and the options, the seed among them.
    code : CodeIdentity or None
        The code that ran it; None for a run that has not been started.
    """

    order: RunOrder
    code: CodeIdentity | None


class Catalogue:
    """The runs of a data directory."""

    def __init__(self, data: DataDirectory) -> None:
        self._data = data

    def run(self, name: str) -> RunRecord:
        """Return the run of an id.

        Raises
        ------
        UnknownRunError
            When there is none.
        """
        return record_of(self._row(name, COLUMNS))

    def search(self, text: str = "", *, states: Collection[State] = (), limit: int = 50, offset: int = 0) -> Page:
        """Return the runs whose study, title or id has every word of a text, the newest first.

        Parameters
        ----------
        text : str
            Words, or parts of words, in any order and case.
        states : collection of State
            The states to find; all if empty.
        limit, offset : int
            How many runs to return, `LARGEST_PAGE` at most, and how many of the newest to pass over.
        """
        words = [f"%{word.translate(ESCAPE)}%" for word in text.casefold().split()]
        names = [state.value for state in states]
        conditions = ["words LIKE ? ESCAPE '\\'"] * len(words)
        conditions += [f"state IN ({', '.join('?' * len(names))})"] if names else []
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        values = (*words, *names)
        total = self._data.database.rows(f"SELECT count(*) FROM runs {where}", values)[0][0]
        page = (max(0, min(limit, LARGEST_PAGE)), max(0, offset))
        rows = self._data.database.rows(
            f"SELECT {COLUMNS} FROM runs {where} ORDER BY number DESC LIMIT ? OFFSET ?", (*values, *page)
        )
        return Page(runs=tuple(map(record_of, rows)), total=total)

    def counts(self) -> dict[State, int]:
        """Return how many runs are in each state."""
        rows = self._data.database.rows("SELECT state, count(*) FROM runs GROUP BY state")
        return dict.fromkeys(State, 0) | {State(name): count for name, count in rows}

    def waiting_before(self, run: RunRecord) -> int:
        """Return how many queued runs come before one."""
        rows = self._data.database.rows(
            "SELECT count(*) FROM runs WHERE state = 'queued' AND number < ?", (run.number,)
        )
        return int(rows[0][0])

    def recipe(self, name: str) -> Recipe:
        """Return what makes a run again.

        Raises
        ------
        UnknownRunError
            When there is no run of that id.
        """
        row = self._row(name, f"{COLUMNS}, study_text")
        known = row["code_version"] is not None
        code = CodeIdentity(version=row["code_version"], digest=row["code_digest"]) if known else None
        return Recipe(order=order_from(row), code=code)

    def directory(self, name: str) -> Path:
        """Return the directory of a run that is done.

        Raises
        ------
        UnknownRunError
            When there is no run of that id.
        RunStateError
            When it is not done.
        CatalogueError
            When its directory is gone.
        """
        run = self.run(name)
        if run.state is not State.DONE:
            raise RunStateError(f"run {run.id} is {run.state.value}: it has files once it is done")
        directory = self._data.run(run.id)
        if not directory.is_dir():
            raise CatalogueError(f"the files of run {run.id} are gone from {directory}: delete the run and repeat it")
        return directory

    def file(self, name: str, file: str) -> Path:
        """Return one of the files of a run that is done (`trialeukin.store.run_directory.FILES`).

        Raises
        ------
        UnknownRunError
            When there is no run of that id, runs have no file of that name, or this one was written before they had.
        RunStateError
            When it is not done.
        CatalogueError
            When its directory is gone.
        """
        if file not in FILES:
            raise UnknownRunError(f"a run has no file {file[:40]!r}: it has {', '.join(sorted(FILES))}")
        path = self.directory(name) / file
        if not path.is_file():
            raise UnknownRunError(
                f"run {name[:40]} has no {file}: it was written before runs had one; run it again to have it"
            )
        return path

    def files(self, run: RunRecord) -> tuple[str, ...]:
        """Return the names of the files that a run has, sorted; fewer where it was written before runs had all."""
        directory = self._data.run(run.id)
        if run.state is not State.DONE:
            return ()
        return tuple(sorted(file for file in FILES if (directory / file).is_file()))

    def delete(self, name: str) -> None:
        """Delete a run that does not run, with its directory.

        Raises
        ------
        UnknownRunError
            When there is no run of that id.
        RunStateError
            When it runs: it has to be cancelled before.
        CatalogueError
            When the catalogue or the directory cannot be changed; nothing is.
        """
        discarded = self._data.working(f"deleted-{secrets.token_hex(8)}")
        try:
            with self._data.database.change() as connection:
                row = connection.execute("SELECT id, state FROM runs WHERE id = ?", (name,)).fetchone()
                if row is None:
                    raise unknown_run(name)
                if row["state"] == State.RUNNING.value:
                    raise RunStateError(f"run {row['id']} is running: cancel it, then delete it")
                connection.execute("DELETE FROM runs WHERE id = ?", (row["id"],))
                _move(self._data.run(row["id"]), discarded)
        except CatalogueError:
            _move(discarded, self._data.run(name))
            raise
        shutil.rmtree(discarded, ignore_errors=True)

    def _row(self, name: str, columns: str) -> sqlite3.Row:
        rows = self._data.database.rows(f"SELECT {columns} FROM runs WHERE id = ?", (name,))
        if not rows:
            raise unknown_run(name)
        return rows[0]


def _move(directory: Path, place: Path) -> None:
    try:
        if directory.exists():
            directory.rename(place)
    except OSError as fault:
        raise CatalogueError(f"{directory} cannot be moved ({fault.strerror}): look at who may write there") from fault
