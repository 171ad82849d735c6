"""The database of a data directory keeps whole changes, and says what is wrong with its file."""

import sqlite3
import threading
from pathlib import Path

import pytest

from trialeukin.core.errors import InputError
from trialeukin.store import catalogue_database
from trialeukin.store.catalogue_database import VERSION, Database
from trialeukin.store.catalogue_errors import CatalogueError
from trialeukin.store.data_directory import DataDirectory

INSERT = (
    "INSERT INTO runs (id, study, title, words, patients, replicates, seed, effect, order_digest, state, created, "
    "study_text) VALUES (?, 's', 't', 'w', 100, 10, 1, 1, 'd', 'queued', 0, ?)"
)


def test_a_change_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "catalogue.sqlite")

    with pytest.raises(CatalogueError, match="UNIQUE"), database.change() as connection:
        connection.executemany(INSERT, [("a", ""), ("b", ""), ("a", "")])

    assert database.rows("SELECT * FROM runs") == []
    database.close()


def test_a_catalogue_of_a_newer_trialeukin_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    Database(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(CatalogueError, match=f"form {VERSION + 1}, of a newer trialeukin.*update trialeukin"):
        Database(path)

    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photographs (day TEXT)")
    connection.close()

    with pytest.raises(CatalogueError, match="a database of something else"):
        Database(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.write_text("years of work " * 100)

    with pytest.raises(CatalogueError, match="not a catalogue, or a damaged one"):
        Database(path)

    assert path.read_text() == "years of work " * 100


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(InputError, match="name a directory for data that you may write to"):
        DataDirectory.open(tmp_path / "data")


def test_many_may_open_a_new_directory_at_once(tmp_path: Path) -> None:
    faults: list[Exception] = []

    def start(place: Path, together: threading.Barrier) -> None:
        together.wait()
        try:
            DataDirectory.open(place).close()
        except Exception as fault:
            faults.append(fault)

    for number in range(10):
        together = threading.Barrier(6)
        threads = [threading.Thread(target=start, args=(tmp_path / f"{number}", together)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert faults == []


def test_a_full_disk_refuses_a_change_and_takes_the_next_when_there_is_space(tmp_path: Path) -> None:
    database = Database(tmp_path / "catalogue.sqlite")
    pages = database.rows("PRAGMA page_count")[0][0]
    database.rows(f"PRAGMA max_page_count = {pages + 2}")

    with pytest.raises(CatalogueError, match="the disk is full: free some space"), database.change() as connection:
        connection.execute(INSERT, ("a", "x" * 1_000_000))
    database.rows("PRAGMA max_page_count = 1000000")
    with database.change() as connection:
        connection.execute(INSERT, ("b", "x" * 1_000_000))

    assert [row["id"] for row in database.rows("SELECT id FROM runs")] == ["b"]
    database.close()


def test_a_catalogue_locked_for_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_database, "PATIENCE", 0.1)
    database = Database(tmp_path / "catalogue.sqlite")
    other = sqlite3.connect(tmp_path / "catalogue.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(CatalogueError, match=r"kept the catalogue locked for 0\.1 s: try again"), database.change():
        pass
    looked = database.rows("SELECT count(*) FROM runs")[0][0]
    other.close()
    with database.change() as connection:
        connection.execute(INSERT, ("a", ""))

    assert looked == 0
    assert len(database.rows("SELECT * FROM runs")) == 1
    database.close()
