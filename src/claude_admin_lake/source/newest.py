"""Reads the newest available day from the 400 for a day that is too recent. Pure."""

import re
from collections.abc import Iterator
from datetime import date

from claude_admin_lake.days import DayRange
from claude_admin_lake.errors import LoaderError, NotYet, RequestRefused

_DAY = re.compile(r"(?<!\d)20\d\d-\d\d-\d\d(?!\d)", re.ASCII)
_TOO_RECENT = 400


def not_yet(asked: DayRange, error: LoaderError) -> NotYet | None:
    """NotYet if the error is a 400 that names days before those requested.

    The newest of these days is the newest available one; nothing else about the message is
    documented (Analytics API reference).
    """
    if not isinstance(error, RequestRefused) or error.status != _TOO_RECENT:
        return None
    earlier = [day for day in _days_in(str(error)) if day < asked.first]
    return NotYet(str(error), max(earlier)) if earlier else None


def _days_in(text: str) -> Iterator[date]:
    for found in _DAY.findall(text):
        try:
            yield date.fromisoformat(found)
        except ValueError:
            continue
