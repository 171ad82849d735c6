"""A run of the queue is done once, and comes to an end whatever happens to who does it."""

import sqlite3
import threading
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from trialeukin.core.errors import Fault
from trialeukin.store.catalogue import Catalogue
from trialeukin.store.catalogue_errors import CatalogueError, QueueFullError, RunStateError, UnknownRunError
from trialeukin.store.data_directory import DataDirectory
from trialeukin.store.job_queue import ATTEMPTS, LEASE, Claim, JobQueue
from trialeukin.store.run_record import Problem, ProblemKind, RunOptions, RunOrder, State

ORDER = RunOrder(
    study="small",
    title="A small trial",
    study_text="[study]",
    options=RunOptions(patients=100, replicates=10, seed=1),
)
PROBLEM = Problem(
    kind=ProblemKind.INPUT, message="line 3: no", faults=(Fault(message="no", line=3, column=2, width=1),)
)
MILLISECONDS = 0.050  # seconds; these take 0.1 to 2 ms on an idle machine


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(data: DataDirectory, clock: Clock) -> JobQueue:
    return JobQueue(data, clock=clock)


@pytest.fixture
def catalogue(data: DataDirectory) -> Catalogue:
    return Catalogue(data)


def claimed(queue: JobQueue) -> Claim:
    claim = queue.claim(at_once=10)
    assert claim is not None
    return claim


def written(data: DataDirectory, claim: Claim, text: str = "whole") -> None:
    place = data.working(claim.lease) / "run"
    place.mkdir(parents=True)
    (place / "report.html").write_text(text)


def test_runs_are_claimed_in_the_order_in_which_they_were_asked_for(queue: JobQueue) -> None:
    asked = [queue.submit(replace(ORDER, title=f"{n}")).id for n in range(5)]

    got = [claimed(queue).id for _ in asked]

    assert got == asked
    assert queue.claim(at_once=10) is None


def test_a_claim_carries_all_that_was_asked_for(queue: JobQueue) -> None:
    order = replace(ORDER, options=RunOptions(patients=1_234, replicates=56, seed=2**63 - 1, effect=False))
    run = queue.submit(order)

    claim = claimed(queue)

    assert claim.order == order
    assert claim.attempt == 1
    assert run.order_digest == order.digest
    assert run.options == order.options


def test_an_order_of_another_seed_or_text_has_another_digest() -> None:
    others = [
        replace(ORDER, study_text="[study] "),
        *(
            replace(ORDER, options=replace(ORDER.options, **change))
            for change in ({"patients": 101}, {"replicates": 11}, {"seed": 2}, {"effect": False})
        ),
    ]

    assert len({ORDER.digest, *(other.digest for other in others)}) == 6


def test_ids_are_url_safe_and_owe_nothing_to_the_user(queue: JobQueue) -> None:
    hostile = replace(ORDER, study="../../etc", title="<script>'; DROP TABLE runs; --")

    ids = {queue.submit(hostile).id for _ in range(50)}

    assert len(ids) == 50
    assert all(len(each) == 20 and set(each) <= set("0123456789abcdef") for each in ids)


def test_a_whole_run_is_kept_and_nothing_else(
    queue: JobQueue, catalogue: Catalogue, data: DataDirectory, clock: Clock
) -> None:
    run = queue.submit(ORDER)
    clock.now += 5
    claim = claimed(queue)
    written(data, claim)
    clock.now += 7

    state = queue.finish(claim)

    after = catalogue.run(run.id)
    assert state is after.state is State.DONE
    assert [after.created.timestamp(), after.started and after.started.timestamp()] == [1_000_000, 1_000_005]
    assert after.ended is not None
    assert after.ended.timestamp() == 1_000_012
    assert after.fraction == 1.0
    assert after.code_version is not None
    assert (catalogue.directory(run.id) / "report.html").read_text() == "whole"
    assert data.under_way() == ()


