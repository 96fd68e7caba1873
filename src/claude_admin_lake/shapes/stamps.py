"""Time stamps in records: which day or moment they name, and how requests write them."""

from datetime import UTC, date, datetime

from msgspec import Raw
from msgspec.json import Decoder

from claude_admin_lake.days import ONE_DAY, DayRange
from claude_admin_lake.errors import BadAnswer

_text = Decoder(str).decode


def moment(raw: Raw) -> datetime:
    """The UTC moment that a JSON text names; a bare day is its midnight."""
    try:
        found = datetime.fromisoformat(_text(raw))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadAnswer(f"the API sent {bytes(raw)[:40]!r} where a time was due") from error


def check_day(stated: object, day: date) -> None:
    """Raise BadAnswer if a record states another day. It may state none."""
    if stated is not None and not str(stated).startswith(day.isoformat()):
        raise BadAnswer(f"the API sent a record of {stated!r} where {day} was asked for")


def bounds(days: DayRange) -> list[tuple[str, str]]:
    """A range of days as parameters: the end is exclusive, both ends are time stamps."""
    return [
        ("starting_at", f"{days.first}T00:00:00Z"),
        ("ending_at", f"{days.last + ONE_DAY}T00:00:00Z"),
    ]
