"""What happens to a run, as it happens, for pages that watch it."""

import asyncio
from collections.abc import AsyncIterator, Callable

from trialeukin.store.catalogue import Catalogue
from trialeukin.store.catalogue_errors import UnknownRunError
from trialeukin.store.run_record import RunRecord

BETWEEN_LOOKS = 0.2  # seconds


async def changes(
    catalogue: Catalogue,
    name: str,
    *,
    after: int = 0,
    every: float = BETWEEN_LOOKS,
    ending: Callable[[], bool] = bool,
) -> AsyncIterator[RunRecord]:
    """Yield a run as it is, then again whenever it has changed, until it has ended or is deleted, or the server ends.

    Parameters
    ----------
    catalogue : Catalogue
        Where the run is.
    name : str
        Its id.
    after : int
        The revision that the reader has seen; it is not yielded again.
    every : float, s
        How long to wait between looks.
    ending : callable
        Says whether the server ends, which waits for those who watch.

    Raises
    ------
    UnknownRunError
        When there is no such run at first.
    CatalogueError
        When the catalogue cannot be read.
    """
    run = await asyncio.to_thread(catalogue.run, name)
    seen = after
    while True:
        if run.revision != seen:
            seen = run.revision
            yield run
        if run.state.ended or ending():
            return
        await asyncio.sleep(every)
        try:
            run = await asyncio.to_thread(catalogue.run, name)
        except UnknownRunError:
            return