def test_as_many_run_at_once_as_may(queue: JobQueue) -> None:
    for _ in range(3):
        queue.submit(ORDER)

    claims = [queue.claim(at_once=2) for _ in range(3)]

    assert [claim is not None for claim in claims] == [True, True, False]


def test_a_full_queue_refuses_with_its_number(data: DataDirectory) -> None:
    queue = JobQueue(data, waiting=3)
    for _ in range(3):
        queue.submit(ORDER)

    with pytest.raises(QueueFullError, match="3 runs wait already"):
        queue.submit(ORDER)
    queue.claim()

    assert queue.submit(ORDER).state is State.QUEUED


def test_a_queued_run_is_cancelled_at_once_and_never_claimed(queue: JobQueue) -> None:
    run = queue.submit(ORDER)

    cancelled = queue.cancel(run.id)

    assert cancelled.state is State.CANCELLED
    assert cancelled.ended is not None
    assert queue.claim() is None


def test_a_running_run_that_is_to_be_cancelled_keeps_nothing_even_if_it_is_done(
    queue: JobQueue, catalogue: Catalogue, data: DataDirectory
) -> None:
    run = queue.submit(ORDER)
    claim = claimed(queue)
    written(data, claim)

    asked = queue.cancel(run.id)
    standing = queue.standing([claim.lease])
    state = queue.finish(claim)

    assert asked.cancelling
    assert asked.state is State.RUNNING
    assert standing.cancelling == {claim.lease}
    assert state is catalogue.run(run.id).state is State.CANCELLED
    assert not data.run(run.id).exists()
    assert data.under_way() == ()


def test_what_has_ended_cannot_be_cancelled(queue: JobQueue) -> None:
    run = queue.submit(ORDER)
    queue.cancel(run.id)

    with pytest.raises(RunStateError, match="is cancelled already"):
        queue.cancel(run.id)
    with pytest.raises(UnknownRunError, match="no run 'nobody' here"):
        queue.cancel("nobody")


def test_a_failure_is_kept_with_its_place(queue: JobQueue, catalogue: Catalogue) -> None:
    run = queue.submit(ORDER)

    queue.fail(claimed(queue).lease, PROBLEM)

    assert catalogue.run(run.id).state is State.FAILED
    assert catalogue.run(run.id).problem == PROBLEM


def test_a_run_whose_holder_died_starts_again_and_fails_after_two_attempts(
    queue: JobQueue, catalogue: Catalogue, data: DataDirectory, clock: Clock
) -> None:
    run = queue.submit(ORDER)
    seen = []
    for _ in range(ATTEMPTS):
        claim = claimed(queue)
        written(data, claim, "half")
        early = queue.recover()
        clock.now += LEASE + 1.0
        seen.append((early, queue.recover(), catalogue.run(run.id).state, data.under_way()))

    assert seen == [(0, 1, State.QUEUED, ()), (0, 1, State.FAILED, ())]
    problem = catalogue.run(run.id).problem
    assert problem is not None
    assert problem.kind is ProblemKind.LOST
    assert "lost 2 times, at last when the server stopped" in problem.message
    assert catalogue.run(run.id).attempts == ATTEMPTS


def test_a_lease_that_is_renewed_lasts(queue: JobQueue, clock: Clock) -> None:
    queue.submit(ORDER)
    claim = claimed(queue)

    for _ in range(5):
        clock.now += 0.8 * LEASE
        queue.renew([claim.lease])

    assert queue.recover() == 0
    assert queue.standing([claim.lease]).held == {claim.lease}


def test_who_was_taken_for_dead_changes_nothing_when_it_wakes(
    queue: JobQueue, catalogue: Catalogue, data: DataDirectory, clock: Clock
) -> None:
    run = queue.submit(ORDER)
    old = claimed(queue)
    clock.now += LEASE + 1.0
    queue.recover()
    new = claimed(queue)
    written(data, old, "of the dead")
    written(data, new, "of the living")

    queue.tell(old.lease, "haunting", 0.9)
    queue.fail(old.lease, PROBLEM)
    queue.renew([old.lease])
    late = queue.finish(old)
    stage = catalogue.run(run.id).stage
    queue.finish(new)

    assert late is None
    assert stage == "starting"
    assert queue.standing([old.lease]).held == frozenset()
    assert (catalogue.directory(run.id) / "report.html").read_text() == "of the living"


