"""Who watches a run sees it as it is, then what changes, then its end."""

import asyncio

import pytest
from acted_runs import awaited, order

from trialeukin.store.catalogue import Catalogue
from trialeukin.store.catalogue_errors import UnknownRunError
from trialeukin.store.job_queue import JobQueue
from trialeukin.store.run_record import RunRecord
from trialeukin.web.jobs.changes import changes

SOON = 0.005  # seconds


async def watched(catalogue: Catalogue, name: str, *, after: int = 0) -> list[RunRecord]:
    return [run async for run in changes(catalogue, name, after=after, every=SOON)]


def test_a_watcher_sees_every_state_that_lasts_and_the_end(queue: JobQueue, catalogue: Catalogue) -> None:
    run = queue.submit(order("note /dev/null"))

    async def both() -> list[RunRecord]:
        watching = asyncio.create_task(watched(catalogue, run.id))
        await asyncio.sleep(20 * SOON)
        claim = queue.claim()
        assert claim is not None
        for fraction in (0.25, 0.5):
            queue.tell(claim.lease, "patients", fraction)
            await asyncio.sleep(20 * SOON)
        queue.give_back(claim.lease)
        await asyncio.sleep(20 * SOON)
        queue.cancel(run.id)
        return await asyncio.wait_for(watching, timeout=10)

    seen = awaited(both())

    shown = [(each.state.value, each.fraction) for each in seen]
    assert shown == [("queued", 0.0), ("running", 0.25), ("running", 0.5), ("queued", 0.0), ("cancelled", 0.0)]
    assert [each.revision for each in seen] == sorted({each.revision for each in seen})


def test_who_comes_back_is_not_told_again_what_was_seen(queue: JobQueue, catalogue: Catalogue) -> None:
    run = queue.submit(order("note /dev/null"))
    cancelled = queue.cancel(run.id)

    seen = awaited(watched(catalogue, run.id, after=run.revision))
    nothing = awaited(watched(catalogue, run.id, after=cancelled.revision))

    assert [each.revision for each in seen] == [cancelled.revision]
    assert nothing == []


def test_the_watch_ends_when_the_run_is_deleted(queue: JobQueue, catalogue: Catalogue) -> None:
    run = queue.submit(order("note /dev/null"))

    async def both() -> list[RunRecord]:
        watching = asyncio.create_task(watched(catalogue, run.id))
        await asyncio.sleep(10 * SOON)
        catalogue.delete(run.id)
        return await asyncio.wait_for(watching, timeout=10)

    assert [each.id for each in awaited(both())] == [run.id]
    with pytest.raises(UnknownRunError, match="it may have been deleted"):
        awaited(watched(catalogue, run.id))
