"""The memory between runs: the cursors, and the lease that lets one run work at a time."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from claude_admin_lake.errors import StateError
from claude_admin_lake.plan.cursor import Cursor


class Lease(Struct, frozen=True):
    """The right to write, held by one run until `expires`.

    `fence` grows with every lease, so that what a newer run has written tells an older one,
    should it wake up after its time, to keep off.
    """

    owner: str
    fence: int
    expires: datetime


class State(Protocol):
    """Where cursors and the lease are kept. Every method raises StateError if it cannot."""

    def acquire(self, owner: str, now: datetime, expires: datetime) -> Lease | None:
        """Take the lease; None while another run holds it."""

    def release(self, lease: Lease) -> None:
        """Give the lease back; nothing happens if it was lost meanwhile."""

    def cursor(self, table: str) -> Cursor:
        """The table's cursor; an empty one before the first run."""

    def move(self, table: str, cursor: Cursor, lease: Lease) -> None:
        """Store the cursor; raises Superseded if a newer run has, or if it would go back."""


def cursor_texts(cursor: Cursor) -> dict[str, str]:
    """A cursor as the attributes that a store keeps."""
    values = {
        "date": cursor.date,
        "query": cursor.query,
        "reload_query": cursor.reload_query,
        "reload_through": cursor.reload_through,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def cursor_from(texts: Mapping[str, str | None]) -> Cursor:
    """A cursor from its attributes; raises StateError if what should be a day is none."""
    try:
        return Cursor(
            date=_day(texts.get("date")),
            query=texts.get("query"),
            reload_query=texts.get("reload_query"),
            reload_through=_day(texts.get("reload_through")),
        )
    except ValueError as error:
        raise StateError(f"a cursor holds what is not a day: {error}") from error


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
