"""A data directory, and modules that processes of their own can find."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialeukin.store.catalogue import Catalogue
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import JobQueue

sys.path.insert(0, str(Path(__file__).parent))  # which processes that are spawned get too


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DataDirectory]:
    opened = DataDirectory.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def catalogue(data: DataDirectory) -> Catalogue:
    return Catalogue(data)


@pytest.fixture
def queue(data: DataDirectory) -> JobQueue:
    return JobQueue(data)
