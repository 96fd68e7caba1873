"""JSON records, timestamps and days."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

Record = dict[str, Any]
encode = msgspec.json.encode
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def midnight(day: date) -> datetime:
    """The start of a UTC day."""
    return datetime.combine(day, time(), UTC)


def stamp(moment: datetime) -> str:
    """Format a moment as the API does."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_day(day: date | str) -> date:
    """Accept a day or its ISO text."""
    if isinstance(day, datetime):
        return day.date()
    return date.fromisoformat(day) if isinstance(day, str) else day


def in_utc(moment: datetime) -> datetime:
    """Convert to UTC; raise ValueError if there is no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


def floor(moment: datetime, width: timedelta) -> datetime:
    """Round down to a multiple of the width since the epoch."""
    return moment - (moment - EPOCH) % width
