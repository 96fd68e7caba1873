"""Days that an operator gives up, because the API will never serve them. Pure.

They are kept with the cursor, which may pass them. Incremental runs no longer request them; a
backfill that loads one removes it from the list.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from claude_admin_lake import parsers
from claude_admin_lake.days import ONE_DAY, DayRange, intervals, ranges_of
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.parsers import refusal
from claude_admin_lake.tables import DATED

Accepted = Mapping[str, frozenset[date]]
"""Days by table."""

_MUST = 'an object such as {"usage_report": ["2026-01-31"]}'
_MOST_OFFERED = 20


def read_accept(given: object, today: date) -> Accepted:
    """The event's field. Raises InvalidInput; a range FIRST/LAST stands for its days."""
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not given:
        raise refusal("accept", given, _MUST)
    names = parsers.choices("accept", tuple(given), DATED)
    return {name: frozenset(_days(f"accept.{name}", given[name], today)) for name in names}


def _days(name: str, given: object, today: date) -> Iterable[date]:
    if not isinstance(given, list) or not given:
        raise refusal(name, given, "a list of days, YYYY-MM-DD")
    for text in given:
        first, slash, last = str(text).partition("/")
        days = DayRange(parsers.day(name, first), parsers.day(name, last if slash else first))
        if not len(days) or days.last >= today:
            raise InvalidInput(f"{name} has {text!r}; must be {today - ONE_DAY} or earlier")
        yield from days


def check_beginning(accepted: Accepted, start: date) -> None:
    """Raise InvalidInput if a day comes before the first one of the lake."""
    for table, days in accepted.items():
        if (first := min(days)) < start:
            raise InvalidInput(
                f"accept.{table} has '{first}'; must be {start}, where the table begins, or later"
            )


def without(ranges: Iterable[DayRange], accepted: Collection[date]) -> tuple[DayRange, ...]:
    """The ranges without the accepted days."""
    if not accepted:
        return tuple(ranges)
    return tuple(
        piece for days in ranges for piece in ranges_of(day for day in days if day not in accepted)
    )


def offer(organization: str, table: str, refused: Iterable[date]) -> str:
    """The advice about days that the API permanently refuses."""
    days = intervals(refused)
    event = {"organization": organization, "accept": {table: days[:_MOST_OFFERED]}}
    return (
        f"the API refuses {', '.join(days)} with 400, perhaps because it does not keep days that"
        f" old; to give them up, send the event {json.dumps(event)}"
    )
