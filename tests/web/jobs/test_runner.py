"""Runs are done by processes that may die, fail, hang or be stopped; the queue goes on."""

import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from acted_runs import asleep, ended, lives, order, until
from acted_work import act

from trialeukin.core.errors import Fault
from trialeukin.store.catalogue import Catalogue
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import JobQueue
from trialeukin.store.run_record import ProblemKind, State
from trialeukin.web.jobs.messages import Task, Told
from trialeukin.web.jobs.runner import TASKS_A_WORKER, JobRunner
from trialeukin.web.jobs.worker import BETWEEN_MESSAGES, Worker

CANCELLED_WITHIN = 1.0  # seconds, which the issue asks for
FULL = 1_000_000  # bytes that a file of the worker may have


@pytest.fixture
def runner(data: DataDirectory) -> Iterator[JobRunner]:
    with JobRunner(data, act, at_once=1) as started:
        yield started


def marks(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def test_runs_are_done_in_one_process_after_the_other(
    runner: JobRunner, queue: JobQueue, catalogue: Catalogue, tmp_path: Path
) -> None:
    names = [queue.submit(order(f"note {tmp_path / 'marks'}", seed=seed)).id for seed in range(20)]

    states = [ended(catalogue, name).state for name in names]

    reports = [(catalogue.directory(name) / "report.html").read_text() for name in names]
    assert states == [State.DONE] * 20
    assert reports == [f"{seed}" for seed in range(20)]
    assert marks(tmp_path / "marks") == list(runner.workers()) * 20
    assert os.getpid() not in runner.workers()


def test_failures_say_why_and_stop_no_other_run(
    runner: JobRunner, queue: JobQueue, catalogue: Catalogue, data: DataDirectory
) -> None:
    acts = ("refuse arms: one is missing", "fail too many failed", "starve", "break secret", "note /dev/null")
    names = [queue.submit(order(each)).id for each in acts]

    runs = [ended(catalogue, name) for name in names]

    problems = [run.problem for run in runs if run.problem is not None]
    assert [run.state for run in runs] == [State.FAILED] * 4 + [State.DONE]
    kinds = [ProblemKind.INPUT, ProblemKind.RUN, ProblemKind.MEMORY, ProblemKind.INTERNAL]
    assert [problem.kind for problem in problems] == kinds
    assert problems[0].faults == (Fault(message="arms: one is missing", line=3),)
    assert problems[1].message == "too many failed"
    assert "fewer patients" in problems[2].message
    assert "ZeroDivisionError: please report it" in problems[3].message
    assert "secret" not in problems[3].message
    assert len(runner.workers()) == 1
    until(lambda: data.under_way() == ())


def test_a_run_is_cancelled_within_a_second_and_leaves_nothing(
    runner: JobRunner, queue: JobQueue, catalogue: Catalogue, data: DataDirectory
) -> None:
    run = queue.submit(order("sleep 60"))
    asleep(catalogue, run.id)
    worker = runner.workers()[0]
    half_written = data.under_way()
    begun = time.monotonic()

    queue.cancel(run.id)
    after = ended(catalogue, run.id)

    took = time.monotonic() - begun
    assert after.state is State.CANCELLED
    assert took < CANCELLED_WITHIN
    assert not lives(worker)
    assert len(half_written) == 1
    assert data.under_way() == ()
    assert not data.run(run.id).exists()
    next_run = queue.submit(order("note /dev/null"))
    assert ended(catalogue, next_run.id).state is State.DONE


def test_a_run_whose_process_is_killed_starts_again(
    runner: JobRunner, queue: JobQueue, catalogue: Catalogue, data: DataDirectory, tmp_path: Path
) -> None:
    run = queue.submit(order(f"sleep-first {tmp_path / 'slept'}"))
    asleep(catalogue, run.id)

    os.kill(runner.workers()[0], signal.SIGKILL)

    assert ended(catalogue, run.id).state is State.DONE
    assert catalogue.run(run.id).attempts == 2
    until(lambda: data.under_way() == ())


@pytest.mark.usefixtures("runner")
def test_a_run_that_kills_its_process_twice_has_failed(queue: JobQueue, catalogue: Catalogue) -> None:
    deadly, harmless = queue.submit(order("die")), queue.submit(order("note /dev/null"))

    run = ended(catalogue, deadly.id)

    assert run.state is State.FAILED
    assert run.attempts == 2
    assert run.problem is not None
    assert run.problem.kind is ProblemKind.LOST
    assert "lost 2 times, at last when the process that computed it died of signal 9" in run.problem.message
    assert ended(catalogue, harmless.id).state is State.DONE


def test_a_worker_that_dies_idle_costs_no_run(runner: JobRunner, queue: JobQueue, catalogue: Catalogue) -> None:
    first = queue.submit(order("note /dev/null"))
    ended(catalogue, first.id)
    os.kill(runner.workers()[0], signal.SIGKILL)
    until(lambda: runner.workers() == ())

    second = ended(catalogue, queue.submit(order("note /dev/null")).id)

    assert second.state is State.DONE
    assert second.attempts == 1


def test_a_worker_without_work_gives_its_memory_back(
    runner: JobRunner, queue: JobQueue, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialeukin.web.jobs.runner.IDLE", 0.1)

    ended(catalogue, queue.submit(order("note /dev/null")).id)

    until(lambda: runner.workers() == ())
    assert ended(catalogue, queue.submit(order("note /dev/null")).id).state is State.DONE


def test_workers_stand_back_for_the_pages(runner: JobRunner, queue: JobQueue, catalogue: Catalogue) -> None:
    ended(catalogue, queue.submit(order("note /dev/null")).id)
    worker = runner.workers()[0]

    assert os.getpriority(os.PRIO_PROCESS, worker) > os.getpriority(os.PRIO_PROCESS, 0)
    assert int(Path(f"/proc/{worker}/oom_score_adj").read_text()) > int(Path("/proc/self/oom_score_adj").read_text())


def test_a_catalogue_that_fails_for_a_while_loses_no_run(
    data: DataDirectory, queue: JobQueue, catalogue: Catalogue
) -> None:
    break_it = "CREATE TRIGGER broken BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'full'); END"
    with JobRunner(data, act, at_once=1):
        data.database.rows(break_it)
        run = queue.submit(order("boast 10"))
        time.sleep(0.3)
        waiting = catalogue.run(run.id).state
        data.database.rows("DROP TRIGGER broken")
        asleep_run = queue.submit(order("sleep 0.4"))
        asleep(catalogue, asleep_run.id)
        data.database.rows(break_it)
        time.sleep(1.0)
        unheard = catalogue.run(asleep_run.id).state
        data.database.rows("DROP TRIGGER broken")
        states = [ended(catalogue, each.id).state for each in (run, asleep_run)]

    assert waiting is State.QUEUED
    assert unheard is State.RUNNING
    assert states == [State.DONE] * 2


def test_a_run_over_its_time_is_stopped(data: DataDirectory, queue: JobQueue, catalogue: Catalogue) -> None:
    slow, quick = queue.submit(order("sleep 60")), queue.submit(order("note /dev/null"))

    with JobRunner(data, act, at_once=1, seconds=1.5):
        run = ended(catalogue, slow.id)
        after = ended(catalogue, quick.id)

    assert run.state is State.FAILED
    assert run.problem is not None
    assert run.problem.kind is ProblemKind.TIME_LIMIT
    assert "longer than 1.5 s" in run.problem.message
    assert after.state is State.DONE
    until(lambda: data.under_way() == ())


def test_a_full_disk_is_said_and_the_queue_goes_on(
    runner: JobRunner, queue: JobQueue, catalogue: Catalogue, data: DataDirectory
) -> None:
    ended(catalogue, queue.submit(order("note /dev/null")).id)
    worker = runner.workers()[0]
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (FULL, FULL))

    large = ended(catalogue, queue.submit(order(f"write {2 * FULL}")).id)
    small = ended(catalogue, queue.submit(order(f"write {FULL // 2}")).id)

    assert large.problem is not None
    assert large.problem.kind is ProblemKind.STORAGE
    assert "disk of the server is full: delete runs" in large.problem.message
    assert str(data.root) not in large.problem.message
    assert small.state is State.DONE
    assert runner.workers() == (worker,)
    until(lambda: data.under_way() == ())


@pytest.mark.usefixtures("runner")
def test_a_directory_that_cannot_be_written_is_said(queue: JobQueue, catalogue: Catalogue, data: DataDirectory) -> None:
    (data.root / "working").rmdir()
    (data.root / "working").touch()
    refused = ended(catalogue, queue.submit(order("note /dev/null")).id)
    (data.root / "working").unlink()

    assert refused.problem is not None
    assert refused.problem.kind is ProblemKind.STORAGE
    assert "cannot write to its directory for data (Not a directory)" in refused.problem.message
    assert ended(catalogue, queue.submit(order("note /dev/null")).id).state is State.DONE


@pytest.mark.usefixtures("runner")
def test_a_directory_that_is_gone_is_said(queue: JobQueue, catalogue: Catalogue, data: DataDirectory) -> None:
    (data.root / "runs").rename(data.root / "moved")
    lost = ended(catalogue, queue.submit(order("note /dev/null")).id)
    (data.root / "moved").rename(data.root / "runs")

    assert lost.problem is not None
    assert lost.problem.kind is ProblemKind.STORAGE
    assert ended(catalogue, queue.submit(order("note /dev/null")).id).state is State.DONE


def test_a_server_that_stops_lets_its_runs_wait_uncounted(
    data: DataDirectory, queue: JobQueue, catalogue: Catalogue
) -> None:
    run = queue.submit(order("sleep 60"))
    with JobRunner(data, act, at_once=1) as runner:
        asleep(catalogue, run.id)
        worker = runner.workers()[0]

    after = catalogue.run(run.id)
    assert after.state is State.QUEUED
    assert after.attempts == 0
    assert not lives(worker)
    until(lambda: data.under_way() == ())


def test_progress_is_told_now_and_then_not_each_time(tmp_path: Path) -> None:
    worker = Worker(act)
    begun = time.monotonic()
    worker.give(Task(order=order("boast 20000"), directory=str(tmp_path / "lease" / "run")))
    heard: list[object] = []

    until(lambda: heard.extend(worker.messages()) or (heard and not isinstance(heard[-1], Told)))

    took = time.monotonic() - begun
    worker.end()
    assert 1 <= sum(isinstance(each, Told) for each in heard) <= 1 + took / BETWEEN_MESSAGES


@pytest.mark.usefixtures("runner")
def test_a_worker_is_replaced_after_its_share(queue: JobQueue, catalogue: Catalogue, tmp_path: Path) -> None:
    names = [queue.submit(order(f"note {tmp_path / 'marks'}")).id for _ in range(TASKS_A_WORKER + 1)]

    ended(catalogue, names[-1])

    pids = marks(tmp_path / "marks")
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [TASKS_A_WORKER, 1]
