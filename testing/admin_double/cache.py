"""A size-limited cache of rendered records."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

Rendered = list[bytes]
PER_RECORD, PER_ENTRY = 64, 1024


class RenderCache:
    """Keeps the most recently used entries, up to a number of bytes."""

    def __init__(self, most_bytes: int = 384_000_000) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, Rendered] = OrderedDict()

    def get(self, key: Hashable, render: Callable[[], Rendered]) -> Rendered:
        """Return the entry; render it first if it is missing."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        rendered = self._kept[key] = render()
        self._bytes += _weight(rendered)
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            self._bytes -= _weight(self._kept.popitem(last=False)[1])
        return rendered


def _weight(rendered: Rendered) -> int:
    return sum(map(len, rendered)) + PER_RECORD * len(rendered) + PER_ENTRY
