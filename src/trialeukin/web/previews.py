"""What pages compute while their reader waits: as many at a time as there are cores; the last are kept."""

import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock, Semaphore
from typing import Any, TypeVar

Value = TypeVar("Value")


class Previews:
    """Computes each key once, and keeps the last so many.

    One alone has every core for what the engine does, and one core for the rest; of several at a time, one is at the
    rest while another keeps the other cores busy.
    """

    def __init__(self, most: int = 128, *, at_once: int = os.cpu_count() or 1) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._changing = Lock()
        self._places = Semaphore(at_once)

    def of(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return what ``compute`` returns, or returned for the same key before.

        Whoever asks while it is computed waits, and gets its fault where it fails; a fault is not kept.
        """
        with self._changing:
            known = self._kept.get(key)
            found: Future[Value] = Future() if known is None else known
            if known is None:
                self._kept[key] = found
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        if known is None:
            self._fill(key, found, compute)
        return found.result()

    def _fill(self, key: Hashable, found: Future[Value], compute: Callable[[], Value]) -> None:
        try:
            with self._places:
                found.set_result(compute())
        except BaseException as fault:  # whoever waits would wait for ever
            with self._changing:
                if self._kept.get(key) is found:
                    del self._kept[key]
            found.set_exception(fault)
