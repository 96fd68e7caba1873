"""JSON, time stamps and the words for a record."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

Record = dict[str, Any]
encode = msgspec.json.encode
DAY = timedelta(days=1)


def midnight(day: date) -> datetime:
    """When a UTC day begins."""
    return datetime.combine(day, time(), UTC)


def stamp(moment: datetime) -> str:
    """A moment as the API writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_day(day: date | str) -> date:
    """A day, or its ISO text."""
    if isinstance(day, datetime):
        return day.date()
    return date.fromisoformat(day) if isinstance(day, str) else day


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; a naive one could be any."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)
