"""The records that can be served now: the organization's, unless a test replaced them."""

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from admin_double.cache import RenderCache, Rendered
from admin_double.organization import Organization
from admin_double.wire import Record, encode

Records = str | bytes | Iterable[Record]


class Contents:
    """Records as JSON text, in the order in which the API serves them."""

    def __init__(self, organization: Organization, now: Callable[[], datetime]) -> None:
        self.organization = organization
        self.now = now
        self._replaced: dict[tuple[str, date | str | None], Rendered] = {}
        self._cache = RenderCache()
        # The buckets of a day are requested one after the other and share its rows.
        self.rows = lru_cache(maxsize=4)(self._make_rows)

    def put(self, table: str, part: date | str | None, records: Records) -> None:
        """Serve these records in place of the organization's."""
        self._replaced[table, part] = _verbatim(records)

    def drop(self, table: str, part: date | str | None) -> None:
        """Serve the organization's own records again."""
        self._replaced.pop((table, part), None)

    def replaced(self, table: str, part: date | str | None = None) -> Rendered | None:
        """The records that a test put in place of this part."""
        return self._replaced.get((table, part))

    def rendered(
        self,
        table: str,
        part: date | str | None,
        make: Callable[[], Iterable[Record]],
        key: Hashable = None,
    ) -> Rendered:
        """The replaced records of a part, or those that `make` returns.

        With a key, made records are cached until the key changes.
        """
        replaced = self.replaced(table, part)
        if replaced is not None:
            return replaced
        if key is None:
            return list(map(encode, make()))
        return self._cache.get((table, part, key), lambda: list(map(encode, make())))

    def age(self, day: date) -> int:
        """How many days ago a UTC day was; negative for a day in the future."""
        return (self.now().astimezone(UTC).date() - day).days

    def _make_rows(self, name: str, day: date, age: int) -> list[Any]:
        rows: list[Any] = getattr(self.organization, name)(day, age)
        return rows


def _verbatim(records: Records) -> Rendered:
    """Split JSON text into its elements without parsing them, so that every digit survives."""
    if not isinstance(records, str | bytes):
        return [encode(record) for record in records]
    text = records.encode() if isinstance(records, str) else records
    if text.lstrip().startswith(b"["):
        return [bytes(element) for element in msgspec.json.decode(text, type=list[msgspec.Raw])]
    return [text]