def test_a_server_that_stops_in_order_does_not_count_as_an_attempt(queue: JobQueue, catalogue: Catalogue) -> None:
    run = queue.submit(ORDER)

    for _ in range(2 * ATTEMPTS):
        queue.give_back(claimed(queue).lease)

    assert catalogue.run(run.id).state is State.QUEUED
    assert catalogue.run(run.id).attempts == 0


def test_a_run_kept_by_a_server_that_died_before_it_said_so_is_replaced(
    queue: JobQueue, catalogue: Catalogue, data: DataDirectory
) -> None:
    run = queue.submit(ORDER)
    claim = claimed(queue)
    data.run(run.id).mkdir()
    (data.run(run.id) / "report.html").write_text("of before")
    written(data, claim, "of now")

    queue.finish(claim)

    assert (catalogue.directory(run.id) / "report.html").read_text() == "of now"
    assert data.under_way() == ()


def test_files_that_cannot_be_moved_to_their_place_make_a_run_fail(queue: JobQueue, catalogue: Catalogue) -> None:
    run = queue.submit(ORDER)
    claim = claimed(queue)

    state = queue.finish(claim)  # nothing was written

    problem = catalogue.run(run.id).problem
    assert state is State.FAILED
    assert problem is not None
    assert problem.kind is ProblemKind.STORAGE
    assert "No such file" in problem.message


def test_a_run_that_the_catalogue_could_not_be_told_of_is_kept_at_the_next_try(
    queue: JobQueue, catalogue: Catalogue, data: DataDirectory
) -> None:
    run = queue.submit(ORDER)
    claim = claimed(queue)
    written(data, claim)
    data.database.rows(
        "CREATE TRIGGER broken BEFORE UPDATE ON runs WHEN new.state = 'done' BEGIN SELECT RAISE(ABORT, 'full'); END"
    )

    with pytest.raises(CatalogueError, match="full"):
        queue.finish(claim)
    meanwhile = (catalogue.run(run.id).state, data.run(run.id).exists())
    data.database.rows("DROP TRIGGER broken")
    state = queue.finish(claim)

    assert meanwhile == (State.RUNNING, False)
    assert state is State.DONE
    assert (catalogue.directory(run.id) / "report.html").read_text() == "whole"


