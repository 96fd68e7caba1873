"""The records that can be served now: the organization's, unless a test replaced them."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from admin_double.cache import Memory, RenderCache, Rendered
from admin_double.movement import Movements
from admin_double.organization import Organization
from admin_double.switches import Switches
from admin_double.wire import MINUTE, Record, encode, floor

Made = TypeVar("Made")
Records = str | bytes | Iterable[Record]

SHARED = Memory(most=512)
SHARED_RECORDS = RenderCache()
"""What all doubles of an organization serve until something is changed in one of them."""


class Contents:
    """Records as JSON text, in the order in which the API serves them."""

    def __init__(self, organization: Organization, now: Callable[[], datetime]) -> None:
        self.organization = organization
        self.now = now
        self.switches = Switches()
        self.movements = Movements()
        self.own_reads: list[Record] = []
        self._puts = 0
        self._replaced: dict[tuple[str, date | str | None], Rendered] = {}
        self._cache = RenderCache()
        # Consecutive buckets of a day share its rows.
        self._rows = lru_cache(maxsize=4)(self._make_rows)
        self._memory = Memory(most=256)

    def put(self, table: str, part: date | str | None, records: Records) -> None:
        """Serve these records in place of the organization's."""
        self._puts += 1
        self._replaced[table, part] = _verbatim(records)

    def drop(self, table: str, part: date | str | None) -> None:
        """Serve the organization's own records again."""
        self._puts += 1
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
        cache = self._cache if self._is_changed else SHARED_RECORDS
        whole_key = (self.organization, table, part, key)
        return cache.get(whole_key, lambda: list(map(encode, make())))

    @property
    def _is_changed(self) -> bool:
        """Whether a test has changed anything that the API serves."""
        return bool(self._puts or self.movements.revision or self.switches != Switches())

    def age(self, day: date) -> int:
        """How many days ago a UTC day was; negative for a day in the future."""
        return (self.now().astimezone(UTC).date() - day).days

    def refreshed_at(self) -> datetime:
        """The moment up to which the analytics data is complete."""
        refreshed = self.now().astimezone(UTC) - self.switches.analytics_lag
        return floor(refreshed, MINUTE) + self.movements.refreshes * MINUTE

    def directory(self) -> Mapping[str, Record]:
        """The current user records by id, including those that a test replaced."""
        return self.remembered(("directory", self._puts), self._users_by_id)

    def _users_by_id(self) -> dict[str, Record]:
        users = {user["id"]: user for user in self.organization.user_records()}
        listed = [msgspec.json.decode(text) for text in self.replaced("users") or ()]
        return users | {user["id"]: user for user in listed if _has_id(user)}

    def appearance(self) -> Hashable:
        """Changes whenever analytics rows may look different for the same spend."""
        switches = self.switches
        hidden, deleted = frozenset(switches.hidden_actors), frozenset(switches.deleted_users)
        return self._puts, hidden, deleted, switches.discount, switches.code_execution_in_usage

    def rows(self, name: str, day: date, age: int) -> list[Any]:
        """The rows that a method of the organization returns for a day, after all changes."""
        return self._rows(name, day, age, self.movements.revision)

    def remembered(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Make something once, and keep the most recently used results."""
        if self._is_changed:
            return self._memory.get(key, make)
        return SHARED.get((self.organization, key), make)

    def _make_rows(self, name: str, day: date, age: int, _revision: int) -> list[Any]:
        return self.movements.changed(name, day, getattr(self.organization, name)(day, age))


def _has_id(record: object) -> bool:
    return isinstance(record, dict) and isinstance(record.get("id"), str)


def _verbatim(records: Records) -> Rendered:
    """Split JSON text into its elements without parsing them, so that every digit survives."""
    if not isinstance(records, str | bytes):
        return [encode(record) for record in records]
    text = records.encode() if isinstance(records, str) else records
    if text.lstrip().startswith(b"["):
        return [bytes(element) for element in msgspec.json.decode(text, type=list[msgspec.Raw])]
    return [text]
