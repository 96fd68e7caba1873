"""State kept between runs: the cursors, and the lease that lets only one run work at a time."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from claude_admin_lake.days import DayRange, intervals
from claude_admin_lake.errors import StateError
from claude_admin_lake.plan.cursor import Cursor
from claude_admin_lake.plan.start import Start

_SINCE = "since"


class Lease(Struct, frozen=True):
    """The right to write, held by one run until `expires`.

    `fence` increases with every lease. A run that resumes after its lease has expired finds a
    higher fence on what a newer run has written, and stops.
    """

    owner: str
    fence: int
    expires: datetime


class Identity(Struct, frozen=True):
    """The organization that the API says a credential belongs to."""

    id: str
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.name!r} ({self.id})"


class State(Protocol):
    """Stores an organization's cursors, first day, lease and identity.

    Every method raises StateError if the store fails.
    """

    def acquire(self, owner: str, now: datetime, expires: datetime) -> Lease | None:
        """Take the lease; returns None while another owner holds it.

        The same owner gets it again, with a higher fence, if its earlier attempt was killed.
        """

    def release(self, lease: Lease) -> None:
        """Release the lease; does nothing if it was lost in the meantime."""

    def identity(self) -> Identity | None:
        """The organization that was loaded first; None before the first load."""

    def record(self, identity: Identity, lease: Lease) -> None:
        """Store the identity; raises Superseded if a newer run has stored one."""

    def start(self) -> Start | None:
        """The first day of the lake; None before the first load."""

    def keep_start(self, start: Start, lease: Lease) -> None:
        """Store the first day; raises Superseded if a newer run has stored one."""

    def read_day(self, table: str) -> date | None:
        """The day of the last complete snapshot of a table whose rows are carried over."""

    def keep_read_day(self, table: str, day: date, lease: Lease) -> None:
        """Store that day; raises Superseded if a newer run has stored one."""

    def cursor(self, table: str) -> Cursor:
        """The table's cursor; empty before the first run."""

    def move(self, table: str, cursor: Cursor, lease: Lease, *, back: bool = False) -> None:
        """Store the cursor; raises Superseded if a newer run has moved it or if it would go back.

        `back` permits going back, for a cursor that was in the future.
        """


CURSOR_FIELDS = ("date", "query", "reload_query", "reload_through", "accepted")


_CURSOR = 'like {"date": "2026-11-19"}; correct it, or delete it to reload the table'


def cursor_texts(cursor: Cursor) -> dict[str, str]:
    """A cursor as stored attributes."""
    values = {
        "date": cursor.date,
        "query": cursor.query,
        "reload_query": cursor.reload_query,
        "reload_through": cursor.reload_through,
        "accepted": ",".join(intervals(cursor.accepted)) or None,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def cursor_from(table: str, stored: object) -> Cursor:
    """A table's cursor from its stored attributes; raises StateError if they are not valid."""
    if not isinstance(stored, Mapping):
        raise StateError(f"the cursor of {table} is {_shown(stored)}; must be {_CURSOR}")
    return Cursor(
        date=_day(table, stored, "date"),
        query=_text(table, stored, "query"),
        reload_query=_text(table, stored, "reload_query"),
        reload_through=_day(table, stored, "reload_through"),
        accepted=frozenset(_accepted(table, _text(table, stored, "accepted") or "")),
    )


def _text(table: str, stored: Mapping[str, object], name: str) -> str | None:
    value = stored.get(name)
    if value is not None and not isinstance(value, str):
        raise StateError(f"the cursor of {table} has {name} {_shown(value)}; must be a string")
    return value


def _day(table: str, stored: Mapping[str, object], name: str) -> date | None:
    text = _text(table, stored, name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if str(day) != text:
        raise StateError(f"the cursor of {table} has {name} {_shown(text)}; must be {_CURSOR}")
    return day


def _shown(value: object) -> str:
    return f"{value!r:.80}"


def _accepted(table: str, text: str) -> Iterator[date]:
    for days in filter(None, text.split(",")):
        first, _, last = days.partition("/")
        try:
            yield from DayRange(date.fromisoformat(first), date.fromisoformat(last))
        except ValueError:
            must = "must be ranges of days such as 2026-01-01/2026-01-31, with commas"
            raise StateError(f"the cursor of {table} has accepted {_shown(text)}; {must}") from None


def start_texts(start: Start) -> dict[str, str]:
    """The first day as stored attributes."""
    return {"date": str(start.day), "chosen_by": _SINCE if start.chosen else "START_DATE"}


def start_from(texts: Mapping[str, str | None]) -> Start | None:
    """The first day from its stored attributes; raises StateError if it is not a valid date."""
    if not texts:
        return None
    try:
        day = date.fromisoformat(texts.get("date") or "")
    except ValueError as error:
        raise StateError(f"the stored first day of the lake is invalid: {error}") from error
    return Start(day=day, chosen=texts.get("chosen_by") == _SINCE)


def day_from(text: object) -> date | None:
    """A day that is only an optimization; None if it is missing or invalid."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