def test_two_servers_claim_each_run_once(tmp_path: Path) -> None:
    runs, servers = 60, 4
    directories = [DataDirectory.open(tmp_path) for _ in range(servers)]
    asked = [JobQueue(directories[0]).submit(ORDER).id for _ in range(runs)]
    got: list[str] = []

    def serve(data: DataDirectory) -> None:
        queue = JobQueue(data)
        while (claim := queue.claim(at_once=runs)) is not None:
            got.append(claim.id)

    threads = [threading.Thread(target=serve, args=(data,)) for data in directories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == sorted(asked)
    for data in directories:
        data.close()


def test_a_thousand_queued_runs_slow_nothing(queue: JobQueue, catalogue: Catalogue) -> None:
    for number in range(1_000):
        queue.submit(replace(ORDER, title=f"Trial {number}", study_text="x" * 4_000))
    acts = {
        "claim": lambda: queue.claim(at_once=10),
        "list": lambda: catalogue.search(limit=50),
        "last page": lambda: catalogue.search(limit=50, offset=950),
        "search": lambda: catalogue.search("trial 77"),
        "count": catalogue.counts,
        "recover": queue.recover,
    }

    times = {}
    for name, act in acts.items():
        act()
        begun = time.perf_counter()
        act()
        times[name] = time.perf_counter() - begun

    assert {name: took for name, took in times.items() if took > MILLISECONDS} == {}
    assert catalogue.counts() == {
        State.QUEUED: 998,
        State.RUNNING: 2,
        State.DONE: 0,
        State.FAILED: 0,
        State.CANCELLED: 0,
    }


@settings(max_examples=25, stateful_step_count=30, deadline=None)
class LawsOfTheQueue(RuleBasedStateMachine):
    """Whatever two servers, users and deaths do: a run is held by one at most, ends once, and is kept whole or not."""

    runs, leases = Bundle("runs"), Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.data = DataDirectory.open(Path(self.directory.name))
        self.clock = Clock()
        self.queue = JobQueue(self.data, clock=self.clock, waiting=5)
        self.catalogue = Catalogue(self.data)
        self.final: dict[str, State] = {}
        self.published: set[str] = set()

    def teardown(self) -> None:
        self.data.close()
        self.directory.cleanup()

    @rule(target=runs)
    def submit(self) -> object:
        waiting = self.catalogue.counts()[State.QUEUED]
        try:
            return self.queue.submit(ORDER).id
        except QueueFullError:
            assert waiting >= 5  # a lost run waits again, full or not
            return multiple()

    @rule(target=leases)
    def claim(self) -> object:
        counts = self.catalogue.counts()
        claim = self.queue.claim(at_once=2)
        assert (claim is not None) == (counts[State.QUEUED] > 0 and counts[State.RUNNING] < 2)
        if claim is None:
            return multiple()
        written(self.data, claim)
        return claim

    @rule(claim=consumes(leases))
    def finish(self, claim: Claim) -> None:
        held = claim.lease in self.queue.standing([claim.lease]).held
        state = self.queue.finish(claim)
        assert (state is not None) == held
        if state is State.DONE:
            assert claim.id not in self.published
            self.published.add(claim.id)

    @rule(claim=leases, act=st.sampled_from(["fail", "lose", "give_back", "stop", "tell", "renew"]))
    def say(self, claim: Claim, act: str) -> None:
        match act:
            case "fail" | "lose":
                getattr(self.queue, act)(claim.lease, PROBLEM)
            case "tell":
                self.queue.tell(claim.lease, "half", 0.5)
            case "renew":
                self.queue.renew([claim.lease])
            case _:
                getattr(self.queue, act)(claim.lease)

    @rule(run=runs)
    def cancel(self, run: str) -> None:
        before = self.catalogue.run(run).state
        if before.ended:
            with pytest.raises(RunStateError):
                self.queue.cancel(run)
        else:
            after = self.queue.cancel(run)
            assert after.state is (State.CANCELLED if before is State.QUEUED else State.RUNNING)

    @rule(seconds=st.sampled_from([1.0, LEASE + 1.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.queue.recover()

    @invariant()
    def what_has_ended_stays(self) -> None:
        for run in self.catalogue.search(limit=200).runs:
            if run.id in self.final:
                assert run.state is self.final[run.id]
            elif run.state.ended:
                self.final[run.id] = run.state
            assert run.attempts <= ATTEMPTS
            assert (run.state is State.DONE) == (run.id in self.published) == self.data.run(run.id).is_dir()
            assert (run.problem is not None) == (run.state is State.FAILED)


TestLawsOfTheQueue = LawsOfTheQueue.TestCase


def test_the_table_itself_refuses_a_state_without_sense(queue: JobQueue, data: DataDirectory) -> None:
    run = queue.submit(ORDER)

    for nonsense in ("state = 'lost'", "state = 'running'", "state = 'done'", "lease = 'x'"):
        with (
            pytest.raises(Exception, match="CHECK constraint failed") as refusal,
            data.database.change() as connection,
        ):
            connection.execute(f"UPDATE runs SET {nonsense} WHERE id = ?", (run.id,))
        assert isinstance(refusal.value.__cause__, sqlite3.IntegrityError)
