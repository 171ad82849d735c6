"""Runs outlive the server that does them, and two servers on one data directory do each run once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from acted_runs import asleep, ended, lives, order, until
from acted_work import act

from trialeukin.store.catalogue import Catalogue
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import JobQueue
from trialeukin.store.run_record import State
from trialeukin.web.jobs.runner import JobRunner

LEASE = 1.0  # seconds, so that a death is noticed soon
SERVER = Path(__file__).with_name("acted_server.py")
Server = subprocess.Popen[bytes]


@pytest.fixture
def serve(data: DataDirectory) -> Iterator[Callable[[], Server]]:
    servers: list[Server] = []

    def start() -> Server:
        servers.append(subprocess.Popen([sys.executable, str(SERVER), str(data.root), f"{LEASE}"]))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
        server.wait()


def workers(data: DataDirectory) -> list[int]:
    file = data.root / "workers"
    return [int(pid) for pid in file.read_text().split()] if file.exists() else []


def test_runs_outlive_a_server_that_is_killed(
    serve: Callable[[], Server], data: DataDirectory, queue: JobQueue, catalogue: Catalogue, tmp_path: Path
) -> None:
    running = queue.submit(order(f"sleep-first {tmp_path / 'slept'}"))
    server = serve()
    asleep(catalogue, running.id)
    until(lambda: workers(data))
    orphans = workers(data)
    waiting = queue.submit(order("note /dev/null", seed=2))
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    until(lambda: not any(map(lives, orphans)))

    with JobRunner(data, act, at_once=1, lease=LEASE):
        states = [ended(catalogue, run.id).state for run in (running, waiting)]

    assert states == [State.DONE] * 2
    assert catalogue.run(running.id).attempts == 2
    assert (catalogue.directory(running.id) / "report.html").read_text() == "1"
    until(lambda: data.under_way() == ())


def test_a_run_cancelled_while_no_server_lives_does_not_start_again(
    serve: Callable[[], Server], data: DataDirectory, queue: JobQueue, catalogue: Catalogue
) -> None:
    run = queue.submit(order("sleep 60"))
    server = serve()
    asleep(catalogue, run.id)
    server.kill()
    server.wait()

    queue.cancel(run.id)
    with JobRunner(data, act, at_once=1, lease=LEASE):
        after = ended(catalogue, run.id)

    assert after.state is State.CANCELLED
    assert after.attempts == 1


def test_two_servers_do_each_run_once(
    serve: Callable[[], Server], queue: JobQueue, catalogue: Catalogue, tmp_path: Path
) -> None:
    serve(), serve()
    names = [queue.submit(order(f"note {tmp_path / f'{n}'}", f"note {tmp_path / 'all'}")).id for n in range(60)]

    states = {ended(catalogue, name).state for name in names}

    assert states == {State.DONE}
    assert [len((tmp_path / f"{n}").read_text().split()) for n in range(60)] == [1] * 60
    assert {catalogue.run(name).attempts for name in names} == {1}
    assert len(set((tmp_path / "all").read_text().split())) > 1
