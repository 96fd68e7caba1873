"""Size-limited caches: of rendered records, and of anything else."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, TypeVar

Rendered = list[bytes]
Made = TypeVar("Made")
PER_RECORD, PER_ENTRY = 64, 1024


class RenderCache:
    """Keeps the most recently used entries, up to a number of bytes; several threads may ask."""

    def __init__(self, most_bytes: int = 384_000_000) -> None:
        self._most_bytes, self._lock = most_bytes, RLock()
        self._bytes = 0
        self._kept: OrderedDict[Hashable, Rendered] = OrderedDict()

    def get(self, key: Hashable, render: Callable[[], Rendered]) -> Rendered:
        """Return the entry; render it first if it is missing."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        rendered = render()
        with self._lock:
            if key not in self._kept:
                self._bytes += _weight(rendered)
            self._kept[key] = rendered
            while self._bytes > self._most_bytes and len(self._kept) > 1:
                self._bytes -= _weight(self._kept.popitem(last=False)[1])
        return rendered


class Memory:
    """Keeps the most recently used results, up to a number; several threads may ask."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, RLock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return the result; make it first if it is missing."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
            made: Made = self._kept[key]
            return made


def _weight(rendered: Rendered) -> int:
    return sum(map(len, rendered)) + PER_RECORD * len(rendered) + PER_ENTRY
