"""What pages compute while their reader waits: one at a time, since each uses every core; the last are kept."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

Value = TypeVar("Value")


class Previews:
    """Computes and keeps the last so many."""

    def __init__(self, most: int = 128) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._computing = Lock()

    def of(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return what ``compute`` returns, or returned for the same key before."""
        with self._computing:
            if key not in self._kept:
                self._kept[key] = compute()
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
            value: Value = self._kept[key]
            return value
